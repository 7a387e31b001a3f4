"""The fleet plan from a file: machines of a model to be sold or retired by month."""

from collections.abc import Sequence
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select

from aftersales import visibility
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, month, whole, words
from aftersales.models import MachineModel
from aftersales.planning import fleet_plan
from aftersales.translate import N_
from aftersales.work import Work


class PlanKind(StrEnum):
    """What a row plans."""

    SALE = "sale"
    RETIREMENT = "retirement"


def plan_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a fleet plan."""
    return (
        Field("model", words(50), True, help="code of the machine model"),
        Field("period", month, True, help="month, such as 2026-03"),
        Field("machines", whole(0, fleet_plan.MOST_MACHINES), True, help="how many; 0 takes a plan away"),
        Field("kind", choice(PlanKind), default=PlanKind.SALE, help="sale or retirement"),
    )


def take_plan(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Enter the plan row by row; what is planned so already is passed over."""
    taken = Taken()
    seen = visibility.sees_model(work.actor, MachineModel.id, MachineModel.manufacturer_id)
    query = select(MachineModel.code, MachineModel.id).where(seen).order_by(MachineModel.id)
    models = {row.code: row.id for row in work.session.execute(query)}
    known = {(one.kind, one.model_id, one.month): one.machines for one in fleet_plan.plan(work.session, work.actor)}
    for row in rows:
        model = models.get(row["model"])
        if model is None:
            taken.refuse(row, "model", N_("There is no such model among yours"))
            continue
        key = (row["kind"].value, model, row["period"])
        if known.get(key, 0) == row["machines"]:
            taken.unchanged += 1
            continue
        with taken.row(work, row, "model"):
            made = fleet_plan.enter(
                work, model_id=model, month=row["period"], machines=row["machines"], kind=row["kind"].value
            )
            taken.add("fleet_plan_entry", made.id)
            known[key] = row["machines"]
    return taken


PLAN = Kind("fleet-plan", "Machines to be sold or retired by model and month.", plan_fields, take_plan)
