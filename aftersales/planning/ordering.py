"""From a reorder proposal to a draft order."""

from collections.abc import Sequence

from aftersales.errors import RuleBroken
from aftersales.models import SupplyOrder
from aftersales.planning.proposals import proposals
from aftersales.purchasing import service as purchasing
from aftersales.purchasing.service import Wanted
from aftersales.translate import N_
from aftersales.work import Work


def order_proposed(work: Work, part_ids: Sequence[int], *, location_id: int | None = None) -> list[SupplyOrder]:
    """Draft orders of what the newest run proposes for these parts, one order for each supplier.

    :param location_id: where it is to come; the first warehouse when not given.
    :raises RuleBroken: when nothing is proposed for a part; what was drafted meanwhile counts as on order.
    """
    found = {view.part.id: view for view in proposals(work.session, work.actor, part_ids=part_ids, limit=None)}
    for part_id in part_ids:
        if part_id not in found or found[part_id].proposed.quantity <= 0:
            message = N_("Nothing is proposed to be ordered of this part")
            raise RuleBroken(message, code="nothing_proposed", errors=[{"field": "part_ids", "message": message}])
    run_id = next(iter(found.values())).run_id
    wanted = [
        Wanted(part_id=part_id, quantity=found[part_id].proposed.quantity, plan_reference=f"forecast run {run_id}")
        for part_id in dict.fromkeys(part_ids)
    ]
    return purchasing.order_parts(work, wanted, location_id=location_id)
