"""Fault reports: list, report, the page with its timeline; and the machine's own page at its QR code."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.complaints import queries, service, symptoms
from aftersales.complaints.rules import OPEN, SILENCE_DAYS, Step
from aftersales.errors import NotFound
from aftersales.models import Machine
from aftersales.registry import queries as registry
from aftersales.translate import N_
from aftersales.vocabulary import Channel
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import as_actor, paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.faults import CommentBody, ComplaintBody, DuplicateBody, FaultBody, FaultQuery, ReasonBody, WordsBody

pages = Blueprint("faults_pages", __name__)
FAULT = "/faults/<id:fault_id>"
# How the order's planning writes the window into the timeline.
WINDOW = re.compile(
    r"(?P<first>\d{4}-\d\d-\d\d \d\d:\d\d) – (?P<until>(\d{4}-\d\d-\d\d )?\d\d:\d\d) \((?P<zone>[\w/+-]+)\)"
)
STEPS: Mapping[Step, tuple[str, str, str]] = {
    Step.REPORTED: (N_("Reported"), "care", "exclamation-triangle"),
    Step.RECEIVED: (N_("The service has read it"), "going", "envelope-open"),
    Step.PLANNED: (N_("Work planned"), "going", "calendar-check"),
    Step.STARTED: (N_("Work started"), "going", "tools"),
    Step.PAUSED: (N_("Work rests"), "care", "pause-circle"),
    Step.ORDER_CANCELLED: (N_("Work order called off"), "care", "x-circle"),
    Step.RESOLVED: (N_("Mended, says the service"), "good", "check2-circle"),
    Step.CONFIRMED: (N_("Confirmed by the operator"), "good", "check-circle-fill"),
    Step.CLOSED_SILENTLY: (N_("Closed: no answer came"), "quiet", "clock-history"),
    Step.REOPENED: (N_("Reopened by the operator"), "bad", "arrow-counterclockwise"),
    Step.DUPLICATE: (N_("The same as another report"), "quiet", "files"),
    Step.REJECTED: (N_("Turned down"), "quiet", "x-circle"),
    Step.COMMENT: (N_("Comment"), "quiet", "chat-left-text"),
}


@pages.app_template_filter()
def step_words(step: queries.TimelineStep) -> str:
    """Return the words of a step; planned times are said as the reader writes them, on the site's clock."""
    found = WINDOW.fullmatch(step.text) if step.step is Step.PLANNED else None
    if found is None:
        return step.text
    t, until = speak(), found["until"]
    try:
        zone = ZoneInfo(found["zone"])
        first = datetime.fromisoformat(found["first"]).replace(tzinfo=zone)
        last = datetime.fromisoformat(until if len(until) > 5 else f"{first:%Y-%m-%d} {until}").replace(tzinfo=zone)
    except (ValueError, LookupError):
        return step.text
    start, (end, offset) = f"{t.date(first)}, {first:%H:%M}", t.datetime(last, zone).rsplit(" ", 1)
    return f"{start} – {end if first.date() != last.date() else f'{last:%H:%M}'} {offset}"


def _listed(machine_id: int | None) -> ResponseReturnValue:
    query = load_query(FaultQuery)
    limit, state = query["limit"], query["state"]
    with reading() as work:
        require(work.actor, Permission.FAULT_READ)
        machine = visibility.machine(work.session, work.actor, machine_id) if machine_id else None
        lines = queries.faults(
            work.session,
            work.actor,
            machine_id=machine_id or query["machine_id"],
            states=[state] if state else [],
            after=query["after"],
            limit=limit + 1,
        )
        return render_template(
            "faults/list.html",
            page=paged(lines, limit, key=lambda line: line.fault.id),
            machine=machine,
            state=state,
            words=symptoms.words,
            may_report=work.actor.may(Permission.FAULT_REPORT),
        )


@pages.get("/faults")
@auth.signed_in
def list_faults() -> ResponseReturnValue:
    """List fault reports."""
    return _listed(None)


@pages.get("/machines/<id:machine_id>/faults")
@auth.signed_in
def list_machine_faults(machine_id: int) -> ResponseReturnValue:
    """List the fault reports of one machine."""
    return _listed(machine_id)


@pages.get("/faults/new")
@auth.signed_in
def show_new_fault() -> ResponseReturnValue:
    """Ask what is wrong with which machine."""
    with reading() as work:
        require(work.actor, Permission.FAULT_REPORT)
        rows = registry.list_machines(work.session, work.actor, limit=200)
        machines = [(row.machine.id, f"{row.machine.serial_number} · {row.model.name}") for row in rows]
        return render_template(
            "faults/new.html", machines=machines, machine_id=request.args.get("machine_id"), symptoms=symptoms.SYMPTOMS
        )


def sent_photos() -> list[bytes]:
    """Return the files sent along with a form, without fields that were left empty."""
    return [item.read() for item in request.files.getlist("photos") if item.filename]


@pages.post("/faults/new")
@auth.signed_in
@posted(FaultBody, again=show_new_fault)
def report_fault(work: Work, form: dict[str, Any]) -> Done:
    """File a report."""
    fault = service.report(work, channel=Channel.PAGE, photos=sent_photos(), **form)
    return done(url_for(".show_fault", fault_id=fault.id), N_("The report is sent. You see here what is being done."))


@pages.get(FAULT)
@auth.signed_in
def show_fault(fault_id: int) -> ResponseReturnValue:
    """Show a report, what happened since, and what can be done."""
    with reading() as work:
        require(work.actor, Permission.FAULT_READ)
        page = queries.fault_page(work.session, work.actor, fault_id)
        actor = work.actor
        holds = bool(visibility.roles_in(work.session, actor, page.machine.id))
        return render_template(
            "faults/page.html",
            page=page,
            words=symptoms.words,
            steps=STEPS,
            open_states={state.value for state in OPEN},
            silence_days=SILENCE_DAYS,
            may_decide=actor.may(Permission.FAULT_CONFIRM) and queries.may_confirm(work.session, actor, page.fault),
            may_handle=holds and actor.may(Permission.FAULT_HANDLE),
            may_comment=holds and (actor.may(Permission.FAULT_HANDLE) or actor.may(Permission.FAULT_REPORT)),
            may_open=holds
            and page.fault.state in OPEN
            and (actor.may(Permission.ORDER_PLAN) or actor.may(Permission.ORDER_WORK)),
        )


@pages.get(f"{FAULT}/photos/<string(length=64):digest>")
@auth.signed_in
def show_photo(fault_id: int, digest: str) -> ResponseReturnValue:
    """Show a photograph of a report."""
    with reading() as work:
        require(work.actor, Permission.FAULT_READ)
        content = work.files.get(queries.photo(work.session, work.actor, fault_id, digest))
    response = Response(content, content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def _back(fault_id: int, message: str) -> Done:
    return done(url_for(".show_fault", fault_id=fault_id), message)


@pages.post(f"{FAULT}/reception")
@auth.signed_in
@posted(WordsBody, again=show_fault, versioned=True)
def receive_fault(work: Work, form: dict[str, Any], fault_id: int, expected_version: int | None) -> Done:
    """Tell the operator that the report has been read."""
    service.receive(work, fault_id, form["text"], expected_version)
    return _back(fault_id, N_("The operator sees that the report was read"))


@pages.post(f"{FAULT}/resolution")
@auth.signed_in
@posted(WordsBody, again=show_fault, versioned=True)
def resolve_fault(work: Work, form: dict[str, Any], fault_id: int, expected_version: int | None) -> Done:
    """Say that the fault is mended."""
    service.resolve(work, fault_id, form["text"], expected_version)
    return _back(fault_id, N_("The operator is asked to confirm"))


@pages.post(f"{FAULT}/rejection")
@auth.signed_in
@posted(ReasonBody, again=show_fault, versioned=True)
def reject_fault(work: Work, form: dict[str, Any], fault_id: int, expected_version: int | None) -> Done:
    """Turn the report down."""
    service.reject(work, fault_id, form["reason"], expected_version)
    return _back(fault_id, N_("The report was turned down"))


@pages.post(f"{FAULT}/duplication")
@auth.signed_in
@posted(DuplicateBody, again=show_fault, versioned=True)
def mark_duplicate(work: Work, form: dict[str, Any], fault_id: int, expected_version: int | None) -> Done:
    """Say that another report tells of the same fault."""
    service.mark_duplicate(work, fault_id, form["of_id"], form["text"], expected_version)
    return _back(fault_id, N_("The other report goes on"))


@pages.post(f"{FAULT}/confirmation")
@auth.signed_in
@posted(WordsBody, again=show_fault, versioned=True)
def confirm_fault(work: Work, form: dict[str, Any], fault_id: int, expected_version: int | None) -> Done:
    """Confirm that the fault is mended."""
    service.confirm(work, fault_id, form["text"], expected_version)
    return _back(fault_id, N_("Thank you. The report is closed."))


@pages.post(f"{FAULT}/reopening")
@auth.signed_in
@posted(ReasonBody, again=show_fault, versioned=True)
def reopen_fault(work: Work, form: dict[str, Any], fault_id: int, expected_version: int | None) -> Done:
    """Say that the fault is not mended."""
    service.reopen(work, fault_id, form["reason"], expected_version)
    return _back(fault_id, N_("The report is open again; the service sees why"))


@pages.post(f"{FAULT}/comments")
@auth.signed_in
@posted(CommentBody, again=show_fault)
def add_comment(work: Work, form: dict[str, Any], fault_id: int) -> Done:
    """Add words to the timeline."""
    service.comment(work, fault_id, form["text"], visible=form["visible"])
    return _back(fault_id, N_("Added"))


@pages.get("/m/<public_id:public_id>")
@auth.public
def show_public_machine(public_id: str) -> ResponseReturnValue:
    """Show a machine to whoever scans its code, and ask what is wrong."""
    with reading() as work:
        machine = queries.public_machine(work.session, public_id)
        _on_the_clock_of(machine.time_zone)
        return render_template(
            "faults/public_machine.html",
            machine=machine,
            machine_id=_file_of(work, public_id),
            symptoms=symptoms.SYMPTOMS,
            words=symptoms.words,
        )


def _on_the_clock_of(zone: str) -> None:
    """Show a stranger, who has no time zone of his own, the time where the machine stands."""
    actor = auth.actor()
    if actor.user_id is None:
        as_actor(replace(actor, time_zone=zone))


def _file_of(work: Work, public_id: str) -> int | None:
    """Return the number of the machine's file for those who may open it."""
    machine: Machine = service.machine_at(work, public_id)
    try:
        return visibility.machine(work.session, work.actor, machine.id).id
    except NotFound:
        return None


@pages.post("/m/<public_id:public_id>")
@auth.public
@posted(ComplaintBody, again=show_public_machine)
def report_at_machine(work: Work, form: dict[str, Any], public_id: str) -> Done:
    """File a report at the machine, without signing in."""
    complaint = service.Complaint(photos=sent_photos(), **form)
    fault = service.report_by_qr(work, public_id, complaint)
    return done(url_for(".show_public_report", public_id=fault.public_id), N_("Thank you. The report is sent."))


@pages.get("/r/<public_id:public_id>")
@auth.public
def show_public_report(public_id: str) -> ResponseReturnValue:
    """Show the reporter how his report stands."""
    with reading() as work:
        report = queries.report_status(work.session, public_id)
        _on_the_clock_of(report.time_zone)
        return render_template("faults/public_report.html", report=report, words=symptoms.words, steps=STEPS)
