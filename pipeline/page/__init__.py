"""A scanned file becomes grey pages, each known by its code and measured in millimetres."""
