"""`aftersales user …`: organisations and people from the command line."""

import functools
import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.models import Organization, User
from aftersales.people import organizations, rules, service
from aftersales.translate import LANGUAGES
from aftersales.vocabulary import OrganizationKind, Role
from aftersales.work import Work
from api.cli.shop import workshop

ROLES = click.Choice([role.value for role in Role])
KINDS = click.Choice([kind.value for kind in OrganizationKind])


@click.group("user")
def group() -> None:
    """Add, invite and help users."""


@dataclass(frozen=True, slots=True)
class _Newcomer:
    """Whom the options describe, and the organisation to make when it is new."""

    organization: str
    kinds: tuple[str, ...]
    country: str
    time_zone: str
    currency: str
    email: str
    name: str
    role: str
    language: str

    def home(self, work: Work) -> Organization:
        found = work.session.scalar(select(Organization).where(Organization.name == self.organization))
        if found is not None:
            return found
        if not self.kinds:
            raise click.ClickException(f"there is no organisation {self.organization!r}; add --kind to make it")
        return service.create_organization(
            work,
            name=self.organization,
            kinds=[OrganizationKind(kind) for kind in self.kinds],
            country=self.country.upper(),
            time_zone=organizations.check_zone(self.time_zone),
            currency=self.currency.upper(),
        )


def _newcomer(command: Callable[[_Newcomer], None]) -> click.Command:
    """A command told whom to add by the same options everywhere."""

    @functools.wraps(command)
    def with_options(**options: Any) -> None:
        command(_Newcomer(**options))

    called: Callable[..., Any] = with_options
    for option in reversed(
        (
            click.option(
                "--organization", required=True, help="Name of the organisation; made when new and --kind is given."
            ),
            click.option("--kind", "kinds", multiple=True, type=KINDS, help="What a new organisation is; repeatable."),
            click.option("--country", default="XX", help="Country of a new organisation, two letters."),
            click.option("--time-zone", default="UTC", help="Time zone of a new organisation, such as Europe/Zagreb."),
            click.option("--currency", default="EUR", help="Currency of a new organisation, three letters."),
            click.option("--email", required=True),
            click.option("--name", required=True, help="Full name."),
            click.option("--role", required=True, type=ROLES),
            click.option("--language", default="en", type=click.Choice(LANGUAGES)),
        )
    ):
        called = option(called)
    return group.command(command.__name__)(called)


@_newcomer
def add(who: _Newcomer) -> None:
    """Add a user; the password is asked for, or read from standard input when that is not a terminal."""
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with workshop().transaction(SYSTEM) as work:
        user = service.add_user(
            work,
            organization_id=who.home(work).id,
            email=who.email,
            full_name=who.name,
            role=Role(who.role),
            language=who.language,
            password=password,
        )
        number = user.id
    click.echo(f"Added user {number}, {who.email}.")


@_newcomer
def invite(who: _Newcomer) -> None:
    """Add a user without password; prints the link they set it by, and mails it when a mail server is set."""
    with workshop().transaction(SYSTEM) as work:
        user, address = service.invite(
            work,
            organization_id=who.home(work).id,
            email=who.email,
            full_name=who.name,
            role=Role(who.role),
            language=who.language,
        )
        service.mail_link(work, user, address, "invitation")
    click.echo(f"Invitation for {who.email}, good for seven days:\n{address}")


@group.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Print a link with which a user sets a new password, and mail it when a mail server is set."""
    with workshop().transaction(SYSTEM) as work:
        user = work.session.scalar(select(User).where(User.email == rules.normal_email(email)))
        if user is None:
            raise click.ClickException(f"there is no user {email}")
        address = service.make_link(work, user, "reset")
        service.mail_link(work, user, address, "reset")
    click.echo(f"Good for two hours:\n{address}")
