"""One plain translator for papers, mails, jobs and error messages: a language in, text out.

The catalogues under ``translations/<language>/LC_MESSAGES/messages.po`` are compiled in memory, so no ``.mo`` file
has to exist. Pages hand the same catalogues to Jinja through :attr:`Translator.translations`.
"""

import datetime as dt
import io
import re
import warnings
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent
from babel.support import Translations

LANGUAGES = ("en", "hr", "et", "hy", "sq", "ru")
SOURCE_LANGUAGE = "en"
CATALOGUES = Path(__file__).parent / "translations"

# Endonyms, for language menus; a language names itself, so these are not translated.
LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English",
    "hr": "Hrvatski",
    "et": "Eesti",
    "hy": "Հայերեն",
    "sq": "Shqip",
    "ru": "Русский",
}

# Day before month, as in the rest of the product's countries.
_LOCALES = {"en": "en_GB"}

# Signs that every reader knows and the papers' font has. The dram sign is not among them: AMD is printed.
_CURRENCY_SIGNS = frozenset({"EUR", "USD", "GBP"})

_PLACE = re.compile(r"%\((\w+)\)[#0\- +]*[\d.]*[a-zA-Z]")


class TranslationWarning(UserWarning):
    """A message could not be filled in; the reader got the best text there was. Tests turn it into an error."""


def N_(msgid: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a string for the catalogues where it stands; it is translated later, where it is shown."""
    return msgid


class _Open(dict[str, object]):
    """Parameters that leave an unknown place as it is instead of failing."""

    def __missing__(self, key: str) -> str:
        return f"%({key})s"


def _fill(text: str, msgid: str, params: Mapping[str, object]) -> str:
    """Put the parameters into the text; on a fault warn and fall back to the English sentence."""
    if not params:
        if _PLACE.search(text):
            warnings.warn(f"no parameters given for {msgid!r}", TranslationWarning, stacklevel=4)
        return text
    try:
        return text % params
    except (KeyError, ValueError, TypeError) as fault:
        warnings.warn(f"cannot fill {text!r} ({msgid!r}): {fault!r}", TranslationWarning, stacklevel=4)
    try:
        return msgid % _Open(params)
    except (ValueError, TypeError):
        return msgid


@dataclass(frozen=True)
class Translator:
    """Text, dates and numbers in one language. Get one from :func:`translator`."""

    language: str
    locale: Locale
    translations: Translations = field(compare=False, repr=False)

    def __call__(self, msgid: str, /, **params: object) -> str:
        """Short for :meth:`gettext`."""
        return _fill(self._lookup(msgid), msgid, params)

    def gettext(self, msgid: str, /, **params: object) -> str:
        """The sentence in this language with ``%(name)s`` places filled in; an unknown one stays English."""
        return _fill(self._lookup(msgid), msgid, params)

    def ngettext(self, singular: str, plural: str, n: int, /, **params: object) -> str:
        """The form of the sentence for ``n`` things; ``%(num)s`` holds ``n``."""
        text = self.translations.ngettext(singular, plural, n)
        return _fill(text, singular if n == 1 else plural, {"num": n, **params})

    def pgettext(self, context: str, msgid: str, /, **params: object) -> str:
        """A sentence whose meaning depends on where it stands."""
        return _fill(str(self.translations.pgettext(context, msgid)), msgid, params)

    def date(self, day: dt.date, *, style: str = "medium") -> str:
        """A calendar day, such as *5 Mar 2026*. Style: short, medium, long or full."""
        return format_date(day, format=style, locale=self.locale)

    def month(self, day: dt.date) -> str:
        """Month and year of a day, such as *Mar 2026*."""
        return format_skeleton("yMMM", dt.datetime.combine(day, dt.time(12)), tzinfo=dt.UTC, locale=self.locale)

    def local_day(self, at: dt.datetime, tz: str | dt.tzinfo = "UTC") -> dt.date:
        """The calendar day that a moment falls on in a time zone."""
        return at.astimezone(_zone(tz)).date()

    def datetime(self, at: dt.datetime, tz: str | dt.tzinfo = "UTC") -> str:
        """A moment on the clock of a time zone, the zone's offset with it.

        :param at: a moment with a zone.
        :param tz: zone or IANA name; one that is not known is taken as UTC.
        :raises ValueError: the moment has no zone.
        """
        if at.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        local = at.astimezone(_zone(tz))
        return f"{self.date(local)}, {local:%H:%M} {_offset(local)}"

    def number(self, x: Decimal | int | float, places: int | None = None) -> str:
        """A number with this language's marks.

        :param places: fixed decimal places; without it, as many as the number has (at most six).
        """
        pattern = "#,##0.######" if places is None else "#,##0" + ("." + "0" * places if places else "")
        return format_decimal(x, format=pattern, locale=self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """An amount with its currency: a sign everyone knows, else the ISO 4217 code."""
        pattern = self.locale.currency_formats["standard"].pattern
        if currency not in _CURRENCY_SIGNS:
            pattern = re.sub(r"\u00a0?¤\u00a0?", "", pattern) + "\u00a0¤¤"
        fine = amount != round(amount, 2)
        return format_currency(
            amount,
            currency,
            format=pattern,
            locale=self.locale,
            decimal_quantization=not fine,
            currency_digits=not fine,
        )

    def quantity(self, amount: Decimal | int, unit: str = "") -> str:
        """A quantity with its unit, said in this language where it has a word for it; no zeros at the end."""
        return f"{self.number(amount)}\u00a0{self.unit(unit)}" if unit else self.number(amount)

    def unit(self, unit: str) -> str:
        """A unit in this language, such as *pcs*; one that is not among our words stays as it is."""
        return self._lookup(unit)

    def percent(self, share: Decimal | float, places: int = 0) -> str:
        """A share (0 to 1) as a percentage."""
        pattern = re.sub(r"#,##0", "#,##0" + ("." + "0" * places if places else ""), self._percent_pattern, count=1)
        return format_percent(share, format=pattern, locale=self.locale)

    @property
    def _percent_pattern(self) -> str:
        return str(self.locale.percent_formats[None].pattern)

    def _lookup(self, msgid: str) -> str:
        return self.translations.gettext(msgid) if msgid else ""


def _zone(tz: str | dt.tzinfo) -> dt.tzinfo:
    if isinstance(tz, dt.tzinfo):
        return tz
    try:
        return zoneinfo.ZoneInfo(tz)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def _offset(local: dt.datetime) -> str:
    minutes = int((local.utcoffset() or dt.timedelta()).total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


def catalogue_path(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def _compiled(language: str) -> Translations:
    path = catalogue_path(language)
    if not path.exists():
        return Translations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    binary = io.BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return Translations(binary)


@cache
def _translator(language: str) -> Translator:
    return Translator(language, Locale.parse(_LOCALES.get(language, language)), _compiled(language))


def translator(language: str | None) -> Translator:
    """The translator of a language, read once; a language we do not have gives English.

    :param language: ``hr``, ``hr-HR`` or ``hr_HR``.
    """
    return _translator(_known(language or "") or SOURCE_LANGUAGE)


def _known(tag: str) -> str | None:
    primary = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    return primary if primary in LANGUAGES else None


def _weighted(item: str) -> tuple[float, str]:
    tag, _, options = item.partition(";")
    weight = re.search(r"q\s*=\s*([0-9.]+)", options)
    try:
        return (float(weight.group(1)) if weight else 1.0), tag
    except ValueError:
        return 0.0, tag


def best_language(accept_header_values: Sequence[str], default: str = SOURCE_LANGUAGE) -> str:
    """The language of ours that the reader likes best (RFC 9110, section 12.5.4).

    :param accept_header_values: values of ``Accept-Language``, or plain language tags in order of preference.
    :param default: what to take when none fits.
    """
    items = [_weighted(item) for value in accept_header_values for item in value.split(",")]
    for weight, tag in sorted(items, key=lambda pair: -pair[0]):
        known = _known(tag)
        if known and weight > 0:
            return known
    return default
