"""Rules of meters: what life a machine has, which readings are believed, how hard it works. Pure."""

from aftersales.usage.rules.ledger import Ledger, Outcome, Refusal, Verdict
from aftersales.usage.rules.life import Counter, Entry, Point, Segment, Standing, curve, life_on, standing, step
from aftersales.usage.rules.scale import decimal, micros, moment, thousandths
from aftersales.usage.rules.utilisation import Prediction, Utilisation, predict_day, predict_life, rate_of

__all__ = [
    "Counter",
    "Entry",
    "Ledger",
    "Outcome",
    "Point",
    "Prediction",
    "Refusal",
    "Segment",
    "Standing",
    "Utilisation",
    "Verdict",
    "curve",
    "decimal",
    "life_on",
    "micros",
    "moment",
    "predict_day",
    "predict_life",
    "rate_of",
    "standing",
    "step",
    "thousandths",
]
