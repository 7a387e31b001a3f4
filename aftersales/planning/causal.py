"""The forecast from history and the forecast from the installed base, tried beside each other, one chosen per part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from aftersales.planning.installed_base.building import Base
from aftersales.planning.rules.choosing import choose, losses
from forecasting.arrays import Array, Flags, Integers
from forecasting.demand import DemandPanel
from forecasting.distribution import Demand, lot_unit
from forecasting.engine import ForecastResult, Progress, Settings, forecast
from forecasting.installed_base.causal import CausalForecast, CausalSettings, forecast_fleet

HISTORY, CAUSAL, BOTH = 0, 1, 2
BACK = (6, 9, 12, 15)
"""Months before the origin at which both were tried."""
LONGEST_TRIED = 6
"""Lead times are tried up to this many months, for the truth must have come by now."""
MOST_LEARNED = 20_000
"""Parts of a catalogue that are all learned from in a trial; of a larger one those of the machines alone."""
LEAST_KNOWN = 12
"""Months of history before the first trial."""
TRUSTED = ("causal", "rate x base")
BOTH_NAME = "history and fleet"
WORDS = np.dtype("U32")


@dataclass(frozen=True, eq=False)
class Causal:
    """The forecast of a catalogue's installed base, in the parts' own units, and how it did beside the history.

    :param rows: rows of its parts in the panel, shape (parts,).
    :param unit: amount that one piece stands for, shape (parts,).
    :param forecast: in pieces.
    :param chosen: :data:`HISTORY`, :data:`CAUSAL` or :data:`BOTH`, shape (parts,).
    :param tried: losses at past origins, shape (methods, origins, parts); empty when there was too little history.
    :param origins: labels of those origins.
    """

    rows: Integers
    unit: Array
    forecast: CausalForecast
    chosen: Integers
    tried: Array
    origins: tuple[str, ...]

    def summed(self, over: Integers) -> tuple[Array, Array]:
        """Return mean and variance of the demand over the next months of each part (``over``, shape (parts,))."""
        return summed(self.forecast, over, self.unit)


def summed(found: CausalForecast, over: Integers, unit: Array) -> tuple[Array, Array]:
    """Return mean and variance of the demand over the first ``over`` months, in the parts' own units."""
    inside = np.arange(found.mean.shape[1])[None, :] < over[:, None]
    level = found.level_deviation
    mean = (found.mean * inside).sum(axis=1)
    alone = np.maximum(found.variance - np.square(level[:, None] * found.mean), 0.0)
    variance = (alone * inside).sum(axis=1) + np.square(level * mean)
    return mean * unit, np.maximum(variance, 0.0) * np.square(unit)


def lead_quantiles(
    found: CausalForecast, over: Integers, unit: Array, lot: Array, probabilities: Sequence[float]
) -> tuple[Array, Array]:
    """Return mean, shape (parts,), and quantiles, shape (parts, probabilities), of the demand over some months."""
    mean, variance = summed(found, over, unit)
    floor = np.maximum(variance, mean * np.where(lot > 0, lot, 0.0))
    return mean, Demand(mean, floor, lot).quantiles(probabilities)


def run(base: Base, panel: DemandPanel, result: ForecastResult, seed: int, tell: Progress) -> Causal:
    """Forecast from the installed base, try both at past origins and choose for every part.

    :param result: the forecast from the history, of the same origin.
    """
    horizon = max(result.mean.shape[1], int(result.lead_time[base.rows].max()))
    settings = CausalSettings(
        origin=result.periods.label(0), horizon=horizon, quantiles=result.probabilities, seed=seed
    )
    tell(0, 1 + len(BACK), "the installed base")
    found = forecast_fleet(base.fleet, settings)
    trusted = np.isin(found.method, TRUSTED)
    tried, demanded, origins = _try(base, panel, result, seed, tell)
    if len(origins):
        chosen = choose(tried, demanded, result.demand_class[base.rows])
        chosen = np.where((chosen == HISTORY) | trusted, chosen, HISTORY)
    else:
        chosen = np.where(trusted & (found.population > 0), CAUSAL, HISTORY)
    return Causal(base.rows, base.unit, found, chosen.astype(np.int64), tried, origins)


def _try(
    base: Base, panel: DemandPanel, result: ForecastResult, seed: int, tell: Progress
) -> tuple[Array, Flags, tuple[str, ...]]:
    """Losses of both and of their mean at past origins, which windows had demand, and the origins."""
    some = panel.select(base.rows)
    catalogue, rows = (panel, base.rows) if len(panel) <= MOST_LEARNED else (some, np.arange(len(some)))
    over = np.minimum(result.lead_time, LONGEST_TRIED)
    places = [panel.periods.count - back for back in BACK if panel.periods.count - back >= LEAST_KNOWN]
    tried, demanded = list[Array](), list[Flags]()
    for number, place in enumerate(places):
        origin = panel.periods.label(place)
        tell(1 + number, 1 + len(BACK), "trying it on past months")
        actual = _came(some, place, over[base.rows])
        lot = lot_unit(some.demand[:, :place])
        lead = over if catalogue is panel else over[base.rows]
        once = Settings(
            horizon=1, lead_time=lead, quantiles=result.probabilities, seed=seed, origin=origin, back_test=False
        )
        plain = forecast(catalogue, once).lead_quantiles[rows]
        settings = CausalSettings(
            origin=origin, horizon=int(over.max()), quantiles=result.probabilities, seed=seed, explain=False
        )
        fleet = forecast_fleet(base.fleet, settings)
        _, quantiles = lead_quantiles(fleet, over[base.rows], base.unit, lot, result.probabilities)
        both = mean_of(plain, quantiles, lot)
        tried.append(np.stack([losses(actual, one, result.probabilities) for one in (plain, quantiles, both)]))
        demanded.append(actual > 0)
    shape = (3, 0, len(base.rows))
    together = np.stack(tried, axis=1) if tried else np.zeros(shape)
    return together, np.array(demanded, dtype=np.bool_), tuple(panel.periods.label(place) for place in places)


def _came(panel: DemandPanel, place: int, over: Integers) -> Array:
    """Demand of each part in the months from a place in the calendar on; NaN where one of them is not known."""
    months = np.arange(panel.periods.count)[None, :]
    inside = (months >= place) & (months < place + over[:, None])
    return np.asarray(np.where(inside, panel.demand, 0.0).sum(axis=1))


def mean_of(one: Array, other: Array, lot: Array) -> Array:
    """Return the mean of two sets of quantiles, in whole lots where the demand comes in lots."""
    mean = (one + other) / 2
    size = lot.reshape(lot.shape + (1,) * (mean.ndim - lot.ndim))
    return np.asarray(np.where(size > 0, np.ceil(mean / np.where(size > 0, size, 1.0) - 1e-9) * size, mean))


def blended(result: ForecastResult, causal: Causal, panel: DemandPanel) -> ForecastResult:
    """Return the forecast in which every part has what was chosen for it."""
    mean, quantiles = result.mean.copy(), result.quantiles.copy()
    lead_mean, leads, method = result.lead_mean.copy(), result.lead_quantiles.copy(), result.method.astype(WORDS)
    horizon, unit, rows = mean.shape[1], causal.unit, causal.rows
    lot = lot_unit(panel.demand[rows])
    ahead, ahead_q = causal.forecast.mean[:, :horizon] * unit[:, None], causal.forecast.quantiles[:, :horizon]
    ahead_q = ahead_q * unit[:, None, None]
    over, over_q = lead_quantiles(causal.forecast, result.lead_time[rows], unit, lot, result.probabilities)
    for chosen, name in ((CAUSAL, None), (BOTH, BOTH_NAME)):
        mine = np.flatnonzero(causal.chosen == chosen)
        where = rows[mine]
        if chosen == CAUSAL:
            mean[where], quantiles[where], lead_mean[where], leads[where] = (
                ahead[mine],
                ahead_q[mine],
                over[mine],
                over_q[mine],
            )
        else:
            mean[where] = (mean[where] + ahead[mine]) / 2
            quantiles[where] = mean_of(quantiles[where], ahead_q[mine], lot[mine])
            lead_mean[where] = (lead_mean[where] + over[mine]) / 2
            leads[where] = mean_of(leads[where], over_q[mine], lot[mine])
        method[where] = name or causal.forecast.method[mine]
    return replace(
        result,
        mean=mean,
        quantiles=quantiles,
        lead_mean=lead_mean,
        lead_quantiles=leads,
        method=method,
        seconds=result.seconds + causal.forecast.seconds,
    )


def said(base: Base, causal: Causal) -> dict[str, Any]:
    """Return what a run says of its installed base: how large it is, what was chosen and what was left out."""
    names = {HISTORY: "history", CAUSAL: "fleet", BOTH: "both"}
    machines = base.fleet.machines
    return {
        "machines": len(machines),
        "machines_at_work": int(np.isnan(machines.retired).sum()),
        "components": len(base.fleet.installations),
        "parts": len(base.rows),
        "chosen": {name: int((causal.chosen == number).sum()) for number, name in names.items()},
        "tried_at": list(causal.origins),
        "losses": _losses(causal),
        "notes": list(causal.forecast.notes),
    }


def _losses(causal: Causal) -> dict[str, float]:
    """The losses of the three over all parts and past origins at which all are known."""
    if not len(causal.origins):
        return {}
    known: Flags = np.asarray(np.isfinite(causal.tried).all(axis=0))
    summed = np.where(known[None], causal.tried, 0.0).sum(axis=(1, 2))
    return {name: round(float(value), 4) for name, value in zip(("history", "fleet", "both"), summed, strict=True)}
