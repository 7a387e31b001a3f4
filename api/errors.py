"""One error shape for the whole product (RFC 9457): JSON for clients, a page for people."""

import traceback
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import structlog
from flask import Flask, Response, current_app, g, render_template, request
from marshmallow import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from aftersales.access import Actor
from aftersales.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
    Stale,
    Throttled,
    Unauthenticated,
)
from aftersales.translate import LANGUAGES, N_, Translator, best_language, translator
from api.words import worded

STATUS: Mapping[type[DomainError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Unauthenticated: 401,
    RuleBroken: 422,
    Invalid: 422,
    Conflict: 409,
    Stale: 412,
    Throttled: 429,
}
# What werkzeug says in English only, in sentences of our own.
HTTP_SAID: Mapping[int, str] = {
    400: N_("The request cannot be read, or the page stood open too long. Load the page anew and try again."),
    404: N_("There is nothing at this address"),
    405: N_("This cannot be done at this address"),
    413: N_("What was sent is too large; send fewer or smaller files"),
}
log = structlog.get_logger("aftersales")


class PreconditionRequired(DomainError):
    """A change came without saying which version it is for."""

    code = "precondition_required"


class Malformed(DomainError):
    """The request cannot be read at all."""

    code = "malformed"


class UnsupportedMedia(DomainError):
    """The body is of a kind this address does not take."""

    code = "unsupported_media_type"


EDGE: Mapping[type[DomainError], int] = {PreconditionRequired: 428, Malformed: 400, UnsupportedMedia: 415}


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal."""
    for kind, status in {**STATUS, **EDGE}.items():
        if isinstance(error, kind):
            return status
    return 422


def asked_language() -> str:
    """Return the language to speak to whoever is asking."""
    chosen = request.cookies.get("language", "")
    if chosen in LANGUAGES:
        return chosen
    actor: Actor | None = g.get("actor")
    if actor is not None and actor.user_id is not None:
        return actor.language
    return best_language([tag for tag, _ in request.accept_languages], "en")


def speak() -> Translator:
    """Return the translator for whoever is asking."""
    return translator(asked_language())


def in_words(params: Mapping[str, object]) -> dict[str, object]:
    """Return what goes into the places of a sentence, in the words and the time of whoever is asking."""
    actor: Actor | None = g.get("actor")
    return worded(speak(), params, actor.time_zone if actor else "UTC")


def wants_json() -> bool:
    """Tell whether an error should be JSON: for the API, and wherever a page was not asked for."""
    return request.path.startswith("/api/") or not request.accept_mimetypes.accept_html


def answer(status: int, code: str, detail: str, errors: list[dict[str, Any]] | None = None) -> Response:
    """Return an error in the one shape."""
    title = HTTPStatus(status).phrase
    if not wants_json():
        page = render_template("error.html", status=status, title=title, detail=detail, errors=errors or [], code=code)
        return Response(page, status, content_type="text/html; charset=utf-8")
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    if errors:
        body["errors"] = errors
    response = Response(orjson.dumps(body, default=str), status, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="aftersales"'
    return response


def flat(messages: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """Yield one item per problem from marshmallow's nested messages."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from flat(inner, path)
    else:
        yield {"field": path, "message": str(messages)}


def params_of(item: Mapping[str, object]) -> dict[str, object]:
    """Return what goes into the places of an item's message, in the asker's words."""
    params = item.get("params")
    return in_words(params) if isinstance(params, Mapping) else {}


def domain_error(error: DomainError) -> Response:
    """Say a refusal in the asker's language."""
    if isinstance(error, Unauthenticated) and not wants_json():
        back = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return Response(status=303, headers={"Location": f"/sign-in?{urlencode({'next': back})}"})
    t = speak()
    errors = [{**item, "message": t.gettext(str(item["message"]), **params_of(item))} for item in error.errors]
    for item in errors:
        item.pop("params", None)
    return answer(status_of(error), error.reason, t.gettext(error.message, **in_words(error.params)), errors)


def validation_error(error: ValidationError) -> Response:
    """Name every field that is wrong."""
    t = speak()
    detail = t.gettext(N_("Some of what you sent is not right; each field says what"))
    return answer(422, "invalid", detail, list(flat(error.messages)))


def _page_above() -> str | None:
    """Return the page that a form's own address belongs to, for whoever comes back to that address."""
    paths = current_app.url_map.bind("")
    path = request.path
    while path.count("/") > 1:
        path = path.rpartition("/")[0]
        if paths.test(path, "GET"):
            return path
    return None


def http_error(error: HTTPException) -> Response:
    """Give werkzeug's own errors the one shape, keeping their headers (such as Allow)."""
    status = error.code or 500
    if error.response is not None and status < 400:
        return Response(status=status, headers=dict(error.response.headers))
    back = _page_above() if status == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET" else None
    if back and not wants_json():
        return Response(status=303, headers={"Location": back})
    detail = speak().gettext(HTTP_SAID[status]) if status in HTTP_SAID else error.description or ""
    response = answer(status, (error.name or "error").lower().replace(" ", "_"), detail)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def database_busy(error: OperationalError) -> Response:
    """Say that the database could not take the request now; nothing was changed.

    SQLite reports a missing table or column as the same kind of error; trying again would not help there.
    """
    if "no such" in str(error.orig):
        return unexpected(error)
    log.warning("database unavailable", error=str(error.orig))
    return answer(503, "unavailable", speak().gettext(N_("The database is busy; nothing was changed. Try again.")))


def unexpected(error: Exception) -> Response:
    """Log what nobody foresaw under a number the user can quote."""
    number = uuid4().hex[:8]
    log.error("unexpected", number=number, path=request.path, trace="".join(traceback.format_exception(error)))
    detail = speak().gettext(N_("Something went wrong on our side (number %(number)s)"), number=number)
    return answer(500, "internal_error", detail)


def register(app: Flask) -> None:
    """Map every kind of error once."""
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(ValidationError, validation_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_busy)
    if not app.testing:
        app.register_error_handler(Exception, unexpected)
