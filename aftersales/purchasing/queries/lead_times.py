"""How long deliveries took: from sending the order to each receipt, by part and supplier."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Organization, SupplyOrder, SupplyOrderLine, SupplyReceipt
from aftersales.purchasing import rules
from aftersales.vocabulary import SupplyKind


@dataclass(frozen=True, slots=True)
class LeadTimeView:
    """What one source's past deliveries of one part tell; ``supplier`` is ``None`` for our own works."""

    part_id: int
    kind: SupplyKind
    supplier_id: int | None
    supplier: str | None
    lead_time: rules.LeadTime


def lead_times(
    session: Session, actor: Actor, *, part_ids: Collection[int] | None = None, supplier_id: int | None = None
) -> list[LeadTimeView]:
    """Return past lead times by part, kind and supplier, of orders the actor's organisation made or supplied.

    All of a line that came on one day is one delivery; what was taken back does not count. Orders that are still
    open have told nothing yet, so a supplier who is late now looks better here than he is.
    """
    require(actor, Permission.SUPPLY_READ)
    undone = aliased(SupplyReceipt)
    query = (
        select(SupplyOrderLine.part_id, SupplyOrder.kind, Organization.id, Organization.name)
        .add_columns(SupplyReceipt.line_id, SupplyReceipt.at, SupplyOrder.sent_at)
        .join(SupplyOrderLine, SupplyOrderLine.id == SupplyReceipt.line_id)
        .join(SupplyOrder, SupplyOrder.id == SupplyOrderLine.order_id)
        .outerjoin(Organization, Organization.id == SupplyOrder.supplier_id)
        .where(visibility.sees_supply_order(actor), SupplyReceipt.quantity > 0)
        .where(~select(undone.id).where(undone.reverses_id == SupplyReceipt.id).exists())
    )
    if part_ids is not None:
        query = query.where(SupplyOrderLine.part_id.in_(part_ids))
    if supplier_id is not None:
        query = query.where(SupplyOrder.supplier_id == supplier_id)
    found: dict[tuple[int, SupplyKind, int | None, str | None], set[tuple[int, int]]] = defaultdict(set)
    for part_id, kind, source, name, line_id, at, sent_at in session.execute(query):
        found[part_id, kind, source, name].add((line_id, (at.date() - sent_at.date()).days))
    views = []
    for (part_id, kind, source, name), deliveries in found.items():
        told = rules.lead_time(sorted(days for _, days in deliveries))
        if told:
            views.append(LeadTimeView(part_id, kind, source, name, told))
    return sorted(views, key=lambda view: (view.part_id, view.kind, view.supplier or ""))
