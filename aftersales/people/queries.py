"""Users, tokens and the audit trail, each within one organisation."""

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import ApiToken, AuditEntry, DatabaseMark, Organization, User
from aftersales.vocabulary import OrganizationKind
from aftersales.work import Work

SAMPLE = "sample"


def actor_for(work: Work, user: User, *, scopes: list[str] | None = None, session_hash: str | None = None) -> Actor:
    """Return the actor a user acts as."""
    organization = work.session.get_one(Organization, user.organization_id)
    return Actor(
        user_id=user.id,
        organization_id=user.organization_id,
        role=user.role,
        kinds=frozenset(OrganizationKind(kind) for kind in organization.kinds),
        scopes=None if scopes is None else frozenset(scopes),
        name=user.full_name,
        language=user.language,
        time_zone=organization.time_zone,
        session_hash=session_hash,
    )


def active(work: Work, user: User | None) -> bool:
    """Tell whether a user may act at all: not ended, organisation not ended, sample users only on sample databases."""
    if user is None or user.ended_at is not None:
        return False
    if work.session.get_one(Organization, user.organization_id).ended_at is not None:
        return False
    return not user.is_sample or is_sample(work)


def is_sample(work: Work) -> bool:
    """Tell whether this database is marked as holding sample data."""
    return work.session.get(DatabaseMark, SAMPLE) is not None


def users(work: Work, *, after: int | None = None, limit: int = 50) -> list[User]:
    """Return the organisation's users by number."""
    require(work.actor, Permission.PEOPLE_READ)
    query = select(User).where(visibility.owns(work.actor, User.organization_id)).order_by(User.id).limit(limit)
    return list(work.session.scalars(query.where(User.id > after) if after else query))


def user(work: Work, user_id: int) -> User:
    """Return a user of the actor's organisation.

    :raises NotFound: when there is none, or it is another organisation's.
    """
    require(work.actor, Permission.PEOPLE_READ)
    return visibility.get(work.session, User, user_id, visibility.owns(work.actor, User.organization_id))


def names(work: Work) -> dict[int, str]:
    """Return the name of every user of the actor's organisation, also of those who left, by number."""
    query = select(User.id, User.full_name).where(User.organization_id == work.actor.organization_id)
    return {row.id: row.full_name for row in work.session.execute(query)}


def sample_sign_ins(work: Work) -> list[tuple[str, User]]:
    """Return (organisation, user) of the sample sign-ins; none unless the database is marked as sample."""
    if not is_sample(work):
        return []
    query = select(Organization.name, User).join(User, User.organization_id == Organization.id)
    query = query.where(User.is_sample, User.email.is_not(None), User.ended_at.is_(None))
    rows = work.session.execute(query.order_by(User.id))
    return [(name, user) for name, user in rows]


def colleagues(work: Work) -> list[User]:
    """Return the active users of the actor's organisation, for choosing an assignee."""
    query = select(User).where(User.organization_id == work.actor.organization_id, User.ended_at.is_(None))
    return list(work.session.scalars(query.order_by(User.full_name)))


def tokens(work: Work) -> list[ApiToken]:
    """Return the actor's own tokens, newest first."""
    query = select(ApiToken).where(ApiToken.user_id == work.actor.user_id).order_by(ApiToken.id.desc())
    return list(work.session.scalars(query))


def trail(work: Work, *, after: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """Return the organisation's audit entries, newest first, from before the sequence ``after`` on."""
    require(work.actor, Permission.AUDIT_READ)
    query = select(AuditEntry).where(AuditEntry.chain == work.actor.organization)
    query = query.order_by(AuditEntry.sequence.desc()).limit(limit)
    return list(work.session.scalars(query.where(AuditEntry.sequence < after) if after else query))
