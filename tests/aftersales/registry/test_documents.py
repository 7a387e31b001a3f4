"""Documents apply to models, serial ranges and machines; versions supersede; files are what they say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from aftersales.clock import FixedClock
from aftersales.errors import Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import Machine
from aftersales.registry import queries, service
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from tests.aftersales.registry import register

PDF = b"%PDF-1.7 manual"


def test_what_applies_to_a_machine_on_a_day(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world, serial="K9")
    with workshop.transaction(world.maker) as work:
        old = service.add_document(
            work,
            content=PDF,
            file_name="C:\\manuals\\old.pdf",
            kind="manual",
            title="Manual",
            language="hr",
            edition="1",
            model_id=world.model_id,
            valid_from=date(2025, 1, 1),
            public=True,
        )
        assert old.file_name == "old.pdf"
        new = service.add_document(
            work,
            content=PDF + b"2",
            file_name="new.pdf",
            kind="manual",
            title="Manual",
            language="hr",
            edition="2",
            model_id=world.model_id,
            valid_from=date(2026, 3, 1),
            supersedes_id=old.id,
            public=True,
        )
        with pytest.raises(RuleBroken, match="superseded already"):
            service.add_document(
                work,
                content=PDF,
                file_name="x.pdf",
                kind="manual",
                title="Manual",
                language="hr",
                model_id=world.model_id,
                supersedes_id=old.id,
            )
        later = service.add_document(
            work,
            content=PDF,
            file_name="k10.pdf",
            kind="safety",
            title="For later machines",
            language="en",
            model_id=world.model_id,
            serial_from="K10",
            valid_from=date(2025, 1, 1),
        )
    with workshop.reading(world.operator) as work:
        machine = work.session.get_one(Machine, machine_id)
        applying = queries.applying(work.session, machine, date(2026, 2, 28))
        assert [row.edition for row in applying] == ["1"]
        assert [row.id for row in queries.applying(work.session, machine, date(2026, 3, 1))] == [new.id]
        assert [row.id for row in queries.list_documents(work.session, world.operator)] == [old.id, new.id]
        assert service.read_document(work, new.id)[1] == PDF + b"2"
        with pytest.raises(NotFound):
            service.read_document(work, later.id)
        public = queries.public_document(work.session, machine.public_id, new.id, work.now)
        assert public.title == "Manual"
        with pytest.raises(NotFound):
            queries.public_document(work.session, machine.public_id, old.id, work.now)
    with workshop.reading(world.stranger) as work:
        assert queries.list_documents(work.session, world.stranger) == []
        with pytest.raises(NotFound):
            service.read_document(work, new.id)


def test_refusals(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world)

    def file(**changes: object) -> None:
        details: dict[str, object] = {
            "content": PDF,
            "file_name": "x.pdf",
            "kind": "manual",
            "title": "X",
            "language": "en",
            "machine_id": machine_id,
        }
        with workshop.transaction(world.partner) as work:
            service.add_document(work, **{**details, **changes})  # type: ignore[arg-type] # on purpose

    file()
    wrong: list[dict[str, object]] = [
        {"content": b"<script>"},
        {"content": b""},
        {"kind": "novel"},
        {"language": "xx"},
        {"machine_id": None},
        {"model_id": world.model_id},
        {"title": " "},
        {"serial_from": "9", "serial_to": "1"},
    ]
    for changes in wrong:
        with pytest.raises(Invalid):
            file(**changes)
    with pytest.raises(NotFound):
        file(machine_id=None, model_id=world.model_id)
    with workshop.transaction(replace(world.maker, role=Role.OPERATOR)) as work, pytest.raises(Forbidden):
        service.add_document(
            work, content=PDF, file_name="x", kind="manual", title="x", language="en", model_id=world.model_id
        )


def test_a_machine_document_is_seen_in_ones_time(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        service.transfer_ownership(work, machine_id, organization_name="Pijesak")
    clock.at += timedelta(days=1)
    with workshop.transaction(world.stranger) as work:
        row = service.add_document(
            work, content=PDF, file_name="x", kind="photo", title="x", language="en", machine_id=machine_id
        )
    with workshop.reading(world.operator) as work, pytest.raises(NotFound):
        service.read_document(work, row.id)
    with workshop.reading(world.maker) as work:
        assert service.read_document(work, row.id)[0].title == "x"
