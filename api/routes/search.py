"""Search over everything the actor may see."""

from typing import Any

from aftersales.search import queries
from aftersales.work import Work
from api.http import Paged, Room
from api.schemas.search import HitAnswer, SearchQuery

room = Room("search", __name__, "Find anything by what is written on it")


@room.reads("/search", answer=HitAnswer, query=SearchQuery, listed=True)
def find_anything(work: Work, query: dict[str, Any]) -> Paged:
    """Find machines, components, parts, work orders, certificates, faults and people."""
    return Paged(queries.search(work.session, work.actor, query["words"], limit=query["limit"]), None)
