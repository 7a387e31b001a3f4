"""Steps of a job from the order's page: time, checklist, parts, exchanges, findings, signatures."""

import base64
import binascii
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.errors import Invalid
from aftersales.orders import order_page, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import reading
from api.pages.forms import Done, posted
from api.pages.work_orders import ORDER, back, show_order
from api.schemas.work_orders import (
    ChecklistBody,
    ExchangeBody,
    FindingBody,
    PartUseBody,
    PartUseChangeBody,
    PauseBody,
    SignatureForm,
    StartBody,
    StopBody,
    TimeBody,
)

pages = Blueprint("work_order_steps_pages", __name__)
DRAWN = "data:image/png;base64,"


@pages.post(f"{ORDER}/starts")
@auth.signed_in
@posted(StartBody, again=show_order)
def start_work(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Start one's clock."""
    service.start(work, order_id, **form)
    return back(order_id, N_("Your clock is running"))


@pages.post(f"{ORDER}/pauses")
@auth.signed_in
@posted(PauseBody, again=show_order)
def pause_work(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Rest, with a reason."""
    service.pause(work, order_id, **form)
    return back(order_id, N_("Paused"))


@pages.post(f"{ORDER}/stops")
@auth.signed_in
@posted(StopBody, again=show_order)
def stop_work(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Stop a clock."""
    service.stop(work, order_id, **form)
    return back(order_id, N_("Stopped"))


@pages.post(f"{ORDER}/times")
@auth.signed_in
@posted(TimeBody, again=show_order)
def add_time(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Enter time that is over."""
    service.add_time(work, order_id, **form)
    return back(order_id, N_("The time is entered"))


@pages.post(f"{ORDER}/checklist")
@auth.signed_in
@posted(ChecklistBody, again=show_order)
def fill_checklist(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Fill in the checklist."""
    service.fill_checklist(work, order_id, [service.CheckEntry(**entry) for entry in form["entries"]])
    return back(order_id, N_("The checklist is saved"))


@pages.post(f"{ORDER}/parts")
@auth.signed_in
@posted(PartUseBody, again=show_order)
def add_part(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Put a part on the order."""
    service.add_part(work, order_id, **form)
    return back(order_id, N_("The part is on the job"))


@pages.post(f"{ORDER}/parts/<id:use_id>")
@auth.signed_in
@posted(PartUseChangeBody, again=lambda order_id, use_id: show_order(order_id))
def change_part(work: Work, form: dict[str, Any], order_id: int, use_id: int) -> Done:
    """Say what was used in truth."""
    service.change_part(work, order_id, use_id, **form)
    return back(order_id, N_("Saved"))


@pages.post(f"{ORDER}/parts/<id:use_id>/removal")
@auth.signed_in
@posted(None, again=lambda order_id, use_id: show_order(order_id))
def remove_part(work: Work, form: dict[str, Any], order_id: int, use_id: int) -> Done:
    """Take a part off the order."""
    service.remove_part(work, order_id, use_id)
    return back(order_id, N_("The part is off the job"))


@pages.post(f"{ORDER}/exchanges")
@auth.signed_in
@posted(ExchangeBody, again=show_order)
def add_exchange(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Note a component exchange."""
    service.add_exchange(work, order_id, **form)
    return back(order_id, N_("The exchange is noted; it is booked when the job is closed"))


@pages.post(f"{ORDER}/exchanges/<id:exchange_id>/removal")
@auth.signed_in
@posted(None, again=lambda order_id, exchange_id: show_order(order_id))
def remove_exchange(work: Work, form: dict[str, Any], order_id: int, exchange_id: int) -> Done:
    """Take back the note of an exchange."""
    service.remove_exchange(work, order_id, exchange_id)
    return back(order_id, N_("Taken back"))


@pages.post(f"{ORDER}/findings")
@auth.signed_in
@posted(FindingBody, again=show_order)
def add_finding(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Note what was found."""
    service.add_finding(work, order_id, **form)
    return back(order_id, N_("The finding is noted"))


@pages.post(f"{ORDER}/findings/<id:finding_id>/removal")
@auth.signed_in
@posted(None, again=lambda order_id, finding_id: show_order(order_id))
def remove_finding(work: Work, form: dict[str, Any], order_id: int, finding_id: int) -> Done:
    """Take back a finding."""
    service.remove_finding(work, order_id, finding_id)
    return back(order_id, N_("Taken back"))


@pages.post(f"{ORDER}/signatures")
@auth.signed_in
@posted(SignatureForm, again=show_order)
def sign(work: Work, form: dict[str, Any], order_id: int) -> Done:
    """Sign under the job, drawn or by a typed name."""
    service.sign_off(work, order_id, role=form["role"], name=form["name"], signature_png=_drawn(form["drawing"]))
    return back(order_id, N_("Signed"))


def _drawn(text: str) -> bytes | None:
    """Return the picture that the page's pad made.

    :raises Invalid: it is something else.
    """
    if not text:
        return None
    try:
        return base64.b64decode(text.removeprefix(DRAWN), validate=True)
    except binascii.Error as fault:
        raise Invalid(N_("The signature is not a small PNG picture"), code="signature") from fault


@pages.get(f"{ORDER}/signatures/<id:sign_off_id>")
@auth.signed_in
def show_signature(order_id: int, sign_off_id: int) -> ResponseReturnValue:
    """Show a drawn signature."""
    with reading() as work:
        require(work.actor, Permission.ORDER_READ)
        content = work.files.get(order_page.signature(work.session, work.actor, order_id, sign_off_id))
    return Response(content, content_type="image/png")
