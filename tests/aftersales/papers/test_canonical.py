"""Frozen contents become plain values and come back, and their hash says what they are."""

import dataclasses
import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftersales.papers.canonical import Frozen, canonical_json, content_hash
from aftersales.papers.content import Check, EntryLine
from tests.aftersales.papers.paper_samples import EXTENSION, LABEL, PASSPORT, SERVICE, WRITE_OFF


@pytest.mark.parametrize(
    "content", [PASSPORT, SERVICE, WRITE_OFF, EXTENSION, LABEL], ids=lambda content: type(content).__name__
)
def test_contents_come_back_from_json(content: Frozen) -> None:
    stored = json.loads(json.dumps(content.to_dict()))
    again = type(content).from_dict(stored)
    assert again == content
    assert again.content_hash() == content.content_hash()


def test_hash_is_sha256_of_sorted_compact_json() -> None:
    assert canonical_json({"b": [1, "č"], "a": None}) == '{"a":null,"b":[1,"č"]}'.encode()
    assert content_hash({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})


@pytest.mark.parametrize("content", [{"a": 1.5}, {"a": [{"b": 0.1}]}])
def test_floats_are_refused(content: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="float"):
        content_hash(content)


def test_a_changed_word_changes_the_hash() -> None:
    assert dataclasses.replace(SERVICE, site="Split, hall 4").content_hash() != SERVICE.content_hash()


def test_entries_after_issue_leave_the_passport_hash() -> None:
    entry = EntryLine(at=PASSPORT.issued_at, text="Sold")
    assert dataclasses.replace(PASSPORT, entries=(entry,)).content_hash() == PASSPORT.content_hash()
    assert dataclasses.replace(PASSPORT, marks=()).content_hash() != PASSPORT.content_hash()


def test_unknown_keys_and_naive_moments_are_refused() -> None:
    with pytest.raises(TypeError, match="wrong_key"):
        Check.from_dict({"characteristic": "x", "wrong_key": 1})
    naive = EntryLine(at=dt.datetime(2026, 1, 1), text="x")  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="time zone"):
        naive.to_dict()


@settings(max_examples=50)
@given(
    value=st.decimals(allow_nan=False, allow_infinity=False, places=6),
    words=st.text(),
    passed=st.sampled_from([None, True, False]),
)
def test_any_check_comes_back(value: Decimal, words: str, passed: bool | None) -> None:
    check = Check(characteristic=words, value=value, passed=passed)
    assert Check.from_dict(json.loads(canonical_json(check.to_dict()))) == check


def test_a_moment_hashes_the_same_in_every_zone() -> None:
    at = dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)
    there = at.astimezone(dt.timezone(dt.timedelta(hours=4)))
    assert EntryLine(at=at, text="x").content_hash() == EntryLine(at=there, text="x").content_hash()
