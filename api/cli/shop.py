"""The workshop a command works in, and consoles to report on."""

from aftersales.settings import Settings
from aftersales.work import Workshop


def workshop() -> Workshop:
    """Return a workshop with the environment's settings."""
    return Workshop(Settings.from_env())
