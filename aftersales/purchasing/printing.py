"""An order as its supplier gets it on paper, in the supplier's language."""

from aftersales.models import Location, Organization
from aftersales.papers import supply_order as paper
from aftersales.papers.content import Amount, Issuer, PartyLine
from aftersales.papers.supply_order import OrderedLine, SupplyOrderPaper
from aftersales.purchasing import queries
from aftersales.purchasing.queries import LineView, OrderView
from aftersales.translate import N_, translator
from aftersales.vocabulary import SupplyState, Tolerance
from aftersales.work import Work

TOLERANCES = {
    Tolerance.EXACT: "",
    Tolerance.FIVE_PERCENT: N_("by 5 %"),
    Tolerance.TEN_PERCENT: N_("by 10 %"),
    Tolerance.FULL_PACK: N_("by one pack"),
}


def order_pdf(work: Work, order_id: int, language: str | None = None) -> bytes:
    """Return an order as PDF, for its own people and, once sent, its supplier's.

    :param language: as printed; the supplier's own when not given, ours for our own works.
    :raises NotFound: when the actor does not see the order.
    """
    view = queries.order(work.session, work.actor, order_id, work.now.date())
    buyer = work.session.get_one(Organization, view.order.organization_id)
    supplier_id = view.order.supplier_id
    supplier = work.session.get_one(Organization, supplier_id) if supplier_id is not None else None
    t = translator(language or (supplier or buyer).language)
    return paper.render(_content(view, buyer, supplier, work.session.get_one(Location, view.order.location_id)), t)


def _content(view: OrderView, buyer: Organization, supplier: Organization | None, place: Location) -> SupplyOrderPaper:
    order = view.order
    return SupplyOrderPaper(
        number=order.number,
        issued_at=order.sent_at or order.approved_at or order.created_at,
        issuer=Issuer(name=buyer.name, address=_lines_of(buyer.address), contact=buyer.email or ""),
        time_zone=buyer.time_zone,
        remarks=order.note,
        kind=order.kind.value,
        supplier=PartyLine(name=supplier.name, address=supplier.address or "", contact=supplier.email or "")
        if supplier
        else None,
        deliver_to=place.name,
        address=buyer.address or "",
        total=Amount(value=view.total, currency=order.currency),
        lines=tuple(_line(line) for line in view.lines),
        is_draft=order.state is SupplyState.DRAFT,
        is_cancelled=order.state is SupplyState.CANCELLED,
    )


def _lines_of(address: str | None) -> tuple[str, ...]:
    return tuple((address or "").splitlines())


def _line(view: LineView) -> OrderedLine:
    return OrderedLine(
        number=view.number,
        name=view.name,
        quantity=view.line.quantity,
        unit=view.unit,
        unit_price=view.line.unit_price,
        amount=view.amount,
        due_on=view.line.due_on,
        confirmed_on=view.line.confirmed_on,
        tolerance=TOLERANCES[view.line.tolerance],
    )
