"""Faults of the database: what passes by itself is told apart from what does not."""

import sqlite3

from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from api.errors import database_busy, http_error


def answered(app: Flask, said: str) -> int:
    with app.test_request_context("/api/v1/machines"):
        return database_busy(OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))).status_code


def test_a_busy_database_asks_to_try_again(app: Flask) -> None:
    assert answered(app, "database is locked") == 503


def test_a_missing_column_is_a_fault_and_not_a_busy_database(app: Flask) -> None:
    assert answered(app, "no such column: extension_offer.pricing") == 500


HTML = {"Accept": "text/html"}


def test_what_the_web_server_refuses_is_said_in_sentences_of_ours(app: Flask) -> None:
    client = app.test_client()
    assert "There is nothing at this address" in client.get("/nowhere", headers=HTML).text
    assert "manually" not in client.get("/nowhere", headers=HTML).text
    with app.test_request_context("/m/x", headers=HTML):
        assert "too large" in http_error(RequestEntityTooLarge()).get_data(as_text=True)
    problem = client.get("/api/v1/nowhere").get_json()
    assert problem["code"] == "not_found"
    assert problem["detail"] == "There is nothing at this address"


def test_the_address_of_a_form_leads_back_to_its_page(app: Flask) -> None:
    client = app.test_client()
    back = client.get("/work-orders/7/pauses", headers=HTML)
    assert (back.status_code, back.headers["Location"]) == (303, "/work-orders/7")
    assert client.get("/api/v1/work-orders/7/pauses").status_code == 405
    assert client.delete("/machines", headers=HTML).status_code == 405
