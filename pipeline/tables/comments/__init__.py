"""What people wrote, sorted: replies that are nearly the same shown as one, and themes that a machine suggests."""
