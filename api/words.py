"""The vocabulary as people read it, in their language."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from aftersales import vocabulary as v
from aftersales.complaints.rules import Step
from aftersales.orders.rules import Act
from aftersales.translate import N_, Translator

WORDS: Mapping[type[StrEnum], Mapping[str, str]] = {
    v.OrganizationKind: {
        "manufacturer": N_("Manufacturer"),
        "operator": N_("Operator"),
        "service_partner": N_("Service partner"),
        "supplier": N_("Supplier"),
    },
    v.PartyRole: {
        "manufacturer": N_("Manufacturer"),
        "owner": N_("Owner"),
        "operator": N_("Operator"),
        "service_partner": N_("Service partner"),
        "guest": N_("Guest"),
    },
    v.MachineState: {
        "planned": N_("Planned"),
        "in_production": N_("In production"),
        "passport_issued": N_("Passport issued"),
        "shipped": N_("Shipped"),
        "commissioned": N_("Commissioned"),
        "in_operation": N_("In operation"),
        "standby": N_("Standby"),
        "down": N_("Down"),
        "under_repair": N_("Under repair"),
        "under_modernisation": N_("Under modernisation"),
        "transferred": N_("Transferred"),
        "decommissioned": N_("Decommissioned"),
        "written_off": N_("Written off"),
        "disposed": N_("Disposed"),
    },
    v.LifeUnit: {"hours": N_("hours"), "cycles": N_("cycles"), "days": N_("days")},
    v.DueStatus: {
        "overdue": N_("Overdue"),
        "due": N_("Due now"),
        "due_soon": N_("Due soon"),
        "ok": N_("Not due"),
        "done": N_("Done"),
        "unknown": N_("Not known"),
    },
    v.Health: {
        "good": N_("In good order"),
        "attention": N_("Needs attention"),
        "critical": N_("Must be seen to"),
        "out_of_service": N_("Not in service"),
    },
    v.MeterKind: {
        "hours": N_("Operating hours"),
        "cycles": N_("Cycles"),
        "km": N_("Kilometres"),
        "kWh": N_("Kilowatt hours"),
    },
    v.ReadingKind: {
        "measured": N_("Measured"),
        "estimated": N_("Estimated"),
        "correction": N_("Correction"),
        "void": N_("Void"),
    },
    v.ReadingSource: {
        "person": N_("Typed by a person"),
        "file": N_("From a file"),
        "telematics": N_("From telematics"),
        "work_order": N_("From a work order"),
    },
    v.RemovalReason: {
        "failure": N_("Failure"),
        "planned": N_("Planned replacement"),
        "upgrade": N_("Upgrade"),
        "other": N_("Other"),
    },
    v.FailureMode: {
        "BRD": N_("Breakdown"),
        "FTS": N_("Does not start"),
        "UST": N_("Stops by itself"),
        "ELP": N_("Leaks what it processes"),
        "ELU": N_("Leaks oil, coolant or air"),
        "LOO": N_("Too little output"),
        "HIO": N_("Too much output"),
        "ERO": N_("Uneven output"),
        "NOI": N_("Noise"),
        "OHE": N_("Too hot"),
        "VIB": N_("Vibration"),
        "PDE": N_("A value is off"),
        "PLU": N_("Plugged or blocked"),
        "AIR": N_("Odd reading on an instrument"),
        "STP": N_("Does not stop"),
        "SER": N_("Small fault in service"),
        "OTH": N_("Something else"),
        "UNK": N_("Not known"),
    },
    v.FailureMechanism: {
        "mechanical": N_("Mechanical"),
        "material": N_("Material"),
        "instrument": N_("Instrument"),
        "electrical": N_("Electrical"),
        "external": N_("External influence"),
        "other": N_("Other"),
    },
    v.FailureCause: {
        "design": N_("Design"),
        "fabrication": N_("Fabrication or installation"),
        "operation": N_("Operation"),
        "maintenance": N_("Maintenance"),
        "management": N_("Management"),
        "other": N_("Other"),
    },
    v.Detection: {
        "operation": N_("During operation"),
        "maintenance": N_("During maintenance"),
        "inspection": N_("By inspection"),
        "monitoring": N_("By monitoring"),
        "other": N_("Other"),
    },
    v.FaultState: {
        "reported": N_("Reported"),
        "received": N_("Received"),
        "in_progress": N_("In progress"),
        "resolved": N_("Resolved"),
        "confirmed": N_("Confirmed"),
        "reopened": N_("Reopened"),
        "duplicate": N_("Duplicate"),
        "rejected": N_("Rejected"),
    },
    v.Severity: {"low": N_("Low"), "medium": N_("Medium"), "high": N_("High"), "very_high": N_("Very high")},
    v.Channel: {
        "page": N_("Page"),
        "qr": N_("QR code on the machine"),
        "api": N_("Other system"),
        "file": N_("From a file"),
    },
    v.OrderKind: {
        "maintenance": N_("Maintenance"),
        "repair": N_("Repair"),
        "inspection": N_("Inspection"),
        "modernisation": N_("Modernisation"),
        "commissioning": N_("Commissioning"),
        "training": N_("Training"),
    },
    v.OrderState: {
        "draft": N_("Draft"),
        "planned": N_("Planned"),
        "in_progress": N_("In progress"),
        "paused": N_("Paused"),
        "done": N_("Done"),
        "closed": N_("Closed"),
        "cancelled": N_("Cancelled"),
    },
    v.CertificateKind: {
        "service": N_("Service certificate"),
        "commissioning": N_("Commissioning certificate"),
        "write_off": N_("Write-off certificate"),
        "disposal": N_("Disposal certificate"),
        "extension": N_("Warranty extension certificate"),
    },
    v.CertificateState: {"genuine": N_("Genuine"), "withdrawn": N_("Withdrawn")},
    v.CostClass: {"parts": N_("Parts"), "labour": N_("Labour"), "travel": N_("Travel")},
    v.Payer: {
        "warranty": N_("Warranty"),
        "extension": N_("Warranty extension"),
        "contract": N_("Service contract"),
        "goodwill": N_("Goodwill"),
        "supplier": N_("Supplier"),
        "customer": N_("Customer"),
    },
    v.OfferState: {
        "offered": N_("Offered"),
        "accepted": N_("Accepted"),
        "refused": N_("Refused"),
        "expired": N_("Expired"),
    },
    v.RefusalReason: {
        "price": N_("Price"),
        "own_service": N_("Own service"),
        "other_provider": N_("Other provider"),
        "machine_leaves": N_("Machine is leaving"),
        "no_need": N_("No need"),
        "other": N_("Other"),
    },
    v.Condition: {
        "new": N_("New"),
        "second_category": N_("Second category"),
        "core": N_("Core for exchange"),
        "quarantined": N_("Quarantined"),
    },
    v.LocationKind: {
        "warehouse": N_("Warehouse"),
        "bin": N_("Bin"),
        "van": N_("Van"),
        "quarantine": N_("Quarantine"),
        "supplier": N_("Supplier"),
        "customer": N_("Customer"),
        "production": N_("Production"),
        "scrap": N_("Scrap"),
        "adjustment": N_("Adjustment"),
    },
    v.MoveKind: {
        "receipt": N_("Receipt"),
        "issue": N_("Issue"),
        "transfer": N_("Transfer"),
        "return": N_("Return"),
        "count": N_("Count"),
        "scrap": N_("Scrap"),
        "regrade": N_("Regrading"),
        "opening": N_("Opening stock"),
    },
    v.SupplyKind: {"purchase": N_("Purchase"), "production": N_("Production"), "refurbishment": N_("Refurbishment")},
    v.SupplyState: {
        "draft": N_("Draft"),
        "approved": N_("Approved"),
        "sent": N_("Sent"),
        "part_received": N_("Received in part"),
        "received": N_("Received"),
        "cancelled": N_("Cancelled"),
    },
    v.Tolerance: {
        "exact": N_("Not more than ordered"),
        "five_percent": N_("Up to 5 % more"),
        "ten_percent": N_("Up to 10 % more"),
        "full_pack": N_("Up to one pack more"),
    },
    v.Criticality: {"vital": N_("Vital"), "essential": N_("Essential"), "desirable": N_("Desirable")},
    v.Role: {
        "operator": N_("Operator"),
        "technician": N_("Technician"),
        "dispatcher": N_("Dispatcher"),
        "storekeeper": N_("Storekeeper"),
        "quality": N_("Quality"),
        "planner": N_("Planner"),
        "manager": N_("Manager"),
        "admin": N_("Administrator"),
    },
}

# Words that stand in sentences alone.
SAID: Mapping[type[StrEnum], Mapping[str, str]] = {
    Step: {
        "reported": N_("Reported"),
        "received": N_("Received"),
        "planned": N_("Planned"),
        "started": N_("In progress"),
        "paused": N_("Paused"),
        "order_cancelled": N_("Received"),
        "resolved": N_("Resolved"),
        "confirmed": N_("Confirmed"),
        "closed_silently": N_("Confirmed"),
        "reopened": N_("Reopened"),
        "duplicate": N_("Duplicate"),
        "rejected": N_("Rejected"),
        "comment": N_("Comment"),
    },
    Act: {
        "plan": N_("Plan"),
        "start": N_("Start work"),
        "pause": N_("Pause"),
        "stop": N_("Stop"),
        "finish": N_("The work is done"),
        "close": N_("Close and issue the certificate"),
        "cancel": N_("Cancel"),
    },
}
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TO_THE_MINUTE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC", re.ASCII)
ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def word_of(value: StrEnum | str | None) -> str:
    """Return the English word of a vocabulary value (a catalogue key); any other text as it is."""
    if isinstance(value, StrEnum):
        words = WORDS.get(type(value)) or SAID.get(type(value), {})
        return words.get(value.value, value.value)
    return value or ""


def worded(t: Translator, params: Mapping[str, object], zone: str = "UTC") -> dict[str, object]:
    """Return what goes into the places of a sentence as the reader writes it: states in words, days and moments.

    :param zone: the reader's time zone (IANA name).
    """
    return {name: _worded(t, value, zone) for name, value in params.items()}


def _worded(t: Translator, value: object, zone: str) -> object:
    if isinstance(value, StrEnum):
        return _inside(t.gettext(word_of(value)))
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(_worded(t, item, zone)) for item in value)
    if isinstance(value, datetime):
        return t.datetime(value, zone) if value.tzinfo else value
    if isinstance(value, date):
        return t.date(value)
    return _dated(t, value, zone) if isinstance(value, str) else value


def _dated(t: Translator, text: str, zone: str) -> str:
    """Return a text that is a day or a moment as the reader writes it; any other text as it is."""
    try:
        if ISO_DAY.fullmatch(text):
            return t.date(date.fromisoformat(text))
        if minute := TO_THE_MINUTE.fullmatch(text):
            return t.datetime(datetime.fromisoformat(f"{minute[1]}+00:00"), zone)
        return t.datetime(datetime.fromisoformat(text), zone) if ISO_MOMENT.fullmatch(text) else text
    except ValueError:
        return text


def _inside(word: str) -> str:
    """Return a word as it stands inside a sentence; abbreviations keep their capitals."""
    return word if word[1:2].isupper() else word[:1].lower() + word[1:]
