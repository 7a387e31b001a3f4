"""The lines and blocks that papers are made of.

Codes (roles, kinds, results …) are the trade's words from ``aftersales.vocabulary``; the papers say them in the
reader's language and print a code they do not know as it stands. Empty text means that there is nothing to print.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from aftersales.papers.canonical import Frozen


@dataclass(frozen=True, kw_only=True)
class Issuer(Frozen):
    """The organisation that issues the paper: its letterhead."""

    name: str
    address: tuple[str, ...] = ()
    registration: str = ""
    contact: str = ""


@dataclass(frozen=True, kw_only=True)
class PartyLine(Frozen):
    """An organisation in its role towards the machine."""

    name: str
    role: str = ""
    address: str = ""
    contact: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class MachineIdentity(Frozen):
    """What a machine is known by (digital nameplate, IDTA 02006)."""

    serial_number: str
    model: str
    manufacturer: str = ""
    designation: str = ""
    url: str = ""
    order_code: str = ""
    year_of_construction: int | None = None
    date_of_manufacture: dt.date | None = None
    country_of_origin: str = ""
    software_version: str = ""


@dataclass(frozen=True, kw_only=True)
class KeyValue(Frozen):
    """A named value, such as a configuration option."""

    key: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Amount(Frozen):
    """Money on a paper: an exact amount and its ISO 4217 currency."""

    value: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Check(Frozen):
    """One checked or measured thing.

    ``value`` with ``unit`` is measured; ``result`` is a word (ok, not_ok, done, not_applicable or free text).
    ``passed`` is left out where nothing was to be judged.
    """

    characteristic: str
    value: Decimal | None = None
    result: str = ""
    unit: str = ""
    lower: Decimal | None = None
    upper: Decimal | None = None
    passed: bool | None = None
    by: str = ""
    note: str = ""

    @property
    def is_measured(self) -> bool:
        """It has a number or limits, so that it belongs among the measured values."""
        return self.value is not None or self.lower is not None or self.upper is not None


@dataclass(frozen=True, kw_only=True)
class ComponentLine(Frozen):
    """A serialised component and where it sits. ``life`` is its own life so far, in ``life_unit``."""

    name: str
    serial_number: str
    part_number: str = ""
    position: str = ""
    installed_on: dt.date | None = None
    life: Decimal | None = None
    life_unit: str = ""


@dataclass(frozen=True, kw_only=True)
class DocumentLine(Frozen):
    """A document that belongs to the machine."""

    title: str
    kind: str = ""
    language: str = ""
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryLine(Frozen):
    """A dated entry made after the paper was issued."""

    at: dt.datetime
    text: str
    kind: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class MeterLine(Frozen):
    """A meter's life value when the paper was made."""

    value: Decimal
    unit: str = ""
    name: str = ""
    read_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WorkLine(Frozen):
    """A task that was carried out."""

    text: str
    code: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonLine(Frozen):
    """Who did the work, and for how many hours."""

    name: str
    role: str = ""
    qualification: str = ""
    hours: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class PartLine(Frozen):
    """A part that was fitted or used up."""

    name: str
    quantity: Decimal
    part_number: str = ""
    unit: str = ""
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ExchangeLine(Frozen):
    """A serialised component taken out and the one put in its place. ``old_life`` is the life of the old one."""

    name: str
    old_serial: str = ""
    new_serial: str = ""
    position: str = ""
    part_number: str = ""
    reason: str = ""
    old_life: Decimal | None = None
    life_unit: str = ""


@dataclass(frozen=True, kw_only=True)
class FindingLine(Frozen):
    """What was found; the codes are those of ISO 14224."""

    text: str
    mode: str = ""
    mechanism: str = ""
    cause: str = ""
    detection: str = ""
    recommendation: str = ""


@dataclass(frozen=True, kw_only=True)
class DueLine(Frozen):
    """What is due next: on a day, at a meter value, or whichever comes first."""

    task: str
    on: dt.date | None = None
    at: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class SignatureLine(Frozen):
    """A person who signs; with ``signed_at`` the paper says that it was signed in the system."""

    role: str
    name: str = ""
    organization: str = ""
    signed_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Clause(Frozen):
    """A numbered clause of terms, in words."""

    number: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ScopeLine(Frozen):
    """What a warranty covers of one cost class (parts, labour, travel), by months or meter hours, whichever first."""

    cost_class: str
    months: int | None = None
    hours: Decimal | None = None
    ends_on: dt.date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Heading(Frozen):
    """What every issued paper says of itself. ``verify_url`` is the QR's address; ``time_zone`` an IANA name."""

    number: str
    issued_at: dt.datetime
    issuer: Issuer
    verify_url: str = ""
    time_zone: str = "UTC"
    statement: str = ""
    remarks: str = ""
    signatures: tuple[SignatureLine, ...] = ()
