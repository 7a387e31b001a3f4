"""Demand history and the forecast runs made from it; runs are never changed, only followed by newer ones."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Hash, Measured, Quantity


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
    """One run of the forecast with everything needed to repeat it; ``workload``: repairs and hours by month."""

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
    workload: Mapped[dict[str, Any] | None]


class ForecastLine(Base):
    """The forecast of one part: monthly mean and quantiles, lead-time demand, method, class and scores.

    ``explanation``: planned, failures, new_machines, retirements and correction by month, which add up to the mean, and
    the machines they come from. ``tracking`` is Trigg's signal of the forecasts before; ``alarm`` says ``low`` or
    ``high`` where they were clearly so.
    """

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
    explanation: Mapped[dict[str, Any] | None]
    tracking: Mapped[Measured | None]
    alarm: Mapped[str | None] = mapped_column(String(8))


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


class ForecastOutcome(Base):
    """What came of a part in a month beside what the newest run before it expected; late bookings change it.

    ``last`` is the month before again, ``upper`` what 95 of 100 cases should stay within. ``came`` lists the needs with
    their machines and orders.
    """

    __tablename__ = "forecast_outcome"
    __audited__ = False
    __table_args__ = (UniqueConstraint("part_id", "month"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    month: Mapped[date]
    run_id: Mapped[int] = mapped_column(ForeignKey("forecast_run.id"), index=True)
    expected: Mapped[Measured]
    upper: Mapped[Measured]
    last: Mapped[Measured | None]
    actual: Mapped[Quantity]
    explanation: Mapped[dict[str, Any] | None]
    came: Mapped[list[dict[str, Any]]]


class FleetPlanEntry(Base):
    """Machines of a model planned to be sold or retired in a month; of several entries the newest stands."""

    __tablename__ = "fleet_plan_entry"
    __ledger__ = True
    __table_args__ = (
        Index(None, "organization_id", "model_id", "month"),
        CheckConstraint("kind IN ('sale', 'retirement')", name="kind"),
        CheckConstraint("machines >= 0", name="machines_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    model_id: Mapped[int] = mapped_column(ForeignKey("machine_model.id"))
    kind: Mapped[str] = mapped_column(String(16))
    month: Mapped[date]
    machines: Mapped[int]
    entered_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
