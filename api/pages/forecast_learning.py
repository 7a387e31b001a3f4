"""Where forecasts were wrong and why, and what the forecast means for the workshop."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from aftersales.charts import Bar, Bars, draw
from aftersales.planning import misses, queries, words
from aftersales.translate import N_
from api import auth
from api.http import reading
from api.pages.forms import load_query
from api.pages.setup import translator
from api.schemas.forecast_reasons import MissesQuery

pages = Blueprint("forecast_learning_pages", __name__)


@pages.get("/forecast/misses")
@auth.signed_in
def show_misses() -> ResponseReturnValue:
    """Show the largest misses of the months that have passed, with what was expected from what and what came."""
    query = load_query(MissesQuery)
    with reading() as work:
        found = misses.misses(work.session, work.actor, **query)
        t = translator()
        said = [misses.why(t, miss) for miss in found.largest] if found else []
        return render_template(
            "forecast/misses.html", found=found, said=said, query=query, spans=misses.SPANS, words=words
        )


@pages.get("/forecast/runs/<id:run_id>/workload")
@auth.signed_in
def show_workload(run_id: int) -> ResponseReturnValue:
    """Show repairs, services and hours to expect by month."""
    with reading() as work:
        run = queries.run(work.session, work.actor, run_id).run
        return render_template(
            "forecast/workload.html", run=run, load=queries.workload(work.session, work.actor, run_id)
        )


@pages.get("/forecast/runs/<id:run_id>/workload.svg")
@auth.signed_in
def draw_workload(run_id: int) -> ResponseReturnValue:
    """Draw the hours by month."""
    t = translator()
    with reading() as work:
        load = queries.workload(work.session, work.actor, run_id)
    spec = Bars(
        title=t.gettext(N_("Working hours to expect by month")),
        description=t.gettext(N_("Hours for repairs and services on all machines")),
        y_label=t.gettext(N_("Hours")),
        bars=tuple(Bar(name=t.month(one.month), value=round(one.hours, 1)) for one in load.months),
    )
    return Response(draw(spec, t).svg(), content_type="image/svg+xml")
