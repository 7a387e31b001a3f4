"""The life cycle of a machine: which state may follow which, who may bring it about, and when."""

from collections.abc import Mapping
from datetime import datetime

from aftersales.access import Permission
from aftersales.errors import Forbidden, Invalid, RuleBroken, Several
from aftersales.translate import N_
from aftersales.vocabulary import MachineState, PartyRole

S = MachineState

TRANSITIONS: Mapping[MachineState, frozenset[MachineState]] = {
    S.PLANNED: frozenset({S.IN_PRODUCTION}),
    S.IN_PRODUCTION: frozenset({S.PASSPORT_ISSUED}),
    S.PASSPORT_ISSUED: frozenset({S.SHIPPED, S.WRITTEN_OFF}),
    S.SHIPPED: frozenset({S.COMMISSIONED, S.TRANSFERRED, S.WRITTEN_OFF}),
    S.COMMISSIONED: frozenset({S.IN_OPERATION, S.STANDBY, S.DOWN, S.TRANSFERRED, S.DECOMMISSIONED}),
    S.IN_OPERATION: frozenset(
        {S.STANDBY, S.DOWN, S.UNDER_REPAIR, S.UNDER_MODERNISATION, S.TRANSFERRED, S.DECOMMISSIONED}
    ),
    S.STANDBY: frozenset(
        {S.IN_OPERATION, S.DOWN, S.UNDER_REPAIR, S.UNDER_MODERNISATION, S.TRANSFERRED, S.DECOMMISSIONED, S.WRITTEN_OFF}
    ),
    S.DOWN: frozenset(
        {S.IN_OPERATION, S.STANDBY, S.UNDER_REPAIR, S.UNDER_MODERNISATION}
        | {S.TRANSFERRED, S.DECOMMISSIONED, S.WRITTEN_OFF}
    ),
    S.UNDER_REPAIR: frozenset({S.IN_OPERATION, S.STANDBY, S.DOWN, S.DECOMMISSIONED, S.WRITTEN_OFF}),
    S.UNDER_MODERNISATION: frozenset({S.COMMISSIONED, S.IN_OPERATION, S.STANDBY, S.DOWN, S.DECOMMISSIONED}),
    S.TRANSFERRED: frozenset(
        {S.SHIPPED, S.COMMISSIONED, S.IN_OPERATION, S.STANDBY, S.DOWN, S.UNDER_MODERNISATION, S.DECOMMISSIONED}
    ),
    S.DECOMMISSIONED: frozenset({S.COMMISSIONED, S.UNDER_MODERNISATION, S.TRANSFERRED, S.WRITTEN_OFF}),
    S.WRITTEN_OFF: frozenset({S.DISPOSED}),
    S.DISPOSED: frozenset(),
}

# These states come with a paper or a change of party, so a bare change of state cannot reach them.
OWN_USE_CASE: Mapping[MachineState, str] = {
    S.PASSPORT_ISSUED: N_("A machine gets its passport by issuing it"),
    S.TRANSFERRED: N_("A machine is transferred by naming its new owner"),
    S.WRITTEN_OFF: N_("A machine is written off with a certificate"),
    S.DISPOSED: N_("A machine is disposed of with a certificate"),
}

BEFORE_FIELD = frozenset({S.PLANNED, S.IN_PRODUCTION, S.PASSPORT_ISSUED})
ENDED = frozenset({S.WRITTEN_OFF, S.DISPOSED})
WORKING = frozenset({S.IN_OPERATION, S.STANDBY, S.DOWN})
TAKEN_OVER = frozenset(S) - BEFORE_FIELD - {S.DISPOSED}

_SERVING = frozenset({PartyRole.MANUFACTURER, PartyRole.SERVICE_PARTNER, PartyRole.OWNER, PartyRole.OPERATOR})
_WORK = (Permission.MACHINE_MANAGE, Permission.ORDER_WORK)


def permissions(to: MachineState) -> tuple[Permission, ...]:
    """Return the permissions any of which lets a user bring a machine into a state."""
    if to in WORKING:
        return (*_WORK, Permission.FAULT_REPORT)
    return (Permission.MACHINE_MANAGE,) if to in BEFORE_FIELD | ENDED | {S.SHIPPED} else _WORK


def check_party(to: MachineState, mine: frozenset[PartyRole], present: frozenset[PartyRole]) -> None:
    """Let an organisation bring a machine into a state only in the right role.

    :param mine: what the organisation is to the machine now. :param present: every role that is filled now.
    :raises Forbidden: it is not that party.
    """
    allowed = _parties(to, present)
    if not mine & allowed:
        raise Forbidden(
            N_("Only its %(roles)s may make this machine %(state)s"),
            roles=Several(sorted(allowed)),
            state=to,
            code="wrong_party",
        )


def _parties(to: MachineState, present: frozenset[PartyRole]) -> frozenset[PartyRole]:
    if to in BEFORE_FIELD or to is S.SHIPPED:
        return frozenset({PartyRole.MANUFACTURER})
    if to in {S.DECOMMISSIONED, S.WRITTEN_OFF, S.DISPOSED, S.TRANSFERRED}:
        return deciders(present)
    return _SERVING


def within_reach(
    before: MachineState, mine: frozenset[PartyRole], present: frozenset[PartyRole], granted: frozenset[Permission]
) -> frozenset[MachineState]:
    """Return the states into which one may bring a machine in one step.

    :param mine: what one's organisation is to the machine now.
    :param present: every role that is filled now.
    :param granted: what one's own role permits.
    """
    return frozenset(
        to for to in TRANSITIONS[before] if mine & _parties(to, present) and granted.intersection(permissions(to))
    )


def check_serving(mine: frozenset[PartyRole]) -> None:
    """Let an organisation record work on a machine: everyone but a guest may.

    :raises Forbidden: it is only a guest.
    """
    if not mine & _SERVING:
        raise Forbidden(N_("A guest of this machine may look, not change"), code="wrong_party")


def deciders(present: frozenset[PartyRole]) -> frozenset[PartyRole]:
    """Return who decides about a machine's fate: its owner; without one its operator; else its manufacturer."""
    for role in (PartyRole.OWNER, PartyRole.OPERATOR):
        if role in present:
            return frozenset({role})
    return frozenset({PartyRole.MANUFACTURER})


def check_transition(before: MachineState, to: MachineState) -> None:
    """Let a machine go from one state to another when that is legal.

    :raises RuleBroken: otherwise, naming what may follow.
    """
    if to not in TRANSITIONS[before]:
        raise RuleBroken(
            N_("A machine that is %(before)s cannot become %(to)s; it can become: %(allowed)s"),
            before=before,
            to=to,
            allowed=Several(sorted(TRANSITIONS[before])) or "-",
            code="illegal_transition",
        )


def check_bare_change(to: MachineState) -> None:
    """Refuse a bare change into a state that has a use-case of its own.

    :raises RuleBroken: naming that use-case.
    """
    if to in OWN_USE_CASE:
        raise RuleBroken(OWN_USE_CASE[to], code="own_use_case")


def legal(before: MachineState | None, to: MachineState, *, reconstructed: bool) -> bool:
    """Tell whether a recorded step is legal; a machine taken over with a reconstructed passport enters in its state."""
    if before is None:
        return to is S.PLANNED
    return to in TRANSITIONS[before] or (reconstructed and before in BEFORE_FIELD and to in TAKEN_OVER)


def check_moment(at: datetime, last: datetime | None, now: datetime) -> None:
    """Let an event of a machine's history be dated ``at``.

    :raises Invalid: it lies in the future. :raises RuleBroken: it lies before the last event.
    """
    if at > now:
        raise Invalid(N_("%(at)s lies in the future"), at=at.isoformat(), code="in_future")
    if last is not None and at < last:
        raise RuleBroken(
            N_("The machine's last change was on %(last)s; a change dated %(at)s would lie before it"),
            last=last.isoformat(),
            at=at.isoformat(),
            code="time_goes_back",
        )
