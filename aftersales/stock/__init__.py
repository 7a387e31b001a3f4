"""Stock: an insert-only double-entry ledger of moves, with balances that follow it in the same transaction."""
