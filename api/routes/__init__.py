"""The JSON routes, one file per room."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def rooms() -> list[Any]:
    """Return every room's blueprint, by file name: each module here has one, called ``room``."""
    names = sorted(module.name for module in iter_modules(__path__))
    return [import_module(f"{__name__}.{name}").room for name in names]
