"""What a home page is made of: each section asks the rooms for a little, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from aftersales.complaints import queries as complaints
from aftersales.complaints.queries import FaultLine, TimelineStep
from aftersales.complaints.rules import OPEN
from aftersales.errors import NotFound
from aftersales.maintenance import queries as maintenance
from aftersales.maintenance.queries import DueTask
from aftersales.models import ForecastRun, TimeEntry, WorkOrder
from aftersales.orders import queries as orders
from aftersales.orders.queries import OrderLine
from aftersales.planning import proposals
from aftersales.planning import queries as planning
from aftersales.planning.proposals import ProposalView
from aftersales.registry.queries import fleet, machines
from aftersales.registry.queries.machines import MachineRow
from aftersales.translate import N_
from aftersales.vocabulary import DueStatus, FaultState, MachineState, OrderState
from aftersales.warranty import queries as warranty
from aftersales.warranty.queries import Ending
from aftersales.work import Work

SHOWN = 6
MOST = 500
AGES = ((1, N_("Less than a day")), (7, N_("Up to a week")), (30, N_("Up to a month")), (10**6, N_("Longer")))
UNDER_WAY = (OrderState.IN_PROGRESS, OrderState.PAUSED)
WAITING = (FaultState.RESOLVED, *sorted(OPEN))


@dataclass(frozen=True, slots=True)
class OpenFault:
    """An open fault with what was last done about it, and when somebody comes."""

    line: FaultLine
    last: TimelineStep | None
    order: WorkOrder | None


class Look:
    """What the rooms say to one person today; each is asked when a section needs it, and once."""

    most = MOST

    def __init__(self, work: Work) -> None:
        self.work, self.session, self.actor = work, work.session, work.actor
        self.zone = ZoneInfo(work.actor.time_zone)

    @property
    def today(self) -> date:
        """The day where the person is."""
        return self.work.now.astimezone(self.zone).date()

    @cached_property
    def due(self) -> list[DueTask]:
        """Maintenance that is overdue or due, soonest first."""
        return maintenance.due_for_fleet(self.session, self.actor, self.today, limit=MOST)

    @property
    def overdue(self) -> list[DueTask]:
        """Maintenance past its tolerance."""
        return [task for task in self.due if task.status is DueStatus.OVERDUE]

    @cached_property
    def faults(self) -> list[FaultLine]:
        """Open faults, newest first."""
        return complaints.faults(self.session, self.actor, states=WAITING, limit=MOST)

    @property
    def standing(self) -> list[FaultLine]:
        """Open faults whose machine stands still."""
        return [line for line in self.faults if line.fault.stands_still]

    @cached_property
    def followed_faults(self) -> list[OpenFault]:
        """The first open faults, each with who does what about it and when."""
        return [self._followed(line) for line in self.faults[:SHOWN]]

    def _followed(self, line: FaultLine) -> OpenFault:
        steps = complaints.timeline(self.session, self.actor, line.fault.id)
        order_ids = [step.work_order_id for step in steps if step.work_order_id is not None]
        return OpenFault(line, steps[-1] if steps else None, self._order(order_ids[-1]) if order_ids else None)

    def _order(self, order_id: int) -> WorkOrder | None:
        try:
            return orders.order(self.session, self.actor, order_id)
        except NotFound:
            return None

    @cached_property
    def machines(self) -> list[MachineRow]:
        """The first machines; those that stand come first."""
        rows = machines.list_machines(self.session, self.actor, limit=MOST)
        bad = {MachineState.DOWN: 0, MachineState.UNDER_REPAIR: 1}
        return sorted(rows, key=lambda row: (bad.get(row.state, 2), row.machine.serial_number))

    @cached_property
    def states(self) -> Mapping[MachineState, int]:
        """How many machines are in each state."""
        return fleet.states(self.session, self.actor)

    @cached_property
    def my_orders(self) -> list[OrderLine]:
        """The person's own orders planned for today, and those already under way."""
        start = datetime.combine(self.today, time(), self.zone)
        today = orders.due_today(self.session, self.actor, start, start + timedelta(days=1))
        going = orders.orders(
            self.session, self.actor, states=UNDER_WAY, assignee_id=self.actor.user_id, own_only=True, limit=SHOWN
        )
        known = {line.order.id for line in today}
        return [*today, *(line for line in going if line.order.id not in known)]

    @cached_property
    def clock(self) -> tuple[TimeEntry, str] | None:
        """The person's running time entry."""
        return orders.clock(self.session, self.actor)

    @cached_property
    def open_orders(self) -> int:
        """How many orders of the organisation are not ended."""
        return orders.open_count(self.session, self.actor)

    @cached_property
    def endings(self) -> list[Ending]:
        """Warranties that end within ninety days."""
        return warranty.endings(self.session, self.actor, self.work.now, days=90, limit=MOST)

    @cached_property
    def run(self) -> ForecastRun | None:
        """The newest forecast."""
        return planning.latest(self.session, self.actor)

    @cached_property
    def to_order(self) -> list[ProposalView]:
        """What to order by the newest forecast, what is vital and missing first."""
        found = proposals.proposals(self.session, self.actor, only_to_order=True, limit=MOST)
        return sorted(found, key=lambda row: (row.proposed.position > 0, row.part.criticality.value != "vital"))

    @cached_property
    def fault_ages(self) -> list[tuple[str, int]]:
        """How many open faults are how old."""
        days = [(self.work.now - line.fault.reported_at) / timedelta(days=1) for line in self.faults]
        counts, low = [], -1.0
        for high, label in AGES:
            counts.append((label, sum(low < age <= high for age in days)))
            low = high
        return counts
