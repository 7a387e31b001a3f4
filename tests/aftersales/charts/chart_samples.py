"""Charts of the kinds the product shows."""

import datetime as dt
from decimal import Decimal

from aftersales.charts import Bar, Bars, Curves, Fan, FanPoint, Line, Reading, Steps, Value


def _month(number: int) -> dt.date:
    return dt.date(2024 + number // 12, number % 12 + 1, 1)


FAN = Fan(
    title="Demand for oil filter 10-9001-10",
    description="Monthly demand over two years, and a forecast for a year that grows slowly.",
    y_label="Pieces",
    history=tuple(Value(day=_month(n), value=None if n == 5 else (n * 7) % 11 + 3) for n in range(24)),
    forecast=tuple(
        FanPoint(day=_month(n), mean=8.5, quantiles=((0.05, 3), (0.25, 6), (0.5, 8), (0.75, 11), (0.95, 15 + n / 10)))
        for n in range(24, 36)
    ),
)
PARETO = Bars(
    title="Failures by mode",
    y_label="Failures",
    bars=tuple(
        Bar(name=name, value=value)
        for name, value in (("Noise", 4), ("Breakdown", 31), ("Overheating", 17), ("Leaks oil", 9), ("Vibration", 6))
    ),
    pareto=True,
)
LYING = Bars(
    title="Cost of parts by machine",
    unit="EUR",
    bars=tuple(Bar(name=f"ARC 55 VSD AR-55-2024-{n:04d} of Jadran", value=Decimal("1234.5") / n) for n in range(1, 9)),
    horizontal=True,
)
STEPS = Steps(
    title="Running hours",
    unit="h",
    readings=tuple(
        Reading(at=dt.datetime(2025, n, 3, 8, tzinfo=dt.UTC), value=1000 + 160 * n, estimated=n == 6)
        for n in range(1, 13)
    ),
    time_zone="Asia/Yerevan",
)
CURVES = Curves(
    title="Failures of a machine up to its hours",
    description="Failures of two models over their operating hours.",
    x_label="Operating hours",
    y_label="Failures",
    lines=(
        Line(name="Crusher 300", points=((0.0, 0.0), (800.0, 0.1), (2400.0, 0.5), (5100.0, 1.4))),
        Line(name="Screen 60", points=((0.0, 0.0), (3000.0, 0.2), (6000.0, 0.3))),
    ),
    stepped=True,
)
SHARES = Curves(
    title="How long components live",
    x_label="Hours",
    y_label="Live longer",
    lines=(Line(name="HP-4520", points=tuple((h * 100.0, 1 - h / 40) for h in range(41))),),
    share=True,
)
ALL = (FAN, PARETO, LYING, STEPS, CURVES, SHARES)
