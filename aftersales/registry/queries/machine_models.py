"""Machine models with their positions, options and test templates."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import MachineModel, ModelOption, Organization, Part, Position, TestCharacteristic, TestTemplate
from aftersales.registry.queries.cursor import number_after


@dataclass(frozen=True, slots=True)
class PositionNode:
    """A position with the part it takes and how deep it lies in the tree."""

    position: Position
    part: Part | None
    depth: int


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A version of the acceptance test with its characteristics in order."""

    template: TestTemplate
    characteristics: tuple[TestCharacteristic, ...]


def model(session: Session, actor: Actor, model_id: int) -> MachineModel:
    """Return a model the actor makes or has a machine of.

    :raises NotFound: otherwise.
    """
    require(actor, Permission.REGISTRY_READ)
    sees = visibility.sees_model(actor, MachineModel.id, MachineModel.manufacturer_id)
    return visibility.get(session, MachineModel, model_id, sees)


def list_models(
    session: Session, actor: Actor, *, search: str = "", after: object = None, limit: int = 50
) -> list[tuple[MachineModel, Organization]]:
    """Return models the actor sees, by id, with their manufacturers."""
    require(actor, Permission.REGISTRY_READ)
    query = (
        select(MachineModel, Organization)
        .join(Organization, Organization.id == MachineModel.manufacturer_id)
        .where(visibility.sees_model(actor, MachineModel.id, MachineModel.manufacturer_id))
    )
    words = search.strip().lower()
    if words:
        query = query.where(
            or_(
                func.lower(MachineModel.code).contains(words, autoescape=True),
                func.lower(MachineModel.name).contains(words, autoescape=True),
            )
        )
    if after is not None:
        query = query.where(MachineModel.id > number_after(after))
    return [(row[0], row[1]) for row in session.execute(query.order_by(MachineModel.id).limit(limit))]


def positions(session: Session, actor: Actor, model_id: int) -> list[PositionNode]:
    """Return a model's component tree, each parent before its children.

    :raises NotFound: the actor does not see the model.
    """
    seen = model(session, actor, model_id)
    rows = session.execute(
        select(Position, Part)
        .outerjoin(Part, Part.id == Position.part_id)
        .where(Position.model_id == seen.id)
        .order_by(Position.code)
    ).all()
    below: dict[int | None, list[tuple[Position, Part | None]]] = {}
    for position, part in rows:
        below.setdefault(position.parent_id, []).append((position, part))
    nodes: list[PositionNode] = []
    stack = [PositionNode(position, part, 0) for position, part in reversed(below.get(None, []))]
    while stack:
        node = stack.pop()
        nodes.append(node)
        children = reversed(below.get(node.position.id, []))
        stack += [PositionNode(position, part, node.depth + 1) for position, part in children]
    return nodes


def options(session: Session, actor: Actor, model_id: int) -> list[ModelOption]:
    """Return a model's options by code.

    :raises NotFound: the actor does not see the model.
    """
    seen = model(session, actor, model_id)
    return list(session.scalars(select(ModelOption).where(ModelOption.model_id == seen.id).order_by(ModelOption.code)))


def templates(session: Session, actor: Actor, model_id: int) -> list[TemplateView]:
    """Return a model's test templates, newest first.

    :raises NotFound: the actor does not see the model.
    """
    seen = model(session, actor, model_id)
    rows = session.scalars(
        select(TestTemplate).where(TestTemplate.model_id == seen.id).order_by(TestTemplate.number.desc())
    ).all()
    by_template: dict[int, list[TestCharacteristic]] = {row.id: [] for row in rows}
    for one in session.scalars(
        select(TestCharacteristic)
        .where(TestCharacteristic.template_id.in_(by_template))
        .order_by(TestCharacteristic.sequence)
    ):
        by_template[one.template_id].append(one)
    return [TemplateView(row, tuple(by_template[row.id])) for row in rows]
