"""What fault routes take and give."""

from marshmallow import fields

from aftersales.complaints.rules import Step
from aftersales.vocabulary import Channel, FailureMode, FaultState, Role, Severity
from api.schemas.base import Answer, Body, Bool, Choice, Exact, Id, Int, Moment, PageQuery, Text


class FaultQuery(PageQuery):
    """Which fault reports."""

    machine_id = Id(load_default=None)
    state = Choice(FaultState, load_default=None)


class ComplaintBody(Body):
    """What is wrong with a machine."""

    mode = Choice(FailureMode, required=True)
    stands_still = Bool(required=True)
    text = Text(high=2000, load_default="", example="Oil under the pump")
    hours = Exact(places=3, digits=9, load_default=None, allow_none=True, example="1204.5")
    severity = Choice(Severity, load_default=None, allow_none=True)
    error_code = Text(high=80, load_default=None, allow_none=True, example="SPN 94 FMI 18")
    contact = Text(high=200, load_default=None, allow_none=True, example="Shift leader, hall 3")


class FaultBody(ComplaintBody):
    """A fault of one of your machines."""

    machine_id = Id(required=True)


class WordsBody(Body):
    """Words to go with a step, if any."""

    text = Text(high=2000, load_default="", example="We come tomorrow at eight")


class ReasonBody(Body):
    """The reason of a step."""

    reason = Text(required=True, low=1, high=2000, example="It leaks again")


class CommentBody(Body):
    """A comment; one that is not visible stays within your organisation."""

    text = Text(required=True, low=1, high=2000, example="Seal ordered")
    visible = Bool(load_default=True)


class DuplicateBody(WordsBody):
    """The report that tells of the same fault."""

    of_id = Id(required=True)


class FaultAnswer(Answer):
    """A fault report."""

    id = Id()
    public_id = Text(example="Zm9vYmFyMTIzNDU2")
    machine_id = Id()
    channel = Choice(Channel)
    mode = Choice(FailureMode)
    severity = Choice(Severity)
    stands_still = Bool()
    text = Text(example="Oil under the pump")
    hours = Exact(places=3, digits=9, allow_none=True)
    hours_refused = Text(allow_none=True, example="goes_backwards")
    error_code = Text(allow_none=True)
    state = Choice(FaultState)
    duplicate_of_id = Id(allow_none=True)
    reported_at = Moment()
    closed_at = Moment(allow_none=True)
    version = Int()


class PublicStepAnswer(Answer):
    """A step in a report's timeline."""

    sequence = Int()
    step = Choice(Step)
    state_after = Choice(FaultState)
    at = Moment()
    text = Text(example="We come tomorrow at eight")
    organization = Text(example="Service partner ltd")
    role = Choice(Role, allow_none=True)


class StepAnswer(PublicStepAnswer):
    """A step with the person, who is named within their own organisation only."""

    person = Text(example="Service engineer")
    visible_to_operator = Bool()
    work_order_id = Id(allow_none=True)


class FaultLineAnswer(FaultAnswer):
    """A fault report in a list."""

    serial_number = Text(example="AR-0117")
    model = Text(example="Screw compressor 55 kW")
    organization = Text(allow_none=True, example="Quarry ltd")


class FaultPageAnswer(FaultLineAnswer):
    """A fault report with its timeline."""

    contact = Text(allow_none=True, example="Shift leader, hall 3")
    photos = fields.List(Text(example="0" * 64))
    duplicates = fields.List(Id())
    timeline = fields.List(fields.Nested(StepAnswer))


class ReportStatusAnswer(Answer):
    """What the reporter sees of a report."""

    public_id = Text(example="Zm9vYmFyMTIzNDU2")
    serial_number = Text(example="AR-0117")
    model = Text(example="Screw compressor 55 kW")
    mode = Choice(FailureMode)
    state = Choice(FaultState)
    stands_still = Bool()
    reported_at = Moment()
    timeline = fields.List(fields.Nested(PublicStepAnswer))


class PublicReportAnswer(Answer):
    """Where the course of a report can be followed."""

    public_id = Text(example="Zm9vYmFyMTIzNDU2")
    state = Choice(FaultState)
    reported_at = Moment()
