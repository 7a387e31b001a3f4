"""What may be read of the store: an organisation's own places, balances, reservations, counts and moves."""

from aftersales.stock.queries.ledger import MoveView, move, moves
from aftersales.stock.queries.places import (
    Available,
    BalanceView,
    LocationView,
    available,
    balance,
    balances,
    location,
    locations,
    serial_place,
    serials,
)
from aftersales.stock.queries.waiting import CountView, ReservationView, count, counts, reservation, reservations

__all__ = [
    "Available",
    "BalanceView",
    "CountView",
    "LocationView",
    "MoveView",
    "ReservationView",
    "available",
    "balance",
    "balances",
    "count",
    "counts",
    "location",
    "locations",
    "move",
    "moves",
    "reservation",
    "reservations",
    "serial_place",
    "serials",
]
