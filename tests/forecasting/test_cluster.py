import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from forecasting import cluster
from forecasting.cluster import ClusterError, on_cluster
from forecasting.demand import DemandPanel
from forecasting.engine import ForecastResult, Settings, forecast, lead_times, learn
from tests.forecasting import catalogues as kinds

installed = pytest.mark.skipif(not cluster.INSTALLED, reason="dask distributed is not installed")


def catalogue() -> tuple[DemandPanel, Settings]:
    panel = kinds.monthly_panel(np.vstack([kinds.smooth(20), kinds.gaps(80, 60), kinds.lots(30, 60)]))
    return panel, Settings(lead_time=np.arange(len(panel)) % 3 + 1, horizon=6)


def spread(address: str, panel: DemandPanel, settings: Settings, told: list[int] | None = None) -> list[ForecastResult]:
    leads = lead_times(settings, len(panel))
    tell = (lambda *_: None) if told is None else (lambda done, *_: told.append(done))
    return list(on_cluster(address, learn(panel, settings), panel, leads, tell, most=17))


def equal(results: list[ForecastResult], whole: ForecastResult) -> None:
    assert np.concatenate([result.part_ids for result in results]).tolist() == whole.part_ids.tolist()
    for name in ("mean", "quantiles", "lead_mean", "lead_quantiles", "method", "demand_class", "phase", "lead_time"):
        together = np.concatenate([getattr(result, name) for result in results])
        np.testing.assert_array_equal(together, getattr(whole, name), err_msg=name)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        host="127.0.0.1",
        protocol="tcp",
        dashboard_address="127.0.0.1:0",
    ) as running:
        yield running


@installed
def test_two_processes_of_this_machine_give_what_one_gives() -> None:
    panel, settings = catalogue()
    told: list[int] = []
    equal(spread("local", panel, settings, told), forecast(panel, settings))
    assert told == sorted(told)
    assert told[-1] == len(panel)


@installed
def test_processes_of_this_machine_leave_interrupts_to_the_one_that_began_them() -> None:
    before = signal.getsignal(signal.SIGINT)
    with cluster._client("local") as client:
        assert client.submit(signal.getsignal, signal.SIGINT, pure=False).result() == signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is before


@installed
def test_a_running_scheduler_gives_what_one_machine_gives(scheduler: Any) -> None:
    assert "127.0.0.1" in scheduler.scheduler_address
    panel, settings = catalogue()
    equal(spread(scheduler.scheduler_address, panel, settings), forecast(panel, settings))


@installed
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://here", ""])
def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(cluster, "WAIT", 1)
    with pytest.raises(ClusterError, match=f"no dask scheduler answers at {address!r}"):
        spread(address, *catalogue())


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "INSTALLED", False)
    with pytest.raises(ClusterError, match=r"install aftersales\[cluster\]"):
        spread("local", *catalogue())
