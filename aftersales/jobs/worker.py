"""The job worker: huey on a SQLite file by default, on Redis when an address is set."""

import signal
from threading import Event
from typing import Any

import structlog
from huey import RedisHuey, SqliteHuey, crontab

from aftersales.access import SYSTEM
from aftersales.jobs import handlers
from aftersales.jobs.outbox import deliver
from aftersales.work import Workshop

log = structlog.get_logger("aftersales.jobs")


def queue(workshop: Workshop) -> Any:
    """Return the huey queue with what is done by the clock: the nightly tasks."""
    settings = workshop.settings
    settings.var.mkdir(parents=True, exist_ok=True)
    if settings.redis_url:
        huey = RedisHuey("aftersales", url=settings.redis_url)
    else:
        huey = SqliteHuey("aftersales", filename=str(settings.var / "jobs.db"), fsync=True)

    @huey.periodic_task(crontab(hour="2", minute="10"), name="nightly")  # type: ignore[untyped-decorator] # not typed
    def nightly() -> None:
        run_nightly(workshop)

    return huey


def run_nightly(workshop: Workshop) -> None:
    """Do everything that is done once a night, each in a transaction of its own."""
    for name, task in handlers.NIGHTLY.items():
        with workshop.transaction(SYSTEM) as work:
            result = task(work)
        log.info("nightly", task=name, result=result)


def run(workshop: Workshop) -> None:
    """Work until told to end (SIGINT or SIGTERM): look for due events every second, and follow the schedule."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    consumer = queue(workshop).create_consumer(workers=1, periodic=True, check_worker_health=False)
    consumer.start()
    log.info("job worker started")
    while not stop.wait(1.0):
        deliver(workshop, handlers.HANDLERS)
    consumer.stop(graceful=True)
