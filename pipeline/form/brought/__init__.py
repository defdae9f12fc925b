"""Answers given to another tool: its file as rows, the map that says what they mean, and rows as answers of ours."""
