"""Offers to extend a warranty: make, accept, refuse."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from aftersales.access import Permission, require
from aftersales.errors import Forbidden, RuleBroken
from aftersales.planning import extension
from aftersales.translate import N_
from aftersales.visibility import roles_in
from aftersales.vocabulary import OfferState, PartyRole
from aftersales.warranty import queries, service
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.base import Body, Exact, Id
from api.schemas.warranty import RISK_WORDS, OfferBody, OfferQuery, RefusalBody

pages = Blueprint("offers_pages", __name__)


class OfferedMachine(Body):
    """The machine an offer is to be made for, and how its price is to be computed."""

    machine_id = Id(required=True)
    policy_id = Id(load_default=None)
    margin = Exact(places=4, load_default=extension.MARGIN)
    risk = fields.String(validate=validate.OneOf(RISK_WORDS), load_default="0.8")


@pages.get("/warranty/offers")
@auth.signed_in
def list_offers() -> ResponseReturnValue:
    """List offers, newest first."""
    query = load_query(OfferQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = queries.offers(work.session, work.actor, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row.offer.id)
        return render_template("warranty/offers.html", page=page, query=query)


@pages.get("/warranty/offers/new")
@auth.signed_in
def show_new_offer() -> ResponseReturnValue:
    """Ask for price and time of a new offer."""
    asked = load_query(OfferedMachine)
    with reading() as work:
        require(work.actor, Permission.OFFER_MAKE)
        session, actor = work.session, work.actor
        status = queries.status(session, actor, asked["machine_id"], work.now)
        fitting = [
            view
            for view in queries.policies(session, actor, is_extension=True, limit=200)
            if view.is_own and view.policy.model_id in {None, status.machine.model_id}
        ]
        chosen = asked["policy_id"] or (fitting[0].policy.id if fitting else None)
        found, problem = _priced(work, asked | {"policy_id": chosen}) if chosen else (None, None)
        return render_template(
            "warranty/offer_new.html",
            status=status,
            machine=status.machine,
            policies=fitting,
            chosen=chosen,
            pricing=_shown(found.kept()) if found else None,
            problem=problem,
            asked=asked,
            risks=RISK_WORDS,
        )


def _priced(work: Work, asked: dict[str, Any]) -> tuple[extension.Suggestion | None, str | None]:
    """The computed price, or why there is none."""
    try:
        return extension.suggest(work, **asked), None
    except (RuleBroken, Forbidden) as error:
        return None, speak().gettext(error.message, **error.params)


def _shown(kept: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a price, as a page shows it: numbers as numbers and days as days."""
    money = ("price", "expected", "risk_loading", "margin_amount", "margin", "deviation")
    numbers = {name: Decimal(kept[name]) for name in money}
    days = {name: date.fromisoformat(kept[name]) for name in ("starts_on", "ends_on")}
    quantiles = {share: Decimal(value) for share, value in kept["quantiles"].items()}
    rows = [{**row, "cost": Decimal(row["cost"]), "cost_each": Decimal(row["cost_each"])} for row in kept["components"]]
    return {**kept, **numbers, **days, "quantiles": quantiles, "components": rows}


@pages.post("/warranty/offers/new")
@auth.signed_in
@posted(OfferBody, again=show_new_offer)
def make_offer(work: Work, form: dict[str, Any]) -> Done:
    """Make an offer."""
    row = extension.offer(work, **form)
    return done(url_for(".show_offer", offer_id=row.id), N_("Offer %(number)s is made"), number=row.number)


@pages.get("/warranty/offers/<id:offer_id>")
@auth.signed_in
def show_offer(offer_id: int) -> ResponseReturnValue:
    """Show an offer with its terms; the customer answers it here."""
    with reading() as work:
        view = queries.offer(work.session, work.actor, offer_id)
        roles = roles_in(work.session, work.actor, view.offer.machine_id)
        is_customer = bool(roles & {PartyRole.OWNER, PartyRole.OPERATOR})
        return render_template(
            "warranty/offer.html",
            view=view,
            offer=view.offer,
            policy=queries.policy(work.session, work.actor, view.offer.policy_id),
            is_open=view.offer.state is OfferState.OFFERED,
            pricing=_shown(view.pricing) if view.pricing else None,
            may_decide=is_customer and work.actor.may(Permission.OFFER_DECIDE),
        )


@pages.post("/warranty/offers/<id:offer_id>/acceptance")
@auth.signed_in
@posted(None, again=show_offer, versioned=True)
def accept(work: Work, form: dict[str, Any], offer_id: int, expected_version: int | None) -> Done:
    """Accept an offer."""
    row = service.accept(work, offer_id, expected_version)
    message = N_("Accepted: the warranty goes on without a gap, and its certificate is being made")
    return done(url_for("warranty_pages.show_machine", machine_id=row.machine_id), message)


@pages.post("/warranty/offers/<id:offer_id>/refusal")
@auth.signed_in
@posted(RefusalBody, again=show_offer, versioned=True)
def refuse(work: Work, form: dict[str, Any], offer_id: int, expected_version: int | None) -> Done:
    """Refuse an offer with the reason."""
    service.refuse(work, offer_id, expected_version=expected_version, **form)
    return done(url_for(".show_offer", offer_id=offer_id), N_("The offer is refused. Thank you for the reason."))
