"""Programmes, due tasks and completions as clients send and get them."""

from typing import Any

from marshmallow import fields, post_load, validate

from aftersales.maintenance.rules import Check, KitLine, TaskSpec
from aftersales.vocabulary import DueStatus, LifeUnit, MachineState
from api.schemas.base import Answer, Body, Bool, Choice, Day, Exact, Id, Int, Moment, PageQuery, Query, Text

MAX_TASKS = 200
CODE = {"example": "500h"}


class CheckBody(Body):
    """A line of a checklist: a tick, or a measured value with limits."""

    text = Text(required=True, low=1, high=300, example="Oil level")
    measured = Bool(load_default=False, metadata={"example": False})
    unit = Text(load_default="", high=20, example="")
    lower = Exact(places=6, low=None, load_default=None, allow_none=True, metadata={"example": None})
    upper = Exact(places=6, low=None, load_default=None, allow_none=True, metadata={"example": None})
    required = Bool(load_default=True)

    @post_load
    def made(self, data: dict[str, Any], **kwargs: Any) -> Check:
        """Return the rules' object."""
        return Check(**data)


class KitBody(Body):
    """A part the task needs."""

    part_id = Id(required=True)
    quantity = Exact(required=True, example="1")

    @post_load
    def made(self, data: dict[str, Any], **kwargs: Any) -> KitLine:
        """Return the rules' object."""
        return KitLine(**data)


def codes(high: int) -> fields.List[str]:
    """Return a field for a list of codes."""
    return fields.List(
        Text(low=1, high=high, example="250h"),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"example": []},
    )


class TaskBody(Body):
    """A task of a programme: intervals by hours, days or cycles, whichever comes first."""

    code = Text(required=True, low=1, high=40, example="500h")
    name = Text(required=True, low=1, high=200, example="500-hour service")
    every_hours = Exact(load_default=None, allow_none=True, example="500")
    every_days = Int(low=1, high=36_500, load_default=None, allow_none=True, example=365)
    every_cycles = Exact(load_default=None, allow_none=True, metadata={"example": None})
    first_hours = Exact(load_default=None, allow_none=True, example="50")
    first_days = Int(low=1, high=36_500, load_default=None, allow_none=True, example=60)
    first_cycles = Exact(load_default=None, allow_none=True, metadata={"example": None})
    tolerance_percent = Int(low=0, high=100, load_default=10, example=10)
    repeats = Bool(load_default=True)
    includes = codes(40)
    only_with = codes(50)
    not_with = codes(50)
    skip_below_hours = Exact(load_default=None, allow_none=True, metadata={"example": None})
    standard_hours = Exact(load_default=None, allow_none=True, example="2.5")
    qualification = Text(load_default=None, allow_none=True, high=100, example="Hydraulics")
    safety = Text(load_default=None, allow_none=True, high=1000, example="Lock out the main switch")
    checklist = fields.List(fields.Nested(CheckBody), load_default=list, validate=validate.Length(max=100))
    kit = fields.List(
        fields.Nested(KitBody), load_default=list, validate=validate.Length(max=100), metadata={"example": []}
    )

    @post_load
    def made(self, data: dict[str, Any], **kwargs: Any) -> TaskSpec:
        """Return the rules' object."""
        return TaskSpec(
            **{name: value for name, value in data.items() if name != "standard_hours" or value is not None}
        )


class KitForm(Body):
    """A part the task needs, by its number, as a form has it."""

    part_number = Text(required=True, low=1, high=80, example="FLT-7")
    quantity = Exact(required=True, example="1")


class CheckForm(Body):
    """A line of a checklist as a form has it; empty lines must have every box unticked."""

    text = Text(required=True, low=1, high=300, example="Oil level")
    measured = Bool(load_default=False)
    unit = Text(load_default="", high=20)
    lower = Exact(places=6, low=None, load_default=None, allow_none=True)
    upper = Exact(places=6, low=None, load_default=None, allow_none=True)
    optional = Bool(load_default=False)

    @post_load
    def made(self, data: dict[str, Any], **kwargs: Any) -> Check:
        """Return the rules' object."""
        optional = data.pop("optional")
        return Check(**data, required=not optional)


class TaskForm(TaskBody):
    """A task as a form has it: parts by their numbers."""

    checklist = fields.List(fields.Nested(CheckForm), load_default=list, validate=validate.Length(max=100))

    kit = fields.List(fields.Nested(KitForm), load_default=list, validate=validate.Length(max=100))


class DraftForm(Body):
    """A new version of a model's programme, still without tasks."""

    model_id = Id(required=True)
    name = Text(required=True, low=1, example="Crusher 200")


class NameForm(Body):
    """The name of a draft."""

    name = Text(required=True, low=1, example="Crusher 200")


class ProgrammeBody(Body):
    """A new version of a model's programme, as a draft."""

    model_id = Id(required=True)
    name = Text(required=True, low=1, example="Crusher 200")
    tasks = fields.List(fields.Nested(TaskBody), load_default=list, validate=validate.Length(max=MAX_TASKS))


class ProgrammeChangeBody(Body):
    """Changes to a draft: its name, or all its tasks."""

    name = Text(low=1, example="Crusher 200")
    tasks = fields.List(fields.Nested(TaskBody), validate=validate.Length(max=MAX_TASKS))


class ProgrammeQuery(PageQuery):
    """Which programmes."""

    model_id = Id(load_default=None)


class CheckAnswer(Answer):
    """A line of a checklist."""

    sequence = Int()
    text = Text()
    measured = Bool()
    unit = Text()
    lower = Exact(allow_none=True)
    upper = Exact(allow_none=True)
    required = Bool()


class KitAnswer(Answer):
    """A part the task needs."""

    part_id = Id()
    number = Text(example="FLT-7")
    name = Text(example="Filter")
    unit = Text(example="pcs")
    quantity = Exact(example="1")


class TaskAnswer(Answer):
    """A task of a programme."""

    id = Id(attribute="row.id")
    code = Text(attribute="row.code")
    name = Text(attribute="row.name")
    every_hours = Exact(attribute="row.every_hours", allow_none=True)
    every_days = Int(attribute="row.every_days", allow_none=True)
    every_cycles = Exact(attribute="row.every_cycles", allow_none=True)
    first_hours = Exact(attribute="row.first_hours", allow_none=True)
    first_days = Int(attribute="row.first_days", allow_none=True)
    first_cycles = Exact(attribute="row.first_cycles", allow_none=True)
    tolerance_percent = Int(attribute="row.tolerance_percent")
    repeats = Bool(attribute="row.repeats")
    includes = fields.List(fields.String(), attribute="row.includes")
    only_with = fields.List(fields.String(), attribute="row.only_with")
    not_with = fields.List(fields.String(), attribute="row.not_with")
    skip_below_hours = Exact(attribute="row.skip_below_hours", allow_none=True)
    standard_hours = Exact(attribute="row.standard_hours")
    qualification = Text(attribute="row.qualification", allow_none=True)
    safety = Text(attribute="row.safety", allow_none=True)
    checklist = fields.List(fields.Nested(CheckAnswer))
    kit = fields.List(fields.Nested(KitAnswer))


class ProgrammeSummary(Answer):
    """A version of a model's programme; ``applies``: it is the newest published one."""

    id = Id()
    version = Int()
    model_id = Id(attribute="row.model_id")
    model_code = Text(example="CR-200")
    model_name = Text(example="Crusher 200")
    number = Int(attribute="row.number")
    name = Text(attribute="row.name")
    published_at = Moment(attribute="row.published_at", allow_none=True)
    applies = Bool()


class ProgrammeAnswer(ProgrammeSummary):
    """A version of a model's programme with its tasks."""

    tasks = fields.List(fields.Nested(TaskAnswer))


class DueQuery(Query):
    """For which day; today when not said."""

    on = Day(load_default=None)


class FleetDueQuery(PageQuery):
    """Which tasks of the fleet; without a status, all that want attention."""

    on = Day(load_default=None)
    site_id = Id(load_default=None)
    model_id = Id(load_default=None)
    operator_id = Id(load_default=None)
    status = Choice(DueStatus, load_default=None)


class TriggerAnswer(Answer):
    """One reason a task falls due; ``remaining`` is negative when past."""

    unit = Choice(LifeUnit)
    due_at = Exact(allow_none=True, example="1500")
    due_on = fields.Date(allow_none=True, metadata={"example": "2026-07-01"})
    remaining = Exact(low=None, example="120.5")
    tolerance = Exact(example="50")
    expected_on = fields.Date(allow_none=True, metadata={"example": "2026-06-20"})


class DueMachineAnswer(Answer):
    """The machine of a due task."""

    id = Id()
    public_id = Text(example="k3Jd8sPq2mXa")
    serial_number = Text(example="M1")
    model_id = Id()
    model_name = Text(example="Crusher 200")
    site_id = Id(allow_none=True)
    site_name = Text(allow_none=True, example="North quarry")
    operator_id = Id(allow_none=True)
    operator_name = Text(allow_none=True, example="Quarry ltd")
    state = Choice(MachineState, metadata={"example": "in_operation"})


class DueTaskAnswer(Answer):
    """A task on a machine and how it stands."""

    machine = fields.Nested(DueMachineAnswer)
    task_id = Id()
    code = Text(example="500h")
    name = Text(example="500-hour service")
    status = Choice(DueStatus)
    triggers = fields.List(fields.Nested(TriggerAnswer))
    expected_on = fields.Date(allow_none=True, metadata={"example": "2026-06-20"})
    first = Choice(LifeUnit, allow_none=True)
    last_on = fields.Date(allow_none=True, metadata={"example": "2026-01-20"})
    last_hours = Exact(allow_none=True, example="1000")
    hours = Exact(allow_none=True, example="1379.5")
    standard_hours = Exact(example="2.5")
    qualification = Text(allow_none=True)
    safety = Text(allow_none=True)
    covered_by = Text(allow_none=True, example="1000h")
    order_id = Id(allow_none=True)
    order_number = Text(allow_none=True, example="SO-2026-00001")


class CompletionBody(Body):
    """A task that was done; life is taken from the meters when not given."""

    task_id = Id(required=True)
    at = Moment(load_default=None, allow_none=True)
    life_hours = Exact(load_default=None, allow_none=True, example="500")
    life_cycles = Exact(load_default=None, allow_none=True, metadata={"example": None})


class CompletionForm(Body):
    """A task that was done, as the page has it."""

    task_id = Id(required=True)
    at = Moment(load_default=None, allow_none=True)


class CompletionAnswer(Answer):
    """A task done on a machine."""

    id = Id()
    task_code = Text(example="500h")
    task_name = Text(allow_none=True, example="500-hour service")
    at = Moment()
    life_hours = Exact(allow_none=True, example="500")
    life_cycles = Exact(allow_none=True)
    within_tolerance = Bool(allow_none=True)
    work_order_id = Id(allow_none=True)
    order_number = Text(allow_none=True)
    by = Text(allow_none=True)
