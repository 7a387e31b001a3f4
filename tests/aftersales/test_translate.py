"""The translator and the tool that keeps the catalogues."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from aftersales.translate import LANGUAGES, N_, TranslationWarning, best_language, translator
from aftersales.translations import ROOT, dump, extract, load, missing

NBSP = "\u00a0"


def test_translators_are_read_once_and_unknown_languages_give_english() -> None:
    assert translator("hr-HR") is translator("hr")
    assert translator("xx").language == "en"
    assert translator(None).language == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_unknown_sentence_stays_english(language: str) -> None:
    t = translator(language)
    assert t("Never said of %(name)s.", name="Ada") == "Never said of Ada."
    assert t.gettext("100 % never said") == "100 % never said"
    assert t("") == ""
    assert N_("as it is") == "as it is"


def test_wrong_parameters_warn_and_print_the_english_sentence() -> None:
    t = translator("en")
    with pytest.warns(TranslationWarning, match="cannot fill"):
        assert t("Reading %(value)s h", wrong=1) == "Reading %(value)s h"
    with pytest.warns(TranslationWarning, match="no parameters"):
        assert t("Reading %(value)s h") == "Reading %(value)s h"
    with pytest.warns(TranslationWarning):
        assert t("Odd %(value)d", value="x") == "Odd %(value)d"


def test_plural_counts() -> None:
    t = translator("en")
    assert t.ngettext("%(num)s nut", "%(num)s nuts", 1) == "1 nut"
    assert t.ngettext("%(num)s nut of %(size)s", "%(num)s nuts of %(size)s", 3, size="M8") == "3 nuts of M8"
    assert t.pgettext("month", "May") == "May"


def test_dates_and_moments() -> None:
    day = dt.date(2026, 3, 5)
    moment = dt.datetime(2026, 3, 5, 22, 30, tzinfo=dt.UTC)
    assert translator("en").date(day) == "5 Mar 2026"
    assert translator("ru").date(day).replace("\u202f", " ") == "5 мар. 2026 г."
    assert translator("en").month(day) == "Mar 2026"
    assert translator("en").datetime(moment, "Asia/Yerevan") == "6 Mar 2026, 02:30 UTC+4"
    assert translator("en").datetime(moment, "Asia/Kathmandu").endswith("UTC+5:45")
    assert translator("en").datetime(moment, "America/New_York").endswith("17:30 UTC−5")
    assert translator("en").datetime(moment, "Not/AZone").endswith("22:30 UTC")
    with pytest.raises(ValueError, match="time zone"):
        translator("en").datetime(dt.datetime(2026, 3, 5, 22, 30))  # noqa: DTZ001 - the point of the test


def test_numbers_money_and_quantities() -> None:
    en, hr = translator("en"), translator("hr")
    assert en.number(Decimal("12345.670")) == "12,345.67"
    assert hr.number(Decimal("12345.670")) == "12.345,67"
    assert en.number(5, 1) == "5.0"
    assert en.money(Decimal("1234.5"), "EUR") == "€1,234.50"
    assert hr.money(Decimal("1234.5"), "EUR") == f"1.234,50{NBSP}€"
    assert en.money(Decimal("0.0125"), "EUR") == "€0.0125"
    assert en.quantity(Decimal("2.500"), "L") == f"2.5{NBSP}L"
    assert en.quantity(3) == "3"
    assert translator("hr").quantity(3, "pcs") == f"3{NBSP}kom."
    assert translator("hr").quantity(3, "mV") == f"3{NBSP}mV"
    assert en.percent(0.123, 1) == "12.3%"


@pytest.mark.parametrize("language", LANGUAGES)
def test_dram_is_printed_as_its_code(language: str) -> None:
    text = translator(language).money(Decimal(1500), "AMD")
    assert text.endswith(f"{NBSP}AMD")
    assert "֏" not in text


def test_best_language() -> None:
    assert best_language(["de-DE, hr-HR;q=0.8, en;q=0.5"]) == "hr"
    assert best_language(["en;q=0.2, ru;q=0.9"]) == "ru"
    assert best_language(["sq;q=0, fr"], "et") == "et"
    assert best_language(["hy", "en"]) == "hy"
    assert best_language(["hr;q=1.2.3", "*"], "en") == "en"
    assert best_language([]) == "en"


def test_missing_looks_into_source_and_templates(tmp_path: Path) -> None:
    source = tmp_path / "words.py"
    source.write_text("N_('Zz never translated')\nt.ngettext('Zz one', 'Zz many', 2)\n", encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text("{{ _('Zz on a page') }}{% trans %}\n  Zz in\n  two lines\n{% endtrans %}", encoding="utf-8")
    assert missing("hr", [tmp_path, page]) == ["Zz in two lines", "Zz never translated", "Zz on a page", "Zz one"]
    assert missing("en", [page]) == []


def test_extraction_finds_marked_strings(tmp_path: Path) -> None:
    (tmp_path / "babel.cfg").write_text("[python: **.py]\n", encoding="utf-8")
    (tmp_path / "room.py").write_text("raise Invalid(N_('%(n)s is too much'), n=1)\n", encoding="utf-8")
    assert "%(n)s is too much" in extract(tmp_path)
    assert (ROOT / "babel.cfg").exists()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_catalogues_are_sound(language: str) -> None:
    catalogue = load(language)
    for message in catalogue:
        assert not list(message.check(catalogue)), message.id
    assert dump(catalogue, language) == dump(catalogue, language)
    assert b"POT-Creation-Date" not in dump(catalogue, language)


def test_dumped_catalogue_reads_back(tmp_path: Path) -> None:
    catalogue = load("hr")
    catalogue.add("Pump", "Pumpa")
    path = tmp_path / "messages.po"
    path.write_bytes(dump(catalogue, "hr"))
    with path.open("rb") as source:
        again = read_po(source, locale="hr")
    pump = again.get("Pump")
    assert pump is not None
    assert pump.string == "Pumpa"
    assert dump(again, "hr") == path.read_bytes()
