"""The acceptance test that applies to a machine, and its results."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales.models import AcceptanceResult, LifecycleEvent, Machine, TestCharacteristic, TestTemplate
from aftersales.registry.rules.acceptance import Characteristic, Result, Template, applicable, newest
from aftersales.vocabulary import MachineState


@dataclass(frozen=True, slots=True)
class Tested:
    """A characteristic of the template and, when measured, the result that counts."""

    characteristic: TestCharacteristic
    result: AcceptanceResult | None


def template_for(session: Session, machine: Machine) -> tuple[TestTemplate, list[TestCharacteristic]]:
    """Return the template a machine is accepted by, with its characteristics in order.

    :raises RuleBroken: its model has none.
    """
    rows = {
        row.id: row for row in session.scalars(select(TestTemplate).where(TestTemplate.model_id == machine.model_id))
    }
    began = select(func.min(LifecycleEvent.at)).where(
        LifecycleEvent.machine_id == machine.id, LifecycleEvent.to_state == MachineState.IN_PRODUCTION
    )
    published = [Template(row.id, row.number, row.published_at) for row in rows.values()]
    template = rows[applicable(published, session.scalar(began)).id]
    characteristics = session.scalars(
        select(TestCharacteristic)
        .where(TestCharacteristic.template_id == template.id)
        .order_by(TestCharacteristic.sequence)
    )
    return template, list(characteristics)


def as_rule(row: TestCharacteristic) -> Characteristic:
    """Return a characteristic as the rules take it."""
    return Characteristic(row.id, row.name, row.unit, row.lower, row.upper)


def results_of(session: Session, machine_id: int) -> dict[int, AcceptanceResult]:
    """Return every recorded result of a machine by its id."""
    rows = session.scalars(select(AcceptanceResult).where(AcceptanceResult.machine_id == machine_id))
    return {row.id: row for row in rows}


def as_results(rows: dict[int, AcceptanceResult]) -> list[Result]:
    """Return results as the rules take them."""
    return [Result(row.id, row.characteristic_id, row.value, row.at) for row in rows.values()]


def tested(session: Session, machine: Machine) -> tuple[TestTemplate, list[Tested]]:
    """Return the applying template and how far its characteristics are measured.

    :raises RuleBroken: the model has no template.
    """
    template, characteristics = template_for(session, machine)
    rows = results_of(session, machine.id)
    counting = newest(as_results(rows))
    return template, [Tested(one, rows[counting[one.id].id] if one.id in counting else None) for one in characteristics]
