"""Use-cases of machine models: positions, options, acceptance test templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.db import touch
from aftersales.errors import Conflict, Invalid, RuleBroken
from aftersales.models import (
    Installation,
    MachineModel,
    ModelOption,
    Organization,
    Part,
    Position,
    TestCharacteristic,
    TestTemplate,
)
from aftersales.registry.rules.fields import exact, optional_text, text
from aftersales.translate import N_
from aftersales.vocabulary import LifeUnit, OrganizationKind
from aftersales.work import Work

MAY_CHANGE = frozenset({"name", "family", "description", "country_of_origin", "markings"})


@dataclass(frozen=True, slots=True)
class NewCharacteristic:
    """A characteristic of a template to be published."""

    name: str
    unit: str = ""
    lower: Decimal | None = None
    upper: Decimal | None = None


def create_model(
    work: Work,
    *,
    code: str,
    name: str,
    family: str | None = None,
    description: str | None = None,
    country_of_origin: str | None = None,
    markings: Sequence[str] = (),
    manufacturer_id: int | None = None,
) -> MachineModel:
    """Add a model of the actor's organisation, which must be a manufacturer.

    :raises Conflict: it has a model of this code already.
    """
    require(work.actor, Permission.MODEL_MANAGE)
    maker_id = manufacturer_id or work.actor.organization
    maker = visibility.get(work.session, Organization, maker_id, visibility.owns(work.actor, Organization.id))
    if not maker.holds(OrganizationKind.MANUFACTURER):
        raise RuleBroken(N_("%(name)s is not a manufacturer"), name=maker.name, code="not_a_manufacturer")
    known = select(MachineModel.id).where(MachineModel.manufacturer_id == maker.id, MachineModel.code == code.strip())
    if work.session.scalar(known):
        raise Conflict(N_("There is a model %(model)s already"), model=code, code="model_exists")
    model = MachineModel(
        manufacturer_id=maker.id,
        code=text(code, "code", 50),
        name=text(name, "name", 200),
        family=optional_text(family, "family", 100),
        description=optional_text(description, "description", 2000),
        country_of_origin=optional_text(country_of_origin, "country_of_origin", 2),
        markings=[text(mark, "markings", 50) for mark in markings],
    )
    work.session.add(model)
    work.session.flush()
    return model


def own_model(work: Work, model_id: int, expected_version: int | None = None) -> MachineModel:
    """Return a model of the actor's organisation, locked for a change to it or to what hangs on it.

    :raises NotFound: it is another's. :raises Stale: it was changed meanwhile.
    """
    mine = visibility.owns(work.actor, MachineModel.manufacturer_id)
    model = visibility.get(work.session, MachineModel, model_id, mine, lock=True)
    expect(model.version, expected_version)
    return model


def change_model(
    work: Work, model_id: int, changes: Mapping[str, Any], expected_version: int | None = None
) -> MachineModel:
    """Change what a model is called and described by; its code stays.

    :raises Invalid: a field that cannot be changed.
    """
    require(work.actor, Permission.MODEL_MANAGE)
    model = own_model(work, model_id, expected_version)
    unknown = sorted(set(changes) - MAY_CHANGE)
    if unknown:
        raise Invalid(N_("%(field)s cannot be changed"), field=unknown[0], code="field_fixed")
    for field, value in changes.items():
        setattr(model, field, text(value, field, 200) if field == "name" else value)
    work.session.flush()
    return model


def end_model(
    work: Work, model_id: int, at: datetime | None = None, expected_version: int | None = None
) -> MachineModel:
    """Take a model out of the programme: no new machine of it is made; those there are stay."""
    require(work.actor, Permission.MODEL_MANAGE)
    model = own_model(work, model_id, expected_version)
    model.ended_at = model.ended_at or at or work.now
    work.session.flush()
    return model


def add_position(
    work: Work,
    model_id: int,
    *,
    code: str,
    name: str,
    parent_id: int | None = None,
    part_id: int | None = None,
    quantity: int = 1,
    mandatory: bool = False,
    option_code: str | None = None,
    life_limit: Decimal | None = None,
    life_unit: LifeUnit | None = None,
    expected_version: int | None = None,
) -> Position:
    """Add a place to a model's component tree.

    :raises Conflict: the model has a position of this code. :raises NotFound: parent or part is another's.
    """
    require(work.actor, Permission.MODEL_MANAGE)
    model = own_model(work, model_id, expected_version)
    known = select(Position.id).where(Position.model_id == model.id, Position.code == code.strip())
    if work.session.scalar(known):
        raise Conflict(N_("There is a position %(position)s already"), position=code, code="position_exists")
    position = Position(model_id=model.id, code=text(code, "code", 50))
    _fill(
        work,
        position,
        name=name,
        parent_id=parent_id,
        part_id=part_id,
        quantity=quantity,
        mandatory=mandatory,
        option_code=option_code,
        life_limit=life_limit,
        life_unit=life_unit,
    )
    work.session.add(position)
    touch(model)
    work.session.flush()
    return position


def change_position(
    work: Work, position_id: int, changes: Mapping[str, Any], expected_version: int | None = None
) -> Position:
    """Change a position; ``changes`` takes the keywords of :func:`add_position` but for the code.

    :raises RuleBroken: it would hold fewer units than are in it somewhere, or lie within itself.
    """
    require(work.actor, Permission.MODEL_MANAGE)
    model_of = select(Position.model_id).where(Position.id == position_id)
    model = own_model(work, work.session.scalar(model_of) or 0, expected_version)
    position = visibility.get(work.session, Position, position_id, Position.model_id == model.id)
    fields = ("name", "parent_id", "part_id", "quantity", "mandatory", "option_code", "life_limit", "life_unit")
    _fill(work, position, **{field: changes.get(field, getattr(position, field)) for field in fields})
    used = select(func.max(Installation.slot)).where(Installation.position_id == position.id)
    if (work.session.scalar(used) or 0) > position.quantity:
        raise RuleBroken(
            N_("Position %(position)s has had more units installed than %(quantity)s"),
            position=position.code,
            quantity=position.quantity,
            code="position_in_use",
        )
    touch(model)
    work.session.flush()
    return position


def _fill(
    work: Work,
    position: Position,
    *,
    name: str,
    parent_id: int | None,
    part_id: int | None,
    quantity: int,
    mandatory: bool,
    option_code: str | None,
    life_limit: Decimal | None,
    life_unit: LifeUnit | None,
) -> None:
    if not 1 <= quantity <= 1000:
        raise Invalid(N_("A position holds 1 to 1000 units, not %(quantity)s"), quantity=quantity, code="quantity")
    if (life_limit is None) != (life_unit is None) or (life_limit is not None and life_limit <= 0):
        raise Invalid(N_("A life limit is a number above zero with its unit"), code="life_limit")
    if part_id is not None:
        visibility.get(work.session, Part, part_id, visibility.sees_part(work.actor))
    with work.session.no_autoflush:
        _check_parent(work, position, parent_id)
        if option_code is not None:
            _check_option(work, position.model_id, option_code)
    position.name = text(name, "name", 200)
    position.parent_id, position.part_id = parent_id, part_id
    position.quantity, position.mandatory, position.option_code = quantity, mandatory, option_code
    position.life_limit = None if life_limit is None else exact(life_limit, "life_limit", 3)
    position.life_unit = life_unit


def _check_parent(work: Work, position: Position, parent_id: int | None) -> None:
    above: int | None = parent_id
    while above is not None:
        parent = visibility.get(work.session, Position, above, Position.model_id == position.model_id)
        if parent.id == position.id:
            raise RuleBroken(
                N_("Position %(position)s cannot lie within itself"), position=position.code, code="position_circle"
            )
        above = parent.parent_id


def _check_option(work: Work, model_id: int, code: str) -> None:
    if not work.session.scalar(
        select(ModelOption.id).where(ModelOption.model_id == model_id, ModelOption.code == code)
    ):
        raise RuleBroken(N_("This model has no option %(option)s"), option=code, code="unknown_option")


def add_option(
    work: Work,
    model_id: int,
    *,
    code: str,
    name: str,
    requires: Sequence[str] = (),
    excludes: Sequence[str] = (),
    expected_version: int | None = None,
) -> ModelOption:
    """Add a configuration option with the other options it requires and excludes, by code.

    :raises Conflict: the model has this option. :raises RuleBroken: it names an option that the model has not.
    """
    require(work.actor, Permission.MODEL_MANAGE)
    model = own_model(work, model_id, expected_version)
    known = select(ModelOption.id).where(ModelOption.model_id == model.id, ModelOption.code == code.strip())
    if work.session.scalar(known):
        raise Conflict(N_("There is an option %(option)s already"), option=code, code="option_exists")
    for other in (*requires, *excludes):
        _check_option(work, model.id, other)
    both = sorted(set(requires) & set(excludes))
    if both:
        raise Invalid(N_("Option %(option)s is both required and excluded"), option=both[0], code="option_contradicts")
    option = ModelOption(
        model_id=model.id,
        code=text(code, "code", 50),
        name=text(name, "name", 200),
        requires=sorted(set(requires)),
        excludes=sorted(set(excludes)),
    )
    work.session.add(option)
    touch(model)
    work.session.flush()
    return option


def publish_template(
    work: Work,
    model_id: int,
    characteristics: Sequence[NewCharacteristic],
    at: datetime | None = None,
    expected_version: int | None = None,
) -> TestTemplate:
    """Publish the next version of a model's acceptance test; machines whose production begins afterwards use it.

    :raises Invalid: it is empty, names a characteristic twice or has limits the wrong way round.
    """
    require(work.actor, Permission.MODEL_MANAGE)
    model = own_model(work, model_id, expected_version)
    names = [text(one.name, "name", 200) for one in characteristics]
    if not names or len(set(names)) < len(names):
        raise Invalid(N_("A test template has characteristics, each with a name of its own"), code="characteristics")
    last = select(func.max(TestTemplate.number)).where(TestTemplate.model_id == model.id)
    template = TestTemplate(model_id=model.id, number=(work.session.scalar(last) or 0) + 1, published_at=at or work.now)
    work.session.add(template)
    work.session.flush()
    for sequence, (name, one) in enumerate(zip(names, characteristics, strict=True), start=1):
        work.session.add(_characteristic(template, sequence, name, one))
    touch(model)
    work.session.flush()
    return template


def _characteristic(template: TestTemplate, sequence: int, name: str, one: NewCharacteristic) -> TestCharacteristic:
    lower = None if one.lower is None else exact(one.lower, name, 6)
    upper = None if one.upper is None else exact(one.upper, name, 6)
    if lower is not None and upper is not None and lower > upper:
        raise Invalid(
            N_("%(name)s: the lower limit %(lower)s lies above the upper limit %(upper)s"),
            name=name,
            lower=str(lower),
            upper=str(upper),
            code="limits",
        )
    unit = optional_text(one.unit, "unit", 20) or ""
    return TestCharacteristic(
        template_id=template.id, sequence=sequence, name=name, unit=unit, lower=lower, upper=upper
    )
