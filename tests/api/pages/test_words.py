"""Every word of the vocabulary can be read, and every badge has an icon that exists."""

from enum import StrEnum

import pytest

from aftersales import vocabulary
from api.pages.icons import icon
from api.pages.words import SIGNS, WORDS, sign_of, word_of

KINDS = [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
KINDS.remove(StrEnum)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_has_a_word(kind: type[StrEnum]) -> None:
    assert set(WORDS[kind]) == {member.value for member in kind}
    assert all(word_of(member) for member in kind)


@pytest.mark.parametrize("kind", SIGNS, ids=lambda kind: kind.__name__)
def test_every_state_has_a_sign_that_can_be_drawn(kind: type[StrEnum]) -> None:
    assert set(SIGNS[kind]) == {member.value for member in kind}
    assert all(icon(sign_of(member)[1]) for member in kind)


def test_other_text_stays_as_it_is() -> None:
    assert word_of("anything") == "anything"
    assert word_of(None) == ""
