"""`aftersales forecast demand`: a forecast from a file, without any database."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from api.cli import forecast_input
from api.cli.forecast_output import Probabilities, Refused, all_or_nothing, number, shown, write_summary
from forecasting import result_csv
from forecasting.boost import learn_boosters, refined
from forecasting.cluster import on_cluster
from forecasting.engine import ForecastResult, Settings, known_before, lead_times, learn, share_of
from forecasting.errors import ForecastError
from forecasting.pieces import in_pieces
from forecasting.selection import Score

READING, BOOSTING, LEARNING = 0.2, 0.4, 0.5
"""Where on the progress bar reading, the learning of trees and all learning end."""


@click.group("forecast")
def group() -> None:
    """Forecast the demand for spare parts."""


@group.command("demand")
@forecast_input.FILE
@click.option(
    "--horizon", type=click.IntRange(1, 240), default=12, show_default=True, help="Periods to forecast one by one."
)
@forecast_input.LEAD_TIME
@click.option(
    "--quantiles",
    type=Probabilities(),
    default="0.5,0.9,0.95,0.99",
    show_default=True,
    help="0.95 is the demand that is not exceeded in 95 of 100 cases.",
)
@forecast_input.OUT
@forecast_input.BLANK
@forecast_input.origin(
    "First period to forecast; nothing dated in it or later is used. Default: the period after the last column."
)
@forecast_input.SEED
@click.option(
    "--boost",
    is_flag=True,
    help="Quantiles by gradient-boosted trees: often better, many times slower (extra aftersales[boost]).",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="On a dask cluster: its scheduler, such as tcp://host:8786, or local for two processes of this machine.",
)
def demand(
    file: Path,
    horizon: int,
    lead_time: int,
    quantiles: tuple[float, ...],
    out: Path,
    blank: str,
    origin: str | None,
    seed: int,
    boost: bool,
    cluster: str | None,
) -> None:
    """Forecast every part of a CSV file.

    FILE has one row per part and one column per period: part_id, perhaps price, then 2019-01, 2019-02, … for months,
    2024-W07 for ISO weeks or W001 for numbered weeks. A negative number is a return. Periods left out between two
    columns count as missing.

    Written into the folder: monthly.csv (part and period: mean and quantiles), lead_time.csv (part: mean and quantiles
    of the demand of the coming lead time) and summary.json (classes, methods, scores, time and memory).
    """
    started = time.perf_counter()
    settings = Settings(horizon=horizon, lead_time=lead_time, quantiles=quantiles, seed=seed, origin=origin)
    try:
        with all_or_nothing(out) as folder, shown() as tell:
            tell(0, 1, "reading")
            source = forecast_input.read(file, blank)
            known = known_before(source.panel, settings)
            read = time.perf_counter()
            leads = lead_times(settings, len(known))
            boosters = learn_boosters(known, leads, settings, share_of(tell, READING, BOOSTING)) if boost else None
            learned = learn(known, settings, share_of(tell, BOOSTING if boost else READING, LEARNING))
            taught = time.perf_counter()
            given = (learned, known, leads, share_of(tell, LEARNING, 1.0))
            with closing(in_pieces(*given) if cluster is None else on_cluster(cluster, *given)) as results:
                counts = _write(folder, results if boosters is None else refined(boosters, known, results), quantiles)
            summary = {
                **source.about(),
                "origin": known.periods.label(known.periods.count),
                "horizon": horizon,
                "lead_time": lead_time,
                "quantiles": list(quantiles),
                "seed": seed,
                "boost": boost,
                "cluster": cluster,
                **_counted(counts),
                "scores": [_score(score) for score in learned.lessons[lead_time].scores],
                "seconds_by_step": {
                    "reading": round(read - started, 3),
                    "learning": round(taught - read, 3),
                    "forecasting and writing": round(time.perf_counter() - taught, 3),
                },
            }
            write_summary(folder, summary, started)
    except ForecastError as error:
        raise Refused(str(error)) from error
    click.echo(f"{len(known)} parts, {horizon} periods from {summary['origin']} on, written to {out}")


def _write(folder: Path, results: Iterator[ForecastResult], quantiles: tuple[float, ...]) -> Counter[tuple[str, ...]]:
    """Write the two tables; the numbers of parts by demand class, phase and method."""
    counts: Counter[tuple[str, ...]] = Counter()
    with (
        (folder / "monthly.csv").open("w", encoding="utf-8", newline="") as monthly,
        (folder / "lead_time.csv").open("w", encoding="utf-8", newline="") as lead_time,
    ):
        monthly.write(result_csv.monthly_heading(quantiles))
        lead_time.write(result_csv.lead_time_heading(quantiles))
        for result in results:
            monthly.write(result_csv.monthly_lines(result))
            lead_time.write(result_csv.lead_time_lines(result))
            counts.update(zip(result.demand_class.tolist(), result.phase.tolist(), result.method.tolist(), strict=True))
    return counts


def _counted(counts: Counter[tuple[str, ...]]) -> dict[str, object]:
    """Parts per class, phase and method, and per method within each class."""
    classes, phases, methods = Counter[str](), Counter[str](), Counter[str]()
    within: dict[str, Counter[str]] = {}
    for (demand_class, phase, method), parts in counts.items():
        classes[demand_class] += parts
        phases[phase] += parts
        methods[method] += parts
        within.setdefault(demand_class, Counter())[method] += parts
    return {
        "classes": dict(sorted(classes.items())),
        "phases": dict(sorted(phases.items())),
        "methods": dict(sorted(methods.items())),
        "methods_by_class": {name: dict(sorted(within[name].items())) for name in sorted(within)},
    }


def _score(score: Score) -> dict[str, object]:
    return {
        "method": score.method,
        "lead_time_wql": number(score.wql),
        "bias": number(score.bias),
        "service": [number(share) for share in score.service],
    }
