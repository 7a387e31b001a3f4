"""Forms: the same schemas as JSON, read from what browsers send; one short way to post, refuse and repeat.

A view that changes something is written as the use-case call alone::

    @pages.post("/machines/<id:machine_id>/states")
    @auth.signed_in
    @posted(StateChangeBody, again=show_machine)
    def change_state(work: Work, form: dict[str, Any], machine_id: int) -> Done:
        lifecycle.change_state(work, machine_id, **form)
        return done(url_for(".show_machine", machine_id=machine_id), N_("State changed"))
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from flask import Response, flash, g, make_response, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage, MultiDict

from aftersales import idempotency
from aftersales.errors import Conflict, DomainError, Forbidden, NotFound, Unauthenticated
from aftersales.idempotency import Kept
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.errors import flat, in_words, params_of, speak, status_of
from api.http import transaction
from api.pages.field_words import about, say
from api.schemas.base import LOCAL_MOMENT, Bool, Moment, textual

OWN = ("csrf_token", "_key", "_form", "_version")
HIDDEN = "password"


@dataclass(frozen=True, slots=True)
class Done:
    """What a form's use-case did: where to go now and what to say there."""

    location: str
    message: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    secret: str = ""


def done(location: str, message: str = "", *, secret: str = "", **params: Any) -> Done:
    """Say that it is done: go to ``location`` and show ``message`` (marked with ``N_``) there.

    :param secret: something to be shown once, now; the page is then shown in the answer itself, without a redirect,
        and a repeated form does not show it again.
    """
    return Done(location, message, {name: str(value) for name, value in params.items()}, secret)


@dataclass(slots=True)
class FormState:
    """What was entered in the form that was refused, and why; empty while nothing was."""

    name: str = ""
    values: MultiDict[str, str] = field(default_factory=MultiDict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    refused: bool = False
    shown: bool = False

    def concerns(self, form: str) -> bool:
        """Tell whether the refusal was of this form of the page."""
        return self.refused and self.name == form

    def value(self, form: str, name: str, given: Any) -> Any:
        """Return what was entered in a field, or the value it starts with."""
        return self.values.getlist(name)[-1] if self.concerns(form) and name in self.values else given

    def chosen(self, form: str, name: str, given: Any) -> list[str]:
        """Return the values chosen in a field of many."""
        if self.concerns(form):
            return self.values.getlist(name)
        if given is None:
            return []
        return [str(item) for item in given] if isinstance(given, (list, tuple, set, frozenset)) else [str(given)]

    def errors_of(self, form: str, name: str, label: str) -> list[str]:
        """Return what is wrong with a field, and remember its label for the summary."""
        self.labels[name] = label
        return self.errors.get(name, []) if self.concerns(form) else []

    def summary(self, form: str) -> Iterator[tuple[str, str, str]]:
        """Yield (field, label, message) of everything wrong; field and label are empty where no field is named."""
        if not self.concerns(form):
            return
        self.shown = True
        for message in self.general:
            yield "", "", message
        for name, messages in self.errors.items():
            for message in messages:
                label = self.labels.get(name)
                yield (name if label else ""), (label or about(speak(), name)), message

    def unshown(self) -> bool:
        """Tell whether the refusal has not been shown by the form it is of (a form the page no longer has)."""
        return self.refused and not self.shown


def form_state() -> FormState:
    """Return the request's form state."""
    if "form_state" not in g:
        g.form_state = FormState()
    state = g.form_state
    assert isinstance(state, FormState)
    return state


def shown_once() -> str:
    """Return the secret this answer shows once, if it does."""
    return str(g.get("shown_once", ""))


def form_key() -> str:
    """Return a fresh key under which a form can be sent once."""
    return secrets.token_urlsafe(16)


def load_form(schema: type[Schema] | Schema) -> Any:
    """Return what the request's form says, checked by a schema.

    Empty fields count as not given (or as none, where the schema takes none); a checkbox made by our macro sends
    ``false`` when it is not ticked; rows are named ``lines-0-quantity``; local times are in the user's time zone.

    :raises ValidationError: naming the fields that are wrong.
    """
    return _load(schema, request.form)


def load_query(schema: type[Schema] | Schema) -> Any:
    """Return what the query string says, as leniently; names the schema does not know are left out.

    :raises ValidationError: naming what is wrong.
    """
    instance = schema if isinstance(schema, Schema) else schema()
    known = {item.data_key or name for name, item in instance.fields.items()}
    return _load(instance, MultiDict((name, value) for name, value in request.args.items(multi=True) if name in known))


def _load(schema: type[Schema] | Schema, given: MultiDict[str, str]) -> Any:
    instance = schema if isinstance(schema, Schema) else schema()
    with textual():
        return instance.load(_parsed(instance, given, ""))


def _parsed(schema: Schema, given: MultiDict[str, str], prefix: str) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for own_name, item in schema.fields.items():
        key = item.data_key or own_name
        name = prefix + key
        if isinstance(item, fields.List) and isinstance(item.inner, fields.Nested):
            rows = _rows(item.inner.schema, given, name)
            if rows:
                content[key] = rows
        elif isinstance(item, fields.Nested):
            inner = _parsed(item.schema, given, f"{name}-")
            if inner:
                content[key] = inner
        elif isinstance(item, fields.List):
            values = [value for value in given.getlist(name) if value.strip()]
            if name in given:
                content[key] = values
        elif name in given:
            _take(content, key, item, given.getlist(name)[-1])
    if not prefix:
        known = tuple(item.data_key or name for name, item in schema.fields.items())
        extra = {name for name in given if name not in OWN and name.split("-")[0] not in known}
        content.update({name: given[name] for name in extra})
    return content


def _take(content: dict[str, Any], key: str, item: fields.Field[Any], text: str) -> None:
    if text.strip():
        content[key] = _with_zone(text) if isinstance(item, Moment) else text
    elif item.allow_none:
        content[key] = None
    elif isinstance(item, Bool):
        content[key] = "false"


def _rows(schema: Schema, given: MultiDict[str, str], name: str) -> list[dict[str, Any]]:
    """Return the rows of a repeated part of the form; rows left wholly empty do not count."""
    starts = {key[len(name) + 1 :].split("-")[0] for key in given if key.startswith(f"{name}-")}
    rows = [_parsed(schema, given, f"{name}-{number}-") for number in sorted(filter(str.isdigit, starts), key=int)]
    return [row for row in rows if any(value not in (None, "false") for value in row.values())]


def _with_zone(text: str) -> str:
    """Put the user's time zone to a browser's local minute."""
    if not LOCAL_MOMENT.fullmatch(text.strip()):
        return text
    try:
        local = datetime.fromisoformat(text.strip()).replace(tzinfo=ZoneInfo(auth.actor().time_zone))
        return local.isoformat()
    except ValueError:
        return text


def posted(
    schema: type[Schema] | None, *, again: Callable[..., ResponseReturnValue], versioned: bool = False
) -> Callable[[Callable[..., Done]], Callable[..., ResponseReturnValue]]:
    """Make a POST view of ``view(work, form, **path_values) -> Done``.

    The form is checked, the use-case runs in a transaction together with the form's key (so that sending the form
    twice has one effect), then the browser is sent on with 303. What is refused is shown again by ``again`` (the GET
    view, called with the same path values) with the entered values and the errors at their fields.

    :param schema: what the form must be; ``None`` when it has no fields (``form`` is then empty).
    :param versioned: hand the hidden version to the view as ``expected_version``.
    """

    def decorate(view: Callable[..., Done]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def endpoint(**path_values: Any) -> ResponseReturnValue:
            known = {"expected_version": _version()} if versioned else {}
            try:
                form = load_form(schema) if schema else {}
                outcome = _once(lambda work: view(work, form, **path_values, **known))
            except ValidationError as error:
                _refuse(list(flat(error.messages)), N_("Some fields need another look"))
                return _again(again, path_values, 422)
            except (NotFound, Forbidden, Unauthenticated):
                raise
            except DomainError as error:
                _refuse(error.errors, error.message, error.params)
                return _again(again, path_values, status_of(error))
            if outcome.message:
                flash(speak().gettext(outcome.message, **outcome.params))
            if outcome.secret:
                g.shown_once = outcome.secret
                return again(**path_values)
            return Response(status=303, headers={"Location": outcome.location})

        return endpoint

    return decorate


def _version() -> int | None:
    text = request.form.get("_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _again(again: Callable[..., ResponseReturnValue], path_values: dict[str, Any], status: int) -> Response:
    response = make_response(again(**path_values))
    response.status_code = status
    return response


def _refuse(items: list[dict[str, Any]], message: str, params: Mapping[str, Any] | None = None) -> None:
    """Keep what was entered and what is wrong for the page that is shown again."""
    t = speak()
    state = form_state()
    state.refused, state.name = True, request.form.get("_form", "")
    state.values = MultiDict((k, v) for k, v in request.form.items(multi=True) if k not in OWN and HIDDEN not in k)
    general = t.gettext(message, **in_words(params or {}))
    for item in items:
        said = say(t, str(item.get("message", "")), params_of(item))
        name = str(item.get("field") or "").replace(".", "-")
        if not name:
            row = item.get("row")
            state.general.append(f"{row}: {said}" if row is not None else said)
        else:
            state.errors.setdefault(name, []).append(said)
    if not any(general in said for said in state.errors.values()):
        state.general.insert(0, general)


def _once(call: Callable[[Work], Done]) -> Done:
    """Carry a form out once per key; a repeated form has the outcome of the first."""
    key = request.form.get("_key", "")[:64]
    if not key:
        with transaction() as work:
            return call(work)
    for attempt in (1, 2):
        try:
            return _claimed(call, key)
        except Conflict as error:
            clash = isinstance(error.__cause__, IntegrityError) and "idempotency_key" in str(error.__cause__)
            if not clash or attempt == 2:
                raise
    raise AssertionError("unreachable")


def _claimed(call: Callable[[Work], Done], key: str) -> Done:
    user = auth.actor().user_id
    who = f"user:{user}" if user is not None else f"address:{request.remote_addr}"
    with transaction() as work:
        found = idempotency.claim(work, actor=who, route=f"POST {request.path}"[:120], key=key, request=_digest())
        if isinstance(found, Kept):
            return Done(**orjson.loads(found.body))
        outcome = call(work)
        kept = {"location": outcome.location, "message": outcome.message, "params": outcome.params}
        idempotency.keep(found, 303, {}, orjson.dumps(kept))
    return outcome


def _digest() -> bytes:
    """Return what makes two submissions the same: every field but our own, and the files' contents."""
    content = sorted((name, value) for name, value in request.form.items(multi=True) if name not in OWN)
    files = sorted((name, _content_hash(item)) for name, item in request.files.items(multi=True))
    return hashlib.sha256(orjson.dumps([content, files])).digest()


def _content_hash(item: FileStorage) -> str:
    digest = hashlib.sha256(item.stream.read()).hexdigest()
    item.stream.seek(0)
    return digest
