"""Certificates and warranties."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import func, select

from aftersales.certificates.service import content_intact
from aftersales.models import Certificate, ExtensionOffer, NumberSeries, Warranty
from aftersales.vocabulary import OfferState
from aftersales.work import Work


def certificates(work: Work) -> Iterator[str]:
    """Check that certificates are unaltered and their numbers without gaps per issuer, series and year."""
    for row in work.session.scalars(select(Certificate).execution_options(yield_per=500)):
        if not content_intact(row):
            yield f"certificate {row.number} was altered"
    columns = (Certificate.issuer_id, Certificate.series, Certificate.year)
    query = select(*columns, func.count(), func.min(Certificate.sequence), func.max(Certificate.sequence))
    for issuer, series, year, count, first, last in work.session.execute(query.group_by(*columns)):
        given = work.session.get(NumberSeries, (issuer, series, year))
        if first != 1 or last != count or given is None or given.last != last:
            yield f"certificates {series}-{year} of organisation {issuer}: {count} numbered {first} to {last}"


def warranties(work: Work) -> Iterator[str]:
    """Check that warranties of a machine neither overlap nor leave a gap before an accepted extension."""
    last: dict[int, Warranty] = {}
    for row in work.session.scalars(select(Warranty).order_by(Warranty.machine_id, Warranty.starts_on)):
        before = last.get(row.machine_id)
        if before is not None and before.ends_on > row.starts_on:
            yield f"machine {row.machine_id}: warranties {before.id} and {row.id} overlap"
        if row.offer_id is not None and (before is None or before.ends_on != row.starts_on):
            yield f"machine {row.machine_id}: extension {row.id} does not begin where the warranty before it ends"
        last[row.machine_id] = row
    taken = select(Warranty.offer_id).where(Warranty.offer_id.is_not(None))
    query = select(ExtensionOffer.number).where(
        ExtensionOffer.state == OfferState.ACCEPTED, ExtensionOffer.id.not_in(taken)
    )
    for number in work.session.scalars(query):
        yield f"offer {number} was accepted without an extension"


CHECKS: Mapping[str, Callable[[Work], Iterator[str]]] = {"certificates": certificates, "warranties": warranties}
