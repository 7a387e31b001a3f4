"""Use-cases of the passport: issue it once, or reconstruct it for a machine taken over from other records."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, select

from aftersales.access import Permission, require
from aftersales.certificates.service import next_number
from aftersales.errors import RuleBroken
from aftersales.models import Installation, Machine, Organization, Passport, Position
from aftersales.papers.passport import Passport as Content
from aftersales.registry import entries, passport_content
from aftersales.registry.lifecycle import commission, move
from aftersales.registry.machines import made_by_actor, not_future, options_of
from aftersales.registry.queries.acceptance import as_results, as_rule, results_of, template_for, tested
from aftersales.registry.rules import lifecycle
from aftersales.registry.rules.acceptance import Place, check_accepted, check_filled
from aftersales.registry.rules.configuration import check_configuration
from aftersales.registry.rules.fields import optional_text
from aftersales.translate import N_
from aftersales.vocabulary import MachineState
from aftersales.work import Work

SERIES = "MP"


def issue_passport(
    work: Work,
    machine_id: int,
    *,
    empty_positions: Mapping[str, str] | None = None,
    remarks: str = "",
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Passport:
    """Issue a machine's passport: freeze what is certified, number it, and bring the machine to *passport issued*.

    :param empty_positions: documented reasons for mandatory positions that are not filled, by position code.
    :raises RuleBroken: it has one already; it is not in production; a characteristic has no result or a failed one; a
        mandatory position is empty without reason; its options do not go together.
    """
    require(work.actor, Permission.PASSPORT_ISSUE)
    machine = made_by_actor(work, machine_id, expected_version)
    _refuse_second(work, machine)
    if machine.state is not MachineState.IN_PRODUCTION:
        raise RuleBroken(
            N_("The passport is issued while a machine is in production; this one is %(state)s"),
            state=machine.state,
            code="not_in_production",
        )
    documented = {code: reason.strip() for code, reason in (empty_positions or {}).items() if reason.strip()}
    check_configuration(options_of(work, machine.model_id), machine.configuration)
    template, characteristics = template_for(work.session, machine)
    check_accepted([as_rule(one) for one in characteristics], as_results(results_of(work.session, machine.id)))
    check_filled(places(work, machine), machine.configuration, documented)
    moment = not_future(work, at)
    event = move(work, machine, MachineState.PASSPORT_ISSUED, "", moment)
    issuer = work.session.get_one(Organization, machine.manufacturer_id)
    content = passport_content.gather(
        work,
        machine,
        number=next_number(work, SERIES, issuer_id=issuer.id, at=event.at),
        issuer=issuer,
        at=event.at,
        template=f"{template.number}",
        tested=tested(work.session, machine)[1],
        empty_positions=documented,
        remarks=optional_text(remarks, "remarks", 2000) or "",
    )
    return _keep(work, machine, content)


def places(work: Work, machine: Machine) -> list[Place]:
    """Return the model's positions with how many units are in each on this machine now."""
    filled = (
        select(func.count(Installation.id))
        .where(
            Installation.position_id == Position.id,
            Installation.machine_id == machine.id,
            Installation.valid_to.is_(None),
        )
        .scalar_subquery()
    )
    rows = work.session.execute(
        select(Position, filled).where(Position.model_id == machine.model_id).order_by(Position.code)
    )
    return [Place(row.code, row.mandatory, row.option_code, row.quantity, count) for row, count in rows]


def _refuse_second(work: Work, machine: Machine) -> None:
    if entries.has_passport(work, machine.id):
        raise RuleBroken(N_("This machine has its passport already; it is issued once"), code="passport_issued")


def _keep(work: Work, machine: Machine, content: Content) -> Passport:
    passport = Passport(
        machine_id=machine.id,
        issuer_id=machine.manufacturer_id,
        number=content.number,
        reconstructed=content.reconstructed,
        content=content.to_dict(),
        content_hash=content.content_hash(),
        issued_at=content.issued_at,
        issued_by_id=work.actor.user_id,
    )
    work.session.add(passport)
    work.session.flush()
    return passport


def reconstruct_passport(
    work: Work,
    machine_id: int,
    *,
    state: MachineState = MachineState.IN_OPERATION,
    commissioned_on: date | None = None,
    note: str = "",
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Passport:
    """Give a machine taken over from other records a passport marked *reconstructed*, and the state it is in.

    It is exempt from acceptance results. With ``commissioned_on`` the other rooms learn that it was commissioned.

    :param note: what the passport was put together from.
    :raises RuleBroken: it has a passport, left the line already, or cannot be taken over in that state.
    """
    require(work.actor, Permission.PASSPORT_ISSUE)
    machine = made_by_actor(work, machine_id, expected_version)
    _refuse_second(work, machine)
    if state not in lifecycle.TAKEN_OVER or machine.state not in lifecycle.BEFORE_FIELD:
        raise RuleBroken(
            N_("A machine that is %(before)s cannot be taken over as %(state)s"),
            before=machine.state,
            state=state,
            code="cannot_take_over",
        )
    moment = not_future(work, at)
    if commissioned_on is not None and commissioned_on > moment.date():
        raise RuleBroken(N_("The commissioning lies in the future"), code="in_future")
    event = move(work, machine, state, N_("Taken over from existing records"), moment, taken_over=True)
    issuer = work.session.get_one(Organization, machine.manufacturer_id)
    content = passport_content.gather(
        work,
        machine,
        number=next_number(work, SERIES, issuer_id=issuer.id, at=event.at),
        issuer=issuer,
        at=event.at,
        reconstructed_note=optional_text(note, "note", 2000) or "",
    )
    passport = _keep(work, machine, content)
    if commissioned_on is not None:
        machine.commissioned_on = commissioned_on
        commission(work, machine, event.at)
    work.session.flush()
    return passport
