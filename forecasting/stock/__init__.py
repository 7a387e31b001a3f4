"""What to keep in stock and when to order."""
