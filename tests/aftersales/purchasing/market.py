"""A maker with a store and a supplier to order from, for the tests."""

from dataclasses import dataclass, replace
from decimal import Decimal

from aftersales.access import Actor
from aftersales.models import SupplyOrder
from aftersales.parts import service as parts
from aftersales.parts.service import PartData
from aftersales.purchasing import service
from aftersales.purchasing.service import LineData
from aftersales.vocabulary import OrganizationKind, Role, SupplyKind, Tolerance
from aftersales.work import Work, Workshop
from tests.aftersales.stock.store import Store, open_store
from tests.aftersales.trade_world import colleague

MAKER, SUPPLIER = OrganizationKind.MANUFACTURER, OrganizationKind.SUPPLIER


@dataclass(frozen=True)
class Market:
    store: Store
    planner: Actor
    manager: Actor
    keeper: Actor
    supplier: Actor
    seal: int
    valve: int
    plate: int


def open_market(workshop: Workshop) -> Market:
    """``seal`` comes by tens from ten on, ``valve`` with serial numbers and repairable; ``plate`` is made here."""
    store = open_store(workshop)
    maker, supplier = store.world.maker.organization, store.world.supplier.organization
    with workshop.transaction(store.actor) as work:
        seal = PartData(number="SEAL", name="Seal", cost=Decimal("1.25"), lead_time_days=20)
        seal = replace(seal, minimum_quantity=Decimal(10), multiple=Decimal(10), own=False, supplier_id=supplier)
        valve = PartData(number="VALVE", name="Valve", cost=Decimal(80), serialised=True, repairable=True)
        seal_id = parts.create_part(work, seal).id
        valve_id = parts.create_part(work, replace(valve, own=False, supplier_id=supplier)).id
        plate = parts.create_part(work, PartData(number="PLATE", name="Plate", cost=Decimal(40))).id
        planner, manager, keeper = (
            colleague(work, maker, MAKER, role) for role in (Role.PLANNER, Role.MANAGER, Role.STOREKEEPER)
        )
        contact = colleague(work, supplier, SUPPLIER, Role.MANAGER)
    return Market(store, planner, manager, keeper, contact, seal_id, valve_id, plate)


def drafted(work: Work, market: Market, quantity: int = 20, tolerance: Tolerance = Tolerance.EXACT) -> SupplyOrder:
    """Draft a purchase of seals as the planner."""
    wanted = LineData(part_id=market.seal, quantity=Decimal(quantity), tolerance=tolerance)
    supplier = market.store.world.supplier.organization
    return service.create_order(
        work, kind=SupplyKind.PURCHASE, supplier_id=supplier, location_id=market.store.main, lines=[wanted]
    )


def sent(workshop: Workshop, market: Market, quantity: int = 20, tolerance: Tolerance = Tolerance.EXACT) -> int:
    """Bring such an order as far as sent, by those whose steps these are."""
    with workshop.transaction(market.planner) as work:
        order_id = drafted(work, market, quantity, tolerance).id
    with workshop.transaction(market.manager) as work:
        service.approve(work, order_id)
    with workshop.transaction(market.planner) as work:
        service.send(work, order_id)
    return order_id
