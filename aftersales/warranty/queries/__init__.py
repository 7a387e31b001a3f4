"""What may be read of warranty: policies, a machine's cover, decisions, offers, what ends soon."""

from aftersales.warranty.queries.cover import (
    ConditionView,
    CoverageView,
    TermView,
    WarrantyStatus,
    coverage,
    coverages,
    status,
)
from aftersales.warranty.queries.endings import Ending, endings
from aftersales.warranty.queries.offers import OfferView, offer, offers
from aftersales.warranty.queries.policies import PolicyView, policies, policy

__all__ = [
    "ConditionView",
    "CoverageView",
    "Ending",
    "OfferView",
    "PolicyView",
    "TermView",
    "WarrantyStatus",
    "coverage",
    "coverages",
    "endings",
    "offer",
    "offers",
    "policies",
    "policy",
    "status",
]
