"""QR nameplate labels."""

import dataclasses
import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from aftersales.errors import Invalid
from aftersales.papers import fonts, label
from aftersales.translate import LANGUAGES, translator
from tests.aftersales.papers.paper_samples import LABEL

EN = translator("en")
MM = 72 / 25.4


@pytest.mark.parametrize("language", LANGUAGES)
def test_single_label_has_its_real_size(language: str) -> None:
    pdf = label.single(LABEL, translator(language))
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    assert float(page.mediabox.width) == pytest.approx(100 * MM, abs=0.1)
    assert float(page.mediabox.height) == pytest.approx(50 * MM, abs=0.1)
    found = page.extract_text()
    assert "AR-55-2024-0117" in found
    assert "CE" in found
    assert translator(language)("Serial number") in found


def test_sheets_hold_ten_of_the_usual_size_each() -> None:
    labels = [dataclasses.replace(LABEL, serial_number=f"SN-{number:03d}") for number in range(12)]
    pages = PdfReader(io.BytesIO(label.sheet(labels, EN))).pages
    assert len(pages) == 2
    assert "SN-009" in pages[0].extract_text()
    assert "SN-010" in pages[1].extract_text()


def test_labels_give_the_same_bytes() -> None:
    assert label.sheet([LABEL] * 3, EN) == label.sheet([LABEL] * 3, EN)


@pytest.mark.parametrize(("width", "height"), [(20, 50), (100, 10), (300, 50)])
def test_impossible_sizes_are_refused(width: int, height: int) -> None:
    with pytest.raises(Invalid) as refusal:
        label.single(dataclasses.replace(LABEL, width_mm=Decimal(width), height_mm=Decimal(height)), EN)
    assert refusal.value.reason == "label_size"


def test_an_empty_sheet_is_refused() -> None:
    with pytest.raises(Invalid):
        label.sheet([], EN)


@pytest.mark.parametrize(("width", "height"), [(40, 20), (60, 80), (200, 287)])
def test_long_words_fit_on_labels_of_all_sizes(width: int, height: int) -> None:
    big = dataclasses.replace(
        LABEL,
        manufacturer="Հայկական կոմպրեսորներ " * 6,
        serial_number="9" * 60,
        width_mm=Decimal(width),
        height_mm=Decimal(height),
    )
    assert len(PdfReader(io.BytesIO(label.single(big, EN))).pages) == 1


def test_fitted_text_shrinks_then_is_cut() -> None:
    assert fonts.fitted("short", fonts.TEXT, 10, 500) == ("short", 10)
    _, size = fonts.fitted("a little too long", fonts.TEXT, 10, 60)
    assert 4.5 <= size < 10
    cut, size = fonts.fitted("far too long " * 30, fonts.TEXT, 10, 60)
    assert cut.endswith("…")
    assert fonts.width(cut, fonts.TEXT, size) <= 60.1
