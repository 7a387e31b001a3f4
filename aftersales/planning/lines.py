"""A forecast result as rows to store: numbers rounded, missing ones empty, nothing that JSON does not know."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from aftersales.planning.history import History
from aftersales.planning.outcomes import Tracked
from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.engine import ForecastResult
from forecasting.selection import Score

PLACES = 6


def summary(panel: DemandPanel, result: ForecastResult) -> dict[str, Any]:
    """Return what a run says of itself: parts by class, phase and method, and the table of the back-test."""
    return {
        "parts": len(panel),
        "first_month": panel.periods.label(0),
        "last_month": panel.periods.label(panel.periods.count - 1),
        "months": panel.periods.count,
        "classes": _counted(result.demand_class.tolist()),
        "phases": _counted(result.phase.tolist()),
        "methods": _counted(result.method.tolist()),
        "lead_times": _counted(result.lead_time.tolist()),
        "scores": {str(lead): [_score(score) for score in table] for lead, table in sorted(result.scores.items())},
        "returns_not_netted": number(panel.returns.below_zero),
    }


def rows(
    run_id: int,
    history: History,
    panel: DemandPanel,
    result: ForecastResult,
    carried_from: Mapping[int, Mapping[int, float]],
    explanations: Mapping[int, dict[str, Any]],
    tracked: Tracked,
) -> list[dict[str, Any]]:
    """Return a line for every part of the panel.

    :param carried_from: per part the parts whose demand it carries, and how many of it stand for one of them.
    :param explanations: by row of the panel, for the parts of the installed base.
    """
    names = [f"{probability:g}" for probability in result.probabilities]
    found = []
    for row, text in enumerate(panel.part_ids.tolist()):
        part = int(text)
        lead_quantiles = numbers(result.lead_quantiles[row])
        signal, alarm = tracked.of(part)
        found.append(
            {
                "run_id": run_id,
                "part_id": part,
                "method": str(result.method[row]),
                "demand_class": str(result.demand_class[row]),
                "phase": str(result.phase[row]),
                "history": {
                    "first_month": panel.periods.label(0),
                    "demand": numbers(panel.demand[row]),
                    "sources": _sources(history, part, carried_from.get(part, {})),
                    "carried_from": sorted(carried_from.get(part, {})),
                },
                "mean": numbers(result.mean[row]),
                "quantiles": {name: numbers(result.quantiles[row, :, place]) for place, name in enumerate(names)},
                "lead_time_periods": Decimal(int(result.lead_time[row])),
                "lead_time_mean": Decimal(str(round(float(result.lead_mean[row]), 3))),
                "lead_time_quantiles": dict(zip(names, lead_quantiles, strict=True)),
                "scores": {"lead_time": int(result.lead_time[row])},
                "explanation": explanations.get(row),
                "tracking": signal,
                "alarm": alarm,
            }
        )
    return found


def _sources(history: History, part: int, carried_from: Mapping[int, float]) -> dict[str, float | None]:
    """The part's own pieces by source, and all pieces of the parts it replaces in one sum."""
    own = {name: number(pieces) for name, pieces in history.sources(part).items()}
    carried = sum(ratio * sum(history.sources(old).values()) for old, ratio in carried_from.items())
    return own | ({"superseded": number(carried)} if carried else {})


def numbers(values: Array) -> list[float | None]:
    """Return plain numbers; what is missing is ``None``."""
    return [number(value) for value in values.tolist()]


def number(value: float) -> float | None:
    """Return a number rounded, or ``None`` when there is none."""
    return round(float(value), PLACES) + 0.0 if np.isfinite(value) else None


def _counted(values: list[Any]) -> dict[str, int]:
    return {str(name): count for name, count in sorted(Counter(values).items())}


def _score(score: Score) -> dict[str, Any]:
    return {
        "method": score.method,
        "wql": number(score.wql),
        "bias": number(score.bias),
        "service": [number(share) for share in score.service],
    }
