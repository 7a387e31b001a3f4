"""The register's rules by themselves."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.access import Permission
from aftersales.errors import Forbidden, Invalid, RuleBroken
from aftersales.registry.rules import acceptance, configuration, documents, fields, lifecycle, occupancy, parties
from aftersales.registry.rules.component_life import LimitedLife, Stay, age_days, own_life, running
from aftersales.vocabulary import LifeUnit, MachineState, PartyRole

S = MachineState
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
STATES = st.sampled_from(list(S))


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(lifecycle.TRANSITIONS) == set(S)
    reached = {S.PLANNED}
    while True:
        more = {to for state in reached for to in lifecycle.TRANSITIONS[state]} - reached
        if not more:
            break
        reached |= more
    assert reached == set(S)


@given(st.lists(STATES, max_size=30))
def test_no_walk_leaves_production_without_passport_or_comes_back_from_disposal(wishes: list[S]) -> None:
    state, been = S.PLANNED, [S.PLANNED]
    for wish in wishes:
        if not lifecycle.legal(state, wish, reconstructed=False):
            with pytest.raises(RuleBroken):
                lifecycle.check_transition(state, wish)
            continue
        lifecycle.check_transition(state, wish)
        state = wish
        been.append(state)
    if set(been) - {S.PLANNED, S.IN_PRODUCTION}:
        assert been[:3] == [S.PLANNED, S.IN_PRODUCTION, S.PASSPORT_ISSUED]
    if S.DISPOSED in been:
        assert been.index(S.DISPOSED) == len(been) - 1
        assert been[-2] is S.WRITTEN_OFF


@given(STATES, STATES)
def test_only_a_machine_taken_over_enters_the_field_without_the_line(before: S, to: S) -> None:
    if lifecycle.legal(before, to, reconstructed=True) and not lifecycle.legal(before, to, reconstructed=False):
        assert before in lifecycle.BEFORE_FIELD
        assert to not in lifecycle.BEFORE_FIELD | {S.DISPOSED}


def test_the_fate_of_a_machine_is_its_owners() -> None:
    everyone = frozenset(PartyRole)
    lifecycle.check_party(S.DECOMMISSIONED, frozenset({PartyRole.OWNER}), everyone)
    for role in set(PartyRole) - {PartyRole.OWNER}:
        with pytest.raises(Forbidden):
            lifecycle.check_party(S.DECOMMISSIONED, frozenset({role}), everyone)
    alone = frozenset({PartyRole.MANUFACTURER})
    lifecycle.check_party(S.WRITTEN_OFF, alone, alone)
    with pytest.raises(Forbidden):
        lifecycle.check_party(S.DOWN, frozenset({PartyRole.GUEST}), everyone)


@given(
    STATES,
    STATES,
    st.frozensets(st.sampled_from(PartyRole)),
    st.frozensets(st.sampled_from(PartyRole)),
    st.frozensets(st.sampled_from(Permission)),
)
def test_what_is_offered_is_what_is_let_through(
    before: S, to: S, mine: frozenset[PartyRole], present: frozenset[PartyRole], granted: frozenset[Permission]
) -> None:
    def let_through() -> bool:
        try:
            lifecycle.check_transition(before, to)
            lifecycle.check_party(to, mine, present)
        except (RuleBroken, Forbidden):
            return False
        return any(permission in granted for permission in lifecycle.permissions(to))

    assert (to in lifecycle.within_reach(before, mine, present, granted)) is let_through()


def test_sharing_is_the_owners_and_operators() -> None:
    everyone = frozenset(PartyRole)
    for role in (PartyRole.OWNER, PartyRole.OPERATOR):
        parties.check_grant(PartyRole.GUEST, frozenset({role}), everyone)
    with pytest.raises(Forbidden):
        parties.check_grant(PartyRole.GUEST, frozenset({PartyRole.MANUFACTURER}), everyone)
    with pytest.raises(Forbidden):
        parties.check_grant(PartyRole.OWNER, frozenset({PartyRole.OPERATOR}), everyone)
    with pytest.raises(RuleBroken):
        parties.check_grant(PartyRole.MANUFACTURER, everyone, everyone)


@st.composite
def careers(draw: st.DrawFn) -> list[tuple[bool, Decimal]]:
    """Days of a component: in a machine or not, and the hours that machine ran that day."""
    return draw(st.lists(st.tuples(st.booleans(), st.integers(0, 24).map(Decimal)), min_size=1, max_size=60))


@given(careers(), st.integers(0, 500).map(Decimal), st.data())
def test_own_life_equals_the_hours_run_day_by_day(
    days: list[tuple[bool, Decimal]], brought: Decimal, data: st.DataObject
) -> None:
    """Each stretch of days in a machine is a stay, each in a machine with a meter of its own start value."""
    stays: list[Stay] = []
    meter, lives = Decimal(0), []
    for number, (inside, hours) in enumerate(days):
        at = NOON + timedelta(days=number)
        if inside and (not number or not days[number - 1][0]):
            meter = data.draw(st.integers(0, 9000).map(Decimal))
            stays.append(Stay(at, None, meter, None))
        if not inside and number and days[number - 1][0]:
            last = stays[-1]
            stays[-1] = Stay(last.start, at, last.life_in, meter)
        lives.append(meter)
        meter += hours if inside else Decimal(0)
    asked = data.draw(st.integers(0, len(days) - 1))
    truth = brought + sum((hours for inside, hours in days[:asked] if inside), Decimal(0))
    machine_life = lives[asked] if days[asked][0] else None
    at = NOON + timedelta(days=asked)
    assert own_life(brought, stays, at, machine_life) == truth
    assert (running(stays, at) is not None) == days[asked][0]


def test_calendar_life_counts_from_production_else_first_installation() -> None:
    stays = [Stay(NOON, None, Decimal(0), None)]
    assert age_days(date(2026, 5, 1), stays, date(2026, 6, 11)) == 41
    assert age_days(None, stays, date(2026, 6, 11)) == 10
    assert age_days(None, [], date(2026, 6, 11)) == 0


def test_a_limit_can_be_passed() -> None:
    limit = LimitedLife(LifeUnit.HOURS, Decimal(1000), Decimal(1250))
    assert limit.remaining == -250
    assert limit.share == Decimal("1.25")


moments = st.integers(0, 40).map(lambda hours: NOON + timedelta(hours=hours))


@given(st.lists(st.tuples(moments, moments), max_size=6), moments, st.one_of(st.none(), moments))
def test_overlap_is_found_exactly_when_an_hour_is_shared(
    others: list[tuple[datetime, datetime]], start: datetime, end: datetime | None
) -> None:
    stays = [occupancy.Occupied(min(pair), max(pair), "x") for pair in others]
    last = end if end is not None else NOON + timedelta(hours=50)
    hours = {NOON + timedelta(hours=n) for n in range(50)}
    mine = {at for at in hours if start <= at < last}
    shared = any(mine & {at for at in hours if s.start <= at < (s.end or last)} for s in stays)
    if mine:
        assert (occupancy.overlapping(stays, start, end) is not None) == shared


RESULT = acceptance.Result


@given(st.permutations([(1, 0), (2, 0), (3, 1)]))
def test_the_latest_result_counts_whatever_the_order_of_rows(order: list[tuple[int, int]]) -> None:
    results = [RESULT(identity, 7, Decimal(identity), NOON + timedelta(hours=hour)) for identity, hour in order]
    assert acceptance.newest(results)[7].id == 3
    assert acceptance.newest(results[:0]) == {}


def test_limits_are_included() -> None:
    one = acceptance.Characteristic(1, "Pressure", "bar", Decimal("7.5"), Decimal(10))
    assert one.passes(Decimal("7.5"))
    assert one.passes(Decimal(10))
    assert not one.passes(Decimal("10.000001"))
    assert one.limits == "7.5 … 10"
    assert acceptance.Characteristic(1, "x", "", None, Decimal(1)).limits == "≤ 1"


def test_options_that_exclude_one_another_exclude_both_ways() -> None:
    options = [configuration.Option("A", excludes=frozenset({"B"})), configuration.Option("B")]
    configuration.check_configuration(options, ["A"])
    configuration.check_configuration(options, ["B"])
    for chosen in (["A", "B"], ["B", "A"], ["A", "A"], ["C"]):
        with pytest.raises(RuleBroken):
            configuration.check_configuration(options, chosen)


def test_a_position_of_an_option_is_mandatory_only_with_it() -> None:
    place = acceptance.Place("30", mandatory=True, option_code="AC", quantity=1, filled=0)
    acceptance.check_filled([place], ["ARCTIC"], {})
    with pytest.raises(RuleBroken, match="not filled: 30"):
        acceptance.check_filled([place], ["AC"], {"30": "  "})
    acceptance.check_filled([place], ["AC"], {"30": "on the boat"})


@pytest.mark.parametrize(
    ("serial", "first", "last", "inside"),
    [
        ("K9", "K2", "K10", True),
        ("K10", "K2", "K9", False),
        ("k5", "K2", None, True),
        ("100-011", None, "100-010", False),
        ("X", None, None, True),
    ],
)
def test_serial_ranges_order_numbers_as_people_do(serial: str, first: str, last: str, inside: bool) -> None:
    assert documents.in_range(serial, first, last) is inside


def test_files_are_judged_by_their_content() -> None:
    assert documents.media_type(b"%PDF-1.7 ...") == "application/pdf"
    for content in (b"", b"<html>", b"MZ\x90"):
        with pytest.raises(Invalid):
            documents.media_type(content)


@given(st.decimals())
def test_numbers_are_exact_or_refused(value: Decimal) -> None:
    try:
        number = fields.exact(value, "value", 3)
    except Invalid:
        return
    assert number == value
    assert abs(number) <= fields.LARGEST
    assert number.scaleb(3) == int(number.scaleb(3))


@settings(max_examples=30)
@given(st.text(max_size=12))
def test_text_is_stated_without_blanks(value: str) -> None:
    if value.strip() and len(value.strip()) <= 8:
        assert fields.text(value, "name", 8) == value.strip()
    else:
        with pytest.raises(Invalid):
            fields.text(value, "name", 8)
