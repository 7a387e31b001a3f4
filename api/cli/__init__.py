"""The command line: ``aftersales --help`` teaches what there is."""

from api.cli.root import main

__all__ = ["main"]
