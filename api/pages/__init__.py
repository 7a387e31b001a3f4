"""The pages, one blueprint per room, and what every template can use."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask

from api.pages import setup


def register(app: Flask) -> None:
    """Register every page blueprint: each module here that has one calls it ``pages``."""
    setup.register(app)
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        blueprint = getattr(import_module(f"{__name__}.{module.name}"), "pages", None)
        if blueprint is not None:
            app.register_blueprint(blueprint)
