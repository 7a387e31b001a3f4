"""The application: settings in, Flask out."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Flask, Response
from flask_smorest import Api
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, IntegerConverter

from aftersales import migrations
from aftersales.access import STRANGER
from aftersales.clock import Clock
from aftersales.settings import Settings
from aftersales.work import Workshop, secret
from api import auth, errors, pages, routes
from api.auth import public
from api.schemas.base import Exact

HERE = Path(__file__).parent
NOBODY_HAS = 2**53
BODY_LIMIT = 64 * 1024 * 1024
CONTENT_SECURITY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class IdConverter(IntegerConverter):
    """The number of an object in an address: 1 to 2**53 - 1."""

    def to_python(self, value: str) -> int:
        """Return the number; one too large to be anybody's becomes one that nobody has, so that it is not found."""
        return min(int(value[:17]), NOBODY_HAS)


class PublicIdConverter(BaseConverter):
    """A random public identifier in an address."""

    regex = "[A-Za-z0-9_-]{10,32}"


def create_app(settings: Settings | None = None, *, clock: Clock | None = None, testing: bool = False) -> Flask:
    """Return the application.

    :param settings: how it runs; from the environment when not given.
    :param clock: the clock business time is read from; the machine's own when not given.
    :param testing: let unexpected errors through to the test.
    """
    settings = settings or Settings.from_env()
    app = Flask("api", root_path=str(HERE), template_folder="pages/templates", static_folder="pages/static")
    app.testing = testing
    app.config.update(
        SECRET_KEY=secret(settings.secrets / "cookies.key"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.trusted_proxies] * 3)  # type: ignore[method-assign] # Flask's own way
    app.extensions["workshop"] = Workshop(settings, clock)
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["public_id"] = PublicIdConverter
    errors.register(app)
    auth.register(app)
    csrf = CSRFProtect(app)
    for blueprint in _describe(app):
        csrf.exempt(blueprint)
    pages.register(app)
    _health(app)
    app.after_request(_headers)
    return app


def _describe(app: Flask) -> list[Any]:
    """Register the JSON routes and their OpenAPI description at ``/openapi.json``; return the blueprints."""
    app.config.update(
        API_TITLE="Aftersales",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.1",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "info": {"description": "After-sales service and spare parts: everything the pages do, as JSON."},
        },
    )
    api = _QuietApi(app)
    api.spec.components.schemas.pop("Error", None)
    api.spec.components.schemas.pop("PaginationMetadata", None)
    converters: dict[type[BaseConverter], Any] = {
        IdConverter: lambda converter: {"type": "integer", "minimum": 1, "maximum": 2**53 - 1, "example": 1},
        PublicIdConverter: lambda converter: {"type": "string", "pattern": f"^{PublicIdConverter.regex}$"},
    }
    for converter, schema in converters.items():
        api.register_converter(converter, schema)
    api.register_field(Exact, "string", None)
    blueprints = routes.rooms()
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    for endpoint, view in tuple(app.view_functions.items()):
        if endpoint.startswith("api-docs."):
            app.view_functions[endpoint] = _public(view)
    return blueprints


def _public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Make a view of a library public; its own object is a method, which cannot carry the rule."""

    @public
    @wraps(view)
    def shown(**values: Any) -> Any:
        return view(**values)

    return shown


class _QuietApi(Api):  # type: ignore[misc] # flask-smorest is not typed
    """flask-smorest without its own error pages and documented default errors: ours are in :mod:`api.errors`."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Leave errors to the application."""

    def _register_responses(self) -> None:
        """Every route documents its own errors."""


def _health(app: Flask) -> None:
    @app.get("/healthz")
    @public
    def healthz() -> Response:
        """Tell that the process answers."""
        return Response("ok\n", content_type="text/plain")

    @app.get("/readyz")
    @public
    def readyz() -> Response:
        """Tell that the database answers and has the newest schema."""
        with auth.workshop().reading(STRANGER) as work:
            work.session.execute(text("SELECT 1"))
        current = migrations.current(auth.workshop().engine) == migrations.head()
        return Response("ready\n" if current else "schema is not the newest\n", 200 if current else 503)


def _headers(response: Response) -> Response:
    """Give every answer the headers that keep browsers strict."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if response.headers.get("Cache-Control") is None:
        response.headers["Cache-Control"] = "no-store" if auth.actor().user_id is not None else "no-cache"
    return response
