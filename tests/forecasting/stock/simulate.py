"""A stockroom played through, piece by piece."""

import numpy as np

from forecasting.arrays import Array


def served_at_once(
    rng: np.random.Generator, *, mean: float, variance: float, lead_time: float, stock: int, quantity: int, periods: int
) -> tuple[float, float]:
    """Pieces asked for and pieces served at once under an (r, Q) policy with r + Q = stock.

    Customers come at random moments and ask for a batch, so that the demand of a period is negative binomial with the
    mean and variance given (Poisson when they are equal). What was ordered comes after exactly the lead time: the net
    stock at t is the position at t − L less the demand since.
    """
    theta = 1 - mean / variance if variance > mean else 0.0
    batches = mean if theta == 0 else -mean * (1 - theta) / theta * np.log1p(-theta)
    count = rng.poisson(batches * periods)
    moments = np.sort(rng.uniform(0, periods, count))
    sizes = rng.logseries(theta, count).astype(np.float64) if theta else np.ones(count)
    asked = np.concatenate([[0.0], np.cumsum(sizes)])
    earlier: Array = asked[np.searchsorted(moments, moments - lead_time, side="right")]
    position = np.where(stock > 0, stock - np.mod(earlier, quantity), 0.0)
    net = position - (asked[:-1] - earlier)
    settled = moments > lead_time
    return float(sizes[settled].sum()), float(np.clip(net, 0, sizes)[settled].sum())
