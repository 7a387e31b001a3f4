"""Use-cases of supply orders."""

from aftersales.purchasing.service.drafting import (
    LineData,
    add_line,
    change_line,
    change_order,
    create_order,
    remove_line,
)
from aftersales.purchasing.service.receiving import Delivered, receive, take_back
from aftersales.purchasing.service.releasing import Wanted, order_parts
from aftersales.purchasing.service.steps import Promise, approve, back_to_draft, cancel, confirm, give_up_rest, send

__all__ = [
    "Delivered",
    "LineData",
    "Promise",
    "Wanted",
    "add_line",
    "approve",
    "back_to_draft",
    "cancel",
    "change_line",
    "change_order",
    "confirm",
    "create_order",
    "give_up_rest",
    "order_parts",
    "receive",
    "remove_line",
    "send",
    "take_back",
]
