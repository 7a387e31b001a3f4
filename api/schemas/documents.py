"""What routes of documents take and give."""

from marshmallow import fields

from aftersales.registry.rules.documents import KINDS
from api.schemas.base import Answer, Body, Bool, Day, Id, Language, Moment, PageQuery, Query, Text
from api.schemas.machines import Word


class DocumentQuery(PageQuery):
    """Which documents."""

    model_id = Id(load_default=None)
    machine_id = Id(load_default=None)
    kind = Word(KINDS, load_default=None, example="manual")
    language = Language(load_default=None)


class DocumentForm(Query):
    """What is said of a document that is uploaded; it applies to a model or to a machine."""

    kind = Word(KINDS, required=True, example="manual")
    title = Text(required=True, low=1, high=300, example="Operating instructions")
    language = Language(required=True)
    edition = Text(low=1, high=40, load_default="1", example="2")
    model_id = Id(load_default=None)
    machine_id = Id(load_default=None, metadata={"example": 1})
    serial_from = Text(high=80, load_default=None, example="CR-0001")
    serial_to = Text(high=80, load_default=None, example="CR-0099")
    valid_from = Day(load_default=None)
    supersedes_id = Id(load_default=None)
    public = Bool(load_default=False)


class DocumentUpload(DocumentForm):
    """The parts of the request: what is said of the document, and its file."""

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class DocumentAnswer(Answer):
    """A version of a document."""

    id = Id()
    kind = Text(example="manual")
    title = Text(example="Operating instructions")
    language = Language()
    edition = Text(example="2")
    model_id = Id(allow_none=True)
    machine_id = Id(allow_none=True)
    serial_from = Text(allow_none=True, example="CR-0001")
    serial_to = Text(allow_none=True, example="CR-0099")
    file_name = Text(example="manual.pdf")
    file_hash = Text(example="0" * 64)
    valid_from = Day()
    public = Bool()
    superseded_by_id = Id(allow_none=True)
    created_at = Moment()


class MachineDocumentForm(Body):
    """What the page asks of a document of one machine."""

    kind = Word(KINDS, required=True, example="photo")
    title = Text(required=True, low=1, high=300, example="Nameplate")
    language = Language(required=True)
    edition = Text(low=1, high=40, load_default="1", example="1")


class ModelDocumentForm(MachineDocumentForm):
    """What the page asks of a document of a model."""

    serial_from = Text(high=80, allow_none=True, load_default=None, example="CR-0001")
    serial_to = Text(high=80, allow_none=True, load_default=None, example="CR-0099")
    valid_from = Day(allow_none=True, load_default=None)
    supersedes_id = Id(allow_none=True, load_default=None)
    public = Bool(load_default=False)
