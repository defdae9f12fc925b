"""The sections of a report beside its questions: each a few pieces of sentences, a chart and a table."""
