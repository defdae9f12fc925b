"""Handwriting in boxes that nothing was trained on: who writes it, and what."""
