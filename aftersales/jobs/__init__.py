"""Work done after the transaction: the outbox and the tasks of every day."""
