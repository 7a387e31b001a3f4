"""The parts catalogue: search, a part with all that hangs on it, supersession and alternates."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.errors import Invalid
from aftersales.parts import queries, service
from aftersales.parts.service import PartData
from aftersales.purchasing import queries as purchasing
from aftersales.stock import queries as stock
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.parts import PartQuery
from api.schemas.trade_forms import AlternateForm, PartChangeForm, PartForm, SupersessionForm

pages = Blueprint("parts_pages", __name__)


def part_numbered(work: Work, number: str, field: str = "part_number") -> int:
    """Return the id of the part with a number.

    :raises Invalid: at the form's field, when there is none.
    """
    part = queries.by_number(work.session, work.actor, number)
    if part is None:
        message = N_("There is no part with this number")
        raise Invalid(message, errors=[{"field": field, "message": message}])
    return part.id


@pages.get("/parts")
@auth.signed_in
def list_parts() -> ResponseReturnValue:
    """List and search the catalogue."""
    query = load_query(PartQuery)
    limit, text = query.pop("limit"), query.pop("search")
    with reading() as work:
        rows = queries.parts(work.session, work.actor, text=text, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row.part.id)
        free = {}
        if work.actor.may(Permission.STOCK_READ):
            free = stock.available(work.session, work.actor, [row.part.id for row in page.items])
        return render_template("parts/list.html", page=page, free=free, query=query, search=text)


@pages.get("/parts/new")
@auth.signed_in
def show_new_part() -> ResponseReturnValue:
    """Ask for a new part."""
    with reading() as work:
        require(work.actor, Permission.PART_MANAGE)
    return render_template("parts/edit.html", part=None)


@pages.post("/parts/new")
@auth.signed_in
@posted(PartForm, again=show_new_part)
def create_part(work: Work, form: dict[str, Any]) -> Done:
    """Add a part."""
    part = service.create_part(work, PartData(**form))
    return done(url_for(".show_part", part_id=part.id), N_("Part %(number)s is in the catalogue"), number=part.number)


@pages.get("/parts/<id:part_id>")
@auth.signed_in
def show_part(part_id: int) -> ResponseReturnValue:
    """Show a part: data, chain, substitutes, where used, stock, moves."""
    with reading() as work:
        session, actor = work.session, work.actor
        view = queries.part(session, actor, part_id)
        sees_stock, sees_orders = actor.may(Permission.STOCK_READ), actor.may(Permission.SUPPLY_READ)
        today = work.now.date()
        return render_template(
            "parts/part.html",
            view=view,
            part=view.part,
            chain=queries.chain(session, actor, part_id),
            substitutes=queries.substitutes(session, actor, part_id, work.now.date()),
            uses=queries.where_used(session, actor, part_id),
            balances=stock.balances(session, actor, part_id=part_id) if sees_stock else [],
            serials=stock.serials(session, actor, part_id=part_id) if sees_stock and view.part.serialised else [],
            places={row.location.id: row.location.code for row in stock.locations(session, actor)}
            if sees_stock
            else {},
            moves=stock.moves(session, actor, part_id=part_id, limit=8) if sees_stock else [],
            incoming=purchasing.incoming(session, actor, today, part_id=part_id) if sees_orders else [],
            lead_times=purchasing.lead_times(session, actor, part_ids=[part_id]) if sees_orders else [],
            may_change=view.is_own and actor.may(Permission.PART_MANAGE),
            today=today,
        )


@pages.get("/parts/<id:part_id>/edit")
@auth.signed_in
def show_part_form(part_id: int) -> ResponseReturnValue:
    """Ask what changes about a part."""
    with reading() as work:
        require(work.actor, Permission.PART_MANAGE)
        part = service.own_part(work, part_id)
        return render_template("parts/edit.html", part=part)


@pages.post("/parts/<id:part_id>/edit")
@auth.signed_in
@posted(PartChangeForm, again=show_part_form, versioned=True)
def change_part(work: Work, form: dict[str, Any], part_id: int, expected_version: int | None) -> Done:
    """Change a part."""
    part = service.change_part(work, part_id, form, expected_version)
    return done(url_for(".show_part", part_id=part_id), N_("Part %(number)s is changed"), number=part.number)


@pages.post("/parts/<id:part_id>/ending")
@auth.signed_in
@posted(None, again=show_part, versioned=True)
def end_part(work: Work, form: dict[str, Any], part_id: int, expected_version: int | None) -> Done:
    """Take a part out of use."""
    part = service.end_part(work, part_id, expected_version)
    return done(url_for(".show_part", part_id=part_id), N_("Part %(number)s is out of use"), number=part.number)


@pages.post("/parts/<id:part_id>/supersession")
@auth.signed_in
@posted(SupersessionForm, again=show_part)
def supersede(work: Work, form: dict[str, Any], part_id: int) -> Done:
    """Have the part replaced by another."""
    service.own_part(work, part_id)
    new_id = part_numbered(work, form.pop("new_number"), "new_number")
    service.supersede(work, part_id, new_id, **form)
    return done(url_for(".show_part", part_id=part_id), N_("The successor is noted"))


@pages.post("/parts/<id:part_id>/supersession/withdrawal")
@auth.signed_in
@posted(None, again=show_part)
def withdraw_supersession(work: Work, form: dict[str, Any], part_id: int) -> Done:
    """Take back that the part is replaced."""
    service.withdraw_supersession(work, part_id)
    return done(url_for(".show_part", part_id=part_id), N_("The part has no successor any more"))


@pages.post("/parts/<id:part_id>/alternates")
@auth.signed_in
@posted(AlternateForm, again=show_part)
def add_alternate(work: Work, form: dict[str, Any], part_id: int) -> Done:
    """Note that another part may be used instead."""
    service.own_part(work, part_id)
    other = part_numbered(work, form["other_number"], "other_number")
    service.add_alternate(work, part_id, other, note=form.get("note", ""))
    return done(url_for(".show_part", part_id=part_id), N_("The alternate is noted"))


@pages.post("/parts/<id:part_id>/alternates/<id:alternate_id>/removal")
@auth.signed_in
@posted(None, again=lambda part_id, alternate_id: show_part(part_id))
def remove_alternate(work: Work, form: dict[str, Any], part_id: int, alternate_id: int) -> Done:
    """Take an alternate off the list."""
    service.remove_alternate(work, part_id, alternate_id)
    return done(url_for(".show_part", part_id=part_id), N_("The alternate is off the list"))
