"""Every paper, printed in every language and read back."""

import dataclasses
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from aftersales import papers
from aftersales.papers import extension_certificate, passport, service_certificate, write_off_certificate
from aftersales.papers.content import Check, Heading, WorkLine
from aftersales.translate import LANGUAGES, Translator, translator
from aftersales.translations import missing
from tests.aftersales.papers.paper_samples import EXTENSION, PASSPORT, SERVICE, WRITE_OFF

PAPERS: dict[str, tuple[Callable[..., bytes], Heading]] = {
    "passport": (passport.render, PASSPORT),
    "service": (service_certificate.render, SERVICE),
    "write_off": (write_off_certificate.render, WRITE_OFF),
    "extension": (extension_certificate.render, EXTENSION),
}
EN = translator("en")


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def words(pdf: bytes) -> str:
    pages = " ".join(page.extract_text() for page in read(pdf).pages)
    return " ".join(pages.replace("\u00a0", " ").replace("\u202f", " ").split())


def fonts(pdf: bytes) -> Iterator[DictionaryObject]:
    for page in read(pdf).pages:
        resources = page["/Resources"]
        assert isinstance(resources, DictionaryObject)
        listed = resources["/Font"]
        assert isinstance(listed, DictionaryObject)
        for font in listed.values():
            yield font.get_object()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAPERS)
def test_paper_reads_back_in_every_language(name: str, language: str) -> None:
    render, content = PAPERS[name]
    t = translator(language)
    pdf = render(content, t)
    found = words(pdf)
    for expected in (
        content.number,
        content.content_hash(),
        "AR-55-2024-0117",
        t("Serial number"),
        "Անահիտ Սարգսյան",
        t("Page %(number)s of %(pages)s", number=1, pages=len(read(pdf).pages)),
    ):
        assert expected in found
    assert read(pdf).trailer["/Root"]["/Lang"] == language  # type: ignore[index] # the root is a dictionary


@pytest.mark.parametrize("name", PAPERS)
def test_fonts_are_embedded_subsets(name: str) -> None:
    render, content = PAPERS[name]
    shown = [font for font in fonts(render(content, translator("hy"))) if str(font["/BaseFont"]) != "/Helvetica"]
    assert shown
    for font in shown:
        descriptor = font["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor  # type: ignore[operator] # a descriptor is a dictionary
        assert "+DejaVuSans" in str(font["/BaseFont"])


@pytest.mark.parametrize("name", PAPERS)
def test_same_content_gives_same_bytes(name: str) -> None:
    render, content = PAPERS[name]
    assert render(content, EN) == render(content, EN)


@pytest.mark.parametrize("name", PAPERS)
def test_bare_content_prints_without_empty_sections(name: str) -> None:
    render, content = PAPERS[name]
    keep = {"number", "issued_at", "issuer", "machine", "starts_on", "ends_on"}
    bare = type(content)(
        **{item.name: getattr(content, item.name) for item in dataclasses.fields(content) if item.name in keep}
    )
    found = words(render(bare, EN))
    for heading in ("Components", "Measured values", "Parts used", "Findings", "Clauses", "Parties", "Due next"):
        assert heading not in found
    assert len(read(render(bare, EN)).pages) == 1


def test_ordinary_service_certificate_is_one_page() -> None:
    ordinary = dataclasses.replace(
        SERVICE, findings=(), exchanges=(), answers=SERVICE.answers[:1], people=SERVICE.people[:1]
    )
    assert len(read(service_certificate.render(ordinary, EN)).pages) == 1


def test_service_certificate_says_what_was_done() -> None:
    found = words(service_certificate.render(SERVICE, EN))
    for expected in (
        "Oil cooler cleaned and pressure-tested",
        "12.5 – 13.2",
        "✗ Failed",
        "✓ In order",
        "SE-88120",
        "SE-90177",
        "8,012.4 h on 5 Mar 2026",
        "1 Sept 2026 or at 9,000 h, whichever comes first",
        "Иван Петров",
        "Signed in the system on 5 Mar 2026, 15:30 UTC+1",
    ):
        assert expected in found


def test_work_without_lines_says_none() -> None:
    assert "None." in words(service_certificate.render(dataclasses.replace(SERVICE, work=()), EN))


def test_kind_gives_the_title() -> None:
    pdf = service_certificate.render(dataclasses.replace(SERVICE, kind="commissioning"), EN)
    assert "Commissioning certificate" in words(pdf)


def test_reconstructed_passport_says_so() -> None:
    note = "From the paper file of 2011."
    found = words(passport.render(dataclasses.replace(PASSPORT, reconstructed=True, reconstructed_note=note), EN))
    assert "Reconstructed:" in found
    assert note in found
    assert "Reconstructed" not in words(passport.render(PASSPORT, EN))


def test_write_off_prints_money_and_disposal() -> None:
    found = words(write_off_certificate.render(WRITE_OFF, EN))
    for expected in ("€21,500.00", "1,250,000.00 AMD", "Dismantled for parts", "Refrigerant R513A", "FC-003918"):
        assert expected in found


def test_own_statement_replaces_the_standard_one() -> None:
    found = words(write_off_certificate.render(dataclasses.replace(WRITE_OFF, statement="Gone for good."), EN))
    assert "Gone for good." in found
    assert "withdrawn from service" not in found


@pytest.mark.parametrize("noted", [False, True])
def test_sixty_checks_break_over_pages_with_repeated_heads(noted: bool) -> None:
    note = "as found" if noted else ""
    checks = tuple(
        Check(characteristic=f"Point {number} of the long list of this machine", value=Decimal(number), note=note)
        for number in range(60)
    )
    told = tuple(dataclasses.replace(check, value=None, result="ok", passed=True) for check in checks)
    pdf = service_certificate.render(dataclasses.replace(SERVICE, checks=checks + told), EN)
    pages = read(pdf).pages
    assert 2 <= len(pages) <= 6
    assert words(pdf).count("Point 59 of the long list") == 2
    heads = [page for page in pages if "Point" in page.extract_text() and "Result" not in page.extract_text()]
    measured_only = [page for page in heads if "Characteristic" not in page.extract_text()]
    assert not measured_only


def test_long_and_hostile_words_stay_on_the_page() -> None:
    endless = "Supercalifragilistic" * 12
    content = dataclasses.replace(
        SERVICE,
        number="SC-" + "9" * 70,
        issuer=dataclasses.replace(SERVICE.issuer, name=endless),
        machine=dataclasses.replace(SERVICE.machine, designation=endless, serial_number="X" * 120),
        work=(WorkLine(text="<b>bold & <i>broken</b> ֏ " + "word " * 4000, code=endless),),
        remarks="first line\nsecond line <br/> & </para>",
    )
    pdf = service_certificate.render(content, EN)
    found = words(pdf)
    assert "<b>bold & <i>broken</b> AMD" in found
    assert "second line <br/> & </para>" in found

    def inside(text: str, _cm: object, tm: list[float], _font: object, _size: object) -> None:
        if text.strip():
            assert tm[4] >= 0

    for page in read(pdf).pages:
        page.extract_text(visitor_text=inside)


def test_language_of_words_not_in_the_tables_is_left_alone() -> None:
    person = dataclasses.replace(SERVICE.people[0], role="Crane driver")
    assert "Crane driver" in words(service_certificate.render(dataclasses.replace(SERVICE, people=(person,)), EN))


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_papers_are_translated_completely(language: str) -> None:
    assert missing(language, [Path(papers.__file__).parent]) == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_titles_differ_from_english(language: str) -> None:
    t: Translator = translator(language)
    for title in ("Machine passport", "Service certificate", "Write-off certificate", "Warranty extension certificate"):
        assert t(title) != title
