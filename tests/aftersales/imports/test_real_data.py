"""Public data sets brought in as a planner would: a fleet of 100 machines with its history, and a parts history."""

import csv
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice

import numpy as np
import pytest
from sqlalchemy import func, select

from aftersales.imports import service
from aftersales.imports.mapping import Source
from aftersales.imports.service import Result
from aftersales.models import FailureRecord, FaultReport, ForecastLine, ForecastRun, Installation, Machine, Part
from aftersales.operations import doctor
from aftersales.planning.service import run_forecast
from aftersales.reliability import queries
from aftersales.reliability.rules import together
from aftersales.vocabulary import OrganizationKind, RemovalReason
from aftersales.work import Workshop
from tests.aftersales.trade_world import join
from tests.forecasting.data import path_of

START, END = datetime(2020, 1, 1, 6, tzinfo=UTC), datetime(2021, 1, 1, 6, tzinfo=UTC)
HOURS = 8784


class Fleet:
    """The maker of the 100 machines and what he does with files."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop
        with shop.transaction() as work:
            self.actor = join(work, "Maker of a hundred machines", OrganizationKind.MANUFACTURER)

    def take(self, kind: str, content: bytes, **sources: str) -> Result:
        """Import a file; ``name="column"`` maps a field, ``name="=value"`` sets it."""
        given = {
            name: Source(value=source[1:]) if source.startswith("=") else Source(column=source)
            for name, source in sources.items()
        }
        with self.shop.transaction(self.actor) as work:
            return service.take(work, kind=kind, file_name=f"{kind}.csv", content=content, given=given)


def rows(name: str) -> list[dict[str, str]]:
    with path_of(name).open(newline="") as file:
        return list(csv.DictReader(file))


def bring_in(fleet: Fleet) -> list[tuple[int, int]]:
    """Import the fleet in the order of the guide and return rows added and unchanged of each file."""
    parts = "number,name\n" + "".join(f"comp{number},Component {number}\n" for number in range(1, 5))
    readings = "machine,at,display\n" + "".join(
        f"{machine},2020-01-01 06:00,5136\n{machine},2021-01-01 06:00,{5136 + HOURS}\n" for machine in range(1, 101)
    )
    files = {name: path_of(f"PdM_{name}.csv").read_bytes() for name in ("machines", "failures", "maint", "errors")}
    results = (
        fleet.take("parts", parts.encode(), serialised="=yes"),
        fleet.take("machines", files["machines"], serial_number="machineID", commissioned_on="=2019-06-01"),
        fleet.take("readings", readings.encode()),
        fleet.take("failures", files["failures"], machine="machineID", part="failure", at="datetime"),
        fleet.take("replacements", files["maint"], machine="machineID", part="comp", at="datetime"),
        fleet.take("faults", files["errors"], machine="machineID", error_code="errorID", at="datetime"),
    )
    assert [result.problems for result in results] == [[]] * len(results)
    return [(result.added, result.unchanged) for result in results]


def test_a_fleet_of_a_hundred_machines_with_its_year(sqlite_workshop: Workshop) -> None:
    failures, replacements = rows("PdM_failures.csv"), rows("PdM_maint.csv")
    fleet = Fleet(sqlite_workshop)
    expected = [4, 100, 200, 761, 3286, 3919]
    assert bring_in(fleet) == [(count, 0) for count in expected]
    assert bring_in(fleet) == [(0, count) for count in expected]
    assert doctor.examine(sqlite_workshop) == []

    with sqlite_workshop.reading(fleet.actor) as work:
        count = {
            table: work.session.scalar(select(func.count()).select_from(table))
            for table in (Machine, FailureRecord, Installation, FaultReport)
        }
        reasons = Counter(work.session.scalars(select(Installation.removal_reason)))
        figures = queries.by_machine(work.session, fleet.actor, START, END)
    assert count == {Machine: 100, FailureRecord: 761, Installation: 3286, FaultReport: 3919}

    places = {(row["machineID"], row["comp"]) for row in replacements}
    first = {
        place: min(r["datetime"] for r in replacements if (r["machineID"], r["comp"]) == place) for place in places
    }
    mended = {(row["datetime"], row["machineID"], row["failure"]) for row in failures} & {
        (row["datetime"], row["machineID"], row["comp"])
        for row in replacements
        if row["datetime"] > first[row["machineID"], row["comp"]]
    }
    assert reasons[None] == len(places)
    assert reasons[RemovalReason.FAILURE] == len(mended)
    assert reasons[RemovalReason.PLANNED] == 3286 - len(places) - len(mended)

    within = Counter(row["machineID"] for row in failures if "2020-01-01 06" <= row["datetime"] < "2021-01-01 06")
    found = {one.serial_number: one.figures for one in figures}
    assert len(found) == 100
    for serial, one in found.items():
        assert (one.failures, one.operating_hours) == (within[serial], Decimal(HOURS))
        assert one.mtbf == (Decimal(HOURS) / within[serial] if within[serial] else None)
    assert together(list(found.values())).mtbf == Decimal(100 * HOURS) / within.total()
    assert 1100 < 100 * HOURS / within.total() < 1200


def test_a_parts_history_is_forecast_from(sqlite_workshop: Workshop) -> None:
    with path_of("carparts.csv").open(newline="") as file:
        header, *some = list(islice(csv.reader(file), 121))
    fleet = Fleet(sqlite_workshop)
    fleet.take("parts", ("part_id\n" + "".join(f"{row[0]}\n" for row in some)).encode(), number="part_id")
    wide = "\n".join(",".join(row) for row in [header, *some]).encode()
    result = fleet.take("demand", wide, part="part_id")
    assert (result.added, result.problems) == (120 * (len(header) - 1), [])
    again = fleet.take("demand", wide, part="part_id")
    assert (again.added, again.unchanged) == (0, result.added)

    run_id = run_forecast(sqlite_workshop, fleet.actor, horizon=6)
    with sqlite_workshop.reading(fleet.actor) as work:
        run = work.session.get_one(ForecastRun, run_id)
        lines = list(work.session.scalars(select(ForecastLine).where(ForecastLine.run_id == run.id)))
        numbers = {part.id: part.number for part in work.session.scalars(select(Part))}
    assert run.origin.isoformat()[:7] > header[-1]
    assert {numbers[line.part_id] for line in lines} >= {row[0] for row in some}
    for line in lines:
        assert len(line.mean) == 6
        assert np.isfinite(line.mean).all()
        assert min(line.mean) >= 0
    sold = sum(float(cell or 0) for row in some for cell in row[1:])
    forecast = sum(float(np.mean(line.mean)) for line in lines)
    assert forecast == pytest.approx(sold / (len(header) - 1), rel=0.6)
