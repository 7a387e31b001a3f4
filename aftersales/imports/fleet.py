"""Machines, components and meter readings from files."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from aftersales.errors import Invalid
from aftersales.imports.catalogue import NO_PART, own_parts
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, day, moment, number, truth, whole, words
from aftersales.models import Component, Installation, Machine, MachineModel, Meter, Part, Position, Reading
from aftersales.registry import service as registry
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
TWO_MACHINES = N_("Several makers have used this serial number")
FUTURE = N_("This lies in the future")


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


def machine_in(taken: Taken, row: Parsed, machines: Mapping[str, Machine | None]) -> Machine | None:
    """Return the machine a row names, after noting a refusal when there is none."""
    machine = machines.get(row["machine"])
    if machine is None:
        taken.refuse(row, "machine", TWO_MACHINES if row["machine"] in machines else NO_MACHINE)
    return machine


def named_part(taken: Taken, row: Parsed, catalogue: Mapping[str, Part]) -> Part | None:
    """Return the part a row names, after noting a refusal when the catalogue has none."""
    part = catalogue.get(row["part"])
    if part is None:
        taken.refuse(row, "part", NO_PART)
    return part


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
        with taken.row(work, row, "serial_number"):
            machine = _take_over(work, row, models)
            known.add(machine.serial_number)
            taken.add("machine", machine.id)
    return taken


def _take_over(work: Work, row: Parsed, models: dict[str, MachineModel]) -> Machine:
    code, now = row["model"], work.now
    model = models.get(code) or registry.create_model(work, code=code, name=row["model_name"] or code)
    commissioned = row["commissioned_on"]
    began = row["meter_from"] or (datetime.combine(commissioned, time(), UTC) if commissioned else now)
    if began > now:
        late = "meter_from" if row["meter_from"] else "commissioned_on"
        raise Invalid(FUTURE, errors=[{"field": late}])
    machine = registry.create_machine(
        work,
        model_id=model.id,
        serial_number=row["serial_number"],
        order_code=row["order_code"],
        product_year=row["product_year"],
        at=began,
    )
    registry.reconstruct_passport(
        work, machine.id, state=row["state"], commissioned_on=commissioned, note="Import", at=began
    )
    if row["operator"]:
        registry.set_party(work, machine.id, role=PartyRole.OPERATOR, organization_name=row["operator"], at=began)
    offset = row["life_hours"] if row["life_hours"] is not None else row["meter_display"]
    usage.fit_meter(work, machine.id, MeterKind.HOURS, began, row["meter_display"], None, offset)
    models[code] = model
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
    outcomes = ingest(work, wire, ReadingSource.FILE)
    taken.made += [("reading", number) for number in _entered_after(work, newest, rows)]
    for row, became in zip(rows, outcomes, strict=True):
        if became.outcome is Outcome.ACCEPTED:
            taken.added += 1
        elif became.outcome is Outcome.DUPLICATE:
            taken.unchanged += 1
        elif became.refusal is not None and became.refusal.code == "reading_voided":
            _count_again(work, taken, row)
        elif became.refusal is not None:
            name = READING_FIELDS.get(became.refusal.code, "display")
            taken.refuse(row, name, became.refusal.message, **became.refusal.params)
    return taken


READING_FIELDS = {
    "not_found": "machine",
    "ambiguous": "machine",
    "no_meter": "kind",
    "reading_in_future": "at",
    "reading_before_meter": "at",
}


def _entered_after(work: Work, newest: int, rows: Sequence[Parsed]) -> list[int]:
    """Return the readings this file wrote; of one that took the place of an estimate, the estimate's."""
    machines = [machine.id for machine in machines_of(work, rows).values() if machine]
    query = select(func.coalesce(Reading.corrects_id, Reading.id)).where(
        Reading.id > newest,
        Reading.actor_id == work.actor.user_id,
        Reading.source == ReadingSource.FILE,
        Reading.meter_id.in_(select(Meter.id).where(Meter.machine_id.in_(machines))),
    )
    return list(work.session.scalars(query.order_by(Reading.id)))


def _count_again(work: Work, taken: Taken, row: Parsed) -> None:
    """Let a reading that was withdrawn, by taking an import back for one, count again with the value of the row."""
    withdrawn = (
        select(Reading.id)
        .join(Meter, Meter.id == Reading.meter_id)
        .join(Machine, Machine.id == Meter.machine_id)
        .where(
            Machine.serial_number == row["machine"],
            holds_machine(work.actor, Machine.id),
            Meter.kind == row["kind"],
            Reading.at == row["at"],
            Reading.corrects_id.is_(None),
        )
    )
    with taken.row(work, row, "display"):
        number = work.session.scalars(withdrawn).one()
        usage.correct(work, number, row["display"], "Imported again")
        taken.add("reading", number)


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


Places = dict[tuple[int, str], Position]


def position_of(work: Work, places: Places, model_id: int, code: str, part: Part) -> Position:
    """Return the model's position of this code, made when it is new."""
    if (model_id, code) not in places:
        known = work.session.scalar(select(Position).where(Position.model_id == model_id, Position.code == code))
        if known is None:
            with work.attempt():
                known = registry.add_position(work, model_id, code=code, name=part.name, part_id=part.id)
        places[model_id, code] = known
    return places[model_id, code]


def take_components(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Record components and their stays, oldest first; a stay that is recorded stays as it is."""
    taken, machines, catalogue = Taken(), machines_of(work, rows), own_parts(work, rows, "part")
    for row in sorted(rows, key=lambda one: one["installed_at"]):
        machine = machine_in(taken, row, machines)
        part = named_part(taken, row, catalogue) if machine else None
        if machine and part:
            with taken.row(work, row, "serial_number"):
                _stay(work, taken, row, machine, part)
    return taken


def _stay(work: Work, taken: Taken, row: Parsed, machine: Machine, part: Part) -> None:
    position = position_of(work, {}, machine.model_id, row["position"] or part.number, part)
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
    taken.add("installation", stay.id)


MACHINES = Kind("machines", "Machines of your make, with their hour meter.", machine_fields, take_machines)
READINGS = Kind("readings", "Meter readings.", reading_fields, take_readings)
COMPONENTS = Kind("components", "Components and where they are or were installed.", component_fields, take_components)
