"""`aftersales forecast backtest`: how the forecast would have done on a file, beside every rival."""

import csv
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from api.cli import forecast_input
from api.cli.forecast_output import Probabilities, Refused, all_or_nothing, number, shown, write_summary
from forecasting.backtest import MOST_ORIGINS, OWN, BackTested, BackTestSettings, back_test
from forecasting.errors import ForecastError
from forecasting.tally import Calibration, MethodScore

WIDTH = 150
"""Columns of the printed table where the terminal does not say."""


@click.command("backtest")
@forecast_input.FILE
@forecast_input.LEAD_TIME
@click.option(
    "--origins",
    type=click.IntRange(1, MOST_ORIGINS),
    default=10,
    show_default=True,
    help="Rolling origins, one period apart; at each all is learned anew from what was known then.",
)
@click.option(
    "--quantiles",
    type=Probabilities(),
    default="0.9,0.95,0.99",
    show_default=True,
    help="Service levels to test: 0.95 is to cover 95 of 100 lead times.",
)
@forecast_input.OUT
@forecast_input.BLANK
@forecast_input.origin("Nothing dated in this period or later is used.")
@forecast_input.SEED
@click.option("--boost", is_flag=True, help="Test the boosted quantiles too; slow (extra aftersales[boost]).")
@click.option(
    "--peer-seconds",
    type=click.FloatRange(0),
    default=120.0,
    show_default=True,
    help="Time for the methods of statsforecast, where it is installed; 0 leaves them out.",
)
def command(
    file: Path,
    lead_time: int,
    origins: int,
    quantiles: tuple[float, ...],
    out: Path,
    blank: str,
    origin: str | None,
    seed: int,
    boost: bool,
    peer_seconds: float,
) -> None:
    """Compare the forecast with every rival on the past of a CSV file.

    FILE is laid out as for `aftersales forecast demand`. The forecast of nothing stands in the table, whatever its
    place: on sparse demand it wins by absolute error, which is why none is shown.

    Written into the folder: methods.csv (a line per method: loss, bias, errors, service reached, stock left),
    calibration.csv (a line per demand class and service level: was the promise kept) and summary.json.
    """
    started = time.perf_counter()
    settings = BackTestSettings(lead_time, origins, quantiles, seed, origin, peer_seconds, boost)
    try:
        with all_or_nothing(out) as folder:
            with shown() as tell:
                tell(0, 1, "reading")
                source = forecast_input.read(file, blank)
                tested = back_test(source.panel, settings, tell)
            _write(folder / "methods.csv", *_methods(tested.scores, quantiles))
            _write(folder / "calibration.csv", *_calibration(tested.calibration))
            summary = {
                **source.about(),
                "lead_time": lead_time,
                "quantiles": list(quantiles),
                "seed": seed,
                "origins": list(tested.origins),
                "ratio_to_best_rival": _ratio(tested),
                "windows_by_class": {row.demand_class: row.windows for row in tested.calibration},
                "methods": [_row(score) for score in tested.scores],
                "left_out": tested.left_out,
            }
            write_summary(folder, summary, started)
    except ForecastError as error:
        raise Refused(str(error)) from error
    _show(tested, quantiles)
    click.echo(f"{len(source.panel)} parts, {len(tested.origins)} origins, written to {out}")


def _ratio(tested: BackTested) -> dict[str, object] | None:
    """Loss of the forecast over that of the best rival."""
    rival = tested.best_rival
    own = next(score for score in tested.scores if score.method == OWN)
    if rival is None or not rival.wql > 0:
        return None
    return {"rival": rival.method, "ratio": number(own.wql / rival.wql)}


def _row(score: MethodScore) -> dict[str, object]:
    """A method's figures for the summary."""
    return {
        "method": score.method,
        "windows": score.windows,
        "lead_time_wql": number(score.wql),
        "bias": number(score.bias),
        "rmse": number(score.rmse),
        "rmse_total": number(score.rmse_total),
        "service": [number(share) for share in score.service],
        "stock": [number(stock) for stock in score.stock],
    }


def _methods(scores: Iterable[MethodScore], quantiles: Sequence[float]) -> tuple[list[str], list[list[object]]]:
    """Heading and rows of methods.csv."""
    heading = ["method", "windows", "lead_time_wql", "bias", "rmse", "rmse_total"]
    heading += [f"{what}_{probability:g}" for what in ("service", "stock") for probability in quantiles]
    rows: list[list[object]] = []
    for score in scores:
        figures = (score.wql, score.bias, score.rmse, score.rmse_total, *score.service, *score.stock)
        rows.append([score.method, score.windows, *map(number, figures)])
    return heading, rows


def _calibration(rows: Iterable[Calibration]) -> tuple[list[str], list[list[object]]]:
    """Heading and rows of calibration.csv."""
    heading = ["class", "quantile", "windows", "covered", "below", "wql"]
    return heading, [
        [row.demand_class, row.probability, row.windows, *map(number, (row.covered, row.below, row.wql))]
        for row in rows
    ]


def _write(path: Path, heading: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(heading)
        lines.writerows(rows)


def _show(tested: BackTested, quantiles: Sequence[float]) -> None:
    """Print the table of methods, each with the distribution round it that did better."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    targets = " / ".join(f"{100 * probability:g}" for probability in quantiles)
    table = Table(title=f"Demand of the lead time, from {tested.origins[0]} to {tested.origins[-1]}")
    table.add_column("method", no_wrap=True)
    table.add_column("distribution", no_wrap=True)
    for heading in ("wQL", "bias %", "RMSE", "RMSE total", f"service {targets} %", f"stock {targets} %"):
        table.add_column(heading, justify="right")
    shown_already: set[str] = set()
    for score in tested.scores:
        name, _, shape = score.method.partition(" + ")
        if name not in shown_already:
            table.add_row(name, shape, *_figures(score), style="bold" if name == OWN else None)
        shown_already.add(name)
    console.print(table)
    console.print(
        "wQL: loss of the quantiles per piece demanded; less is better. Stock: pieces left per piece demanded."
    )
    if (ratio := _ratio(tested)) is not None:
        console.print(f"{OWN} has {ratio['ratio']} of the loss of the best rival, {ratio['rival']}.")
    for reason in dict.fromkeys(tested.left_out.values()):
        names = ", ".join(name for name, why in tested.left_out.items() if why == reason)
        console.print(f"Not in the table: {names}: {reason}.")


def _figures(score: MethodScore) -> list[str]:
    """A method's figures as text; a dash where there is none."""
    texts = [
        f"{score.wql:.4f}",
        f"{100 * score.bias:+.1f}",
        f"{score.rmse:.3f}",
        f"{score.rmse_total:.3f}",
        " / ".join(f"{100 * share:.1f}" for share in score.service),
        " / ".join(f"{stock:.2f}" for stock in score.stock),
    ]
    return [text.replace("nan", "–") for text in texts]
