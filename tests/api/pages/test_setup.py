"""Small words of the pages."""

from flask import Flask

from api.pages.setup import up_to


def test_a_count_says_when_there_may_be_more(app: Flask) -> None:
    with app.test_request_context("/"):
        assert (up_to(7, 500), up_to(0, 500), up_to(500, 500), up_to(1500, 500)) == ("7", "0", "500+", "1,500+")
