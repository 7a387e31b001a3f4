"""`aftersales stock optimise`: the best stock for a service target or a budget."""

import time
from pathlib import Path

import click
import numpy as np

from api.cli.forecast_output import Refused, all_or_nothing, number, write_summary
from api.cli.stock_input import FILE, OUT, Amount, Availability, cell, figures, lines, one_of
from forecasting.arrays import Array, Words
from forecasting.columns_csv import Choice, Column, Table, read_columns
from forecasting.errors import ForecastError
from forecasting.stock.allocation import Curve, Objective, Policy, allocate
from forecasting.stock.changes import Changes, changes
from forecasting.stock.classes import WEIGHTS
from forecasting.stock.demands import MOST, Demands, lead_time_demand, order_quantity
from forecasting.stock.rivals import Stockroom

COLUMNS = (
    Choice("part_id", {}),
    Column("price"),
    Column("lead_time", above=True),
    Column("mean"),
    Column("variance"),
    Choice("criticality", {name: name for name in WEIGHTS}, "essential"),
    Column("minimum", 0.0),
    Column("multiple", 1.0, above=True),
    Column("lead_time_deviation", 0.0),
    Column("mean_error", 0.0),
    Choice("stocked", {"yes": "yes", "no": "no", "true": "yes", "false": "no", "1": "yes", "0": "no"}, "yes"),
    Column("in_stock", 0.0, whole=True),
)
NO_FLOOR = dict.fromkeys(WEIGHTS, 0.0)
COMPARED = ("cycle_service", "z_sigma")
"""Rules of thumb that the summary sets beside the result."""


class ByClass(click.ParamType[dict[str, float], str]):
    """A number for each criticality, such as vital=4.

    :param known: what those not named have.
    :param most: largest number allowed.
    """

    name = "class=number"

    def __init__(self, known: dict[str, float], most: float = float("inf")) -> None:
        self._known, self._most = known, most

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, float]:
        """The numbers by class; those not named keep theirs."""
        if isinstance(value, dict):
            return value
        weights = dict(self._known)
        for item in str(value).split(","):
            name, _, text = item.strip().partition("=")
            try:
                weights[name.strip()], known = float(text), name.strip() in WEIGHTS
            except ValueError:
                known = False
            if not known or not 0 < weights[name.strip()] <= self._most:
                self.fail(f"{item!r} is not such as vital=4; classes are {', '.join(WEIGHTS)}", param, ctx)
        return weights


@click.command("optimise")
@FILE
@click.option("--availability", type=Availability(), help="Share of pieces asked for that are there at once, as 0.95.")
@click.option("--budget", type=Amount(), help="Money to put into stock.")
@OUT
@click.option(
    "--weights",
    type=ByClass(WEIGHTS, 1e6),
    default=WEIGHTS,
    show_default="vital=4,essential=2,desirable=1",
    help="How much a piece counts by criticality.",
)
@click.option(
    "--floor",
    type=ByClass(NO_FLOOR, MOST),
    default=NO_FLOOR,
    show_default="none",
    help="Fill rate that every part of a class has at least, such as vital=0.9.",
)
@click.option(
    "--objective",
    type=click.Choice([objective.value for objective in Objective]),
    default=Objective.FILL_RATE.value,
    show_default=True,
    help="What money buys first: pieces served at once, or fewer pieces owed (machines waiting, and how long).",
)
@click.option("--keep", is_flag=True, help="Keep at least what is in_stock now.")
def command(
    file: Path,
    availability: float | None,
    budget: float | None,
    out: Path,
    weights: dict[str, float],
    floor: dict[str, float],
    objective: str,
    keep: bool,
) -> None:
    """Find the stock with the most service for the money.

    FILE has one row per part: part_id, price, lead_time (periods), mean and variance of the demand of one period;
    where known also criticality (vital, essential, desirable), minimum and multiple of an order, lead_time_deviation
    (periods), mean_error (standard error of the mean, pieces per period), stocked (no = do not stock) and in_stock
    (pieces there now).

    Written into the folder: policy.csv (part_id, stock, reorder_point, order_quantity, expected_backorders, fill_rate;
    a reorder point of -1 means not kept), curve.csv (investment, availability, expected_backorders, from nothing to
    nearly everything), summary.json and, where in_stock is given, changes.csv (what changes and why, most money first).
    """
    started = time.perf_counter()
    target = one_of(availability=availability, budget=budget)
    try:
        with all_or_nothing(out) as folder:
            table = read_columns(file, COLUMNS)
            table.refuse_repeated("part_id")
            demands = _demands(table, weights, floor, keep)
            curve = allocate(demands, Objective(objective))
            policy = curve.for_budget(target[1]) if target[0] == "budget" else curve.for_availability(target[1])
            (folder / "policy.csv").write_text(_policy(table.texts["part_id"], policy), encoding="utf-8")
            (folder / "curve.csv").write_text(_curve(curve), encoding="utf-8")
            room = Stockroom(demands)
            today = room.evaluate(table.numbers["in_stock"]) if "in_stock" in table.given else None
            if today is not None:
                text = _changes(table.texts["part_id"], changes(demands, today, policy), today, policy)
                (folder / "changes.csv").write_text(text, encoding="utf-8")
            summary = {
                "parts": len(demands.price),
                "target": {target[0]: target[1]},
                "objective": objective,
                "weights": weights,
                "floor": floor,
                **_about(policy),
                "by_criticality": _by_class(table.texts["criticality"], demands, policy),
                **_compared(room, curve, policy, today),
                "columns_not_used": list(table.unused),
            }
            write_summary(folder, summary, started)
    except ForecastError as error:
        raise Refused(str(error)) from error
    click.echo(
        f"{len(demands.price)} parts: {policy.investment:,.2f} in stock serves {policy.availability:.2%} of the pieces "
        f"asked for at once; written to {out}"
    )
    bare = int(((table.texts["criticality"] == "vital") & (policy.stock == 0) & (demands.rate > 0)).sum())
    if bare:
        click.echo(
            f"{bare} vital parts are not kept: others serve more for the money; --floor vital=0.9 keeps them too"
        )


def _demands(table: Table, weights: dict[str, float], floor: dict[str, float], keep: bool) -> Demands:
    numbers = table.numbers
    mean, variance = lead_time_demand(
        numbers["mean"],
        numbers["variance"],
        numbers["lead_time"],
        lead_time_deviation=numbers["lead_time_deviation"],
        mean_error=numbers["mean_error"],
    )
    return Demands(
        price=numbers["price"],
        rate=numbers["mean"],
        mean=mean,
        variance=variance,
        quantity=order_quantity(numbers["minimum"], numbers["multiple"]),
        weight=np.array([weights[name] for name in table.texts["criticality"].tolist()]),
        floor=np.array([floor[name] for name in table.texts["criticality"].tolist()]),
        least=numbers["in_stock"] if keep else np.zeros(len(mean)),
        stocked=table.texts["stocked"] == "yes",
    )


def _policy(part_ids: Words, policy: Policy) -> str:
    return lines(
        ("part_id", "stock", "reorder_point", "order_quantity", "expected_backorders", "fill_rate"),
        (
            [cell(name) for name in part_ids.tolist()],
            figures(policy.stock),
            figures(policy.reorder_point),
            figures(policy.order_quantity),
            figures(policy.expected_backorders),
            figures(policy.fill_rate),
        ),
    )


def _changes(part_ids: Words, found: Changes, today: Policy, new: Policy) -> str:
    """Part by part, those with most money in their change first."""
    order = found.order
    return lines(
        ("part_id", "in_stock", "stock", "change", "money", "fill_rate_before", "fill_rate", "reason"),
        (
            [cell(name) for name in part_ids[order].tolist()],
            figures(today.stock[order]),
            figures(new.stock[order]),
            figures(found.pieces[order]),
            figures(found.money[order], 2),
            figures(today.fill_rate[order]),
            figures(new.fill_rate[order]),
            found.reason[order].tolist(),
        ),
    )


def _curve(curve: Curve) -> str:
    points = curve.points()
    return lines(
        ("investment", "availability", "expected_backorders"),
        (figures(curve.investment[points], 2), figures(curve.availability[points]), figures(curve.owed[points])),
    )


def _about(policy: Policy) -> dict[str, object]:
    return {
        "investment": round(policy.investment, 2),
        "availability": number(policy.availability),
        "weighted_availability": number(policy.weighted),
        "expected_backorders": number(policy.owed),
        "parts_kept": int((policy.stock > 0).sum()),
        "pieces": number(float(policy.stock.sum())),
    }


def _by_class(criticality: Words, demands: Demands, policy: Policy) -> dict[str, object]:
    result: dict[str, object] = {}
    for name in WEIGHTS:
        mine = criticality == name
        asked: Array = np.where(mine, demands.rate, 0.0)
        if mine.any():
            result[name] = {
                "parts": int(mine.sum()),
                "parts_not_kept": int((mine & (policy.stock == 0) & (demands.rate > 0)).sum()),
                "investment": round(float(policy.stock[mine] @ demands.price[mine]), 2),
                "fill_rate": number(float(policy.fill_rate @ asked) / float(asked.sum())) if asked.any() else None,
            }
    return result


def _same_service(today: Policy, curve: Curve) -> dict[str, object] | None:
    """What today's availability would cost at best; None where it lies beyond the curve."""
    try:
        best = curve.for_availability(today.availability)
    except ForecastError:
        return None
    return {"investment": round(best.investment, 2), "saved": round(today.investment - best.investment, 2)}


def _compared(room: Stockroom, curve: Curve, policy: Policy, today: Policy | None) -> dict[str, object]:
    """What rules of thumb would cost at the same availability, and what is in stock today."""
    rules = room.rules()
    money: dict[str, float | None] = {}
    for name in COMPARED:
        try:
            money[name] = round(room.at_availability(rules[name], policy.availability).investment, 2)
        except ForecastError:
            money[name] = None
    result: dict[str, object] = {"money_at_the_same_availability": money}
    if today is not None:
        result["today"] = _about(today)
        result["today_served_at_least_money"] = _same_service(today, curve)
    return result
