"""Every word of the vocabulary can be read, and every badge has an icon that exists."""

from enum import StrEnum

import pytest

from aftersales import vocabulary
from aftersales.complaints.rules import Step
from aftersales.errors import Several
from aftersales.orders.rules import Act
from aftersales.translate import translator
from api.pages.icons import icon
from api.signs import SIGNS, sign_of
from api.words import SAID, WORDS, word_of, worded

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


def test_what_stands_in_a_sentence_is_in_the_readers_words() -> None:
    hr, en = translator("hr"), translator("en")
    said = worded(
        hr,
        {
            "state": vocabulary.FaultState.RESOLVED,
            "step": Step.STARTED,
            "roles": Several(sorted({vocabulary.PartyRole.OWNER, vocabulary.PartyRole.MANUFACTURER})),
            "at": "2026-03-05T22:30:00+00:00",
            "on": "2026-03-05",
            "read": "2026-03-05 22:30 UTC",
            "number": "12.500",
        },
        "Europe/Zagreb",
    )
    assert said["state"] == hr.gettext("Resolved").lower()
    assert said["step"] == hr.gettext("In progress").lower()
    assert said["roles"] == f"{hr.gettext('Manufacturer').lower()}, {hr.gettext('Owner').lower()}"
    assert said["at"] == "5. ožu 2026., 23:30 UTC+1"
    assert said["read"] == said["at"]
    assert said["on"] == "5. ožu 2026."
    assert said["number"] == "12.500"
    assert worded(en, {"state": vocabulary.Channel.QR, "text": "2026-02-31"}) == {
        "state": "QR code on the machine",
        "text": "2026-02-31",
    }


def test_every_step_and_act_has_a_word() -> None:
    assert {kind: set(words) for kind, words in SAID.items()} == {kind: set(kind) for kind in (Step, Act)}


def test_several_values_read_well_in_english_too() -> None:
    assert f"{Several([vocabulary.PartyRole.OWNER, vocabulary.PartyRole.OPERATOR])}" == "owner, operator"
