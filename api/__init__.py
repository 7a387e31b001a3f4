"""The two faces of the product: JSON under ``/api/v1`` and pages. The application is made by :mod:`api.app`."""
