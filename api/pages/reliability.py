"""How reliable machines are: time between failures, what fails most, how failures add up and how long parts live."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from aftersales.charts import Bar, Bars, Curves, Line, draw
from aftersales.charts.specs import Chart
from aftersales.registry.queries import machine_models
from aftersales.reliability import overview
from aftersales.reliability.lives import ComponentLives
from aftersales.reliability.overview import Overview
from aftersales.translate import N_, Translator
from api import auth
from api.http import reading
from api.pages.forms import load_query
from api.pages.setup import translator, word
from api.schemas.reliability import PERIODS, ReliabilityQuery

pages = Blueprint("reliability_pages", __name__)
SHOWN_LIVES = 6
STEPS = 60
MOST_MODELS = 200
PATTERNS = {
    "early": N_("Fails young"),
    "chance": N_("Fails by chance"),
    "wear": N_("Wears out"),
    "unknown": N_("Too few failures"),
}


@pages.get("/reliability")
@auth.signed_in
def show_reliability() -> ResponseReturnValue:
    """Show the figures with their charts."""
    query = load_query(ReliabilityQuery)
    with reading() as work:
        found = overview.overview(work.session, work.actor, work.now, **query)
        models = [row[0] for row in machine_models.list_models(work.session, work.actor, limit=MOST_MODELS)]
        return render_template(
            "reliability/page.html", found=found, query=query, periods=PERIODS, models=models, patterns=PATTERNS
        )


@pages.get("/reliability/components.svg")
@auth.signed_in
def draw_components() -> ResponseReturnValue:
    """Draw failures by component."""
    return _drawn("components")


@pages.get("/reliability/modes.svg")
@auth.signed_in
def draw_modes() -> ResponseReturnValue:
    """Draw failures by mode."""
    return _drawn("modes")


@pages.get("/reliability/cumulative.svg")
@auth.signed_in
def draw_cumulative() -> ResponseReturnValue:
    """Draw how failures add up over hours."""
    return _drawn("cumulative")


@pages.get("/reliability/lives.svg")
@auth.signed_in
def draw_lives() -> ResponseReturnValue:
    """Draw how long components live."""
    return _drawn("lives")


def _drawn(chart: str) -> Response:
    query = load_query(ReliabilityQuery)
    t = translator()
    with reading() as work:
        found = overview.overview(work.session, work.actor, work.now, **query)
    return Response(draw(_specification(chart, found, t), t).svg(), content_type="image/svg+xml")


def _specification(chart: str, found: Overview, t: Translator) -> Chart:
    if chart in {"components", "modes"}:
        rows = found.pareto.components if chart == "components" else found.pareto.modes
        title = N_("Failures by component") if chart == "components" else N_("Failures by mode")
        names = [word(row.mode) if row.mode else row.name or t.gettext(N_("Not known")) for row in rows]
        return Bars(
            title=t.gettext(title),
            description=t.gettext(N_("How many failures, the most frequent first, with their running share")),
            y_label=t.gettext(N_("Failures")),
            bars=tuple(Bar(name=name, value=row.failures) for name, row in zip(names, rows, strict=True)),
            pareto=True,
        )
    if chart == "cumulative":
        return Curves(
            title=t.gettext(N_("Failures of a machine up to its hours")),
            description=t.gettext(N_("Mean number of failures of a machine over its operating hours, by model")),
            x_label=t.gettext(N_("Operating hours")),
            y_label=t.gettext(N_("Failures of a machine")),
            lines=tuple(Line(name=one.model, points=one.points) for one in found.cumulative),
            stepped=True,
        )
    lives = [one for one in found.lives if one.fit.pattern != "unknown"][:SHOWN_LIVES]
    return Curves(
        title=t.gettext(N_("How long components live")),
        description=t.gettext(N_("Share of components that live longer than so many hours")),
        x_label=t.gettext(N_("Hours of the component")),
        y_label=t.gettext(N_("Live longer")),
        lines=tuple(Line(name=one.part_number, points=_surviving(one)) for one in lives),
        share=True,
    )


def _surviving(one: ComponentLives) -> tuple[tuple[float, float], ...]:
    end = one.fit.scale * 1.8
    return tuple((end * step / STEPS, one.fit.surviving(end * step / STEPS)) for step in range(STEPS + 1))
