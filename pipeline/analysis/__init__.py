"""What analysts are handed: one read-only file made from the record, and a way to look through it."""
