"""Whole histories through the use-cases: readings, misread ones and their corrections, replaced displays, any order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from aftersales.errors import RuleBroken
from aftersales.models import Meter, Reading
from aftersales.usage import loading, service
from aftersales.usage.rules import decimal, micros
from aftersales.usage.rules.life import never_falls
from aftersales.vocabulary import MeterKind
from aftersales.work import Work, Workshop
from tests.aftersales.usage.world import MAKER, START, machine, people

SERIALS = count(1)
Try = Callable[[Work], bool]
STEP = st.tuples(st.integers(1, 48), st.integers(0, 100), st.sampled_from(["read", "read", "misread", "replace"]))


class History:
    """What truly happened to a machine, and how it is told."""

    def __init__(self, machine_id: int, steps: list[tuple[int, int, str]]) -> None:
        self.machine_id = machine_id
        self.truth: dict[datetime, Decimal] = {}
        self.told: list[Try] = []
        at, life, display = START, Decimal(0), Decimal(0)
        for hours, share, kind in steps:
            at, gain = at + timedelta(hours=hours), Decimal(hours * share) / 100
            life, display = life + gain, display + gain
            self.truth[at] = life
            if kind == "replace":
                self.told.append(self.replacement(at, display))
                display = Decimal(7)
            else:
                self.told.append(self.reading(at, display, wrong=kind == "misread"))

    def reading(self, at: datetime, display: Decimal, *, wrong: bool) -> Try:
        """Record a reading; a misread one half an hour too high, to be corrected as soon as that fits."""

        def tell(work: Work) -> bool:
            known = work.session.scalar(select(Reading.id).join(Meter).where(
                Meter.machine_id == self.machine_id, Reading.at == at, Reading.corrects_id.is_(None)
            ))  # fmt: skip
            if wrong and known is None:
                service.record(work, self.machine_id, MeterKind.HOURS, at, display + Decimal("0.5"))
                return False
            if wrong and known is not None:
                service.correct(work, known, display, "misread")
            else:
                service.record(work, self.machine_id, MeterKind.HOURS, at, display)
            return True

        return tell

    def replacement(self, at: datetime, display: Decimal) -> Try:
        def tell(work: Work) -> bool:
            service.replace_meter(
                work, self.machine_id, MeterKind.HOURS, at=at, final_display=display, first_display=Decimal(7)
            )
            return True

        return tell


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=12), order=st.randoms(use_true_random=False))
def test_replacements_in_order_and_readings_in_any_give_the_true_life(
    sqlite_workshop: Workshop, steps: list[tuple[int, int, str]], order: object
) -> None:
    """Refused ones are told again later: once their neighbours are there, everything fits and life is the true one."""
    shuffle = getattr(order, "shuffle")  # noqa: B009 - hypothesis gives a random.Random of its own
    with sqlite_workshop.transaction(MAKER) as work:
        if work.session.get(Meter, 1) is None:
            people(work)
        history = History(machine(work, f"S-{next(SERIALS)}"), steps)
        waiting = list(history.told)
        replacements = [tell for tell, step in zip(history.told, steps, strict=True) if step[2] == "replace"]
        shuffle(waiting)
        places = [index for index, tell in enumerate(waiting) if tell in replacements]
        for index, tell in zip(places, replacements, strict=True):
            waiting[index] = tell
        for _ in range(4 * len(waiting) + 4):
            waiting = [tell for tell in waiting if not succeeds(work, tell)]
        assert not waiting
        meter = work.session.scalars(select(Meter).where(Meter.machine_id == history.machine_id)).one()
        points = loading.ledger(work.session, meter).points()
        assert never_falls(points)
        for at, life in history.truth.items():
            assert {decimal(point.life) for point in points if point.at == micros(at)} == {life}
        assert (meter.latest_life, meter.latest_at) == (life, at)


def succeeds(work: Work, tell: Try) -> bool:
    """Try one thing; what is refused changes nothing."""
    nested = work.session.begin_nested()
    try:
        done = tell(work)
        work.session.flush()
    except RuleBroken:
        nested.rollback()
        work.session.expire_all()
        return False
    nested.commit()
    return done
