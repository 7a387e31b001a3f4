"""Every address knows who may ask; strangers get nowhere else."""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule as Address

from api.auth import Rule, rule_of
from tests.world import World


def addresses(app: Flask) -> list[Address]:
    return [address for address in app.url_map.iter_rules() if address.endpoint]


def filled(address: Address) -> str:
    path = re.sub(r"<public_id:[^<>]+>", "public-M1-0001", address.rule)
    path = re.sub(r"<string\(length=64\):[^<>]+>", "0" * 64, path)
    path = re.sub(r"<path:[^<>]+>|<[a-z_]+>", "x", path)
    return re.sub(r"<[^<>]+>", "1", path)


def test_every_view_has_an_authentication_rule(app: Flask) -> None:
    assert [a.endpoint for a in addresses(app) if rule_of(app.view_functions[a.endpoint]) is None] == []


def test_a_stranger_reaches_only_public_addresses(app: Flask, world: World) -> None:
    client = app.test_client()
    for address in addresses(app):
        if rule_of(app.view_functions[address.endpoint]) is Rule.PUBLIC:
            continue
        for method in sorted((address.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = client.open(filled(address), method=method, json={} if method != "GET" else None)
            place = f"{method} {address.rule}"
            if address.rule.startswith("/api/"):
                assert answer.status_code == 401, place
            else:
                assert answer.status_code in {302, 303, 401}, place


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "Bearer", "nonsense"])
def test_a_wrong_token_is_refused(app: Flask, world: World, header: str) -> None:
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_does_only_what_its_scopes_say(app: Flask, world: World) -> None:
    client = app.test_client()
    body = {
        "email": "admin@maker.example.com",
        "password": "correct horse battery",
        "name": "n",
        "scopes": ["part:read"],
    }
    token = client.post("/api/v1/tokens", json=body).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/users", headers=headers).status_code == 403
    assert client.get("/api/v1/me", headers=headers).get_json()["permissions"] == ["part:read"]
