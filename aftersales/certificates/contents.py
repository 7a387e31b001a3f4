"""What every certificate says of its issuer and machine, and the paper that each kind is printed on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from aftersales.models import Machine, MachineModel, Organization, Site
from aftersales.papers import extension_certificate, service_certificate, write_off_certificate
from aftersales.papers.content import Issuer, MachineIdentity, PartyLine
from aftersales.papers.extension_certificate import ExtensionCertificate
from aftersales.papers.service_certificate import ServiceCertificate
from aftersales.papers.write_off_certificate import WriteOffCertificate
from aftersales.translate import Translator
from aftersales.vocabulary import CertificateKind

Paper = ServiceCertificate | WriteOffCertificate | ExtensionCertificate

_PAPERS: Mapping[CertificateKind, type[ServiceCertificate | WriteOffCertificate | ExtensionCertificate]] = {
    CertificateKind.SERVICE: ServiceCertificate,
    CertificateKind.COMMISSIONING: ServiceCertificate,
    CertificateKind.WRITE_OFF: WriteOffCertificate,
    CertificateKind.DISPOSAL: WriteOffCertificate,
    CertificateKind.EXTENSION: ExtensionCertificate,
}


def paper_of(kind: CertificateKind, content: Mapping[str, Any]) -> Paper:
    """Return frozen content as the paper of its kind.

    :raises TypeError: a needed key is missing or an unknown one is there.
    """
    return _PAPERS[kind].from_dict(content)


def pdf_of(paper: Paper, t: Translator) -> bytes:
    """Lay a paper out in a language; not yet signed."""
    if isinstance(paper, ServiceCertificate):
        return service_certificate.render(paper, t)
    if isinstance(paper, WriteOffCertificate):
        return write_off_certificate.render(paper, t)
    return extension_certificate.render(paper, t)


def machine_identity(session: Session, machine: Machine, public_url: str) -> MachineIdentity:
    """Return what a machine is known by, as papers print it."""
    model = session.get_one(MachineModel, machine.model_id)
    manufacturer = session.get_one(Organization, machine.manufacturer_id)
    return MachineIdentity(
        serial_number=machine.serial_number,
        model=model.code,
        manufacturer=manufacturer.name,
        designation=model.name,
        url=f"{public_url}/m/{machine.public_id}",
        order_code=machine.order_code or "",
        year_of_construction=machine.product_year,
        country_of_origin=model.country_of_origin or "",
    )


def issuer_line(organization: Organization) -> Issuer:
    """Return an organisation as the letterhead of a paper."""
    return Issuer(
        name=organization.name,
        address=tuple((organization.address or "").splitlines()),
        contact=organization.email or "",
    )


def party_line(organization: Organization, role: str) -> PartyLine:
    """Return an organisation in its role, as papers print it."""
    return PartyLine(
        name=organization.name, role=role, address=organization.address or "", contact=organization.email or ""
    )


def site_line(session: Session, machine: Machine) -> tuple[str, str]:
    """Return the name and the time zone of the place where a machine stands; empty and UTC when unknown."""
    site = session.get(Site, machine.site_id) if machine.site_id else None
    return (site.name, site.time_zone) if site else ("", "UTC")
