"""Configuration of a machine: which options go together."""

from collections.abc import Sequence
from dataclasses import dataclass

from aftersales.errors import RuleBroken
from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class Option:
    """An option and the other options it needs or forbids, by code."""

    code: str
    requires: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()


def check_configuration(options: Sequence[Option], chosen: Sequence[str]) -> None:
    """Let a configuration stand: options that exist, each once, with all they require and nothing they exclude.

    An exclusion binds both sides, whichever of them names it.

    :raises RuleBroken: naming the first option that does not fit; ``errors`` lists all.
    """
    known = {option.code: option for option in options}
    problems = [
        (N_("Option %(option)s is chosen twice"), code, "")
        for code in dict.fromkeys(chosen)
        if list(chosen).count(code) > 1
    ]
    for code in dict.fromkeys(chosen):
        if code not in known:
            problems.append((N_("This model has no option %(option)s"), code, ""))
            continue
        needed = sorted(known[code].requires - set(chosen))
        barred = sorted(known[code].excludes & set(chosen))
        problems += [(N_("Option %(option)s requires option %(other)s"), code, other) for other in needed]
        problems += [(N_("Option %(option)s excludes option %(other)s"), code, other) for other in barred]
    if problems:
        message, code, other = problems[0]
        errors = [
            {"field": "configuration", "message": text, "params": {"option": code, "other": to}}
            for text, code, to in problems
        ]
        raise RuleBroken(message, code="configuration_invalid", errors=errors, option=code, other=other)
