"""Why a number is what it is, as it is kept with it: the pieces of the forecast and the machines they come from."""

from datetime import date
from typing import Any

import numpy as np

from aftersales.planning.causal import BOTH, CAUSAL, Causal
from aftersales.planning.installed_base.building import Base
from aftersales.planning.rules.explaining import PIECES, exact_pieces, remainder
from forecasting.arrays import Array, Integers

TOP = 10
"""Machines kept by name for each part; the rest are kept as one sum."""
CHOICES = {CAUSAL: "fleet", BOTH: "both"}


def explained(base: Base, causal: Causal, mean: Array) -> dict[int, dict[str, Any]]:
    """Return the explanation of every part of the installed base, by row of the panel.

    :param mean: the forecast as it is kept, shape (parts of the panel, months).
    """
    found, horizon = causal.forecast, mean.shape[1]
    owners = _planned_machines(base, found.periods.first, horizon)
    explanations = {}
    for part, row in enumerate(causal.rows.tolist()):
        unit = float(causal.unit[part])
        known = {name: getattr(found, name)[part, :horizon] * unit for name in PIECES[:-1]}
        if not base.followed[part]:
            # filters and oil are changed, not mended: what goes beyond the plan is known from history alone
            del known["failures"]
        explanations[row] = {
            **exact_pieces(mean[row], known),
            **_by_machine(base, causal, part, mean[row]),
            "planned_machines": owners[part].tolist(),
            "machines_in_use": int(found.population[part]),
            "fleet_mean": [round(float(value) * unit, 6) for value in found.mean[part, :horizon]],
            "lives": _lives(causal, part),
            "chosen": CHOICES.get(int(causal.chosen[part]), "history"),
            "tried": _tried(causal, part),
        }
    return explanations


def _by_machine(base: Base, causal: Causal, part: int, mean: Array) -> dict[str, Any]:
    """The machines that are expected to need most, the others in one sum, new ones by model, and what is left."""
    rows, horizon, unit = causal.forecast.explain.of(part), len(mean), float(causal.unit[part])
    expected = rows.expected[:, :horizon] * unit
    real = np.flatnonzero(rows.machine >= 0)
    order = real[np.argsort(-expected[real].sum(axis=1), kind="stable")]
    machines: list[dict[str, Any]] = [
        {
            "machine_id": base.known[int(rows.machine[at])].id,
            "hours": _number(rows.age[at], 0),
            "hours_per_day": _number(rows.use[at], 2),
            "expected": _rounded(expected[at]),
        }
        for at in order[:TOP]
    ]
    others: dict[str, Any] = {
        "machines": max(len(real) - TOP, 0),
        "expected": _rounded(expected[order[TOP:]].sum(axis=0)),
    }
    new: list[dict[str, Any]] = [
        {"model": str(rows.label[at]).removeprefix("new:"), "expected": _rounded(expected[at])}
        for at in range(len(rows.label))
        if str(rows.label[at]).startswith("new:")
    ]
    parts = [one["expected"] for one in [*machines, others, *new]]
    oldest = _oldest(base, rows.machine, rows.age)
    whole = _rounded(mean)
    return {"machines": machines, "others": others, "new": new, "rest": remainder(whole, parts), "oldest": oldest}


def _oldest(base: Base, machine: Integers, age: Array) -> dict[str, Any] | None:
    known = np.where((machine >= 0) & np.isfinite(age), age, -1.0)
    if not len(known) or known.max() < 0:
        return None
    at = int(np.argmax(known))
    return {"machine_id": base.known[int(machine[at])].id, "hours": _number(age[at], 0)}


def _planned_machines(base: Base, first: int, horizon: int) -> Integers:
    """On how many machines something is planned, by part and month."""
    plan = base.fleet.planned
    days = [date(number // 12, number % 12 + 1, 1).toordinal() for number in range(first, first + horizon + 1)]
    month = np.searchsorted(np.array(days, dtype=np.float64), plan.due, side="right") - 1
    inside = (month >= 0) & (month < horizon)
    once = np.unique(np.stack([plan.part[inside], month[inside], plan.machine[inside]]), axis=1)
    count = np.zeros((len(base.rows), horizon), dtype=np.int64)
    np.add.at(count, (once[0], once[1]), 1)
    return count


def _lives(causal: Causal, part: int) -> list[dict[str, Any]]:
    lives = causal.forecast.lives
    return [
        {
            "group": str(lives.group[at]),
            "shape": _number(lives.shape[at], 3),
            "scale_hours": _number(lives.scale[at], 0),
            "failures": int(lives.failures[at]),
            "exposure_hours": _number(lives.exposure[at], 0),
        }
        for at in np.flatnonzero(lives.part == part).tolist()
    ]


def _tried(causal: Causal, part: int) -> dict[str, Any] | None:
    """The losses of the three at past origins, summed; ``None`` where there was too little history to try."""
    if not len(causal.origins):
        return None
    lost = causal.tried[:, :, part]
    known = np.isfinite(lost).all(axis=0)
    summed = np.where(known, lost, 0.0).sum(axis=1)
    names = ("history", "fleet", "both")
    return {"windows": int(known.sum())} | {name: _number(value, 4) for name, value in zip(names, summed, strict=True)}


def _rounded(values: Array) -> list[float]:
    return [round(float(value), 6) for value in values]


def _number(value: float, places: int) -> float | None:
    return round(float(value), places) + 0.0 if np.isfinite(value) else None
