"""The web: the same forms on a screen for residents, and the desk where staff settle what only a person can read."""
