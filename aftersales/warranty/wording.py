"""Decisions said in the reader's language: the stored sentence with its parameters as that language writes them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from aftersales.papers.words import COST_CLASSES, word
from aftersales.translate import N_, Translator
from aftersales.vocabulary import OrderKind, Payer

NUMBERS = frozenset({"hours", "limit", "late"})
PAYERS: Mapping[str, str] = {
    Payer.WARRANTY: N_("warranty"),
    Payer.EXTENSION: N_("warranty extension"),
    Payer.CONTRACT: N_("contract"),
    Payer.GOODWILL: N_("goodwill"),
    Payer.SUPPLIER: N_("supplier"),
    Payer.CUSTOMER: N_("customer"),
}
KINDS: Mapping[str, str] = {
    OrderKind.MAINTENANCE: N_("maintenance"),
    OrderKind.REPAIR: N_("repair"),
    OrderKind.INSPECTION: N_("inspection"),
    OrderKind.MODERNISATION: N_("modernisation"),
    OrderKind.COMMISSIONING: N_("commissioning"),
    OrderKind.TRAINING: N_("training"),
}


def said(t: Translator, message: str, params: Mapping[str, str]) -> str:
    """Return a stored sentence in a language: days, numbers and codes among its parameters are said in it too."""
    return t(message, **{name: _value(t, name, str(value)) for name, value in params.items()})


def _value(t: Translator, name: str, value: str) -> str:
    if name.endswith("_on"):
        return t.date(date.fromisoformat(value))
    if name in NUMBERS:
        return t.number(Decimal(value))
    if name == "cost_class":
        return word(COST_CLASSES, value, t)
    if name == "payer":
        return word(PAYERS, value, t)
    return word(KINDS, value, t) if name == "kind" else value
