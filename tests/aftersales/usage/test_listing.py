"""Who is shown which readings: a former party those of its time, one by one as well as in the list."""

from datetime import timedelta
from decimal import Decimal

import pytest

from aftersales.access import Actor
from aftersales.errors import NotFound
from aftersales.models import MachineParty
from aftersales.usage import listing, service
from aftersales.vocabulary import MeterKind, PartyRole, Role
from aftersales.work import Workshop
from tests.aftersales.usage.world import OPERATOR, START, quarry

FORMER = Actor(organization_id=3, role=Role.TECHNICIAN)


def test_a_former_partner_is_shown_the_readings_of_its_time(workshop: Workshop) -> None:
    [machine_id] = quarry(workshop)
    with workshop.transaction(OPERATOR) as work:
        party = MachineParty(
            machine_id=machine_id,
            organization_id=3,
            role=PartyRole.SERVICE_PARTNER,
            valid_from=START,
            valid_to=START + timedelta(days=15),
        )
        work.session.add(party)
        early, late = (
            service.record(work, machine_id, MeterKind.HOURS, START + timedelta(days=day), Decimal(day)).id
            for day in (10, 20)
        )
    with workshop.reading(FORMER) as work:
        shown = listing.readings(work.session, work.actor, machine_id, kind=MeterKind.HOURS, after=None, limit=10)
        assert [row.id for row in shown] == [early]
        assert listing.reading(work.session, work.actor, early).id == early
        with pytest.raises(NotFound):
            listing.reading(work.session, work.actor, late)
