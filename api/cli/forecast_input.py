"""Demand for the forecast commands: options they share, the panel, and what was done with blanks and returns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from forecasting.demand import DemandPanel
from forecasting.demand_csv import read_wide_csv

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
LEAD_TIME = click.option(
    "--lead-time",
    type=click.IntRange(1, 240),
    default=3,
    show_default=True,
    help="Periods over which demand is summed.",
)
OUT = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the results; made if it does not exist.",
)
BLANK = click.option(
    "--blank",
    type=click.Choice(["missing", "zero"]),
    default="missing",
    show_default=True,
    help="What a blank cell means: nobody knows, or no demand.",
)
SEED = click.option(
    "--seed", type=int, default=0, show_default=True, help="The same seed and file give the same numbers."
)


def origin(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option ``--origin``.

    :param text: what is done with it.
    """
    return click.option("--origin", metavar="PERIOD", help=text)


@dataclass(frozen=True, eq=False)
class Input:
    """A panel read from a file.

    :param blanks: blank cells of the file; columns the file does not have are not cells.
    :param read_as: ``missing`` or ``zero``.
    """

    panel: DemandPanel
    blanks: int
    read_as: str

    def about(self) -> dict[str, object]:
        """What the summary says of the file."""
        periods, returns = self.panel.periods, self.panel.returns
        return {
            "parts": len(self.panel),
            "frequency": periods.frequency.value,
            "first_period": periods.label(0),
            "last_period": periods.label(periods.count - 1),
            "blanks": {"cells": self.blanks, "read_as": self.read_as},
            "returns": {
                "cells": returns.count,
                "pieces_below_zero": returns.below_zero,
                "read_as": "no demand in that period",
            },
            "missing_periods": list(self.panel.gaps),
        }


def read(file: Path, blank: str) -> Input:
    """Read a wide CSV file.

    :param blank: ``missing`` or ``zero``.
    :raises PanelError: with file, row and column.
    """
    panel = read_wide_csv(file)
    blanks = int(np.isnan(panel.demand).sum()) - len(panel.gaps) * len(panel)
    return Input(panel.blank_as_zero() if blank == "zero" else panel, blanks, blank)
