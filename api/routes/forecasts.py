"""Forecast runs, their lines and scores, requests for a run, reorder proposals."""

from typing import Any

from flask import Response

from aftersales.planning import export, misses, queries, service
from aftersales.planning.explanations import explanation, sentence
from aftersales.planning.proposals import ProposalView, proposals
from aftersales.planning.queries import LineView, RunRequest, RunView
from aftersales.work import Work
from api.errors import speak
from api.http import Paged, Room, paged
from api.schemas.base import PageQuery
from api.schemas.forecast_reasons import (
    ExplanationAnswer,
    ExplanationQuery,
    MissesAnswer,
    MissesQuery,
    PastMonthAnswer,
    WorkloadAnswer,
)
from api.schemas.forecasts import (
    ForecastLineAnswer,
    ForecastRunAnswer,
    LineQuery,
    ProposalAnswer,
    ProposalFilter,
    ProposalQuery,
    RunBody,
    RunRequestAnswer,
)

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
room = Room("forecasts", __name__, "Forecasts of parts demand and what to order now")


def csv_file(content: str, name: str) -> Response:
    """Return a CSV file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content.encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)


def xlsx_file(content: bytes, name: str) -> Response:
    """Return a workbook to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=XLSX, headers=headers)


@room.reads("/forecast-runs", answer=ForecastRunAnswer, query=PageQuery, listed=True)
def list_forecast_runs(work: Work, query: dict[str, Any]) -> Paged:
    """List your organisation's forecast runs, newest first."""
    rows = queries.runs(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
    return paged(rows, query["limit"])


@room.reads("/forecast-runs/<id:run_id>", answer=ForecastRunAnswer)
def get_forecast_run(work: Work, run_id: int) -> RunView:
    """Show a forecast run with its back-test and how it did since."""
    return queries.run(work.session, work.actor, run_id)


@room.reads("/forecast-runs/<id:run_id>/lines", answer=ForecastLineAnswer, query=LineQuery, listed=True)
def list_forecast_lines(work: Work, query: dict[str, Any], run_id: int) -> Paged:
    """List the lines of a run by part number."""
    limit = query.pop("limit")
    rows = queries.lines(work.session, work.actor, run_id, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda view: view.part.id)


@room.reads("/forecast-runs/<id:run_id>/lines.csv", answer=None, media=CSV)
def export_forecast_run(work: Work, run_id: int) -> Response:
    """Export a run as CSV: a row for every part and month."""
    return csv_file(export.forecast_sheet(work.session, work.actor, run_id).csv(), f"forecast-{run_id}.csv")


@room.reads("/forecast-runs/<id:run_id>/lines.xlsx", answer=None, media=XLSX)
def export_forecast_workbook(work: Work, run_id: int) -> Response:
    """Export a run as an XLSX workbook: a row for every part and month."""
    name = f"forecast-{run_id}"
    return xlsx_file(export.forecast_sheet(work.session, work.actor, run_id).xlsx(name), f"{name}.xlsx")


@room.reads("/parts/<id:part_id>/forecast", answer=ForecastLineAnswer)
def get_part_forecast(work: Work, part_id: int) -> LineView:
    """Show a part's line of the newest run."""
    return queries.line(work.session, work.actor, part_id)[1]


@room.reads("/parts/<id:part_id>/forecast/explanation", answer=ExplanationAnswer, query=ExplanationQuery)
def explain_part_forecast(work: Work, query: dict[str, Any], part_id: int) -> dict[str, Any]:
    """Say what a part's forecast consists of, month by month, and one month machine by machine."""
    run, view = queries.line(work.session, work.actor, part_id, query["run_id"])
    found = explanation(work.session, work.actor, run.run, view.line, query["month"], query["places"])
    words = sentence(speak(), found, view.part.unit)
    return {"run_id": run.id, "part": view.part, "found": found, "words": words}


@room.reads("/parts/<id:part_id>/forecast/past", answer=PastMonthAnswer, listed=True)
def list_past_forecasts(work: Work, part_id: int) -> Paged:
    """List the last 24 months of a part that have passed, with what had been expected and what came."""
    return Paged(misses.of_part(work.session, work.actor, part_id), None)


@room.reads("/forecast-misses", answer=MissesAnswer, query=MissesQuery)
def get_forecast_misses(work: Work, query: dict[str, Any]) -> dict[str, Any]:
    """Show where the forecasts of the last months were wrong most, and why."""
    found = misses.misses(work.session, work.actor, **query)
    largest = found.largest if found else ()
    return {"found": found, "largest": [{"miss": miss, "words": misses.why(speak(), miss)} for miss in largest]}


@room.reads("/forecast-runs/<id:run_id>/workload", answer=WorkloadAnswer)
def get_workload(work: Work, run_id: int) -> queries.WorkloadView:
    """Show the repairs, services and working hours to expect by month."""
    return queries.workload(work.session, work.actor, run_id)


@room.reads("/forecast-requests", answer=RunRequestAnswer, query=PageQuery, listed=True)
def list_forecast_requests(work: Work, query: dict[str, Any]) -> Paged:
    """List the runs that were asked for, newest first."""
    rows = queries.requests(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
    return paged(rows, query["limit"])


@room.writes("POST", "/forecast-requests", body=RunBody, answer=RunRequestAnswer, status=202)
def request_forecast_run(work: Work, body: dict[str, Any]) -> RunRequest:
    """Ask for a forecast run; a job makes it. While one is open, asking again changes nothing."""
    return service.request_run(work, **body)


@room.reads("/reorder-proposals", answer=ProposalAnswer, query=ProposalQuery, listed=True)
def list_reorder_proposals(work: Work, query: dict[str, Any]) -> Paged:
    """List what to order now by the newest run, with the reason."""
    limit = query.pop("limit")
    rows = proposals(work.session, work.actor, limit=limit + 1, **query)
    page = paged(rows, limit, key=lambda view: view.part.id)
    return Paged([explained(view) for view in page.items], page.after)


@room.reads("/reorder-proposals.csv", answer=None, query=ProposalFilter, media=CSV)
def export_reorder_proposals(work: Work, query: dict[str, Any]) -> Response:
    """Export what to order now as CSV."""
    return csv_file(export.proposals_sheet(work.session, work.actor, speak(), **query).csv(), "reorder-proposals.csv")


@room.reads("/reorder-proposals.xlsx", answer=None, query=ProposalFilter, media=XLSX)
def export_reorder_workbook(work: Work, query: dict[str, Any]) -> Response:
    """Export what to order now as an XLSX workbook."""
    sheet = export.proposals_sheet(work.session, work.actor, speak(), **query)
    return xlsx_file(sheet.xlsx("reorder-proposals"), "reorder-proposals.xlsx")


def explained(view: ProposalView) -> dict[str, Any]:
    """Return a proposal's fields with its reason in words."""
    words = speak().gettext(view.proposed.words, **view.proposed.params)
    return {**{name: getattr(view, name) for name in view.__slots__}, "explanation": words}
