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


def two_echelons(
    rng: np.random.Generator,
    *,
    demand: list[float],
    dispersion: float,
    repair_share: float,
    repair_time: float,
    transport_time: float,
    depot_repair_time: float,
    depot_stock: int,
    stock: list[int],
    periods: int,
) -> tuple[Array, Array]:
    """Share of pieces served at once and mean pieces owed at each site, all times fixed, the depot serving in turn.

    A batch goes as a whole to its own workshop or to the depot. The depot's n-th order is filled when it is placed or
    when the unit handed in with order n − s comes out of repair, whichever is later.
    """
    theta = 1 - 1 / dispersion
    per_batch = 1.0 if theta == 0 else -theta / (1 - theta) / np.log1p(-theta)
    moments, sites, sizes = [], [], []
    for site, rate in enumerate(demand):
        count = rng.poisson(rate / per_batch * periods)
        moments.append(rng.uniform(0, periods, count))
        sites.append(np.full(count, site))
        sizes.append(rng.logseries(theta, count) if theta else np.ones(count, dtype=np.int64))
    moment, place, size = np.concatenate(moments), np.concatenate(sites), np.concatenate(sizes)
    order = np.argsort(moment)
    moment, place, size = moment[order], place[order], size[order]
    local = rng.uniform(size=len(moment)) < repair_share
    batch = np.repeat(np.arange(len(moment)), size)
    asked = moment[batch]
    back = asked + repair_time
    sent = np.flatnonzero(~local[batch])
    ready = asked[sent] + (depot_repair_time if depot_stock == 0 else 0.0)
    if depot_stock:
        ready[depot_stock:] = np.maximum(ready[depot_stock:], asked[sent][:-depot_stock] + depot_repair_time)
    back[sent] = ready + transport_time
    served, owed = np.zeros(len(demand)), np.zeros(len(demand))
    for site, kept in enumerate(stock):
        mine = np.flatnonzero(place == site)
        returned = np.sort(back[place[batch] == site])
        before = np.concatenate([[0], np.cumsum(size[mine])[:-1]])
        net = kept - (before - np.searchsorted(returned, moment[mine], side="right"))
        settled = moment[mine] > periods / 100
        served[site] = np.clip(net, 0, size[mine])[settled].sum() / size[mine][settled].sum()
        owed[site] = np.maximum(-net, 0)[settled].mean()
    return served, owed
