"""Papers: a frozen content and a translator in, PDF bytes out. No database, no web."""
