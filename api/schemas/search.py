"""What the search takes and gives."""

from aftersales.search.queries import LONGEST, HitKind
from api.schemas.base import Answer, Choice, Id, Int, Query, Text


class SearchQuery(Query):
    """What to look for."""

    words = Text(required=True, low=2, high=LONGEST, example="M1")
    limit = Int(low=1, high=50, load_default=10, example=10)


class HitAnswer(Answer):
    """Something found."""

    kind = Choice(HitKind)
    id = Id()
    title = Text(example="CR200-0017")
    detail = Text(example="Crusher 200")
    state = Text(allow_none=True, example="in_operation")
