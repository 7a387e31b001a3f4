"""The reliability of machines."""

from typing import Any

from aftersales.reliability import overview
from aftersales.work import Work
from api.http import Room
from api.schemas.reliability import ReliabilityAnswer, ReliabilityQuery

room = Room("reliability", __name__, "Failures against hours: MTBF, MTTR, what fails most, how long components live")


@room.reads("/reliability", answer=ReliabilityAnswer, query=ReliabilityQuery)
def get_reliability(work: Work, query: dict[str, Any]) -> overview.Overview:
    """Show how reliable the machines are that you see."""
    return overview.overview(work.session, work.actor, work.now, **query)
