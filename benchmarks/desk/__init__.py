"""What measuring the desk needs: a large record, made quickly and true to its events."""
