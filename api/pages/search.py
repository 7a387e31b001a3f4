"""The search page."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from aftersales.search import queries
from aftersales.search.queries import Hit, HitKind
from aftersales.translate import N_
from api import auth
from api.http import reading

pages = Blueprint("search_pages", __name__)

KINDS: Mapping[HitKind, tuple[str, str, str]] = {
    HitKind.MACHINE: (N_("Machines"), "gear-wide-connected", "/machines/%d"),
    HitKind.COMPONENT: (N_("Components"), "diagram-3", "/components/%d"),
    HitKind.PART: (N_("Parts"), "box-seam", "/parts/%d"),
    HitKind.WORK_ORDER: (N_("Work orders"), "clipboard-check", "/work-orders/%d"),
    HitKind.CERTIFICATE: (N_("Certificates"), "patch-check", "/certificates/%d"),
    HitKind.FAULT: (N_("Faults"), "exclamation-triangle", "/faults/%d"),
    HitKind.PERSON: (N_("People"), "people", "/people/%d"),
}


@pages.get("/search")
@auth.signed_in
def show_results() -> ResponseReturnValue:
    """Show what was found, by kind."""
    words = request.args.get("words", "").strip()[: queries.LONGEST]
    with reading() as work:
        hits = queries.search(work.session, work.actor, words)
    groups: dict[HitKind, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.kind, []).append(hit)
    return render_template("search.html", words=words, groups=groups, kinds=KINDS, shortest=queries.SHORTEST)
