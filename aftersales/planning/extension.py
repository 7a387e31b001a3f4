"""Price of a warranty extension from what the failures over it are expected to cost, with its reasons.

Ages come from the machine's components, lives from the newest forecast run, use from the machine's meter, hours of a
repair from closed orders, money from the catalogue and from past orders. A person may ask another price.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import ExtensionOffer, ForecastLine, Machine, MachineModel, WarrantyClause, WarrantyPolicy
from aftersales.planning import queries
from aftersales.planning.repair_costs import costs_of
from aftersales.registry.queries.components import InstalledComponent, components
from aftersales.translate import N_
from aftersales.usage import queries as usage
from aftersales.vocabulary import MeterKind
from aftersales.warranty import loading
from aftersales.warranty.rules.terms import Clause
from aftersales.warranty.service import offers, start
from aftersales.work import Work
from forecasting.installed_base.extension import Components, ExtensionCost, cost_of_failures, price

RISKS = (0.5, 0.8, 0.9, 0.95)
MARGIN, RISK = Decimal("0.25"), 0.8
MOST_MARGIN = Decimal("0.9")
CENT = Decimal("0.01")
POOL = 25
"""Like extensions that carry the risk together."""


@dataclass(frozen=True, slots=True)
class ComponentCost:
    """What one component of the machine is expected to cost over the extension."""

    place: str
    part_number: str
    part_name: str
    serial_number: str
    hours: float
    failures: float
    cost_each: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A price with its reasons: expected + risk + margin = price.

    :param quantiles: cost not exceeded, by probability as text.
    :param unpriced: positions whose part has no known life, which the price leaves out.
    """

    price: Decimal
    currency: str
    expected: Decimal
    risk_loading: Decimal
    margin_amount: Decimal
    margin: Decimal
    risk: float
    deviation: Decimal
    quantiles: dict[str, str]
    starts_on: date
    ends_on: date
    hours_per_day: float
    covered: tuple[str, ...]
    components: tuple[ComponentCost, ...]
    unpriced: tuple[str, ...]
    run_id: int

    def kept(self) -> dict[str, Any]:
        """The suggestion as it is kept with an offer: plain values that JSON knows."""
        plain: dict[str, Any] = {name: _plain(getattr(self, name)) for name in self.__slots__}
        plain["components"] = [{name: _plain(getattr(one, name)) for name in one.__slots__} for one in self.components]
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def suggest(
    work: Work, *, machine_id: int, policy_id: int, margin: Decimal = MARGIN, risk: float | str = RISK
) -> Suggestion:
    """Return the price of extending a machine's warranty by a policy.

    :param margin: share of the price that is to remain.
    :param risk: probability with which the price before margin covers the cost, one of :data:`RISKS`.
    :raises RuleBroken: without a forecast, a known life or a warranty to extend.
    """
    require(work.actor, Permission.OFFER_MAKE)
    require(work.actor, Permission.FORECAST_READ)
    chance = float(risk)
    _check(margin, chance)
    asked = _asked(work, machine_id, policy_id)
    known = [one for one in asked.covered if one.part.id in asked.lives]
    if not known:
        raise RuleBroken(N_("No component of this machine has a life known from failures yet"), code="no_lives")
    classes = {clause.cost_class for clause in asked.clauses if clause.cost_class is not None}
    costs = costs_of(work, known, classes, asked.policy.currency)
    use = usage.utilisation(work.session, asked.machine.id, MeterKind.HOURS, work.now)
    per_day = use.per_day if use else 0.0
    found = cost_of_failures(
        _table(known, asked.lives, costs),
        begin=float((asked.starts_on - asked.today).days),
        end=float((asked.ends_on - asked.today).days),
        hours_per_day=per_day,
        quantiles=RISKS,
        seed=asked.machine.id,
    )
    priced = price(found, margin=float(margin), risk=chance, pool=POOL)
    expected, loading_amount, whole = _money(priced.expected), _money(priced.risk), _money(priced.price)
    return Suggestion(
        price=whole,
        currency=asked.policy.currency,
        expected=expected,
        risk_loading=loading_amount,
        margin_amount=whole - expected - loading_amount,
        margin=margin,
        risk=chance,
        deviation=_money(found.deviation),
        quantiles={f"{share:g}": f"{_money(value):f}" for share, value in zip(RISKS, found.quantiles, strict=True)},
        starts_on=asked.starts_on,
        ends_on=asked.ends_on,
        hours_per_day=round(per_day, 2),
        covered=tuple(sorted(one.value for one in classes)),
        components=_by_component(known, costs, found),
        unpriced=tuple(one.place for one in asked.covered if one.part.id not in asked.lives),
        run_id=asked.run_id,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be priced: the machine's covered components with their lives, and the days."""

    machine: Machine
    policy: WarrantyPolicy
    clauses: Sequence[Clause]
    covered: Sequence[InstalledComponent]
    lives: Mapping[int, Mapping[str, Any]]
    today: date
    starts_on: date
    ends_on: date
    run_id: int


def _asked(work: Work, machine_id: int, policy_id: int) -> _Asked:
    session, actor = work.session, work.actor
    machine = visibility.get(session, Machine, machine_id, visibility.owns(actor, Machine.manufacturer_id))
    policy = offers.extension_policy(work, machine, policy_id)
    today = loading.day_of(session, machine, work.now)
    starts_on = offers.running(work, machine, today).ends_on
    run = queries.newest_run(session, actor)
    if run is None:
        raise RuleBroken(N_("There is no forecast yet to price from; make one first"), code="no_forecast")
    excluded = _excluded(session, policy.id)
    installed = components(session, actor, machine.id, work.now)
    covered = [one for one in installed if one.part.id not in excluded]
    return _Asked(
        machine,
        policy,
        loading.clauses_of(session, [policy.id])[policy.id],
        covered,
        _lives(session, run.id, machine, covered),
        today,
        starts_on,
        start.end_of_terms(work, policy.id, starts_on),
        run.id,
    )


def offer(
    work: Work,
    *,
    machine_id: int,
    policy_id: int,
    price: Decimal | None = None,
    valid_until: date | None = None,
    computed: bool = False,
    margin: Decimal | None = None,
    risk: float | str | None = None,
) -> ExtensionOffer:
    """Offer an extension with the reasons of its computed price beside the price asked.

    :param price: what a person asks; without one the policy's own price, or the computed one when ``computed``.
    :raises RuleBroken: when the computed price is asked for and there is nothing to compute from.
    """
    try:
        found = suggest(
            work,
            machine_id=machine_id,
            policy_id=policy_id,
            margin=MARGIN if margin is None else margin,
            risk=RISK if risk is None else risk,
        )
    except RuleBroken as error:
        if computed or error.reason not in {"no_forecast", "no_lives"}:
            raise
        found = None
    return offers.offer(
        work,
        machine_id=machine_id,
        policy_id=policy_id,
        price=found.price if found is not None and computed and price is None else price,
        valid_until=valid_until,
        pricing=found.kept() if found is not None else None,
    )


def _check(margin: Decimal, risk: float) -> None:
    if not 0 <= margin <= MOST_MARGIN:
        message = N_("The margin must be a share of the price from 0 to 0.9")
        raise Invalid(message, errors=[{"field": "margin", "message": message}])
    if risk not in RISKS:
        message = N_("The risk must be one of 0.5, 0.8, 0.9 and 0.95")
        raise Invalid(message, errors=[{"field": "risk", "message": message}])


def _money(value: float) -> Decimal:
    return Decimal(str(float(value))).quantize(CENT, ROUND_HALF_UP)


def _excluded(session: Session, policy_id: int) -> set[int]:
    query = select(WarrantyClause.excluded_part_id).where(WarrantyClause.policy_id == policy_id)
    return {part for part in session.scalars(query) if part is not None}


def _lives(
    session: Session, run_id: int, machine: Machine, installed: Sequence[InstalledComponent]
) -> dict[int, Mapping[str, Any]]:
    """The life of each part in machines of this model by a run, where a failure was ever seen."""
    model = session.scalars(select(MachineModel.code).where(MachineModel.id == machine.model_id)).one()
    query = select(ForecastLine.part_id, ForecastLine.explanation).where(
        ForecastLine.run_id == run_id, ForecastLine.part_id.in_({one.part.id for one in installed})
    )
    found: dict[int, Mapping[str, Any]] = {}
    for part, kept in session.execute(query):
        for life in (kept or {}).get("lives", ()):
            if life["group"] == model and life["shape"] and life["scale_hours"]:
                found[part] = life
    return found


def _table(
    known: Sequence[InstalledComponent], lives: Mapping[int, Mapping[str, Any]], costs: Sequence[Decimal]
) -> Components:
    shape = np.array([float(lives[one.part.id]["shape"]) for one in known])
    seen = np.array([max(int(lives[one.part.id]["failures"]), 1) for one in known])
    return Components(
        age=np.array([float(one.life.hours) for one in known]),
        shape=shape,
        scale=np.array([float(lives[one.part.id]["scale_hours"]) for one in known]),
        cost=np.array([float(cost) for cost in costs]),
        # of ln η by maximum likelihood (Meeker and Escobar 1998, chapter 8): about 1.05 / (β √failures)
        deviation=1.05 / (shape * np.sqrt(seen)),
    )


def _by_component(
    known: Sequence[InstalledComponent], costs: Sequence[Decimal], found: ExtensionCost
) -> tuple[ComponentCost, ...]:
    rows = [
        ComponentCost(
            one.place,
            one.part.number,
            one.part.name,
            one.component.serial_number,
            round(float(one.life.hours), 1),
            round(float(found.failures[row]), 4),
            costs[row],
            _money(found.cost[row]),
        )
        for row, one in enumerate(known)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.cost, row.place)))
