"""Rules of maintenance: what a sound programme is, when a task is due, what doing it means for the next time. Pure."""

from aftersales.maintenance.rules.due import Done, Due, Task, Trigger, Usage, applies, completion, due
from aftersales.maintenance.rules.programme import Check, KitLine, TaskSpec, check_tasks, closure

__all__ = [
    "Check",
    "Done",
    "Due",
    "KitLine",
    "Task",
    "TaskSpec",
    "Trigger",
    "Usage",
    "applies",
    "check_tasks",
    "closure",
    "completion",
    "due",
]
