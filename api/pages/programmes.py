"""Maintenance programmes: the list, one version, drafting, changing its tasks and publishing it."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.errors import Invalid
from aftersales.maintenance import programmes, service
from aftersales.maintenance.rules import KitLine, TaskSpec
from aftersales.parts import queries as parts
from aftersales.registry import queries as registry
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.maintenance import DraftForm, NameForm, ProgrammeQuery, TaskForm

pages = Blueprint("programmes_pages", __name__)
PROGRAMME = "/programmes/<id:programme_id>"
SPARE_ROWS = 3


@pages.get("/programmes")
@auth.signed_in
def list_programmes() -> ResponseReturnValue:
    """List maintenance programmes."""
    query = load_query(ProgrammeQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = programmes.programmes(work.session, work.actor, **query, limit=limit + 1)
        return render_template("programmes/list.html", page=paged(rows, limit))


@pages.get("/programmes/new")
@auth.signed_in
def show_new_programme() -> ResponseReturnValue:
    """Ask which model's programme is drafted."""
    with reading() as work:
        require(work.actor, Permission.PROGRAMME_MANAGE)
        models = [
            (model.id, f"{model.name} ({model.code})")
            for model, _ in registry.list_models(work.session, work.actor, limit=200)
            if model.manufacturer_id == work.actor.organization_id
        ]
        return render_template("programmes/new.html", models=models)


@pages.post("/programmes/new")
@auth.signed_in
@posted(DraftForm, again=show_new_programme)
def draft_programme(work: Work, form: dict[str, Any]) -> Done:
    """Draft the next version of a model's programme."""
    row = service.create_programme(work, **form)
    return done(url_for(".show_programme", programme_id=row.id), N_("The draft is made; add its tasks"))


@pages.get(PROGRAMME)
@auth.signed_in
def show_programme(programme_id: int) -> ResponseReturnValue:
    """Show a programme with its tasks."""
    with reading() as work:
        view = programmes.programme(work.session, work.actor, programme_id)
        ours = work.actor.may(Permission.PROGRAMME_MANAGE) and (view.row.organization_id == work.actor.organization_id)
        return render_template("programmes/show.html", programme=view, ours=ours)


@pages.post(PROGRAMME)
@auth.signed_in
@posted(NameForm, again=show_programme, versioned=True)
def rename_programme(work: Work, form: dict[str, Any], programme_id: int, expected_version: int | None) -> Done:
    """Give a draft another name."""
    service.change_programme(work, programme_id, **form, expected_version=expected_version)
    return done(url_for(".show_programme", programme_id=programme_id), N_("Changed"))


@pages.post(PROGRAMME + "/publication")
@auth.signed_in
@posted(None, again=show_programme, versioned=True)
def publish_programme(work: Work, form: dict[str, Any], programme_id: int, expected_version: int | None) -> Done:
    """Publish a draft."""
    service.publish(work, programme_id, expected_version=expected_version)
    message = N_("Published: it applies to every machine of the model from now on")
    return done(url_for(".show_programme", programme_id=programme_id), message)


@pages.post(PROGRAMME + "/next-version")
@auth.signed_in
@posted(None, again=show_programme)
def draft_next(work: Work, form: dict[str, Any], programme_id: int) -> Done:
    """Draft the next version with the same tasks."""
    row = service.next_version(work, programme_id)
    return done(url_for(".show_programme", programme_id=row.id), N_("The draft of the next version is made"))


@pages.get(PROGRAMME + "/tasks/new")
@auth.signed_in
def show_new_task(programme_id: int) -> ResponseReturnValue:
    """Ask for a new task."""
    return _task_page(programme_id, None)


@pages.post(PROGRAMME + "/tasks/new")
@auth.signed_in
@posted(TaskForm, again=show_new_task, versioned=True)
def add_task(work: Work, form: TaskSpec, programme_id: int, expected_version: int | None) -> Done:
    """Add a task to a draft."""
    service.put_task(work, programme_id, _with_parts(work, form), expected_version=expected_version)
    return done(url_for(".show_programme", programme_id=programme_id), N_("Task %(code)s is added"), code=form.code)


@pages.get(PROGRAMME + "/tasks/<id:task_id>")
@auth.signed_in
def show_task(programme_id: int, task_id: int) -> ResponseReturnValue:
    """Show a task of a draft for changes."""
    return _task_page(programme_id, task_id)


@pages.post(PROGRAMME + "/tasks/<id:task_id>")
@auth.signed_in
@posted(TaskForm, again=show_task, versioned=True)
def change_task(work: Work, form: TaskSpec, programme_id: int, task_id: int, expected_version: int | None) -> Done:
    """Change a task of a draft."""
    view = programmes.programme(work.session, work.actor, programme_id)
    service.put_task(
        work,
        programme_id,
        _with_parts(work, form),
        replaces=programmes.task(view, task_id).row.code,
        expected_version=expected_version,
    )
    return done(url_for(".show_programme", programme_id=programme_id), N_("Task %(code)s is changed"), code=form.code)


@pages.post(PROGRAMME + "/tasks/<id:task_id>/removal")
@auth.signed_in
@posted(None, again=show_task, versioned=True)
def drop_task(work: Work, form: dict[str, Any], programme_id: int, task_id: int, expected_version: int | None) -> Done:
    """Take a task out of a draft."""
    code = programmes.task(programmes.programme(work.session, work.actor, programme_id), task_id).row.code
    service.drop_task(work, programme_id, code, expected_version=expected_version)
    return done(url_for(".show_programme", programme_id=programme_id), N_("Task %(code)s is taken out"), code=code)


def _task_page(programme_id: int, task_id: int | None) -> str:
    with reading() as work:
        require(work.actor, Permission.PROGRAMME_MANAGE)
        view = programmes.programme(work.session, work.actor, programme_id)
        task = None if task_id is None else programmes.task(view, task_id)
        return render_template(
            "programmes/task.html",
            programme=view,
            task=task,
            others=[other.row.code for other in view.tasks if task is None or other.row.id != task.row.id],
            options=registry.options(work.session, work.actor, view.row.model_id),
            spare=SPARE_ROWS,
        )


def _with_parts(work: Work, form: TaskSpec) -> TaskSpec:
    """Put the parts in the place of their numbers.

    :raises Invalid: naming the row whose number is not known.
    """
    kit, unknown = [], []
    for row, line in enumerate(form.kit):
        asked: Any = line
        part = parts.by_number(work.session, work.actor, asked["part_number"])
        if part is None:
            unknown.append({"field": f"kit-{row}-part_number", "message": N_("There is no such part")})
        else:
            kit.append(KitLine(part.id, asked["quantity"]))
    if unknown:
        raise Invalid(N_("Some fields need another look"), errors=unknown)
    return replace(form, kit=kit)
