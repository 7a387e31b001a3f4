"""Organisations, users, sign-in, links and tokens."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from aftersales import visibility
from aftersales.access import Actor, Permission, expect, require
from aftersales.errors import Invalid, NotFound, RuleBroken
from aftersales.models import ApiToken, Organization, SignInAttempt, Site, User, UserLink, UserSession
from aftersales.people import passwords, queries, rules
from aftersales.translate import LANGUAGES, N_
from aftersales.vocabulary import OrganizationKind, Role
from aftersales.work import Work

LINK_LIVES = {"invitation": timedelta(days=7), "reset": timedelta(hours=2)}


def create_organization(
    work: Work,
    *,
    name: str,
    kinds: Sequence[OrganizationKind],
    country: str,
    language: str = "en",
    time_zone: str = "UTC",
    currency: str = "EUR",
    address: str | None = None,
    email: str | None = None,
) -> Organization:
    """Add an organisation; only the system itself (command line, sample) may."""
    if not work.actor.is_system:
        require(work.actor, Permission.PEOPLE_MANAGE)
        raise RuleBroken(N_("New organisations are set up by the installation's administrator"))
    row = Organization(
        name=name,
        kinds=[kind.value for kind in kinds],
        country=country,
        language=language,
        time_zone=time_zone,
        currency=currency,
        address=address,
        email=email,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def create_site(work: Work, *, organization_id: int, name: str, time_zone: str, address: str | None = None) -> Site:
    """Add a site of the actor's organisation."""
    require(work.actor, Permission.PEOPLE_MANAGE)
    visibility.get(work.session, Organization, organization_id, visibility.owns(work.actor, Organization.id))
    row = Site(organization_id=organization_id, name=name, time_zone=time_zone, address=address)
    work.session.add(row)
    work.session.flush()
    return row


def add_user(
    work: Work,
    *,
    organization_id: int,
    email: str,
    full_name: str,
    role: Role,
    language: str = "en",
    phone: str | None = None,
    password: str | None = None,
    is_sample: bool = False,
) -> User:
    """Add a user to the actor's organisation, with a password or, for an invitation, without.

    :raises RuleBroken: when the address is taken.
    """
    require(work.actor, Permission.PEOPLE_MANAGE)
    visibility.get(work.session, Organization, organization_id, visibility.owns(work.actor, Organization.id))
    address = rules.normal_email(email)
    if work.session.scalar(select(User.id).where(User.email == address)):
        raise RuleBroken(N_("This e-mail address cannot be used"), code="email_taken")
    if language not in LANGUAGES:
        raise Invalid(N_("%(language)s is not one of the product's languages"), language=language)
    if password is not None:
        rules.check_password(password, address)
    row = User(
        organization_id=organization_id,
        role=role,
        email=address,
        full_name=full_name,
        phone=phone,
        language=language,
        password_hash=passwords.hash_password(password) if password else None,
        is_sample=is_sample,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def invite(work: Work, **details: object) -> tuple[User, str]:
    """Add a user without password and return them with the one-time link they set it by."""
    user = add_user(work, **details)  # type: ignore[arg-type] # the same keywords as add_user, minus the password
    return user, make_link(work, user, "invitation")


def invite_by_mail(work: Work, **details: object) -> User:
    """Add a user and have the invitation mailed."""
    user, address = invite(work, **details)
    mail_link(work, user, address, "invitation")
    return user


def mail_link(work: Work, user: User, address: str, purpose: str) -> None:
    """Have a one-time address mailed to its user.

    The outbox row must not hold a usable secret for longer than needed: its payload is emptied once the mail is out.
    """
    work.emit("mail.link", user_id=user.id, address=address, purpose=purpose)


def make_link(work: Work, user: User, purpose: str) -> str:
    """Return a fresh one-time address for an invitation or reset; earlier ones of the user stop working.

    Whoever called shows it (command line) or has it mailed (:func:`mail_link`).
    """
    work.session.execute(
        update(UserLink).where(UserLink.user_id == user.id, UserLink.used_at.is_(None)).values(used_at=work.now)
    )
    token = passwords.new_token()
    work.session.add(
        UserLink(
            user_id=user.id,
            purpose=purpose,
            token_hash=passwords.token_hash(token),
            created_at=work.now,
            expires_at=work.now + LINK_LIVES[purpose],
        )
    )
    return f"{work.settings.public_url}/link/{token}"


def request_reset(work: Work, email: str) -> tuple[User, str] | None:
    """Return a reset link for a known, active user, or ``None``; the page's answer is the same for both."""
    user = work.session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None or not queries.active(work, user):
        return None
    return user, make_link(work, user, "reset")


def ask_reset(work: Work, *, email: str, address: str) -> None:
    """Have a reset link mailed when the e-mail address is a user's; asking too often has no effect.

    Nothing comes back, so that nobody learns who exists.
    """
    subjects = [_subject("reset", email.strip().lower()), _subject("reset address", address)]
    if rules.throttled(work.now, *(_attempts(work, subject) for subject in subjects)):
        return
    work.session.add_all(SignInAttempt(subject_hash=subject, at=work.now) for subject in subjects)
    found = request_reset(work, email)
    if found is not None:
        mail_link(work, *found, "reset")


def renew_link(work: Work, user_id: int) -> tuple[User, str]:
    """Return a colleague with a fresh one-time link to set their password by.

    :raises RuleBroken: when their access has ended.
    """
    require(work.actor, Permission.PEOPLE_MANAGE)
    user = visibility.get(work.session, User, user_id, visibility.owns(work.actor, User.organization_id))
    if not queries.active(work, user):
        raise RuleBroken(N_("The access of this person has ended"))
    purpose = "reset" if user.password_hash else "invitation"
    link = make_link(work, user, purpose)
    mail_link(work, user, link, purpose)
    return user, link


def use_link(work: Work, token: str, password: str) -> User:
    """Set a password by a one-time link; every session of the user ends.

    :raises NotFound: when the link is unknown, used or expired.
    """
    link = work.session.scalar(
        select(UserLink).where(UserLink.token_hash == passwords.token_hash(token)).with_for_update()
    )
    if link is None or link.used_at is not None or link.expires_at <= work.now:
        raise NotFound(N_("This link is unknown, used or has expired; ask for a new one"))
    user = work.session.get_one(User, link.user_id)
    if not queries.active(work, user):
        raise NotFound(N_("This link is unknown, used or has expired; ask for a new one"))
    rules.check_password(password, user.email)
    link.used_at = work.now
    user.password_hash = passwords.hash_password(password)
    end_sessions(work, user.id)
    return user


def change_password(work: Work, *, old: str, new: str) -> None:
    """Change the actor's own password; other sessions end.

    :raises Invalid: when the old one is wrong or the new one too weak.
    """
    user = work.session.get_one(User, work.actor.user_id)
    if not passwords.matches(user.password_hash, old):
        raise Invalid(N_("The old password is not right"))
    rules.check_password(new, user.email)
    user.password_hash = passwords.hash_password(new)
    end_sessions(work, user.id, but=work.actor.session_hash)


def end_sessions(work: Work, user_id: int, but: str | None = None) -> None:
    """End every session of a user, save one."""
    query = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    work.session.execute(query.where(UserSession.token_hash != (but or "")).values(ended_at=work.now))


def check_credentials(work: Work, *, email: str, password: str, address: str) -> User | None:
    """Return the user these credentials belong to, or ``None``; a failure is counted against guessing.

    Unknown user, wrong password, throttled and ended all look the same and take as long.
    """
    subjects = [_subject("account", email.strip().lower()), _subject("address", address)]
    failures = [_attempts(work, subject) for subject in subjects]
    user = work.session.scalar(select(User).where(User.email == email.strip().lower()))
    good = passwords.matches(user.password_hash if user else None, password[: rules.LONGEST_PASSWORD])
    if good and user and queries.active(work, user) and not rules.throttled(work.now, *failures):
        work.session.execute(delete(SignInAttempt).where(SignInAttempt.subject_hash == subjects[0]))
        return user
    work.session.execute(delete(SignInAttempt).where(SignInAttempt.at < work.now - rules.WINDOW))
    work.session.add_all(SignInAttempt(subject_hash=subject, at=work.now) for subject in subjects)
    return None


def _attempts(work: Work, subject: str) -> list[datetime]:
    return list(work.session.scalars(select(SignInAttempt.at).where(SignInAttempt.subject_hash == subject)))


def _subject(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def open_session(work: Work, user: User) -> str:
    """Open a session and return the token for the browser's cookie."""
    token = passwords.new_token()
    work.session.add(
        UserSession(
            token_hash=passwords.token_hash(token),
            user_id=user.id,
            created_at=work.now,
            expires_at=work.now + timedelta(days=work.settings.session_days),
        )
    )
    work.record("sign_in", "user_account", user.id)
    return token


def sign_out(work: Work) -> None:
    """End the actor's own session."""
    work.session.execute(
        update(UserSession).where(UserSession.token_hash == work.actor.session_hash).values(ended_at=work.now)
    )


def actor_of_session(work: Work, token: str) -> Actor | None:
    """Return who a session token belongs to, while the session lasts."""
    digest = passwords.token_hash(token)
    session = work.session.get(UserSession, digest)
    if session is None or session.ended_at is not None or session.expires_at <= work.now:
        return None
    user = work.session.get_one(User, session.user_id)
    return queries.actor_for(work, user, session_hash=digest) if queries.active(work, user) else None


def create_token(work: Work, *, user: User, name: str, scopes: Sequence[str], days: int) -> tuple[ApiToken, str]:
    """Make an API token for a user and return it with its secret, which is shown only now.

    :raises Invalid: for scopes the user's role does not hold.
    """
    rules.check_scopes(user.role, scopes)
    if not 1 <= days <= rules.LONGEST_TOKEN.days:
        raise Invalid(N_("A token lives from 1 to %(days)s days"), days=rules.LONGEST_TOKEN.days)
    secret = passwords.new_token()
    row = ApiToken(
        user_id=user.id,
        name=name,
        token_hash=passwords.token_hash(secret),
        scopes=sorted(set(scopes)),
        created_at=work.now,
        expires_at=work.now + timedelta(days=days),
    )
    work.session.add(row)
    work.session.flush()
    return row, secret


def create_own_token(work: Work, *, name: str, scopes: Sequence[str], days: int) -> tuple[ApiToken, str]:
    """Make a token for the actor; a token cannot make one with more scopes than its own."""
    user = work.session.get_one(User, work.actor.user_id)
    for scope in scopes:
        if scope not in {permission.value for permission in work.actor.permissions}:
            raise Invalid(N_("Your role does not hold the scope %(scope)s"), scope=scope)
    return create_token(work, user=user, name=name, scopes=scopes, days=days)


def revoke_token(work: Work, token_id: int) -> ApiToken:
    """Revoke one of the actor's own tokens."""
    row = visibility.get(work.session, ApiToken, token_id, ApiToken.user_id == work.actor.user_id)
    row.revoked_at = row.revoked_at or work.now
    return row


def actor_of_token(work: Work, secret: str) -> Actor | None:
    """Return who an API token belongs to, while it is valid."""
    row = work.session.scalar(select(ApiToken).where(ApiToken.token_hash == passwords.token_hash(secret)))
    if row is None or row.revoked_at is not None or row.expires_at <= work.now:
        return None
    user = work.session.get_one(User, row.user_id)
    return queries.actor_for(work, user, scopes=row.scopes) if queries.active(work, user) else None


def change_user(
    work: Work,
    user_id: int,
    *,
    role: Role | None = None,
    ended: bool | None = None,
    expected_version: int | None = None,
) -> User:
    """Change a colleague's role, or end or re-open their access."""
    require(work.actor, Permission.PEOPLE_MANAGE)
    user = visibility.get(work.session, User, user_id, visibility.owns(work.actor, User.organization_id))
    expect(user.version, expected_version)
    if user.id == work.actor.user_id:
        raise RuleBroken(N_("You cannot change your own role or end your own access"))
    user.role = role or user.role
    if ended is not None and user.erased_at is None:
        user.ended_at = (user.ended_at or work.now) if ended else None
    end_sessions(work, user.id)
    return user


def set_language(work: Work, language: str) -> None:
    """Change the language the actor is spoken to in."""
    if language not in LANGUAGES:
        raise Invalid(N_("%(language)s is not one of the product's languages"), language=language)
    work.session.get_one(User, work.actor.user_id).language = language


def erase(work: Work, user_id: int, expected_version: int | None = None) -> User:
    """Erase a person's data: name, address, telephone, password. What they did stays, under a number only."""
    require(work.actor, Permission.PEOPLE_MANAGE)
    user = visibility.get(work.session, User, user_id, visibility.owns(work.actor, User.organization_id))
    expect(user.version, expected_version)
    if user.id == work.actor.user_id:
        raise RuleBroken(N_("Another administrator has to erase your data"))
    user.full_name = f"#{user.id}"
    user.email = user.phone = user.password_hash = None
    user.ended_at, user.erased_at = user.ended_at or work.now, work.now
    end_sessions(work, user.id)
    tokens = update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    work.session.execute(tokens.values(revoked_at=work.now))
    return user
