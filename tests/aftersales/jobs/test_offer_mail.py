"""Who hears of an extension offer."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from aftersales.jobs import offer_mail
from aftersales.models import ExtensionOffer, WarrantyPolicy
from aftersales.work import Workshop
from tests.world import build_world


@pytest.mark.parametrize(("handler", "hears"), [("handle_offer_made", "quarry"), ("handle_offer_decided", "maker")])
def test_managers_of_the_right_side_hear_of_it(
    sqlite_workshop: Workshop, monkeypatch: pytest.MonkeyPatch, handler: str, hears: str
) -> None:
    world = build_world(sqlite_workshop)
    sent: list[Any] = []
    monkeypatch.setattr(offer_mail, "send", lambda settings, message: sent.append(message))
    with sqlite_workshop.transaction() as work:
        maker = world.organizations["maker"]
        policy = WarrantyPolicy(organization_id=maker, code="X", name="Extension", is_extension=True)
        work.session.add(policy)
        work.session.flush()
        offer = ExtensionOffer(
            number="WE-1", organization_id=maker, machine_id=world.machines["M1"], policy_id=policy.id,
            price=Decimal(100), currency="EUR", starts_on=date(2026, 7, 1), ends_on=date(2027, 7, 1),
            valid_until=date(2026, 6, 30), offered_at=work.now,
        )  # fmt: skip
        work.session.add(offer)
        work.session.flush()
        getattr(offer_mail, handler)(work, {"offer_id": offer.id})
    assert {message["To"] for message in sent} == {f"{role}@{hears}.example.com" for role in ("manager", "admin")}
    assert all("M1" in message["Subject"] and "/offers/1" in message.get_content() for message in sent)
