"""Stock policy and plan as tables to give away."""

from decimal import Decimal

from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.planning.export import Sheet
from aftersales.planning.rules import months
from aftersales.planning.supply.plan_queries import planned_orders
from aftersales.planning.supply.policy import Workbench
from aftersales.translate import Translator


def changes_sheet(bench: Workbench, t: Translator) -> Sheet:
    """Return what a policy keeps and changes part by part, the reason in the asker's language."""
    head = ["part_number", "part_name", "criticality", "requests_a_month", "stock_today", "stock", "reorder_point"]
    head += ["order_quantity", "served_at_once_today", "served_at_once", "unit_cost", "money", "currency", "why"]
    rows = [
        [
            change.part.number,
            change.part.name,
            change.part.criticality.value,
            round(change.requests, 3),
            change.today,
            change.stock,
            change.reorder_point,
            change.order_quantity,
            round(change.fill_rate_today, 4),
            round(change.fill_rate, 4),
            Decimal(str(round(change.unit_cost, 4))),
            Decimal(str(round(change.money, 2))),
            bench.known.currency,
            change.said(t),
        ]
        for change in bench.changes
    ]
    return Sheet(head, rows)


def plan_sheet(session: Session, actor: Actor, plan_id: int) -> Sheet:
    """Return the planned orders of a plan.

    :raises NotFound: when it is none of the actor's organisation.
    """
    head = ["part_number", "part_name", "kind", "state", "begins", "comes", "planned_quantity", "quantity", "unit"]
    head += ["unit_cost", "money", "currency", "supply_order", "serves"]
    rows = [
        [
            view.part.number,
            view.part.name,
            view.order.kind.value,
            view.state,
            months.label(view.order.begins),
            months.label(view.comes),
            view.order.quantity,
            view.quantity,
            view.part.unit,
            view.order.unit_cost,
            view.money,
            view.order.currency,
            view.supply_order or "",
            ", ".join(f"{peg['month'] or 'stock'}: {peg['quantity']:g}" for peg in view.order.pegs),
        ]
        for view in planned_orders(session, actor, plan_id, limit=None)
    ]
    return Sheet(head, rows)
