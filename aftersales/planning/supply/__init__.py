"""From forecast to stock, plan and budget: what to keep, what to order when, and what it costs."""
