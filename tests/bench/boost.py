"""The boosted quantiles beside the plain forecast on the car parts: the published protocol, and lead-time demand.

Run: ``python -m tests.bench.boost``; skipped where LightGBM or the data are absent.
"""

from time import perf_counter

import numpy as np

from forecasting import boost
from forecasting.arrays import Array
from forecasting.boost import boosted
from forecasting.demand import DemandPanel
from forecasting.demand_csv import read_wide_csv
from forecasting.engine import Settings, forecast
from forecasting.evaluate import pinball, weighted_quantile_loss
from tests.bench.forecast import LEAD, PUBLISHED, SERVICE, Goal
from tests.forecasting.data import FOLDER

AHEAD = 6
SOUGHT = 0.3094
"""Scaled pinball that gradient boosting was seen to reach."""


def scaled(panel: DemandPanel) -> Goal:
    """Average pinball over .1 … .9 of six months, scaled by the mean absolute change, of parts without blanks."""
    whole = panel.select(np.flatnonzero(~np.isnan(panel.demand).any(axis=1)))
    known, actual = whole.before(whole.periods.count - AHEAD), whole.demand[:, -AHEAD:]
    scale = np.abs(np.diff(known.demand, axis=1)).mean(axis=1)
    used = scale > 0

    def score(quantiles: Array) -> float:
        losses = [
            pinball(actual, quantiles[..., column], share)[used] / scale[used, None]
            for column, share in enumerate(PUBLISHED)
        ]
        return float(np.mean(losses))

    how = Settings(horizon=AHEAD, quantiles=PUBLISHED)
    started = perf_counter()
    plain = score(forecast(known, how).quantiles)
    between = perf_counter()
    mine = score(boosted(known, how).quantiles)
    slower = (perf_counter() - between) / (between - started)
    zero = score(np.zeros((*actual.shape, len(PUBLISHED))))
    beside = f"plain {plain:.4f}; all zero {zero:.4f}; {slower:.0f} times as slow as plain"
    return Goal("boosted, scaled pinball, carparts h=6", mine, SOUGHT, beside=beside)


def lead_time(panel: DemandPanel) -> Goal:
    """Lead-time demand at the last origin of each of three quarters, blanks read as no demand."""
    panel = panel.blank_as_zero()
    last = panel.periods.count - LEAD
    actual, mine, plain = [], [], []
    how = Settings(horizon=1, lead_time=LEAD, quantiles=SERVICE)
    for origin in (last - 2 * LEAD, last - LEAD, last):
        known = panel.before(origin)
        actual.append(panel.demand[:, origin:][:, :LEAD].sum(axis=1))
        mine.append(boosted(known, how).lead_quantiles)
        plain.append(forecast(known, how).lead_quantiles)
    truth = np.stack(actual)
    losses = [weighted_quantile_loss(truth, np.stack(said), SERVICE) for said in (mine, plain)]
    zero = weighted_quantile_loss(truth, np.zeros((*truth.shape, len(SERVICE))), SERVICE)
    beside = f"{losses[0]:.4f} of {losses[1]:.4f}; all zero {zero:.4f}"
    return Goal("boosted, lead-time pinball, carparts, of plain", losses[0] / losses[1], 1.0, beside=beside)


def main() -> None:
    """Print both."""
    path = FOLDER / "carparts.csv"
    if not boost.INSTALLED:
        print("boosted: skipped, LightGBM is not installed")
        return
    if not path.exists():
        print(f"boosted: skipped, {path} is not there")
        return
    print("\nBoosted quantiles: measured, target, met or not")
    panel = read_wide_csv(path)
    for measure in (scaled, lead_time):
        print(measure(panel), flush=True)


if __name__ == "__main__":
    main()
