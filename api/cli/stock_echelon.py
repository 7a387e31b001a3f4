"""`aftersales stock echelon`: where to keep repairable parts, at the depot or the sites."""

import time
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from api.cli.forecast_output import Refused, all_or_nothing, number, write_summary
from api.cli.stock_input import FILE, OUT, Amount, Availability, cell, figures, lines, one_of
from forecasting.arrays import Array, Integers
from forecasting.columns_csv import Choice, Column, Table, read_columns
from forecasting.errors import ForecastError, PanelError
from forecasting.stock.classes import WEIGHTS
from forecasting.stock.echelon import NetworkCurve, allocate
from forecasting.stock.levels import MANY
from forecasting.stock.network import Network, NetworkPolicy

COLUMNS = (
    Choice("site", {}, aliases=("base",)),
    Choice("part_id", {}, aliases=("lru",)),
    Column("demand", aliases=("blam",)),
    Column("repair_time", aliases=("brt",)),
    Column("repair_share", most=1.0, aliases=("pbr",)),
    Column("transport_time", aliases=("transp",)),
    Column("depot_repair_time", aliases=("dtat",)),
    Column("price", aliases=("c",)),
    Column("dispersion", 1.0, least=1.0),
    Choice("criticality", {name: name for name in WEIGHTS}, "desirable"),
)
DEPOT = "depot"


@dataclass(frozen=True, eq=False)
class _Places:
    """Parts and sites in the order of the file, and where each row belongs."""

    part_ids: list[str]
    sites: list[str]
    part: Integers
    site: Integers


@click.command("echelon")
@FILE
@click.option("--backorders", type=Amount(), help="Most pieces the sites may owe at any moment.")
@click.option("--availability", type=Availability(), help="Share of the sites' demand that is served at once, as 0.95.")
@click.option("--budget", type=Amount(), help="Money to put into stock.")
@OUT
def command(file: Path, backorders: float | None, availability: float | None, budget: float | None, out: Path) -> None:
    """Place repairable parts between a depot and the sites it supplies.

    FILE has one row per site and part: site, part_id, demand (pieces per period), repair_time and repair_share (there),
    transport_time (from the depot), depot_repair_time and price (the same in all rows of a part), perhaps criticality
    and dispersion (variance of the demand over its mean, 1 = one by one at random);
    or the headings Base, LRU, bLam, brT, Pbr, transp, dTAT, C. All times are in the period of the demand.

    Written into the folder: policy.csv (part_id, site, stock, expected_backorders, fill_rate; the depot's row of a part
    comes first and tells what it owes its sites), curve.csv (investment, availability, expected_backorders) and
    summary.json.
    """
    started = time.perf_counter()
    target = one_of(backorders=backorders, availability=availability, budget=budget)
    try:
        with all_or_nothing(out) as folder:
            table = read_columns(file, COLUMNS)
            places = _places(table)
            network = _network(table, places)
            curve = allocate(network)
            policy = _chosen(curve, *target)
            (folder / "policy.csv").write_text(_policy(places, policy), encoding="utf-8")
            (folder / "curve.csv").write_text(_curve(curve), encoding="utf-8")
            summary = {
                "parts": len(places.part_ids),
                "sites": len(places.sites),
                "target": {target[0]: target[1]},
                "investment": round(policy.investment, 2),
                "availability": number(policy.availability),
                "expected_backorders": number(policy.owed),
                "pieces_at_the_depot": int(policy.depot_stock.sum()),
                "pieces_at_the_sites": int(policy.stock.sum()),
                "columns_not_used": list(table.unused),
            }
            write_summary(folder, summary, started)
    except ForecastError as error:
        raise Refused(str(error)) from error
    click.echo(
        f"{len(places.part_ids)} parts at {len(places.sites)} sites: {policy.investment:,.2f} in stock leaves "
        f"{policy.owed:,.4g} pieces owed and serves {policy.availability:.2%} at once; written to {out}"
    )


def _places(table: Table) -> _Places:
    table.refuse_repeated("part_id", "site")
    names = table.texts["site"].tolist()
    if DEPOT in names:
        raise PanelError(
            f"{DEPOT!r} is the place that supplies the sites; give it no row of its own",
            file=table.file,
            row=table.rows[names.index(DEPOT)],
            column="site",
        )
    parts = {name: number for number, name in enumerate(dict.fromkeys(table.texts["part_id"].tolist()))}
    sites = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return _Places(
        list(parts),
        list(sites),
        np.array([parts[name] for name in table.texts["part_id"].tolist()]),
        np.array([sites[name] for name in names]),
    )


def _network(table: Table, places: _Places) -> Network:
    def spread(name: str) -> Array:
        values = np.zeros((len(places.part_ids), len(places.sites)))
        values[places.part, places.site] = table.numbers[name]
        return values

    under_way = table.numbers["demand"] * (
        table.numbers["repair_share"] * table.numbers["repair_time"]
        + (1 - table.numbers["repair_share"]) * (table.numbers["transport_time"] + table.numbers["depot_repair_time"])
    )
    if (under_way > MANY).any():
        row = int(np.argmax(under_way > MANY))
        raise PanelError(
            f"{under_way[row]:.0f} pieces would be under way to this site; at most {MANY:g} can be counted",
            file=table.file,
            row=table.rows[row],
            column="demand",
        )
    return Network(
        price=_same(table, places, "price"),
        demand=spread("demand"),
        repair_share=spread("repair_share"),
        repair_time=spread("repair_time"),
        transport_time=spread("transport_time"),
        depot_repair_time=_same(table, places, "depot_repair_time"),
        weight=_weights(table, places),
        dispersion=_same(table, places, "dispersion"),
    )


def _same(table: Table, places: _Places, name: str) -> Array:
    """A number that belongs to the part, not the site."""
    values = table.numbers[name]
    result = np.empty(len(places.part_ids))
    result[places.part[::-1]] = values[::-1]
    other = np.flatnonzero(values != result[places.part])
    if len(other):
        raise PanelError(
            f"{values[other[0]]:g} here, {result[places.part[other[0]]]:g} in the first row of the part",
            file=table.file,
            row=table.rows[int(other[0])],
            column=name,
        )
    return result


def _weights(table: Table, places: _Places) -> Array:
    """The heaviest criticality that a row of the part names."""
    result = np.zeros(len(places.part_ids))
    np.maximum.at(result, places.part, [WEIGHTS[name] for name in table.texts["criticality"].tolist()])
    return result


def _chosen(curve: NetworkCurve, name: str, value: float) -> NetworkPolicy:
    if name == "backorders":
        return curve.for_backorders(value)
    return curve.for_availability(value) if name == "availability" else curve.for_budget(value)


def _policy(places: _Places, policy: NetworkPolicy) -> str:
    """The depot's row of each part, then its sites in the order of the file."""
    order = np.lexsort((np.arange(len(places.part)), places.part))
    part, site = places.part[order], places.site[order]
    count = len(places.part_ids)
    ranks = np.concatenate([np.arange(count) * 2, part * 2 + 1])
    merged = np.argsort(ranks, kind="stable")
    columns = (
        [cell(places.part_ids[number]) for number in [*range(count), *part.tolist()]],
        [DEPOT] * count + [cell(places.sites[number]) for number in site.tolist()],
        figures(np.concatenate([policy.depot_stock, policy.stock[part, site]])),
        figures(np.concatenate([policy.depot_backorders, policy.expected_backorders[part, site]])),
        figures(np.concatenate([policy.depot_fill_rate, policy.fill_rate[part, site]])),
    )
    heading = ("part_id", "site", "stock", "expected_backorders", "fill_rate")
    return lines(heading, ([column[number] for number in merged.tolist()] for column in columns))


def _curve(curve: NetworkCurve) -> str:
    points = curve.points()
    return lines(
        ("investment", "availability", "expected_backorders"),
        (
            figures(curve.investment[points], 2),
            figures(curve.availability[points]),
            figures(np.abs(curve.owed[points])),
        ),
    )
