"""Components: where they are and were, and their own lives."""

from typing import Any

from aftersales.models import Component, Installation
from aftersales.registry import queries, service
from aftersales.registry.queries.components import ComponentCard
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.components import (
    AtQuery,
    ComponentAnswer,
    ComponentBody,
    ComponentLifeAnswer,
    ComponentQuery,
    InstallationAnswer,
    InstallationBody,
    InstalledAnswer,
    PastStayBody,
    PlainComponentAnswer,
    RemovalBody,
    StayAnswer,
)

room = Room("components", __name__, "Serialised components, their places and lives")
MACHINE = "/machines/<id:machine_id>"


@room.reads(MACHINE + "/components", answer=InstalledAnswer, query=AtQuery, listed=True)
def list_installed_components(work: Work, query: dict[str, Any], machine_id: int) -> Paged:
    """List what is installed in a machine at a moment, with lives and limits."""
    at = min(query["at"] or work.now, work.now)
    return Paged(queries.components(work.session, work.actor, machine_id, at), None)


@room.reads(MACHINE + "/installations", answer=StayAnswer, listed=True)
def list_installations(work: Work, machine_id: int) -> Paged:
    """List every stay of a component in a machine, oldest first."""
    queries.machine_page(work.session, work.actor, machine_id)
    return Paged(queries.machine_history(work.session, work.actor, machine_id), None)


@room.writes("POST", MACHINE + "/installations", body=InstallationBody, answer=InstallationAnswer, status=201)
def install_component(work: Work, body: dict[str, Any], machine_id: int) -> Installation:
    """Install a component."""
    return service.install(work, machine_id=machine_id, **body)


@room.writes("POST", MACHINE + "/removals", body=RemovalBody, answer=PlainComponentAnswer, status=201)
def remove_component(work: Work, body: dict[str, Any], machine_id: int) -> Component:
    """Remove the component in a slot."""
    return service.remove(work, machine_id=machine_id, **body)


@room.writes("POST", MACHINE + "/past-stays", body=PastStayBody, answer=InstallationAnswer, status=201)
def record_past_stay(work: Work, body: dict[str, Any], machine_id: int) -> Installation:
    """Record a stay that is over, for instance between two that are recorded."""
    return service.record_stay(work, machine_id=machine_id, **body)


@room.reads("/components", answer=ComponentAnswer, query=ComponentQuery, listed=True)
def list_components(work: Work, query: dict[str, Any]) -> Paged:
    """List components by serial number or part number."""
    limit = query.pop("limit")
    rows = queries.list_components(work.session, work.actor, limit=limit + 1, **query)
    return paged([ComponentCard(*row) for row in rows], limit, key=lambda row: row.component.id)


@room.writes("POST", "/components", body=ComponentBody, answer=PlainComponentAnswer, status=201)
def create_component(work: Work, body: dict[str, Any]) -> Component:
    """Record a serialised unit of a part."""
    return service.create_component(work, **body)


@room.reads("/components/<id:component_id>", answer=ComponentLifeAnswer, query=AtQuery)
def get_component(work: Work, query: dict[str, Any], component_id: int) -> ComponentCard:
    """Show a component with its own life at a moment."""
    return queries.component_card(work.session, work.actor, component_id, min(query["at"] or work.now, work.now))


@room.reads("/components/<id:component_id>/stays", answer=StayAnswer, listed=True)
def list_stays(work: Work, component_id: int) -> Paged:
    """List where a component was, oldest first."""
    queries.component(work.session, work.actor, component_id)
    return Paged(queries.component_history(work.session, work.actor, component_id), None)


@room.writes("POST", "/components/<id:component_id>/scrapping", body=Empty, answer=PlainComponentAnswer)
def scrap_component(work: Work, body: dict[str, Any], component_id: int) -> Component:
    """Take a component out of use for good."""
    return service.scrap(work, component_id)
