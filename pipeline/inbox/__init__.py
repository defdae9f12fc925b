"""The hot folder: files that have stopped changing, originals kept for good, trouble set aside with a note."""
