"""Parts, stock and demand from files."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import exists, insert, select

from aftersales.errors import Invalid
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, month, number, truth, whole, words
from aftersales.models import DemandRecord, ImportedRow, ImportRun, Location, Part, StockMove
from aftersales.parts import service as parts
from aftersales.stock import service as stock
from aftersales.translate import N_
from aftersales.vocabulary import Condition, Criticality, LocationKind
from aftersales.work import Work

SOURCE = "file"
NO_PART = N_("There is no such part in your catalogue")


def currency(text: str) -> str:
    """Read a currency's three letters."""
    if not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise Invalid(N_("Not a currency such as EUR"))
    return text.upper()


def part_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a parts file."""
    return (
        Field("number", words(80), True, help="part number"),
        Field("name", words(200), help="what it is; the number when empty"),
        Field("unit", words(10), default="pcs"),
        Field("price", number(4), default=Decimal(0)),
        Field("cost", number(4), default=Decimal(0)),
        Field("currency", currency, default="EUR"),
        Field("lead_time_days", whole(0, 3650), default=30),
        Field("minimum_quantity", number(3), default=Decimal(1)),
        Field("multiple", number(3), default=Decimal(1)),
        Field("criticality", choice(Criticality), default=Criticality.ESSENTIAL),
        Field("serialised", truth, default=False, help="each unit has a serial number"),
        Field("whole_units", truth, default=True, help="no: it comes in fractions, as oil does"),
        Field("repairable", truth, default=False),
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
            if known[row["number"]].ended_at is None:
                taken.unchanged += 1
            else:
                taken.refuse(row, "number", N_("This part was taken out of use"))
            continue
        values = {**row.values, "name": row["name"] or row["number"]}
        with taken.row(work, row, "number"):
            part = known[row["number"]] = parts.create_part(work, parts.PartData(**values))
            taken.add("part", part.id)
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


STOCK_KEY = ("reference", "part", "location", "condition", "serial_number")


def take_stock(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Book opening stock; the same row under the same reference is booked once."""
    taken, catalogue = Taken(), own_parts(work, rows, "part")
    query = select(Location).where(Location.organization_id == work.actor.organization)
    places = {location.code: location for location in work.session.scalars(query)}
    booked, undone = _booked(work)
    seen: dict[str, int] = {}
    for row in rows:
        key = _key(row)
        if row["part"] not in catalogue:
            taken.refuse(row, "part", NO_PART)
        elif key in seen:
            taken.refuse(
                row,
                "quantity",
                N_("Row %(first)s has the same part, location and condition: add the two"),
                first=seen[key],
            )
        elif key not in booked:
            seen[key] = row.number
            with taken.row(work, row, "quantity"):
                move = _book(work, row, catalogue[row["part"]], places, f"{key}:{undone[key]}" if undone[key] else key)
                taken.add("stock_move", move.id)
        elif booked[key] == row["quantity"]:
            seen[key] = row.number
            taken.unchanged += 1
        else:
            seen[key] = row.number
            message = N_("Under this reference %(known)s are booked already; give another reference, or count")
            taken.refuse(row, "quantity", message, known=str(booked[key]))
    return taken


def _key(row: Parsed) -> str:
    digest = hashlib.sha256("\x1f".join(str(row[name] or "") for name in STOCK_KEY).encode()).hexdigest()
    return f"import:{digest[:40]}"


def _booked(work: Work) -> tuple[dict[str, Decimal], "Counter[str]"]:
    """Return the quantity each imported row stands for, and how often a row was taken back."""
    undone = exists().where(
        ImportedRow.object_type == "stock_move",
        ImportedRow.object_id == StockMove.id,
        ImportedRow.import_id == ImportRun.id,
        ImportRun.undone_at.is_not(None),
    )
    query = select(StockMove.source_key, StockMove.quantity, undone).where(
        StockMove.organization_id == work.actor.organization,
        StockMove.source_key.startswith("import:", autoescape=True),
    )
    booked: dict[str, Decimal] = {}
    gone: Counter[str] = Counter()
    for key, quantity, was_undone in work.session.execute(query):
        base = ":".join(str(key).split(":")[:2])
        if was_undone:
            gone[base] += 1
        else:
            booked[base] = quantity
    return booked, gone


def _book(work: Work, row: Parsed, part: Part, places: dict[str, Location], key: str) -> StockMove:
    code = row["location"]
    location = places.get(code) or stock.create_location(work, code=code, name=code, kind=LocationKind.WAREHOUSE)
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
    places[code] = location
    return move


def demand_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a demand file in long form; a wide one has the months as columns."""
    return (
        Field("part", words(80), True, help="part number"),
        Field("period", month, True, help="month, such as 2026-03"),
        Field("quantity", number(3), help="empty means missing, not zero"),
    )


def take_demand(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Record demand by part and month; a month that is recorded already must say the same."""
    taken, catalogue = Taken(), own_parts(work, rows, "part")
    known = _known_demand(work, [part.id for part in catalogue.values()])
    seen: dict[tuple[int, date], int] = {}
    fresh: list[dict[str, object]] = []
    for row in rows:
        part = catalogue.get(row["part"])
        if part is None:
            taken.refuse(row, "part", NO_PART)
            continue
        key = (part.id, row["period"])
        if key in seen:
            taken.refuse(
                row, "period", N_("Row %(first)s has this part and month already: add the two"), first=seen[key]
            )
            continue
        seen[key] = row.number
        if key not in known:
            fresh.append({"part_id": key[0], "period": key[1], "quantity": row["quantity"], "source": SOURCE})
        elif known[key] == row["quantity"]:
            taken.unchanged += 1
        else:
            was = "missing" if known[key] is None else str(known[key])
            taken.refuse(row, "quantity", N_("This month is recorded already, as %(known)s"), known=was)
    _write_demand(work, taken, fresh)
    return taken


def _known_demand(work: Work, ids: Sequence[int]) -> dict[tuple[int, date], Decimal | None]:
    known: dict[tuple[int, date], Decimal | None] = {}
    for start in range(0, len(ids), 500):
        query = select(DemandRecord.part_id, DemandRecord.period, DemandRecord.quantity).where(
            DemandRecord.part_id.in_(ids[start : start + 500]), DemandRecord.source == SOURCE
        )
        known |= {(part_id, period): quantity for part_id, period, quantity in work.session.execute(query)}
    return known


def _write_demand(work: Work, taken: Taken, fresh: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(fresh), 5000):
        made = work.session.scalars(insert(DemandRecord).returning(DemandRecord.id), fresh[start : start + 5000])
        for record_id in made:
            taken.add("demand_record", record_id)
    if fresh:
        digest = hashlib.sha256(repr(fresh).encode()).hexdigest()
        work.record("import", "demand_record", f"{len(fresh)} rows", sha256=digest)


PARTS = Kind("parts", "Parts of your own catalogue.", part_fields, take_parts)
STOCK = Kind("stock", "Opening stock by part and location.", stock_fields, take_stock)
DEMAND = Kind(
    "demand",
    "Demand by part and month: long (part, period, quantity) or wide (part, then a column for each month 2024-01…).",
    demand_fields,
    take_demand,
    wide="part",
)
