"""Offers to extend a warranty."""

from typing import Any

from aftersales.planning import extension
from aftersales.warranty import queries, service
from aftersales.warranty.queries import OfferView
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.warranty import OfferAnswer, OfferBody, OfferQuery, PriceAnswer, PriceQuery, RefusalBody

room = Room("offers", __name__, "Offers to extend a warranty: made, accepted, refused, expired")
OFFER = "/extension-offers/<id:offer_id>"


@room.reads("/extension-offers", answer=OfferAnswer, query=OfferQuery, listed=True)
def list_offers(work: Work, query: dict[str, Any]) -> Paged:
    """List the offers you made or got, newest first."""
    limit = query.pop("limit")
    rows = queries.offers(work.session, work.actor, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.offer.id)


@room.writes("POST", "/extension-offers", body=OfferBody, answer=OfferAnswer, status=201)
def make_offer(work: Work, body: dict[str, Any]) -> OfferView:
    """Offer an extension before the warranty ends, at a price given, the policy's, or one computed from failures."""
    row = extension.offer(work, **body)
    return queries.offer(work.session, work.actor, row.id)


@room.reads("/extension-prices", answer=PriceAnswer, query=PriceQuery)
def get_extension_price(work: Work, query: dict[str, Any]) -> extension.Suggestion:
    """Price an extension from the failures to be expected over it, with the reasons."""
    return extension.suggest(work, **query)


@room.reads(OFFER, answer=OfferAnswer)
def get_offer(work: Work, offer_id: int) -> OfferView:
    """Show an offer."""
    return queries.offer(work.session, work.actor, offer_id)


@room.writes("POST", OFFER + "/acceptance", body=Empty, answer=OfferAnswer)
def accept_offer(work: Work, body: dict[str, Any], offer_id: int) -> OfferView:
    """Accept an offer: the extension begins the day the warranty ends, with its certificate."""
    service.accept(work, offer_id)
    return queries.offer(work.session, work.actor, offer_id)


@room.writes("POST", OFFER + "/refusal", body=RefusalBody, answer=OfferAnswer)
def refuse_offer(work: Work, body: dict[str, Any], offer_id: int) -> OfferView:
    """Refuse an offer, with the reason."""
    service.refuse(work, offer_id, **body)
    return queries.offer(work.session, work.actor, offer_id)
