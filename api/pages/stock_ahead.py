"""The page of stock ahead."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.errors import RuleBroken
from aftersales.planning.supply.projection import stock_ahead
from api import auth
from api.http import paged, reading
from api.pages.forms import load_query
from api.schemas.base import Bool
from api.schemas.stock_ahead import StockAheadQuery

pages = Blueprint("stock_ahead_pages", __name__)


class StockAheadPageQuery(StockAheadQuery):
    """The page shows what asks for a look; everything on request."""

    everything = Bool(load_default=False)


@pages.get("/planning/stock-ahead")
@auth.signed_in
def show_stock_ahead() -> ResponseReturnValue:
    """List the stock to expect."""
    query: dict[str, Any] = load_query(StockAheadPageQuery)
    with reading() as work:
        require(work.actor, Permission.PLAN_READ)
        limit, everything = query["limit"], query["everything"]
        try:
            rows = stock_ahead(work, only_alerts=not everything, after=query["after"], limit=limit + 1)
        except RuleBroken as error:
            return render_template("planning/empty.html", why=error)
        return render_template("planning/stock_ahead.html", page=paged(rows, limit), everything=everything)
