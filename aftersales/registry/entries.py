"""Dated entries in an issued passport; their sentences are kept apart from the parameters, to be said in any language.

Before the passport is issued nothing is entered: what is true then goes into the passport itself.
"""

from datetime import datetime

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require_any
from aftersales.db import touch
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Machine, Passport, PassportEntry
from aftersales.registry.rules.fields import text as checked_text
from aftersales.registry.rules.lifecycle import check_serving
from aftersales.translate import N_
from aftersales.work import Work

COMPONENT, MODERNISATION, TRANSFER, SITE, NOTE = "component", "modernisation", "transfer", "site", "note"
KINDS = (COMPONENT, MODERNISATION, TRANSFER, SITE, NOTE)


def has_passport(work: Work, machine_id: int) -> bool:
    """Tell whether a machine's passport was issued."""
    return work.session.scalar(select(Passport.id).where(Passport.machine_id == machine_id)) is not None


def enter(work: Work, machine: Machine, kind: str, at: datetime, sentence: str, **params: str) -> PassportEntry | None:
    """Enter a change in the passport, when there is one; part of the use-case that makes the change.

    What is dated before the issue is no later change and leaves no entry.

    :param sentence: English, marked with ``N_``, with ``%(name)s`` places for the parameters.
    """
    issued = work.session.scalar(select(Passport.issued_at).where(Passport.machine_id == machine.id))
    if issued is None or at < issued:
        return None
    entry = PassportEntry(
        machine_id=machine.id,
        at=at,
        kind=kind,
        text=(sentence % params)[:2000],
        data={"sentence": sentence, "params": params},
        actor_id=work.actor.user_id,
    )
    work.session.add(entry)
    return entry


def add_entry(
    work: Work,
    machine_id: int,
    *,
    kind: str,
    text: str,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> PassportEntry:
    """Add a dated entry of a person's own words to an issued passport.

    :raises RuleBroken: the machine has no passport yet, or the date lies before its issue.
    :raises Invalid: an unknown kind, no text, or a date in the future.
    """
    require_any(work.actor, Permission.MACHINE_MANAGE, Permission.ORDER_WORK)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    check_serving(visibility.roles_in(work.session, work.actor, machine.id))
    expect(machine.version, expected_version)
    if kind not in KINDS:
        raise Invalid(N_("%(kind)s is not a kind of passport entry"), kind=kind, code="entry_kind")
    passport = work.session.scalar(select(Passport).where(Passport.machine_id == machine.id))
    if passport is None:
        raise RuleBroken(N_("This machine has no passport yet"), code="no_passport")
    moment = at or work.now
    if moment > work.now:
        raise Invalid(N_("%(at)s lies in the future"), at=moment.isoformat(), code="in_future")
    if moment < passport.issued_at and not passport.reconstructed:
        raise RuleBroken(
            N_("The passport was issued on %(issued)s; an entry cannot be dated before that"),
            issued=passport.issued_at.isoformat(),
            code="before_issue",
        )
    entry = PassportEntry(
        machine_id=machine.id,
        at=moment,
        kind=kind,
        text=checked_text(text, "text", 2000),
        data={},
        actor_id=work.actor.user_id,
    )
    work.session.add(entry)
    touch(machine)
    work.session.flush()
    return entry
