"""`aftersales forecast installed-base`: a forecast from machines and their components, without any database."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from api.cli import forecast_input
from api.cli.forecast_output import Probabilities, Refused, all_or_nothing, number, shown, write_summary
from forecasting.errors import ForecastError
from forecasting.installed_base import result_csv
from forecasting.installed_base.causal import LONGEST, CausalForecast, CausalSettings, forecast_fleet
from forecasting.installed_base.fleet import Fleet
from forecasting.installed_base.fleet_csv import FleetFiles, read_fleet

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
READING = 20
"""Hundredths of the progress bar at which reading ends."""


@click.command("installed-base")
@click.option("--machines", type=FILE, required=True, help="machine_id, model, group, commissioned_on, retired_on.")
@click.option(
    "--installations",
    type=FILE,
    required=True,
    help="machine_id, part_id, position, installed_on, removed_on, reason, initial_hours.",
)
@click.option("--usage", type=FILE, required=True, help="machine_id, period, hours.")
@click.option("--planned", type=FILE, help="Preventive replacements: machine_id, part_id, due_on.")
@click.option("--sales", type=FILE, help="Machines to be sold: model, period, machines.")
@click.option(
    "--demand",
    type=FILE,
    help="Pieces really drawn, where installations are not all booked: part_id, 2023-01, 2023-02, …",
)
@click.option(
    "--origin", metavar="PERIOD", required=True, help="First period to forecast, such as 2025-01 or 2025-W07."
)
@click.option("--horizon", type=click.IntRange(1, LONGEST), default=12, show_default=True, help="Periods to forecast.")
@click.option(
    "--quantiles",
    type=Probabilities(),
    default="0.5,0.9,0.95,0.99",
    show_default=True,
    help="0.95 is the demand that is not exceeded in 95 of 100 cases.",
)
@forecast_input.OUT
@forecast_input.SEED
def command(
    machines: Path,
    installations: Path,
    usage: Path,
    planned: Path | None,
    sales: Path | None,
    demand: Path | None,
    origin: str,
    horizon: int,
    quantiles: tuple[float, ...],
    out: Path,
    seed: int,
) -> None:
    """Forecast spare parts from the machines in the field.

    Every component is expected to be renewed by its own age, the use of its machine and the life of such components,
    all learned from the files. Days are written 2025-01-31. A blank retired_on is an active machine, a later one a
    known retirement; a blank removed_on is a component still at work; reason is failure, planned or other. Nothing
    dated in the origin or later is used save plans: planned replacements, sales and known retirements.

    Written into the folder: demand.csv (part and period: mean, quantiles, and what the mean consists of: planned +
    failures + new_machines - retirements + correction), explain.csv (by machine), lives.csv (life of each part in each
    group of machines) and summary.json (methods, back-test, time and memory).
    """
    started = time.perf_counter()
    settings = CausalSettings(origin=origin, horizon=horizon, quantiles=quantiles, seed=seed)
    try:
        with all_or_nothing(out) as folder, shown() as tell:
            tell(0, 100, "reading")
            fleet = read_fleet(FleetFiles(machines, installations, usage, planned, sales, demand), origin)
            read = time.perf_counter()
            forecast = forecast_fleet(
                fleet, settings, lambda done, total, label: tell(READING + (90 - READING) * done // total, 100, label)
            )
            made = time.perf_counter()
            tell(90, 100, "writing")
            _write(folder / "demand.csv", result_csv.demand_heading(forecast), result_csv.demand_lines(forecast))
            _write(folder / "explain.csv", result_csv.EXPLAIN_HEADING, result_csv.explain_lines(forecast))
            _write(folder / "lives.csv", result_csv.LIVES_HEADING, result_csv.lives_lines(forecast))
            steps = {"reading": read - started, "forecasting": made - read, "writing": time.perf_counter() - made}
            summary = {
                **_about(fleet, forecast),
                "seed": seed,
                "seconds_by_step": {name: round(seconds, 3) for name, seconds in steps.items()},
            }
            write_summary(folder, summary, started)
    except ForecastError as error:
        raise Refused(str(error)) from error
    click.echo(
        f"{len(fleet.parts)} parts of {len(fleet.machines)} machines, {horizon} periods from {origin} on, "
        f"written to {out}"
    )


def _write(path: Path, heading: str, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(heading)
        file.writelines(lines)


def _about(fleet: Fleet, forecast: CausalForecast) -> dict[str, object]:
    """What the summary says of the input and of the choice of methods."""
    test = forecast.backtest
    active = np.isnan(fleet.machines.retired) & ~np.isnan(fleet.machines.commissioned)
    return {
        "machines": len(fleet.machines),
        "machines_without_retirement": int(active.sum()),
        "parts": len(fleet.parts),
        "installations": len(fleet.installations),
        "usage_rows": len(fleet.usage),
        "planned_replacements": len(fleet.planned),
        "sales_plan_rows": len(fleet.sales),
        "frequency": fleet.frequency.value,
        "origin": forecast.periods.label(0),
        "horizon": forecast.periods.count,
        "quantiles": list(forecast.probabilities),
        "mean": number(float(forecast.mean.sum())),
        "of_which": {
            name: number(float(getattr(forecast, name).sum()))
            for name in ("planned", "failures", "new_machines", "retirements", "correction")
        },
        "methods": dict(sorted(Counter(forecast.method.tolist()).items())),
        "back_test": {
            "periods": test.periods,
            "actual": number(float(test.actual.sum())),
            "methods": [
                {"method": name, "error": number(error), "forecast": number(total)}
                for name, error, total in zip(
                    test.methods, test.error().tolist(), test.forecast.sum(axis=0).tolist(), strict=True
                )
            ],
        },
        "notes": list(forecast.notes),
        "forecast_seconds": round(forecast.seconds, 3),
    }
