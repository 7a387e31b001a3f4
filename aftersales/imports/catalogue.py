"""Parts, stock and demand from files."""

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from aftersales.errors import DomainError
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, day, number, truth, whole, words
from aftersales.models import DemandRecord, Location, Part, StockMove
from aftersales.parts import service as parts
from aftersales.stock import service as stock
from aftersales.translate import N_
from aftersales.vocabulary import Condition, Criticality, LocationKind
from aftersales.work import Work

SOURCE = "file"


def part_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a parts file."""
    return (
        Field("number", words(80), True, help="part number"),
        Field("name", words(200), help="what it is; the number when empty"),
        Field("unit", words(10), default="pcs"),
        Field("price", number(4), default=Decimal(0)),
        Field("cost", number(4), default=Decimal(0)),
        Field("currency", words(3), default="EUR"),
        Field("lead_time_days", whole(0, 3650), default=30),
        Field("minimum_quantity", number(3), default=Decimal(1)),
        Field("multiple", number(3), default=Decimal(1)),
        Field("criticality", choice(Criticality), default=Criticality.ESSENTIAL),
        Field("serialised", truth, default=False),
        Field("own", truth, default=True),
        Field("maker", words(200)),
    )


def own_parts(work: Work, rows: Sequence[Parsed], name: str) -> dict[str, Part]:
    """Return the parts of the actor's own catalogue that rows name, by number."""
    numbers = sorted({row[name] for row in rows if row[name]})
    found: dict[str, Part] = {}
    for start in range(0, len(numbers), 500):
        query = select(Part).where(
            Part.organization_id == work.actor.organization, Part.number.in_(numbers[start : start + 500])
        )
        found |= {part.number: part for part in work.session.scalars(query)}
    return found


def take_parts(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Add parts that are not in the catalogue; those that are stay as they are."""
    taken, known = Taken(), own_parts(work, rows, "number")
    for row in rows:
        if row["number"] in known:
            taken.unchanged += 1
            continue
        values = {**row.values, "name": row["name"] or row["number"]}
        try:
            part = parts.create_part(work, parts.PartData(**values))
        except DomainError as error:
            taken.refuse(row, "number", error.message, **error.params)
            continue
        known[part.number] = part
        taken.made.append(("part", part.id))
        taken.added += 1
    return taken


def stock_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of an opening-stock file."""
    return (
        Field("part", words(80), True, help="part number"),
        Field("location", words(40), True, help="code of a warehouse; made when it is new"),
        Field("quantity", number(3), True),
        Field("condition", choice(Condition), default=Condition.NEW),
        Field("serial_number", words(80)),
        Field("unit_cost", number(4)),
        Field("reference", words(60), default="opening", help="tells one stock-taking from the next"),
    )


def take_stock(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Book opening stock; the same row under the same reference is booked once."""
    taken, catalogue = Taken(), own_parts(work, rows, "part")
    places = _locations(work, rows)
    booked = set(
        work.session.scalars(
            select(StockMove.source_key).where(
                StockMove.organization_id == work.actor.organization, StockMove.source_key.is_not(None)
            )
        )
    )
    for row in rows:
        part = catalogue.get(row["part"])
        key = ":".join(str(row[name] or "") for name in ("reference", "part", "location", "condition", "serial_number"))
        key = f"import:{hashlib.sha256(key.encode()).hexdigest()[:40]}"
        if part is None:
            taken.refuse(row, "part", N_("There is no such part in your catalogue"))
        elif key in booked:
            taken.unchanged += 1
        else:
            _book(work, taken, row, part, places[row["location"]], key)
            booked.add(key)
    return taken


def _book(work: Work, taken: Taken, row: Parsed, part: Part, location: Location, key: str) -> None:
    try:
        move = stock.receive(
            work,
            part_id=part.id,
            location_id=location.id,
            quantity=row["quantity"],
            condition=row["condition"],
            serial_number=row["serial_number"],
            origin=LocationKind.ADJUSTMENT,
            unit_cost=row["unit_cost"],
            source_key=key,
        )
    except DomainError as error:
        taken.refuse(row, "quantity", error.message, **error.params)
        return
    taken.made.append(("stock_move", move.id))
    taken.added += 1


def _locations(work: Work, rows: Sequence[Parsed]) -> dict[str, Location]:
    query = select(Location).where(Location.organization_id == work.actor.organization)
    known = {location.code: location for location in work.session.scalars(query)}
    for code in sorted({row["location"] for row in rows} - set(known)):
        known[code] = stock.create_location(work, code=code, name=code, kind=LocationKind.WAREHOUSE)
    return known


def demand_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a demand file in long form; a wide one has the months as columns."""
    return (
        Field("part", words(80), True, help="part number"),
        Field("period", day, True, help="first day of the month"),
        Field("quantity", number(3), help="empty means missing, not zero"),
    )


def take_demand(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Record demand by part and month; a month that is recorded already must say the same."""
    taken, catalogue = Taken(), own_parts(work, rows, "part")
    ids = [part.id for part in catalogue.values()]
    known: dict[tuple[int, date], Decimal | None] = {}
    for start in range(0, len(ids), 500):
        query = select(DemandRecord.part_id, DemandRecord.period, DemandRecord.quantity).where(
            DemandRecord.part_id.in_(ids[start : start + 500]), DemandRecord.source == SOURCE
        )
        known |= {(part_id, period): quantity for part_id, period, quantity in work.session.execute(query)}
    fresh: list[dict[str, object]] = []
    for row in rows:
        part = catalogue.get(row["part"])
        if part is None:
            taken.refuse(row, "part", N_("There is no such part in your catalogue"))
            continue
        key = (part.id, row["period"].replace(day=1))
        if key not in known:
            known[key] = row["quantity"]
            fresh.append({"part_id": key[0], "period": key[1], "quantity": row["quantity"], "source": SOURCE})
        elif known[key] == row["quantity"]:
            taken.unchanged += 1
        else:
            taken.refuse(row, "quantity", N_("This month is recorded with %(known)s already"), known=str(known[key]))
    if fresh:
        ids_made = work.session.scalars(insert(DemandRecord).returning(DemandRecord.id), fresh)
        taken.made += [("demand_record", number) for number in ids_made]
        digest = hashlib.sha256(repr(fresh).encode()).hexdigest()
        work.record("import", "demand_record", f"{len(fresh)} rows", sha256=digest)
    taken.added = len(fresh)
    return taken


PARTS = Kind("parts", "Parts of your own catalogue.", part_fields, take_parts)
STOCK = Kind("stock", "Opening stock by part and location.", stock_fields, take_stock)
DEMAND = Kind(
    "demand",
    "Demand by part and month: long (part, period, quantity) or wide (part, then a column for each month 2024-01…).",
    demand_fields,
    take_demand,
    wide="part",
)
