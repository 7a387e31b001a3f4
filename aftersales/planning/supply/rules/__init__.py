"""Pure decisions of stock and supply planning."""
