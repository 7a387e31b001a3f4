"""The forecast: parts with their demand to come, one part in depth, runs and how they did, what to order."""

from datetime import date
from operator import itemgetter
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.charts import Drawing, Fan, FanPoint, Value, draw
from aftersales.models import ForecastLine, ForecastRun
from aftersales.planning import export, misses, queries, service, words
from aftersales.planning.adopted import in_force
from aftersales.planning.explanations import explanation, sentence
from aftersales.planning.proposals import of_part, proposals
from aftersales.planning.queries import LineView
from aftersales.planning.rules import months
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.setup import translator
from api.routes.forecasts import csv_file, xlsx_file
from api.schemas.base import PageQuery
from api.schemas.forecast_reasons import MonthChoice
from api.schemas.forecasts import ForecastPageQuery, ProposalFilter, ReorderPageQuery, RunBody, RunChoice

pages = Blueprint("forecast_pages", __name__)
SHOWN_MONTHS = 60
LEVELS = ("0.1", "0.5", "0.9", "0.95")
FILTERS = ("text", "demand_class", "method", "phase", "criticality", "alarm", "after")


@pages.get("/forecast")
@auth.signed_in
def show_forecast() -> ResponseReturnValue:
    """List the parts of a run with what is expected of them and what to order."""
    query = load_query(ForecastPageQuery)
    with reading() as work:
        session, actor = work.session, work.actor
        newest = queries.latest(session, actor)
        asked = queries.request_state(session, actor)
        if newest is None:
            return render_template("forecast/empty.html", asked=asked)
        run = newest if query["run_id"] is None else queries.run(session, actor, query["run_id"]).run
        chosen = None
        if query["only_to_order"]:
            chosen = [view.part.id for view in proposals(session, actor, only_to_order=True, limit=None)]
        page = paged(
            queries.lines(
                session,
                actor,
                run.id,
                part_ids=chosen,
                limit=query["limit"] + 1,
                **{name: query[name] for name in FILTERS},
            ),
            query["limit"],
            key=lambda view: view.part.id,
        )
        shown = [view.part.id for view in page.items]
        ordered = {view.part.id: view for view in proposals(session, actor, part_ids=shown, limit=None)}
        return render_template(
            "forecast/list.html",
            run=run,
            is_newest=run.id == newest.id,
            asked=asked,
            query=query,
            page=page,
            proposals=ordered,
            words=words,
        )


@pages.post("/forecast")
@auth.signed_in
@posted(RunBody, again=show_forecast)
def ask_for_run(work: Work, form: dict[str, Any]) -> Done:
    """Ask for a run; a job makes it."""
    service.request_run(work, **form)
    return done(url_for(".show_forecast"), N_("A new forecast is being made. It takes a minute or two."))


@pages.get("/forecast/parts/<id:part_id>")
@auth.signed_in
def show_part_forecast(part_id: int) -> ResponseReturnValue:
    """Show a part's history and forecast, why this method, and what to order."""
    query = load_query(MonthChoice)
    with reading() as work:
        run, view = queries.line(work.session, work.actor, part_id, query["run_id"])
        history = view.line.history
        found = explanation(work.session, work.actor, run.run, view.line, query["month"])
        return render_template(
            "forecast/part.html",
            found=found,
            said=sentence(translator(), found, view.part.unit),
            past=misses.of_part(work.session, work.actor, part_id),
            run=run.run,
            part=view.part,
            line=view.line,
            proposal=of_part(work.session, work.actor, part_id),
            table=_by_month(run.run, view.line),
            levels=LEVELS,
            scores=run.run.summary["scores"].get(str(int(view.line.lead_time_periods)), []),
            quantiles=run.run.settings["quantiles"],
            carried=sorted(queries.part_names(work.session, work.actor, history["carried_from"]).items()),
            first_month=months.parse(history["first_month"]),
            history=_history(view.line),
            words=words,
        )


@pages.get("/forecast/parts/<id:part_id>/demand.svg")
@auth.signed_in
def draw_part_forecast(part_id: int) -> ResponseReturnValue:
    """Draw a part's history and the fan of its forecast."""
    query = load_query(RunChoice)
    with reading() as work:
        run, view = queries.line(work.session, work.actor, part_id, query["run_id"])
        return Response(_drawing(run.run, view).svg(), content_type="image/svg+xml")


@pages.get("/forecast/runs")
@auth.signed_in
def list_runs() -> ResponseReturnValue:
    """List the runs."""
    query = load_query(PageQuery)
    with reading() as work:
        rows = queries.runs(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
        return render_template("forecast/runs.html", page=paged(rows, query["limit"]))


@pages.get("/forecast/runs/<id:run_id>")
@auth.signed_in
def show_run(run_id: int) -> ResponseReturnValue:
    """Show a run: what it came from, the back-test, and how it did since."""
    with reading() as work:
        view = queries.run(work.session, work.actor, run_id)
        summary = view.run.summary
        scored = sorted(((int(lead), table) for lead, table in summary["scores"].items() if table), key=itemgetter(0))
        return render_template(
            "forecast/run.html", view=view, run=view.run, summary=summary, scored=scored, words=words
        )


@pages.get("/forecast/runs/<id:run_id>/forecast.csv")
@auth.signed_in
def export_run(run_id: int) -> ResponseReturnValue:
    """Export a run."""
    with reading() as work:
        return csv_file(export.forecast_sheet(work.session, work.actor, run_id).csv(), f"forecast-{run_id}.csv")


@pages.get("/forecast/runs/<id:run_id>/forecast.xlsx")
@auth.signed_in
def export_run_workbook(run_id: int) -> ResponseReturnValue:
    """Export a run as a workbook."""
    with reading() as work:
        name = f"forecast-{run_id}"
        return xlsx_file(export.forecast_sheet(work.session, work.actor, run_id).xlsx(name), f"{name}.xlsx")


@pages.get("/reorder")
@auth.signed_in
def show_reorder() -> ResponseReturnValue:
    """List what to order now, and why."""
    query = load_query(ReorderPageQuery)
    with reading() as work:
        session, actor = work.session, work.actor
        require(actor, Permission.FORECAST_READ)
        rows = proposals(
            session,
            actor,
            only_to_order=not query["everything"],
            text=query["text"],
            after=query["after"],
            limit=query["limit"] + 1,
        )
        page = paged(rows, query["limit"], key=lambda view: view.part.id)
        run, policy = queries.latest(session, actor), in_force(session, actor)[0]
        return render_template("forecast/reorder.html", page=page, query=query, run=run, policy=policy)


@pages.get("/reorder.csv")
@auth.signed_in
def export_reorder() -> ResponseReturnValue:
    """Export what to order now."""
    query = load_query(ProposalFilter)
    with reading() as work:
        sheet = export.proposals_sheet(work.session, work.actor, speak(), **query)
        return csv_file(sheet.csv(), "reorder-proposals.csv")


@pages.get("/reorder.xlsx")
@auth.signed_in
def export_reorder_workbook() -> ResponseReturnValue:
    """Export what to order now as a workbook."""
    query = load_query(ProposalFilter)
    with reading() as work:
        sheet = export.proposals_sheet(work.session, work.actor, speak(), **query)
        return xlsx_file(sheet.xlsx("reorder-proposals"), "reorder-proposals.xlsx")


def _by_month(run: ForecastRun, line: ForecastLine) -> list[tuple[date, float, list[float]]]:
    """The months ahead: day, mean, quantiles in the order of :data:`LEVELS`."""
    ahead = [months.plus(run.origin, step) for step in range(run.horizon)]
    levels = zip(*(line.quantiles[level] for level in LEVELS), strict=True)
    return [(month, mean, list(each)) for month, mean, each in zip(ahead, line.mean, levels, strict=True)]


def _history(line: ForecastLine) -> list[tuple[date, float | None]]:
    """The months known, newest first."""
    first, demand = months.parse(line.history["first_month"]), line.history["demand"]
    return [(months.plus(first, step), value) for step, value in enumerate(demand)][-SHOWN_MONTHS:][::-1]


def _drawing(run: ForecastRun, view: LineView) -> Drawing:
    t = translator()
    first, demand = months.parse(view.line.history["first_month"]), view.line.history["demand"]
    past = [Value(day=months.plus(first, step), value=value) for step, value in enumerate(demand)]
    levels = [float(level) for level in LEVELS]
    spec = Fan(
        title=t.gettext(N_("Demand for %(number)s, %(name)s"), number=view.part.number, name=view.part.name),
        description=t.gettext(N_("Demand by month, then the forecast from %(month)s on"), month=t.month(run.origin)),
        y_label=t.gettext(N_("Demand in a month")),
        unit=view.part.unit,
        history=tuple(past[-SHOWN_MONTHS:]),
        forecast=tuple(
            FanPoint(day=month, mean=mean, quantiles=tuple(zip(levels, each, strict=True)))
            for month, mean, each in _by_month(run, view.line)
        ),
    )
    return draw(spec, t)
