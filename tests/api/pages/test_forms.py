"""Forms: read leniently, refused with what was entered, sent twice with one effect."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Blueprint, Flask, g, render_template_string
from marshmallow import ValidationError, fields
from sqlalchemy import func, select

from aftersales.access import Actor
from aftersales.errors import RuleBroken, Stale
from aftersales.models import OutboxEvent
from aftersales.translate import N_, translator
from aftersales.work import Work, Workshop
from api import auth
from api.pages.field_words import about
from api.pages.forms import Done, done, load_form, posted
from api.schemas.base import Body, Bool, Exact, Int, Moment, Text
from tests.world import World

PAGE = """
{% import "macros.html" as m %}
{% call m.form("/try", "Save", version=3) %}
{{ m.field("Title", "title", required=true) }}
{{ m.field("Amount", "amount", kind="decimal") }}
{% endcall %}
"""


class LineBody(Body):
    """A row of the form."""

    part = Int(required=True, low=1)
    amount = Exact(required=True)


class TryBody(Body):
    """A form with a bit of everything."""

    title = Text(required=True, low=1, high=20)
    amount = Exact(load_default=None, allow_none=True)
    urgent = Bool()
    at = Moment()
    tags = fields.List(Text(high=10))
    lines = fields.List(fields.Nested(LineBody))


def _blueprint() -> Blueprint:
    trial = Blueprint("trial", __name__)

    @trial.get("/try")
    @auth.public
    def show() -> str:
        return render_template_string(PAGE)

    @trial.post("/try")
    @auth.public
    @posted(TryBody, again=show, versioned=True)
    def save(work: Work, form: dict[str, Any], expected_version: int | None) -> Done:
        if form["title"] == "stale":
            raise Stale(N_("Somebody changed this since you read it; read it again and repeat the change"))
        if form["title"] == "heavy":
            wrong = [{"field": "amount", "message": "At most %(high)s", "params": {"high": 5}}]
            raise RuleBroken("Too heavy", errors=wrong)
        work.emit("tried", title=form["title"], version=expected_version)
        return done("/thanks", N_("Kept %(title)s"), title=form["title"])

    return trial


@pytest.fixture
def app(app: Flask) -> Flask:
    app.register_blueprint(_blueprint())
    return app


def _effects(app: Flask) -> int:
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        return work.session.scalar(select(func.count()).select_from(OutboxEvent)) or 0


def _load(app: Flask, data: dict[str, Any], zone: str = "UTC") -> Any:
    with app.test_request_context("/try", method="POST", data=data):
        g.actor = Actor(user_id=1, time_zone=zone)
        return load_form(TryBody)


def test_text_becomes_values(app: Flask, world: World) -> None:
    loaded = _load(
        app,
        {
            "title": " a pump ",
            "amount": "1,5",
            "urgent": ["false", "true"],
            "at": "2026-06-01T12:00",
            "tags": ["x", "", "y"],
            "lines-0-part": "4",
            "lines-0-amount": "2",
            "lines-1-part": "",
            "lines-1-amount": "",
            "csrf_token": "x",
            "_key": "x",
        },
        zone="Europe/Zagreb",
    )
    assert loaded["title"] == "a pump"
    assert loaded["amount"] == Decimal("1.5")
    assert loaded["urgent"] is True
    assert loaded["at"].astimezone(UTC) == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert loaded["tags"] == ["x", "y"]
    assert loaded["lines"] == [{"part": 4, "amount": Decimal(2)}]


def test_an_unticked_box_is_false_and_an_empty_field_is_none(app: Flask, world: World) -> None:
    loaded = _load(app, {"title": "x", "urgent": "false", "amount": ""})
    assert (loaded["urgent"], loaded["amount"]) == (False, None)
    assert "at" not in loaded


def test_a_field_nobody_asked_for_is_refused(app: Flask, world: World) -> None:
    with pytest.raises(ValidationError, match="Unknown"):
        _load(app, {"title": "x", "role": "admin"})


def test_a_good_form_is_sent_on(app: Flask, world: World) -> None:
    answer = app.test_client().post("/try", data={"title": "pump", "_version": "3"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thanks")
    assert _effects(app) == 1


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        ({"title": ""}, 422, "Please fill this in"),
        ({"title": "x", "amount": "many"}, 422, "Enter a number, such as 12.5"),
        ({"title": "x" * 21}, 422, "Fill this in, with at most 20 characters"),
        ({"title": "heavy", "amount": "9"}, 422, "At most 5"),
        ({"title": "stale"}, 412, "Somebody changed this since you read it"),
    ],
)
def test_a_refused_form_keeps_what_was_entered_and_says_why(
    app: Flask, world: World, data: dict[str, str], status: int, said: str
) -> None:
    answer = app.test_client().post("/try", data=data, headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert said in answer.text
    assert 'role="alert"' in answer.text
    for value in filter(None, data.values()):
        assert f'value="{value}"' in answer.text
    assert _effects(app) == 0


def test_the_summary_leads_to_the_field(app: Flask, world: World) -> None:
    answer = app.test_client().post("/try", data={"title": "x", "amount": "many"})
    target = re.search(r'<a href="#([^"]+)">Amount: ', answer.text)
    assert target
    assert f'id="{target[1]}"' in answer.text
    assert f'aria-describedby="{target[1]}-error"' in answer.text


def test_a_form_sent_twice_has_one_effect(app: Flask, world: World) -> None:
    client = app.test_client()
    answers = [client.post("/try", data={"title": "pump", "_key": "k" * 20}) for _ in range(3)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, "/thanks")}
    assert _effects(app) == 1


def test_a_key_does_not_serve_for_other_content(app: Flask, world: World) -> None:
    client = app.test_client()
    client.post("/try", data={"title": "pump", "_key": "k" * 20})
    assert client.post("/try", data={"title": "valve", "_key": "k" * 20}).status_code == 422
    assert _effects(app) == 1


def test_a_refused_form_can_be_sent_again_under_its_key(app: Flask, world: World) -> None:
    client = app.test_client()
    assert client.post("/try", data={"title": "stale", "_key": "k" * 20}).status_code == 412
    assert client.post("/try", data={"title": "pump", "_key": "k" * 20}).status_code == 303
    assert _effects(app) == 1


def test_what_a_refusal_is_about_is_said_in_words() -> None:
    t = translator("hr")
    assert about(t, "exchanges") == t("Components exchanged") != "Components exchanged"
    assert about(t, "clauses-0-limit") == "clauses-0-limit"
