"""The pages of people: who may see and do what, secrets shown once, nothing of other organisations."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from aftersales.models import ApiToken, IdempotencyKey, Organization, OutboxEvent, Site, User
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from tests.api.pages.conftest import SignIn
from tests.world import PASSWORD, World

PAGES = ("/people", "/people/new", "/audit", "/organization", "/profile")


@pytest.mark.parametrize("path", PAGES)
def test_strangers_sign_in_first(app: Flask, world: World, path: str) -> None:
    assert app.test_client().get(path, headers={"Accept": "text/html"}).status_code == 303


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.OPERATOR, (403, 403, 403, 200, 200)),
        (Role.DISPATCHER, (200, 403, 403, 200, 200)),
        (Role.MANAGER, (200, 403, 200, 200, 200)),
        (Role.ADMIN, (200, 200, 200, 200, 200)),
    ],
)
def test_pages_open_by_permission(app: Flask, signed_in: SignIn, role: Role, statuses: tuple[int, ...]) -> None:
    client = signed_in("quarry", role)
    assert tuple(client.get(path).status_code for path in PAGES) == statuses


def test_people_of_other_organisations_do_not_exist(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.ADMIN)
    foreign = world.users["mine", Role.OPERATOR]
    assert "mine.example.com" not in client.get("/people").text
    assert client.get(f"/people/{foreign}").status_code == 404
    for path in ("", "/link", "/erasure"):
        assert client.post(f"/people/{foreign}{path}", data={"ended": "true"} if not path else {}).status_code == 404
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        user = work.session.get_one(User, foreign)
        assert (user.ended_at, user.erased_at, user.version) == (None, None, 1)


def test_an_invitation_shows_its_link_once_where_there_is_no_mail(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.ADMIN)
    data = {"email": "new@quarry.example.com", "full_name": "New Hand", "role": "operator", "_key": "k" * 20}
    shown = client.post("/people/new", data=data)
    link = re.search(r'class="secret">https://service\.example\.com(/link/[\w-]+)<', shown.text)
    assert link
    again = client.post("/people/new", data=data)
    assert again.status_code == 303
    assert client.post(link[1], data={"password": "a good long one"}).status_code == 303
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        kept = work.session.scalars(select(IdempotencyKey)).all()
        assert all(link[1].rsplit("/", 1)[1].encode() not in (row.body or b"") for row in kept)
        assert work.session.scalars(select(User).where(User.email == data["email"])).one().password_hash
        assert len(work.session.scalars(select(OutboxEvent)).all()) == 1


def test_an_address_in_use_is_refused_at_the_form(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.ADMIN)
    data = {"email": "operator@quarry.example.com", "full_name": "Twice", "role": "operator"}
    answer = client.post("/people/new", data=data)
    assert answer.status_code == 422
    assert 'value="Twice"' in answer.text


def test_role_and_access_change_and_a_stale_form_is_told(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.ADMIN)
    path = f"/people/{world.users['quarry', Role.OPERATOR]}"
    assert client.post(path, data={"role": "technician", "_version": "1"}).status_code == 303
    assert client.post(path, data={"role": "manager", "_version": "1"}).status_code == 412
    assert client.post(path, data={"ended": "true", "_version": "2"}).status_code == 303
    page = client.get(path).text
    assert "Technician" in page
    assert "Give access again" in page


def test_erased_data_are_gone_from_the_pages(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.ADMIN)
    path = f"/people/{world.users['quarry', Role.OPERATOR]}"
    assert client.post(f"{path}/erasure", data={"_version": "1"}).status_code == 303
    assert "operator@quarry.example.com" not in client.get("/people").text + client.get("/audit").text


def test_only_administrators_change_people(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.MANAGER)
    path = f"/people/{world.users['quarry', Role.OPERATOR]}"
    assert client.post(path, data={"role": "admin"}).status_code == 403
    assert client.post(f"{path}/erasure").status_code == 403
    assert client.post(f"{path}/link").status_code == 403
    assert client.post("/organization", data={"address": "elsewhere"}).status_code == 403


def test_a_token_is_shown_once_and_can_be_revoked(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.OPERATOR)
    data = {"name": "sheet", "days": "30", "scopes": ["registry:read"], "_key": "k" * 20}
    shown = client.post("/profile/tokens", data=data)
    secret = re.search(r'class="secret">([\w-]+)<', shown.text)
    assert secret
    assert secret[1] not in client.get("/profile").text
    bearer = {"Authorization": f"Bearer {secret[1]}"}
    assert client.get("/api/v1/me", headers=bearer).get_json()["permissions"] == ["registry:read"]
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        number = work.session.scalars(select(ApiToken.id).where(ApiToken.name == "sheet")).one()
    assert signed_in("mine", Role.OPERATOR).post(f"/profile/tokens/{number}/revocation").status_code == 404
    assert client.post(f"/profile/tokens/{number}/revocation").status_code == 303
    assert client.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_token_cannot_do_more_than_its_maker(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.OPERATOR)
    answer = client.post("/profile/tokens", data={"name": "x", "days": "30", "scopes": ["people:manage"]})
    assert answer.status_code == 422
    assert "Your role does not hold the scope people:manage" in answer.text


def test_the_password_changes_with_the_old_one_only(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.OPERATOR)
    other = signed_in("quarry", Role.OPERATOR)
    wrong = client.post("/profile/password", data={"old_password": "no", "new_password": "a good long one"})
    assert wrong.status_code == 422
    assert "a good long one" not in wrong.text
    good = client.post("/profile/password", data={"old_password": PASSWORD, "new_password": "a good long one"})
    assert good.status_code == 303
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 303


def test_organisation_and_sites(app: Flask, world: World, signed_in: SignIn) -> None:
    client = signed_in("quarry", Role.ADMIN)
    details = {"address": "Road 1", "language": "hr", "time_zone": "Europe/Zagreb", "currency": "EUR"}
    assert client.post("/organization", data=details | {"_version": "1"}).status_code == 303
    nowhere = client.post("/organization", data=details | {"time_zone": "Europe/Nowhere"})
    assert nowhere.status_code == 422
    assert "Choose a time zone" in nowhere.text
    assert client.post("/organization/sites", data={"name": "Pit", "time_zone": "Europe/Zagreb"}).status_code == 303
    assert "Pit" in client.get("/organization").text
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        row = work.session.get_one(Organization, world.organizations["quarry"])
        assert (row.address, row.time_zone) == ("Road 1", "Europe/Zagreb")
        site = work.session.scalars(select(Site)).one().id
    assert signed_in("mine", Role.ADMIN).post(f"/organization/sites/{site}/end").status_code == 404
    assert client.post(f"/organization/sites/{site}/end").status_code == 303


def test_the_api_of_the_organisation(app: Flask, world: World) -> None:
    client, head = app.test_client(), world.bearer("quarry", Role.ADMIN)
    got = client.get("/api/v1/organization", headers=head)
    changed = client.patch(
        "/api/v1/organization", json={"currency": "HRK"}, headers=head | {"If-Match": got.headers["ETag"]}
    )
    assert (changed.status_code, changed.get_json()["currency"]) == (200, "HRK")
    made = client.post("/api/v1/sites", json={"name": "Pit", "time_zone": "UTC"}, headers=head)
    assert made.status_code == 201
    gone = client.delete(
        f"/api/v1/sites/{made.get_json()['id']}", headers=world.bearer("mine", Role.ADMIN) | {"If-Match": '"1"'}
    )
    assert gone.status_code == 404
    wrong = client.post("/api/v1/sites", json={"name": "Pit", "time_zone": "Mars/Base"}, headers=head)
    assert wrong.status_code == 422
