"""Demand history and the forecast runs made from it; runs are never changed, only followed by newer ones."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Hash, Quantity


class DemandRecord(Base):
    """Imported demand of a part in a month, beside what stock moves and failures tell; ``quantity`` empty = missing."""

    __tablename__ = "demand_record"
    __table_args__ = (UniqueConstraint("part_id", "period", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    period: Mapped[date]
    quantity: Mapped[Quantity | None]
    source: Mapped[str] = mapped_column(String(40))


class DemandGap(Base):
    """Months in which an organisation's records are known to be incomplete: missing, not zero."""

    __tablename__ = "demand_gap"
    __table_args__ = (UniqueConstraint("organization_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    period: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))


class ForecastRun(Base):
    """One run of the forecast with everything needed to repeat it."""

    __tablename__ = "forecast_run"
    __ledger__ = True
    __table_args__ = (Index(None, "organization_id", "created_at"), CheckConstraint("horizon >= 1", name="horizon"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[datetime]
    origin: Mapped[date]
    horizon: Mapped[int]
    settings: Mapped[dict[str, Any]]
    inputs_hash: Mapped[Hash]
    seed: Mapped[int]
    code_version: Mapped[str] = mapped_column(String(40))
    seconds: Mapped[Quantity]
    summary: Mapped[dict[str, Any]]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class ForecastLine(Base):
    """The forecast of one part: monthly mean and quantiles, lead-time demand, method, class and scores."""

    __tablename__ = "forecast_line"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (UniqueConstraint("run_id", "part_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("forecast_run.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    method: Mapped[str] = mapped_column(String(40))
    demand_class: Mapped[str] = mapped_column(String(40))
    phase: Mapped[str] = mapped_column(String(40))
    history: Mapped[dict[str, Any]]
    mean: Mapped[list[float]]
    quantiles: Mapped[dict[str, Any]]
    lead_time_periods: Mapped[Quantity]
    lead_time_mean: Mapped[Quantity]
    lead_time_quantiles: Mapped[dict[str, Any]]
    scores: Mapped[dict[str, Any]]


class ForecastScore(Base):
    """How a run did once so many of its months had arrived: bias, quantile loss and coverage beside its rivals."""

    __tablename__ = "forecast_score"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (UniqueConstraint("run_id", "months"), CheckConstraint("months >= 1", name="months"))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("forecast_run.id"))
    months: Mapped[int]
    scored_at: Mapped[datetime]
    parts: Mapped[int]
    verdicts: Mapped[list[dict[str, Any]]]
