"""The two faces of the product: JSON under ``/api/v1`` and pages."""

from api.app import create_app

__all__ = ["create_app"]
