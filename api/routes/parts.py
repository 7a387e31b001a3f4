"""The parts catalogue."""

from typing import Any

from aftersales.models import Alternate, Supersession
from aftersales.parts import queries, service
from aftersales.parts.queries import PartView
from aftersales.parts.service import PartData
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.parts import (
    AlternateAnswer,
    AlternateBody,
    ChainStepAnswer,
    PartAnswer,
    PartBody,
    PartChangeBody,
    PartQuery,
    SubstituteAnswer,
    SubstituteQuery,
    SupersessionAnswer,
    SupersessionBody,
    UseAnswer,
)

room = Room("parts", __name__, "The parts catalogue: supersession, substitutes, where used")
PART = "/parts/<id:part_id>"


@room.reads("/parts", answer=PartAnswer, query=PartQuery, listed=True)
def list_parts(work: Work, query: dict[str, Any]) -> Paged:
    """List the parts that concern your organisation, by number."""
    limit, text = query.pop("limit"), query.pop("search")
    rows = queries.parts(work.session, work.actor, text=text, limit=limit + 1, **query)
    return paged(rows, limit, key=lambda row: row.part.id)


@room.writes("POST", "/parts", body=PartBody, answer=PartAnswer, status=201)
def create_part(work: Work, body: dict[str, Any]) -> PartView:
    """Add a part to your catalogue."""
    part = service.create_part(work, PartData(**body))
    return queries.part(work.session, work.actor, part.id)


@room.reads(PART, answer=PartAnswer)
def get_part(work: Work, part_id: int) -> PartView:
    """Show a part."""
    return queries.part(work.session, work.actor, part_id)


@room.writes("PATCH", PART, body=PartChangeBody, answer=PartAnswer, versioned=True)
def change_part(work: Work, body: dict[str, Any], part_id: int, expected_version: int) -> PartView:
    """Change a part of your catalogue."""
    service.change_part(work, part_id, body, expected_version)
    return queries.part(work.session, work.actor, part_id)


@room.writes("POST", PART + "/ending", body=Empty, answer=PartAnswer)
def end_part(work: Work, body: dict[str, Any], part_id: int) -> PartView:
    """Take a part out of use."""
    service.end_part(work, part_id)
    return queries.part(work.session, work.actor, part_id)


@room.reads(PART + "/chain", answer=ChainStepAnswer, listed=True)
def list_supersession_chain(work: Work, part_id: int) -> Paged:
    """List the supersession chain the part stands in, oldest first."""
    return Paged(queries.chain(work.session, work.actor, part_id), None)


@room.writes("POST", PART + "/supersession", body=SupersessionBody, answer=SupersessionAnswer, status=201)
def supersede_part(work: Work, body: dict[str, Any], part_id: int) -> Supersession:
    """Have the part replaced by another from a day on; a circle is refused, naming the chain."""
    return service.supersede(work, part_id, **body)


@room.writes("DELETE", PART + "/supersession", status=204)
def withdraw_supersession(work: Work, part_id: int) -> None:
    """Take back that the part is replaced."""
    service.withdraw_supersession(work, part_id)


@room.reads(PART + "/substitutes", answer=SubstituteAnswer, query=SubstituteQuery, listed=True)
def list_substitutes(work: Work, query: dict[str, Any], part_id: int) -> Paged:
    """List what can stand in for the part today, through successors and alternates at several levels."""
    return Paged(queries.substitutes(work.session, work.actor, part_id, work.now.date(), **query), None)


@room.writes("POST", PART + "/alternates", body=AlternateBody, answer=AlternateAnswer, status=201)
def add_alternate(work: Work, body: dict[str, Any], part_id: int) -> Alternate:
    """Say that another part may be used instead, one way."""
    return service.add_alternate(work, part_id, **body)


@room.writes("DELETE", PART + "/alternates/<id:alternate_id>", status=204)
def remove_alternate(work: Work, part_id: int, alternate_id: int) -> None:
    """Take an alternate off the list."""
    service.remove_alternate(work, part_id, alternate_id)


@room.reads(PART + "/uses", answer=UseAnswer, listed=True)
def list_part_uses(work: Work, part_id: int) -> Paged:
    """List the positions of models that hold the part."""
    return Paged(queries.where_used(work.session, work.actor, part_id), None)
