"""Exact numbers: what is wrong with one is said of that number."""

from decimal import Decimal

import pytest
from marshmallow import ValidationError

from api.schemas.base import Exact


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-3", "Must be at least 0.001."),
        ("0", "Must be at least 0.001."),
        ("1e99", "Not a valid number."),
        ("three", "Not a valid number."),
        ("", "Not a valid number."),
        ("1.2345", "At most 3 digits after the point."),
        ("12345678", "At most 6 digits before the point."),
    ],
)
def test_what_is_wrong_with_a_number(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Exact(low="0.001", digits=6).deserialize(text)
    assert caught.value.messages == [sentence]


def test_numbers_may_fall_below_zero_where_they_are_allowed_to() -> None:
    assert Exact(low=None).deserialize("-2.5") == Decimal("-2.5")
    with pytest.raises(ValidationError, match="At most 3 digits after"):
        Exact(low=None).deserialize("-2.5555")


@pytest.mark.parametrize(
    ("number", "text"), [("2", "2"), ("2.000", "2"), ("100", "100"), ("0.000", "0"), ("-1.50", "-1.5")]
)
def test_one_number_has_one_text(number: str, text: str) -> None:
    assert Exact(low=None).serialize("q", {"q": Decimal(number)}) == text
