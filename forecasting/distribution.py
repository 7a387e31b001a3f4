"""Demand over one period or over the lead time as a distribution, not one number.

Per part one of three families with given mean m and variance V, in units of the part's lot u:
negative binomial, size m²/(V − m) and probability m/V (m, V in lots); Poisson where V ≤ m·u; gamma, shape m²/V and
scale V/m, where demand is not whole or the mean is so large that counting no longer matters.
The negative binomial for spare parts: J. E. Boylan, A. A. Syntetos, Intermittent Demand Forecasting (2021), chapter 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from forecasting.arrays import Array, Integers
from forecasting.errors import SettingsError

COUNTING_ENDS = 200.0
"""Mean in lots above which a rounded gamma stands in for the negative binomial."""
FEW_DEMANDS = 3
"""With fewer demands than this their greatest common divisor says nothing about a lot."""


def lot_unit(demand: Array) -> Array:
    """The lot each part is demanded in: the greatest common divisor of its demands; 0 where they are not whole.

    :param demand: shape (parts, periods), NaN = missing.
    :returns: pieces, shape (parts,); 1 for parts with fewer than three demands.
    """
    return np.asarray(lots_at(demand.T, [demand.shape[1]])[0])


def lots_at(demand: Array, origins: Sequence[int]) -> Array:
    """The lot of every part as known at each origin.

    :param demand: shape (periods, parts).
    :returns: shape (origins, parts).
    """
    divisor: Integers = np.zeros(demand.shape[1], dtype=np.int64)
    hits: Integers = np.zeros(demand.shape[1], dtype=np.int64)
    whole = np.ones(demand.shape[1], dtype=np.bool_)
    kept: dict[int, Array] = {}
    wanted = set(origins)
    for time in range(max(origins) + 1):
        if time in wanted:
            kept[time] = np.where(whole, np.where(hits >= FEW_DEMANDS, divisor, 1), 0).astype(np.float64)
        if time < len(demand):
            pieces = np.nan_to_num(demand[time])
            whole &= pieces == np.rint(pieces)
            divisor = np.gcd(divisor, np.where(whole, pieces, 0.0).astype(np.int64))
            hits += pieces > 0
    return np.stack([kept[origin] for origin in origins])


def inflate(variance: Array, lead: int, known: Array) -> Array:
    """Variance of the demand plus that of its estimate: times 1 + L / clip(known periods, 2, 36)."""
    return np.asarray(variance * (1.0 + lead / np.clip(known, 2.0, 36.0)))


@dataclass(frozen=True, eq=False)
class Demand:
    """Distribution of the demand of many parts.

    :param mean: expected pieces, shape (parts,).
    :param variance: pieces squared, shape (parts,).
    :param lot: lot of each part in pieces, 0 = demand is not whole, shape (parts,).
    :raises SettingsError: for negative or infinite numbers or unequal shapes.
    """

    mean: Array
    variance: Array
    lot: Array

    def __post_init__(self) -> None:
        if not self.mean.shape == self.variance.shape == self.lot.shape:
            raise SettingsError("mean, variance and lot are of different length")
        for values in (self.mean, self.variance, self.lot):
            if not (np.isfinite(values).all() and (values >= 0).all()):
                raise SettingsError("mean, variance and lot must be finite and not below zero")

    def quantiles(self, probabilities: Sequence[float]) -> Array:
        """Least demand that is reached or undercut with each probability, shape (parts, probabilities), ascending."""
        wanted = check_probabilities(probabilities)
        result = np.zeros((len(self.mean), len(wanted)))
        for column, probability in enumerate(wanted):
            result[:, column] = self._quantile(probability)
        return np.maximum.accumulate(result, axis=1)

    def _quantile(self, probability: float) -> Array:
        unit, mean, variance = self._in_lots()
        result = np.zeros(len(mean))
        counting, smooth = self._families()
        size = np.square(mean[counting]) / np.maximum(variance[counting] - mean[counting], 1e-12)
        poisson = variance[counting] <= mean[counting] * (1 + 1e-9)
        counted = np.where(
            poisson,
            stats.poisson.ppf(probability, mean[counting]),
            stats.nbinom.ppf(
                probability,
                np.where(poisson, 1.0, size),
                np.minimum(mean[counting] / np.maximum(variance[counting], 1e-300), 1.0),
            ),
        )
        result[counting] = counted
        shape = np.square(mean[smooth]) / variance[smooth]
        ahead = special.gammaincinv(shape, probability) * variance[smooth] / mean[smooth]
        result[smooth] = np.where(self.lot[smooth] > 0, np.maximum(np.ceil(ahead - 0.5), 0.0), ahead)
        return np.asarray(np.nan_to_num(result) * unit)

    def cdf(self, demand: Array) -> Array:
        """Probability of this demand or less, shape (parts,)."""
        unit, mean, variance = self._in_lots()
        counting, smooth = self._families()
        lots = np.floor(demand / unit + 1e-9)
        result = np.where(demand >= 0, 1.0, 0.0)
        few, spread = mean[counting], variance[counting]
        poisson = spread <= few * (1 + 1e-9)
        size = np.where(poisson, 1.0, np.square(few) / np.maximum(spread - few, 1e-12))
        result[counting] = np.where(
            poisson,
            stats.poisson.cdf(lots[counting], few),
            stats.nbinom.cdf(lots[counting], size, np.minimum(few / np.maximum(spread, 1e-300), 1.0)),
        )
        at = np.where(self.lot > 0, lots + 0.5, demand)[smooth]
        scale = variance[smooth] / mean[smooth]
        result[smooth] = np.where(
            demand[smooth] >= 0, special.gammainc(mean[smooth] / scale, np.maximum(at, 0) / scale), 0.0
        )
        return result

    def pit(self, demand: Array, rng: np.random.Generator) -> Array:
        """Randomised probability integral transform: uniform on 0…1 when the distribution is right.

        C. Czado, T. Gneiting, L. Held, Predictive model assessment for count data, Biometrics 65 (2009).
        """
        upper = self.cdf(demand)
        step = np.where(self.lot > 0, self.lot, 0.0)
        lower = np.where(step > 0, self.cdf(demand - step), np.where(demand > 0, upper, 0.0))
        return np.asarray(lower + rng.uniform(size=len(upper)) * (upper - lower))

    def _in_lots(self) -> tuple[Array, Array, Array]:
        unit = np.where(self.lot > 0, self.lot, 1.0)
        return unit, self.mean / unit, self.variance / np.square(unit)

    def _families(self) -> tuple[Integers, Integers]:
        """Rows counted (negative binomial or Poisson) and rows of the gamma; the rest expect nothing."""
        unit = np.where(self.lot > 0, self.lot, 1.0)
        some = self.mean > 0
        counting = some & (self.lot > 0) & (self.mean <= COUNTING_ENDS * unit)
        smooth = some & ~counting & (self.variance > 0)
        return np.flatnonzero(counting), np.flatnonzero(smooth)


def check_probabilities(probabilities: Sequence[float]) -> tuple[float, ...]:
    """The probabilities as given.

    :raises SettingsError: unless there is at least one and they ascend between 0 and 1.
    """
    wanted = tuple(float(value) for value in probabilities)
    inside = all(0 < value < 1 for value in wanted)
    if not wanted or not inside or list(wanted) != sorted(set(wanted)):
        raise SettingsError(f"quantiles {list(wanted)} must ascend and lie between 0 and 1")
    return wanted
