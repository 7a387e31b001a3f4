"""Meters: the life curve never falls, and the latest value follows the ledger."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import aliased

from aftersales.models import Meter, MeterSegment, Reading
from aftersales.usage import loading
from aftersales.usage.rules import life
from aftersales.usage.rules.scale import thousandths
from aftersales.work import Work

CHUNK = 200


def curves(work: Work) -> Iterator[str]:
    """Recompute each meter's life from its ledger and compare."""
    meters = list(work.session.scalars(select(Meter).order_by(Meter.id)))
    for start in range(0, len(meters), CHUNK):
        some = meters[start : start + CHUNK]
        ledgers = loading.ledgers(work.session, {meter.id: meter.kind for meter in some})
        for meter in some:
            ledger = ledgers[meter.id]
            points = life.curve(ledger.hours, ledger.segments, ledger.readings)
            if not life.never_falls(points):
                yield f"meter {meter.id}: life falls"
            latest = None if meter.latest_life is None else thousandths(meter.latest_life)
            if points and latest != points[-1].life:
                yield f"meter {meter.id}: latest life {meter.latest_life}, the ledger says {points[-1].life / 1000}"


def counter_entries(work: Work) -> Iterator[str]:
    """Check that corrections counter a reading of their own meter, and that every meter has a display."""
    countered = aliased(Reading)
    query = select(Reading.id).join(countered, countered.id == Reading.corrects_id)
    for number in work.session.scalars(query.where(countered.meter_id != Reading.meter_id)):
        yield f"reading {number} counters a reading of another meter"
    displays = select(MeterSegment.meter_id)
    for number in work.session.scalars(select(Meter.id).where(Meter.id.not_in(displays))):
        yield f"meter {number} has no display"


CHECKS: Mapping[str, Callable[[Work], Iterator[str]]] = {"meter life": curves, "meter corrections": counter_entries}
