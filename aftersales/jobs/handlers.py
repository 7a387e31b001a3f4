"""Which use-case answers which outbox event, and what is done every night."""

from collections.abc import Callable, Mapping

from aftersales import idempotency
from aftersales.jobs.mail import handle_mail_link
from aftersales.jobs.outbox import Handler
from aftersales.work import Work

HANDLERS: Mapping[str, Handler] = {"mail.link": handle_mail_link}

NIGHTLY: Mapping[str, Callable[[Work], object]] = {"forget old request keys": idempotency.forget_old}
