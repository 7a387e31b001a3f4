"""Stock planning: the policy workbench, what was adopted, and what is decided about single parts."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from aftersales.access import Permission, require
from aftersales.charts import Curves, Line, draw
from aftersales.errors import Invalid, RuleBroken
from aftersales.planning.supply import export, policy, queries
from aftersales.planning.supply.rules.choosing import FLOORS
from aftersales.translate import N_, Translator
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.setup import translator
from api.routes.forecasts import xlsx_file
from api.schemas.base import NumberPageQuery
from api.schemas.stock_policy import AdoptBody, DecisionBody, TargetQuery

pages = Blueprint("planning_pages", __name__)
NEARLY_ALL = 0.9995
"""Availability up to which the curve is drawn; beyond, it climbs out of the picture."""


@pages.get("/planning")
@auth.signed_in
def show_policy() -> ResponseReturnValue:
    """Show the workbench for a target."""
    with reading() as work:
        require(work.actor, Permission.PLAN_READ)
        try:
            bench, refused = _bench(work)
        except RuleBroken as error:
            return render_template("planning/empty.html", why=error)
        return render_template(
            "planning/policy.html",
            bench=bench,
            refused=refused,
            asked=_asked(),
            in_force=next(iter(queries.policies(work.session, work.actor, limit=1)), None),
            shown=bench.changes[: policy.SHOWN],
            query_string=request.query_string.decode("ascii", "replace"),
            may=work.actor.may(Permission.PLAN_MANAGE),
        )


@pages.post("/planning")
@auth.signed_in
@posted(AdoptBody, again=show_policy)
def adopt_policy(work: Work, form: dict[str, Any]) -> Done:
    """Adopt the policy that was looked at."""
    made = policy.adopt(work, **form)
    return done(url_for(".list_policies"), N_("Policy %(number)s is in force"), number=made.number)


@pages.get("/planning/curve.svg")
@auth.signed_in
def draw_curve() -> ResponseReturnValue:
    """Draw the curve with today's policy and the one chosen."""
    with reading() as work:
        bench = policy.workbench(work.session, work.actor, **load_query(TargetQuery))
        return Response(draw(_curve(bench, translator()), translator()).svg(), content_type="image/svg+xml")


@pages.get("/planning/policy.xlsx")
@auth.signed_in
def export_policy() -> ResponseReturnValue:
    """Export what a target changes, part by part."""
    with reading() as work:
        bench = policy.workbench(work.session, work.actor, **load_query(TargetQuery))
        return xlsx_file(export.changes_sheet(bench, speak()).xlsx("stock-policy"), "stock-policy.xlsx")


@pages.get("/planning/policies")
@auth.signed_in
def list_policies() -> ResponseReturnValue:
    """List the policies adopted."""
    query = load_query(NumberPageQuery)
    with reading() as work:
        rows = queries.policies(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
        return render_template("planning/policies.html", page=paged(rows, query["limit"]))


@pages.get("/planning/policies/<id:stock_policy_id>")
@auth.signed_in
def show_adopted(stock_policy_id: int) -> ResponseReturnValue:
    """Show what a policy keeps."""
    query = load_query(NumberPageQuery)
    with reading() as work:
        view = queries.policy(work.session, work.actor, stock_policy_id)
        after, limit = query["after"], query["limit"]
        rows = queries.policy_lines(work.session, work.actor, stock_policy_id, after=after, limit=limit + 1)
        return render_template("planning/adopted.html", view=view, page=paged(rows, limit))


@pages.get("/planning/parts")
@auth.signed_in
def list_parts() -> ResponseReturnValue:
    """List the parts with the criticality that holds and that is proposed."""
    query = load_query(NumberPageQuery)
    with reading() as work:
        only = request.args.get("everything") != "true"
        after, limit = query["after"], query["limit"]
        rows = queries.parts(work.session, work.actor, only_different=only, after=after, limit=limit + 1)
        return render_template("planning/parts.html", page=paged(rows, limit), everything=not only)


@pages.get("/planning/parts/<id:part_id>")
@auth.signed_in
def show_part(part_id: int) -> ResponseReturnValue:
    """Show what was decided about a part, and a form to decide."""
    with reading() as work:
        return render_template(
            "planning/part.html",
            view=queries.part(work.session, work.actor, part_id),
            decided=queries.decisions(work.session, work.actor, part_id),
            may=work.actor.may(Permission.PLAN_MANAGE),
        )


@pages.post("/planning/parts/<id:part_id>")
@auth.signed_in
@posted(DecisionBody, again=show_part)
def decide_part(work: Work, form: dict[str, Any], part_id: int) -> Done:
    """Decide about a part."""
    policy.decide(work, part_id, **form)
    return done(url_for(".show_part", part_id=part_id), N_("Kept. The next policy takes it into account."))


def _bench(work: Work) -> tuple[policy.Workbench, Invalid | None]:
    """The workbench for what was asked for; where that cannot be met, for the usual target and why."""
    try:
        return policy.workbench(work.session, work.actor, **load_query(TargetQuery)), None
    except ValidationError:
        message = N_("Give the availability in per cent and the budget as a number")
        return policy.workbench(work.session, work.actor), Invalid(message)
    except Invalid as error:
        return policy.workbench(work.session, work.actor), error


def _asked() -> dict[str, str]:
    """What the form shows: what was asked for, else what is usual."""
    usual = {f"{name}_percent": f"{share * 100:.0f}" for name, share in FLOORS.items()}
    names = ("availability_percent", "budget", *usual)
    given = {name: request.args[name][:20] for name in names if request.args.get(name)}
    return usual | given if "budget" in given else usual | {"availability_percent": "95"} | given


def _curve(bench: policy.Workbench, t: Translator) -> Curves:
    weighed, currency = bench.weighed, bench.known.currency
    furthest = max(weighed.chosen.availability, weighed.today.availability, NEARLY_ALL)
    points = [(money, share) for money, share, _ in bench.points() if share <= furthest]
    return Curves(
        title=t.gettext(N_("Money in stock and requests served at once")),
        description=t.gettext(N_("What each sum of money serves, with today's policy and the one chosen")),
        x_label=f"{t.gettext(N_('Money in stock'))} ({currency})",
        y_label=t.gettext(N_("Requests served at once")),
        share=True,
        lines=(
            Line(name=t.gettext(N_("Best for the money")), points=tuple(points)),
            Line(name=t.gettext(N_("Chosen")), points=_upright(weighed.chosen)),
            Line(name=t.gettext(N_("Today's policy")), points=_upright(weighed.today)),
        ),
    )


def _upright(found: Any) -> tuple[tuple[float, float], ...]:
    """A line from the axis up to where a policy lies."""
    return ((found.investment, 0.0), (found.investment, found.availability))
