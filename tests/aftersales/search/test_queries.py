"""The search finds by pieces, best first, and nothing that is not the asker's."""

from datetime import timedelta

import pytest

from aftersales.models import Certificate, FaultReport, WorkOrder
from aftersales.search.queries import HitKind, search
from aftersales.vocabulary import CertificateKind, Channel, FailureMode, OrderKind, Role
from aftersales.work import Work, Workshop
from tests.world import EPOCH, World, build_world


@pytest.fixture
def world(workshop: Workshop) -> World:
    world = build_world(workshop)
    with workshop.transaction(world.actor("partner", Role.ADMIN)) as work:
        for serial in ("M1", "M2"):
            _history(work, world, serial)
    return world


def _history(work: Work, world: World, serial: str) -> None:
    owner = world.organizations["partner" if serial == "M1" else "maker"]
    machine, later = world.machines[serial], EPOCH + timedelta(days=30)
    order = WorkOrder(
        organization_id=owner,
        number=f"SO-{serial}",
        kind=OrderKind.REPAIR,
        machine_id=machine,
        title="Pump replaced",
        opened_at=later,
    )
    report = FaultReport(
        public_id=f"fault-{serial}-00",
        machine_id=machine,
        channel=Channel.PAGE,
        mode=FailureMode.NOI,
        stands_still=False,
        text=f"squeals 100% on {serial}",
        reported_at=later,
    )
    paper = Certificate(
        public_id=f"paper-{serial}-00",
        issuer_id=owner,
        series="SC",
        year=2024,
        sequence=machine,
        number=f"SC-2024-{serial}",
        kind=CertificateKind.SERVICE,
        machine_id=machine,
        language="en",
        content={},
        content_hash="0" * 64,
        issued_at=later,
    )
    work.session.add_all([order, report, paper])


def _titles(workshop: Workshop, world: World, organization: str, words: str, role: Role = Role.ADMIN) -> set[str]:
    actor = world.actor(organization, role)
    with workshop.reading(actor) as work:
        return {f"{hit.kind}:{hit.title}" for hit in search(work.session, actor, words)}


def test_a_piece_finds_every_kind(workshop: Workshop, world: World) -> None:
    assert _titles(workshop, world, "quarry", "m1") == {"machine:M1", "work_order:SO-M1", "certificate:SC-2024-M1"} | {
        f"fault:#{number}" for number in _fault_ids(workshop, world, "quarry")
    }
    assert _titles(workshop, world, "quarry", "squeal")
    assert "person:quarry planner" in _titles(workshop, world, "quarry", "PLANNER@")
    assert "part:HP-100" in _titles(workshop, world, "quarry", "hp-1")


def _fault_ids(workshop: Workshop, world: World, organization: str) -> list[int]:
    actor = world.actor(organization, Role.ADMIN)
    with workshop.reading(actor) as work:
        return [hit.id for hit in search(work.session, actor, "squeals") if hit.kind is HitKind.FAULT]


@pytest.mark.parametrize("organization", ["mine", "supplier"])
@pytest.mark.parametrize("words", ["m1", "so-m1", "sc-2024-m1", "squeals 100% on m1", "quarry"])
def test_nothing_of_others_is_found(workshop: Workshop, world: World, organization: str, words: str) -> None:
    assert _titles(workshop, world, organization, words) == set()


def test_a_role_finds_what_it_may_read(workshop: Workshop, world: World) -> None:
    kinds = {title.split(":")[0] for title in _titles(workshop, world, "quarry", "quarry", Role.OPERATOR)}
    assert kinds == set()
    assert "part:HP-100" not in _titles(workshop, world, "quarry", "hp-100", Role.OPERATOR)


def test_signs_of_the_database_mean_nothing(workshop: Workshop, world: World) -> None:
    assert _titles(workshop, world, "quarry", "%%") == set()
    assert _titles(workshop, world, "quarry", "__") == set()
    assert _titles(workshop, world, "quarry", "100%")
    assert _titles(workshop, world, "quarry", "m") == set()
    assert _titles(workshop, world, "quarry", "#99999999999999999999") == set()


def test_the_exact_name_comes_first(workshop: Workshop, world: World) -> None:
    actor = world.actor("maker", Role.ADMIN)
    with workshop.reading(actor) as work:
        titles = [hit.title for hit in search(work.session, actor, "crusher") if hit.kind is HitKind.MACHINE]
        assert titles == ["M1", "M2", "M3"]
        assert search(work.session, actor, "M2")[0].title == "M2"
        assert len(search(work.session, actor, "crusher", limit=1)) == 1
