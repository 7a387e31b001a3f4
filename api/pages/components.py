"""Components: what is installed in a machine, putting in and taking out, one component's own life."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission
from aftersales.registry import queries, service
from aftersales.registry.rules.lifecycle import ENDED
from aftersales.translate import N_
from aftersales.vocabulary import PartyRole
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.machines import MACHINE
from api.schemas.components import AtQuery, ComponentQuery, InstallationForm, RemovalForm

pages = Blueprint("components_pages", __name__)


@pages.get(MACHINE + "/components")
@auth.signed_in
def show_components(machine_id: int) -> ResponseReturnValue:
    """Show a machine's component tree with lives, as of now or of a day."""
    query = load_query(AtQuery)
    with reading() as work:
        session, actor = work.session, work.actor
        page = queries.machine_page(session, actor, machine_id)
        at = min(query["at"] or work.now, work.now)
        nodes = queries.positions(session, actor, page.model.id)
        installed: dict[int, list[Any]] = {}
        for one in queries.components(session, actor, machine_id, at):
            installed.setdefault(one.position.id, []).append(one)
        works = actor.may(Permission.MACHINE_MANAGE) or actor.may(Permission.ORDER_WORK)
        return render_template(
            "machines/components.html",
            page=page,
            machine=page.machine,
            nodes=nodes,
            installed=installed,
            at=query["at"],
            may_work=works and bool(page.roles - {PartyRole.GUEST}) and query["at"] is None,
            ended=page.state in ENDED,
        )


@pages.post(MACHINE + "/installations")
@auth.signed_in
@posted(InstallationForm, again=show_components)
def install(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """Install a component."""
    place = form.pop("place").split(":")
    service.install(work, machine_id=machine_id, position_id=int(place[0]), slot=int(place[1]), **form)
    return done(url_for(".show_components", machine_id=machine_id), N_("The component is installed"))


@pages.post(MACHINE + "/removals")
@auth.signed_in
@posted(RemovalForm, again=show_components)
def remove(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """Remove a component."""
    place = form.pop("place").split(":")
    component = service.remove(work, machine_id=machine_id, position_id=int(place[0]), slot=int(place[1]), **form)
    return done(url_for(".show_component", component_id=component.id), N_("The component is removed"))


@pages.get("/components")
@auth.signed_in
def list_components() -> ResponseReturnValue:
    """List components by serial or part number."""
    query = load_query(ComponentQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = queries.list_components(work.session, work.actor, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row[0].id)
        return render_template("machines/component_list.html", page=page, query=query)


@pages.get("/components/<id:component_id>")
@auth.signed_in
def show_component(component_id: int) -> ResponseReturnValue:
    """Show a component: its own life and where it was."""
    with reading() as work:
        card = queries.component_card(work.session, work.actor, component_id, work.now)
        stays = queries.component_history(work.session, work.actor, component_id)
        return render_template("machines/component.html", card=card, component=card.component, stays=stays[::-1])


@pages.post("/components/<id:component_id>/scrapping")
@auth.signed_in
@posted(None, again=show_component, versioned=True)
def scrap(work: Work, form: dict[str, Any], component_id: int, expected_version: int | None) -> Done:
    """Take a component out of use for good."""
    service.scrap(work, component_id, expected_version=expected_version)
    return done(url_for(".show_component", component_id=component_id), N_("The component is scrapped"))
