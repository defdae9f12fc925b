"""The same answers given in every way there is, and the rows they are stored as."""
