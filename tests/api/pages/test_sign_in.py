"""Signing in and out: sessions, what strangers learn, where one is sent, cross-site requests."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from aftersales.clock import FixedClock
from aftersales.models import DatabaseMark, OutboxEvent, User, UserSession
from aftersales.people import rules, service
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from tests.api.pages.conftest import SignIn
from tests.world import PASSWORD, World

EMAIL = "planner@maker.example.com"


def _client(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    return client


def _sign_in(client: FlaskClient, password: str = PASSWORD, email: str = EMAIL, **more: str) -> int:
    return client.post("/sign-in", data={"email": email, "password": password, **more}).status_code


def test_signing_in_opens_a_session_that_lasts(app: Flask, world: World) -> None:
    client = _client(app)
    assert _sign_in(client) == 303
    assert "maker planner" in client.get("/profile").text


def test_signing_in_begins_a_fresh_session_and_ends_the_one_before(app: Flask, world: World) -> None:
    client = _client(app)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    _sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        first = session["session"]
    _sign_in(client)
    with client.session_transaction() as session:
        assert session["session"] != first
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        rows = work.session.scalars(select(UserSession).order_by(UserSession.created_at)).all()
        assert sorted(row.ended_at is None for row in rows) == [False, True]
        assert first not in {row.token_hash for row in rows}


def test_a_session_ends_by_itself(app: Flask, world: World, clock: FixedClock) -> None:
    client = _client(app)
    _sign_in(client)
    clock.at += timedelta(days=15)
    assert client.get("/profile").status_code == 303


def test_signing_out_ends_the_session_in_the_database_too(app: Flask, world: World) -> None:
    client = _client(app)
    _sign_in(client)
    with client.session_transaction() as session:
        token = session["session"]
    assert client.post("/sign-out").status_code == 303
    with client.session_transaction() as session:
        session["session"] = token
    assert client.get("/profile").status_code == 303


@pytest.mark.parametrize("email", [EMAIL, "nobody@maker.example.com", "", "x" * 300])
def test_a_refusal_does_not_tell_who_exists(app: Flask, world: World, email: str) -> None:
    answer = _client(app).post("/sign-in", data={"email": email, "password": "wrong"})
    assert answer.status_code == 422
    assert "E-mail address or password is not right, or there were too many tries" in answer.text
    assert "wrong" not in re.sub(r'class="[^"]*"', "", answer.text)


def test_guessing_is_slowed_down_in_the_same_words(app: Flask, world: World) -> None:
    client = _client(app)
    for _ in range(rules.TRIES_PER_ACCOUNT):
        assert _sign_in(client, "guess") == 422
    assert _sign_in(client) == 422


@pytest.mark.parametrize(
    ("asked", "gone_to"),
    [
        ("/parts?after=1", "/parts?after=1"),
        ("https://evil.example.com/", "/"),
        ("//evil.example.com", "/"),
        ("/\\evil.example.com", "/"),
        ("/\t/evil.example.com", "/"),
        ("/%09/evil", "/%09/evil"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_one_is_only_sent_to_pages_of_this_site(app: Flask, world: World, asked: str, gone_to: str) -> None:
    client = _client(app)
    answer = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": asked})
    assert (answer.status_code, answer.headers["Location"]) == (303, gone_to)
    assert client.post("/language", data={"language": "hr", "next": asked}).headers["Location"] == gone_to


def test_a_stranger_is_sent_to_sign_in_and_back(app: Flask, world: World) -> None:
    answer = _client(app).get("/people?limit=5")
    assert answer.headers["Location"] == "/sign-in?next=%2Fpeople%3Flimit%3D5"


def test_a_form_from_elsewhere_is_refused(app: Flask, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = _client(app)
    assert client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token
    data = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/sign-in", data=data).status_code == 303
    for path in ("/sign-out", "/language", "/profile/password", "/people/new", "/organization"):
        assert client.post(path, data={}).status_code == 400, path
    assert client.get("/profile").status_code == 200


def test_cookies_are_kept_from_scripts_and_other_sites(app: Flask, world: World) -> None:
    answer = _client(app).post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_link_sets_the_password_once(app: Flask, world: World) -> None:
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        user = work.session.get_one(User, world.users["maker", Role.PLANNER])
        path = service.make_link(work, user, "reset").removeprefix(work.settings.public_url)
    client = _client(app)
    assert client.get(path).status_code == 200
    assert client.post(path, data={"password": "short"}).status_code == 422
    assert client.post(path, data={"password": "new and long enough"}).headers["Location"] == "/sign-in"
    assert client.post(path, data={"password": "another long enough"}).status_code == 404
    assert _sign_in(client, "new and long enough") == 303


def test_a_forgotten_password_is_answered_the_same_for_all(app: Flask, world: World) -> None:
    client = _client(app)
    shop: Workshop = app.extensions["workshop"]

    def asked(email: str) -> tuple[str, int]:
        answer = client.post("/forgot-password", data={"email": email})
        with shop.transaction() as work:
            events = work.session.scalars(select(OutboxEvent).where(OutboxEvent.event == "mail.link")).all()
            return client.get(answer.headers["Location"]).text.split("flashes")[1].split("</p>")[0], len(events)

    known, events = asked(EMAIL)
    unknown, still = asked("nobody@maker.example.com")
    assert known == unknown
    assert (events, still) == (1, 1)
    for _ in range(20):
        asked(EMAIL)
    assert asked(EMAIL)[1] == rules.TRIES_PER_ACCOUNT


def test_sample_sign_ins_are_shown_on_sample_databases_only(app: Flask, world: World) -> None:
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        work.session.get_one(User, world.users["maker", Role.PLANNER]).is_sample = True
    client = _client(app)
    assert EMAIL not in client.get("/sign-in").text
    assert _sign_in(client) == 422
    with shop.transaction() as work:
        work.session.add(DatabaseMark(name="sample", value="1"))
    page = client.get("/sign-in").text
    assert EMAIL in page
    assert "This is sample data" in page
    assert _sign_in(client) == 303


def test_the_language_stays_chosen(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("maker", Role.PLANNER)
    assert client.post("/language", data={"language": "hr", "next": "/profile"}).status_code == 303
    assert '<html lang="hr">' in client.get("/profile").text
    assert client.post("/language", data={"language": "xx", "next": "/profile"}).status_code == 303
    assert '<html lang="hr">' in client.get("/profile").text
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        assert work.session.get_one(User, world.users["maker", Role.PLANNER]).language == "hr"
