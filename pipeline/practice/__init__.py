"""Practice: residents who fill in printed pages and scanners that scan them, drawn for tests and the demo."""
