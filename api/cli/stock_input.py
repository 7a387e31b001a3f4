"""What the stock commands share: the group, targets, and text for tables."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from forecasting.arrays import Array
from forecasting.stock.demands import MOST

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
OUT = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the results; made if it does not exist.",
)


@click.group("stock")
def group() -> None:
    """Say which parts to keep in stock, where, and how many."""


class Availability(click.ParamType[float, str]):
    """A share such as 0.95 or 95%; all demand cannot be promised."""

    name = "share"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share."""
        text = str(value).strip()
        try:
            share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
        except ValueError:
            self.fail(f"{value!r} is not a share such as 0.95", param, ctx)
        if not 0 < share <= MOST:
            hint = f"; {share:g} of 100 is written {share / 100:g}" if 1 < share < 100 else ""
            self.fail(f"{text} cannot be promised: a share lies above 0 and is at most {MOST}{hint}", param, ctx)
        return share


class Amount(click.ParamType[float, str]):
    """A number that is not below zero."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        try:
            number = float(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not 0 <= number < float("inf"):
            self.fail(f"{value} must be a finite number and not below zero", param, ctx)
        return number


def one_of(**targets: float | None) -> tuple[str, float]:
    """The one target that is given, with its name.

    :raises click.UsageError: when none or several are given.
    """
    given = [(name, value) for name, value in targets.items() if value is not None]
    if len(given) != 1:
        raise click.UsageError("give one of " + ", ".join(f"--{name}" for name in targets))
    return given[0]


def figures(values: Array, places: int = 6) -> list[str]:
    """Numbers as short as they can be written, at most so many places."""
    return [f"{value:.{places}f}".rstrip("0").rstrip(".") or "0" for value in (values + 0.0).tolist()]


def cell(text: str) -> str:
    """A text as a cell of a CSV file."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n\r') else text


def lines(heading: Sequence[str], columns: Iterable[Iterable[str]]) -> str:
    """A CSV file from columns of texts."""
    return ",".join(heading) + "\n" + "".join(",".join(row) + "\n" for row in zip(*columns, strict=True))
