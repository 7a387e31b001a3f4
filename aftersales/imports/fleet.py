"""Machines, components and meter readings from files."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from aftersales.errors import DomainError
from aftersales.imports.catalogue import own_parts
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, day, moment, number, truth, whole, words
from aftersales.models import Component, Installation, Machine, MachineModel, Meter, Part, Position, Reading
from aftersales.registry import service as registry
from aftersales.registry.history import Replacement, record_replacements
from aftersales.translate import N_
from aftersales.usage import loading
from aftersales.usage import service as usage
from aftersales.usage.bulk_rows import ReadingRow
from aftersales.usage.ingest import ingest
from aftersales.usage.rules import Outcome, life, micros
from aftersales.visibility import holds_machine
from aftersales.vocabulary import MachineState, MeterKind, PartyRole, ReadingSource, RemovalReason
from aftersales.work import Work

NO_MACHINE = N_("There is no such machine, or it does not concern your organisation")


def machines_of(work: Work, rows: Sequence[Parsed], name: str = "machine") -> dict[str, Machine | None]:
    """Return the machines rows name by serial number; ``None`` for a serial that several makers use."""
    serials = sorted({row[name] for row in rows if row[name]})
    found: dict[str, Machine | None] = {}
    for start in range(0, len(serials), 500):
        query = select(Machine).where(
            Machine.serial_number.in_(serials[start : start + 500]), holds_machine(work.actor, Machine.id)
        )
        for machine in work.session.scalars(query):
            found[machine.serial_number] = None if machine.serial_number in found else machine
    return found


class Lives:
    """The life in hours of machines at moments, from their ledgers loaded once."""

    def __init__(self, work: Work, machines: Sequence[Machine]) -> None:
        query = select(Meter.id, Meter.machine_id).where(
            Meter.machine_id.in_([machine.id for machine in machines]), Meter.kind == MeterKind.HOURS
        )
        meters = {row.id: row.machine_id for row in work.session.execute(query)}
        ledgers = loading.ledgers(work.session, dict.fromkeys(meters, MeterKind.HOURS))
        self._points = {
            machine_id: life.curve(ledgers[meter_id].hours, ledgers[meter_id].segments, ledgers[meter_id].readings)
            for meter_id, machine_id in meters.items()
        }

    def at(self, machine_id: int, moment: datetime) -> Decimal | None:
        """Return a machine's life at a moment, hours; ``None`` where no meter tells."""
        points = self._points.get(machine_id)
        value = life.life_on(points, micros(moment)) if points else None
        return None if value is None else Decimal(value).scaleb(-3)


def machine_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a machines file."""
    return (
        Field("serial_number", words(80), True),
        Field("model", words(50), True, help="code of the model; made when it is new"),
        Field("model_name", words(200)),
        Field("product_year", whole(1900, 2199)),
        Field("order_code", words(80)),
        Field("commissioned_on", day),
        Field("state", choice(MachineState), default=MachineState.IN_OPERATION),
        Field("operator", words(200), help="exact name of the organisation that runs it"),
        Field("meter_from", moment(zone), help="when its hour meter began; commissioning when empty"),
        Field("meter_display", number(3), default=Decimal(0), help="what the hour meter showed then"),
        Field("life_hours", number(3), help="life in hours by then, when the display does not tell"),
    )


def take_machines(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Take machines over with a reconstructed passport and an hour meter; known serials stay as they are."""
    taken = Taken()
    query = select(MachineModel).where(MachineModel.manufacturer_id == work.actor.organization)
    models = {model.code: model for model in work.session.scalars(query)}
    known = set(
        work.session.scalars(select(Machine.serial_number).where(Machine.manufacturer_id == work.actor.organization))
    )
    for row in rows:
        if row["serial_number"] in known:
            taken.unchanged += 1
            continue
        try:
            machine = _take_over(work, row, models)
        except DomainError as error:
            taken.refuse(row, "serial_number", error.message, **error.params)
            continue
        known.add(machine.serial_number)
        taken.made.append(("machine", machine.id))
        taken.added += 1
    return taken


def _take_over(work: Work, row: Parsed, models: dict[str, MachineModel]) -> Machine:
    code = row["model"]
    if code not in models:
        models[code] = registry.create_model(work, code=code, name=row["model_name"] or code)
    commissioned = row["commissioned_on"]
    started = row["meter_from"] or (datetime.combine(commissioned, time(), UTC) if commissioned else work.now)
    machine = registry.create_machine(
        work,
        model_id=models[code].id,
        serial_number=row["serial_number"],
        order_code=row["order_code"],
        product_year=row["product_year"],
        at=min(started, work.now),
    )
    registry.reconstruct_passport(
        work, machine.id, state=row["state"], commissioned_on=commissioned, note="Import", at=min(started, work.now)
    )
    if row["operator"]:
        registry.set_party(
            work, machine.id, role=PartyRole.OPERATOR, organization_name=row["operator"], at=min(started, work.now)
        )
    offset = row["life_hours"] if row["life_hours"] is not None else row["meter_display"]
    usage.fit_meter(work, machine.id, MeterKind.HOURS, min(started, work.now), row["meter_display"], None, offset)
    return machine


def reading_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a readings file."""
    return (
        Field("machine", words(80), True, help="serial number"),
        Field("at", moment(zone), True),
        Field("display", number(3), True),
        Field("kind", choice(MeterKind), default=MeterKind.HOURS),
        Field("estimated", truth, default=False),
    )


def take_readings(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Take readings into the meters' ledgers; the same one twice is once."""
    taken = Taken()
    wire = [
        ReadingRow(
            at=row["at"],
            display=row["display"],
            serial_number=row["machine"],
            kind=row["kind"],
            estimated=row["estimated"],
        )
        for row in rows
    ]
    newest = work.session.scalar(select(func.max(Reading.id))) or 0
    for row, became in zip(rows, ingest(work, wire, ReadingSource.FILE), strict=True):
        if became.outcome is Outcome.ACCEPTED:
            taken.added += 1
        elif became.outcome is Outcome.DUPLICATE:
            taken.unchanged += 1
        elif became.refusal is not None:
            taken.refuse(row, "display", became.refusal.message, **dict(became.refusal.params))
    fresh = select(Reading.id).where(
        Reading.id > newest, Reading.recorded_at == work.now, Reading.actor_id == work.actor.user_id
    )
    taken.made = [("reading", number) for number in work.session.scalars(fresh.order_by(Reading.id))]
    return taken


def component_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a components file: what is or was installed, and when."""
    return (
        Field("machine", words(80), True, help="serial number"),
        Field("part", words(80), True, help="part number"),
        Field("serial_number", words(80), True),
        Field("position", words(50), help="code of the position; the part number when empty"),
        Field("slot", whole(1, 1000), default=1),
        Field("installed_at", moment(zone), True),
        Field("removed_at", moment(zone)),
        Field("reason", choice(RemovalReason), default=RemovalReason.OTHER),
        Field("hours_brought", number(3), default=Decimal(0)),
    )


def position_of(work: Work, places: dict[tuple[int, str], Position], model_id: int, code: str, part: Part) -> Position:
    """Return the model's position of this code, made when it is new."""
    if (model_id, code) not in places:
        known = work.session.scalar(select(Position).where(Position.model_id == model_id, Position.code == code))
        places[model_id, code] = known or registry.add_position(
            work, model_id, code=code, name=part.name, part_id=part.id
        )
    return places[model_id, code]


def take_components(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Record components and their stays, oldest first; a stay that is recorded stays as it is."""
    taken, machines, catalogue = Taken(), machines_of(work, rows), own_parts(work, rows, "part")
    places: dict[tuple[int, str], Position] = {}
    for row in sorted(rows, key=lambda one: one["installed_at"]):
        machine, part = machines.get(row["machine"]), catalogue.get(row["part"])
        if machine is None:
            taken.refuse(row, "machine", NO_MACHINE)
        elif part is None:
            taken.refuse(row, "part", N_("There is no such part in your catalogue"))
        else:
            try:
                _stay(work, taken, row, machine, part, places)
            except DomainError as error:
                taken.refuse(row, "serial_number", error.message, **error.params)
    return taken


def _stay(
    work: Work, taken: Taken, row: Parsed, machine: Machine, part: Part, places: dict[tuple[int, str], Position]
) -> None:
    position = position_of(work, places, machine.model_id, row["position"] or part.number, part)
    component = work.session.scalar(
        select(Component).where(Component.part_id == part.id, Component.serial_number == row["serial_number"])
    )
    if component is None:
        component = registry.create_component(
            work, part_id=part.id, serial_number=row["serial_number"], hours_brought=row["hours_brought"]
        )
    known = select(Installation.id).where(
        Installation.component_id == component.id, Installation.valid_from == row["installed_at"]
    )
    if work.session.scalar(known) is not None:
        taken.unchanged += 1
        return
    place = {"machine_id": machine.id, "position_id": position.id, "slot": row["slot"], "component_id": component.id}
    if row["removed_at"] is None:
        stay = registry.install(work, **place, at=row["installed_at"])
    else:
        stay = registry.record_stay(
            work, **place, start=row["installed_at"], end=row["removed_at"], reason=row["reason"]
        )
    taken.made.append(("installation", stay.id))
    taken.added += 1


def replacement_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a replacements file: which part was renewed on which machine, when."""
    return (
        Field("machine", words(80), True, help="serial number"),
        Field("part", words(80), True, help="part number"),
        Field("at", moment(zone), True),
        Field("position", words(50), help="code of the position; the part number when empty"),
        Field("serial_number", words(80), help="of the unit fitted; numbered through when empty"),
        Field("reason", choice(RemovalReason), help="failure, planned, …; found from the failures when empty"),
    )


def take_replacements(work: Work, rows: Sequence[Parsed], failed: set[tuple[int, int, datetime]]) -> Taken:
    """Record replacements as installations.

    :param failed: machine, part and moment of known failures; a replacement at the same moment mended one.
    """
    taken, machines, catalogue = Taken(), machines_of(work, rows), own_parts(work, rows, "part")
    lives = Lives(work, [machine for machine in machines.values() if machine is not None])
    places: dict[tuple[int, str], Position] = {}
    good: list[Parsed] = []
    replacements: list[Replacement] = []
    for row in rows:
        machine, part = machines.get(row["machine"]), catalogue.get(row["part"])
        if machine is None:
            taken.refuse(row, "machine", NO_MACHINE)
        elif part is None:
            taken.refuse(row, "part", N_("There is no such part in your catalogue"))
        elif row["at"] > work.now:
            taken.refuse(row, "at", N_("This lies in the future"))
        else:
            code = row["position"] or part.number
            mended = (machine.id, part.id, row["at"]) in failed
            good.append(row)
            replacements.append(
                Replacement(
                    machine_id=machine.id,
                    position_id=position_of(work, places, machine.model_id, code, part).id,
                    part_id=part.id,
                    serial_number=row["serial_number"] or f"{row['machine']}-{code}-{row['at']:%y%m%d%H}",
                    at=row["at"],
                    life_hours=lives.at(machine.id, row["at"]) or Decimal(0),
                    reason=row["reason"] or (RemovalReason.FAILURE if mended else RemovalReason.PLANNED),
                )
            )
    for row, stay in zip(good, record_replacements(work, replacements), strict=True):
        if stay is None:
            taken.unchanged += 1
        elif isinstance(stay, str):
            taken.refuse(row, "at", N_("It lies before the last replacement recorded at this position"))
        else:
            taken.made.append(("installation", stay.id))
            taken.added += 1
    return taken


MACHINES = Kind("machines", "Machines of your make, with their hour meter.", machine_fields, take_machines)
READINGS = Kind("readings", "Meter readings.", reading_fields, take_readings)
COMPONENTS = Kind("components", "Components and where they are or were installed.", component_fields, take_components)
