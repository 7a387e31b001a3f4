"""Faults of the database: what passes by itself is told apart from what does not."""

import sqlite3

from flask import Flask
from sqlalchemy.exc import OperationalError

from api.errors import database_busy


def answered(app: Flask, said: str) -> int:
    with app.test_request_context("/api/v1/machines"):
        return database_busy(OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))).status_code


def test_a_busy_database_asks_to_try_again(app: Flask) -> None:
    assert answered(app, "database is locked") == 503


def test_a_missing_column_is_a_fault_and_not_a_busy_database(app: Flask) -> None:
    assert answered(app, "no such column: extension_offer.pricing") == 500
