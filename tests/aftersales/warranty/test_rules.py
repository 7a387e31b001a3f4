"""Coverage: months and hours, chains of extensions, exclusions and conditions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aftersales.vocabulary import CostClass, OrderKind, Payer
from aftersales.warranty import rules
from aftersales.warranty.rules import Clause, Decision, Lapse, Line, Stretch

PARTS, LABOUR, TRAVEL = CostClass.PARTS, CostClass.LABOUR, CostClass.TRAVEL
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
START = date(2025, 1, 31)


def term(number: str, cost_class: CostClass, months: int, hours: int | None = None) -> Clause:
    limit = None if hours is None else Decimal(hours)
    return Clause(
        id=int(number.replace(".", "")), number=number, kind="term", cost_class=cost_class, months=months, hours=limit
    )


def stretch(place: int, starts_on: date, clauses: tuple[Clause, ...], start_hours: int = 0) -> Stretch:
    ends_on = max(rules.add_months(starts_on, clause.months) for clause in clauses if clause.months)
    return Stretch(
        warranty_id=place,
        starts_on=starts_on,
        ends_on=ends_on,
        start_hours=Decimal(start_hours),
        is_extension=place > 0,
        clauses=clauses,
    )


EXCLUSIONS = (
    Clause(id=41, number="4.1", kind="exclusion", text="Wear parts", excluded_part_id=7),
    Clause(id=42, number="4.2", kind="exclusion", text="Wrong operation", excluded_cause="operation"),
    Clause(id=43, number="4.3", kind="exclusion", text="Acts of God"),
)
CONDITION = Clause(id=51, number="5.1", kind="condition", text="Maintenance in time", requires_maintenance=True)
BASE = stretch(0, START, (term("2.1", PARTS, 24, 4000), term("2.2", LABOUR, 12), *EXCLUSIONS, CONDITION))
EXTENSION = stretch(1, BASE.ends_on, (term("3.1", PARTS, 12, 2000),), 3500)
CHAIN = (BASE, EXTENSION)
LATE = (Lapse(task="S500", late=Decimal(999), unit="days"), Lapse(task="S250", late=Decimal(340)))


def decide(
    on: date,
    hours: int | None = 100,
    *,
    cost_class: CostClass = PARTS,
    part: int | None = None,
    cause: str | None = None,
    lapses: tuple[Lapse, ...] = (),
    kind: OrderKind = OrderKind.REPAIR,
    chain: tuple[Stretch, ...] = CHAIN,
) -> Decision:
    line = Line(kind="part", id=1, cost_class=cost_class, amount=Decimal(10), currency="EUR", part_id=part, cause=cause)
    life = None if hours is None else Decimal(hours)
    return rules.decide(line, chain, on=on, life_hours=life, kind=kind, lapses=lapses)


def said(decision: Decision) -> str:
    return decision.message % dict(decision.params)


@pytest.mark.parametrize(
    ("decision", "payer", "words"),
    [
        (decide(START), Payer.WARRANTY, "Clause 2.1 covers parts until 2027-01-30 or 4000 h, whichever is first"),
        (decide(date(2027, 1, 30), 3999), Payer.WARRANTY, "Clause 2.1"),
        (decide(date(2027, 1, 31), 3999), Payer.EXTENSION, "Clause 3.1 covers parts until 2028-01-30 or 6000 h"),
        (decide(date(2026, 6, 1), 4000), Payer.EXTENSION, "Clause 3.1"),
        (decide(date(2026, 6, 1), 6000), Payer.CUSTOMER, "Hours exceeded: clause 3.1 covers up to 6000 h"),
        (decide(date(2026, 6, 1), 4000, chain=(BASE,)), Payer.CUSTOMER, "Hours exceeded: clause 2.1"),
        (decide(date(2028, 1, 31)), Payer.CUSTOMER, "Clause 3.1: cover of parts ended on 2028-01-30"),
        (decide(date(2028, 1, 31), chain=(BASE,)), Payer.CUSTOMER, "Clause 2.1: cover of parts ended on 2027-01-30"),
        (decide(date(2026, 1, 31), cost_class=LABOUR), Payer.CUSTOMER, "labour ended on 2026-01-30"),
        (decide(START, cost_class=TRAVEL), Payer.CUSTOMER, "The warranty does not cover travel"),
        (decide(START - timedelta(1)), Payer.CUSTOMER, "begins only on 2025-01-31"),
        (decide(START, part=7), Payer.CUSTOMER, "Excluded by clause 4.1: Wear parts"),
        (decide(START, part=8), Payer.WARRANTY, "Clause 2.1"),
        (decide(START, cause="operation"), Payer.CUSTOMER, "Excluded by clause 4.2"),
        (decide(date(2027, 6, 1), part=7), Payer.CUSTOMER, "Excluded by clause 4.1"),
        (decide(START, None), Payer.WARRANTY, "Clause 2.1"),
        (decide(START, kind=OrderKind.MAINTENANCE), Payer.CUSTOMER, "planned work"),
        (decide(START, chain=()), Payer.CUSTOMER, "no warranty"),
        (
            decide(START, lapses=LATE),
            Payer.CUSTOMER,
            "Maintenance S250 was 340 h late (clause 5.1)",
        ),
    ],
)  # fmt: skip
def test_every_line_gets_a_payer_a_clause_and_a_reason(decision: Decision, payer: Payer, words: str) -> None:
    assert decision.payer is payer
    assert words in said(decision)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 11, 30), 1, date(2025, 12, 30)),
    ],
)
def test_months_end_on_the_last_day_of_shorter_months(day: date, months: int, later: date) -> None:
    assert rules.add_months(day, months) == later


days = st.dates(date(2020, 1, 1), date(2030, 12, 31)) | st.sampled_from(
    [date(2024, 1, 31), date(2024, 2, 29), date(2023, 10, 31), date(2025, 1, 29), date(2025, 1, 30)]
)
lengths = st.lists(st.tuples(st.integers(1, 30), st.integers(100, 5000)), min_size=1, max_size=5)


def chain_of(start: date, spans: list[tuple[int, int]], *, with_hours: bool) -> list[Stretch]:
    chain: list[Stretch] = []
    for place, (months, hours) in enumerate(spans):
        begins = chain[-1].ends_on if chain else start
        chain.append(stretch(place, begins, (term(f"2.{place}", PARTS, months, hours if with_hours else None),)))
    return chain


@calm
@given(days, lengths, st.integers(-3, 3), st.data())
def test_no_gap_and_no_overlap_at_the_seams(
    start: date, spans: list[tuple[int, int]], off: int, data: st.DataObject
) -> None:
    chain = chain_of(start, spans, with_hours=False)
    found = rules.terms(chain, PARTS)
    seam = data.draw(st.sampled_from([start, *(each.ends_on for each in chain)]))
    day = seam + timedelta(days=off)
    covering = [each for each in found if each.starts_on <= day < each.ends_on]
    assert len(covering) == (1 if start <= day < chain[-1].ends_on else 0)
    assert rules.term_on(found, day, Decimal(0)) == (covering[0] if covering else None)


@calm
@given(days, lengths, st.integers(0, 4000), st.integers(0, 30_000))
def test_hours_used_up_early_pass_into_the_extension_without_a_gap(
    start: date, spans: list[tuple[int, int]], after: int, hours: int
) -> None:
    chain = chain_of(start, spans, with_hours=True)
    found = rules.terms(chain, PARTS)
    day = start + timedelta(days=after)
    here = next((place for place, each in enumerate(chain) if day < each.ends_on), None)
    covered = rules.term_on(found, day, Decimal(hours))
    total = sum(limit for _, limit in spans)
    if here is None or hours >= total:
        assert covered is None
    if covered is not None:
        assert hours < (covered.until_hours or 0)
        assert day < covered.ends_on
    by_hours = [place for place in range(len(spans)) if hours < sum(limit for _, limit in spans[: place + 1])]
    if here is not None and by_hours and by_hours[0] == here + 1:
        assert covered == found[here + 1]
    if here is not None and by_hours and by_hours[0] <= here:
        assert covered == found[here]


@calm
@given(days, lengths, st.integers(0, 4000), st.integers(0, 30_000), st.integers(0, 4))
def test_no_later_clause_pays_what_an_earlier_one_excludes(
    start: date, spans: list[tuple[int, int]], after: int, hours: int, where: int
) -> None:
    chain = chain_of(start, spans, with_hours=True)
    where = min(where, len(chain) - 1)
    exclusion = Clause(id=99, number="9.9", kind="exclusion", text="Wear", excluded_part_id=7)
    old = chain[where]
    chain[where] = stretch(where, old.starts_on, (*old.clauses, exclusion))
    on = start + timedelta(days=after)
    decision = decide(on, hours, part=7, chain=tuple(chain))
    open_one = decide(on, hours, part=8, chain=tuple(chain))
    if open_one.payer is not Payer.CUSTOMER and on >= chain[where].starts_on:
        assert decision.payer is Payer.CUSTOMER
        assert decision.clause == exclusion


@calm
@given(days, lengths, st.integers(-10, 4000), st.integers(0, 30_000))
def test_every_decision_can_be_said_and_names_its_clause(
    start: date, spans: list[tuple[int, int]], after: int, hours: int
) -> None:
    decision = decide(start + timedelta(days=after), hours, chain=tuple(chain_of(start, spans, with_hours=True)))
    assert said(decision)
    assert decision.clause is not None
