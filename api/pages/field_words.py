"""What the schema library says about a wrong field, in sentences of our own that can be translated."""

import re
from collections.abc import Mapping

from aftersales.translate import N_, Translator

SAID: Mapping[str, str] = {
    "Missing data for required field.": N_("Please fill this in"),
    "Field may not be null.": N_("Please fill this in"),
    "Unknown field.": N_("This field is not known"),
    "Not a valid integer.": N_("Enter a whole number"),
    "Not a valid number.": N_("Enter a number, such as 12.5"),
    'Give the number as text, such as "12.5".': N_("Enter a number, such as 12.5"),
    "Not a valid date.": N_("Enter a date"),
    "Not a valid datetime.": N_("Enter a date and time"),
    "Not a valid aware datetime.": N_("Enter a date and time"),
    "Not a valid boolean.": N_("Answer yes or no"),
    "Not a valid email address.": N_("Enter an e-mail address"),
    "Not a valid string.": N_("Enter a text"),
    "Give one of the listed words.": N_("Choose one of the list"),
    "Control characters are not allowed.": N_("There is a character in it that cannot be kept"),
    "Must lie between 1970 and 2199.": N_("The date must lie between 1970 and 2199"),
}
SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Must be one of: .*"), N_("Choose one of the list")),
    (re.compile(r"Shorter than minimum length 1\."), N_("Please fill this in")),
    (re.compile(r"Length must be between 1 and (?P<high>\d+)\."), N_("Fill this in, with at most %(high)s characters")),
    (
        re.compile(r"Length must be between (?P<low>\d+) and (?P<high>\d+)\."),
        N_("Enter %(low)s to %(high)s characters"),
    ),
    (re.compile(r"Longer than maximum length (?P<high>\d+)\."), N_("At most %(high)s characters")),
    (
        re.compile(r"Must be greater than or equal to (?P<low>\S+) and less than or equal to (?P<high>\S+)\."),
        N_("Must be from %(low)s to %(high)s"),
    ),
    (re.compile(r"Must be at least (?P<low>\S+)\."), N_("Must be at least %(low)s")),
    (re.compile(r"Must be greater than or equal to (?P<low>\S+)\."), N_("Must be at least %(low)s")),
    (re.compile(r"At most (?P<high>\d+) digits before the point\."), N_("At most %(high)s digits before the point")),
    (re.compile(r"At most (?P<high>\d+) digits after the point\."), N_("At most %(high)s digits after the point")),
    (re.compile(r"Must be less than or equal to (?P<high>\S+)\."), N_("Must be at most %(high)s")),
)

# What a refusal is about where the page has no field of that name.
ABOUT: Mapping[str, str] = {
    "parts": N_("Parts"),
    "exchanges": N_("Components exchanged"),
    "checklist": N_("Checklist"),
    "time": N_("Time"),
    "findings": N_("Findings"),
    "signatures": N_("Signatures"),
    "meter_hours": N_("What the hour meter shows"),
    "summary": N_("What was done"),
    "photos": N_("Photos"),
}


def about(t: Translator, name: str) -> str:
    """Return what a refusal is about in the reader's language; a name nobody has a word for as it is."""
    return t.gettext(ABOUT[name]) if name in ABOUT else name


def say(t: Translator, message: str, params: Mapping[str, object]) -> str:
    """Return a field's message in the reader's language."""
    if message in SAID:
        return t.gettext(SAID[message])
    for shape, sentence in SHAPES:
        found = shape.fullmatch(message)
        if found:
            return t.gettext(sentence, **found.groupdict())
    return t.gettext(message, **params)
