"""A file becomes use-case calls, row by row: what is there already stays as it is, what is wrong is named by row."""
