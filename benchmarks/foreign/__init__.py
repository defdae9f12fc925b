"""Paper that nobody here drew: its geometry taken from its makers' own files, its truth, and what scanners do to it."""
