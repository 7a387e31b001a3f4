"""Backorders of a depot and its sites without approximation, to hold VARI-METRIC against."""

import numpy as np
from scipy import stats

from forecasting.arrays import Array
from forecasting.stock.network import Network


def backorders(network: Network, depot_stock: Array, stock: Array, most: int = 160) -> Array:
    """What every site owes, shape (parts, sites).

    What the depot owes is a Poisson pipeline beyond its stock; each piece of it is owed to site j with probability f_j
    (R. M. Simon, Operations Research 19, 1971; S. C. Graves, Management Science 31, 1985).
    """
    parts, sites = network.demand.shape
    sent = network.demand * (1 - network.repair_share)
    own = network.demand * network.repair_share * network.repair_time + sent * network.transport_time
    pieces = np.arange(most)
    result = np.zeros((parts, sites))
    for part in range(parts):
        total = sent[part].sum()
        owed = stats.poisson.pmf(pieces + depot_stock[part], total * network.depot_repair_time[part])
        owed[0] = stats.poisson.cdf(depot_stock[part], total * network.depot_repair_time[part])
        for site in range(sites):
            share = sent[part, site] / total if total else 0.0
            mine = owed @ stats.binom.pmf(pieces[None, :], pieces[:, None], share)
            pipeline = np.convolve(mine, stats.poisson.pmf(pieces, own[part, site]))[:most]
            result[part, site] = pipeline @ np.maximum(pieces - stock[part, site], 0)
    return result
