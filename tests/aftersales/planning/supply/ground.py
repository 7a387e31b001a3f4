"""A catalogue with a forecast to plan stock from: bolts, oil and a pump, with what they cost."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import update

from aftersales.access import Actor
from aftersales.models import Part
from aftersales.planning import service
from aftersales.vocabulary import Criticality
from aftersales.work import Workshop
from tests.aftersales.planning.field import Field, on, open_field

MONTHS = ((2025, 11), (2025, 12), *((2026, month) for month in range(1, 6)))


@dataclass
class Ground:
    """The field with its forecast."""

    field: Field
    run: int

    @property
    def shop(self) -> Workshop:
        return self.field.shop

    @property
    def planner(self) -> Actor:
        return self.field.maker

    @property
    def bolt(self) -> int:
        return self.field.store.bolt

    @property
    def oil(self) -> int:
        return self.field.store.oil

    @property
    def pump(self) -> int:
        return self.field.store.pump


def open_ground(shop: Workshop) -> Ground:
    """Bolts go out three a month and cost 1.50, oil forty litres at 3; the vital pump at 1500 every other month."""
    field = open_field(shop)
    store = field.store
    for part, quantity in ((store.bolt, 60), (store.oil, 600)):
        field.receive(part, quantity, on(2025, 11, 3))
    for number, (year, month) in enumerate(MONTHS):
        field.issue(store.bolt, 3 + number % 2, on(year, month))
        field.issue(store.oil, 40 - number, on(year, month, 12))
        if number % 2 == 0:
            field.fail(store.pump, on(year, month, 15))
    with shop.transaction() as work:
        for part, cost in ((store.bolt, "1.5"), (store.oil, "3"), (store.pump, "1500")):
            work.session.execute(update(Part).where(Part.id == part).values(cost=Decimal(cost)))
        work.session.execute(update(Part).where(Part.id == store.pump).values(criticality=Criticality.VITAL))
    made = service.run_forecast(shop, field.maker, horizon=12)
    assert made is not None
    return Ground(field, made)
