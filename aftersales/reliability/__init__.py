"""How reliable machines are: the record of failures and what follows from it."""
