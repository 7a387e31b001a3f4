"""Machine models: list, new, and one with its positions, options and acceptance test."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.models import Part
from aftersales.registry import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.models import ModelBody, ModelChangeBody, ModelQuery, OptionBody, PositionBody, TemplateBody

pages = Blueprint("models_pages", __name__)
MODEL = "/models/<id:model_id>"


@pages.get("/models")
@auth.signed_in
def list_models() -> ResponseReturnValue:
    """List models."""
    query = load_query(ModelQuery)
    limit = query.pop("limit")
    with reading() as work:
        rows = queries.list_models(work.session, work.actor, limit=limit + 1, **query)
        page = paged(rows, limit, key=lambda row: row[0].id)
        return render_template("models/list.html", page=page, query=query)


@pages.get("/models/new")
@auth.signed_in
def show_new_model() -> ResponseReturnValue:
    """Ask what model to add."""
    with reading() as work:
        require(work.actor, Permission.MODEL_MANAGE)
    return render_template("models/new.html")


@pages.post("/models/new")
@auth.signed_in
@posted(ModelBody, again=show_new_model)
def create_model(work: Work, form: dict[str, Any]) -> Done:
    """Add a model."""
    model = service.create_model(work, **form)
    return done(url_for(".show_model", model_id=model.id), N_("Model %(model)s is added"), model=model.code)


@pages.get(MODEL)
@auth.signed_in
def show_model(model_id: int) -> ResponseReturnValue:
    """Show a model."""
    with reading() as work:
        session, actor = work.session, work.actor
        model = queries.model(session, actor, model_id)
        mine = model.manufacturer_id == actor.organization_id and actor.may(Permission.MODEL_MANAGE)
        parts = select(Part).where(visibility.owns(actor, Part.organization_id)).order_by(Part.number).limit(1000)
        return render_template(
            "models/show.html",
            model=model,
            nodes=queries.positions(session, actor, model_id),
            options=queries.options(session, actor, model_id),
            templates=queries.templates(session, actor, model_id),
            parts=list(session.scalars(parts)) if mine else [],
            may_change=mine,
            rows=max(1, min(int(request.args.get("rows", 0)) if request.args.get("rows", "").isdigit() else 0, 100)),
        )


@pages.post(MODEL)
@auth.signed_in
@posted(ModelChangeBody, again=show_model, versioned=True)
def change_model(work: Work, form: dict[str, Any], model_id: int, expected_version: int | None) -> Done:
    """Change what a model is called and described by."""
    service.change_model(work, model_id, form, expected_version)
    return done(url_for(".show_model", model_id=model_id), N_("Saved"))


@pages.post(MODEL + "/positions")
@auth.signed_in
@posted(PositionBody, again=show_model, versioned=True)
def add_position(work: Work, form: dict[str, Any], model_id: int, expected_version: int | None) -> Done:
    """Add a position."""
    service.add_position(work, model_id, expected_version=expected_version, **form)
    return done(url_for(".show_model", model_id=model_id), N_("The position is added"))


@pages.post(MODEL + "/options")
@auth.signed_in
@posted(OptionBody, again=show_model, versioned=True)
def add_option(work: Work, form: dict[str, Any], model_id: int, expected_version: int | None) -> Done:
    """Add an option."""
    service.add_option(work, model_id, expected_version=expected_version, **form)
    return done(url_for(".show_model", model_id=model_id), N_("The option is added"))


@pages.post(MODEL + "/test-templates")
@auth.signed_in
@posted(TemplateBody, again=show_model, versioned=True)
def publish_template(work: Work, form: dict[str, Any], model_id: int, expected_version: int | None) -> Done:
    """Publish the next version of the acceptance test."""
    lines = [service.NewCharacteristic(**one) for one in form["characteristics"]]
    template = service.publish_template(work, model_id, lines, expected_version=expected_version)
    message = N_("Version %(number)s of the acceptance test is published")
    return done(url_for(".show_model", model_id=model_id), message, number=template.number)
