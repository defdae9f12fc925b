"""The record: one SQLite file, whose appended events are the truth and whose tables are what they add up to."""
