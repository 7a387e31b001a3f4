"""What an entry of the audit trail says, in words: what was done, to what, and where that is to be looked at."""

from collections.abc import Mapping

from aftersales.translate import N_, Translator

DEEDS: Mapping[str, str] = {
    "create": N_("added"),
    "update": N_("changed"),
    "delete": N_("taken away"),
    "ingest": N_("taken in"),
    "import": N_("imported"),
    "import_undo": N_("import taken back"),
    "request": N_("asked for"),
    "sign_in": N_("signed in"),
}
THINGS: Mapping[str, str] = {
    "acceptance_result": N_("Acceptance result"),
    "alternate": N_("Alternate of a part"),
    "api_token": N_("API token"),
    "certificate": N_("Certificate"),
    "checklist_item": N_("Check of a maintenance task"),
    "checklist_result": N_("Checklist result"),
    "component": N_("Component"),
    "component_exchange": N_("Exchange of a component"),
    "coverage": N_("Who pays for a line"),
    "demand_gap": N_("Month without demand data"),
    "demand_record": N_("Demand"),
    "document": N_("Document"),
    "extension_offer": N_("Warranty extension offer"),
    "failure_record": N_("Failure"),
    "fault_event": N_("Step of a fault"),
    "fault_photo": N_("Photo of a fault"),
    "fault_report": N_("Fault"),
    "finding": N_("Finding"),
    "fleet_plan_entry": N_("Fleet plan"),
    "forecast_run": N_("Forecast"),
    "import_run": N_("Import"),
    "installation": N_("Installed component"),
    "lifecycle_event": N_("State of a machine"),
    "location": N_("Place or van"),
    "machine": N_("Machine"),
    "machine_model": N_("Model"),
    "machine_party": N_("Party of a machine"),
    "meter_segment": N_("Display of a meter"),
    "model_option": N_("Option of a model"),
    "order_correction": N_("Correction of a work order"),
    "organization": N_("Organisation"),
    "part": N_("Part"),
    "part_decision": N_("Decision about a part"),
    "part_use": N_("Part on a work order"),
    "passport": N_("Passport"),
    "passport_entry": N_("Passport entry"),
    "plan_run": N_("Supply plan"),
    "planned_order_step": N_("Step of a planned order"),
    "position": N_("Position of a model"),
    "programme": N_("Maintenance programme"),
    "programme_task": N_("Maintenance task"),
    "reading": N_("Meter reading"),
    "reservation": N_("Stock set aside"),
    "sign_off": N_("Signature"),
    "signing_certificate": N_("Key that signs papers"),
    "site": N_("Site"),
    "stock_count": N_("Count"),
    "stock_move": N_("Stock move"),
    "stock_policy_set": N_("Stock policy"),
    "supersession": N_("Supersession"),
    "supply_order": N_("Supply order"),
    "supply_order_event": N_("Step of a supply order"),
    "supply_order_line": N_("Line of a supply order"),
    "supply_receipt": N_("Receipt on a supply order"),
    "task_completion": N_("Maintenance done"),
    "task_kit_line": N_("Part of a maintenance task"),
    "test_characteristic": N_("Characteristic of the acceptance test"),
    "test_template": N_("Acceptance test of a model"),
    "time_entry": N_("Working time"),
    "user_account": N_("Person"),
    "user_link": N_("Link for a person"),
    "warranty": N_("Warranty"),
    "warranty_clause": N_("Warranty clause"),
    "warranty_policy": N_("Warranty policy"),
    "work_order": N_("Work order"),
    "work_order_fault": N_("Fault of a work order"),
    "work_order_task": N_("Task of a work order"),
}
PAGES: Mapping[str, str] = {
    "certificate": "/certificates/",
    "component": "/components/",
    "extension_offer": "/warranty/offers/",
    "fault_report": "/faults/",
    "forecast_run": "/forecast/runs/",
    "location": "/stock/locations/",
    "machine": "/machines/",
    "machine_model": "/models/",
    "part": "/parts/",
    "plan_run": "/planning/plans/",
    "programme": "/programmes/",
    "stock_policy_set": "/planning/policies/",
    "supply_order": "/supply-orders/",
    "user_account": "/people/",
    "work_order": "/work-orders/",
}


def deed(t: Translator, action: str, thing: str) -> str:
    """Return what an entry says happened, such as "Certificate changed"; an unknown word stays as it is."""
    what, how = t.gettext(THINGS.get(thing, thing)), t.gettext(DEEDS.get(action, action))
    return f"{what}: {how}"


def where(thing: str, number: str) -> str | None:
    """Return the address of the page that shows the object, if it has one."""
    return f"{PAGES[thing]}{number}" if thing in PAGES and number.isdigit() else None
