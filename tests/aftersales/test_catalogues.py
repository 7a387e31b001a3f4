"""The catalogues: in step with the source, well formed, and complete where a reader has no sign-in."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from aftersales.translate import LANGUAGES, SOURCE_LANGUAGE, catalogue_path
from aftersales.translations import ROOT, dump, extract, load, missing

TRANSLATED = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
PLACE = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%%")

# What somebody sees who has no sign-in: the page behind a machine's code, a certificate's page, the way in, the mails,
# the papers; the frame all pages share, the words in it, and what may be refused there.
PUBLIC = [
    "aftersales/access.py",
    "aftersales/certificates",
    "aftersales/charts",
    "aftersales/complaints",
    "aftersales/files.py",
    "aftersales/idempotency.py",
    "aftersales/jobs",
    "aftersales/orders/paper.py",
    "aftersales/papers",
    "aftersales/people/rules.py",
    "aftersales/people/service.py",
    "aftersales/registry/printing.py",
    "aftersales/visibility.py",
    "aftersales/warranty/rules/decision.py",
    "aftersales/warranty/wording.py",
    "aftersales/work.py",
    "api/auth.py",
    "api/errors.py",
    "api/http.py",
    "api/pages/certificates.py",
    "api/pages/faults.py",
    "api/pages/field_words.py",
    "api/pages/forms.py",
    "api/pages/language.py",
    "api/pages/navigation.py",
    "api/pages/sign_in.py",
    "api/words.py",
    "api/pages/templates/base.html",
    "api/pages/templates/certificates/public.html",
    "api/pages/templates/error.html",
    "api/pages/templates/faults/public_machine.html",
    "api/pages/templates/faults/public_report.html",
    "api/pages/templates/faults/report_fields.html",
    "api/pages/templates/faults/timeline.html",
    "api/pages/templates/macros.html",
    "api/pages/templates/people/forgot.html",
    "api/pages/templates/people/link.html",
    "api/pages/templates/people/sign_in.html",
]


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def sources(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def words(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@pytest.fixture(scope="module")
def source() -> Catalog:
    return extract()


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_seen_without_a_sign_in_is_translated(language: str) -> None:
    assert missing(language, [ROOT / path for path in PUBLIC]) == []


def test_the_public_paths_are_there() -> None:
    assert [path for path in PUBLIC if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_places_of_their_source(language: str) -> None:
    """A plural's singular may say its number in words; every form has no other places than the source."""
    wrong: list[str] = []
    for message in messages(load(language)):
        places = sorted(PLACE.findall(sources(message)[-1]))
        for text in filter(None, words(message)):
            found = sorted(PLACE.findall(text))
            if found != places and not (len(sources(message)) > 1 and set(found) < set(places)):
                wrong.append(text)
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_plurals_have_as_many_forms_as_the_language(language: str) -> None:
    catalogue = load(language)
    forms = {len(words(message)) for message in messages(catalogue) if not isinstance(message.id, str)}
    assert forms == {catalogue.num_plurals}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_begins_and_ends_its_lines_as_its_source(language: str) -> None:
    whole = [message for message in messages(load(language)) if message.string and isinstance(message.id, str)]
    assert [message.id for message in whole if edges(str(message.id)) != edges(str(message.string))] == []


def edges(text: str) -> tuple[str, str]:
    """The white space before and after a text."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_fuzzy(language: str) -> None:
    assert [message.id for message in messages(load(language)) if message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogues_are_in_step_with_the_source(source: Catalog, language: str) -> None:
    """When this fails: ``make messages``, and translate what is new."""
    catalogue = load(language)
    catalogue.update(source, no_fuzzy_matching=True)
    assert dump(catalogue, language) == Path(catalogue_path(language)).read_bytes()
