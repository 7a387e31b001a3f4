"""What routes of machines take and give."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from marshmallow import fields, validate

from aftersales.errors import Invalid
from aftersales.papers.words import DISPOSALS, WRITE_OFF_REASONS
from aftersales.registry.entries import KINDS
from aftersales.translate import N_
from aftersales.vocabulary import DueStatus, FailureMode, FaultState, Health, LifeUnit, MachineState, PartyRole
from api.schemas.base import Answer, Body, Bool, Choice, Day, Exact, Id, Int, Language, Moment, PageQuery, Query, Text


class Word(Text):
    """One of a few words that are no enumeration of ours."""

    def __init__(self, words: Sequence[str], **kwargs: Any) -> None:
        super().__init__(high=40, **kwargs)
        self.validators = [validate.OneOf(words)]


class MachineQuery(PageQuery):
    """Which machines."""

    search = Text(high=100, load_default="", example="M1")
    state = Choice(MachineState, load_default=None)
    model_id = Id(load_default=None)
    site_id = Id(load_default=None)
    organization_id = Id(load_default=None)
    former = Bool(load_default=False, metadata={"example": False})


class MachineBody(Body):
    """A machine to plan."""

    model_id = Id(required=True)
    serial_number = Text(required=True, low=1, high=80, example="CR-0042")
    order_code = Text(high=80, allow_none=True, load_default=None, example="CR-300-AC")
    product_year = Int(low=1900, high=2199, allow_none=True, load_default=None, example=2026)
    configuration = fields.List(Text(low=1, high=50), load_default=list, metadata={"example": []})


class MachineChangeBody(Body):
    """What changes about a machine before its passport is issued."""

    order_code = Text(high=80, allow_none=True, example="CR-300-AC")
    product_year = Int(low=1900, high=2199, allow_none=True, example=2026)
    configuration = fields.List(Text(low=1, high=50), metadata={"example": []})


class MachineRowAnswer(Answer):
    """A machine in a list."""

    id = Id(attribute="machine.id")
    public_id = Text(attribute="machine.public_id", example="2Xb8rJ0aQ1kLw9Zs")
    serial_number = Text(attribute="machine.serial_number", example="CR-0042")
    order_code = Text(attribute="machine.order_code", allow_none=True, example="CR-300-AC")
    product_year = Int(attribute="machine.product_year", allow_none=True, example=2026)
    model_id = Id(attribute="model.id")
    model_code = Text(attribute="model.code", example="CR-300")
    model_name = Text(attribute="model.name", example="Crusher 300")
    state = Choice(MachineState)
    site = Text(allow_none=True, example="Quarry 1")
    owner = Text(example="Kamen d.o.o.")
    operator = Text(example="Kamen d.o.o.")
    hours = Exact(allow_none=True, example="1234.5")
    hours_at = Moment(allow_none=True)
    commissioned_on = Day(attribute="machine.commissioned_on", allow_none=True)
    version = Int(attribute="machine.version")


class MachineAnswer(MachineRowAnswer):
    """A machine; ``roles`` is what your organisation is to it now, none for a former party."""

    manufacturer_id = Id(attribute="manufacturer.id")
    manufacturer = Text(attribute="manufacturer.name", example="Drobilica")
    configuration = fields.List(Text(example="AC"), attribute="machine.configuration")
    site_id = Id(attribute="machine.site_id", allow_none=True)
    site = Text(attribute="site.name", allow_none=True, dump_default=None, example="Quarry 1")
    passport_number = Text(attribute="passport.number", allow_none=True, dump_default=None, example="MP-2026-00001")
    reporting_open = Bool(attribute="machine.reporting_open")
    roles = fields.List(Choice(PartyRole))


class OpenFaultAnswer(Answer):
    """A fault that was open at the moment."""

    id = Id(attribute="fault.id")
    mode = Choice(FailureMode, attribute="fault.mode")
    stands_still = Bool(attribute="fault.stands_still")
    state = Choice(FaultState)
    reported_at = Moment(attribute="fault.reported_at")


class TaskStateAnswer(Answer):
    """How a maintenance task stood at the moment."""

    code = Text(example="M500")
    name = Text(example="Service every 500 h")
    status = Choice(DueStatus, attribute="due.status")


class LimitAnswer(Answer):
    """A component with a life limit."""

    place = Text(example="10")
    component_id = Id(attribute="component.id")
    serial_number = Text(attribute="component.serial_number", example="SN-1001")
    unit = Choice(LifeUnit, attribute="limit.unit")
    limit = Exact(attribute="limit.limit", example="8000")
    used = Exact(attribute="limit.used", example="1250.5")
    remaining = Exact(low=None, attribute="limit.remaining", example="6749.5")


class MachineConditionAnswer(Answer):
    """A machine's technical condition at a moment."""

    machine_id = Id(attribute="machine.id")
    at = Moment()
    health = Choice(Health)
    state = Choice(MachineState)
    state_since = Moment(allow_none=True)
    hours = Exact(allow_none=True, example="1234.5")
    cycles = Exact(allow_none=True, example="0")
    open_faults = fields.List(fields.Nested(OpenFaultAnswer))
    maintenance = fields.List(fields.Nested(TaskStateAnswer), attribute="tasks")
    life_limits = fields.List(fields.Nested(LimitAnswer), attribute="limited")
    warranty_running = Bool(attribute="warranty.is_running", allow_none=True, dump_default=None)
    warranty_last_day = Day(attribute="warranty.last_on", allow_none=True, dump_default=None)


class StateBody(Body):
    """A step of the life cycle."""

    to = Choice(MachineState, required=True, metadata={"example": "standby"})
    reason = Text(high=500, load_default="", example="Out of season")
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})


class StateAnswer(Answer):
    """A step of a machine's life."""

    id = Id(attribute="event.id")
    sequence = Int(attribute="event.sequence")
    from_state = Choice(MachineState, attribute="event.from_state", allow_none=True)
    to_state = Choice(MachineState, attribute="event.to_state")
    at = Moment(attribute="event.at")
    reason = Text(attribute="event.reason", example="Out of season")
    organization = Text(example="Kamen d.o.o.")


class MeasurementBody(Body):
    """A measured value."""

    characteristic_id = Id(required=True)
    value = Exact(required=True, places=6, digits=9, low=None, example="8.2")


class AcceptanceBody(Body):
    """Values measured at acceptance, and who measured them."""

    results = fields.List(fields.Nested(MeasurementBody), required=True, validate=validate.Length(1, 200))
    tester = Text(required=True, low=1, high=200, example="Test bench 2")
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})


class AcceptanceAnswer(Answer):
    """A characteristic of the test that applies and the value that counts, if it is measured."""

    characteristic_id = Id(attribute="characteristic.id")
    name = Text(attribute="characteristic.name", example="Pressure")
    unit = Text(attribute="characteristic.unit", example="bar")
    lower = Exact(places=6, low=None, attribute="characteristic.lower", allow_none=True, example="7.5")
    upper = Exact(places=6, low=None, attribute="characteristic.upper", allow_none=True, example="10")
    value = Exact(places=6, low=None, attribute="result.value", allow_none=True, dump_default=None, example="8.2")
    passed = Bool(attribute="result.passed", allow_none=True, dump_default=None)
    tester = Text(attribute="result.tester", allow_none=True, dump_default=None, example="Test bench 2")
    at = Moment(attribute="result.at", allow_none=True, dump_default=None)


class PassportBody(Body):
    """What is said at the issue: reasons for empty mandatory positions by code, remarks."""

    empty_positions = fields.Dict(
        keys=Text(low=1, high=50), values=Text(low=1, high=500), load_default=dict, metadata={"example": {}}
    )
    remarks = Text(high=2000, load_default="", example="")


class ReconstructionBody(Body):
    """A machine taken over from other records."""

    state = Choice(MachineState, load_default=MachineState.IN_OPERATION, metadata={"example": "in_operation"})
    commissioned_on = Day(allow_none=True, load_default=None, metadata={"example": None})
    note = Text(high=2000, load_default="", example="From the workshop's list")


class PassportAnswer(Answer):
    """An issued passport: frozen content with its hash."""

    id = Id()
    machine_id = Id()
    number = Text(example="MP-2026-00001")
    reconstructed = Bool()
    issued_at = Moment()
    content_hash = Text(example="0" * 64)
    content = fields.Dict(keys=fields.String(), metadata={"example": {"number": "MP-2026-00001"}})


class EntryBody(Body):
    """An entry in a passport in your own words."""

    kind = Word(KINDS, load_default="note", example="note")
    text = Text(required=True, low=1, high=2000, example="Repainted")
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})


class EntryAnswer(Answer):
    """A dated entry in a passport."""

    id = Id(attribute="entry.id")
    at = Moment(attribute="entry.at")
    kind = Text(attribute="entry.kind", example="note")
    text = Text(attribute="entry.text", example="Repainted")
    organization = Text(example="Kamen d.o.o.")


class ModernisationBody(Body):
    """A new configuration and why."""

    configuration = fields.List(Text(low=1, high=50), required=True, metadata={"example": []})
    reason = Text(required=True, low=1, high=500, example="Moves north")
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})


class ReportingBody(Body):
    """Whether faults can be reported by the machine's code without sign-in."""

    open = Bool(required=True, attribute="is_open")


class SiteMoveBody(Body):
    """Where the machine stands now."""

    site_id = Id(required=True)
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})


class RetirementBody(Body):
    """Why a machine leaves service for good, and what happens to it."""

    reason = Word(tuple(WRITE_OFF_REASONS), required=True, example="worn_out")
    reason_text = Text(high=2000, load_default="", example="Frame cracked")
    disposal = Word(("", *DISPOSALS), load_default="", example="dismantled")
    disposal_text = Text(high=2000, load_default="", example="")
    hazards = fields.Dict(
        keys=Text(low=1, high=100), values=Text(high=200), load_default=dict, metadata={"example": {"Oil": "20 l"}}
    )
    recovered = fields.List(Id(), load_default=list, metadata={"example": []})
    language = Language(allow_none=True, load_default=None)


class DisposalBody(Body):
    """Where a written-off machine went."""

    disposal = Word(tuple(DISPOSALS), required=True, example="recycled")
    disposal_text = Text(high=2000, load_default="", example="Yard 7")
    language = Language(allow_none=True, load_default=None)


class IssuedAnswer(Answer):
    """A certificate that was issued."""

    id = Id()
    public_id = Text(example="2Xb8rJ0aQ1kLw9Zs")
    number = Text(example="WO-2026-00001")
    machine_id = Id()
    issued_at = Moment()


class PartyBody(Body):
    """An organisation and what it is to be; by number when you deal with it already, else by its exact name."""

    role = Choice(PartyRole, required=True, metadata={"example": "guest"})
    organization_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    organization_name = Text(high=200, allow_none=True, load_default=None, example="Servis Plus")
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})


class TransferBody(Body):
    """The new owner; by number when you deal with it already, else by its exact name."""

    organization_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    organization_name = Text(high=200, allow_none=True, load_default=None, example="Kamen d.o.o.")
    reason = Text(high=500, load_default="", example="Sold")
    at = Moment(allow_none=True, load_default=None, metadata={"example": None})
    keeps_running = Bool(load_default=False)
    keep_partners = Bool(load_default=False)


class PartyAnswer(Answer):
    """A party of a machine."""

    id = Id(attribute="party.id")
    organization_id = Id(attribute="organization.id")
    organization = Text(attribute="organization.name", example="Servis Plus")
    role = Choice(PartyRole, attribute="party.role")
    valid_from = Moment(attribute="party.valid_from")
    valid_to = Moment(attribute="party.valid_to", allow_none=True)


class PaperQuery(Query):
    """In which language a paper is printed; your own by default."""

    language = Language(load_default=None)


class LabelQuery(PaperQuery):
    """The size of a label in millimetres."""

    width_mm = Exact(places=1, digits=3, load_default=Decimal(100), example="100")
    height_mm = Exact(places=1, digits=3, load_default=Decimal(50), example="50")


class LabelSheetQuery(LabelQuery):
    """Which machines' labels to print: their numbers with commas between."""

    machines = Text(required=True, low=1, high=4000, example="1,2")


class PublicMachineAnswer(Answer):
    """What anybody sees who scans a machine's code."""

    public_id = Text(example="2Xb8rJ0aQ1kLw9Zs")
    manufacturer = Text(example="Drobilica")
    model = Text(example="CR-300")
    designation = Text(example="Crusher 300")
    serial_number = Text(example="CR-0042")
    product_year = Int(allow_none=True, example=2026)
    markings = fields.List(Text(example="CE"))
    passport_number = Text(allow_none=True, example="MP-2026-00001")
    reconstructed = Bool()
    reporting_open = Bool()


def numbers(text: str) -> list[int]:
    """Return the numbers in a text with commas between.

    :raises Invalid: there is something else in it.
    """
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    if not all(piece.isascii() and piece.isdigit() and len(piece) <= 15 for piece in pieces):
        raise Invalid(N_("Give the machines' numbers with commas between"), code="numbers")
    return [int(piece) for piece in pieces]
