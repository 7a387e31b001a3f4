"""Supply orders: what is bought, made or refurbished to fill the stock, its receipts and how long suppliers take."""
