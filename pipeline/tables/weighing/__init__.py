"""Who answered beside who lives here, and weights that make the one count like the other where they can."""
