"""Certificates: list, page, PDF; and the public page that says whether a paper is genuine and still stands."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from aftersales.access import Permission, require
from aftersales.certificates import queries, service
from aftersales.certificates.queries import PublicCertificate
from aftersales.certificates.rules import PaperCheck
from aftersales.errors import NotFound
from aftersales.models import Machine, WorkOrder
from aftersales.papers.words import UNITS, word
from aftersales.translate import N_, Translator
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import paged, reading, transaction
from api.pages.forms import Done, done, load_query, posted
from api.schemas.certificates import CertificateQuery, CertificateWithdrawalBody

pages = Blueprint("certificates_pages", __name__)
CERTIFICATE = "/certificates/<id:certificate_id>"


@pages.get("/certificates")
@auth.signed_in
def list_certificates() -> ResponseReturnValue:
    """List certificates."""
    query = load_query(CertificateQuery)
    limit = query.pop("limit")
    with reading() as work:
        require(work.actor, Permission.CERTIFICATE_READ)
        lines = queries.certificates(work.session, work.actor, limit=limit + 1, **query)
        page = paged(lines, limit, key=lambda line: line.certificate.id)
        return render_template("certificates/list.html", page=page)


@pages.get(CERTIFICATE)
@auth.signed_in
def show_certificate(certificate_id: int) -> ResponseReturnValue:
    """Show a certificate's record."""
    with reading() as work:
        require(work.actor, Permission.CERTIFICATE_READ)
        row = queries.certificate(work.session, work.actor, certificate_id)
        machine = work.session.get_one(Machine, row.machine_id)
        order = work.session.get(WorkOrder, row.work_order_id) if row.work_order_id else None
        return render_template(
            "certificates/page.html",
            certificate=row,
            readable=_readable(work, certificate_id),
            may_withdraw=work.actor.may(Permission.CERTIFICATE_WITHDRAW)
            and row.issuer_id == work.actor.organization_id
            and row.withdrawn_at is None,
            machine_link=_link(f"/machines/{machine.id}", machine.serial_number),
            order_link=_link(f"/work-orders/{order.id}", order.number) if order else None,
        )


def _link(href: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(href, text)


def _readable(work: Work, certificate_id: int) -> bool:
    try:
        queries.paper(work.session, work.actor, certificate_id)
    except NotFound:
        return False
    return True


@pages.get(f"{CERTIFICATE}/pdf")
@auth.signed_in
def show_pdf(certificate_id: int) -> ResponseReturnValue:
    """Show the signed PDF, made now when the job has not made it yet."""
    with transaction() as work:
        number = queries.paper(work.session, work.actor, certificate_id).number
        content = service.pdf(work, certificate_id)
    response = Response(content, content_type="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{number}.pdf")
    return response


@pages.post(f"{CERTIFICATE}/withdrawal")
@auth.signed_in
@posted(CertificateWithdrawalBody, again=show_certificate, versioned=True)
def withdraw(work: Work, form: dict[str, Any], certificate_id: int, expected_version: int | None) -> Done:
    """Withdraw a certificate."""
    service.withdraw(work, certificate_id, form["reason"], expected_version)
    return done(url_for(".show_certificate", certificate_id=certificate_id), N_("The certificate is withdrawn"))


@pages.get("/c/<public_id:public_id>")
@auth.public
def show_public_certificate(public_id: str) -> ResponseReturnValue:
    """Say what was certified and whether it still stands."""
    return _public(public_id, None)


@pages.post("/c/<public_id:public_id>")
@auth.public
def check_paper(public_id: str) -> ResponseReturnValue:
    """Say whether a PDF is the unaltered paper."""
    sent = request.files.get("paper")
    with reading() as work:
        outcome = service.check_pdf(work, public_id, sent.read() if sent else b"")
    return _public(public_id, outcome)


def _public(public_id: str, outcome: PaperCheck | None) -> ResponseReturnValue:
    t = speak()
    with reading() as work:
        certificate = queries.public(work.session, public_id)
        return render_template(
            "certificates/public.html",
            certificate=certificate,
            outcome=outcome,
            dates=_dates(certificate, t),
            due=[(str(line["task"]), _when(line, t)) for line in certificate.next_due],
        )


def _dates(certificate: PublicCertificate, t: Translator) -> list[tuple[str, str]]:
    named = (
        (t.gettext(N_("From")), certificate.starts_on),
        (t.gettext(N_("Until")), certificate.ends_on),
        (t.gettext(N_("With effect from")), certificate.effective_on),
    )
    return [(name, t.date(date.fromisoformat(day))) for name, day in named if day]


def _when(line: dict[str, Any], t: Translator) -> str:
    day = t.date(date.fromisoformat(line["on"])) if line.get("on") else ""
    at = t.quantity(Decimal(line["at"]), word(UNITS, line.get("unit", ""), t)) if line.get("at") else ""
    if day and at:
        return t.gettext(N_("%(day)s or at %(value)s, whichever comes first"), day=day, value=at)
    return at or day
