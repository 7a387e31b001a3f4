"""From demand to orders: what to make, buy and refurbish, when, for whom, with what capacity and money."""
