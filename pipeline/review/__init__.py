"""What a person decides: why an answer needs eyes, what shows it, and what was decided."""
