"""What every template can use: translation, the actor, formats in the asker's language and time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, g

from aftersales.access import Permission
from aftersales.translate import LANGUAGES, Translator
from api import auth
from api.errors import asked_language, speak


def translator() -> Translator:
    """Return the request's translator, found once."""
    if "translator" not in g:
        g.translator = speak()
    found = g.translator
    assert isinstance(found, Translator)
    return found


def _gettext(message: str) -> str:
    return str(translator().translations.ugettext(message))


def _ngettext(one: str, many: str, n: int) -> str:
    return str(translator().translations.ungettext(one, many, n))


def moment(at: datetime | None) -> str:
    """Return a moment in the asker's time zone and language."""
    return "" if at is None else translator().datetime(at, ZoneInfo(auth.actor().time_zone))


def register(app: Flask) -> None:
    """Give templates their globals and filters."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension adds it
        _gettext, _ngettext, newstyle=True
    )
    app.jinja_env.globals["Permission"] = Permission
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES
    app.jinja_env.filters["moment"] = moment

    @app.context_processor
    def request_values() -> dict[str, object]:
        return {"actor": auth.actor(), "t": translator(), "language": asked_language()}
