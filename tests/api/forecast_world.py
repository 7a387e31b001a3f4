"""Demand in the shared world, and a forecast of it."""

from datetime import UTC, datetime
from decimal import Decimal

from flask import Flask

from aftersales.access import Actor
from aftersales.planning import service
from aftersales.stock import service as stock
from aftersales.vocabulary import LocationKind, Role
from aftersales.work import Workshop
from tests.world import World


def with_demand(app: Flask, world: World) -> Actor:
    """Filters go out three a month in 2026, oil once; the first part's name is one a spreadsheet would carry out."""
    shop: Workshop = app.extensions["workshop"]
    planner = world.actor("maker", Role.ADMIN)
    with shop.transaction(planner) as work:
        place = stock.create_location(work, code="MAIN", name="Main store", kind=LocationKind.WAREHOUSE).id
        for number in ("FLT-7", "OIL-46"):
            stock.receive(
                work,
                part_id=world.parts[number],
                location_id=place,
                quantity=Decimal(20),
                at=datetime(2025, 10, 1, 9, tzinfo=UTC),
                origin=LocationKind.ADJUSTMENT,
            )
        issues = [("FLT-7", 3, month) for month in range(1, 6)] + [("OIL-46", 1, 3)]
        for number, quantity, month in issues:
            stock.issue(
                work,
                part_id=world.parts[number],
                location_id=place,
                quantity=Decimal(quantity),
                at=datetime(2026, month, 10, 9, tzinfo=UTC),
            )
    return planner


def with_forecast(app: Flask, world: World) -> int:
    planner = with_demand(app, world)
    run = service.run_forecast(app.extensions["workshop"], planner, horizon=6)
    assert run is not None
    return run
