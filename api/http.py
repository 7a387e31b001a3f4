"""How a JSON request becomes one use-case call: parse, open a transaction, call, dump, keep the answer, commit.

A :class:`Room` is a blueprint whose ``reads`` and ``writes`` decorators do this once for every route and describe the
route for OpenAPI, so that a route's body is the use-case call alone.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import wraps
from operator import itemgetter
from typing import Any

import orjson
from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from sqlalchemy.exc import IntegrityError

from aftersales import idempotency
from aftersales.access import Actor
from aftersales.errors import Conflict
from aftersales.idempotency import Kept
from aftersales.models import IdempotencyKey
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.auth import Rule
from api.errors import Malformed, PreconditionRequired, UnsupportedMedia
from api.schemas.base import Problem, cursor_of, example_of, textual

JSON = "application/json"
MULTIPART = "multipart/form-data"
BYTES = "application/octet-stream"
PROBLEM = "application/problem+json"
ERRORS: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Nobody known is asking",
    403: "The role or token does not permit it",
    404: "There is no such object, or it is another organisation's",
    409: "It collides with what is already recorded",
    412: "Somebody changed the object since it was read",
    413: "The request is too large",
    415: "The body is of a kind this address does not take",
    422: "The request breaks a rule; `errors` names the fields",
    428: "A change must say which version it is for (If-Match)",
    429: "Too many tries",
    503: "The database is busy; nothing was changed",
}
KEY = re.compile(r"[A-Za-z0-9_:.-]{1,255}", re.ASCII)
IDEMPOTENCY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "Repeat the request with the same key as often as needed: it has one effect and one answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_:.-]+$"},
    "example": "7d1f1a52-0d5c-4c1e-9a57-3b8c1f1f8d11",
}
IF_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag of the version the change is for.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
    "example": '"1"',
}


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of a list and the cursor of the next, if there is one."""

    items: Sequence[Any]
    after: str | None


def paged(rows: Sequence[Any], limit: int, key: Callable[[Any], Any] = lambda row: row.id) -> Paged:
    """Return a page of at most ``limit`` rows from one row more than that, as the query was asked for."""
    more = len(rows) > limit
    return Paged(rows[:limit], cursor_of(key(rows[limit - 1])) if more else None)


def reading() -> AbstractContextManager[Work]:
    """Open work that only reads, for whoever is asking."""
    return auth.workshop().reading(auth.actor())


def transaction() -> AbstractContextManager[Work]:
    """Open work that is committed when its block ends well, for whoever is asking."""
    return auth.workshop().transaction(auth.actor())


def json_body(schema: Schema) -> Any:
    """Return the request's body, checked.

    :raises Malformed: when it is not JSON.
    """
    try:
        content = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Malformed(N_("The body is not valid JSON: %(problem)s"), problem=str(error)) from error
    return schema.load(content)


def form_body(schema: Schema) -> Any:
    """Return the named parts of a multipart request, checked; a name given twice counts once."""
    with textual():
        return schema.load(request.form.to_dict())


def sent_bytes() -> bytes:
    """Return the request's body as it came: a file."""
    return request.get_data()


def require_media(takes: Sequence[str]) -> None:
    """Let a request pass when its body is of a media type that its address takes; one not told is a plain file's.

    :raises UnsupportedMedia: otherwise.
    """
    if (request.mimetype or BYTES) not in takes:
        raise UnsupportedMedia(N_("Send the body as %(media)s"), media=" / ".join(takes))


def query_arguments(schema: Schema) -> Any:
    """Return the query string, checked; a name given twice is refused unless its field is a list."""
    with textual():
        return schema.load({name: request.args[name] for name in request.args})


def expected_version() -> int | None:
    """Return the version in ``If-Match``; a value that is no version of ours matches none.

    :raises PreconditionRequired: when the header is missing.
    """
    value = request.headers.get("If-Match")
    if value is None:
        raise PreconditionRequired(N_("Say with If-Match which version this change is for"))
    digits = value.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1


def respond(schema: Schema | None, status: int, result: Any) -> Response:
    """Return the answer with its version as ETag."""
    if isinstance(result, Response):
        return result
    if schema is None:
        return Response(status=status)
    if isinstance(result, Paged):
        body: Any = {"items": schema.dump(result.items, many=True)}
    else:
        body = schema.dump(result)
    response = Response(orjson.dumps(body), status, content_type=JSON)
    if isinstance(result, Paged) and result.after:
        response.headers["Link"] = f'<{_next_url(result.after)}>; rel="next"'
    version = getattr(result, "version", None)
    if isinstance(version, int):
        response.set_etag(str(version))
    return response


def _next_url(after: str) -> str:
    arguments = request.args.to_dict() | {"after": after}
    return request.path + "?" + "&".join(f"{name}={value}" for name, value in sorted(arguments.items()))


def _actor_key(actor: Actor) -> str:
    return f"user:{actor.user_id}" if actor.user_id is not None else f"address:{request.remote_addr}"


class Room(Blueprint):
    """The JSON routes of one room, under ``/api/v1``."""

    def __init__(self, name: str, import_name: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix="/api/v1", description=description)

    def reads(
        self,
        path: str,
        *,
        answer: type[Schema] | None,
        query: type[Schema] | None = None,
        listed: bool = False,
        media: str = JSON,
        rule: Rule = Rule.TOKEN,
    ) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
        """Register a GET route: ``view(work[, query], **path)`` returns what ``answer`` dumps.

        :param listed: the view returns :func:`paged` rows.
        :param media: the answer's media type when the view returns a finished response (a PDF, say).
        """

        def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
            schema, arguments = answer() if answer else None, query() if query else None

            @wraps(view)
            def endpoint(**path_values: Any) -> Response:
                given = [] if arguments is None else [query_arguments(arguments)]
                with reading() as work:
                    response = respond(schema, 200, view(work, *given, **path_values))
                response.make_conditional(request)
                return response

            statuses = [400, 401, 403, 404, 422, 429, 503] if rule is Rule.TOKEN else [400, 401, 404, 422, 429, 503]
            described = _described(view, query, answer, 200, statuses, rule, listed, media)
            if not listed and media == JSON:
                described["responses"]["304"] = {"description": "It has not changed since (If-None-Match)"}
            return self._register(path, "GET", endpoint, described, rule)

        return decorate

    def writes(
        self,
        method: str,
        path: str,
        *,
        body: type[Schema] | None = None,
        answer: type[Schema] | None = None,
        status: int = 200,
        versioned: bool = False,
        secrets: tuple[str, ...] = (),
        prepare: Callable[..., Any] | None = None,
        decoded: bool = False,
        takes: tuple[str, ...] = (JSON,),
        example: Any = None,
        rule: Rule = Rule.TOKEN,
    ) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
        """Register a changing route: ``view(work[, body], **path[, expected_version])`` is one use-case call.

        :param versioned: the change needs ``If-Match``; the view gets ``expected_version``.
        :param secrets: fields of the answer that are shown once and not kept for repeated requests.
        :param prepare: turns the body into what the view gets, before and outside the transaction.
        :param decoded: ``prepare`` reads the request by itself; ``body`` only describes it.
        :param takes: the body's media types; without a ``body`` it is a file.
        :param example: an example of the body; from the fields of ``body`` when not given.
        """

        def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
            content, schema = body() if body and not decoded else None, answer() if answer else None
            sent = _sent(body, takes, example)

            @wraps(view)
            def endpoint(**path_values: Any) -> Response:
                if sent:
                    require_media(takes)
                given = [] if content is None else [json_body(content)]
                if prepare is not None:
                    given = [prepare(*given)]
                if versioned:
                    path_values["expected_version"] = expected_version()
                return _once(lambda work: respond(schema, status, view(work, *given, **path_values)), secrets)

            statuses = [400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503]
            if rule is not Rule.TOKEN:
                statuses.remove(403)
            described = _described(view, None, answer, status, statuses, rule) | sent
            if versioned:
                described["parameters"].append(IF_MATCH)
                described["responses"]["428"] = _problem(428)
            if method == "POST":
                described["parameters"].append(IDEMPOTENCY)
            return self._register(path, method, endpoint, described, rule)

        return decorate

    def _register(
        self, path: str, method: str, endpoint: Callable[..., Response], described: dict[str, Any], rule: Rule
    ) -> Callable[..., Response]:
        documented = self.doc(**described)(endpoint)
        registered: Callable[..., Response] = self.route(path, methods=[method])(auth.rule(rule)(documented))
        return registered


def _once(call: Callable[[Work], Response], secrets: tuple[str, ...]) -> Response:
    """Carry a change out, once per Idempotency-Key, in one transaction with its kept answer."""
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        with transaction() as work:
            return call(work)
    if not KEY.fullmatch(key):
        raise Malformed(N_("The Idempotency-Key must be 1 to 255 letters, digits or signs among _ : . -"))
    for attempt in (1, 2):
        try:
            return _claimed(call, key, secrets)
        except Conflict as error:
            clash = isinstance(error.__cause__, IntegrityError) and "idempotency_key" in str(error.__cause__)
            if not clash or attempt == 2:
                raise
    raise AssertionError("unreachable")


def _claimed(call: Callable[[Work], Response], key: str, secrets: tuple[str, ...]) -> Response:
    with transaction() as work:
        found = idempotency.claim(
            work,
            actor=_actor_key(auth.actor()),
            route=f"{request.method} {request.path}"[:120],
            key=key,
            request=_fingerprint(),
        )
        if isinstance(found, Kept):
            response = Response(found.body, found.status, content_type=JSON)
            response.headers.update(found.headers | {"Idempotency-Replayed": "true"})
            return response
        response = call(work)
        _keep(found, response, secrets)
    return response


def _fingerprint() -> bytes:
    """Return what makes two requests the same: the body, or the parts of a form whatever stands between them."""
    if request.mimetype != MULTIPART:
        return request.get_data()
    parts: list[tuple[str, ...]] = sorted(request.form.items(multi=True))
    for name, file in sorted(request.files.items(multi=True), key=itemgetter(0)):
        file.stream.seek(0)
        parts.append((name, file.filename or "", hashlib.sha256(file.stream.read()).hexdigest()))
    return orjson.dumps(parts)


def _keep(row: IdempotencyKey, response: Response, secrets: tuple[str, ...]) -> None:
    body = response.get_data()
    if secrets and body:
        shown = {name: value for name, value in orjson.loads(body).items() if name not in secrets}
        body = orjson.dumps(shown)
    headers = {name: response.headers[name] for name in ("ETag", "Location") if name in response.headers}
    idempotency.keep(row, response.status_code, headers, body)


def _problem(status: int) -> dict[str, Any]:
    return {"description": ERRORS[status], "content": {PROBLEM: {"schema": Problem}}}


def _described(
    view: Callable[..., Any],
    query: type[Schema] | None,
    answer: type[Schema] | None,
    status: int,
    statuses: Sequence[int],
    rule: Rule,
    listed: bool = False,
    media: str = JSON,
) -> dict[str, Any]:
    """Return the OpenAPI description of a route."""
    good: dict[str, Any] = {"description": "Done"}
    if media != JSON:
        good["content"] = {media: {"schema": {"type": "string", "format": "binary"}}}
    elif answer is not None:
        example = example_of(answer)
        schema: Any = answer
        if listed:
            schema = {
                "type": "object",
                "properties": {"items": {"type": "array", "items": answer}},
                "required": ["items"],
            }
            example = {"items": [example]}
            good["headers"] = {"Link": {"description": "The next page", "schema": {"type": "string"}}}
        good["content"] = {JSON: {"schema": schema, "example": example}}
    described: dict[str, Any] = {
        "operationId": view.__name__,
        "summary": (view.__doc__ or view.__name__).strip().splitlines()[0],
        "parameters": [{"in": "query", "schema": query}] if query else [],
        "responses": {str(status): good} | {str(code): _problem(code) for code in statuses},
        "security": [{"token": []}] if rule is Rule.TOKEN else [],
    }
    return described


def _sent(body: type[Schema] | None, takes: Sequence[str], example: Any) -> dict[str, Any]:
    """Return the description of a request's body; nothing when there is none."""
    if body is None and JSON in takes:
        return {}
    content: dict[str, Any] = {"schema": body or {"type": "string", "format": "binary"}}
    if example is not None:
        content["example"] = example
    elif body is not None:
        content["example"] = example_of(body)
    return {"requestBody": {"required": True, "content": dict.fromkeys(takes, content)}}


def as_actor(actor: Actor) -> None:
    """Act as somebody else for the rest of the request (after a sign-in)."""
    g.actor = replace(actor)
