"""A machine's hours: the chart of its life, entering readings, the ledger, corrections, replaced displays."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.charts import Fan, FanPoint, Value, draw
from aftersales.registry import queries as registry
from aftersales.translate import N_
from aftersales.usage import listing, outlook, queries, service
from aftersales.usage.queries import MeterView
from aftersales.usage.rules import Point, Utilisation, decimal, moment, predict_life
from aftersales.vocabulary import MeterKind, ReadingKind
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.machines import MACHINE
from api.pages.setup import translator, word
from api.schemas.usage import (
    CorrectionForm,
    HoursPageQuery,
    MeterBody,
    PredictionQuery,
    ReadingBody,
    ReadingQuery,
    ReplacementBody,
    WithdrawalBody,
)

pages = Blueprint("hours_pages", __name__)
HOURS = MACHINE + "/hours"
UNITS = {MeterKind.HOURS: "h", MeterKind.CYCLES: "", MeterKind.KILOMETRES: "km", MeterKind.KILOWATT_HOURS: "kWh"}
AHEAD = 120


def chosen(meters: list[MeterView], kind: MeterKind) -> MeterView | None:
    """Return the meter of a kind, else the first one there is."""
    return next((meter for meter in meters if meter.kind is kind), meters[0] if meters else None)


@pages.get(HOURS)
@auth.signed_in
def show_hours(machine_id: int) -> ResponseReturnValue:
    """Show a machine's hours: how many, how fast, what to expect, and every reading."""
    query, asked = load_query(HoursPageQuery), load_query(PredictionQuery)
    with reading() as work:
        session, actor = work.session, work.actor
        page = registry.machine_page(session, actor, machine_id)
        meters = queries.meters(session, actor, machine_id)
        meter = chosen(meters, query["kind"])
        kind = meter.kind if meter else query["kind"]
        rows = listing.readings(session, actor, machine_id, kind, after=query["after"], limit=query["limit"] + 1)
        use = outlook.utilisation(session, actor, machine_id, kind, work.now) if page.current else None
        asked = {**asked, "kind": kind}
        seen = outlook.predict(session, actor, machine_id, now=work.now, **asked) if page.current else None
        then = work.now + timedelta(days=90)
        return render_template(
            "hours/hours.html",
            page=page,
            machine=page.machine,
            meters=meters,
            meter=meter,
            unit=UNITS[kind],
            use=use,
            asked=asked,
            outlook=seen,
            later=queries.predicted_life(session, machine_id, kind, then, use),
            readings=paged(rows, query["limit"], key=lambda row: row.key),
            points=queries.history(session, actor, machine_id, kind, most=24),
            moment_of=moment,
            value_of=decimal,
            missing=[kind for kind in MeterKind if kind not in {meter.kind for meter in meters}],
        )


@pages.get(HOURS + ".svg")
@auth.signed_in
def draw_hours(machine_id: int) -> ResponseReturnValue:
    """Draw the life of a machine and what is to be expected."""
    kind = load_query(ReadingQuery)["kind"]
    with reading() as work:
        session, actor = work.session, work.actor
        points = queries.history(session, actor, machine_id, kind, most=150)
        current = queries.seen(session, actor, machine_id)[1] is None
        use = outlook.utilisation(session, actor, machine_id, kind, work.now) if points and current else None
    t = translator()
    spec = Fan(
        title=t.gettext(N_("Life of the machine")),
        description=t.gettext(N_("What was read, and what is to be expected over the next %(days)s days"), days=AHEAD),
        unit=UNITS[kind] or word(kind),
        history=tuple(Value(day=moment(point.at).date(), value=decimal(point.life)) for point in points),
        forecast=tuple(_expected(points[-1], use)) if use else (),
    )
    return Response(draw(spec, t).svg(), content_type="image/svg+xml")


def _expected(last: Point, use: Utilisation) -> Iterator[FanPoint]:
    """Yield what is to be expected every ten days from the last reading on, with its 90 % band."""
    for days in range(0, AHEAD + 1, 10):
        then = predict_life(decimal(last.life), days, use)
        high = then.life if then.high is None else then.high
        day = moment(last.at).date() + timedelta(days=days)
        yield FanPoint(day=day, mean=then.life, quantiles=((0.05, then.low), (0.95, high)))


@pages.post(HOURS)
@auth.signed_in
@posted(ReadingBody, again=show_hours)
def enter_reading(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """Enter what the meter shows."""
    kind = ReadingKind.ESTIMATED if form["estimated"] else ReadingKind.MEASURED
    row = service.record(work, machine_id, form["kind"], form["at"], form["display"], kind)
    address = url_for(".show_hours", machine_id=machine_id, kind=form["kind"].value)
    return done(address, N_("Recorded: %(display)s"), display=f"{row.display.normalize():f}")


@pages.get(HOURS + "/meter")
@auth.signed_in
def show_fitting(machine_id: int) -> ResponseReturnValue:
    """Ask which meter is fitted."""
    with reading() as work:
        page = registry.machine_page(work.session, work.actor, machine_id)
        there = {meter.kind for meter in queries.meters(work.session, work.actor, machine_id)}
        missing = [kind for kind in MeterKind if kind not in there]
        return render_template("hours/fit.html", page=page, machine=page.machine, missing=missing)


@pages.post(HOURS + "/meter")
@auth.signed_in
@posted(MeterBody, again=show_fitting)
def fit_meter(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """Fit a machine with a meter."""
    said = {name: value for name, value in form.items() if value is not None}
    meter = service.fit_meter(work, machine_id, **said)
    address = url_for(".show_hours", machine_id=machine_id, kind=meter.kind.value)
    return done(address, N_("The meter is fitted"))


@pages.get(HOURS + "/replacement")
@auth.signed_in
def show_replacement(machine_id: int) -> ResponseReturnValue:
    """Ask what the old display showed last and the new one shows first."""
    with reading() as work:
        require(work.actor, Permission.READING_CORRECT)
        page = registry.machine_page(work.session, work.actor, machine_id)
        meters = queries.meters(work.session, work.actor, machine_id)
        meter = chosen(meters, load_query(ReadingQuery)["kind"])
        return render_template("hours/replace.html", page=page, machine=page.machine, meters=meters, meter=meter)


@pages.post(HOURS + "/replacement")
@auth.signed_in
@posted(ReplacementBody, again=show_replacement)
def replace_display(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """Replace a display; the machine keeps its life."""
    said = {name: value for name, value in form.items() if value is not None}
    meter = service.replace_meter(work, machine_id, **said)
    address = url_for(".show_hours", machine_id=machine_id, kind=meter.kind.value)
    message = N_("The display is replaced; the machine keeps its %(life)s")
    return done(address, message, life=f"{meter.latest_life.normalize():f}")


@pages.get("/readings/<id:reading_id>")
@auth.signed_in
def show_reading(reading_id: int) -> ResponseReturnValue:
    """Show a reading, who countered it and why, and what can be done."""
    with reading() as work:
        row = listing.reading(work.session, work.actor, reading_id)
        page = registry.machine_page(work.session, work.actor, row.machine_id)
        return render_template(
            "hours/reading.html", reading=row, page=page, machine=page.machine, unit=UNITS[row.meter_kind]
        )


@pages.post("/readings/<id:reading_id>/corrections")
@auth.signed_in
@posted(CorrectionForm, again=show_reading)
def correct_reading(work: Work, form: dict[str, Any], reading_id: int) -> Done:
    """Counter a reading by the right value."""
    row = service.correct(work, reading_id, form["display"], form["reason"])
    return done(url_for(".show_reading", reading_id=row.corrects_id), N_("The reading is corrected"))


@pages.post("/readings/<id:reading_id>/withdrawal")
@auth.signed_in
@posted(WithdrawalBody, again=show_reading)
def withdraw_reading(work: Work, form: dict[str, Any], reading_id: int) -> Done:
    """Have a reading not count any more."""
    row = service.correct(work, reading_id, None, form["reason"])
    return done(url_for(".show_reading", reading_id=row.corrects_id), N_("The reading is withdrawn"))
