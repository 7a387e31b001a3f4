"""Icons as inline SVG, taken from the icon file that Bootstrap-Flask brings; nothing is fetched by the browser."""

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from markupsafe import Markup

SPRITE = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "icons" / "bootstrap-icons.svg"
SYMBOL = re.compile(r'<symbol[^>]*?viewBox="([^"]+)"[^>]*?id="([a-z0-9-]+)"[^>]*>(.*?)</symbol>', re.DOTALL)


@cache
def _symbols() -> dict[str, tuple[str, str]]:
    return {name: (box, inner) for box, name, inner in SYMBOL.findall(SPRITE.read_text("utf-8"))}


@cache
def icon(name: str, classes: str = "") -> Markup:
    """Return an icon as inline SVG; it says nothing to screen readers, the text beside it does.

    :param name: a name of Bootstrap Icons, such as ``wrench``.
    :raises KeyError: when there is no such icon.
    """
    box, inner = _symbols()[name]
    start = f'<svg class="{f"icon {classes}".strip()}" viewBox="{box}" fill="currentColor" aria-hidden="true">'
    return Markup(f"{start}{inner}</svg>")  # noqa: S704 - the package's own file
