"""Public data for the tests; not part of the product."""

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"


def path_of(name: str) -> Path:
    """The file, or skip the test when it is not on this machine."""
    found = FOLDER / name
    if not found.exists():
        pytest.skip(f"{name} is not in {FOLDER}")
    return found


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(path_of(name))
