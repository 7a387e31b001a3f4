"""The search page and its JSON."""

import pytest
from flask import Flask

from aftersales.vocabulary import Role
from tests.api.pages.conftest import SignIn
from tests.world import World


def test_the_page_shows_what_is_found(world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.OPERATOR)
    assert f'href="/machines/{world.machines["M1"]}"' in client.get("/search?words=m1").text
    assert "Nothing found" in client.get("/search?words=m2").text
    assert "at least two characters" in client.get("/search?words=m").text
    assert "&lt;script&gt;" in client.get("/search?words=<script>").text


@pytest.mark.parametrize(("organization", "titles"), [("quarry", ["M1"]), ("mine", [])])
def test_the_api_finds_the_same(app: Flask, world: World, organization: str, titles: list[str]) -> None:
    answer = app.test_client().get("/api/v1/search?words=M1", headers=world.bearer(organization, Role.OPERATOR))
    assert answer.status_code == 200
    assert [item["title"] for item in answer.get_json()["items"]] == titles
    assert app.test_client().get("/api/v1/search", headers=world.bearer(organization, Role.OPERATOR)).status_code == 422
