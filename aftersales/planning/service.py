"""Forecast runs: read, compute outside any transaction, write in one. A run is never changed, only followed."""

import hashlib
import importlib.metadata
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite

import forecasting
from aftersales.access import SYSTEM, Actor, Permission, require
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import ForecastLine, ForecastRun, ForecastScore, Organization, Part
from aftersales.planning import causal as choosing
from aftersales.planning import history, lines, outcomes, queries, scores
from aftersales.planning.explaining import explained
from aftersales.planning.history import History
from aftersales.planning.installed_base import building
from aftersales.planning.installed_base.building import Base
from aftersales.planning.rules import months
from aftersales.planning.workload import Experience, expected, experience
from aftersales.translate import N_
from aftersales.work import Work, Workshop
from forecasting.demand import DemandPanel
from forecasting.engine import ForecastResult, Progress, Settings, forecast
from forecasting.errors import ForecastError

REQUESTED = "forecast.requested"
QUANTILES = (0.1, 0.5, 0.9, 0.95, 0.99)
MOST_MONTHS = 60
MOST_SEED = 2**31 - 1


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything a run computes from, read in one go; ``problem`` says why the fleet could not be taken in."""

    organization_id: int
    history: History
    panel: DemandPanel
    lead_times: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]"
    base: Base | None
    experience: Experience
    due_scores: list[scores.Scored]
    due_outcomes: list[dict[str, Any]]
    problem: str = ""

    @property
    def inputs_hash(self) -> str:
        """SHA-256 of the panel, the lead times and the fleet: the same inputs have the same hash."""
        digest = hashlib.sha256()
        digest.update("\n".join([self.panel.periods.label(0), *self.panel.part_ids.tolist()]).encode())
        digest.update(np.ascontiguousarray(np.nan_to_num(self.panel.demand, nan=-1.0)).tobytes())
        digest.update(self.lead_times.tobytes())
        digest.update(self.base.digest.encode() if self.base else b"no fleet")
        return digest.hexdigest()


def run_forecast(
    workshop: Workshop,
    actor: Actor,
    *,
    horizon: int = 12,
    seed: int = 0,
    origin: date | None = None,
    requested_by: int | None = None,
    only_if_changed: bool = False,
    progress: Progress | None = None,
) -> int | None:
    """Forecast the whole catalogue of the actor's organisation and return the run's id.

    :param horizon: months to forecast one by one.
    :param seed: the same inputs and seed give the same numbers.
    :param origin: first month to forecast; the current one by default, see :func:`rules.months.origin_of`.
    :param requested_by: the user who asked, when the system runs it for them.
    :param only_if_changed: make no run and return ``None`` when the newest one of that month had the same inputs and
        settings.
    :param progress: told after each step: steps done, steps in all, what is being done.
    :raises RuleBroken: ``no_history`` when nothing is known yet; ``cannot_forecast`` when the engine refuses.
    """
    require(actor, Permission.FORECAST_RUN)
    check_settings(horizon, seed)
    with workshop.reading(actor) as work:
        prepared = _prepare(work, origin, horizon)
        newest = queries.newest_run(work.session, actor, prepared.history.origin)
        settings = {"horizon": horizon, "quantiles": list(QUANTILES), "lead_times": list(months.LEAD_TIMES)}
        if only_if_changed and newest is not None and _same(newest, prepared, settings, seed):
            return None
    computed = _compute(prepared, horizon, seed, progress)
    with workshop.transaction(actor) as work:
        require(work.actor, Permission.FORECAST_RUN)
        return _keep(work, prepared, computed, settings, seed, requested_by)


def _keep(
    work: Work, prepared: Prepared, computed: "Computed", settings: dict[str, Any], seed: int, requested_by: int | None
) -> int:
    """Write a run with its lines, and what came of earlier ones; return its id."""
    result = computed.result
    outcomes.keep(work, prepared.due_outcomes)
    tracked = outcomes.tracked(work.session, work.actor, prepared.history.origin)
    run = ForecastRun(
        organization_id=prepared.organization_id,
        created_at=work.now,
        origin=prepared.history.origin,
        horizon=settings["horizon"],
        settings=settings,
        inputs_hash=prepared.inputs_hash,
        seed=seed,
        code_version=code_version(),
        seconds=Decimal(str(round(result.seconds, 3))),
        summary=lines.summary(prepared.panel, result) | computed.fleet,
        actor_id=work.actor.user_id or requested_by,
        workload=computed.workload,
    )
    work.session.add(run)
    work.session.flush()
    carried_from = history.predecessors(work.session, prepared.organization_id, prepared.history.origin)
    made = lines.rows(run.id, prepared.history, prepared.panel, result, carried_from, computed.explanations, tracked)
    work.session.execute(insert(ForecastLine), made)
    _keep_scores(work, prepared.due_scores)
    return run.id


def check_settings(horizon: int, seed: int) -> None:
    """Let settings pass that a run can have.

    :raises Invalid: naming the field and its limits.
    """
    for name, value, low, high in (("horizon", horizon, 1, MOST_MONTHS), ("seed", seed, 0, MOST_SEED)):
        if not low <= value <= high:
            message = N_("%(field)s must be between %(low)s and %(high)s, not %(value)s")
            errors = [
                {"field": name, "message": message, "params": {"field": name, "low": low, "high": high, "value": value}}
            ]
            raise Invalid(message, errors=errors, field=name, low=low, high=high, value=value)


@dataclass(frozen=True, eq=False)
class Computed:
    """What a run came to: the forecast chosen for each part, why, and what it means for the workshop.

    :param explanations: by row of the panel, for the parts of the installed base.
    :param fleet: what the run says of the installed base, for its summary.
    """

    result: ForecastResult
    explanations: dict[int, dict[str, Any]]
    workload: dict[str, Any] | None
    fleet: dict[str, Any]


def _prepare(work: Work, origin: date | None, horizon: int) -> Prepared:
    organization = work.actor.organization
    known = history.read(work.session, organization, work.now, origin)
    panel = history.carried(work.session, known, known.origin)
    if not len(panel):
        raise RuleBroken(N_("The catalogue has no part that is still ordered"), code="no_history")
    lead = [months.lead_time_in_months(known.facts[int(part)].lead_time_days) for part in panel.part_ids.tolist()]
    planner = history.planner_of(organization)
    base, problem = _fleet(work, planner, known, panel, max(horizon, *lead))
    parts = {int(part) for part in base.fleet.parts.tolist()} if base else set[int]()
    return Prepared(
        organization,
        known,
        panel,
        np.array(lead, dtype=np.int64),
        base,
        experience(work.session, planner, parts, months.begins_at(known.origin, known.zone)),
        scores.due(work.session, work.actor, known),
        outcomes.due(work.session, work.actor, known),
        problem,
    )


def _fleet(
    work: Work, planner: Actor, known: History, panel: DemandPanel, months_ahead: int
) -> tuple[Base | None, str]:
    """The installed base, or what is wrong with its records."""
    try:
        return building.read(work.session, planner, known, panel, months_ahead), ""
    except ForecastError as error:
        return None, str(error)


def _compute(prepared: Prepared, horizon: int, seed: int, progress: Progress | None) -> Computed:
    """Forecast from the history, then from the installed base where there is one, and choose for every part."""
    settings = Settings(horizon=horizon, lead_time=prepared.lead_times, quantiles=QUANTILES, seed=seed)
    try:
        result = forecast(prepared.panel, settings, progress)
    except ForecastError as error:
        message = N_("The forecast cannot be made: %(problem)s")
        raise RuleBroken(message, code="cannot_forecast", problem=str(error)) from error
    if prepared.base is None:
        return Computed(result, {}, None, {"fleet_problem": prepared.problem} if prepared.problem else {})
    tell = progress or (lambda done, total, label: None)
    try:
        causal = choosing.run(prepared.base, prepared.panel, result, seed, tell)
    except ForecastError as error:
        # what is wrong with the records of the fleet must not keep the forecast from the history back
        return Computed(result, {}, None, {"fleet_problem": str(error)})
    chosen = choosing.blended(result, causal, prepared.panel)
    explanations = explained(prepared.base, causal, chosen.mean)
    load = expected(prepared.base, causal, chosen.mean, prepared.experience)
    return Computed(chosen, explanations, load, {"fleet": choosing.said(prepared.base, causal)})


def _same(newest: ForecastRun, prepared: Prepared, settings: dict[str, Any], seed: int) -> bool:
    before = (newest.inputs_hash, newest.origin, newest.settings, newest.seed, newest.code_version)
    return before == (prepared.inputs_hash, prepared.history.origin, settings, seed, code_version())


def _keep_scores(work: Work, due: list[scores.Scored]) -> None:
    dialect = postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite
    values = [{**scored.values, "scored_at": work.now} for scored in due]
    if values:
        work.session.execute(dialect.insert(ForecastScore).values(values).on_conflict_do_nothing())


@cache
def code_version() -> str:
    """Return the product's version and a hash of the forecasting code, so that a run says what computed it."""
    digest = hashlib.sha256()
    root = Path(forecasting.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return f"{importlib.metadata.version('aftersales')}+{digest.hexdigest()[:12]}"


def request_run(work: Work, *, horizon: int = 12, seed: int = 0) -> queries.RunRequest:
    """Ask for a run; a job makes it. While one is waiting or being made, asking again changes nothing.

    :raises RuleBroken: ``no_parts`` when the organisation has no parts of its own to forecast.
    """
    require(work.actor, Permission.FORECAST_RUN)
    check_settings(horizon, seed)
    waiting = queries.request_state(work.session, work.actor)
    if waiting is not None and waiting.open:
        return waiting
    has_parts = select(Part.id).where(Part.organization_id == work.actor.organization).limit(1)
    if work.session.scalar(has_parts) is None:
        raise RuleBroken(N_("Your organisation has no parts of its own to forecast"), code="no_parts")
    work.emit(REQUESTED, horizon=horizon, seed=seed, requested_by=work.actor.user_id)
    work.record("request", "forecast_run", "new", horizon=horizon, seed=seed)
    work.session.flush()
    asked = queries.request_state(work.session, work.actor)
    assert asked is not None
    return asked


def carry_out_request(workshop: Workshop, actor: Actor, payload: dict[str, Any]) -> None:
    """Make the run that was asked for (event ``forecast.requested``); outside a transaction, for it takes long.

    Doing it twice makes two runs with the same numbers, which does no harm.
    """
    run_forecast(
        workshop,
        actor,
        horizon=int(payload.get("horizon", 12)),
        seed=int(payload.get("seed", 0)),
        requested_by=payload.get("requested_by"),
        only_if_changed=bool(payload.get("only_if_changed", False)),
    )


def nightly_forecast(work: Work) -> int:
    """Ask for a run of every catalogue whose demand may have changed; return how many were asked for.

    The run itself is made only if its inputs differ from the newest one's: at least once a month.
    """
    owners = select(Part.organization_id).where(Part.ended_at.is_(None)).distinct()
    query = select(Organization.id).where(Organization.id.in_(owners), Organization.ended_at.is_(None))
    organizations = list(work.session.scalars(query.order_by(Organization.id)))
    for organization in organizations:
        acting = replace(work, actor=replace(SYSTEM, organization_id=organization))
        acting.emit(REQUESTED, only_if_changed=True)
    return len(organizations)
