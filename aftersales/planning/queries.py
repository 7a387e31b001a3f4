"""What may be read of forecasts: an organisation's own runs and lines, and what was asked for."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from aftersales.access import Actor, Permission, require
from aftersales.errors import Invalid, NotFound
from aftersales.models import ForecastLine, ForecastRun, ForecastScore, OutboxEvent, Part, User
from aftersales.planning.rules import months
from aftersales.translate import N_
from aftersales.vocabulary import Criticality

REQUESTED = "forecast.requested"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run that was asked for.

    :param open: it waits or is being made.
    :param error: why it could not be made, in English.
    """

    id: int
    requested_at: datetime
    open: bool
    error: str | None


@dataclass(frozen=True, slots=True)
class RunView:
    """A run and who asked for it."""

    run: ForecastRun
    actor: str | None
    scores: tuple[ForecastScore, ...] = ()

    @property
    def id(self) -> int:
        """The run's number."""
        return self.run.id


@dataclass(frozen=True, slots=True)
class LineView:
    """A part's line of a run with the part itself."""

    line: ForecastLine
    part: Part


def newest_run(session: Session, actor: Actor, origin: date | None = None) -> ForecastRun | None:
    """Return the newest run of the actor's organisation: that which begins last, and of those the last one made.

    A run made for an earlier month, to see what would have been said then, does not take its place.

    :param origin: look among the runs that begin in this month only.
    """
    query = select(ForecastRun).where(ForecastRun.organization_id == actor.organization)
    if origin is not None:
        query = query.where(ForecastRun.origin == origin)
    return session.scalar(query.order_by(ForecastRun.origin.desc(), ForecastRun.id.desc()).limit(1))


def latest(session: Session, actor: Actor) -> ForecastRun | None:
    """Return the newest run of the actor's organisation, if there is one."""
    require(actor, Permission.FORECAST_READ)
    return newest_run(session, actor)


def runs(session: Session, actor: Actor, *, after: object = None, limit: int = 50) -> list[RunView]:
    """Return the runs of the actor's organisation, newest first; ``after`` is the last id of the page before."""
    require(actor, Permission.FORECAST_READ)
    query = _runs(actor).order_by(ForecastRun.id.desc()).limit(limit)
    if after is not None:
        query = query.where(ForecastRun.id < number_of(after))
    return [RunView(*row) for row in session.execute(query)]


def run(session: Session, actor: Actor, run_id: int) -> RunView:
    """Return one run with its scores, by months arrived.

    :raises NotFound: when it is none of the actor's organisation.
    """
    require(actor, Permission.FORECAST_READ)
    row = session.execute(_runs(actor).where(ForecastRun.id == run_id)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    query = select(ForecastScore).where(ForecastScore.run_id == run_id).order_by(ForecastScore.months)
    return RunView(*row, tuple(session.scalars(query)))


def lines(
    session: Session,
    actor: Actor,
    run_id: int,
    *,
    text: str = "",
    demand_class: str | None = None,
    method: str | None = None,
    phase: str | None = None,
    criticality: Criticality | None = None,
    alarm: bool = False,
    part_ids: list[int] | None = None,
    after: object = None,
    limit: int = 50,
) -> list[LineView]:
    """Return the lines of a run by part number.

    :param text: pieces of the part's number or name, in any case.
    :param alarm: only parts whose forecasts were clearly too low or too high.
    :param part_ids: only these parts.
    :param after: the part id of the last line of the page before.
    :raises NotFound: when the run is none of the actor's organisation.
    """
    run(session, actor, run_id)
    query = (
        select(ForecastLine, Part)
        .join(Part, Part.id == ForecastLine.part_id)
        .where(ForecastLine.run_id == run_id)
        .order_by(Part.number, Part.id)
        .limit(limit)
    )
    for word in text.split():
        query = query.where(
            or_(Part.number.icontains(word, autoescape=True), Part.name.icontains(word, autoescape=True))
        )
    for column, wanted in (
        (ForecastLine.demand_class, demand_class),
        (ForecastLine.method, method),
        (ForecastLine.phase, phase),
        (Part.criticality, criticality),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if alarm:
        query = query.where(ForecastLine.alarm.is_not(None))
    if part_ids is not None:
        query = query.where(ForecastLine.part_id.in_(part_ids))
    if after is not None:
        last = select(Part.number).where(Part.id == number_of(after)).scalar_subquery()
        query = query.where(or_(Part.number > last, and_(Part.number == last, Part.id > number_of(after))))
    return [LineView(*row) for row in session.execute(query)]


def line(session: Session, actor: Actor, part_id: int, run_id: int | None = None) -> tuple[RunView, LineView]:
    """Return a part's line of a run, the newest by default.

    :raises NotFound: when the run does not hold the part, or is none of the actor's organisation.
    """
    require(actor, Permission.FORECAST_READ)
    newest = newest_run(session, actor) if run_id is None else None
    chosen = run_id if newest is None else newest.id
    found = None
    if chosen is not None:
        query = select(ForecastLine, Part).join(Part, Part.id == ForecastLine.part_id)
        query = query.join(ForecastRun, ForecastRun.id == ForecastLine.run_id)
        own = and_(ForecastRun.organization_id == actor.organization, ForecastRun.id == chosen)
        found = session.execute(query.where(own, ForecastLine.part_id == part_id)).one_or_none()
    if found is None or chosen is None:
        raise NotFound(N_("There is no forecast of this part, or it does not concern your organisation"))
    return run(session, actor, chosen), LineView(*found)


@dataclass(frozen=True, slots=True)
class LoadMonth:
    """Repairs, services and hours to expect in a month."""

    month: date
    repairs: float
    other_repairs: float
    services: float
    hours: float
    deviation: float


@dataclass(frozen=True, slots=True)
class PartLoad:
    """A part and the work its failures make over the whole run."""

    part_id: int
    part_number: str
    part_name: str
    repairs: float
    hours: float
    hours_each: float


@dataclass(frozen=True, slots=True)
class WorkloadView:
    """The load of the workshop by a run."""

    run_id: int
    own_share: float
    months: tuple[LoadMonth, ...]
    parts: tuple[PartLoad, ...]


def workload(session: Session, actor: Actor, run_id: int) -> WorkloadView:
    """Return the load of the workshop by a run; empty where it knew no machines.

    :raises NotFound: when the run is none of the actor's organisation.
    """
    found = run(session, actor, run_id).run
    kept = found.workload
    if not kept:
        return WorkloadView(run_id, 0.0, (), ())
    names = ("repairs", "other_repairs", "services", "hours", "hours_deviation")
    columns = zip(*(kept[name] for name in names), strict=True)
    load = tuple(LoadMonth(months.plus(found.origin, step), *values) for step, values in enumerate(columns))
    query = select(Part).where(Part.id.in_([one["part_id"] for one in kept["parts"]]))
    parts = {part.id: part for part in session.scalars(query.where(Part.organization_id == actor.organization))}
    most = tuple(
        PartLoad(one["part_id"], part.number, part.name, one["repairs"], one["hours"], one["hours_each"])
        for one in kept["parts"]
        if (part := parts.get(one["part_id"])) is not None
    )
    return WorkloadView(run_id, float(kept["own_share"]), load, most)


def part_names(session: Session, actor: Actor, part_ids: list[int]) -> dict[int, str]:
    """Return the numbers of parts of the actor's organisation."""
    query = select(Part.id, Part.number).where(Part.id.in_(part_ids), Part.organization_id == actor.organization)
    return {row.id: row.number for row in session.execute(query)}


def requests(session: Session, actor: Actor, *, after: object = None, limit: int = 50) -> list[RunRequest]:
    """Return the runs asked for by hand, newest first; nightly ones are not shown."""
    require(actor, Permission.FORECAST_READ)
    query = (
        select(OutboxEvent)
        .where(OutboxEvent.event == REQUESTED, OutboxEvent.organization_id == actor.organization)
        .where(OutboxEvent.payload["requested_by"].as_integer().is_not(None))
        .order_by(OutboxEvent.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(OutboxEvent.id < number_of(after))
    return [
        RunRequest(event.id, event.created_at, event.done_at is None, event.error) for event in session.scalars(query)
    ]


def request_state(session: Session, actor: Actor) -> RunRequest | None:
    """Return the newest run that somebody asked for by hand, if there is one."""
    found = requests(session, actor, limit=1)
    return found[0] if found else None


def number_of(after: object) -> int:
    """Return a cursor as the number it should be.

    :raises Invalid: when it is something else.
    """
    if not isinstance(after, int) or not 0 <= after < 2**53:
        raise Invalid(
            N_("This is not a cursor of this list"), errors=[{"field": "after", "message": "is not a cursor"}]
        )
    return after


def _runs(actor: Actor) -> Select[ForecastRun, str | None]:
    return (
        select(ForecastRun, User.full_name)
        .outerjoin(User, User.id == ForecastRun.actor_id)
        .where(ForecastRun.organization_id == actor.organization)
    )
