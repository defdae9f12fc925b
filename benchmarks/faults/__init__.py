"""What can go wrong between a scanner and the record, done on purpose: faults, power cuts, cut files, a long day."""
