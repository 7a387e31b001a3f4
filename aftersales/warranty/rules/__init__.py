"""What warranty decides: how long which costs are covered, and who pays for a line of a job."""

from aftersales.warranty.rules.decision import Decision, Lapse, Line, decide
from aftersales.warranty.rules.terms import Clause, Stretch, Term, add_months, last_day, term_on, terms

__all__ = [
    "Clause",
    "Decision",
    "Lapse",
    "Line",
    "Stretch",
    "Term",
    "add_months",
    "decide",
    "last_day",
    "term_on",
    "terms",
]
