"""Takes files in: one data dictionary, readers, checks with findings by row and column, guesses about columns."""
