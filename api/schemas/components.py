"""What routes of components take and give."""

from decimal import Decimal

from marshmallow import fields, validate

from aftersales.vocabulary import LifeUnit, RemovalReason
from api.schemas.base import Answer, Body, Choice, Day, Exact, Id, Int, Moment, PageQuery, Query, Text

PLACE = r"^[0-9]{1,15}:[0-9]{1,4}$"


class ComponentQuery(PageQuery):
    """Which components."""

    search = Text(high=80, load_default="", example="SN-1")
    machine_id = Id(load_default=None)


class AtQuery(Query):
    """As of which moment; now by default."""

    at = Moment(load_default=None)


class ComponentBody(Body):
    """A serialised unit of a part, with the life it brings along."""

    part_id = Id(required=True)
    serial_number = Text(required=True, low=1, high=80, example="SN-1001")
    batch = Text(high=80, allow_none=True, load_default=None, example="B7")
    produced_on = Day(allow_none=True, load_default=None)
    hours_brought = Exact(places=3, digits=9, example="0", load_default=Decimal(0))
    cycles_brought = Exact(places=3, digits=9, example="0", load_default=Decimal(0))


class ComponentAnswer(Answer):
    """A component."""

    id = Id(attribute="component.id")
    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    part_name = Text(attribute="part.name", example="Pump")
    serial_number = Text(attribute="component.serial_number", example="SN-1001")
    batch = Text(attribute="component.batch", allow_none=True, example="B7")
    produced_on = Day(attribute="component.produced_on", allow_none=True)
    scrapped_at = Moment(attribute="component.scrapped_at", allow_none=True)
    version = Int(attribute="component.version")


class ComponentLifeAnswer(ComponentAnswer):
    """A component with its own life."""

    at = Moment(attribute="life.at")
    hours = Exact(attribute="life.hours", example="1250.5")
    cycles = Exact(attribute="life.cycles", example="0")
    days = Int(attribute="life.days")


class InstalledAnswer(ComponentLifeAnswer):
    """A component in its place, with what is left of its life limit."""

    installation_id = Id(attribute="installation.id")
    position_id = Id(attribute="position.id")
    position = Text(attribute="position.code", example="10")
    position_name = Text(attribute="position.name", example="Pump")
    slot = Int(attribute="installation.slot")
    installed_at = Moment(attribute="installation.valid_from")
    limit_unit = Choice(LifeUnit, attribute="limit.unit", allow_none=True, dump_default=None)
    limit = Exact(attribute="limit.limit", allow_none=True, dump_default=None, example="8000")
    remaining = Exact(low=None, attribute="limit.remaining", allow_none=True, dump_default=None, example="6749.5")


class InstallationBody(Body):
    """A component to install: by its number, or by part (the position's by default) and serial number."""

    position_id = Id(required=True)
    slot = Int(low=1, high=1000, load_default=1)
    component_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    part_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    serial_number = Text(high=80, allow_none=True, load_default=None, example="SN-1001")
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})
    life_hours = Exact(places=3, digits=9, allow_none=True, load_default=None, metadata={"example": None})
    life_cycles = Exact(places=3, digits=9, allow_none=True, load_default=None, metadata={"example": None})


class RemovalBody(Body):
    """What is removed, and why."""

    position_id = Id(required=True)
    slot = Int(low=1, high=1000, load_default=1)
    reason = Choice(RemovalReason, required=True)
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})
    life_hours = Exact(places=3, digits=9, allow_none=True, load_default=None, metadata={"example": None})
    life_cycles = Exact(places=3, digits=9, allow_none=True, load_default=None, metadata={"example": None})


class PastStayBody(Body):
    """A stay that is over."""

    position_id = Id(required=True)
    slot = Int(low=1, high=1000, load_default=1)
    component_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    part_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    serial_number = Text(high=80, allow_none=True, load_default=None, example="SN-1001")
    start = Moment(required=True, metadata={"example": "2026-02-01T08:00:00Z"})
    end = Moment(required=True, metadata={"example": "2026-03-01T08:00:00Z"})
    reason = Choice(RemovalReason, required=True)


class StayAnswer(Answer):
    """A component's stay in a machine."""

    id = Id(attribute="installation.id")
    machine_id = Id(attribute="machine.id")
    machine_serial_number = Text(attribute="machine.serial_number", example="CR-0042")
    position = Text(attribute="position.code", example="10")
    slot = Int(attribute="installation.slot")
    component_id = Id(attribute="component.id")
    part_number = Text(attribute="part.number", example="HP-100")
    serial_number = Text(attribute="component.serial_number", example="SN-1001")
    valid_from = Moment(attribute="installation.valid_from")
    valid_to = Moment(attribute="installation.valid_to", allow_none=True)
    meter_in = Exact(attribute="installation.meter_in", example="0")
    meter_out = Exact(attribute="installation.meter_out", allow_none=True, example="1250.5")
    removal_reason = Choice(RemovalReason, attribute="installation.removal_reason", allow_none=True)


class InstallationAnswer(Answer):
    """A stay as it is recorded."""

    id = Id()
    component_id = Id()
    machine_id = Id()
    position_id = Id()
    slot = Int()
    valid_from = Moment()
    valid_to = Moment(allow_none=True)
    meter_in = Exact(example="0")
    meter_out = Exact(allow_none=True, example="1250.5")
    removal_reason = Choice(RemovalReason, allow_none=True)


class PlainComponentAnswer(Answer):
    """A component as it is recorded."""

    id = Id()
    part_id = Id()
    serial_number = Text(example="SN-1001")
    batch = Text(allow_none=True, example="B7")
    produced_on = Day(allow_none=True)
    hours_brought = Exact(example="0")
    cycles_brought = Exact(example="0")
    scrapped_at = Moment(allow_none=True)
    version = Int()


class InstallationForm(Body):
    """A component to install, as the page asks it; ``place`` is position and slot."""

    place = fields.String(required=True, validate=validate.Regexp(PLACE), metadata={"example": "1:1"})
    serial_number = Text(required=True, low=1, high=80, example="SN-1001")
    part_id = Id(allow_none=True, load_default=None)
    at = Moment(allow_none=True, load_default=None)
    life_hours = Exact(places=3, digits=9, allow_none=True, load_default=None)


class RemovalForm(Body):
    """What is removed, as the page asks it."""

    place = fields.String(required=True, validate=validate.Regexp(PLACE), metadata={"example": "1:1"})
    reason = Choice(RemovalReason, required=True)
    at = Moment(allow_none=True, load_default=None)
    life_hours = Exact(places=3, digits=9, allow_none=True, load_default=None)
