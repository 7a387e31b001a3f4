"""Reliability figures by hand."""

from decimal import Decimal

from aftersales.reliability.rules import Figures, together


def test_mean_times_by_hand() -> None:
    figures = Figures(4, Decimal(8784), Decimal("10"))
    assert (figures.mtbf, figures.mttr) == (Decimal(2196), Decimal("2.5"))


def test_without_failures_there_is_no_mean() -> None:
    figures = Figures(0, Decimal(8784), Decimal(0))
    assert (figures.mtbf, figures.mttr) == (None, None)


def test_taken_together_hours_and_failures_add_up() -> None:
    both = together(
        [Figures(1, Decimal(100), Decimal(2)), Figures(3, Decimal(500), Decimal(6)), Figures(0, Decimal(0), Decimal(0))]
    )
    assert both == Figures(4, Decimal(600), Decimal(8))
    assert both.mtbf == Decimal(150)
    assert together([]).mtbf is None
