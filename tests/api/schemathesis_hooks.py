"""What schemathesis is taught: how to send a PDF, and to ask now and then for objects that exist."""

from typing import Any

import schemathesis

EXISTING = 4
schemathesis.serializer.alias("application/pdf", "application/octet-stream")


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Bring two thirds of the numbers in addresses down to those of the first objects of each kind."""
    if not isinstance(path_parameters, dict):
        return path_parameters
    return {name: _near(value) for name, value in path_parameters.items()}


def _near(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1 or value % 3 == 0:
        return value
    return 1 + value % EXISTING
