"""Names for the array types used all over the package."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Floating-point numbers; NaN means missing wherever demand is meant."""

Flags = NDArray[np.bool_]
"""Yes or no."""

Integers = NDArray[np.int64]
"""Whole numbers."""

Words = NDArray[np.str_]
"""Short texts: part numbers, classes, names of methods."""


def down(values: Array) -> Array:
    """Sum along the first axis, one after the other: one column alone gets the same last digit as among many."""
    return np.asarray(np.cumsum(values, axis=0)[-1])
