"""The start page: for each role what matters to it first, from all rooms."""

from collections.abc import Mapping

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aftersales.access import Actor, Permission
from aftersales.vocabulary import Role
from api import auth
from api.http import reading
from api.pages import navigation
from api.pages.home_sections import SHOWN, Look

pages = Blueprint("home_pages", __name__)
P = Permission

# Section (a template under home/): what one must be allowed to, and the page it leads to.
SECTIONS: Mapping[str, tuple[Permission, str]] = {
    "report": (P.FAULT_REPORT, "/faults/new"),
    "faults": (P.FAULT_READ, "/faults"),
    "machines": (P.REGISTRY_READ, "/machines"),
    "figures": (P.MAINTENANCE_READ, "/due"),
    "my_orders": (P.ORDER_WORK, "/work-orders"),
    "due": (P.MAINTENANCE_READ, "/due"),
    "forecast": (P.FORECAST_READ, "/forecast"),
    "to_order": (P.FORECAST_READ, "/reorder"),
    "states": (P.REGISTRY_READ, "/machines"),
    "fault_ages": (P.FAULT_READ, "/faults"),
    "endings": (P.WARRANTY_READ, "/warranty"),
}
LAYOUT: Mapping[Role, tuple[str, ...]] = {
    Role.OPERATOR: ("report", "faults", "machines", "due"),
    Role.TECHNICIAN: ("figures", "my_orders", "due", "faults"),
    Role.DISPATCHER: ("figures", "my_orders", "due", "faults", "endings"),
    Role.STOREKEEPER: ("to_order", "faults"),
    Role.QUALITY: ("figures", "states", "faults"),
    Role.PLANNER: ("figures", "forecast", "to_order", "due", "endings"),
    Role.MANAGER: ("figures", "states", "fault_ages", "due", "endings", "faults"),
    Role.ADMIN: ("figures", "states", "fault_ages", "due", "endings", "faults", "forecast"),
}
WIDE = frozenset({"report", "figures"})


def sections_for(actor: Actor) -> list[str]:
    """Return the sections of a person's start page that their permissions and the pages there are allow."""
    if actor.role is None:
        return []
    return [
        name for name in LAYOUT[actor.role] if actor.may(SECTIONS[name][0]) and navigation.exists(SECTIONS[name][1])
    ]


@pages.get("/")
@auth.signed_in
def show_home() -> ResponseReturnValue:
    """Show the start page."""
    with reading() as work:
        names = sections_for(work.actor)
        return render_template(
            "home/home.html",
            look=Look(work),
            now=work.now,
            shown=SHOWN,
            wide=[name for name in names if name in WIDE],
            cards=[name for name in names if name not in WIDE],
        )
