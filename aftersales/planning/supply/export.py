"""Stock policy and plan as tables to give away."""

from decimal import Decimal

from aftersales.planning.export import Sheet
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
