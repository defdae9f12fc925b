"""What the benchmark of a million responses is made of."""
