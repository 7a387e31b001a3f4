"""The blocks about a machine and its parties that several papers print."""

from collections.abc import Sequence

from reportlab.platypus import Flowable

from aftersales.papers.blocks import Cell, named_values, section, tabled, unit
from aftersales.papers.content import ComponentLine, MachineIdentity, MeterLine, PartyLine
from aftersales.papers.words import ROLES, word
from aftersales.translate import Translator


def identity(machine: MachineIdentity, t: Translator) -> list[tuple[str, str]]:
    """What a machine is known by, as named values."""
    year = machine.year_of_construction
    made = machine.date_of_manufacture
    return [
        (t("Machine"), machine.designation or machine.model),
        (t("Model"), machine.model if machine.designation else ""),
        (t("Serial number"), machine.serial_number),
        (t("Manufacturer"), machine.manufacturer),
        (t("Order code"), machine.order_code),
        (t("Year of construction"), str(year) if year else ""),
        (t("Date of manufacture"), t.date(made) if made else ""),
        (t("Country of origin"), machine.country_of_origin),
        (t("Software version"), machine.software_version),
    ]


def nameplate(machine: MachineIdentity, extra: Sequence[tuple[str, str]], t: Translator) -> list[Flowable]:
    """All that a machine is known by, its address on a line of its own."""
    address = named_values([(t("Digital nameplate"), machine.url)], columns=1)
    return section(t("Machine"), [*named_values([*identity(machine, t), *extra]), *address])


def machine_section(machine: MachineIdentity, extra: Sequence[tuple[str, str]], t: Translator) -> list[Flowable]:
    """The machine in brief, with what a paper adds to it."""
    year = machine.year_of_construction
    pairs = [*identity(machine, t)[:4], (t("Year of construction"), str(year) if year else ""), *extra]
    return section(t("Machine"), named_values(pairs, columns=4))


def meters(lines: Sequence[MeterLine], t: Translator, time_zone: str) -> list[tuple[str, str]]:
    """Meter values as named values."""
    named = []
    for line in lines:
        value = t.quantity(line.value, unit(line.unit, t))
        if line.read_at:
            value = t("%(value)s on %(day)s", value=value, day=t.date(t.local_day(line.read_at, time_zone)))
        named.append((line.name or t("Meter"), value))
    return named


def parties(lines: Sequence[PartyLine], t: Translator) -> list[Flowable]:
    """Who is what to the machine."""
    rows: list[list[Cell]] = [
        [
            word(ROLES, line.role, t),
            line.name,
            line.address,
            line.contact,
            t.date(line.since) if line.since else "",
            t.date(line.until) if line.until else "",
        ]
        for line in lines
    ]
    heads = [t("Role"), t("Organisation"), t("Address"), t("Contact"), t("From"), t("Until")]
    return tabled(t("Parties"), heads, rows, [24, 40, 42, 34, 20, 20])


def components(words: str, lines: Sequence[ComponentLine], t: Translator) -> list[Flowable]:
    """Serialised components and where they sit."""
    rows: list[list[Cell]] = [
        [
            line.position,
            line.name,
            line.part_number,
            line.serial_number,
            t.date(line.installed_on) if line.installed_on else "",
            t.quantity(line.life, unit(line.life_unit, t)) if line.life is not None else "",
        ]
        for line in lines
    ]
    heads = [t("Position"), t("Component"), t("Part number"), t("Serial number"), t("Installed"), t("Life so far")]
    return tabled(words, heads, rows, [22, 46, 28, 32, 22, 22], figures=[5])
