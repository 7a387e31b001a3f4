"""Users, their sessions, tokens and one-time links.

Name, e-mail address and telephone are personal: the audit trail notes that they changed, never what they were, so that
they can be erased and leave the trail whole.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import PERSONAL, SECRET, Base, Hash, Versioned
from aftersales.vocabulary import Role


class User(Versioned, Base):
    """A person of one organisation. ``password_hash`` is empty until the invitation is taken up."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    role: Mapped[Role]
    email: Mapped[str | None] = mapped_column(String(254), unique=True, info=PERSONAL)
    full_name: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    phone: Mapped[str | None] = mapped_column(String(40), info=PERSONAL)
    language: Mapped[str] = mapped_column(String(5), default="en")
    password_hash: Mapped[str | None] = mapped_column(String(200), info=SECRET)
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class UserSession(Base):
    """A signed-in browser; the cookie holds the token, the row its hash."""

    __tablename__ = "user_session"
    __audited__ = False

    token_hash: Mapped[Hash] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Base):
    """A client's key to the API, with scopes and expiry; only its hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[Hash] = mapped_column(unique=True, info=SECRET)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserLink(Base):
    """A one-time link for an invitation or a password reset."""

    __tablename__ = "user_link"
    __table_args__ = (CheckConstraint("purpose IN ('invitation', 'reset')", name="purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    token_hash: Mapped[Hash] = mapped_column(unique=True, info=SECRET)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed sign-in, kept to slow down guessing; the subject is a hash of address or account."""

    __tablename__ = "sign_in_attempt"
    __audited__ = False
    __table_args__ = (Index(None, "subject_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_hash: Mapped[Hash]
    at: Mapped[datetime]
