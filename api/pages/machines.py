"""Machines: the list, a new one, the page of one with what can be done to it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.condition.queries import condition
from aftersales.papers.words import DISPOSALS, WRITE_OFF_REASONS
from aftersales.registry import queries, service
from aftersales.registry.rules.lifecycle import OWN_USE_CASE, within_reach
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.components import AtQuery
from api.schemas.machine_forms import WriteOffForm
from api.schemas.machines import (
    DisposalBody,
    LabelQuery,
    LabelSheetQuery,
    MachineBody,
    MachineQuery,
    ReportingBody,
    SiteMoveBody,
    StateBody,
    numbers,
)

pages = Blueprint("machines_pages", __name__)
MACHINE = "/machines/<id:machine_id>"


@pages.get("/machines")
@auth.signed_in
def list_machines() -> ResponseReturnValue:
    """List machines, searched and filtered."""
    query = load_query(MachineQuery)
    limit, state = query.pop("limit"), query.pop("state")
    with reading() as work:
        rows = queries.list_machines(
            work.session, work.actor, states=[state] if state else [], limit=limit + 1, **query
        )
        models = queries.list_models(work.session, work.actor, limit=200)
        page = paged(rows, limit, key=lambda row: row.machine.id)
        return render_template(
            "machines/list.html",
            page=page,
            models=[(model.id, model.name) for model, _ in models],
            query={**query, "state": state},
        )


@pages.get("/machines/new")
@auth.signed_in
def show_new_machine() -> ResponseReturnValue:
    """Ask what machine to plan; the options come with the chosen model."""
    with reading() as work:
        require(work.actor, Permission.MACHINE_MANAGE)
        own = [
            model
            for model, _ in queries.list_models(work.session, work.actor, limit=200)
            if model.manufacturer_id == work.actor.organization_id and model.ended_at is None
        ]
        asked = request.values.get("model_id", "")
        chosen = next((model for model in own if str(model.id) == asked), own[0] if len(own) == 1 else None)
        options = queries.options(work.session, work.actor, chosen.id) if chosen else []
        return render_template("machines/new.html", models=own, chosen=chosen, options=options)


@pages.post("/machines/new")
@auth.signed_in
@posted(MachineBody, again=show_new_machine)
def create_machine(work: Work, form: dict[str, Any]) -> Done:
    """Plan a machine."""
    machine = service.create_machine(work, **form)
    return done(
        url_for(".show_machine", machine_id=machine.id),
        N_("Machine %(serial)s is planned"),
        serial=machine.serial_number,
    )


@pages.get(MACHINE)
@auth.signed_in
def show_machine(machine_id: int) -> ResponseReturnValue:
    """Show a machine: what it is, whose, in which state, and what can be done."""
    with reading() as work:
        session, actor = work.session, work.actor
        page = queries.machine_page(session, actor, machine_id)
        asked = load_query(AtQuery)["at"]
        granted = frozenset(permission for permission in Permission if actor.may(permission))
        reach = within_reach(page.state, page.roles, page.filled, granted) if page.current else frozenset()
        return render_template(
            "machines/show.html",
            page=page,
            machine=page.machine,
            following=sorted(reach - set(OWN_USE_CASE)),
            allowed=reach,
            parties=queries.parties(session, actor, machine_id),
            sites=queries.sites_for(session, machine_id) if page.current else [],
            condition=condition(session, actor, machine_id, min(asked or work.now, work.now)),
            asked=asked,
            changes=queries.lifecycle_of(session, actor, machine_id)[-5:],
            reason_choices=worded(WRITE_OFF_REASONS),
            disposal_choices=worded(DISPOSALS),
        )


@pages.post(MACHINE + "/states")
@auth.signed_in
@posted(StateBody, again=show_machine, versioned=True)
def change_state(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Bring a machine into another state."""
    service.change_state(work, machine_id, expected_version=expected_version, **form)
    return done(url_for(".show_machine", machine_id=machine_id), N_("The state is changed"))


@pages.post(MACHINE + "/site")
@auth.signed_in
@posted(SiteMoveBody, again=show_machine, versioned=True)
def move_machine(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Note that a machine stands at another site."""
    service.move_to_site(work, machine_id, expected_version=expected_version, **form)
    return done(url_for(".show_machine", machine_id=machine_id), N_("The site is changed"))


@pages.post(MACHINE + "/reporting")
@auth.signed_in
@posted(ReportingBody, again=show_machine, versioned=True)
def set_reporting(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Switch fault reports by the machine's code on or off."""
    service.set_reporting(work, machine_id, expected_version=expected_version, **form)
    return done(url_for(".show_machine", machine_id=machine_id), N_("Saved"))


@pages.post(MACHINE + "/write-off")
@auth.signed_in
@posted(WriteOffForm, again=show_machine, versioned=True)
def write_off(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Withdraw a machine from service for good."""
    hazards = {line["name"]: line["amount"] for line in form.pop("hazards")}
    certificate = service.write_off(work, machine_id, hazards=hazards, expected_version=expected_version, **form)
    message = N_("The machine is written off; certificate %(number)s is issued")
    return done(url_for(".show_machine", machine_id=machine_id), message, number=certificate.number)


@pages.post(MACHINE + "/disposal")
@auth.signed_in
@posted(DisposalBody, again=show_machine, versioned=True)
def dispose(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Note where a written-off machine went."""
    certificate = service.dispose(work, machine_id, expected_version=expected_version, **form)
    message = N_("The disposal is noted; certificate %(number)s is issued")
    return done(url_for(".show_machine", machine_id=machine_id), message, number=certificate.number)


@pages.get(MACHINE + "/label.pdf")
@auth.signed_in
def print_label(machine_id: int) -> ResponseReturnValue:
    """Print a machine's label."""
    with reading() as work:
        return pdf(service.labels(work, [machine_id], **load_query(LabelQuery)))


@pages.get("/machine-labels.pdf")
@auth.signed_in
def print_labels() -> ResponseReturnValue:
    """Print labels of several machines on sheets."""
    query = load_query(LabelSheetQuery)
    with reading() as work:
        return pdf(service.labels(work, numbers(query.pop("machines")), sheet=True, **query))


def worded(table: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the codes of a table with their words, for a form's choices."""
    t = speak()
    return [(code, t.gettext(word)) for code, word in table.items()]


def pdf(content: bytes) -> Response:
    """Answer with a paper to be shown in the browser."""
    return Response(content, content_type="application/pdf", headers={"Content-Disposition": "inline"})
