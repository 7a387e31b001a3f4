"""The store: what is where, places and vans, the ledger of moves, reservations and counts."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.people import queries as people
from aftersales.stock import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.base import NumberPageQuery
from api.schemas.stock import CountQuery, LocationBody, LocationChangeBody, MoveQuery, ReservationQuery
from api.schemas.trade_forms import StockQuery

pages = Blueprint("stock_pages", __name__)


@pages.get("/stock")
@auth.signed_in
def list_stock() -> ResponseReturnValue:
    """Show what is where, and what waits."""
    query = load_query(StockQuery)
    limit, text = query.pop("limit"), query.pop("search")
    with reading() as work:
        session, actor = work.session, work.actor
        rows = queries.balances(session, actor, text=text, limit=limit + 1, **query)
        return render_template(
            "stock/list.html",
            page=paged(rows, limit),
            search=text,
            location_id=query["location_id"],
            locations=queries.locations(session, actor),
            waiting=len(queries.counts(session, actor, state="counted", limit=100)),
            reserved=len(queries.reservations(session, actor, limit=100)),
        )


@pages.get("/stock/moves")
@auth.signed_in
def list_moves() -> ResponseReturnValue:
    """Show the ledger of moves."""
    query = load_query(MoveQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = queries.moves(work.session, work.actor, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row.move.id)
        places = queries.locations(work.session, work.actor, with_ended=True)
        return render_template("stock/moves.html", page=page, moves=page.items, query=query, locations=places)


@pages.get("/stock/locations")
@auth.signed_in
def list_locations() -> ResponseReturnValue:
    """List places and vans."""
    query = load_query(NumberPageQuery)
    with reading() as work:
        rows = queries.locations(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
        page = paged(rows, query["limit"], key=lambda row: row.location.id)
        return render_template("stock/locations.html", page=page)


@pages.get("/stock/locations/new")
@auth.signed_in
def show_new_location() -> ResponseReturnValue:
    """Ask for a new place."""
    with reading() as work:
        require(work.actor, Permission.STOCK_MOVE)
        return render_template("stock/location_new.html", **_around(work))


@pages.post("/stock/locations/new")
@auth.signed_in
@posted(LocationBody, again=show_new_location)
def create_location(work: Work, form: dict[str, Any]) -> Done:
    """Add a place."""
    row = service.create_location(work, **form)
    return done(url_for(".show_location", location_id=row.id), N_("%(place)s is added"), place=row.name)


@pages.get("/stock/locations/<id:location_id>")
@auth.signed_in
def show_location(location_id: int) -> ResponseReturnValue:
    """Show what a place holds and what moved there."""
    with reading() as work:
        session, actor = work.session, work.actor
        view = queries.location(session, actor, location_id)
        return render_template(
            "stock/location.html",
            view=view,
            place=view.location,
            balances=queries.balances(session, actor, location_id=location_id, limit=200),
            serials=queries.serials(session, actor, location_id=location_id),
            moves=queries.moves(session, actor, location_id=location_id, limit=10),
            **_around(work),
        )


@pages.post("/stock/locations/<id:location_id>")
@auth.signed_in
@posted(LocationChangeBody, again=show_location, versioned=True)
def change_location(work: Work, form: dict[str, Any], location_id: int, expected_version: int | None) -> Done:
    """Change name, parent or keeper of a place."""
    row = service.change_location(work, location_id, form, expected_version)
    return done(url_for(".show_location", location_id=location_id), N_("%(place)s is changed"), place=row.name)


@pages.post("/stock/locations/<id:location_id>/ending")
@auth.signed_in
@posted(None, again=show_location, versioned=True)
def end_location(work: Work, form: dict[str, Any], location_id: int, expected_version: int | None) -> Done:
    """Close an empty place."""
    row = service.end_location(work, location_id, expected_version)
    return done(url_for(".list_locations"), N_("%(place)s is closed"), place=row.name)


@pages.get("/stock/reservations")
@auth.signed_in
def list_reservations() -> ResponseReturnValue:
    """List what is set aside."""
    query = load_query(ReservationQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = queries.reservations(work.session, work.actor, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row.reservation.id)
        return render_template("stock/reservations.html", page=page, query=query)


@pages.post("/stock/reservations/<id:reservation_id>/release")
@auth.signed_in
@posted(None, again=lambda reservation_id: list_reservations(), versioned=True)
def release(work: Work, form: dict[str, Any], reservation_id: int, expected_version: int | None) -> Done:
    """Give reserved stock free again."""
    service.release(work, reservation_id, expected_version=expected_version)
    return done(url_for(".list_reservations"), N_("The stock is free again"))


@pages.get("/stock/counts")
@auth.signed_in
def list_counts() -> ResponseReturnValue:
    """List counts: those that wait for a decision first."""
    query = load_query(CountQuery)
    limit = query.pop("limit")
    shown = query.pop("state") or (None if request.args.get("all") else "counted")
    with reading() as work:
        rows = queries.counts(work.session, work.actor, state=shown, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row.count.id)
        return render_template("stock/counts.html", page=page, state=shown)


def _deciding(name: str, decide: Callable[..., Any], message: str) -> None:
    @posted(None, again=lambda count_id: list_counts(), versioned=True)
    def view(work: Work, form: dict[str, Any], count_id: int, expected_version: int | None) -> Done:
        decide(work, count_id, expected_version)
        return done(url_for("stock_pages.list_counts"), message)

    pages.add_url_rule(f"/stock/counts/<id:count_id>/{name}", f"count_{name}", auth.signed_in(view), methods=["POST"])


_deciding("approval", service.approve_count, N_("The count is approved; the difference is moved"))
_deciding("rejection", service.reject_count, N_("The count is turned down; nothing moved"))


def _around(work: Work) -> dict[str, Any]:
    """Return what the forms of places choose from."""
    keepers = []
    if work.actor.may(Permission.PEOPLE_READ):
        keepers = [(user.id, user.full_name) for user in people.users(work, after=None, limit=200) if not user.ended_at]
    places = queries.locations(work.session, work.actor)
    return {"keepers": keepers, "parents": [(row.location.id, row.location.code) for row in places]}
