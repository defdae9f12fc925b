"""What the benchmark of the online form is made of: people who send, the bare servers beside, and what came of it."""
