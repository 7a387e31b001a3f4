"""The machine passport: what the machine is, how it was accepted, and what belongs to it."""

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from reportlab.platypus import Flowable

from aftersales.papers import layout
from aftersales.papers.blocks import Cell, checklist, configuration, measured, named_values, notice, section, tabled
from aftersales.papers.content import (
    Check,
    ComponentLine,
    DocumentLine,
    EntryLine,
    Heading,
    KeyValue,
    MachineIdentity,
    PartyLine,
)
from aftersales.papers.machine_block import components, nameplate, parties
from aftersales.papers.words import DOCUMENT_KINDS, word
from aftersales.translate import Translator


@dataclass(frozen=True, kw_only=True)
class Passport(Heading):
    """Content of a passport. ``entries`` are added after the issue and are not part of its hash."""

    unhashed: ClassVar[tuple[str, ...]] = ("entries",)

    machine: MachineIdentity
    configuration: tuple[KeyValue, ...] = ()
    marks: tuple[str, ...] = ()
    test_template: str = ""
    tester: str = ""
    tested_on: dt.date | None = None
    acceptance: tuple[Check, ...] = ()
    components: tuple[ComponentLine, ...] = ()
    documents: tuple[DocumentLine, ...] = ()
    parties: tuple[PartyLine, ...] = ()
    entries: tuple[EntryLine, ...] = ()
    reconstructed: bool = False
    reconstructed_note: str = ""


def render(content: Passport, t: Translator) -> bytes:
    """The passport as PDF bytes."""
    title = t("Machine passport")
    caption = t("Scan to see this machine's digital passport")
    paper = layout.Paper(title, content, content.content_hash(), caption, t)
    return layout.build(paper, partial(_story, content, t))


def _story(content: Passport, t: Translator) -> list[Flowable]:
    story: list[Flowable] = []
    if content.reconstructed:
        words = t("Reconstructed: this passport was put together later from existing records, not at the factory.")
        story += notice(" ".join(part for part in (words, content.reconstructed_note) if part))
    story += nameplate(content.machine, [(t("Conformity marks"), "  ".join(content.marks))], t)
    story += section(t("Configuration"), configuration(content.configuration))
    story += _acceptance(content, t)
    story += components(t("Components"), content.components, t)
    story += _documents(content, t)
    story += parties(content.parties, t)
    story += _entries(content, t)
    return story


def _acceptance(content: Passport, t: Translator) -> list[Flowable]:
    if not content.acceptance:
        return []
    facts = named_values(
        [
            (t("Test template"), content.test_template),
            (t("Tested by"), content.tester),
            (t("Tested on"), t.date(content.tested_on) if content.tested_on else ""),
        ]
    )
    values = [check for check in content.acceptance if check.is_measured]
    told = [check for check in content.acceptance if not check.is_measured]
    return [
        *section(t("Acceptance test"), facts),
        *measured(t("Acceptance results"), values, t),
        *checklist(t("Acceptance checks"), told, t),
    ]


def _documents(content: Passport, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [word(DOCUMENT_KINDS, line.kind, t), line.title, line.language, line.version] for line in content.documents
    ]
    return tabled(t("Documents"), [t("Kind"), t("Title"), t("Language"), t("Version")], rows, [40, 84, 22, 26])


def _entries(content: Passport, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [t.datetime(line.at, content.time_zone), line.kind, line.text, line.by] for line in content.entries
    ]
    heads = [t("Date and time"), t("Kind"), t("Entry"), t("By")]
    return tabled(t("Entries after issue"), heads, rows, [36, 24, 80, 32])
