"""Use-cases of warranty."""

from aftersales.warranty.service.coverage import confirm, cover
from aftersales.warranty.service.offers import accept, expire_offers, offer, refuse
from aftersales.warranty.service.policies import ClauseData, change_policy, create_policy, end_policy
from aftersales.warranty.service.start import handle_machine_commissioned, start_for

__all__ = [
    "ClauseData",
    "accept",
    "change_policy",
    "confirm",
    "cover",
    "create_policy",
    "end_policy",
    "expire_offers",
    "handle_machine_commissioned",
    "offer",
    "refuse",
    "start_for",
]
