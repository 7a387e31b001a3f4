"""Meters: what machines are fitted with, how hard they work, what the meters will show."""

from dataclasses import asdict
from typing import Any

from aftersales.models import Meter
from aftersales.usage import outlook, queries, service
from aftersales.work import Work
from api.http import Paged, Room
from api.schemas.usage import (
    KindQuery,
    MeterAnswer,
    MeterBody,
    PredictionAnswer,
    PredictionQuery,
    ReplacementBody,
    UtilisationAnswer,
)

room = Room("meters", __name__, "Meters, utilisation and prediction")


def given(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not said, so that the use-case's own defaults hold."""
    return {name: value for name, value in body.items() if value is not None}


@room.reads("/machines/<id:machine_id>/meters", answer=MeterAnswer, listed=True)
def list_meters(work: Work, machine_id: int) -> Paged:
    """List a machine's meters with their latest values."""
    return Paged(queries.meters(work.session, work.actor, machine_id), None)


@room.writes("POST", "/machines/<id:machine_id>/meters", body=MeterBody, answer=MeterAnswer, status=201)
def fit_meter(work: Work, body: dict[str, Any], machine_id: int) -> Meter:
    """Fit a machine with a meter."""
    return service.fit_meter(work, machine_id, **given(body))


@room.writes("POST", "/machines/<id:machine_id>/meter-replacements", body=ReplacementBody, answer=MeterAnswer)
def replace_meter(work: Work, body: dict[str, Any], machine_id: int) -> Meter:
    """Replace the display of a meter; the machine keeps its life."""
    return service.replace_meter(work, machine_id, **given(body))


@room.reads("/machines/<id:machine_id>/utilisation", answer=UtilisationAnswer, query=KindQuery)
def get_utilisation(work: Work, query: dict[str, Any], machine_id: int) -> dict[str, Any]:
    """Tell how hard a machine works: units a day over 12 months, with a 90 % interval."""
    use = outlook.utilisation(work.session, work.actor, machine_id, query["kind"], work.now)
    known = asdict(use) if use else {"per_day": None, "low": None, "high": None, "days_observed": 0}
    return {"kind": query["kind"], **known}


@room.reads("/machines/<id:machine_id>/prediction", answer=PredictionAnswer, query=PredictionQuery)
def get_prediction(work: Work, query: dict[str, Any], machine_id: int) -> dict[str, Any]:
    """Predict the life at a moment, or the day a life value is reached, with a 90 % interval."""
    return asdict(outlook.predict(work.session, work.actor, machine_id, now=work.now, **query))
