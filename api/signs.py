"""The sign and tone of the vocabulary's badges. Meaning is never in colour alone."""

from collections.abc import Mapping
from enum import StrEnum

from aftersales import vocabulary as v

GOOD, GOING, CARE, BAD, QUIET = "good", "going", "care", "bad", "quiet"
PLAIN = (QUIET, "dash-circle")

# Tone and icon of what is a state; whatever is not here gets the plain badge.
SIGNS: Mapping[type[StrEnum], Mapping[str, tuple[str, str]]] = {
    v.DueStatus: {
        "overdue": (BAD, "exclamation-octagon-fill"),
        "due": (CARE, "bell-fill"),
        "due_soon": (GOING, "clock"),
        "ok": (GOOD, "check-circle-fill"),
        "done": (QUIET, "check-lg"),
        "unknown": (QUIET, "question-circle"),
    },
    v.Health: {
        "good": (GOOD, "check-circle-fill"),
        "attention": (CARE, "exclamation-triangle-fill"),
        "critical": (BAD, "exclamation-octagon-fill"),
        "out_of_service": (QUIET, "moon"),
    },
    v.MachineState: {
        "planned": (QUIET, "calendar-check"),
        "in_production": (GOING, "gear-wide-connected"),
        "passport_issued": (GOING, "patch-check"),
        "shipped": (GOING, "truck"),
        "commissioned": (GOOD, "check-circle-fill"),
        "in_operation": (GOOD, "play-circle-fill"),
        "standby": (QUIET, "pause-circle-fill"),
        "down": (BAD, "x-octagon-fill"),
        "under_repair": (CARE, "wrench"),
        "under_modernisation": (CARE, "tools"),
        "transferred": (QUIET, "arrow-left-right"),
        "decommissioned": (QUIET, "slash-circle"),
        "written_off": (QUIET, "slash-circle"),
        "disposed": (QUIET, "trash"),
    },
    v.FaultState: {
        "reported": (BAD, "exclamation-triangle-fill"),
        "received": (CARE, "bell"),
        "in_progress": (GOING, "wrench"),
        "resolved": (GOOD, "check-circle"),
        "confirmed": (GOOD, "check-circle-fill"),
        "reopened": (BAD, "arrow-repeat"),
        "duplicate": (QUIET, "files"),
        "rejected": (QUIET, "slash-circle"),
    },
    v.Severity: {
        "low": (QUIET, "info-circle"),
        "medium": (GOING, "info-circle-fill"),
        "high": (CARE, "exclamation-triangle-fill"),
        "very_high": (BAD, "exclamation-octagon-fill"),
    },
    v.OrderState: {
        "draft": (QUIET, "pencil"),
        "planned": (GOING, "calendar-check"),
        "in_progress": (GOING, "play-circle-fill"),
        "paused": (CARE, "pause-circle-fill"),
        "done": (GOOD, "check-circle"),
        "closed": (GOOD, "check-circle-fill"),
        "cancelled": (QUIET, "slash-circle"),
    },
    v.CertificateState: {"genuine": (GOOD, "patch-check"), "withdrawn": (BAD, "x-octagon-fill")},
    v.OfferState: {
        "offered": (GOING, "send"),
        "accepted": (GOOD, "check-circle-fill"),
        "refused": (QUIET, "slash-circle"),
        "expired": (QUIET, "hourglass-split"),
    },
    v.Condition: {
        "new": (GOOD, "box-seam"),
        "second_category": (GOING, "arrow-repeat"),
        "core": (QUIET, "arrow-left-right"),
        "quarantined": (CARE, "exclamation-triangle-fill"),
    },
    v.SupplyState: {
        "draft": (QUIET, "pencil"),
        "approved": (GOING, "check-circle"),
        "sent": (GOING, "send"),
        "part_received": (CARE, "box-seam"),
        "received": (GOOD, "check-circle-fill"),
        "cancelled": (QUIET, "slash-circle"),
    },
    v.SupplyKind: {
        "purchase": (QUIET, "truck"),
        "production": (QUIET, "gear-wide-connected"),
        "refurbishment": (QUIET, "arrow-repeat"),
    },
    v.Criticality: {
        "vital": (BAD, "exclamation-octagon-fill"),
        "essential": (CARE, "exclamation-triangle-fill"),
        "desirable": (QUIET, "info-circle"),
    },
    v.ReadingKind: {
        "measured": (GOOD, "speedometer2"),
        "estimated": (CARE, "question-circle"),
        "correction": (GOING, "pencil"),
        "void": (QUIET, "slash-circle"),
    },
    v.Payer: {
        "warranty": (GOOD, "shield-check"),
        "extension": (GOOD, "shield-plus"),
        "contract": (GOING, "file-earmark-text"),
        "goodwill": (GOING, "heart"),
        "supplier": (GOING, "truck"),
        "customer": (QUIET, "person-circle"),
    },
}


def sign_of(value: StrEnum | str | None) -> tuple[str, str]:
    """Return tone and icon of a vocabulary value's badge."""
    return SIGNS.get(type(value), {}).get(value.value, PLAIN) if isinstance(value, StrEnum) else PLAIN
