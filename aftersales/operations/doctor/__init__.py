"""The doctor verifies every invariant from the rows alone, and the audit chains; it changes nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from aftersales.access import SYSTEM
from aftersales.operations.doctor import machines, papers, service, stock, structure, supply, usage
from aftersales.work import Work, Workshop

Check = Callable[[Work], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be."""

    check: str
    problem: str


CHECKS: Mapping[str, Check] = {
    **structure.CHECKS,
    **machines.CHECKS,
    **usage.CHECKS,
    **service.CHECKS,
    **papers.CHECKS,
    **stock.CHECKS,
    **supply.CHECKS,
}


def examine(workshop: Workshop, report: Callable[[str], None] = lambda name: None) -> list[Finding]:
    """Run every check and return what is wrong; empty when all is well.

    :param report: told the name of each check as it begins.
    """
    findings: list[Finding] = []
    for name, check in structure.checks_of(workshop).items():
        report(name)
        findings += [Finding(name, problem) for problem in check()]
    with workshop.reading(SYSTEM) as work:
        for name, run in CHECKS.items():
            report(name)
            findings += [Finding(name, problem) for problem in run(work)]
    return findings
