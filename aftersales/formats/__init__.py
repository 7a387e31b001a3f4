"""Pure readers and writers of other people's formats."""
