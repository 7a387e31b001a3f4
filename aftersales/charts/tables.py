"""The table that stands beside a chart and says the same in words and numbers."""

from functools import singledispatch

from aftersales.charts.specs import Bars, Chart, Curves, Fan, FanPoint, Number, Steps
from aftersales.translate import Translator

Row = tuple[str, ...]


@singledispatch
def rows(spec: Chart, t: Translator) -> list[Row]:
    """The chart's values, the head first; every row has the same number of cells."""
    raise TypeError(f"no table for a {type(spec).__name__}")


def _number(value: Number | None, t: Translator) -> str:
    return "–" if value is None else t.number(round(float(value), 2))


def named(label: str, unit: str) -> str:
    """A label with its unit in brackets."""
    return f"{label} ({unit})" if label and unit else label or unit


@rows.register
def _(spec: Fan, t: Translator) -> list[Row]:
    levels = sorted({level for point in spec.forecast for level, _ in point.quantiles})
    head = (
        spec.x_label or t("Period"),
        named(spec.y_label or t("Value"), spec.unit),
        t("Forecast"),
        *(t("%(share)s quantile", share=t.percent(level, 1 if round(level * 1000) % 10 else 0)) for level in levels),
    )
    past = [(t.date(point.day), _number(point.value, t), *[""] * (1 + len(levels))) for point in spec.history]
    return [head, *past, *(_forecast(point, levels, t) for point in spec.forecast)]


def _forecast(point: FanPoint, levels: list[float], t: Translator) -> Row:
    known = dict(point.quantiles)
    return (t.date(point.day), "", _number(point.mean, t), *(_number(known.get(level), t) for level in levels))


@rows.register
def _(spec: Bars, t: Translator) -> list[Row]:
    head: Row = (spec.x_label or t("Name"), named(spec.y_label or t("Value"), spec.unit))
    body: list[Row] = [(bar.name, _number(bar.value, t)) for bar in spec.ordered()]
    if not spec.pareto:
        return [head, *body]
    shared = [(*row, t.percent(share)) for row, share in zip(body, spec.shares(), strict=True)]
    return [(*head, t("Running share")), *shared]


@rows.register
def _(spec: Steps, t: Translator) -> list[Row]:
    head = (spec.x_label or t("Read on"), named(spec.y_label or t("Value"), spec.unit), t("Kind"))
    return [
        head,
        *(
            (
                t.datetime(reading.at, spec.time_zone),
                _number(reading.value, t),
                t("Estimated") if reading.estimated else t("Measured"),
            )
            for reading in spec.readings
        ),
    ]


@rows.register
def _(spec: Curves, t: Translator) -> list[Row]:
    head = (t("Line"), spec.x_label or t("Value"), named(spec.y_label or t("Value"), spec.unit))
    return [
        head,
        *(
            (line.name, _number(across, t), t.percent(up, 1) if spec.share else _number(up, t))
            for line in spec.lines
            for across, up in line.points
        ),
    ]
