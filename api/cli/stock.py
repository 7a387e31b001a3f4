"""`aftersales stock …`: what to keep in stock, from files, without any database."""

from api.cli import stock_echelon, stock_optimise
from api.cli.stock_input import group

group.add_command(stock_optimise.command)
group.add_command(stock_echelon.command)

__all__ = ["group"]
