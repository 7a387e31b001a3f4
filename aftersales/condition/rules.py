"""What a machine's facts of a day come to: in order, needs attention, or must not go on like this."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from aftersales.vocabulary import Health, MachineState

NEAR_LIMIT = Decimal("0.9")
STANDING = frozenset({MachineState.DOWN, MachineState.UNDER_REPAIR})


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts towards the verdict; ``limits`` are the used shares of components' life limits."""

    state: MachineState
    open_faults: int
    standing_faults: int
    overdue_tasks: int
    due_tasks: int
    limits: Sequence[Decimal]


IN_USE = frozenset(
    {
        MachineState.COMMISSIONED,
        MachineState.IN_OPERATION,
        MachineState.STANDBY,
        MachineState.DOWN,
        MachineState.UNDER_REPAIR,
    }
)


def health(facts: Facts) -> Health:
    """Return the sum of a machine's condition.

    Critical: it stands still, has a fault that stops it, or a component past its life limit. Attention: any other open
    fault, overdue or due maintenance, or a component past nine tenths of its limit.
    """
    if facts.state not in IN_USE:
        return Health.OUT_OF_SERVICE
    if facts.state in STANDING or facts.standing_faults or any(share >= 1 for share in facts.limits):
        return Health.CRITICAL
    near = any(share >= NEAR_LIMIT for share in facts.limits)
    return Health.ATTENTION if facts.open_faults or facts.overdue_tasks or facts.due_tasks or near else Health.GOOD
