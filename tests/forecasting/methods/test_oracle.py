"""The plain methods beside statsforecast's on random series; skipped where it is not installed."""

import warnings

import numpy as np
import pytest

from forecasting.arrays import Array
from forecasting.methods.aggregate import Adida, Imapa
from forecasting.methods.base import FlatMethod
from forecasting.methods.croston import Croston, Sba
from forecasting.methods.mean import Mean, Naive, RecentMean
from forecasting.methods.smoothing import Ses
from forecasting.methods.tsb import Tsb
from tests.bench import rivals
from tests.forecasting import catalogues as kinds

pytestmark = pytest.mark.skipif(not rivals.INSTALLED, reason="statsforecast is not installed")


def random_series(seed: int) -> Array:
    """Series of many kinds with at least two demands each."""
    demand = np.vstack([kinds.intermittent(60, 48, seed), kinds.lumpy(40, 48, seed), kinds.fast(20, 48, seed)])
    return np.asarray(demand[(demand > 0).sum(axis=1) >= 2])


def said(demand: Array, name: str) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it compiles at its first use, and warns of what it compiles
        return rivals.rates(demand, only=[name])[name]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Croston(), "Croston"),
        (Sba(), "SBA"),
        (Tsb(0.1, 0.1), "TSB"),
        (Ses((0.1,)), "SES .1"),
        (Mean(), "mean"),
        (RecentMean(window=12), "mean of 12"),
        (Naive(), "naive"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_number_on_random_series(ours: FlatMethod, theirs: str) -> None:
    for seed in (1, 2):
        demand = random_series(seed)
        mine = ours.rates(np.ascontiguousarray(demand.T), [demand.shape[1]])[0]
        np.testing.assert_allclose(mine, said(demand, theirs), rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize(("ours", "theirs"), [(Adida(), "ADIDA"), (Imapa(), "IMAPA")], ids=["ADIDA", "IMAPA"])
def test_nearly_the_same_where_the_weight_is_searched_for(ours: FlatMethod, theirs: str) -> None:
    """Its smoothing weight is optimised for each part, ours is .2 for all: alike over a catalogue, not part by part."""
    demand = random_series(3)
    mine, peer = ours.rates(np.ascontiguousarray(demand.T), [demand.shape[1]])[0], said(demand, theirs)
    assert mine.sum() == pytest.approx(peer.sum(), rel=0.1)
    assert np.corrcoef(mine, peer)[0, 1] > 0.97
