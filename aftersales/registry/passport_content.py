"""What a passport says, gathered from the register's rows at the moment of issue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.certificates import contents
from aftersales.models import (
    Component,
    Installation,
    Machine,
    MachineModel,
    MachineParty,
    ModelOption,
    Organization,
    Part,
    Position,
)
from aftersales.papers.content import Check, ComponentLine, DocumentLine, KeyValue, PartyLine
from aftersales.papers.passport import Passport
from aftersales.registry.queries.acceptance import Tested
from aftersales.registry.queries.documents import applying
from aftersales.work import Work


def gather(
    work: Work,
    machine: Machine,
    *,
    number: str,
    issuer: Organization,
    at: datetime,
    template: str = "",
    tested: Sequence[Tested] = (),
    empty_positions: Mapping[str, str] | None = None,
    remarks: str = "",
    reconstructed_note: str | None = None,
) -> Passport:
    """Return the content of a machine's passport.

    :param empty_positions: why a position is not filled, by its code.
    :param reconstructed_note: given for a reconstructed passport: what it was put together from.
    """
    session = work.session
    model = session.get_one(MachineModel, machine.model_id)
    results = [one.result for one in tested if one.result is not None]
    last = max(results, key=lambda result: result.at, default=None)
    notes = [remarks] if remarks else []
    notes += [f"{code}: {reason}" for code, reason in sorted((empty_positions or {}).items())]
    return Passport(
        number=number,
        issued_at=at,
        issuer=contents.issuer_line(issuer),
        verify_url=f"{work.settings.public_url}/m/{machine.public_id}",
        time_zone=issuer.time_zone,
        remarks="\n".join(notes),
        machine=contents.machine_identity(session, machine, work.settings.public_url),
        configuration=_configuration(session, machine),
        marks=tuple(model.markings),
        test_template=template,
        tester=last.tester if last else "",
        tested_on=last.at.date() if last else None,
        acceptance=tuple(_check(one) for one in tested),
        components=_components(session, machine),
        documents=tuple(
            DocumentLine(title=row.title, kind=row.kind, language=row.language, version=row.edition)
            for row in applying(session, machine, at.date())
        ),
        parties=_parties(session, machine),
        reconstructed=reconstructed_note is not None,
        reconstructed_note=reconstructed_note or "",
    )


def _configuration(session: Session, machine: Machine) -> tuple[KeyValue, ...]:
    names = {
        row.code: row.name
        for row in session.scalars(select(ModelOption).where(ModelOption.model_id == machine.model_id))
    }
    return tuple(KeyValue(key=code, value=names.get(code, "")) for code in machine.configuration)


def _check(one: Tested) -> Check:
    return Check(
        characteristic=one.characteristic.name,
        value=one.result.value if one.result else None,
        unit=one.characteristic.unit,
        lower=one.characteristic.lower,
        upper=one.characteristic.upper,
        passed=one.characteristic.passes(one.result.value) if one.result else None,
        by=one.result.tester if one.result else "",
    )


def _components(session: Session, machine: Machine) -> tuple[ComponentLine, ...]:
    rows = session.execute(
        select(Installation, Component, Part, Position)
        .join(Component, Component.id == Installation.component_id)
        .join(Part, Part.id == Component.part_id)
        .join(Position, Position.id == Installation.position_id)
        .where(Installation.machine_id == machine.id, Installation.valid_to.is_(None))
        .order_by(Position.code, Installation.slot)
    )
    return tuple(
        ComponentLine(
            name=part.name,
            serial_number=component.serial_number,
            part_number=part.number,
            position=position.code if position.quantity == 1 else f"{position.code}/{stay.slot}",
            installed_on=stay.valid_from.date(),
        )
        for stay, component, part, position in rows
    )


def _parties(session: Session, machine: Machine) -> tuple[PartyLine, ...]:
    rows = session.execute(
        select(MachineParty, Organization)
        .join(Organization, Organization.id == MachineParty.organization_id)
        .where(MachineParty.machine_id == machine.id, MachineParty.valid_to.is_(None))
        .order_by(MachineParty.id)
    )
    return tuple(
        PartyLine(name=organization.name, role=party.role.value, since=party.valid_from.date())
        for party, organization in rows
    )
