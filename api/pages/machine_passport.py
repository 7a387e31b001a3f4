"""The passport of a machine: acceptance test, issue, what it says, later entries; and the machine's history."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission
from aftersales.errors import RuleBroken
from aftersales.papers.passport import Passport as Paper
from aftersales.registry import queries, service
from aftersales.registry.passports import places
from aftersales.translate import N_
from aftersales.vocabulary import PartyRole
from aftersales.work import Work
from api import auth
from api.http import reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.machines import MACHINE, pdf
from api.schemas.machine_forms import AcceptanceForm, PassportForm
from api.schemas.machines import EntryBody, MachineChangeBody, ModernisationBody, PaperQuery, ReconstructionBody

pages = Blueprint("machine_passport_pages", __name__)
PASSPORT = MACHINE + "/passport"


@pages.get(PASSPORT)
@auth.signed_in
def show_passport(machine_id: int) -> ResponseReturnValue:
    """Show a machine's passport, or what is missing for its issue."""
    with reading() as work:
        session, actor = work.session, work.actor
        page = queries.machine_page(session, actor, machine_id)
        if page.passport is not None:
            return render_template(
                "machines/passport.html",
                page=page,
                machine=page.machine,
                passport=page.passport,
                paper=Paper.from_dict(page.passport.content),
                entries=queries.entries_of(session, actor, machine_id),
                options=queries.options(session, actor, page.model.id),
            )
        return render_template("machines/issue.html", page=page, machine=page.machine, **_missing(work, page))


def _missing(work: Work, page: Any) -> dict[str, Any]:
    """Return how far a machine is on its way to a passport."""
    try:
        template, tested = queries.tested(work.session, page.machine)
    except RuleBroken:
        template, tested = None, []
    maker = PartyRole.MANUFACTURER in page.roles
    return {
        "template": template,
        "tested": tested,
        "options": queries.options(work.session, work.actor, page.model.id),
        "places": [place for place in places(work, page.machine) if place.mandatory and place.filled < place.quantity],
        "may_measure": maker and work.actor.may(Permission.MACHINE_MANAGE),
        "may_issue": maker and work.actor.may(Permission.PASSPORT_ISSUE),
    }


@pages.post(MACHINE + "/acceptance-results")
@auth.signed_in
@posted(AcceptanceForm, again=show_passport, versioned=True)
def record_results(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Record values measured at acceptance; empty fields are not recorded."""
    results = [
        service.Measurement(one["characteristic_id"], one["value"])
        for one in form["results"]
        if one["value"] is not None
    ]
    service.record_results(work, machine_id, results, tester=form["tester"], expected_version=expected_version)
    return done(url_for(".show_passport", machine_id=machine_id), N_("The results are recorded"))


@pages.post(PASSPORT)
@auth.signed_in
@posted(PassportForm, again=show_passport, versioned=True)
def issue_passport(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Issue the passport."""
    reasons = {one["code"]: one["reason"] for one in form["positions"] if one["reason"]}
    passport = service.issue_passport(
        work, machine_id, empty_positions=reasons, remarks=form["remarks"], expected_version=expected_version
    )
    return done(
        url_for(".show_passport", machine_id=machine_id), N_("Passport %(number)s is issued"), number=passport.number
    )


@pages.post(MACHINE + "/passport-reconstruction")
@auth.signed_in
@posted(ReconstructionBody, again=show_passport, versioned=True)
def reconstruct_passport(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Take a machine over from other records."""
    passport = service.reconstruct_passport(work, machine_id, expected_version=expected_version, **form)
    message = N_("Passport %(number)s is issued, marked as reconstructed")
    return done(url_for(".show_passport", machine_id=machine_id), message, number=passport.number)


@pages.post(MACHINE + "/description")
@auth.signed_in
@posted(MachineChangeBody, again=show_passport, versioned=True)
def change_machine(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Change what the passport will say of the machine."""
    service.change_machine(work, machine_id, form, expected_version)
    return done(url_for(".show_passport", machine_id=machine_id), N_("Saved"))


@pages.post(MACHINE + "/passport-entries")
@auth.signed_in
@posted(EntryBody, again=show_passport, versioned=True)
def add_entry(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Enter something in the passport."""
    service.add_entry(work, machine_id, expected_version=expected_version, **form)
    return done(url_for(".show_passport", machine_id=machine_id), N_("The entry is made"))


@pages.post(MACHINE + "/modernisations")
@auth.signed_in
@posted(ModernisationBody, again=show_passport, versioned=True)
def modernise(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Change the configuration of a machine in the field."""
    service.modernise(work, machine_id, expected_version=expected_version, **form)
    return done(url_for(".show_passport", machine_id=machine_id), N_("The configuration is changed"))


@pages.get(MACHINE + "/passport.pdf")
@auth.signed_in
def print_passport(machine_id: int) -> ResponseReturnValue:
    """Print the passport."""
    with reading() as work:
        return pdf(service.passport_pdf(work, machine_id, load_query(PaperQuery)["language"]))


@pages.get(MACHINE + "/history")
@auth.signed_in
def show_history(machine_id: int) -> ResponseReturnValue:
    """Show everything dated of a machine: states, entries, components, newest first."""
    with reading() as work:
        session, actor = work.session, work.actor
        page = queries.machine_page(session, actor, machine_id)
        changes = [("state", one.event.at, one) for one in queries.lifecycle_of(session, actor, machine_id)]
        entries = [("entry", one.entry.at, one) for one in queries.entries_of(session, actor, machine_id)]
        events = sorted([*changes, *entries], key=lambda event: event[1])[::-1]
        stays = queries.machine_history(session, actor, machine_id)[::-1]
        return render_template("machines/history.html", page=page, machine=page.machine, events=events, stays=stays)
