"""Cursors of lists that go by number."""

from aftersales.errors import Invalid
from aftersales.translate import N_

LARGEST = 2**63 - 1


def number_after(after: object) -> int:
    """Return the number a list goes on after; 0 from the start.

    :raises Invalid: it is no cursor of such a list.
    """
    if after is None:
        return 0
    if isinstance(after, bool) or not isinstance(after, int) or not 0 <= after <= LARGEST:
        raise Invalid(N_("This is not a cursor of this list"), code="cursor")
    return after
