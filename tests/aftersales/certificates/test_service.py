"""Certificates from issue to withdrawal, and what a dropped-in PDF is told."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import pypdf
import pytest

from aftersales.access import STRANGER, SYSTEM, Actor
from aftersales.certificates import contents, keys, queries, service
from aftersales.clock import FixedClock
from aftersales.errors import Forbidden, Invalid, NotFound, RuleBroken, Stale
from aftersales.models import Certificate, MachineParty, OutboxEvent, SigningCertificate
from aftersales.papers import signing
from aftersales.translate import LANGUAGES, translator
from aftersales.vocabulary import CertificateKind, CertificateState, PartyRole, Role
from aftersales.work import Workshop
from tests.aftersales import world
from tests.aftersales.world import World

CONTENT: dict[str, Any] = {
    "kind": "maintenance",
    "work_order": "SO-2026-00001",
    "work": [{"text": "Oil changed"}],
    "people": [{"name": "Ana Horvat", "hours": "2.5"}],
    "next_due": [{"task": "Inspection", "on": "2026-12-01"}],
}


@pytest.fixture
def here(workshop: Workshop) -> World:
    return world.build(workshop)


@pytest.fixture
def manager(workshop: Workshop, here: World) -> Actor:
    return world.person(workshop, here.partner, Role.MANAGER)


def issued(workshop: Workshop, here: World, actor: Actor, language: str = "en") -> int:
    with workshop.transaction(actor) as work:
        return service.issue(
            work, kind=CertificateKind.SERVICE, machine_id=here.machine, content=CONTENT, language=language
        ).id


def rendered(workshop: Workshop, certificate_id: int) -> bytes:
    service.render_issued(workshop, SYSTEM, {"certificate_id": certificate_id})
    with workshop.transaction() as work:
        return service.pdf(work, certificate_id)


def checked(workshop: Workshop, certificate_id: int, content: bytes) -> str:
    with workshop.reading(STRANGER) as work:
        public_id = work.session.get_one(Certificate, certificate_id).public_id
        return service.check_pdf(work, public_id, content).code


def test_issue_numbers_and_freezes(workshop: Workshop, here: World, manager: Actor) -> None:
    first, second = issued(workshop, here, manager), issued(workshop, here, manager)
    with workshop.reading(manager) as work:
        rows = [queries.certificate(work.session, manager, key) for key in (first, second)]
        assert [row.number for row in rows] == ["SC-2026-00001", "SC-2026-00002"]
        content = rows[0].content
        assert content["number"] == "SC-2026-00001"
        assert content["verify_url"] == f"https://service.example.com/c/{rows[0].public_id}"
        assert content["issuer"]["name"] == "Servis Plus"
        assert content["machine"]["serial_number"] == "AR-0117"
        assert content["time_zone"] == "Europe/Zagreb"
        assert service.content_intact(rows[0])
        events = work.session.query(OutboxEvent).filter_by(event="certificate.issued").all()
        assert [event.payload["certificate_id"] for event in events] == [first, second]
        assert queries.gaps(work.session) == []


def test_issue_is_refused_to_strangers(workshop: Workshop, here: World) -> None:
    elsewhere = world.person(workshop, here.stranger, Role.ADMIN)
    with pytest.raises(NotFound):
        issued(workshop, here, elsewhere)
    with pytest.raises(NotFound):
        issued(workshop, here, STRANGER)
    with pytest.raises(Invalid):
        issued(workshop, here, world.person(workshop, here.partner, Role.TECHNICIAN), language="xx")


def test_the_paper_reads_back(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    paper = rendered(workshop, certificate_id)
    text = pypdf.PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    for words in ("SC-2026-00001", "Servis Plus", "AR-0117", "Oil changed", "Ana Horvat", "Inspection"):
        assert words in text
    with pikepdf.open(io.BytesIO(paper)) as document:
        fonts = [font for font in document.pages[0].Resources.Font.values() if "/FontDescriptor" in font]
        assert fonts
        assert all("/FontFile2" in font.FontDescriptor for font in fonts)
    with workshop.reading(manager) as work:
        verdict = signing.verify(paper, keys.trusted(work.session))
    assert verdict.genuine
    assert verdict.signer == "Aftersales service.example.com"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paper_in_every_language(sqlite_workshop: Workshop, language: str) -> None:
    here = world.build(sqlite_workshop)
    manager = world.person(sqlite_workshop, here.partner, Role.MANAGER)
    certificate_id = issued(sqlite_workshop, here, manager, language)
    assert checked(sqlite_workshop, certificate_id, rendered(sqlite_workshop, certificate_id)) == "genuine"


def test_rendering_again_gives_a_paper_that_is_also_genuine(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    first = rendered(workshop, certificate_id)
    assert rendered(workshop, certificate_id) == first
    with workshop.transaction() as work:
        again = service.render(work, certificate_id)
    assert checked(workshop, certificate_id, first) == checked(workshop, certificate_id, again) == "genuine"


def test_an_altered_paper_is_told_apart(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    paper = rendered(workshop, certificate_id)
    flipped = bytearray(paper)
    flipped[paper.index(b"SHA-256") + 12] ^= 1
    assert checked(workshop, certificate_id, bytes(flipped)) in {"altered", "damaged"}
    assert checked(workshop, certificate_id, paper + b"% more") == "extended"
    assert checked(workshop, certificate_id, b"not a paper") == "not_a_pdf"
    other = issued(workshop, here, manager)
    assert checked(workshop, certificate_id, rendered(workshop, other)) == "other_paper"


def test_a_paper_signed_by_somebody_else_is_told(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    rendered(workshop, certificate_id)
    with workshop.reading(manager) as work:
        row = work.session.get_one(Certificate, certificate_id)
        copied = contents.pdf_of(contents.paper_of(row.kind, row.content), translator("en"))
    forged = signing.sign(copied, signing.create_key("Forger", workshop.clock.now()), "x", workshop.clock.now())
    assert checked(workshop, certificate_id, forged) == "unknown_signer"
    assert checked(workshop, certificate_id, copied) == "unsigned"


def test_too_large_a_file_is_refused(sqlite_workshop: Workshop) -> None:
    here = world.build(sqlite_workshop)
    certificate_id = issued(sqlite_workshop, here, world.person(sqlite_workshop, here.partner, Role.MANAGER))
    with pytest.raises(Invalid, match="larger than"):
        checked(sqlite_workshop, certificate_id, b"%PDF-" + b"0" * service.PDF_LIMIT)


def test_old_papers_verify_after_a_change_of_key(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    paper = rendered(workshop, certificate_id)
    own = workshop.settings.var / "own.p12"
    key = signing.create_key("Servis Plus", workshop.clock.now(), passphrase="pass")
    own.write_bytes(key.pkcs12)
    moved = Workshop(replace(workshop.settings, signing_key=own, signing_passphrase="pass"), workshop.clock)
    second = issued(moved, here, manager)
    newer = rendered(moved, second)
    moved.engine.dispose()
    assert checked(workshop, certificate_id, paper) == checked(workshop, second, newer) == "genuine"
    with workshop.reading(manager) as work:
        assert work.session.query(SigningCertificate).count() == 2


def test_a_signing_key_that_cannot_be_read_is_named(sqlite_workshop: Workshop) -> None:
    settings = replace(sqlite_workshop.settings, signing_key=sqlite_workshop.settings.var / "nowhere.p12")
    workshop = Workshop(settings, sqlite_workshop.clock)
    with pytest.raises(Invalid, match=r"nowhere\.p12"), workshop.transaction() as work:
        service.ensure_signing_key(work)
    workshop.engine.dispose()


def test_the_key_is_made_once_and_kept_private(sqlite_workshop: Workshop) -> None:
    prints = set()
    for _ in range(2):
        with sqlite_workshop.transaction() as work:
            prints.add(service.ensure_signing_key(work).fingerprint)
    assert len(prints) == 1
    for name in ("papers.p12", "papers.passphrase"):
        assert (sqlite_workshop.settings.secrets / name).stat().st_mode & 0o077 == 0


def test_withdrawn_is_shown_with_reason_and_date(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    paper = rendered(workshop, certificate_id)
    with workshop.transaction(manager) as work:
        version = queries.certificate(work.session, manager, certificate_id).version
    with pytest.raises(Stale), workshop.transaction(manager) as work:
        service.withdraw(work, certificate_id, "Wrong machine", version - 1)
    with pytest.raises(Invalid), workshop.transaction(manager) as work:
        service.withdraw(work, certificate_id, "  ", version)
    with workshop.transaction(manager) as work:
        service.withdraw(work, certificate_id, "Wrong machine", version)
    with pytest.raises(RuleBroken), workshop.transaction(manager) as work:
        service.withdraw(work, certificate_id, "Again")
    assert checked(workshop, certificate_id, paper) == "withdrawn"
    with workshop.reading(STRANGER) as work:
        row = work.session.get_one(Certificate, certificate_id)
        shown = queries.public(work.session, row.public_id)
    assert shown.state is CertificateState.WITHDRAWN
    assert (shown.withdrawal_reason, shown.withdrawn_at) == ("Wrong machine", workshop.clock.now())
    assert "Ana Horvat" not in repr(shown)


def test_only_the_issuers_manager_withdraws(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    with pytest.raises(Forbidden), workshop.transaction(replace(manager, role=Role.TECHNICIAN)) as work:
        service.withdraw(work, certificate_id, "reason")
    for organization in (here.maker, here.operator, here.stranger):
        other = world.person(workshop, organization, Role.MANAGER)
        with pytest.raises(NotFound), workshop.transaction(other) as work:
            service.withdraw(work, certificate_id, "reason")


def test_who_sees_a_certificate(workshop: Workshop, here: World, manager: Actor) -> None:
    certificate_id = issued(workshop, here, manager)
    rendered(workshop, certificate_id)
    for organization, sees in ((here.maker, 1), (here.operator, 1), (here.partner, 1), (here.stranger, 0)):
        reader = world.person(workshop, organization, Role.MANAGER)
        with workshop.reading(reader) as work:
            assert len(queries.certificates(work.session, reader, machine_id=here.machine)) == sees
        with workshop.transaction(reader) as work:
            if sees:
                assert service.pdf(work, certificate_id).startswith(b"%PDF-")
            else:
                with pytest.raises(NotFound):
                    service.pdf(work, certificate_id)
    with workshop.reading(STRANGER) as work, pytest.raises(NotFound):
        queries.by_public_id(work.session, "nothing-here")


def test_a_new_owner_sees_the_record_but_not_the_paper_with_names(workshop: Workshop, here: World) -> None:
    certificate_id = issued(workshop, here, world.person(workshop, here.partner, Role.MANAGER))
    later = workshop.clock.now() + timedelta(days=30)
    with workshop.transaction() as work:
        for row in work.session.query(MachineParty).filter_by(organization_id=here.operator):
            row.valid_to = later
    with workshop.transaction() as work:
        world.party(work, here.machine, here.stranger, PartyRole.OWNER, later)
    buyer = world.person(workshop, here.stranger, Role.MANAGER)
    after = FixedClock(later + timedelta(days=1))
    with workshop.transaction(buyer, after) as work:
        assert [line.certificate.id for line in queries.certificates(work.session, buyer)] == [certificate_id]
        with pytest.raises(NotFound):
            service.pdf(work, certificate_id)
