"""Which use-case answers which outbox event, and what is done every night."""

from collections.abc import Callable, Mapping

from aftersales import idempotency
from aftersales.certificates import service as certificates
from aftersales.complaints import service as complaints
from aftersales.jobs.long_work import Long
from aftersales.jobs.mail import handle_mail_link
from aftersales.jobs.offer_mail import handle_offer_decided, handle_offer_made
from aftersales.jobs.outbox import Handler
from aftersales.planning import service as planning
from aftersales.warranty import service as warranty
from aftersales.work import Work

HANDLERS: Mapping[str, Handler | Long] = {
    "mail.link": handle_mail_link,
    "certificate.issued": Long(certificates.render_issued),
    "machine.commissioned": warranty.handle_machine_commissioned,
    "offer.made": handle_offer_made,
    "offer.accepted": handle_offer_decided,
    "offer.refused": handle_offer_decided,
    planning.REQUESTED: Long(planning.carry_out_request),
}

NIGHTLY: Mapping[str, Callable[[Work], object]] = {
    "forget old request keys": idempotency.forget_old,
    "ask for forecasts": planning.nightly_forecast,
    "close faults after silence": complaints.close_after_silence,
    "expire offers": warranty.expire_offers,
}
