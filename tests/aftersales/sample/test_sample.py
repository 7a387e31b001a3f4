"""The sample fleet: the same every time, plausible, and true to every invariant."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from aftersales.access import SYSTEM
from aftersales.clock import FixedClock
from aftersales.db import Base
from aftersales.errors import Conflict
from aftersales.maintenance import queries as maintenance
from aftersales.models import (
    Certificate,
    Coverage,
    ExtensionOffer,
    FailureRecord,
    FaultReport,
    Machine,
    Passport,
    Reading,
    StockMove,
    User,
    WorkOrder,
)
from aftersales.operations import doctor
from aftersales.people import queries as people
from aftersales.people import service
from aftersales.sample.companies import PASSWORD, PEOPLE, Person
from aftersales.sample.history import simulate
from aftersales.sample.load import is_loaded, load
from aftersales.vocabulary import FaultState, MachineState, OfferState, OrderState
from aftersales.work import Workshop
from tests.conftest import NOON, settings_for

DAY = date(2026, 6, 1)
pytestmark = pytest.mark.xdist_group("sample")


@pytest.fixture(scope="module")
def sample(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("copy") / "sample"
    shutil.copytree(sample_folder, folder)
    shop = Workshop(settings_for(folder / "var", f"sqlite:///{folder / 'aftersales.db'}"), FixedClock(NOON))
    yield shop
    shop.engine.dispose()


def count(shop: Workshop, model: type[Base], *conditions: object) -> int:
    with shop.reading(SYSTEM) as work:
        query = select(func.count()).select_from(model).where(*conditions)  # type: ignore[arg-type] # SQL conditions
        return work.session.scalar(query) or 0


def test_the_same_day_gives_the_same_history() -> None:
    one, other = simulate(DAY), simulate(DAY)
    assert [(m.serial, m.operator, m.jobs) for m in one] == [(m.serial, m.operator, m.jobs) for m in other]
    assert all((a.daily == b.daily).all() for a, b in zip(one, other, strict=True))
    assert [m.serial for m in simulate(DAY, seed=21)] != [m.serial for m in one]


def test_nobody_works_on_a_machine_twice_at_once_and_hours_never_fall() -> None:
    for machine in simulate(DAY):
        assert all(
            later.at - earlier.at > timedelta(days=2)
            for earlier, later in zip(machine.jobs, machine.jobs[1:], strict=False)
        )
        hours = [job.hours for job in machine.jobs]
        assert hours == sorted(hours)
        assert machine.daily.min() >= 0
        assert machine.daily.max() <= 24


def test_every_invariant_holds(sample: Workshop) -> None:
    assert doctor.examine(sample) == []


def test_it_is_large_enough_to_look_around_in(sample: Workshop) -> None:
    assert count(sample, Machine) == 150
    assert count(sample, Machine, Machine.state == MachineState.IN_PRODUCTION) >= 3
    assert count(sample, Passport) == 143
    assert count(sample, Reading) > 5_000
    assert count(sample, FailureRecord) > 500
    assert count(sample, WorkOrder, WorkOrder.state == OrderState.CLOSED) > 1_000
    assert count(sample, StockMove) > 3_000
    assert count(sample, Certificate) > 20
    assert count(sample, Coverage) > 20


def test_there_is_work_for_today(sample: Workshop) -> None:
    open_states = (FaultState.REPORTED, FaultState.RECEIVED, FaultState.IN_PROGRESS)
    assert count(sample, FaultReport, FaultReport.state.in_(open_states)) >= 5
    assert count(sample, WorkOrder, WorkOrder.state == OrderState.IN_PROGRESS) >= 1
    assert count(sample, WorkOrder, WorkOrder.state == OrderState.PLANNED) >= 3
    assert count(sample, ExtensionOffer, ExtensionOffer.state == OfferState.OFFERED) >= 1
    with sample.reading(SYSTEM) as work:
        due = maintenance.due_for_fleet(work.session, work.actor, NOON.date())
    statuses = [task.status.value for task in due]
    assert 0 < statuses.count("overdue") < len(statuses) / 2


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.email)
def test_every_sample_person_can_sign_in(sample: Workshop, person: Person) -> None:
    with sample.transaction() as work:
        user = service.check_credentials(work, email=person.email, password=PASSWORD, address="::1")
    assert user is not None


def test_sample_sign_ins_work_on_marked_databases_only(sample: Workshop, sqlite_workshop: Workshop) -> None:
    with sqlite_workshop.transaction() as work:
        organization = service.create_organization(work, name="Real", kinds=[], country="HR")
        service.add_user(
            work,
            organization_id=organization.id,
            email="operator@velebit.example",
            full_name="Left over from a sample",
            role=PEOPLE[0].role,
            password=PASSWORD,
            is_sample=True,
        )
    with sqlite_workshop.transaction() as work:
        email = "operator@velebit.example"
        assert service.check_credentials(work, email=email, password=PASSWORD, address="::1") is None
        assert people.is_sample(work) is False
    assert is_loaded(sample)
    assert count(sample, User, User.is_sample.is_(False)) == 0


def test_it_is_not_loaded_over_anything_else(sample: Workshop) -> None:
    with pytest.raises(Conflict, match="not empty"):
        load(sample)
