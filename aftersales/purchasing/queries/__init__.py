"""What may be read of supply orders: by their owner whole, by their supplier what concerns it once they are sent."""

from aftersales.purchasing.queries.incoming import Incoming, incoming, on_order
from aftersales.purchasing.queries.lead_times import LeadTimeView, lead_times
from aftersales.purchasing.queries.orders import EventView, LineView, OrderRow, OrderView, ReceiptView, order, orders
from aftersales.purchasing.queries.partners import PartnerView, suppliers

__all__ = [
    "EventView",
    "Incoming",
    "LeadTimeView",
    "LineView",
    "OrderRow",
    "OrderView",
    "PartnerView",
    "ReceiptView",
    "incoming",
    "lead_times",
    "on_order",
    "order",
    "orders",
    "suppliers",
]
