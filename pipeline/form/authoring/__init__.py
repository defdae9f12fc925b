"""From what an author wrote to a definition, or to everything that is wrong with it, with lines and advice."""
