"""What must hold of every closed order, told from the rows alone; for the doctor."""

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from aftersales.models import ChecklistResult, PartUse, StockMove, TimeEntry, WorkOrder
from aftersales.vocabulary import OrderState


def unbooked(session: Session) -> list[str]:
    """Return what closed orders lack: parts without their stock move, clocks running, checks without result."""
    closed = WorkOrder.state == OrderState.CLOSED
    found = []
    for what, rows in (
        (
            "part without its stock move",
            select(WorkOrder.number).join(PartUse).where(closed, PartUse.move_id.is_(None)),
        ),
        ("clock still running", select(WorkOrder.number).join(TimeEntry).where(closed, TimeEntry.ended_at.is_(None))),
        (
            "required check without result",
            select(WorkOrder.number)
            .join(ChecklistResult)
            .where(
                closed,
                ChecklistResult.required,
                or_(
                    and_(ChecklistResult.measured, ChecklistResult.value.is_(None)),
                    and_(~ChecklistResult.measured, ChecklistResult.passed.is_(None)),
                ),
            ),
        ),
    ):
        found += [f"{number}: {what}" for number in session.scalars(rows.distinct())]
    return found


def misbooked(session: Session) -> list[str]:
    """Return the closed orders whose parts and issued stock do not agree."""
    used = (
        select(WorkOrder.number)
        .join(PartUse, PartUse.work_order_id == WorkOrder.id)
        .join(StockMove, StockMove.id == PartUse.move_id)
        .where(
            or_(
                StockMove.part_id != PartUse.part_id,
                StockMove.quantity != PartUse.quantity,
                StockMove.work_order_id != WorkOrder.id,
            )
        )
    )
    return [f"{number}: the stock move differs from the part used" for number in session.scalars(used.distinct())]
