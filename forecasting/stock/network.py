"""A central depot and the sites it supplies: what given stock of repairable parts does, by VARI-METRIC.

A failed piece is repaired at its site with probability r, else sent to the depot, which sends one back when it has one.
Depot: Poisson pipeline λ₀τ, its backorders with mean EBO₀ and variance VBO₀. Site j receives the share
f_j = λ_j(1 − r_j)/λ₀ of what the depot owes, so that its pipeline has
mean λ_j(r_jT_j + (1 − r_j)O_j) + f_jEBO₀ and variance λ_j(r_jT_j + (1 − r_j)O_j) + f_j(1 − f_j)EBO₀ + f_j²VBO₀,
taken as negative binomial. METRIC, which takes it as Poisson, promises up to a tenth too few backorders. Where failures
come in batches (variance φ times the mean), so do the pipelines (Palm's theorem for compound Poisson demand, G. J.
Feeney, C. C. Sherbrooke, Management Science 12, 1966), and φ multiplies the first two terms.
C. C. Sherbrooke, VARI-METRIC, Operations Research 34 (1986); the same, Optimal Inventory Modeling of Systems (2004),
chapter 3; S. C. Graves, Management Science 31 (1985).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import special

from forecasting.arrays import Array, Integers
from forecasting.errors import SettingsError
from forecasting.stock import counted
from forecasting.stock.demands import check
from forecasting.stock.levels import CELLS, MANY, NEARLY_POISSON, fill_rates, probabilities

PER_PART = ("price", "depot_repair_time", "weight", "dispersion")


@dataclass(frozen=True, eq=False, kw_only=True)
class Network:
    """Parts and sites; times in periods, demand in pieces per period.

    :param price: money per piece, shape (parts,).
    :param demand: λ, failures at each site, shape (parts, sites); 0 where a site has no such part.
    :param repair_share: r, repaired at the site, 0 … 1, shape (parts, sites).
    :param repair_time: T, there. ``transport_time``: O, from order to receipt when the depot has one; both as demand.
    :param depot_repair_time: τ, with the way there, shape (parts,).
    :param dispersion: φ, variance of the demand over its mean, ≥ 1, shape (parts,); 1 (Poisson) by default.
    :param weight: how much a backorder of this part counts beside others, shape (parts,); 1 by default.
    :raises SettingsError: for negative or infinite numbers, unequal shapes, or over 500 pieces under way to a site.
    """

    price: Array
    demand: Array
    repair_share: Array
    repair_time: Array
    transport_time: Array
    depot_repair_time: Array
    weight: Array = field(default_factory=lambda: np.ones(0))
    dispersion: Array = field(default_factory=lambda: np.ones(0))

    def __post_init__(self) -> None:
        for name in ("weight", "dispersion"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.ones(len(self.price)))
        shape = self.demand.shape
        for name in (*PER_PART, "demand", "repair_share", "repair_time", "transport_time"):
            values = getattr(self, name)
            check(name.replace("_", " "), values)
            if values.shape != (shape if values.ndim == 2 else shape[:1]):
                raise SettingsError(f"{name} holds {values.shape} values for {shape[0]} parts at {shape[-1]} sites")
        if (self.dispersion < 1).any():
            raise SettingsError("the variance of the demand over its mean is at least 1")
        if (self.repair_share > 1).any():
            raise SettingsError("the share repaired at a site is at most 1")
        most = self.pipeline(np.zeros(len(self.price)))[0]
        if most.size and most.max() > MANY:
            part, site = np.unravel_index(int(most.argmax()), most.shape)
            raise SettingsError(
                f"part {part + 1} has {most.max():.0f} pieces under way to site {site + 1}; "
                f"at most {MANY:g} can be counted"
            )

    @property
    def depot_demand(self) -> Array:
        """Pieces sent to the depot per period, shape (parts,)."""
        return np.asarray((self.demand * (1 - self.repair_share)).sum(axis=1))

    def select(self, parts: Integers) -> "Network":
        """Only these parts."""
        return Network(
            price=self.price[parts],
            demand=self.demand[parts],
            repair_share=self.repair_share[parts],
            repair_time=self.repair_time[parts],
            transport_time=self.transport_time[parts],
            depot_repair_time=self.depot_repair_time[parts],
            weight=self.weight[parts],
            dispersion=self.dispersion[parts],
        )

    def pipeline(self, depot_stock: Array) -> tuple[Array, Array]:
        """Mean and variance of the pieces on the way to or in repair at each site, shape (parts, sites).

        :param depot_stock: whole pieces, shape (parts,).
        """
        sent = self.demand * (1 - self.repair_share)
        total = sent.sum(axis=1)
        owed, spread = depot_backorders(total * self.depot_repair_time, depot_stock, self.dispersion)
        share = sent / np.maximum(total, 1e-300)[:, None]
        own = self.demand * self.repair_share * self.repair_time + sent * self.transport_time
        mean = own + share * owed[:, None]
        apart = (own + share * (1 - share) * owed[:, None]) * self.dispersion[:, None]
        variance = apart + np.square(share) * spread[:, None]
        return mean, np.maximum(variance, mean)


@dataclass(frozen=True, eq=False)
class NetworkPolicy:
    """What is kept where and what it gives.

    :param depot_stock: shape (parts,).
    :param stock: of the sites, shape (parts, sites); ``expected_backorders`` and ``fill_rate`` alike.
    :param depot_backorders: pieces the depot owes at any moment, shape (parts,).
    :param depot_fill_rate: share of the sites' orders that the depot serves at once, shape (parts,).
    :param investment: money. ``owed``: pieces the sites owe. ``availability``: share of demand at sites served at once.
    """

    depot_stock: Array
    stock: Array
    depot_backorders: Array
    depot_fill_rate: Array
    expected_backorders: Array
    fill_rate: Array
    investment: float
    owed: float
    availability: float


def depot_backorders(pipeline: Array, stock: Array, dispersion: "Array | float" = 1.0) -> tuple[Array, Array]:
    """Mean and variance of what the depot owes, its pipeline being negative binomial, Poisson without dispersion.

    From n(n − 1)·p(n; k) = (m² + V − m)·p(n − 2; k + 2) and n·p(n; k) = m·p(n − 1; k + 1); all arrays of one shape.
    """
    variance = pipeline * dispersion
    owed = counted.beyond(pipeline, variance, stock)
    over = 1 - counted.at_most(pipeline, variance, stock)
    reached = np.where(
        stock > 0, np.divide(owed + stock * over, pipeline, where=pipeline > 0, out=np.zeros_like(over)), 1
    )
    pairs = (np.square(pipeline) + variance - pipeline) * _two_more(pipeline, variance, stock)
    square = pairs - (2 * stock - 1) * pipeline * reached + np.square(stock) * over
    return owed, np.maximum(square - np.square(owed), owed)


def _two_more(mean: Array, variance: Array, stock: Array) -> Array:
    """Probability that a demand of size k + 2 (Poisson: the same) is at least S − 1."""
    batches = (variance > mean * (1 + NEARLY_POISSON)) & (mean > 0)
    theta = np.where(batches, 1 - mean / np.maximum(variance, 1e-300), 0.5)
    size = np.where(batches, mean * (1 - theta) / theta, 1.0)
    one = np.maximum(stock - 1, 1.0)
    found = np.where(batches, special.betainc(one, size + 2, theta), special.gammainc(one, mean))
    return np.asarray(np.where(stock > 1, found, 1.0))


def _depot_fill(waiting: Array, stock: Array, dispersion: Array) -> Array:
    column = waiting[:, None]
    fill = fill_at(column, column * dispersion[:, None], stock[:, None], dispersion)[:, 0]
    return np.asarray(np.where(waiting > 0, fill, 1.0))


def fill_at(mean: Array, variance: Array, stock: Array, dispersion: Array) -> Array:
    """Share of pieces served at once, all arrays of shape (parts, sites), ``dispersion`` of shape (parts,).

    Exact where the spread of the pipeline comes from batches alone or not at all, in between by its shares.
    """
    fill = np.where(stock > 0, counted.at_most(mean, variance, np.maximum(stock - 1, 0.0)), 0.0)
    share = from_batches(mean, variance, dispersion)
    part, site = np.nonzero((share > 0) & (stock > 0))
    for rows in np.array_split(np.arange(len(part)), max(len(part) * int(stock.max(initial=0)) // CELLS, 1)):
        at = part[rows], site[rows]
        if len(rows):
            chance = probabilities(mean[at], variance[at], int(stock[at].max()) + 1)
            batch = fill_rates(mean[at], variance[at], chance)[np.arange(len(rows)), stock[at].astype(np.int64)]
            fill[at] += share[at] * (batch - fill[at])
    return np.asarray(fill)


def from_batches(mean: Array, variance: Array, dispersion: Array) -> Array:
    """How much of the spread of the pipelines comes from batches, 0 … 1, shape (parts, sites)."""
    batch = np.broadcast_to(dispersion[:, None] - 1, mean.shape)
    spread = np.maximum(np.divide(variance, mean, where=mean > 0, out=np.ones_like(mean)) - 1, batch)
    return np.asarray(np.divide(batch, spread, where=batch > NEARLY_POISSON, out=np.zeros_like(spread)))


def evaluate(network: Network, depot_stock: Array, stock: Array) -> NetworkPolicy:
    """Backorders and fill rate of any stock.

    :param depot_stock: whole pieces, shape (parts,). ``stock``: at the sites, shape (parts, sites).
    """
    mean, variance = network.pipeline(depot_stock)
    owed = counted.beyond(mean, variance, stock)
    fill = fill_at(mean, variance, stock, network.dispersion)
    asked = float(network.demand.sum())
    waiting = network.depot_demand * network.depot_repair_time
    return NetworkPolicy(
        depot_stock,
        stock,
        depot_backorders(waiting, depot_stock, network.dispersion)[0],
        _depot_fill(waiting, depot_stock, network.dispersion),
        owed,
        fill,
        float(network.price @ (depot_stock + stock.sum(axis=1))),
        float(owed.sum()),
        float((fill * network.demand).sum()) / asked if asked else 1.0,
    )
