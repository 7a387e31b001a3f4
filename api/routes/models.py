"""Machine models: positions, options, acceptance tests."""

from typing import Any

from aftersales.models import MachineModel, ModelOption, Position
from aftersales.registry import queries, service
from aftersales.registry.queries.machine_models import TemplateView
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.base import Empty
from api.schemas.models import (
    ModelAnswer,
    ModelBody,
    ModelChangeBody,
    ModelQuery,
    OptionAnswer,
    OptionBody,
    PositionAnswer,
    PositionBody,
    PositionChangeBody,
    TemplateAnswer,
    TemplateBody,
)

room = Room("models", __name__, "Machine models with their positions, options and acceptance tests")
MODEL = "/models/<id:model_id>"


@room.reads("/models", answer=ModelAnswer, query=ModelQuery, listed=True)
def list_models(work: Work, query: dict[str, Any]) -> Paged:
    """List the models you make or have a machine of."""
    limit = query.pop("limit")
    rows = queries.list_models(work.session, work.actor, limit=limit + 1, **query)
    return paged([model for model, _ in rows], limit)


@room.writes("POST", "/models", body=ModelBody, answer=ModelAnswer, status=201)
def create_model(work: Work, body: dict[str, Any]) -> MachineModel:
    """Add a model."""
    return service.create_model(work, **body)


@room.reads(MODEL, answer=ModelAnswer)
def get_model(work: Work, model_id: int) -> MachineModel:
    """Show a model."""
    return queries.model(work.session, work.actor, model_id)


@room.writes("PATCH", MODEL, body=ModelChangeBody, answer=ModelAnswer, versioned=True)
def change_model(work: Work, body: dict[str, Any], model_id: int, expected_version: int) -> MachineModel:
    """Change what a model is called and described by."""
    return service.change_model(work, model_id, body, expected_version)


@room.writes("POST", MODEL + "/ending", body=Empty, answer=ModelAnswer)
def end_model(work: Work, body: dict[str, Any], model_id: int) -> MachineModel:
    """Take a model out of the programme."""
    return service.end_model(work, model_id)


@room.reads(MODEL + "/positions", answer=PositionAnswer, listed=True)
def list_positions(work: Work, model_id: int) -> Paged:
    """List a model's component positions, parents before children."""
    return Paged([node.position for node in queries.positions(work.session, work.actor, model_id)], None)


@room.writes("POST", MODEL + "/positions", body=PositionBody, answer=PositionAnswer, status=201)
def create_position(work: Work, body: dict[str, Any], model_id: int) -> Position:
    """Add a position to a model's component tree."""
    return service.add_position(work, model_id, **body)


@room.writes("PATCH", "/positions/<id:position_id>", body=PositionChangeBody, answer=PositionAnswer, versioned=True)
def change_position(work: Work, body: dict[str, Any], position_id: int, expected_version: int) -> Position:
    """Change a position; If-Match takes the version of its model."""
    return service.change_position(work, position_id, body, expected_version)


@room.reads(MODEL + "/options", answer=OptionAnswer, listed=True)
def list_options(work: Work, model_id: int) -> Paged:
    """List a model's configuration options."""
    return Paged(queries.options(work.session, work.actor, model_id), None)


@room.writes("POST", MODEL + "/options", body=OptionBody, answer=OptionAnswer, status=201)
def create_option(work: Work, body: dict[str, Any], model_id: int) -> ModelOption:
    """Add a configuration option."""
    return service.add_option(work, model_id, **body)


@room.reads(MODEL + "/test-templates", answer=TemplateAnswer, listed=True)
def list_test_templates(work: Work, model_id: int) -> Paged:
    """List the versions of a model's acceptance test, newest first."""
    return Paged(queries.templates(work.session, work.actor, model_id), None)


@room.writes("POST", MODEL + "/test-templates", body=TemplateBody, answer=TemplateAnswer, status=201)
def publish_test_template(work: Work, body: dict[str, Any], model_id: int) -> TemplateView:
    """Publish the next version of a model's acceptance test."""
    service.publish_template(work, model_id, [service.NewCharacteristic(**one) for one in body["characteristics"]])
    return queries.templates(work.session, work.actor, model_id)[0]
