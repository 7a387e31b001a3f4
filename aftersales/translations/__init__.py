"""The catalogues, and the tool that keeps them in step with the source: ``python -m aftersales.translations``.

``update`` looks for messages as ``babel.cfg`` says and writes every ``messages.po`` sorted, without places and dates,
so that a change of a catalogue is a change of its words.
"""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from aftersales.translate import LANGUAGES, SOURCE_LANGUAGE, catalogue_path

ROOT = Path(__file__).parents[2]
KEYWORDS = {**DEFAULT_KEYWORDS, "t": None}
_COMMENT_TAGS = ("Translators:",)
_TEMPLATES = {".html", ".txt", ".jinja", ".j2"}

_HEADER = """\
# {name} words of Aftersales.
msgid ""
msgstr ""
"Project-Id-Version: aftersales\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""

Extracted: TypeAlias = tuple[str | tuple[str, ...], str | None]


def extract(root: Path = ROOT) -> Catalog:
    """All messages of the source under ``root``, as ``babel.cfg`` there maps it."""
    with (root / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call] # Babel leaves it untyped
    catalogue = Catalog()
    found = extract_from_dir(
        root,
        method_map=methods,
        options_map=options,
        keywords=KEYWORDS,
        comment_tags=_COMMENT_TAGS,
        strip_comment_tags=True,
        directory_filter=_wanted,
    )
    for _, _, message, comments, context in found:
        catalogue.add(message, auto_comments=comments, context=context)
    return catalogue


def _wanted(directory: str | Path) -> bool:
    name = Path(directory).name
    return not name.startswith((".", "_")) and name not in {"node_modules", "var", "tests"}


def _in_file(path: Path) -> Iterator[Extracted]:
    method = "jinja2" if path.suffix in _TEMPLATES else "python"
    options = {"trimmed": "true"} if method == "jinja2" else None
    found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
    for _, message, _, context in found:
        yield message, context


def load(language: str) -> Catalog:
    """The catalogue of a language as it stands in the source; empty when there is none yet."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def dump(catalogue: Catalog, language: str) -> bytes:
    """The catalogue as a ``.po`` file that is the same bytes for the same words."""
    body = io.BytesIO()
    write_po(body, catalogue, width=120, no_location=True, omit_header=True, sort_output=True)
    name = Locale.parse(language).english_name
    header = _HEADER.format(name=name, language=language, plural=Catalog(locale=language).plural_forms)
    return header.encode() + body.getvalue().lstrip(b"\n")


def update(root: Path = ROOT) -> dict[str, int]:
    """Bring every catalogue in step with the source; translations are kept.

    :returns: for each language, how many messages still have no translation.
    """
    template = extract(root)
    left: dict[str, int] = {}
    for language in LANGUAGES:
        if language == SOURCE_LANGUAGE:
            continue
        catalogue = load(language)
        catalogue.update(template, no_fuzzy_matching=True)
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dump(catalogue, language))
        left[language] = sum(1 for message in catalogue if message.id and not _complete(message))
    return left


def _complete(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
    return all(strings) and bool(strings)


def missing(language: str, paths: Iterable[Path]) -> list[str]:
    """The messages of these source files or templates that a language does not have yet, sorted.

    :param paths: Python files, templates, or directories of Python files.
    """
    if language == SOURCE_LANGUAGE:
        return []
    catalogue = load(language)
    absent: set[str] = set()
    for path in paths:
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        for message, context in (found for file in files for found in _in_file(file)):
            msgid = message if isinstance(message, str) else message[0]
            if not _complete(catalogue.get(msgid, context)):
                absent.add(msgid)
    return sorted(absent)
