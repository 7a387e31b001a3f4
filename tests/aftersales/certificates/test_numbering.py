"""Numbers have no gap and no duplicate, whoever asks and whatever fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from aftersales.access import STRANGER
from aftersales.certificates.numbering import next_number
from aftersales.clock import FixedClock
from aftersales.errors import Forbidden
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from tests.aftersales import world

THREADS, EACH = 16, 5


def test_series_count_apart_by_organisation_name_and_year(workshop: Workshop) -> None:
    here = world.build(workshop)
    partner, maker = (world.person(workshop, key, Role.ADMIN) for key in (here.partner, here.maker))
    with workshop.transaction(partner) as work:
        assert [next_number(work, "SO"), next_number(work, "SO"), next_number(work, "EO")] == [
            "SO-2026-00001",
            "SO-2026-00002",
            "EO-2026-00001",
        ]
        assert next_number(work, "SO", at=datetime(2025, 6, 1, tzinfo=UTC)) == "SO-2025-00001"
        assert next_number(work, "SO", issuer_id=here.operator) == "SO-2026-00001"
    with workshop.transaction(maker) as work:
        assert next_number(work, "SO") == "SO-2026-00001"
    with pytest.raises(Forbidden), workshop.transaction(STRANGER) as work:
        next_number(work, "SO")


def test_the_year_is_that_of_the_issuers_calendar(workshop: Workshop) -> None:
    here = world.build(workshop)
    partner = world.person(workshop, here.partner, Role.ADMIN)
    eve = FixedClock(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    with workshop.transaction(partner, eve) as work:
        assert next_number(work, "SO") == "SO-2027-00001"


def test_a_rolled_back_transaction_leaves_no_gap(workshop: Workshop) -> None:
    here = world.build(workshop)
    partner = world.person(workshop, here.partner, Role.ADMIN)

    class PaperJam(Exception):
        pass

    with workshop.transaction(partner) as work:
        next_number(work, "SO")
    with pytest.raises(PaperJam), workshop.transaction(partner) as work:
        next_number(work, "SO")
        raise PaperJam
    with workshop.transaction(partner) as work:
        assert next_number(work, "SO") == "SO-2026-00002"


def test_sixteen_threads_leave_no_gap_and_no_duplicate(workshop: Workshop) -> None:
    here = world.build(workshop)
    partner = world.person(workshop, here.partner, Role.ADMIN)

    class PaperJam(Exception):
        pass

    def take(thread: int) -> list[str]:
        taken = []
        for turn in range(EACH):
            try:
                with workshop.transaction(partner) as work:
                    number = next_number(work, "SO")
                    if (thread + turn) % 4 == 0:
                        raise PaperJam
                taken.append(number)
            except PaperJam:
                continue
        return taken

    with ThreadPoolExecutor(THREADS) as pool:
        numbers = sorted(number for taken in pool.map(take, range(THREADS)) for number in taken)
    assert numbers == [f"SO-2026-{count:05d}" for count in range(1, THREADS * EACH * 3 // 4 + 1)]
