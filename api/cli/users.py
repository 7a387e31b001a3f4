"""`aftersales user …`: organisations and people from the command line."""

import getpass
import sys

import click
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.models import Organization, User
from aftersales.people import rules, service
from aftersales.translate import LANGUAGES
from aftersales.vocabulary import OrganizationKind, Role
from aftersales.work import Work
from api.cli.shop import workshop

ROLES = click.Choice([role.value for role in Role])
KINDS = click.Choice([kind.value for kind in OrganizationKind])


@click.group("user")
def group() -> None:
    """Add, invite and help users."""


def _organization(work: Work, name: str, kinds: tuple[str, ...], country: str) -> Organization:
    found = work.session.scalar(select(Organization).where(Organization.name == name))
    if found is not None:
        return found
    if not kinds:
        raise click.ClickException(f"there is no organisation {name!r}; add --kind to make it")
    return service.create_organization(
        work, name=name, kinds=[OrganizationKind(kind) for kind in kinds], country=country.upper()
    )


@group.command("add")
@click.option(
    "--organization", required=True, help="Name of the organisation; made when it is new and --kind is given."
)
@click.option("--kind", "kinds", multiple=True, type=KINDS, help="What a new organisation is; may be repeated.")
@click.option("--country", default="XX", help="Country of a new organisation, two letters.")
@click.option("--email", required=True)
@click.option("--name", required=True, help="Full name.")
@click.option("--role", required=True, type=ROLES)
@click.option("--language", default="en", type=click.Choice(LANGUAGES))
def add(
    organization: str, kinds: tuple[str, ...], country: str, email: str, name: str, role: str, language: str
) -> None:
    """Add a user; the password is asked for, or read from standard input when that is not a terminal."""
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with workshop().transaction(SYSTEM) as work:
        home = _organization(work, organization, kinds, country)
        user = service.add_user(
            work,
            organization_id=home.id,
            email=email,
            full_name=name,
            role=Role(role),
            language=language,
            password=password,
        )
        number = user.id
    click.echo(f"Added user {number}, {email}.")


@group.command("invite")
@click.option("--organization", required=True, help="Name of the organisation.")
@click.option("--kind", "kinds", multiple=True, type=KINDS, help="What a new organisation is; may be repeated.")
@click.option("--country", default="XX", help="Country of a new organisation, two letters.")
@click.option("--email", required=True)
@click.option("--name", required=True, help="Full name.")
@click.option("--role", required=True, type=ROLES)
@click.option("--language", default="en", type=click.Choice(LANGUAGES))
def invite(
    organization: str, kinds: tuple[str, ...], country: str, email: str, name: str, role: str, language: str
) -> None:
    """Add a user without password; prints the link they set it by, and mails it when a mail server is set."""
    with workshop().transaction(SYSTEM) as work:
        home = _organization(work, organization, kinds, country)
        user, address = service.invite(
            work, organization_id=home.id, email=email, full_name=name, role=Role(role), language=language
        )
        service.mail_link(work, user, address, "invitation")
    click.echo(f"Invitation for {email}, good for seven days:\n{address}")


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
