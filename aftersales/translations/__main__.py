"""``python -m aftersales.translations``: look for messages in the source and update every catalogue."""

import sys

from aftersales.translations import update


def main() -> None:
    """Update the catalogues and say what is left to translate."""
    for language, left in update().items():
        sys.stdout.write(f"{language}: {left} messages without a translation\n")


if __name__ == "__main__":
    main()
