"""Stock ahead: expected stock by part and month with its band, and what asks for a look."""

from typing import Any

from aftersales.planning.supply.projection import stock_ahead
from aftersales.work import Work
from api.errors import speak
from api.http import Paged, Room, paged
from api.schemas.stock_ahead import StockAheadAnswer, StockAheadQuery

room = Room("stock_ahead", __name__, "Stock to expect, and what asks for a look")


@room.reads("/stock-ahead", answer=StockAheadAnswer, query=StockAheadQuery, listed=True)
def list_stock_ahead(work: Work, query: dict[str, Any]) -> Paged:
    """List the stock to expect of each part by month, and what asks for a look."""
    limit, t = query.pop("limit"), speak()
    page = paged(stock_ahead(work, limit=limit + 1, **query), limit)
    return Paged([{"view": view, "words": view.said(t)} for view in page.items], page.after)
