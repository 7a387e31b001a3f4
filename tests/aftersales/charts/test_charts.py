"""Charts are drawn alike every time, say what they show, and have a table beside them."""

import dataclasses
import datetime as dt
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from pypdf import PdfReader

from aftersales import charts
from aftersales.charts import Bar, Bars, Fan, Reading, Steps, draw
from aftersales.charts.axes import MOST_TICKS, month_ticks
from aftersales.charts.specs import Chart
from aftersales.translate import LANGUAGES, translator
from aftersales.translations import missing
from tests.aftersales.charts.chart_samples import ALL, FAN, LYING, PARETO, STEPS

SVG = "{http://www.w3.org/2000/svg}"
EN = translator("en")
EMPTY = (Fan(title="No fan"), Bars(title="No bars"), Bars(title="None", horizontal=True), Steps(title="No steps"))


def texts(svg: bytes) -> list[str]:
    return ["".join(item.itertext()).strip() for item in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("spec", [*ALL, *EMPTY], ids=lambda spec: spec.title)
def test_svg_is_the_same_every_time_and_says_what_it_shows(spec: Chart) -> None:
    svg = draw(spec, EN).svg()
    assert svg == draw(spec, EN).svg()
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == spec.title
    assert (root[1].text or "") == spec.description
    assert spec.title in texts(svg)


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.title)
def test_other_forms(spec: Chart) -> None:
    drawing = draw(spec, EN)
    assert drawing.pdf() == drawing.pdf()
    (page,) = PdfReader(io.BytesIO(drawing.pdf())).pages
    assert spec.title in page.extract_text()
    assert drawing.png(60) == drawing.png(60)
    assert drawing.png(60).startswith(b"\x89PNG")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.title)
def test_charts_are_drawn_in_every_language(spec: Chart, language: str) -> None:
    t = translator(language)
    assert ET.fromstring(draw(spec, t).svg()).get("{http://www.w3.org/XML/1998/namespace}lang") == language
    head, *body = draw(spec, t).rows()
    assert body
    assert {len(row) for row in body} == {len(head)}


def test_words_of_the_chart_are_in_the_language() -> None:
    t = translator("hr")
    assert t("Forecast") != "Forecast"
    found = texts(draw(FAN, t).svg())
    assert t("Forecast") in found
    assert t("History") in found
    assert t.month(dt.date(2025, 1, 1)) in found


def test_hostile_words_are_text() -> None:
    name = "<script>$x_1$ & 50 % \\frac"
    spec = Bars(title=name, description=name, bars=(Bar(name=name, value=3), Bar(name="$$", value=1)), y_label="$y$")
    svg = draw(spec, EN).svg()
    assert b"<script" not in svg
    assert texts(svg).count(name) == 2
    assert "$y$" in texts(svg)


def test_fan_table_has_quantiles_and_gaps() -> None:
    rows = draw(FAN, EN).rows()
    assert rows[0] == ("Period", "Pieces", "Forecast", *(f"{share}% quantile" for share in (5, 25, 50, 75, 95)))
    assert rows[6] == ("1 Jun 2024", "–", "", "", "", "", "", "")
    assert rows[25] == ("1 Jan 2026", "", "8.5", "3", "6", "8", "11", "17.4")


def test_pareto_is_sorted_with_running_share() -> None:
    rows = draw(PARETO, EN).rows()
    assert rows[1] == ("Breakdown", "31", "46%")
    assert rows[-1] == ("Noise", "4", "100%")
    assert [row[0] for row in draw(dataclasses.replace(PARETO, pareto=False), EN).rows()][1] == "Noise"


def test_bars_of_nothing_have_no_share() -> None:
    assert Bars(title="x", bars=(Bar(name="a", value=0),), pareto=True).shares() == [0.0]


def test_lying_bars_carry_their_values() -> None:
    assert "1,234.5" in texts(draw(LYING, EN).svg())


def test_steps_table_tells_estimates_and_local_time() -> None:
    rows = draw(STEPS, EN).rows()
    assert rows[0] == ("Read on", "Value (h)", "Kind")
    assert rows[6] == ("3 Jun 2025, 12:00 UTC+4", "1,960", "Estimated")


def test_one_reading_is_enough() -> None:
    one = Steps(title="One", readings=(Reading(at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), value=5),))
    assert "One" in texts(draw(one, EN).svg())


@pytest.mark.parametrize(
    ("first", "last"), [((2025, 1, 15), (2025, 5, 2)), ((2010, 1, 1), (2026, 12, 1)), ((1950, 1, 1), (2026, 1, 1))]
)
def test_ticks_are_few_and_inside(first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    ticks = month_ticks(dt.date(*first), dt.date(*last))
    assert 1 <= len(ticks) <= MOST_TICKS
    assert dt.date(*first) <= min(ticks)
    assert max(ticks) <= dt.date(*last)


def test_a_chart_of_no_known_kind_is_refused() -> None:
    with pytest.raises(TypeError):
        draw(Chart(title="?"), EN).svg()
    with pytest.raises(TypeError):
        draw(Chart(title="?"), EN).rows()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_charts_are_translated_completely(language: str) -> None:
    assert missing(language, [Path(charts.__file__).parent]) == []
