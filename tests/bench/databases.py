"""Databases, machines and readings to measure on: SQLite in a temporary directory, PostgreSQL where a URL is given."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from aftersales import migrations
from aftersales.access import Actor
from aftersales.clock import FixedClock
from aftersales.db import engine_for
from aftersales.models import Machine, MachineModel, MachineParty, Meter, MeterSegment, Organization, Site, User
from aftersales.settings import Settings
from aftersales.vocabulary import MachineState, MeterKind, OrganizationKind, PartyRole, Role
from aftersales.work import Work, Workshop

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OPERATOR = Actor(
    organization_id=2, user_id=1, role=Role.ADMIN, kinds=frozenset({OrganizationKind.OPERATOR}), name="bench"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A measured ratio against its target."""

    name: str
    measured: float
    target: float
    at_most: bool = False

    def __str__(self) -> str:
        met = self.measured <= self.target if self.at_most else self.measured >= self.target
        sign = "≤" if self.at_most else "≥"
        return f"{self.name:<64} {self.measured:6.2f}  target {sign} {self.target:4.2f}  {'met' if met else 'NOT met'}"


@contextmanager
def workshops() -> Iterator[list[Workshop]]:
    """Give a fresh workshop per database, and take the databases away afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        shops = [_workshop(Path(folder), f"sqlite:///{folder}/bench.db")]
        server = os.environ.get("AFTERSALES_TEST_POSTGRES_URL", "")
        name = f"aftersales_bench_{uuid4().hex[:12]}"
        if server:
            _on_server(server, f"CREATE DATABASE {name}")
            url = make_url(server).set(database=name).render_as_string(hide_password=False)
            shops.append(_workshop(Path(folder), url))
        else:
            print("AFTERSALES_TEST_POSTGRES_URL is not set: not measured on PostgreSQL")
        try:
            yield shops
        finally:
            for shop in shops:
                shop.engine.dispose()
            if server:
                _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _workshop(folder: Path, url: str) -> Workshop:
    engine = engine_for(url)
    migrations.upgrade(engine)
    engine.dispose()
    settings = Settings(var=folder / uuid4().hex, database_url=url, public_url="https://service.example.com")
    return Workshop(settings, FixedClock(NOW))


def _on_server(server: str, statement: str) -> None:
    engine = engine_for(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def fleet(work: Work, machines: int, first: int = 1) -> None:
    """Add machines ``first`` … ``first + machines - 1`` with an hours meter each, and two organisations if need be."""
    session = work.session
    if first == 1:
        for name, kind in (("Maker", "manufacturer"), ("Quarry", "operator")):
            session.add(Organization(name=name, kinds=[kind], country="HR", created_at=START))
        session.flush()
        session.add(User(organization_id=2, role=Role.ADMIN, full_name="Bench", created_at=START))
        session.add(Site(organization_id=2, name="Pit"))
        session.add(MachineModel(manufacturer_id=1, code="M1", name="Loader"))
        session.flush()
    numbers = range(first, first + machines)
    session.execute(
        insert(Machine),
        [
            {
                "id": number,
                "public_id": f"bench{number:012d}",
                "manufacturer_id": 1,
                "model_id": 1,
                "serial_number": f"B-{number}",
                "state": MachineState.IN_OPERATION,
                "site_id": 1,
                "created_at": START,
            }
            for number in numbers
        ],
    )
    session.execute(
        insert(MachineParty),
        [
            {"machine_id": number, "organization_id": organization, "role": role, "valid_from": START}
            for number in numbers
            for organization, role in ((1, PartyRole.MANUFACTURER), (2, PartyRole.OPERATOR))
        ],
    )
    latest = {"latest_at": START, "latest_display": Decimal(0), "latest_life": Decimal(0)}
    session.execute(
        insert(Meter), [{"id": number, "machine_id": number, "kind": MeterKind.HOURS} | latest for number in numbers]
    )
    zero = {"started_at": START, "first_display": Decimal(0), "life_offset": Decimal(0)}
    session.execute(insert(MeterSegment), [{"meter_id": number} | zero for number in numbers])


def at_hour(hour: float) -> datetime:
    """A moment so many hours after the start."""
    return START + timedelta(hours=hour)
