"""What has been written of the sample so far: numbers by name, and who acts."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from aftersales.access import Actor
from aftersales.clock import FixedClock
from aftersales.models import (
    ChecklistItem,
    Machine,
    Organization,
    Part,
    Position,
    ProgrammeTask,
    Site,
    TestCharacteristic,
    User,
)
from aftersales.people import queries as people
from aftersales.sample.history import SampleMachine
from aftersales.vocabulary import Role
from aftersales.work import Work


@dataclass
class Book:
    """Everything later steps of the loading need from earlier ones."""

    work: Work
    now: datetime
    organizations: dict[str, Organization] = field(default_factory=dict)
    sites: dict[str, list[Site]] = field(default_factory=dict)
    people: dict[tuple[str, Role], User] = field(default_factory=dict)
    engineers: dict[str, list[User]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    characteristics: dict[str, list[TestCharacteristic]] = field(default_factory=dict)
    tasks: dict[tuple[str, str], ProgrammeTask] = field(default_factory=dict)
    checks: dict[int, list[ChecklistItem]] = field(default_factory=dict)
    machines: list[tuple[SampleMachine, Machine]] = field(default_factory=list)
    extension_policy: int = 0

    def acting(self, company: str, role: Role, at: datetime | None = None) -> Work:
        """Return the same transaction as somebody of a company, at a moment of the simulated past."""
        user = self.people[company, role]
        return self.as_user(user, at)

    def as_user(self, user: User, at: datetime | None = None) -> Work:
        """Return the same transaction as a user, at a moment of the simulated past."""
        actor: Actor = people.actor_for(self.work, user)
        return replace(self.work, actor=actor, clock=FixedClock(at or self.now))


def decimal(value: float, places: int = 1) -> Decimal:
    """Return a simulated number as the exact one a display would show."""
    return Decimal(f"{value:.{places}f}")
