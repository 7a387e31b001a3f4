"""The parties of a machine: who owns, operates, serves and looks at it; sharing and its end; transfer."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission
from aftersales.registry import queries, service
from aftersales.registry.rules.parties import SHARED, grantors
from aftersales.translate import N_
from aftersales.vocabulary import PartyRole
from aftersales.work import Work
from api import auth
from api.http import reading
from api.pages.forms import Done, done, posted
from api.pages.machines import MACHINE
from api.schemas.machines import PartyBody, TransferBody

pages = Blueprint("machine_parties_pages", __name__)


@pages.get(MACHINE + "/parties")
@auth.signed_in
def show_parties(machine_id: int) -> ResponseReturnValue:
    """Show a machine's parties and what the actor may decide about them."""
    with reading() as work:
        page = queries.machine_page(work.session, work.actor, machine_id)
        lines = queries.parties(work.session, work.actor, machine_id)
        present = frozenset(line.party.role for line in lines if line.current)
        decides = {role for role in PartyRole if page.roles & grantors(role, present)}
        manages = work.actor.may(Permission.PARTY_MANAGE)
        return render_template(
            "machines/parties.html",
            page=page,
            machine=page.machine,
            lines=lines,
            decides=decides if manages else set(),
            shared=SHARED,
            present=present,
            known=queries.organizations(work.session, work.actor),
            manages=manages,
        )


@pages.post(MACHINE + "/parties")
@auth.signed_in
@posted(PartyBody, again=show_parties, versioned=True)
def set_party(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Make an organisation a party."""
    service.set_party(work, machine_id, expected_version=expected_version, **form)
    return done(url_for(".show_parties", machine_id=machine_id), N_("The party is added"))


def _again(machine_id: int, party_id: int) -> ResponseReturnValue:
    return show_parties(machine_id=machine_id)


@pages.post(MACHINE + "/parties/<id:party_id>/ending")
@auth.signed_in
@posted(None, again=_again, versioned=True)
def end_party(work: Work, form: dict[str, Any], machine_id: int, party_id: int, expected_version: int | None) -> Done:
    """End a party's time."""
    service.end_party(work, machine_id, party_id, expected_version=expected_version)
    return done(url_for(".show_parties", machine_id=machine_id), N_("The party's time has ended"))


@pages.post(MACHINE + "/ownership-transfers")
@auth.signed_in
@posted(TransferBody, again=show_parties, versioned=True)
def transfer(work: Work, form: dict[str, Any], machine_id: int, expected_version: int | None) -> Done:
    """Give a machine to a new owner."""
    service.transfer_ownership(work, machine_id, expected_version=expected_version, **form)
    return done(url_for("machines_pages.list_machines"), N_("The ownership is transferred"))
