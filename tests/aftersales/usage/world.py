"""A maker, an operator and a stranger, and machines of theirs, for the tests of meters and maintenance."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from aftersales.access import Actor
from aftersales.models import Machine, MachineModel, MachineParty, Organization
from aftersales.usage import service
from aftersales.vocabulary import MachineState, MeterKind, OrganizationKind, PartyRole, Role
from aftersales.work import Work, Workshop
from tests.conftest import NOON

START = NOON - timedelta(days=400)
MAKER = Actor(organization_id=1, role=Role.ADMIN, kinds=frozenset({OrganizationKind.MANUFACTURER}))
OPERATOR = Actor(organization_id=2, role=Role.OPERATOR, kinds=frozenset({OrganizationKind.OPERATOR}))
OPERATOR_TECHNICIAN = Actor(organization_id=2, role=Role.TECHNICIAN, kinds=frozenset({OrganizationKind.OPERATOR}))
STRANGER = Actor(organization_id=3, role=Role.ADMIN, kinds=frozenset({OrganizationKind.OPERATOR}))


def people(work: Work) -> None:
    """Organisations 1 (maker), 2 (operator) and 3 (stranger), and model 1."""
    for name, kind in (("Maker", "manufacturer"), ("Quarry", "operator"), ("Stranger", "operator")):
        work.session.add(Organization(name=name, kinds=[kind], country="HR", created_at=START))
    work.session.flush()
    work.session.add(MachineModel(manufacturer_id=1, code="M1", name="Loader"))
    work.session.flush()


def machine(
    work: Work, serial: str = "S-1", *, fitted: datetime | None = START, rolls_over_at: Decimal | None = None
) -> int:
    """A machine in operation at the quarry, with an hours meter at zero."""
    row = Machine(
        public_id=f"public-{serial}",
        manufacturer_id=1,
        model_id=1,
        serial_number=serial,
        state=MachineState.IN_OPERATION,
        commissioned_on=date(2025, 4, 27),
        created_at=START,
    )
    work.session.add(row)
    work.session.flush()
    for organization, role in ((1, PartyRole.MANUFACTURER), (2, PartyRole.OPERATOR)):
        work.session.add(MachineParty(machine_id=row.id, organization_id=organization, role=role, valid_from=START))
    work.session.flush()
    if fitted:
        service.fit_meter(work, row.id, MeterKind.HOURS, fitted, rolls_over_at=rolls_over_at)
    return row.id


def quarry(workshop: Workshop, machines: int = 1, *, rolls_over_at: Decimal | None = None) -> list[int]:
    """The people and some machines, committed."""
    with workshop.transaction() as work:
        people(work)
        return [machine(work, f"S-{number + 1}", rolls_over_at=rolls_over_at) for number in range(machines)]
