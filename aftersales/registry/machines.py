"""Use-cases of a single machine: create it, describe it, measure it at acceptance, move it to a site."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require, require_any
from aftersales.db import touch
from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import (
    AcceptanceResult,
    Machine,
    MachineModel,
    MachineParty,
    ModelOption,
    Site,
    TestCharacteristic,
)
from aftersales.registry import entries
from aftersales.registry.lifecycle import move
from aftersales.registry.queries.acceptance import template_for
from aftersales.registry.rules.configuration import Option, check_configuration
from aftersales.registry.rules.fields import exact, optional_text, text
from aftersales.registry.rules.lifecycle import ENDED, check_serving
from aftersales.translate import N_
from aftersales.vocabulary import MachineState, PartyRole
from aftersales.work import Work

MAY_CHANGE = frozenset({"order_code", "product_year", "configuration"})
YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value measured at acceptance."""

    characteristic_id: int
    value: Decimal


def create_machine(
    work: Work,
    *,
    model_id: int,
    serial_number: str,
    order_code: str | None = None,
    product_year: int | None = None,
    configuration: Sequence[str] = (),
    at: datetime | None = None,
) -> Machine:
    """Add a planned machine of the actor's own model; its organisation becomes its manufacturer party.

    :raises NotFound: the model is another's. :raises Conflict: the serial number is taken (``serial_exists``).
    :raises RuleBroken: the options do not go together, or the model has ended.
    """
    require(work.actor, Permission.MACHINE_MANAGE)
    mine = visibility.owns(work.actor, MachineModel.manufacturer_id)
    model = visibility.get(work.session, MachineModel, model_id, mine)
    moment = at or work.now
    if model.ended_at is not None and model.ended_at <= moment:
        raise RuleBroken(N_("Model %(model)s is no longer made"), model=model.code, code="model_ended")
    serial = text(serial_number, "serial_number", 80)
    taken = select(Machine.id).where(Machine.manufacturer_id == model.manufacturer_id, Machine.serial_number == serial)
    if work.session.scalar(taken):
        raise Conflict(
            N_("There is a machine with serial number %(serial)s already"), serial=serial, code="serial_exists"
        )
    check_configuration(options_of(work, model.id), configuration)
    machine = Machine(
        public_id=secrets.token_urlsafe(12),
        manufacturer_id=model.manufacturer_id,
        model_id=model.id,
        serial_number=serial,
        order_code=optional_text(order_code, "order_code", 80),
        product_year=_year(product_year),
        configuration=list(configuration),
        state=MachineState.PLANNED,
        created_at=moment,
    )
    work.session.add(machine)
    work.session.flush()
    move(work, machine, MachineState.PLANNED, "", moment)
    work.session.add(
        MachineParty(
            machine_id=machine.id,
            organization_id=model.manufacturer_id,
            role=PartyRole.MANUFACTURER,
            valid_from=moment,
            granted_by_id=work.actor.user_id,
        )
    )
    work.session.flush()
    return machine


def options_of(work: Work, model_id: int) -> list[Option]:
    """Return a model's options as the rules take them."""
    rows = work.session.scalars(select(ModelOption).where(ModelOption.model_id == model_id))
    return [Option(row.code, frozenset(row.requires), frozenset(row.excludes)) for row in rows]


def _year(year: int | None) -> int | None:
    if year is not None and year not in YEARS:
        raise Invalid(N_("%(year)s is not a year of construction"), year=year, code="product_year")
    return year


def change_machine(
    work: Work, machine_id: int, changes: Mapping[str, Any], expected_version: int | None = None
) -> Machine:
    """Change order code, year or configuration of a machine whose passport is not issued yet.

    :raises RuleBroken: it has its passport (``passport_issued``): what it certifies no longer changes.
    """
    require(work.actor, Permission.MACHINE_MANAGE)
    machine = made_by_actor(work, machine_id, expected_version)
    if entries.has_passport(work, machine.id):
        raise RuleBroken(
            N_("The passport is issued and does not change; enter a modernisation instead"), code="passport_issued"
        )
    unknown = sorted(set(changes) - MAY_CHANGE)
    if unknown:
        raise Invalid(N_("%(field)s cannot be changed"), field=unknown[0], code="field_fixed")
    if "configuration" in changes:
        check_configuration(options_of(work, machine.model_id), changes["configuration"])
        machine.configuration = list(changes["configuration"])
    if "order_code" in changes:
        machine.order_code = optional_text(changes["order_code"], "order_code", 80)
    if "product_year" in changes:
        machine.product_year = _year(changes["product_year"])
    work.session.flush()
    return machine


def made_by_actor(work: Work, machine_id: int, expected_version: int | None = None) -> Machine:
    """Return a machine, locked, that the actor's organisation makes.

    :raises NotFound: the actor does not see it. :raises Forbidden: another makes it.
    """
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    if PartyRole.MANUFACTURER not in visibility.roles_in(work.session, work.actor, machine.id):
        raise Forbidden(N_("Only its manufacturer may do this"), code="wrong_party")
    expect(machine.version, expected_version)
    return machine


def modernise(
    work: Work,
    machine_id: int,
    *,
    configuration: Sequence[str],
    reason: str,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Machine:
    """Change the configuration of a machine in the field; its passport gets a dated entry.

    :raises RuleBroken: the options do not go together, the machine has no passport or has left service.
    """
    require_any(work.actor, Permission.MACHINE_MANAGE, Permission.ORDER_WORK)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    check_serving(visibility.roles_in(work.session, work.actor, machine.id))
    expect(machine.version, expected_version)
    if machine.state in ENDED:
        raise RuleBroken(N_("This machine has left service for good"), code="machine_ended")
    if not entries.has_passport(work, machine.id):
        raise RuleBroken(N_("This machine has no passport yet"), code="no_passport")
    check_configuration(options_of(work, machine.model_id), configuration)
    moment = not_future(work, at)
    entries.enter(
        work,
        machine,
        entries.MODERNISATION,
        moment,
        N_("Configuration changed from %(before)s to %(after)s: %(reason)s"),
        before=", ".join(machine.configuration) or "-",
        after=", ".join(configuration) or "-",
        reason=text(reason, "reason", 500),
    )
    machine.configuration = list(configuration)
    work.session.flush()
    return machine


def not_future(work: Work, at: datetime | None) -> datetime:
    """Return the moment meant: now by default.

    :raises Invalid: it lies in the future.
    """
    if at is not None and at > work.now:
        raise Invalid(N_("%(at)s lies in the future"), at=at.isoformat(), code="in_future")
    return at or work.now


def set_reporting(work: Work, machine_id: int, is_open: bool, expected_version: int | None = None) -> Machine:
    """Switch fault reports through the machine's code without sign-in on or off."""
    require_any(work.actor, Permission.MACHINE_MANAGE, Permission.PARTY_MANAGE)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    check_serving(visibility.roles_in(work.session, work.actor, machine.id))
    expect(machine.version, expected_version)
    machine.reporting_open = is_open
    work.session.flush()
    return machine


def record_results(
    work: Work,
    machine_id: int,
    measurements: Sequence[Measurement],
    *,
    tester: str,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> list[AcceptanceResult]:
    """Record values measured at factory acceptance; a newer one of the same characteristic replaces the older.

    Values outside the limits are recorded too: they are what was measured. The issue of the passport judges.

    :raises RuleBroken: the machine is not in production, or has its passport.
    :raises Invalid: a characteristic that is not in the template that applies, or no number.
    """
    require(work.actor, Permission.MACHINE_MANAGE)
    machine = made_by_actor(work, machine_id, expected_version)
    if machine.state is not MachineState.IN_PRODUCTION:
        raise RuleBroken(
            N_("Acceptance results are recorded while a machine is in production"), code="not_in_production"
        )
    template, characteristics = template_for(work.session, machine)
    known = {one.id: one for one in characteristics}
    moment = not_future(work, at)
    name = text(tester, "tester", 200)
    rows: list[AcceptanceResult] = []
    for row, one in enumerate(measurements, start=1):
        if one.characteristic_id not in known:
            raise Invalid(
                N_("Row %(row)s: the characteristic is not in version %(number)s of the model's test template"),
                row=row,
                number=template.number,
                code="unknown_characteristic",
                errors=[{"row": row, "field": "characteristic_id", "message": N_("is not in the template")}],
            )
        rows.append(_result(work, machine, known[one.characteristic_id], one.value, name, moment))
    touch(machine)
    work.session.add_all(rows)
    work.session.flush()
    return rows


def _result(
    work: Work, machine: Machine, characteristic: TestCharacteristic, value: Decimal, tester: str, at: datetime
) -> AcceptanceResult:
    number = exact(value, characteristic.name, 6)
    return AcceptanceResult(
        machine_id=machine.id,
        characteristic_id=characteristic.id,
        value=number,
        passed=characteristic.passes(number),
        tester=tester,
        at=at,
        actor_id=work.actor.user_id,
    )


def move_to_site(
    work: Work, machine_id: int, site_id: int, at: datetime | None = None, expected_version: int | None = None
) -> Machine:
    """Note that a machine stands at another site, which belongs to one of its parties; its passport gets an entry.

    :raises NotFound: the site belongs to no present party of the machine.
    """
    require_any(work.actor, Permission.MACHINE_MANAGE, Permission.PARTY_MANAGE)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    check_serving(visibility.roles_in(work.session, work.actor, machine.id))
    expect(machine.version, expected_version)
    moment = not_future(work, at)
    site = _site_of_party(work, machine, site_id)
    before = work.session.get(Site, machine.site_id) if machine.site_id else None
    if before is None or before.id != site.id:
        entries.enter(
            work,
            machine,
            entries.SITE,
            moment,
            N_("Moved from %(before)s to %(after)s"),
            before=before.name if before else "-",
            after=site.name,
        )
        machine.site_id = site.id
    work.session.flush()
    return machine


def _site_of_party(work: Work, machine: Machine, site_id: int) -> Site:
    holders = select(MachineParty.organization_id).where(
        MachineParty.machine_id == machine.id,
        MachineParty.valid_to.is_(None),
        MachineParty.role.in_((PartyRole.MANUFACTURER, PartyRole.OWNER, PartyRole.OPERATOR)),
    )
    site = work.session.scalar(
        select(Site).where(Site.id == site_id, Site.organization_id.in_(holders), Site.ended_at.is_(None))
    )
    if site is None:
        raise NotFound(N_("This site belongs to none of the machine's parties"))
    return site
