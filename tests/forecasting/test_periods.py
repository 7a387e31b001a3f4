import pytest

from forecasting.errors import PanelError
from forecasting.periods import LONGEST, Frequency, PeriodIndex, parse_period


def test_months_run_over_the_year() -> None:
    assert PeriodIndex.between("2019-11", "2020-02").labels() == ["2019-11", "2019-12", "2020-01", "2020-02"]


def test_iso_weeks_run_over_a_year_of_53_weeks() -> None:
    labels = PeriodIndex.between("2020-W52", "2021-W02").labels()
    assert labels == ["2020-W52", "2020-W53", "2021-W01", "2021-W02"]


def test_numbered_weeks_keep_their_width() -> None:
    assert PeriodIndex.between("W098", "W101").labels() == ["W098", "W099", "W100", "W101"]


def test_after_and_position() -> None:
    periods = PeriodIndex.between("2019-01", "2019-12")
    assert periods.after(2).labels() == ["2020-01", "2020-02"]
    assert periods.position("2019-03") == 2
    assert periods.position("2020-01") == 12
    assert (periods.season, PeriodIndex.between("W1", "W2").season) == (12, 52)


@pytest.mark.parametrize("text", ["2019-13", "2019-00", "0000-01", "2021-W53", "2019-1", "January", "", "2019-01-01"])
def test_other_texts_are_no_periods(text: str) -> None:
    with pytest.raises(PanelError):
        parse_period(text)


def test_refuses_what_cannot_be_one_calendar() -> None:
    with pytest.raises(PanelError, match="one frequency"):
        PeriodIndex.between("2019-01", "2019-W05")
    with pytest.raises(PanelError, match="lies before"):
        PeriodIndex.between("2019-02", "2019-01")
    with pytest.raises(PanelError, match="span"):
        PeriodIndex(Frequency.MONTH, 0, LONGEST + 1)
    with pytest.raises(PanelError, match="by month"):
        PeriodIndex.between("2019-01", "2019-02").position("W01")
