"""The language switch: a cookie, so that it works before signing in; a signed-in user's own setting follows it."""

from flask import Blueprint, Response, request

from aftersales.people import service
from aftersales.translate import LANGUAGES
from api import auth
from api.http import transaction

pages = Blueprint("language_pages", __name__)
YEAR = 365 * 24 * 3600


def local_path(path: str | None, otherwise: str = "/") -> str:
    """Return a path when it leads to a page of this site, else ``otherwise``; never another host."""
    good = path is not None and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if good and path is not None and "\\" not in path else otherwise


def remember(response: Response, language: str) -> Response:
    """Keep the language in the browser for a year."""
    secure = auth.workshop().settings.secure_cookies
    response.set_cookie("language", language, max_age=YEAR, samesite="Lax", httponly=True, secure=secure)
    return response


@pages.post("/language")
@auth.public
def choose_language() -> Response:
    """Speak another language from now on."""
    language = request.form.get("language", "")
    response = Response(status=303, headers={"Location": local_path(request.form.get("next"))})
    if language not in LANGUAGES:
        return response
    if auth.actor().user_id is not None:
        with transaction() as work:
            service.set_language(work, language)
    return remember(response, language)
