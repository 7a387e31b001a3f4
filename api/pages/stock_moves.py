"""Forms that move stock: receive, issue, carry, regrade, scrap, return, reserve, count. One page shows them all."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from aftersales.access import Permission, require
from aftersales.parts import queries as parts
from aftersales.stock import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.parts import part_numbered
from api.schemas.trade_forms import (
    ActForm,
    ActQuery,
    CountForm,
    IssueForm,
    ReceiptForm,
    RegradeForm,
    ReserveForm,
    TransferForm,
)

pages = Blueprint("stock_move_pages", __name__)
TITLES = {
    "receive": N_("Receive stock"),
    "issue": N_("Issue stock"),
    "transfer": N_("Carry stock to another place"),
    "reserve": N_("Set stock aside"),
    "count": N_("Count stock"),
    "regrade": N_("Change the condition of stock"),
    "scrap": N_("Scrap stock"),
    "return": N_("Send stock back to its supplier"),
    "take-back": N_("Take back from a machine"),
}


def count(work: Work, *, serials: str = "", **form: Any) -> object:
    """Note a count; the form lists serial numbers one a line."""
    listed = [line.strip() for line in serials.splitlines() if line.strip()] or None
    is_serialised = parts.part(work.session, work.actor, form["part_id"]).part.serialised
    return service.count(work, serial_numbers=listed or ([] if is_serialised else None), **form)


def _act(name: str, schema: type[Schema], use_case: Callable[..., Any], message: str) -> None:
    def show() -> ResponseReturnValue:
        query = load_query(ActQuery)
        with reading() as work:
            require(work.actor, Permission.STOCK_MOVE)
            session, actor = work.session, work.actor
            places = queries.locations(session, actor)
            part = parts.by_number(session, actor, query["number"]) if query["number"] else None
            here = queries.balances(session, actor, part_id=part.id) if part else []
            shown = {"act": name, "title": TITLES[name], "query": query, "locations": places}
            return render_template("stock/act.html", **shown, part=part, balances=here)

    @posted(schema, again=auth.signed_in(show))
    def act(work: Work, form: dict[str, Any]) -> Done:
        number = form.pop("part_number")
        part_id = part_numbered(work, number)
        use_case(work, part_id=part_id, **form)
        target = (
            url_for("stock_pages.list_counts") if name == "count" else url_for("parts_pages.show_part", part_id=part_id)
        )
        return done(target, message, number=number)

    endpoint = name.replace("-", "_")
    pages.add_url_rule(f"/stock/{name}", f"show_{endpoint}", auth.signed_in(show), methods=["GET"])
    pages.add_url_rule(f"/stock/{name}", endpoint, auth.signed_in(act), methods=["POST"])


_act("receive", ReceiptForm, service.receive, N_("%(number)s is received"))
_act("issue", IssueForm, service.issue, N_("%(number)s is issued"))
_act("transfer", TransferForm, service.transfer, N_("%(number)s is carried over"))
_act("reserve", ReserveForm, service.reserve, N_("%(number)s is set aside"))
_act("count", CountForm, count, N_("The count of %(number)s is noted; a difference moves stock once it is approved"))
_act("regrade", RegradeForm, service.regrade, N_("The condition of %(number)s is changed"))
_act("scrap", ActForm, service.scrap, N_("%(number)s is scrapped"))
_act("return", ActForm, service.return_to_supplier, N_("%(number)s goes back to its supplier"))
_act("take-back", ActForm, service.take_back, N_("%(number)s is taken back"))
