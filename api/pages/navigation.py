"""What can be gone to: the main entries by permission, and the tabs of a machine. Only what is there is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, request

from aftersales.access import Permission
from aftersales.translate import N_
from aftersales.vocabulary import Role
from api import auth


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to go to; ``label`` is a catalogue key, ``path`` the rule as it stands in the URL map."""

    path: str
    label: str
    icon: str
    permission: Permission | None = None

    @property
    def current(self) -> bool:
        """Whether the request is for this entry or something under it."""
        return request.path == self.path or (self.path != "/" and request.path.startswith(self.path + "/"))


HOME = Entry("/", N_("Home"), "house")
MAIN = (
    Entry("/machines", N_("Machines"), "gear-wide-connected", Permission.REGISTRY_READ),
    Entry("/due", N_("Due"), "calendar-check", Permission.MAINTENANCE_READ),
    Entry("/faults", N_("Faults"), "exclamation-triangle", Permission.FAULT_READ),
    Entry("/work-orders", N_("Work orders"), "clipboard-check", Permission.ORDER_READ),
    Entry("/certificates", N_("Certificates"), "patch-check", Permission.CERTIFICATE_READ),
    Entry("/parts", N_("Parts"), "box-seam", Permission.PART_READ),
    Entry("/stock", N_("Stock"), "boxes", Permission.STOCK_READ),
    Entry("/supply-orders", N_("Orders to suppliers"), "truck", Permission.SUPPLY_READ),
    Entry("/forecast", N_("Forecast"), "graph-up", Permission.FORECAST_READ),
    Entry("/planning", N_("Planning"), "clipboard-data", Permission.PLAN_READ),
    Entry("/reliability", N_("Reliability"), "activity", Permission.REGISTRY_READ),
    Entry("/warranty", N_("Warranty"), "shield-check", Permission.WARRANTY_READ),
    Entry("/people", N_("People"), "people", Permission.PEOPLE_READ),
)
REPORT = Entry("/faults/new", N_("Report a fault"), "exclamation-triangle-fill", Permission.FAULT_REPORT)

THUMB: Mapping[Role | None, tuple[str, ...]] = {
    Role.OPERATOR: ("/machines", "/faults", "/due"),
    Role.TECHNICIAN: ("/work-orders", "/due", "/faults"),
    Role.DISPATCHER: ("/work-orders", "/due", "/faults"),
    Role.STOREKEEPER: ("/stock", "/parts", "/work-orders"),
    Role.PLANNER: ("/forecast", "/stock", "/parts"),
}

UNDER_MACHINE = "/machines/<id:machine_id>"
MACHINE = (
    Entry("", N_("Overview"), "house", Permission.REGISTRY_READ),
    Entry("/passport", N_("Passport"), "patch-check", Permission.REGISTRY_READ),
    Entry("/components", N_("Components"), "diagram-3", Permission.REGISTRY_READ),
    Entry("/hours", N_("Hours"), "speedometer2", Permission.USAGE_READ),
    Entry("/faults", N_("Faults"), "exclamation-triangle", Permission.FAULT_READ),
    Entry("/maintenance", N_("Maintenance"), "calendar-check", Permission.MAINTENANCE_READ),
    Entry("/work-orders", N_("Work orders"), "clipboard-check", Permission.ORDER_READ),
    Entry("/warranty", N_("Warranty"), "shield-check", Permission.WARRANTY_READ),
    Entry("/documents", N_("Documents"), "file-earmark-text", Permission.REGISTRY_READ),
    Entry("/history", N_("History"), "clock-history", Permission.REGISTRY_READ),
)


def exists(rule: str) -> bool:
    """Tell whether the URL map has a page under this rule."""
    rules = current_app.extensions.setdefault("page_rules", set())
    if not rules:
        rules.update(rule.rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    return rule in rules


def _may(entry: Entry) -> bool:
    return entry.permission is None or auth.actor().may(entry.permission)


def main() -> list[Entry]:
    """Return the main entries the actor may go to."""
    return [entry for entry in MAIN if _may(entry) and exists(entry.path)]


def thumb() -> list[Entry]:
    """Return the few entries of the bar at the bottom of a telephone, by what the person does."""
    paths = THUMB.get(auth.actor().role, ("/machines", "/due", "/faults"))
    return [HOME, *(entry for path in paths for entry in main() if entry.path == path)]


def machine_tabs(machine_id: int) -> list[Entry]:
    """Return a machine's tabs that the actor may open, with the paths of this machine."""
    return [
        Entry(f"/machines/{machine_id}{entry.path}", entry.label, entry.icon, entry.permission)
        for entry in MACHINE
        if _may(entry) and exists(UNDER_MACHINE + entry.path)
    ]


def may_report() -> bool:
    """Tell whether the actor can report a fault here."""
    return _may(REPORT) and exists(REPORT.path)
