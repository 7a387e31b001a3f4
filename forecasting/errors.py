"""What the forecasting package refuses, said so that the place of the fault can be found."""


class ForecastError(ValueError):
    """Input or settings that cannot be forecast from."""


class PanelError(ForecastError):
    """Demand data that cannot be read, with file, row and column as far as they are known."""

    def __init__(
        self, message: str, *, file: str | None = None, row: int | None = None, column: str | None = None
    ) -> None:
        """Keep the place apart from the sentence.

        :param message: what is wrong and what would be right.
        :param row: line of the file, the header being line 1.
        :param column: heading of the column.
        """
        self.message = message
        self.file = file
        self.row = row
        self.column = column
        place = [
            text
            for text, known in (
                (f"{file}", file is not None),
                (f"row {row}", row is not None),
                (f"column {column!r}", column is not None),
            )
            if known
        ]
        super().__init__(f"{', '.join(place)}: {message}" if place else message)


class SettingsError(ForecastError):
    """A setting outside what the method can do."""
