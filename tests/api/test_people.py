"""Tokens, colleagues and what strangers get, through the API."""

import pytest
from flask import Flask

from aftersales.vocabulary import Role
from tests.world import PASSWORD, World


def test_a_token_is_made_with_password_and_works(app: Flask, world: World) -> None:
    client = app.test_client()
    body = {"email": "planner@maker.example.com", "password": PASSWORD, "name": "sheet"}
    made = client.post("/api/v1/tokens", json=body)
    assert made.status_code == 201, made.json
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {made.get_json()['token']}"})
    assert me.status_code == 200
    assert me.get_json()["organization_id"] == world.organizations["maker"]
    assert "forecast:run" in me.get_json()["permissions"]


@pytest.mark.parametrize("email", ["planner@maker.example.com", "nobody@maker.example.com"])
def test_a_wrong_password_and_an_unknown_user_look_the_same(app: Flask, world: World, email: str) -> None:
    body = {"email": email, "password": "wrong password", "name": "sheet"}
    answer = app.test_client().post("/api/v1/tokens", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
    assert answer.get_json()["detail"] == "E-mail address or password is not right, or there were too many tries"


def test_guessing_is_slowed_down(app: Flask, world: World) -> None:
    client = app.test_client()
    body = {"email": "planner@maker.example.com", "password": "wrong password", "name": "sheet"}
    for _ in range(8):
        assert client.post("/api/v1/tokens", json=body).status_code == 401
    assert client.post("/api/v1/tokens", json=body | {"password": PASSWORD}).status_code == 401


def test_a_repeated_request_has_one_effect_and_its_answer_holds_no_secret(app: Flask, world: World) -> None:
    client = app.test_client()
    body = {"email": "planner@maker.example.com", "password": PASSWORD, "name": "sheet"}
    first = client.post("/api/v1/tokens", json=body, headers={"Idempotency-Key": "k1"})
    again = client.post("/api/v1/tokens", json=body, headers={"Idempotency-Key": "k1"})
    other = client.post("/api/v1/tokens", json=body | {"name": "x"}, headers={"Idempotency-Key": "k1"})
    assert again.json == {k: v for k, v in first.get_json().items() if k != "token"}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")


def test_a_change_needs_the_version_it_is_for(app: Flask, world: World) -> None:
    client, headers = app.test_client(), world.bearer("maker", Role.ADMIN)
    path = f"/api/v1/users/{world.users['maker', Role.PLANNER]}"
    assert client.patch(path, json={"role": "manager"}, headers=headers).status_code == 428
    good = client.patch(path, json={"role": "manager"}, headers=headers | {"If-Match": '"1"'})
    assert (good.status_code, good.headers["ETag"]) == (200, '"2"')
    assert client.patch(path, json={"role": "admin"}, headers=headers | {"If-Match": '"1"'}).status_code == 412


def test_lists_go_on_by_cursor(app: Flask, world: World) -> None:
    client, headers = app.test_client(), world.bearer("maker", Role.ADMIN)
    seen, path = [], "/api/v1/users?limit=3"
    while path:
        answer = client.get(path, headers=headers)
        seen += [item["id"] for item in answer.get_json()["items"]]
        path = answer.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert seen == sorted(world.users["maker", role] for role in Role)


def test_erasing_a_person_leaves_the_trail_whole(app: Flask, world: World) -> None:
    client, headers = app.test_client(), world.bearer("maker", Role.ADMIN)
    invited = client.post(
        "/api/v1/users",
        json={"email": "new@maker.example.com", "full_name": "Ana Anić", "role": "planner"},
        headers=headers,
    )
    assert invited.status_code == 201, invited.json
    path = f"/api/v1/users/{invited.get_json()['id']}/personal-data"
    erased = client.delete(path, headers=headers | {"If-Match": '"1"'})
    assert (erased.get_json()["full_name"], erased.get_json()["email"]) == (f"#{invited.get_json()['id']}", None)
    trail = client.get("/api/v1/audit-entries?limit=200", headers=headers)
    assert trail.status_code == 200
    assert "Ana" not in trail.text
    assert len(trail.get_json()["items"]) >= 3


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_foreign_users_do_not_exist(app: Flask, world: World, method: str) -> None:
    suffix = "/personal-data" if method == "delete" else ""
    path = f"/api/v1/users/{world.users['mine', Role.PLANNER]}{suffix}"
    headers = world.bearer("maker", Role.ADMIN) | {"If-Match": '"1"'}
    body = None if method == "delete" else {"role": "admin"}
    assert app.test_client().open(path, method=method.upper(), headers=headers, json=body).status_code == 404
