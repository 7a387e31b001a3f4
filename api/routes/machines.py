"""Machines: register, acceptance, passport, life cycle, parties, labels."""

from typing import Any

from flask import Response

from aftersales.condition.queries import Condition, condition
from aftersales.models import Certificate, Passport
from aftersales.registry import queries, service
from aftersales.registry.queries.machines import MachinePage, PublicMachine
from aftersales.registry.queries.parties import PartyLine
from aftersales.registry.queries.passports import EntryView, StateChange
from aftersales.work import Work
from api.auth import Rule
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.components import AtQuery
from api.schemas.machines import (
    AcceptanceAnswer,
    AcceptanceBody,
    DisposalBody,
    EntryAnswer,
    EntryBody,
    IssuedAnswer,
    LabelQuery,
    LabelSheetQuery,
    MachineAnswer,
    MachineBody,
    MachineChangeBody,
    MachineConditionAnswer,
    MachineQuery,
    MachineRowAnswer,
    ModernisationBody,
    PaperQuery,
    PartyAnswer,
    PartyBody,
    PassportAnswer,
    PassportBody,
    PublicMachineAnswer,
    ReconstructionBody,
    ReportingBody,
    RetirementBody,
    SiteMoveBody,
    StateAnswer,
    StateBody,
    TransferBody,
    numbers,
)

room = Room("machines", __name__, "Machines: passport, life cycle, parties, labels")
MACHINE = "/machines/<id:machine_id>"
PDF = "application/pdf"


def _page(work: Work, machine_id: int) -> MachinePage:
    work.session.flush()
    return queries.machine_page(work.session, work.actor, machine_id)


def _pdf(content: bytes) -> Response:
    return Response(content, content_type=PDF)


@room.reads("/machines", answer=MachineRowAnswer, query=MachineQuery, listed=True)
def list_machines(work: Work, query: dict[str, Any]) -> Paged:
    """List the machines whose party your organisation is, or was."""
    limit, state = query.pop("limit"), query.pop("state")
    states = [state] if state else []
    rows = queries.list_machines(work.session, work.actor, states=states, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.machine.id)


@room.writes("POST", "/machines", body=MachineBody, answer=MachineAnswer, status=201)
def create_machine(work: Work, body: dict[str, Any]) -> MachinePage:
    """Plan a machine of one of your models."""
    return _page(work, service.create_machine(work, **body).id)


@room.reads(MACHINE, answer=MachineAnswer)
def get_machine(work: Work, machine_id: int) -> MachinePage:
    """Show a machine."""
    return _page(work, machine_id)


@room.writes("PATCH", MACHINE, body=MachineChangeBody, answer=MachineAnswer, versioned=True)
def change_machine(work: Work, body: dict[str, Any], machine_id: int, expected_version: int) -> MachinePage:
    """Change a machine before its passport is issued."""
    service.change_machine(work, machine_id, body, expected_version)
    return _page(work, machine_id)


@room.reads(MACHINE + "/condition", answer=MachineConditionAnswer, query=AtQuery)
def get_condition(work: Work, query: dict[str, Any], machine_id: int) -> Condition:
    """Show a machine's technical condition now or at any past moment."""
    return condition(work.session, work.actor, machine_id, min(query["at"] or work.now, work.now))


@room.reads(MACHINE + "/states", answer=StateAnswer, listed=True)
def list_states(work: Work, machine_id: int) -> Paged:
    """List the steps of a machine's life."""
    _page(work, machine_id)
    return Paged(queries.lifecycle_of(work.session, work.actor, machine_id), None)


@room.writes("POST", MACHINE + "/states", body=StateBody, answer=StateAnswer, status=201)
def change_state(work: Work, body: dict[str, Any], machine_id: int) -> StateChange:
    """Bring a machine into another state."""
    return StateChange(service.change_state(work, machine_id, **body), "")


@room.reads(MACHINE + "/acceptance-results", answer=AcceptanceAnswer, listed=True)
def list_acceptance_results(work: Work, machine_id: int) -> Paged:
    """List the acceptance test that applies to a machine and the values that count."""
    return Paged(queries.tested(work.session, _page(work, machine_id).machine)[1], None)


@room.writes("POST", MACHINE + "/acceptance-results", body=AcceptanceBody, answer=MachineAnswer, status=201)
def record_acceptance_results(work: Work, body: dict[str, Any], machine_id: int) -> MachinePage:
    """Record values measured at acceptance."""
    results = [service.Measurement(**one) for one in body.pop("results")]
    service.record_results(work, machine_id, results, **body)
    return _page(work, machine_id)


@room.writes("POST", MACHINE + "/passport", body=PassportBody, answer=PassportAnswer, status=201)
def issue_passport(work: Work, body: dict[str, Any], machine_id: int) -> Passport:
    """Issue a machine's passport."""
    return service.issue_passport(work, machine_id, **body)


@room.writes("POST", MACHINE + "/passport-reconstruction", body=ReconstructionBody, answer=PassportAnswer, status=201)
def reconstruct_passport(work: Work, body: dict[str, Any], machine_id: int) -> Passport:
    """Take a machine over from other records, with a reconstructed passport."""
    return service.reconstruct_passport(work, machine_id, **body)


@room.reads(MACHINE + "/passport", answer=PassportAnswer)
def get_passport(work: Work, machine_id: int) -> Passport:
    """Show a machine's passport."""
    return service.issued_passport(work, machine_id)


@room.reads(MACHINE + "/passport.pdf", answer=None, query=PaperQuery, media=PDF)
def print_passport(work: Work, query: dict[str, Any], machine_id: int) -> Response:
    """Print a machine's passport with its later entries."""
    return _pdf(service.passport_pdf(work, machine_id, query["language"]))


@room.reads(MACHINE + "/passport-entries", answer=EntryAnswer, listed=True)
def list_passport_entries(work: Work, machine_id: int) -> Paged:
    """List the entries made in a passport after its issue."""
    _page(work, machine_id)
    return Paged(queries.entries_of(work.session, work.actor, machine_id), None)


@room.writes("POST", MACHINE + "/passport-entries", body=EntryBody, answer=EntryAnswer, status=201)
def add_passport_entry(work: Work, body: dict[str, Any], machine_id: int) -> EntryView:
    """Enter something in a passport."""
    return EntryView(service.add_entry(work, machine_id, **body), "")


@room.writes("POST", MACHINE + "/modernisations", body=ModernisationBody, answer=MachineAnswer, status=201)
def modernise_machine(work: Work, body: dict[str, Any], machine_id: int) -> MachinePage:
    """Change the configuration of a machine in the field."""
    service.modernise(work, machine_id, **body)
    return _page(work, machine_id)


@room.writes("POST", MACHINE + "/reporting", body=ReportingBody, answer=MachineAnswer)
def set_reporting(work: Work, body: dict[str, Any], machine_id: int) -> MachinePage:
    """Switch fault reports by the machine's code on or off."""
    service.set_reporting(work, machine_id, **body)
    return _page(work, machine_id)


@room.writes("POST", MACHINE + "/site-moves", body=SiteMoveBody, answer=MachineAnswer, status=201)
def move_machine(work: Work, body: dict[str, Any], machine_id: int) -> MachinePage:
    """Note that a machine stands at another site."""
    service.move_to_site(work, machine_id, **body)
    return _page(work, machine_id)


@room.writes("POST", MACHINE + "/write-off", body=RetirementBody, answer=IssuedAnswer, status=201)
def write_off_machine(work: Work, body: dict[str, Any], machine_id: int) -> Certificate:
    """Withdraw a machine from service for good, with a certificate."""
    return service.write_off(work, machine_id, **body)


@room.writes("POST", MACHINE + "/disposal", body=DisposalBody, answer=IssuedAnswer, status=201)
def dispose_machine(work: Work, body: dict[str, Any], machine_id: int) -> Certificate:
    """Note where a written-off machine went, with a certificate."""
    return service.dispose(work, machine_id, **body)


@room.reads(MACHINE + "/parties", answer=PartyAnswer, listed=True)
def list_parties(work: Work, machine_id: int) -> Paged:
    """List a machine's parties, present ones first."""
    return Paged(queries.parties(work.session, work.actor, machine_id), None)


@room.writes("POST", MACHINE + "/parties", body=PartyBody, answer=PartyAnswer, status=201)
def set_party(work: Work, body: dict[str, Any], machine_id: int) -> PartyLine:
    """Make an organisation a party of a machine."""
    return service.party_line(work, service.set_party(work, machine_id, **body))


@room.writes("POST", MACHINE + "/parties/<id:party_id>/ending", body=Empty, answer=PartyAnswer)
def end_party(work: Work, body: dict[str, Any], machine_id: int, party_id: int) -> PartyLine:
    """End a party's time, for instance what was shared with it."""
    return service.party_line(work, service.end_party(work, machine_id, party_id))


@room.writes("POST", MACHINE + "/ownership-transfers", body=TransferBody, answer=PartyAnswer, status=201)
def transfer_ownership(work: Work, body: dict[str, Any], machine_id: int) -> PartyLine:
    """Give a machine to a new owner."""
    return service.party_line(work, service.transfer_ownership(work, machine_id, **body))


@room.reads(MACHINE + "/label.pdf", answer=None, query=LabelQuery, media=PDF)
def print_label(work: Work, query: dict[str, Any], machine_id: int) -> Response:
    """Print a machine's nameplate label with its permanent code."""
    return _pdf(service.labels(work, [machine_id], **query))


@room.reads("/machine-labels.pdf", answer=None, query=LabelSheetQuery, media=PDF)
def print_label_sheet(work: Work, query: dict[str, Any]) -> Response:
    """Print labels of several machines on sheets to be cut."""
    return _pdf(service.labels(work, numbers(query.pop("machines")), sheet=True, **query))


@room.reads("/public-machines/<public_id:public_id>", answer=PublicMachineAnswer, rule=Rule.PUBLIC)
def get_public_machine(work: Work, public_id: str) -> PublicMachine:
    """Show the nameplate of the machine with this code; needs no sign-in."""
    return queries.public_machine(work.session, public_id)
