"""The forecast of a catalogue spread over the workers of a dask cluster: the one place that knows dask.

What the whole catalogue teaches is learned once and sent to every worker; each forecasts pieces of it. A part's
forecast is the same whatever parts are beside it, so the result equals that of one machine.
"""

import importlib
import importlib.util
import logging
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

from forecasting.arrays import Integers
from forecasting.demand import DemandPanel
from forecasting.engine import ForecastResult, Learned, Progress, apply
from forecasting.errors import ForecastError
from forecasting.pieces import PIECE, pieces

INSTALLED = importlib.util.find_spec("distributed") is not None
LOCAL = "local"
WAIT = 10
"""Seconds to wait for a scheduler."""
WORKERS = 2
"""Processes of a local cluster."""
AHEAD = 3
"""Pieces under way for each worker; more would only fill memory."""


class ClusterError(ForecastError):
    """The cluster cannot be used."""


def on_cluster(
    address: str, learned: Learned, known: DemandPanel, leads: Integers, tell: Progress, most: int = PIECE
) -> Generator[ForecastResult]:
    """Forecast piece by piece, in the order of the parts, as ``pieces.in_pieces`` does.

    :param address: of the scheduler, such as ``tcp://host:8786``, or ``local`` for two processes on this machine that
        listen on 127.0.0.1 only. Workers must have this package in the same version.
    :raises ClusterError: when dask is not installed, the scheduler is not reached, or workers die.
    """
    with _client(address) as client:
        lesson = client.scatter(learned, broadcast=True)
        limit = AHEAD * max(len(client.scheduler_info()["workers"]), 1)
        under_way: deque[Any] = deque()
        done = 0
        for rows in pieces(len(known), most):
            under_way.append(client.submit(apply, lesson, known.select(rows), leads[rows], pure=False))
            if len(under_way) >= limit:
                tell(done, len(known), "forecast on the cluster")
                result = _result(under_way.popleft())
                done += len(result.part_ids)
                yield result
        while under_way:
            tell(done, len(known), "forecast on the cluster")
            result = _result(under_way.popleft())
            done += len(result.part_ids)
            yield result
    tell(done, len(known), "done")


def _result(future: Any) -> ForecastResult:
    """The result of a piece.

    :raises ClusterError: when the workers died over it or were told to stop.
    """
    distributed = importlib.import_module("distributed")
    try:
        found: ForecastResult = future.result()
    except (distributed.KilledWorker, distributed.client.FutureCancelledError, OSError, ImportError) as error:
        raise ClusterError(f"the cluster gave up a piece of work: {error}") from error
    return found


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes begun inside do not hear Ctrl-C: the one that began them does, and ends them in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # what is ignored stays ignored in a new program; a signal that is only held back would be heard there again
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A connection to the cluster, closed again; a local cluster is ended with it.

    :raises ClusterError: when there is none.
    """
    if not INSTALLED:
        raise ClusterError("a cluster needs dask, which is not installed: install aftersales[cluster]")
    distributed = importlib.import_module("distributed")
    if address == LOCAL:
        with _deaf_to_interrupts():
            cluster = distributed.LocalCluster(
                n_workers=WORKERS,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
        with closing(cluster), closing(distributed.Client(cluster)) as client:
            yield client
        return
    try:
        client = distributed.Client(address, timeout=WAIT)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"no dask scheduler answers at {address!r}: {error}") from error
    with closing(client):
        if not client.scheduler_info()["workers"]:
            raise ClusterError(f"the dask scheduler at {address!r} has no workers")
        yield client
