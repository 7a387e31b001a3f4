"""Use-cases of a machine's end: write-off and disposal, each leaving a certificate."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.certificates import contents
from aftersales.certificates.service import issue
from aftersales.errors import Invalid, NotFound
from aftersales.models import Certificate, Component, Installation, Machine, MachineParty, Organization, Part, Position
from aftersales.papers.content import ComponentLine, KeyValue, MeterLine
from aftersales.papers.words import DISPOSALS, WRITE_OFF_REASONS
from aftersales.registry.lifecycle import check_party, local_day, move
from aftersales.registry.queries.components import component_life
from aftersales.registry.rules.fields import optional_text, text
from aftersales.translate import N_
from aftersales.usage.queries import latest_life
from aftersales.vocabulary import CertificateKind, MachineState, MeterKind, PartyRole
from aftersales.work import Work


def write_off(
    work: Work,
    machine_id: int,
    *,
    reason: str,
    reason_text: str = "",
    disposal: str = "",
    disposal_text: str = "",
    hazards: Mapping[str, str] | None = None,
    recovered: Sequence[int] = (),
    language: str | None = None,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Certificate:
    """Withdraw a machine from service for good and leave a write-off certificate.

    :param reason: one of ``WRITE_OFF_REASONS``. :param disposal: what is to happen to it, one of ``DISPOSALS``.
    :param hazards: what has to be disposed of with care, by name. :param recovered: components kept for use elsewhere.
    :raises Forbidden: the actor's organisation does not decide about the machine.
    :raises RuleBroken: its state does not allow it.
    """
    if reason not in WRITE_OFF_REASONS:
        raise Invalid(N_("%(reason)s is not a reason to write off"), reason=reason, code="write_off_reason")
    content = {
        "reason": reason,
        "reason_text": optional_text(reason_text, "reason_text", 2000) or "",
        "disposal": _disposal(disposal),
        "disposal_text": optional_text(disposal_text, "disposal_text", 2000) or "",
        "hazards": [
            KeyValue(key=text(key, "hazards", 100), value=value).to_dict() for key, value in (hazards or {}).items()
        ],
    }
    return _retire(
        work,
        machine_id,
        to=MachineState.WRITTEN_OFF,
        kind=CertificateKind.WRITE_OFF,
        content=content,
        recovered=recovered,
        language=language,
        at=at,
        expected_version=expected_version,
    )


def dispose(
    work: Work,
    machine_id: int,
    *,
    disposal: str,
    disposal_text: str = "",
    language: str | None = None,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Certificate:
    """Note where a written-off machine went and leave a disposal certificate.

    :param disposal: one of ``DISPOSALS``.
    :raises RuleBroken: it is not written off.
    """
    content = {
        "disposal": _disposal(text(disposal, "disposal", 40)),
        "disposal_text": optional_text(disposal_text, "disposal_text", 2000) or "",
    }
    return _retire(
        work,
        machine_id,
        to=MachineState.DISPOSED,
        kind=CertificateKind.DISPOSAL,
        content=content,
        recovered=(),
        language=language,
        at=at,
        expected_version=expected_version,
    )


def _disposal(code: str) -> str:
    if code and code not in DISPOSALS:
        raise Invalid(N_("%(disposal)s is not a way of disposal"), disposal=code, code="disposal")
    return code


def _retire(
    work: Work,
    machine_id: int,
    *,
    to: MachineState,
    kind: CertificateKind,
    content: Mapping[str, Any],
    recovered: Sequence[int],
    language: str | None,
    at: datetime | None,
    expected_version: int | None,
) -> Certificate:
    require(work.actor, Permission.MACHINE_MANAGE)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    expect(machine.version, expected_version)
    check_party(work, machine, to)
    event = move(work, machine, to, str(content.get("reason_text") or content.get("disposal_text") or "")[:500], at)
    certificate = issue(
        work,
        kind=kind,
        machine_id=machine.id,
        content={
            **content,
            **_facts(work, machine, event.at),
            "recovered": [_recovered(work, machine, one, event.at).to_dict() for one in recovered],
        },
        language=language or work.actor.language,
        issuer_id=work.actor.organization_id or machine.manufacturer_id,
        at=event.at,
    )
    work.session.flush()
    return certificate


def _facts(work: Work, machine: Machine, at: datetime) -> dict[str, Any]:
    day = local_day(work, machine, at)
    owner = work.session.scalar(
        select(Organization)
        .join(MachineParty, MachineParty.organization_id == Organization.id)
        .where(
            MachineParty.machine_id == machine.id, MachineParty.role == PartyRole.OWNER, MachineParty.valid_to.is_(None)
        )
    )
    site, _ = contents.site_line(work.session, machine)
    latest = latest_life(work.session, [machine.id], MeterKind.HOURS).get(machine.id)
    meters = [MeterLine(value=latest.life, unit="hours", read_at=latest.at).to_dict()] if latest else []
    return {
        "owner": contents.party_line(owner, PartyRole.OWNER.value).to_dict() if owner else None,
        "site": site,
        "meters": meters,
        "decided_by": work.actor.name,
        "decided_on": day.isoformat(),
        "effective_on": day.isoformat(),
        "in_service_since": machine.commissioned_on.isoformat() if machine.commissioned_on else None,
    }


def _recovered(work: Work, machine: Machine, component_id: int, at: datetime) -> ComponentLine:
    row = work.session.execute(
        select(Component, Part, Position)
        .join(Installation, Installation.component_id == Component.id)
        .join(Part, Part.id == Component.part_id)
        .join(Position, Position.id == Installation.position_id)
        .where(Component.id == component_id, Installation.machine_id == machine.id)
        .order_by(Installation.valid_from.desc())
    ).first()
    if row is None:
        raise NotFound(N_("This component was never in the machine"))
    component, part, position = row
    return ComponentLine(
        name=part.name,
        serial_number=component.serial_number,
        part_number=part.number,
        position=position.code,
        life=component_life(work.session, component, at).hours,
        life_unit="hours",
    )
