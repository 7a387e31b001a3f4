"""`aftersales forecast …`: forecasts from files, without any database."""

import json
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from forecasting.demand import DemandPanel
from forecasting.demand_csv import read_wide_csv
from forecasting.engine import ForecastResult, Settings, forecast
from forecasting.engine import Progress as Report
from forecasting.errors import ForecastError


class Refused(click.ClickException):
    """Input that cannot be forecast from; nothing was written."""

    exit_code = 2


class Probabilities(click.ParamType[tuple[float, ...], str]):
    """Numbers between 0 and 1, separated by commas."""

    name = "numbers"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """The numbers, ascending, each once."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = sorted({float(text) for text in str(value).split(",")})
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers such as 0.5,0.9,0.95", param, ctx)
        if not all(0 < number < 1 for number in numbers):
            self.fail(f"{value!r}: quantiles lie between 0 and 1", param, ctx)
        return tuple(numbers)


@click.group("forecast")
def group() -> None:
    """Forecast the demand for spare parts."""


@group.command("demand")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--horizon", type=click.IntRange(1, 240), default=12, show_default=True, help="Periods to forecast one by one."
)
@click.option(
    "--lead-time",
    type=click.IntRange(1, 240),
    default=3,
    show_default=True,
    help="Periods over which demand is summed.",
)
@click.option(
    "--quantiles",
    type=Probabilities(),
    default="0.5,0.9,0.95,0.99",
    show_default=True,
    help="0.95 is the demand that is not exceeded in 95 of 100 cases.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the results; made if it does not exist.",
)
@click.option(
    "--blank",
    type=click.Choice(["missing", "zero"]),
    default="missing",
    show_default=True,
    help="What a blank cell means: nobody knows, or no demand.",
)
@click.option(
    "--origin",
    metavar="PERIOD",
    help="First period to forecast; nothing dated in it or later is used. Default: the period after the last column.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed and file give the same numbers.")
def demand(
    file: Path,
    horizon: int,
    lead_time: int,
    quantiles: tuple[float, ...],
    out: Path,
    blank: str,
    origin: str | None,
    seed: int,
) -> None:
    """Forecast every part of a CSV file.

    FILE has one row per part and one column per period: part_id, perhaps price, then 2019-01, 2019-02, … for months,
    2024-W07 for ISO weeks or W001 for numbered weeks. A negative number is a return. Periods left out between two
    columns count as missing.

    Written into the folder: monthly.csv (part and period: mean and quantiles), lead_time.csv (part: mean and quantiles
    of the demand of the coming lead time) and summary.json (classes, methods, scores, time and memory).
    """
    started = time.perf_counter()
    try:
        panel = read_wide_csv(file)
        blanks = _blanks(panel)
        settings = Settings(horizon=horizon, lead_time=lead_time, quantiles=quantiles, seed=seed, origin=origin)
        with _shown() as progress:
            result = forecast(panel.blank_as_zero() if blank == "zero" else panel, settings, progress)
    except ForecastError as error:
        raise Refused(str(error)) from error
    with _all_or_nothing(out) as folder:
        _monthly(result).to_csv(folder / "monthly.csv", index=False, float_format="%.10g")
        _lead_time(result).to_csv(folder / "lead_time.csv", index=False, float_format="%.10g")
        summary = {
            **_about(panel, result, settings),
            "blanks": {"cells": blanks, "read_as": blank},
            "seconds": round(time.perf_counter() - started, 3),
            "peak_memory_mib": round(_peak_memory(), 1),
        }
        text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    click.echo(f"{len(panel)} parts, {horizon} periods from {result.periods.label(0)} on, written to {out}")


def _monthly(result: ForecastResult) -> pd.DataFrame:
    parts, horizon = result.mean.shape
    frame = pd.DataFrame(
        {
            "part_id": np.repeat(result.part_ids, horizon),
            "period": np.tile(np.array(result.periods.labels()), parts),
            "mean": result.mean.ravel(),
        }
    )
    for column, probability in enumerate(result.probabilities):
        frame[f"q{probability:g}"] = result.quantiles[:, :, column].ravel()
    return frame


def _lead_time(result: ForecastResult) -> pd.DataFrame:
    frame = pd.DataFrame({"part_id": result.part_ids, "mean": result.lead_mean})
    for column, probability in enumerate(result.probabilities):
        frame[f"q{probability:g}"] = result.lead_quantiles[:, column]
    return frame


def _about(panel: DemandPanel, result: ForecastResult, settings: Settings) -> dict[str, object]:
    """What the summary says of the input and of the choice of methods."""
    return {
        "parts": len(panel),
        "frequency": panel.periods.frequency.value,
        "first_period": panel.periods.label(0),
        "last_period": panel.periods.label(panel.periods.count - 1),
        "origin": result.periods.label(0),
        "horizon": settings.horizon,
        "lead_time": int(result.lead_time[0]),
        "quantiles": list(result.probabilities),
        "seed": settings.seed,
        "classes": dict(sorted(Counter(result.demand_class.tolist()).items())),
        "phases": dict(sorted(Counter(result.phase.tolist()).items())),
        "methods": dict(sorted(Counter(result.method.tolist()).items())),
        "scores": [
            {
                "method": score.method,
                "lead_time_wql": _number(score.wql),
                "bias": _number(score.bias),
                "service": [_number(share) for share in score.service],
            }
            for score in result.scores.get(int(result.lead_time[0]), ())
        ],
        "returns": {"cells": panel.returns.count, "pieces_below_zero": panel.returns.below_zero},
        "missing_periods": list(panel.gaps),
        "forecast_seconds": round(result.seconds, 3),
    }


def _number(value: float) -> float | None:
    return round(value, 6) if np.isfinite(value) else None


def _blanks(panel: DemandPanel) -> int:
    """Blank cells of the file; columns the file does not have are not cells."""
    return int(np.isnan(panel.demand).sum()) - len(panel.gaps) * len(panel)


def _peak_memory() -> float:
    """Largest memory this process held, in MiB."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1024 * 1024 if sys.platform == "darwin" else 1024)


@contextmanager
def _shown() -> Iterator[Report]:
    """A progress bar on the error stream, when somebody looks at it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("forecast", total=None)
        yield lambda done, total, label: bar.update(task, completed=done, total=total, description=label)


@contextmanager
def _all_or_nothing(out: Path) -> Iterator[Path]:
    """A folder that becomes ``out`` only when everything in it is written.

    An existing folder keeps its other files; each result replaces the one of the same name in one step.

    :raises Refused: when the folder cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise Refused(f"{out}: cannot be written ({error.strerror})") from error
    try:
        yield folder
        folder.chmod(0o755)
        if out.exists():
            for path in sorted(folder.iterdir()):
                path.replace(out / path.name)
        else:
            folder.rename(out)
    except OSError as error:
        raise Refused(f"{out}: cannot be written ({error.strerror})") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
