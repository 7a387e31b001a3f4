"""The trade's codes in words, as the papers say them."""

from collections.abc import Mapping

from aftersales.translate import N_, Translator

ROLES = {
    "manufacturer": N_("Manufacturer"),
    "owner": N_("Owner"),
    "operator": N_("Operator"),
    "service_partner": N_("Service partner"),
    "supplier": N_("Supplier"),
    "customer": N_("Customer"),
    "technician": N_("Technician"),
    "inspector": N_("Inspector"),
    "tester": N_("Tester"),
    "quality": N_("Quality"),
    "manager": N_("Manager"),
    "dispatcher": N_("Dispatcher"),
}

RESULTS = {
    "ok": N_("In order"),
    "not_ok": N_("Not in order"),
    "done": N_("Done"),
    "not_done": N_("Not done"),
    "not_applicable": N_("Not applicable"),
    "yes": N_("Yes"),
    "no": N_("No"),
}

UNITS = {
    "hours": N_("h"),
    "h": N_("h"),
    "days": N_("days"),
    "cycles": N_("cycles"),
    "months": N_("months"),
    "pcs": N_("pcs"),
    "piece": N_("pcs"),
}

CERTIFICATES = {
    "service": N_("Service certificate"),
    "maintenance": N_("Service certificate"),
    "repair": N_("Repair certificate"),
    "inspection": N_("Inspection certificate"),
    "modernisation": N_("Modernisation certificate"),
    "commissioning": N_("Commissioning certificate"),
    "training": N_("Training certificate"),
}

REMOVAL_REASONS = {
    "failure": N_("Failure"),
    "planned": N_("Planned replacement"),
    "upgrade": N_("Upgrade"),
    "other": N_("Other"),
}

FAILURE_MODES = {
    "BRD": N_("Breakdown"),
    "FTS": N_("Fails to start"),
    "UST": N_("Stops unexpectedly"),
    "ELP": N_("Leaks process medium"),
    "ELU": N_("Leaks oil, coolant or other utility medium"),
    "LOO": N_("Low output"),
    "HIO": N_("High output"),
    "ERO": N_("Erratic output"),
    "NOI": N_("Noise"),
    "OHE": N_("Overheating"),
    "VIB": N_("Vibration"),
    "PDE": N_("Value out of limits"),
    "PLU": N_("Plugged or choked"),
    "AIR": N_("Wrong instrument reading"),
    "STP": N_("Fails to stop"),
    "SER": N_("Minor fault in service"),
    "OTH": N_("Other fault"),
    "UNK": N_("Unknown fault"),
}

MECHANISMS = {
    "mechanical": N_("Mechanical"),
    "material": N_("Material"),
    "instrument": N_("Instrument"),
    "electrical": N_("Electrical"),
    "external": N_("External influence"),
    "other": N_("Other"),
}

CAUSES = {
    "design": N_("Design"),
    "fabrication": N_("Fabrication or installation"),
    "operation": N_("Operation"),
    "maintenance": N_("Maintenance"),
    "management": N_("Management"),
    "other": N_("Other"),
}

DETECTIONS = {
    "operation": N_("Seen in operation"),
    "maintenance": N_("Found at maintenance"),
    "inspection": N_("Found at inspection"),
    "monitoring": N_("Found by monitoring"),
    "other": N_("Other"),
}

COST_CLASSES = {"parts": N_("Parts"), "labour": N_("Labour"), "travel": N_("Travel")}

DOCUMENT_KINDS = {
    "manual": N_("Operating instructions"),
    "maintenance": N_("Maintenance instructions"),
    "parts": N_("Parts catalogue"),
    "declaration": N_("Declaration of conformity"),
    "certificate": N_("Certificate"),
    "drawing": N_("Drawing"),
    "circuit_diagram": N_("Circuit diagram"),
    "test_report": N_("Test report"),
    "safety": N_("Safety instructions"),
    "software": N_("Software"),
    "photo": N_("Photo"),
    "other": N_("Other"),
}

WRITE_OFF_REASONS = {
    "worn_out": N_("Worn out"),
    "uneconomic": N_("Repair would cost more than it is worth"),
    "accident": N_("Damaged in an accident"),
    "unsafe": N_("No longer safe to use"),
    "obsolete": N_("Obsolete, parts no longer available"),
    "lost": N_("Lost or stolen"),
    "other": N_("Other"),
}

DISPOSALS = {
    "scrapped": N_("Scrapped"),
    "recycled": N_("Recycled"),
    "dismantled": N_("Dismantled for parts"),
    "returned": N_("Returned to the manufacturer"),
    "sold": N_("Sold as it stands"),
    "stored": N_("Stored until a decision"),
}


def word(table: Mapping[str, str], code: str, t: Translator) -> str:
    """The code in the reader's language; a code that is not in the table is text already and is printed as it is."""
    return t(table[code]) if code in table else code
