"""Use-cases of the meter ledger: fit a meter, record, correct and withdraw readings, replace a display."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import Conflict, Invalid, NotFound, RuleBroken
from aftersales.models import Meter, MeterSegment, Reading
from aftersales.translate import N_
from aftersales.usage import loading
from aftersales.usage.rules import Ledger, Outcome, Refusal, Segment, Standing, decimal, micros, moment, thousandths
from aftersales.usage.rules.life import never_falls
from aftersales.vocabulary import MeterKind, ReadingKind, ReadingSource
from aftersales.work import Work

ZERO = Decimal(0)


def fit_meter(
    work: Work,
    machine_id: int,
    kind: MeterKind,
    at: datetime | None = None,
    first_display: Decimal = ZERO,
    rolls_over_at: Decimal | None = None,
    life_offset: Decimal = ZERO,
) -> Meter:
    """Fit a machine with a meter.

    :param at: moment it was fitted; earlier readings are refused.
    :param first_display: what it shows then.
    :param rolls_over_at: the value at which it starts again from zero, when it does.
    :param life_offset: the life the machine has by then.
    :raises Conflict: when the machine has a meter of this kind.
    """
    may_correct = work.actor.may(Permission.READING_CORRECT)
    require(work.actor, Permission.READING_CORRECT if may_correct else Permission.MACHINE_MANAGE)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    at = _past(work, at)
    if work.session.scalar(select(Meter.id).where(Meter.machine_id == machine.id, Meter.kind == kind)):
        raise Conflict(N_("The machine has a meter for %(kind)s already"), code="meter_exists", kind=kind)
    _check(first_display, rolls_over_at, life_offset)
    _check_range(first_display, rolls_over_at)
    meter = Meter(
        machine_id=machine.id,
        kind=kind,
        rolls_over_at=rolls_over_at,
        latest_at=at,
        latest_display=decimal(thousandths(first_display)),
        latest_life=decimal(thousandths(life_offset)),
    )
    work.session.add(meter)
    work.session.flush()
    limit = None if rolls_over_at is None else thousandths(rolls_over_at)
    _add_segment(work, meter, Segment(micros(at), thousandths(first_display), thousandths(life_offset), limit), "")
    return meter


def record(
    work: Work,
    machine_id: int,
    kind: MeterKind,
    at: datetime | None,
    display: Decimal,
    reading_kind: ReadingKind = ReadingKind.MEASURED,
    source: ReadingSource = ReadingSource.PERSON,
) -> Reading:
    """Record what a meter showed; the same reading once more is harmless and gives back the one there is.

    :param at: moment of the reading; ``None`` is now.
    :param reading_kind: measured or estimated.
    :raises RuleBroken: when it goes backwards, does not fit between its neighbours (named), runs faster than the clock
        or lies in the future.
    """
    require(work.actor, Permission.READING_ADD)
    visibility.machine(work.session, work.actor, machine_id, change=True)
    if reading_kind not in {ReadingKind.MEASURED, ReadingKind.ESTIMATED}:
        raise Invalid(N_("A reading is measured or estimated"))
    _check(display)
    meter = _meter(work, machine_id, kind)
    at = at or work.now
    estimated = reading_kind is ReadingKind.ESTIMATED
    appends = at > meter.latest_at and not meter.unsettled
    ledger = _newest(meter) if appends else loading.ledger(work.session, meter)
    verdict = ledger.place(micros(at), thousandths(display), estimated=estimated, now=micros(work.now))
    if verdict.refusal:
        refuse(verdict.refusal)
    if verdict.outcome is Outcome.DUPLICATE:
        return work.session.get_one(Reading, verdict.reading_id)
    kept = ReadingKind.CORRECTION if verdict.counters else reading_kind
    reading = _write(work, meter, at, display, kept, source, corrects_id=verdict.counters)
    standing = Standing(verdict.counters or reading.id, micros(at), thousandths(display), estimated)
    ledger.add(standing, counters=verdict.counters)
    _rebuild(meter, ledger)
    return reading


def correct(work: Work, reading_id: int, display: Decimal | None, reason: str) -> Reading:
    """Counter a reading: with the right value, or withdraw it (``None``). The reading itself stays in the ledger.

    Life is rebuilt. A withdrawn reading counts again once it is corrected to a value.

    :param reason: why, for everyone to see.
    :raises RuleBroken: when the new value does not fit, or nothing would change.
    """
    require(work.actor, Permission.READING_CORRECT)
    if not reason.strip():
        raise Invalid(N_("Say why the reading is corrected"), code="reason_missing")
    reading = visibility.get(
        work.session,
        Reading,
        reading_id,
        Reading.meter_id.in_(select(Meter.id).where(visibility.holds_machine(work.actor, Meter.machine_id))),
    )
    if reading.corrects_id is not None:
        raise RuleBroken(N_("This is a correction itself; correct the reading it belongs to"), code="is_correction")
    meter = visibility.get(work.session, Meter, reading.meter_id, lock=True)
    ledger = loading.ledger(work.session, meter)
    before = next(standing for standing in ledger.readings if standing.id == reading.id)
    if display is None:
        _withdraw(ledger, before)
    else:
        _check(display)
        _change(ledger, before, thousandths(display), micros(work.now))
    if not never_falls(ledger.points()):
        raise RuleBroken(
            N_("With this correction the life would fall where the display was replaced"), code="life_falls"
        )
    kind = ReadingKind.VOID if display is None else ReadingKind.CORRECTION
    value = reading.display if display is None else display
    counter = _write(work, meter, reading.at, value, kind, ReadingSource.PERSON, reading.id, reason.strip())
    _rebuild(meter, ledger)
    return counter


def withdraw_all(work: Work, reading_ids: Collection[int], reason: str) -> None:
    """Withdraw many readings, as :func:`correct` does one; each meter's life is rebuilt once.

    :raises RuleBroken: when one is withdrawn already or closes a display, or a later reading would go backwards.
    """
    require(work.actor, Permission.READING_CORRECT)
    held = select(Meter.id).where(visibility.holds_machine(work.actor, Meter.machine_id))
    wanted = set(reading_ids)
    found = {
        row.id: row.meter_id
        for some in loading.chunks(wanted)
        for row in work.session.scalars(select(Reading).where(Reading.id.in_(some), Reading.meter_id.in_(held)))
    }
    if set(found) != wanted:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    for meter_id in sorted(set(found.values())):
        meter = visibility.get(work.session, Meter, meter_id, lock=True)
        ledger = loading.ledger(work.session, meter)
        gone = [reading for reading in ledger.readings if reading.id in wanted]
        for reading in gone:
            _check_withdrawal(ledger, reading)
        kept = [replace(one, voided=True) if one.id in wanted else one for one in ledger.readings]
        ledger = Ledger(ledger.hours, ledger.segments, kept)
        later = [one for one in kept if gone and not one.voided and one.at > gone[0].at]
        if later:
            _fits(ledger, later[0])
        for reading in gone:
            at, display = moment(reading.at), decimal(reading.display)
            _write(work, meter, at, display, ReadingKind.VOID, ReadingSource.PERSON, reading.id, reason)
        _rebuild(meter, ledger)


def _withdraw(ledger: Ledger, before: Standing) -> None:
    _check_withdrawal(ledger, before)
    ledger.void(before.id)
    marks = [reading for reading in ledger.readings if not reading.voided and reading.at > before.at]
    if marks:
        _fits(ledger, marks[0])


def _check_withdrawal(ledger: Ledger, before: Standing) -> None:
    if before.voided:
        raise RuleBroken(N_("This reading is withdrawn already"), code="nothing_to_correct")
    if any(segment.started_at == before.at for segment in ledger.segments[1:]):
        raise RuleBroken(
            N_("This is the last value of a display that was replaced; correct it instead"), code="closes_display"
        )


def _fits(ledger: Ledger, reading: Standing) -> None:
    """Refuse when a reading went backwards against those before it, now that another is gone."""
    points = ledger.points()
    if not never_falls(points):
        message = N_("Without it the reading of %(at)s would go backwards; correct that one first")
        raise RuleBroken(message, code="life_falls", at=f"{moment(reading.at):%Y-%m-%d %H:%M} UTC")


def _change(ledger: Ledger, before: Standing, display: int, now: int) -> None:
    if display == before.display and not before.voided and not before.estimated:
        raise RuleBroken(N_("The reading says so already"), code="nothing_to_correct")
    ledger.remove(before.id)
    verdict = ledger.place(before.at, display, estimated=False, now=now, correcting=True)
    if verdict.refusal:
        refuse(verdict.refusal)
    ledger.add(Standing(before.id, before.at, display, estimated=False))


def replace_meter(
    work: Work,
    machine_id: int,
    kind: MeterKind,
    *,
    final_display: Decimal,
    at: datetime | None = None,
    first_display: Decimal = ZERO,
    final_estimated: bool = False,
    rolls_over_at: Decimal | None = None,
    life_offset: Decimal | None = None,
    reason: str = "",
) -> Meter:
    """Replace the display of a meter; the machine keeps its life.

    :param at: moment of the change; it may lie back, then readings since count on the new display.
    :param final_display: what the old display showed last; ``final_estimated`` when nobody could read it.
    :param first_display: what the new one shows first.
    :param life_offset: life at the change, when it is known better than from the old display.
    :raises RuleBroken: when a value does not fit, or a later reading would not fit any more (it is named).
    """
    require(work.actor, Permission.READING_CORRECT)
    visibility.machine(work.session, work.actor, machine_id, change=True)
    _check(final_display)
    _check(first_display, rolls_over_at, life_offset)
    _check_range(first_display, rolls_over_at)
    at = _past(work, at)
    meter = _meter(work, machine_id, kind)
    _close_display(work, meter, at, final_display, final_estimated)
    ledger = loading.ledger(work.session, meter)
    if any(segment.started_at >= micros(at) for segment in ledger.segments):
        raise RuleBroken(N_("The display was replaced later than that already"), code="replaced_later")
    offset = None if life_offset is None else thousandths(life_offset)
    limit = None if rolls_over_at is None else thousandths(rolls_over_at)
    segment = Segment(micros(at), thousandths(first_display), offset, limit)
    later = [reading for reading in ledger.readings if reading.at > micros(at) and not reading.voided]
    renewed = Ledger(ledger.hours, [*ledger.segments, segment], [r for r in ledger.readings if r not in later])
    for reading in later:
        verdict = renewed.place(reading.at, reading.display, estimated=reading.estimated, now=micros(work.now))
        if verdict.refusal:
            refuse(verdict.refusal)
        renewed.add(reading)
    if not never_falls(renewed.points()):
        raise RuleBroken(N_("The life at the change is less than the old display showed"), code="life_falls")
    _add_segment(work, meter, segment, reason)
    meter.rolls_over_at = rolls_over_at
    _rebuild(meter, renewed)
    return meter


def _close_display(work: Work, meter: Meter, at: datetime, display: Decimal, estimated: bool) -> None:
    """Record the last value of the display that goes; later readings, being of the new one, do not judge it."""
    ledger = loading.ledger(work.session, meter)
    for later in [reading for reading in ledger.readings if reading.at > micros(at) and not reading.voided]:
        ledger.remove(later.id)
    verdict = ledger.place(micros(at), thousandths(display), estimated=estimated, now=micros(work.now))
    if verdict.refusal:
        refuse(verdict.refusal)
    if verdict.outcome is Outcome.ACCEPTED:
        kind = ReadingKind.ESTIMATED if estimated else ReadingKind.MEASURED
        kept = ReadingKind.CORRECTION if verdict.counters else kind
        _write(work, meter, at, display, kept, ReadingSource.PERSON, verdict.counters)


def refuse(refusal: Refusal) -> NoReturn:
    """Raise a rule's refusal of one reading.

    :raises RuleBroken: always.
    """
    raise RuleBroken(refusal.message, code=refusal.code, **refusal.params)


def _meter(work: Work, machine_id: int, kind: MeterKind) -> Meter:
    query = select(Meter).where(Meter.machine_id == machine_id, Meter.kind == kind).with_for_update()
    meter = work.session.scalar(query.execution_options(populate_existing=True))
    if meter is None:
        raise NotFound(N_("The machine has no meter for %(kind)s"), code="no_meter", kind=kind)
    return meter


def _newest(meter: Meter) -> Ledger:
    """A ledger of the latest value alone: all that a newer reading is held against."""
    limit = None if meter.rolls_over_at is None else thousandths(meter.rolls_over_at)
    start = Segment(micros(meter.latest_at), thousandths(meter.latest_display), thousandths(meter.latest_life), limit)
    return Ledger(meter.kind is MeterKind.HOURS, [start], [])


def _rebuild(meter: Meter, ledger: Ledger) -> None:
    latest = ledger.points()[-1]
    meter.latest_at, meter.latest_display = moment(latest.at), decimal(latest.display)
    meter.latest_life, meter.latest_estimated = decimal(latest.life), latest.estimated
    meter.unsettled = ledger.unsettled(latest)


def _write(
    work: Work,
    meter: Meter,
    at: datetime,
    display: Decimal,
    kind: ReadingKind,
    source: ReadingSource,
    corrects_id: int | None = None,
    reason: str | None = None,
) -> Reading:
    reading = Reading(
        meter_id=meter.id,
        at=at,
        display=decimal(thousandths(display)),
        kind=kind,
        source=source,
        corrects_id=corrects_id,
        reason=reason,
        recorded_at=work.now,
        actor_id=work.actor.user_id,
    )
    work.session.add(reading)
    work.session.flush()
    facts = {"meter_id": meter.id, "at": at, "display": display, "kind": kind, "source": source}
    work.record("create", "reading", reading.id, **facts, corrects_id=corrects_id, reason=reason)
    return reading


def _add_segment(work: Work, meter: Meter, segment: Segment, reason: str) -> None:
    offset, limit = segment.life_offset, segment.rolls_over_at
    work.session.add(
        MeterSegment(
            meter_id=meter.id,
            started_at=moment(segment.started_at),
            first_display=decimal(segment.first_display),
            life_offset=None if offset is None else decimal(offset),
            rolls_over_at=None if limit is None else decimal(limit),
            reason=reason,
            actor_id=work.actor.user_id,
        )
    )
    work.session.flush()


def _past(work: Work, at: datetime | None) -> datetime:
    if at is not None and at > work.now:
        raise RuleBroken(N_("This lies in the future"), code="in_future")
    return at or work.now


def _check(*values: Decimal | None) -> None:
    """Refuse values no meter can show.

    :raises Invalid: naming the value.
    """
    for value in values:
        if value is not None:
            try:
                thousandths(value)
            except ValueError as error:
                message = N_("%(value)s is no meter value: from 0 up, at most three decimal places")
                raise Invalid(message, code="not_a_meter_value", value=value) from error


def _check_range(first_display: Decimal, rolls_over_at: Decimal | None) -> None:
    if rolls_over_at is not None and rolls_over_at <= first_display:
        message = N_("A display that starts again at %(limit)s cannot show %(first)s first")
        raise Invalid(message, code="display_over_range", limit=rolls_over_at, first=first_display)
