"""What every template can use: translation, the actor, words and badges, formats in the asker's language and zone."""

import hashlib
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request
from flask_bootstrap import Bootstrap5
from sqlalchemy.exc import OperationalError

from aftersales.access import STRANGER, Permission
from aftersales.people import queries as people
from aftersales.translate import LANGUAGE_NAMES, LANGUAGES, Translator
from api import auth
from api.errors import asked_language, speak
from api.pages import navigation
from api.pages.forms import form_key, form_state, shown_once
from api.pages.icons import icon
from api.signs import sign_of
from api.words import WORDS, word_of


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


def local(at: datetime | None) -> str:
    """Return a moment as a ``datetime-local`` field takes it, in the asker's time zone."""
    return "" if at is None else at.astimezone(ZoneInfo(auth.actor().time_zone)).strftime("%Y-%m-%dT%H:%M")


def word(value: StrEnum | str | None) -> str:
    """Return a vocabulary value in the asker's language."""
    return translator().gettext(word_of(value))


def up_to(count: int, most: int) -> str:
    """Return a count of what was looked up, with a plus where no more than ``most`` were looked for."""
    return translator().number(count) + ("+" if count >= most else "")


def choices(kind: type[StrEnum], *only: StrEnum) -> list[tuple[str, str]]:
    """Return (value, word) of an enumeration, for a select field."""
    return [(member.value, word(member)) for member in (only or kind)]


def sample_data() -> bool:
    """Tell whether the database holds sample data; asked once it does, it does for good."""
    if current_app.extensions.get("sample_data"):
        return True
    if "sample_data" not in g:
        try:
            with auth.workshop().reading(STRANGER) as work:
                g.sample_data = people.is_sample(work)
        except OperationalError:
            g.sample_data = False
        current_app.extensions["sample_data"] = g.sample_data
    return bool(g.sample_data)


def page_url(**changes: str | int | None) -> str:
    """Return this page's address with some of its query changed (``None`` leaves a name out)."""
    merged: dict[str, object] = {**request.args.to_dict(), **changes}
    items = {name: str(value) for name, value in merged.items() if value is not None}
    return request.path + ("?" + urlencode(items) if items else "")


def _version_files(app: Flask) -> None:
    """Let browsers keep our files for a day; their addresses carry a hash, so that a new version shows at once."""
    files = sorted(path for path in Path(app.static_folder or "").rglob("*") if path.is_file())
    version = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:10]
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 24 * 3600

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint in {"static", "bootstrap.static"}:
            values.setdefault("v", version)


def register(app: Flask) -> None:
    """Give templates their globals and filters, and Bootstrap's files their place."""
    _version_files(app)
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    static_files: Any = app.view_functions["static"]
    static_files.auth_rule = auth.Rule.PUBLIC
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # the i18n extension adds it
        _gettext, _ngettext, newstyle=True
    )
    app.jinja_env.globals.update(
        Permission=Permission,
        LANGUAGES=LANGUAGES,
        LANGUAGE_NAMES=LANGUAGE_NAMES,
        choices=choices,
        form_key=form_key,
        form_state=form_state,
        icon=icon,
        navigation=navigation,
        page_url=page_url,
        sample_data=sample_data,
        shown_once=shown_once,
        sign_of=sign_of,
        vocabulary={kind.__name__: kind for kind in WORDS},
        t_=translator,
    )
    app.jinja_env.filters.update(moment=moment, local=local, up_to=up_to, word=word)

    @app.context_processor
    def request_values() -> dict[str, object]:
        if "actor" not in g and request.url_rule is None and not request.path.startswith("/api/"):
            g.actor = auth.by_session()
        return {"actor": auth.actor(), "t": translator(), "language": asked_language()}
