"""What criticality to propose for a part, from what its failures did and how long a piece takes to come."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.models import Alternate, FailureRecord, FaultReport, Part
from aftersales.translate import N_, Translator
from aftersales.vocabulary import Criticality
from forecasting.stock.classes import Ground
from forecasting.stock.classes import criticality as classify

WORDS = {
    Ground.SAFETY: N_("It keeps people safe"),
    Ground.STANDS_LONG: N_(
        "%(stops)s of its %(failures)s failures left a machine standing, and a piece takes %(days)s days to come"
    ),
    Ground.STANDS_SHORTLY: N_(
        "%(stops)s of its %(failures)s failures left a machine standing, and a piece takes %(days)s days to come"
    ),
    Ground.SELDOM_STANDS: N_("Hardly any of its %(failures)s failures left a machine standing (%(stops)s)"),
    Ground.SUBSTITUTE: N_(
        "%(stops)s of its %(failures)s failures left a machine standing, but another part serves as well"
    ),
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The criticality proposed for a part and what it follows from."""

    criticality: Criticality
    ground: Ground
    stops: int
    failures: int
    days: int

    def said(self, t: Translator) -> str:
        """Say why, in the reader's language."""
        params = {"stops": self.stops, "failures": self.failures, "days": self.days}
        return t.gettext(WORDS[self.ground], **{name: t.number(value) for name, value in params.items()})


def proposals(session: Session, actor: Actor, parts: Sequence[Part]) -> dict[int, Proposal]:
    """Propose a criticality for the parts whose failures are known; of the others nothing is said.

    A failure left a machine standing when its fault says so or hours out of service were recorded.
    """
    stood = or_(FaultReport.stands_still.is_(True), FailureRecord.down_hours > 0)
    query = (
        select(FailureRecord.part_id, func.count(), func.sum(case((stood, 1), else_=0)))
        .join(Part, Part.id == FailureRecord.part_id)
        .outerjoin(FaultReport, FaultReport.id == FailureRecord.fault_id)
        .where(Part.organization_id == actor.organization)
        .where(visibility.sees_dated(actor, FailureRecord.machine_id, FailureRecord.at))
        .group_by(FailureRecord.part_id)
    )
    if len(parts) == 1:
        query = query.where(FailureRecord.part_id == parts[0].id)
    known = {part: (int(count), int(stops or 0)) for part, count, stops in session.execute(query)}
    others = set(session.scalars(select(Alternate.part_id).distinct()))
    found = [part for part in parts if part.id in known]
    if not found:
        return {}
    answer = classify(
        stops=np.array([known[part.id][1] / known[part.id][0] for part in found]),
        wait=np.array([float(part.lead_time_days) for part in found]),
        substitute=np.array([part.id in others for part in found]),
    )
    return {
        part.id: Proposal(
            Criticality(str(answer.proposed[row])),
            Ground(str(answer.ground[row])),
            known[part.id][1],
            known[part.id][0],
            part.lead_time_days,
        )
        for row, part in enumerate(found)
    }
