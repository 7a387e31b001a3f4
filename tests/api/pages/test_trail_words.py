"""The audit trail is told in words."""

from flask import Flask

import aftersales.models
from aftersales.db import Base
from aftersales.translate import translator
from api.pages import trail_words


def test_every_audited_table_has_a_word() -> None:
    audited = {m.class_.__tablename__ for m in Base.registry.mappers if m.class_.__audited__}
    assert aftersales.models.AuditEntry.__tablename__ not in audited
    assert set(trail_words.THINGS) == audited | {"reading"}


def test_what_happened_is_said_in_the_readers_language() -> None:
    assert trail_words.deed(translator("en"), "update", "work_order") == "Work order: changed"
    assert trail_words.deed(translator("en"), "polish", "mirror") == "mirror: polish"


def test_the_pages_named_exist(app: Flask) -> None:
    for thing in trail_words.PAGES:
        address = trail_words.where(thing, "7")
        assert address is not None
        assert app.url_map.bind("x").test(address, "GET"), thing
    assert trail_words.where("task_completion", "7") is None
    assert trail_words.where("machine", "1/2") is None
