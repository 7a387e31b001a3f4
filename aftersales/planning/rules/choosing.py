"""Which forecast a part gets: from its demand history, from the installed base, or the mean of both.

All are tried at the same past origins on the pinball loss of the lead-time demand, which is what a planner pays for.
A part's own few windows are too few to tell luck from skill, so its gain is shrunk to that of all parts with the same
kind of demand: posterior = (n·own + k·group) / (n + k), with n the windows that had demand.
"""

from collections.abc import Sequence

import numpy as np

from forecasting.arrays import Array, Flags, Integers, Words
from forecasting.evaluate import pinball

BELIEF = 6.0
"""Windows with demand that the group's experience is worth."""
LEAST_PARTS = 5
"""Parts a group needs; smaller ones share the experience of all."""
LEAST_GAIN = 0.01
"""Share of the loss to be saved before the forecast from history gives way."""


def losses(actual: Array, quantiles: Array, probabilities: Sequence[float]) -> Array:
    """Return the pinball loss of each part summed over the probabilities; NaN where the demand is not known.

    :param actual: lead-time demand, shape (parts,).
    :param quantiles: shape (parts, probabilities).
    """
    return np.asarray(sum(pinball(actual, quantiles[:, place], tau) for place, tau in enumerate(probabilities)))


def choose(tried: Array, demanded: Flags, groups: Words) -> Integers:
    """Return which method each part gets; 0 is the first one, which stands unless another one saves loss.

    :param tried: losses, shape (methods, origins, parts), NaN where not known.
    :param demanded: windows with demand, shape (origins, parts).
    :param groups: kind of demand of each part, shape (parts,).
    """
    known = np.isfinite(tried).all(axis=0)
    loss = np.where(known, tried, 0.0).sum(axis=1)
    windows = (known & demanded).sum(axis=0)
    gains = np.zeros(loss.shape)
    for method in range(1, len(loss)):
        gain, scale = loss[0] - loss[method], (loss[0] + loss[method]) / 2
        own = gain / np.maximum(scale, 1e-12)
        group = _of_groups(gain, scale, groups)
        gains[method] = (windows * own + BELIEF * group) / (windows + BELIEF)
    best = np.argmax(gains, axis=0)
    return np.asarray(np.where(gains.max(axis=0) > LEAST_GAIN, best, 0), dtype=np.int64)


def _of_groups(gain: Array, scale: Array, groups: Words) -> Array:
    """The share of the loss saved in each part's group, shape (parts,)."""
    overall = float(gain.sum()) / max(float(scale.sum()), 1e-12)
    found = np.full(gain.shape, overall)
    for group in np.unique(groups):
        inside = groups == group
        if inside.sum() >= LEAST_PARTS:
            found[inside] = float(gain[inside].sum()) / max(float(scale[inside].sum()), 1e-12)
    return found
