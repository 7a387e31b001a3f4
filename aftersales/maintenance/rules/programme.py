"""What a sound maintenance programme is: its tasks as they are handed in, and what is wrong with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class Check:
    """A line of a checklist: a tick, or (``measured``) a value with limits."""

    text: str
    measured: bool = False
    unit: str = ""
    lower: Decimal | None = None
    upper: Decimal | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class KitLine:
    """A part a task needs, and how many."""

    part_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task of a programme as it is handed in; see :class:`aftersales.models.ProgrammeTask`."""

    code: str
    name: str
    every_hours: Decimal | None = None
    every_days: int | None = None
    every_cycles: Decimal | None = None
    first_hours: Decimal | None = None
    first_days: int | None = None
    first_cycles: Decimal | None = None
    tolerance_percent: int = 10
    repeats: bool = True
    includes: Sequence[str] = field(default_factory=tuple)
    only_with: Sequence[str] = field(default_factory=tuple)
    not_with: Sequence[str] = field(default_factory=tuple)
    skip_below_hours: Decimal | None = None
    standard_hours: Decimal = Decimal(0)
    qualification: str | None = None
    safety: str | None = None
    checklist: Sequence[Check] = field(default_factory=tuple)
    kit: Sequence[KitLine] = field(default_factory=tuple)


Problem = Mapping[str, object]


def check_tasks(tasks: Sequence[TaskSpec]) -> list[Problem]:
    """Return what is wrong with a programme's tasks: ``{"row", "field", "message"}`` each; empty when it is sound."""
    codes = [task.code for task in tasks]
    found: list[Problem] = []
    for row, task in enumerate(tasks, start=1):
        problems = [*_identity(task, codes), *_intervals(task), *_included(task, codes), *_checklist(task)]
        found += [{"row": row, "field": name, "message": message} for name, message in problems]
    if not found:
        graph = {task.code: task.includes for task in tasks}
        for row, task in enumerate(tasks, start=1):
            if task.code in closure(graph, task.code):
                found.append({"row": row, "field": "includes", "message": N_("The task includes itself in the end")})
    return found


def _identity(task: TaskSpec, codes: Sequence[str]) -> Iterable[tuple[str, str]]:
    if not task.code.strip():
        yield "code", N_("A task needs a code")
    if not task.name.strip():
        yield "name", N_("A task needs a name")
    if codes.count(task.code) > 1:
        yield "code", N_("Two tasks have the same code")
    if not 0 <= task.tolerance_percent <= 100:
        yield "tolerance_percent", N_("The tolerance lies between 0 and 100 per cent")
    if task.standard_hours < 0:
        yield "standard_hours", N_("Standard hours cannot be negative")
    parts = [line.part_id for line in task.kit]
    if len(parts) != len(set(parts)):
        yield "kit", N_("The same part stands twice in the kit")
    if any(line.quantity <= 0 for line in task.kit):
        yield "kit", N_("A quantity must be above zero")


def _intervals(task: TaskSpec) -> Iterable[tuple[str, str]]:
    triggers = (
        ("hours", task.every_hours, task.first_hours),
        ("days", task.every_days, task.first_days),
        ("cycles", task.every_cycles, task.first_cycles),
    )
    if all(every is None for _, every, _ in triggers):
        yield "every_hours", N_("A task needs an interval in hours, days or cycles")
    for name, every, first in triggers:
        if every is not None and every <= 0:
            yield f"every_{name}", N_("An interval must be above zero")
        if first is not None and first <= 0:
            yield f"first_{name}", N_("The first time must lie above zero")
        if first is not None and every is None:
            yield f"first_{name}", N_("The first time needs an interval of the same kind")


def _included(task: TaskSpec, codes: Sequence[str]) -> Iterable[tuple[str, str]]:
    if any(code not in codes for code in task.includes):
        yield "includes", N_("It includes a task that is not in the programme")


def _checklist(task: TaskSpec) -> Iterable[tuple[str, str]]:
    for check in task.checklist:
        if not check.text.strip():
            yield "checklist", N_("A line of the checklist is empty")
        if check.lower is not None and check.upper is not None and check.lower > check.upper:
            yield "checklist", N_("A lower limit lies above the upper one")
        if not check.measured and (check.lower is not None or check.upper is not None):
            yield "checklist", N_("Only a measured value has limits")


def closure(includes: Mapping[str, Sequence[str]], code: str) -> set[str]:
    """Return every task that doing ``code`` also does, through any number of inclusions; itself only in a circle."""
    found: set[str] = set()
    waiting = list(includes.get(code, ()))
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += includes.get(other, ())
    return found
