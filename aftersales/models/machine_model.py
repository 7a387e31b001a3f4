"""A manufacturer's machine models: positions, options and versioned acceptance test templates."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Measured, MeterValue, Versioned
from aftersales.vocabulary import LifeUnit


class MachineModel(Versioned, Base):
    """A type of machine of one manufacturer."""

    __tablename__ = "machine_model"
    __table_args__ = (UniqueConstraint("manufacturer_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    manufacturer_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    code: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(200))
    family: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(String(2000))
    country_of_origin: Mapped[str | None] = mapped_column(String(2))
    markings: Mapped[list[str]] = mapped_column(default=list)
    ended_at: Mapped[datetime | None]


class Position(Base):
    """A place in the model's component tree that holds ``quantity`` units of a part.

    A mandatory one is filled, or its emptiness documented, before a passport is issued; with ``option_code`` the
    position exists only on machines with that option.
    """

    __tablename__ = "position"
    __table_args__ = (
        UniqueConstraint("model_id", "code"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("(life_limit IS NULL) = (life_unit IS NULL)", name="life_limit_has_unit"),
        CheckConstraint("life_limit IS NULL OR life_limit > 0", name="life_limit_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("machine_model.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"), index=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"), index=True)
    code: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(default=1)
    mandatory: Mapped[bool] = mapped_column(default=False)
    option_code: Mapped[str | None] = mapped_column(String(50))
    life_limit: Mapped[MeterValue | None]
    life_unit: Mapped[LifeUnit | None]


class ModelOption(Base):
    """A configuration option; ``requires`` and ``excludes`` list other options' codes."""

    __tablename__ = "model_option"
    __table_args__ = (UniqueConstraint("model_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("machine_model.id"), index=True)
    code: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(200))
    requires: Mapped[list[str]] = mapped_column(default=list)
    excludes: Mapped[list[str]] = mapped_column(default=list)


class TestTemplate(Base):
    """One version of a model's factory acceptance test; the newest published one applies to new machines."""

    __test__ = False
    __tablename__ = "test_template"
    __table_args__ = (UniqueConstraint("model_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("machine_model.id"), index=True)
    number: Mapped[int]
    published_at: Mapped[datetime]


class TestCharacteristic(Base):
    """One measured characteristic of a template with its limits; a limit that is empty does not bind."""

    __test__ = False
    __tablename__ = "test_characteristic"
    __table_args__ = (
        UniqueConstraint("template_id", "sequence"),
        CheckConstraint("lower IS NULL OR upper IS NULL OR lower <= upper", name="limits_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("test_template.id"), index=True)
    sequence: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(20), default="")
    lower: Mapped[Measured | None]
    upper: Mapped[Measured | None]

    def passes(self, value: Decimal) -> bool:
        """Tell whether a measured value lies within the limits, both included."""
        return (self.lower is None or value >= self.lower) and (self.upper is None or value <= self.upper)
