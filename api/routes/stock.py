"""The store: places, balances, the ledger of moves, reservations and counts."""

from typing import Any

from aftersales.models import StockMove
from aftersales.stock import queries, service
from aftersales.stock.queries import CountView, LocationView, MoveView, ReservationView
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.stock import (
    BalanceAnswer,
    BalanceQuery,
    CountAnswer,
    CountBody,
    CountQuery,
    IssueBody,
    LocationAnswer,
    LocationBody,
    LocationChangeBody,
    LocationQuery,
    MoveBody,
    MoveQuery,
    ReceiptBody,
    RegradeBody,
    ReleaseBody,
    ReservationAnswer,
    ReservationBody,
    ReservationQuery,
    ScrapBody,
    SerialAnswer,
    SerialQuery,
    StockMoveAnswer,
    StockTransferBody,
)

room = Room("stock", __name__, "Stock: places, balances, the ledger of moves, reservations, counts")


@room.reads("/locations", answer=LocationAnswer, query=LocationQuery, listed=True)
def list_locations(work: Work, query: dict[str, Any]) -> Paged:
    """List your organisation's places."""
    limit = query.pop("limit")
    rows = queries.locations(work.session, work.actor, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.location.id)


@room.writes("POST", "/locations", body=LocationBody, answer=LocationAnswer, status=201)
def create_location(work: Work, body: dict[str, Any]) -> LocationView:
    """Add a warehouse, bin, van or quarantine."""
    row = service.create_location(work, **body)
    return queries.location(work.session, work.actor, row.id)


@room.reads("/locations/<id:location_id>", answer=LocationAnswer)
def get_location(work: Work, location_id: int) -> LocationView:
    """Show a place."""
    return queries.location(work.session, work.actor, location_id)


@room.writes("PATCH", "/locations/<id:location_id>", body=LocationChangeBody, answer=LocationAnswer, versioned=True)
def change_location(work: Work, body: dict[str, Any], location_id: int, expected_version: int) -> LocationView:
    """Change name, parent or keeper of a place."""
    service.change_location(work, location_id, body, expected_version)
    return queries.location(work.session, work.actor, location_id)


@room.writes("POST", "/locations/<id:location_id>/ending", body=Empty, answer=LocationAnswer)
def end_location(work: Work, body: dict[str, Any], location_id: int) -> LocationView:
    """Close an empty place."""
    service.end_location(work, location_id)
    return queries.location(work.session, work.actor, location_id)


@room.reads("/stock-balances", answer=BalanceAnswer, query=BalanceQuery, listed=True)
def list_balances(work: Work, query: dict[str, Any]) -> Paged:
    """List what your organisation has, by part number."""
    limit, text = query.pop("limit"), query.pop("search")
    return paged(queries.balances(work.session, work.actor, text=text, limit=limit + 1, **query), limit)


@room.reads("/stock-serials", answer=SerialAnswer, query=SerialQuery, listed=True)
def list_stock_serials(work: Work, query: dict[str, Any]) -> Paged:
    """List units with serial numbers in your places."""
    return Paged(queries.serials(work.session, work.actor, **query), None)


@room.reads("/stock-moves", answer=StockMoveAnswer, query=MoveQuery, listed=True)
def list_stock_moves(work: Work, query: dict[str, Any]) -> Paged:
    """List the ledger of moves, newest first."""
    limit = query.pop("limit")
    rows = queries.moves(work.session, work.actor, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.move.id)


@room.reads("/stock-moves/<id:move_id>", answer=StockMoveAnswer)
def get_stock_move(work: Work, move_id: int) -> MoveView:
    """Show a move."""
    return queries.move(work.session, work.actor, move_id)


def shown(work: Work, move: StockMove) -> MoveView:
    """Return a move just booked as its readers see it."""
    return queries.move(work.session, work.actor, move.id)


@room.writes("POST", "/stock-receipts", body=ReceiptBody, answer=StockMoveAnswer, status=201)
def receive_stock(work: Work, body: dict[str, Any]) -> MoveView:
    """Take stock in."""
    return shown(work, service.receive(work, **body))


@room.writes("POST", "/stock-issues", body=IssueBody, answer=StockMoveAnswer, status=201)
def issue_stock(work: Work, body: dict[str, Any]) -> MoveView:
    """Give stock out to a customer."""
    return shown(work, service.issue(work, **body))


@room.writes("POST", "/stock-transfers", body=StockTransferBody, answer=StockMoveAnswer, status=201)
def transfer_stock(work: Work, body: dict[str, Any]) -> MoveView:
    """Carry stock from one place to another."""
    return shown(work, service.transfer(work, **body))


@room.writes("POST", "/stock-regradings", body=RegradeBody, answer=StockMoveAnswer, status=201)
def regrade_stock(work: Work, body: dict[str, Any]) -> MoveView:
    """Change the condition of stock."""
    return shown(work, service.regrade(work, **body))


@room.writes("POST", "/stock-returns", body=MoveBody, answer=StockMoveAnswer, status=201)
def take_stock_back(work: Work, body: dict[str, Any]) -> MoveView:
    """Take back what came off a machine or was not used."""
    return shown(work, service.take_back(work, **body))


@room.writes("POST", "/supplier-returns", body=MoveBody, answer=StockMoveAnswer, status=201)
def return_stock_to_supplier(work: Work, body: dict[str, Any]) -> MoveView:
    """Send stock back to its supplier."""
    return shown(work, service.return_to_supplier(work, **body))


@room.writes("POST", "/stock-scrappings", body=ScrapBody, answer=StockMoveAnswer, status=201)
def scrap_stock(work: Work, body: dict[str, Any]) -> MoveView:
    """Throw stock away, with the reason."""
    return shown(work, service.scrap(work, **body))


@room.reads("/reservations", answer=ReservationAnswer, query=ReservationQuery, listed=True)
def list_reservations(work: Work, query: dict[str, Any]) -> Paged:
    """List what is set aside, newest first."""
    limit = query.pop("limit")
    rows = queries.reservations(work.session, work.actor, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.reservation.id)


@room.writes("POST", "/reservations", body=ReservationBody, answer=ReservationAnswer, status=201)
def reserve_stock(work: Work, body: dict[str, Any]) -> ReservationView:
    """Set free stock aside."""
    row = service.reserve(work, **body)
    return queries.reservation(work.session, work.actor, row.id)


@room.reads("/reservations/<id:reservation_id>", answer=ReservationAnswer)
def get_reservation(work: Work, reservation_id: int) -> ReservationView:
    """Show a reservation."""
    return queries.reservation(work.session, work.actor, reservation_id)


@room.writes("POST", "/reservations/<id:reservation_id>/release", body=ReleaseBody, answer=ReservationAnswer)
def release_reservation(work: Work, body: dict[str, Any], reservation_id: int) -> ReservationView:
    """Give reserved stock free again."""
    service.release(work, reservation_id, **body)
    return queries.reservation(work.session, work.actor, reservation_id)


@room.reads("/stock-counts", answer=CountAnswer, query=CountQuery, listed=True)
def list_counts(work: Work, query: dict[str, Any]) -> Paged:
    """List counts, newest first."""
    limit = query.pop("limit")
    rows = queries.counts(work.session, work.actor, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.count.id)


@room.writes("POST", "/stock-counts", body=CountBody, answer=CountAnswer, status=201)
def count_stock(work: Work, body: dict[str, Any]) -> CountView:
    """Note what was counted; stock moves once the count is approved."""
    row = service.count(work, **body)
    return queries.count(work.session, work.actor, row.id)


@room.reads("/stock-counts/<id:count_id>", answer=CountAnswer)
def get_count(work: Work, count_id: int) -> CountView:
    """Show a count."""
    return queries.count(work.session, work.actor, count_id)


@room.writes("POST", "/stock-counts/<id:count_id>/approval", body=Empty, answer=CountAnswer)
def approve_count(work: Work, body: dict[str, Any], count_id: int) -> CountView:
    """Accept a count: its difference is moved."""
    service.approve_count(work, count_id)
    return queries.count(work.session, work.actor, count_id)


@room.writes("POST", "/stock-counts/<id:count_id>/rejection", body=Empty, answer=CountAnswer)
def reject_count(work: Work, body: dict[str, Any], count_id: int) -> CountView:
    """Turn a count down: nothing moves."""
    service.reject_count(work, count_id)
    return queries.count(work.session, work.actor, count_id)
