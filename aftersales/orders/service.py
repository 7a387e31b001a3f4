"""Use-cases of work orders, gathered from the files of their parts."""

from aftersales.orders.closing import close, correct
from aftersales.orders.execution import (
    CheckEntry,
    add_exchange,
    add_finding,
    fill_checklist,
    finish,
    remove_exchange,
    remove_finding,
)
from aftersales.orders.opening import cancel, open_order
from aftersales.orders.parts import add_part, change_part, remove_part
from aftersales.orders.planning import describe, plan
from aftersales.orders.signatures import sign_off
from aftersales.orders.timekeeping import add_time, pause, start, stop

__all__ = [
    "CheckEntry",
    "add_exchange",
    "add_finding",
    "add_part",
    "add_time",
    "cancel",
    "change_part",
    "close",
    "correct",
    "describe",
    "fill_checklist",
    "finish",
    "open_order",
    "pause",
    "plan",
    "remove_exchange",
    "remove_finding",
    "remove_part",
    "sign_off",
    "start",
    "stop",
]
