"""A store with two places, a van and two parts, for the tests."""

from dataclasses import dataclass
from decimal import Decimal

from aftersales.access import Actor
from aftersales.parts import service as parts
from aftersales.parts.service import PartData
from aftersales.stock import service
from aftersales.vocabulary import LocationKind
from aftersales.work import Workshop
from tests.aftersales.trade_world import World, build


@dataclass(frozen=True)
class Store:
    world: World
    actor: Actor
    main: int
    van: int
    quarantine: int
    bolt: int
    oil: int
    pump: int


def open_store(workshop: Workshop) -> Store:
    """``bolt`` comes in whole units, ``oil`` in fractions, ``pump`` with serial numbers."""
    world = build(workshop)
    with workshop.transaction(world.maker) as work:
        main, van, quarantine = (
            service.create_location(work, code=code, name=code, kind=kind).id
            for code, kind in (
                ("MAIN", LocationKind.WAREHOUSE),
                ("VAN", LocationKind.VAN),
                ("Q", LocationKind.QUARANTINE),
            )
        )
        bolt = parts.create_part(work, PartData(number="BOLT", name="Bolt", cost=Decimal("1.5"))).id
        oil = parts.create_part(work, PartData(number="OIL", name="Oil", unit="l", whole_units=False)).id
        pump = parts.create_part(work, PartData(number="PUMP", name="Pump", serialised=True)).id
    return Store(world, world.maker, main, van, quarantine, bolt, oil, pump)
