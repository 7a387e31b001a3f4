"""What a password, a throttle and a token must satisfy."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aftersales.access import ROLE_PERMISSIONS
from aftersales.errors import Invalid
from aftersales.translate import N_
from aftersales.vocabulary import Role

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 8
TRIES_PER_ADDRESS = 60
LONGEST_TOKEN = timedelta(days=366)


def check_password(password: str, email: str | None) -> None:
    """Let a password pass that is long enough and not the address itself (NIST SP 800-63B, 5.1.1.2).

    :raises Invalid: otherwise, saying why.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            N_("A password needs at least %(low)s characters and at most %(high)s"),
            low=SHORTEST_PASSWORD,
            high=LONGEST_PASSWORD,
        )
    if email and password.lower() in {email.lower(), email.lower().split("@")[0]}:
        raise Invalid(N_("The password must not be the e-mail address"))
    if len(set(password)) < 4:
        raise Invalid(N_("The password repeats too few characters"))


def throttled(at: datetime, account: Sequence[datetime], address: Sequence[datetime]) -> bool:
    """Tell whether a sign-in has to wait, given the moments of earlier failures by account and by address."""
    recent = at - WINDOW
    return (
        sum(moment > recent for moment in account) >= TRIES_PER_ACCOUNT
        or sum(moment > recent for moment in address) >= TRIES_PER_ADDRESS
    )


def check_scopes(role: Role, scopes: Sequence[str]) -> None:
    """Let scopes pass that the role itself holds.

    :raises Invalid: naming the first that it does not.
    """
    granted = {permission.value for permission in ROLE_PERMISSIONS[role]}
    for scope in scopes:
        if scope not in granted:
            raise Invalid(N_("Your role does not hold the scope %(scope)s"), scope=scope)
    if not scopes:
        raise Invalid(N_("A token needs at least one scope"))


def normal_email(email: str) -> str:
    """Return an address in the form it is compared in.

    :raises Invalid: when it cannot be one.
    """
    cleaned = email.strip().lower()
    local, at, domain = cleaned.partition("@")
    if not (local and at and "." in domain) or any(c.isspace() for c in cleaned) or len(cleaned) > 254:
        raise Invalid(N_("%(email)s is not an e-mail address"), email=email[:100])
    return cleaned
