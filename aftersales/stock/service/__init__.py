"""Use-cases of the store."""

from aftersales.stock.service.counts import approve_count, count, reject_count
from aftersales.stock.service.locations import change_location, create_location, end_location
from aftersales.stock.service.moves import (
    IssueLine,
    issue,
    issue_all,
    receive,
    regrade,
    return_to_supplier,
    scrap,
    take_back,
    transfer,
)
from aftersales.stock.service.reservations import release, reserve
from aftersales.stock.service.reversal import reverse

__all__ = [
    "IssueLine",
    "approve_count",
    "change_location",
    "count",
    "create_location",
    "end_location",
    "issue",
    "issue_all",
    "receive",
    "regrade",
    "reject_count",
    "release",
    "reserve",
    "return_to_supplier",
    "reverse",
    "scrap",
    "take_back",
    "transfer",
]
