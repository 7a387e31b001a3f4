"""The start page: each role sees its own things, and only what it may."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from aftersales.models import FaultReport
from aftersales.vocabulary import Channel, FailureMode, Role
from aftersales.work import Workshop
from api.pages.home import LAYOUT, SECTIONS
from tests.api.pages.conftest import SignIn
from tests.conftest import NOON
from tests.world import World


@pytest.mark.parametrize("organization", ["maker", "quarry", "partner", "supplier"])
def test_every_role_has_a_start_page(signed_in: SignIn, organization: str) -> None:
    for role in Role:
        answer = signed_in(organization, role).get("/")
        assert answer.status_code == 200, role
        assert f"Good day, {organization} {role}" in answer.text


def test_strangers_sign_in_first(app: Flask, world: World) -> None:
    assert app.test_client().get("/", headers={"Accept": "text/html"}).headers["Location"] == "/sign-in?next=%2F"


def test_an_operator_sees_own_machines_and_faults_only(app: Flask, world: World, signed_in: SignIn) -> None:
    shop: Workshop = app.extensions["workshop"]
    with shop.transaction() as work:
        for serial in ("M1", "M2"):
            fault = FaultReport(
                public_id=f"fault-{serial}-00",
                machine_id=world.machines[serial],
                channel=Channel.PAGE,
                mode=FailureMode.NOI,
                stands_still=serial == "M1",
                reported_at=NOON - timedelta(days=3),
            )
            work.session.add(fault)
    page = signed_in("quarry", Role.OPERATOR).get("/").text
    assert "<strong>M1</strong>" in page
    assert not re.search(r"\bM2\b(?!\.)", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    if "/faults" in {rule.rule for rule in app.url_map.iter_rules()}:
        assert "Noise – M1" in page
        assert "Stands still" in page


def test_every_section_of_every_layout_is_known() -> None:
    assert set(LAYOUT) == set(Role)
    assert {name for names in LAYOUT.values() for name in names} <= set(SECTIONS)
