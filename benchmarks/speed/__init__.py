"""What the benchmarks of speed share: the pages they read, and how time and memory are measured."""
