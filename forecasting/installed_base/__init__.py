"""Lives and failures of components in the field."""
