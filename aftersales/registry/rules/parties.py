"""Who may make whom a party of a machine."""

from datetime import datetime

from aftersales.errors import Forbidden, Invalid, RuleBroken, Several
from aftersales.registry.rules.lifecycle import deciders
from aftersales.translate import N_
from aftersales.vocabulary import OrganizationKind, PartyRole

R = PartyRole
SINGLE = frozenset({R.MANUFACTURER, R.OWNER, R.OPERATOR})
SHARED = frozenset({R.SERVICE_PARTNER, R.GUEST})
NEEDED_KIND = {R.SERVICE_PARTNER: OrganizationKind.SERVICE_PARTNER, R.OPERATOR: OrganizationKind.OPERATOR}


def grantors(role: PartyRole, present: frozenset[PartyRole]) -> frozenset[PartyRole]:
    """Return which parties may give or end a role: sharing is the operator's and owner's, ownership the owner's."""
    if role is R.OWNER:
        return deciders(present - {R.OPERATOR})
    if role is R.OPERATOR:
        return deciders(present) | ({R.OWNER} & present)
    if role in SHARED:
        return frozenset({R.OWNER, R.OPERATOR}) & present or frozenset({R.MANUFACTURER})
    return frozenset()


def check_grant(role: PartyRole, mine: frozenset[PartyRole], present: frozenset[PartyRole]) -> None:
    """Let an organisation give or end a role on a machine.

    :raises RuleBroken: the manufacturer never changes. :raises Forbidden: it is not for this organisation to do.
    """
    if role is R.MANUFACTURER:
        raise RuleBroken(N_("A machine's manufacturer never changes"), code="manufacturer_fixed")
    allowed = grantors(role, present)
    if not mine & allowed:
        raise Forbidden(
            N_("Only its %(roles)s may decide who is this machine's %(role)s"),
            roles=Several(sorted(allowed)),
            role=role,
            code="wrong_party",
        )


def check_period(start: datetime, current: datetime | None, now: datetime) -> None:
    """Let a party's time begin at ``start``.

    :param current: when the time of the party it follows began.
    :raises Invalid: it lies in the future. :raises RuleBroken: it does not lie after the time it follows began.
    """
    if start > now:
        raise Invalid(N_("%(at)s lies in the future"), at=start.isoformat(), code="in_future")
    if current is not None and start <= current:
        raise RuleBroken(
            N_("The present party has held this role since %(since)s; a change must be dated after that"),
            since=current.isoformat(),
            code="before_current_party",
        )
