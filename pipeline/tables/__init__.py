"""What people said, counted: both channels side by side, exports, and the report."""
