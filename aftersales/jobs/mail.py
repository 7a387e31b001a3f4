"""Mail through SMTP when an address is set; without one the log says what would have gone out, less its secret."""

import smtplib
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

from aftersales.models import User
from aftersales.settings import Settings
from aftersales.translate import N_, translator
from aftersales.work import Work

log = structlog.get_logger("aftersales.mail")
SUBJECTS = {"invitation": N_("Your invitation to Aftersales"), "reset": N_("Set a new password for Aftersales")}
BODIES = {
    "invitation": N_("Hello %(name)s,\n\nset your password here within seven days:\n%(address)s\n"),
    "reset": N_("Hello %(name)s,\n\nset a new password here within two hours:\n%(address)s\n"),
}


def send(settings: Settings, message: EmailMessage) -> None:
    """Send a message through the server in ``smtp_url`` (smtp:// or smtps://, user and password in it if needed)."""
    if not settings.smtp_url:
        log.info("no mail server is set; not sent", to=message["To"], subject=message["Subject"])
        return
    url = urlsplit(settings.smtp_url)
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with kind(url.hostname or "localhost", url.port or 0, timeout=20) as server:
        if url.username and url.password:
            server.login(unquote(url.username), unquote(url.password))
        server.send_message(message)


def handle_mail_link(work: Work, payload: dict[str, Any]) -> None:
    """Mail a one-time link to its user."""
    user = work.session.get_one(User, payload["user_id"])
    if user.email is None:
        return
    t = translator(user.language)
    message = EmailMessage()
    message["From"], message["To"] = work.settings.mail_from, user.email
    subject, body = SUBJECTS[payload["purpose"]], BODIES[payload["purpose"]]
    message["Subject"] = t.gettext(subject)
    message.set_content(t.gettext(body, name=user.full_name, address=payload["address"]))
    send(work.settings, message)
