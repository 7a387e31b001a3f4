"""The meter ledger on both databases: what is accepted, refused, corrected; the latest value follows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from aftersales.access import Actor
from aftersales.errors import Conflict, DomainError, Forbidden, NotFound, RuleBroken
from aftersales.models import AuditEntry, Meter, Reading
from aftersales.usage import queries, service
from aftersales.vocabulary import MeterKind, ReadingKind
from aftersales.work import Work, Workshop
from tests.aftersales.usage.world import MAKER, OPERATOR, START, STRANGER, quarry
from tests.conftest import NOON

D = Decimal

HOURS = MeterKind.HOURS


def read(work: Work, day: float, display: str, kind: ReadingKind = ReadingKind.MEASURED) -> Reading:
    return service.record(work, 1, HOURS, START + timedelta(days=day), D(display), kind)


def latest(work: Work) -> tuple[float, D, D]:
    meter = work.session.scalars(select(Meter)).one()
    return (meter.latest_at - START) / timedelta(days=1), meter.latest_display, meter.latest_life


def life(work: Work, day: float) -> D | None:
    return queries.life_at(work.session, 1, HOURS, START + timedelta(days=day))


def test_readings_move_the_latest_value_and_twice_is_once(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(OPERATOR) as work:
        first = read(work, 10, "100.5")
        assert read(work, 10, "100.5").id == first.id
        read(work, 20, "180")
        assert latest(work) == (20, D("180"), D("180"))
        assert life(work, 15) == D("140.25")
        assert life(work, 30) == D("180")
        assert life(work, -1) is None
    with workshop.reading(OPERATOR) as work:
        assert len(work.session.scalars(select(Reading)).all()) == 2


def test_backwards_is_refused_naming_the_last_good_reading(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(OPERATOR) as work:
        read(work, 10, "100")
    with (
        pytest.raises(RuleBroken, match=r"the last good reading is 100 on 2025-05-07 12:00") as refused,
        workshop.transaction(OPERATOR) as work,
    ):
        read(work, 11, "99")
    assert refused.value.reason == "reading_backwards"


def test_a_late_reading_fits_between_or_is_refused_naming_both(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(OPERATOR) as work:
        read(work, 10, "100")
        read(work, 30, "300")
        read(work, 20, "150")
        assert latest(work) == (30, D("300"), D("300"))
    with (
        pytest.raises(RuleBroken, match=r"does not fit between 100 on .*05-07.* and 150 on .*05-17") as refused,
        workshop.transaction(OPERATOR) as work,
    ):
        read(work, 15, "160")
    assert refused.value.reason == "reading_not_between"


REFUSALS = [(1, "26", "reading_jumps"), (401, "5", "reading_in_future"), (-2, "0", "reading_before_meter")]


@pytest.mark.parametrize(("day", "display", "code"), REFUSALS)
def test_what_cannot_be_is_refused(workshop: Workshop, day: float, display: str, code: str) -> None:
    quarry(workshop)
    with pytest.raises(RuleBroken) as refused, workshop.transaction(OPERATOR) as work:
        read(work, day, display)
    assert refused.value.reason == code


def test_another_value_at_the_same_moment_is_a_conflict(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(OPERATOR) as work:
        read(work, 10, "100")
        read(work, 20, "150")
    with pytest.raises(RuleBroken) as refused, workshop.transaction(OPERATOR) as work:
        read(work, 10, "101")
    assert refused.value.reason == "reading_conflict"


def test_rollover_keeps_life(workshop: Workshop) -> None:
    quarry(workshop, rolls_over_at=D(1000))
    with workshop.transaction(OPERATOR) as work:
        read(work, 50, "960")
        read(work, 55, "20")
        assert latest(work) == (55, D("20"), D("1020"))
    with pytest.raises(RuleBroken) as refused, workshop.transaction(OPERATOR) as work:
        read(work, 60, "1000")
    assert refused.value.reason == "display_over_range"


def test_a_replaced_display_keeps_life_even_when_told_late(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(MAKER) as work:
        read(work, 100, "1000")
        at = START + timedelta(days=110)
        service.replace_meter(work, 1, HOURS, final_display=D(1040), first_display=D(7), at=at, reason="glass broken")
        assert latest(work) == (110, D("7"), D("1040"))
        read(work, 120, "57")
        assert latest(work) == (120, D("57"), D("1090"))
        final = work.session.scalars(select(Reading).where(Reading.at == at)).one()
        service.correct(work, final.id, D(1060), "misread")
        assert latest(work) == (120, D("57"), D("1110"))
        read(work, 105, "1020")
    with pytest.raises(RuleBroken) as refused, workshop.transaction(MAKER) as work:
        service.correct(work, final.id, None, "never was")
    assert refused.value.reason == "closes_display"
    with pytest.raises(RuleBroken) as refused, workshop.transaction(MAKER) as work:
        service.replace_meter(work, 1, HOURS, final_display=D(1050), at=START + timedelta(days=108))
    assert refused.value.reason == "replaced_later"


def test_corrections_and_withdrawals_rebuild_life(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(MAKER) as work:
        read(work, 10, "100")
        wrong = read(work, 60, "1200")
        assert service.correct(work, wrong.id, D(200), "a zero too many").kind is ReadingKind.CORRECTION
        assert latest(work) == (60, D("200"), D("200"))
        service.correct(work, wrong.id, None, "of another machine")
        assert latest(work) == (10, D("100"), D("100"))
        with pytest.raises(RuleBroken) as refused:
            read(work, 60, "210")
        assert refused.value.reason == "reading_voided"
        service.correct(work, wrong.id, D(210), "it was this one after all")
        assert latest(work) == (60, D("210"), D("210"))
        read(work, 70, "260")
        with pytest.raises(RuleBroken) as refused:
            service.correct(work, wrong.id, D(300), "too much")
        assert refused.value.reason == "reading_not_between"
        assert [row.kind.value for row in work.session.scalars(select(Reading).order_by(Reading.id))] == [
            "measured",
            "measured",
            "correction",
            "void",
            "correction",
            "measured",
        ]
    with workshop.reading(MAKER) as work:
        entries = work.session.scalars(select(AuditEntry).where(AuditEntry.object_type == "reading")).all()
        assert len(entries) == 6
        assert '"reason":"of another machine"' in entries[3].changes


def test_an_estimate_never_blocks_a_measured_value(workshop: Workshop) -> None:
    quarry(workshop)
    with workshop.transaction(OPERATOR) as work:
        read(work, 10, "100")
        read(work, 20, "180", ReadingKind.ESTIMATED)
        read(work, 30, "150")
        assert latest(work) == (30, D("150"), D("150"))
        assert life(work, 20) == D("125")
        read(work, 40, "200", ReadingKind.ESTIMATED)
        assert latest(work) == (40, D("200"), D("200"))
        assert read(work, 40, "190").kind is ReadingKind.CORRECTION
        assert latest(work) == (40, D("190"), D("190"))
        read(work, 50, "230", ReadingKind.ESTIMATED)
        read(work, 45, "240")
        assert latest(work) == (45, D("240"), D("240"))
        read(work, 50, "250")
        assert latest(work) == (50, D("250"), D("250"))
    with pytest.raises(DomainError) as refused, workshop.transaction(OPERATOR) as work:
        read(work, 60, "240", ReadingKind.ESTIMATED)
    assert refused.value.reason == "reading_backwards"


def test_a_machine_has_one_meter_of_a_kind(workshop: Workshop) -> None:
    quarry(workshop)
    with pytest.raises(Conflict), workshop.transaction(MAKER) as work:
        service.fit_meter(work, 1, HOURS, NOON)
    with pytest.raises(NotFound), workshop.transaction(MAKER) as work:
        service.record(work, 1, MeterKind.CYCLES, NOON, D(1))


@pytest.mark.parametrize(("actor", "refusal"), [(STRANGER, NotFound), (Actor(), Forbidden)])
def test_others_change_nothing(workshop: Workshop, actor: Actor, refusal: type[DomainError]) -> None:
    quarry(workshop)
    with workshop.transaction(MAKER) as work:
        reading = read(work, 10, "100")
    with pytest.raises(refusal), workshop.transaction(actor) as work:
        read(work, 11, "110")
    with pytest.raises(refusal), workshop.transaction(actor) as work:
        service.correct(work, reading.id, D(1), "mine now")
    with pytest.raises(refusal), workshop.transaction(actor) as work:
        service.fit_meter(work, 1, MeterKind.CYCLES)
    with pytest.raises(refusal), workshop.transaction(actor) as work:
        service.replace_meter(work, 1, HOURS, final_display=D(100))
    with pytest.raises(refusal), workshop.reading(actor) as work:
        queries.meters(work.session, actor, 1)
