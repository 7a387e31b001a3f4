"""Papers of the register: the passport as PDF, nameplate labels with the machine's permanent address."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.certificates.keys import current_key
from aftersales.errors import Invalid, NotFound
from aftersales.models import Machine, MachineModel, Organization, Passport
from aftersales.papers import label as label_paper
from aftersales.papers import passport as passport_paper
from aftersales.papers import signing
from aftersales.papers.content import EntryLine
from aftersales.papers.label import Label
from aftersales.registry.queries.passports import entries_of, passport_of
from aftersales.translate import N_, translator
from aftersales.vocabulary import PartyRole
from aftersales.work import Work

MOST_LABELS = 500


def machine_url(work: Work, machine: Machine) -> str:
    """Return a machine's permanent address, which its code holds."""
    return f"{work.settings.public_url}/m/{machine.public_id}"


def issued_passport(work: Work, machine_id: int) -> Passport:
    """Return a machine's passport.

    :raises NotFound: the actor does not see the machine, or it has no passport yet.
    """
    require(work.actor, Permission.REGISTRY_READ)
    passport = passport_of(work.session, work.actor, machine_id)
    if passport is None:
        raise NotFound(N_("This machine has no passport yet"), code="no_passport")
    return passport


def passport_pdf(work: Work, machine_id: int, language: str | None = None) -> bytes:
    """Return a machine's passport as a signed PDF: what was frozen at issue, followed by the entries the actor sees.

    :raises NotFound: the actor does not see the machine, or it has no passport yet.
    :raises Invalid: the signing key cannot be used.
    """
    passport = issued_passport(work, machine_id)
    t = translator(language or work.actor.language)
    content = passport_paper.Passport.from_dict(passport.content)
    later = tuple(
        EntryLine(at=line.entry.at, text=line.text(t), kind=line.kind(t), by=line.organization)
        for line in entries_of(work.session, work.actor, machine_id)
    )
    laid_out = passport_paper.render(replace(content, entries=later), t)
    return signing.sign(laid_out, current_key(work), t(N_("Passport %(number)s"), number=passport.number), work.now)


def intact(passport: Passport) -> bool:
    """Tell whether a passport's content still has the hash it was issued with."""
    return passport_paper.Passport.from_dict(passport.content).content_hash() == passport.content_hash


def labels(
    work: Work,
    machine_ids: Sequence[int],
    *,
    sheet: bool = False,
    width_mm: Decimal = Decimal(100),
    height_mm: Decimal = Decimal(50),
    language: str | None = None,
) -> bytes:
    """Return nameplate labels as PDF: one on a page of its size, or many on A4 sheets to be cut.

    :raises NotFound: the actor is no present party of one of the machines. :raises Invalid: none, or too many.
    """
    require(work.actor, Permission.REGISTRY_READ)
    if not 1 <= len(machine_ids) <= MOST_LABELS:
        raise Invalid(N_("1 to %(most)s labels can be printed at once"), most=MOST_LABELS, code="label_count")
    contents = [
        _label(work, visibility.machine(work.session, work.actor, one, change=True), width_mm, height_mm)
        for one in machine_ids
    ]
    t = translator(language or work.actor.language)
    return label_paper.sheet(contents, t) if sheet or len(contents) > 1 else label_paper.single(contents[0], t)


def _label(work: Work, machine: Machine, width_mm: Decimal, height_mm: Decimal) -> Label:
    model = work.session.get_one(MachineModel, machine.model_id)
    maker = work.session.scalar(select(Organization.name).where(Organization.id == machine.manufacturer_id))
    return Label(
        url=machine_url(work, machine),
        serial_number=machine.serial_number,
        model=model.code,
        manufacturer=maker or PartyRole.MANUFACTURER.value,
        designation=model.name,
        year_of_construction=machine.product_year,
        marks=tuple(model.markings),
        width_mm=width_mm,
        height_mm=height_mm,
    )
