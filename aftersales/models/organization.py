"""Organisations and their sites."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Versioned
from aftersales.vocabulary import OrganizationKind


class Organization(Versioned, Base):
    """A manufacturer, operator, service partner or supplier; several may hold. It ends, it is never deleted."""

    __tablename__ = "organization"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    kinds: Mapped[list[str]]
    country: Mapped[str] = mapped_column(String(2))
    address: Mapped[str | None] = mapped_column(String(500))
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(5), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def holds(self, kind: OrganizationKind) -> bool:
        """Tell whether the organisation is of this kind."""
        return kind.value in self.kinds


class Site(Versioned, Base):
    """A place of an organisation where machines stand; its time zone gives the machines' calendar day."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(500))
    country: Mapped[str | None] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    ended_at: Mapped[datetime | None]
