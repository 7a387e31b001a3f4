"""Passports, their later entries, and the history of a machine's states."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import LifecycleEvent, Organization, Passport, PassportEntry, User
from aftersales.papers.words import REMOVAL_REASONS, word
from aftersales.translate import N_, Translator

KIND_WORDS = {
    "component": N_("Component"),
    "modernisation": N_("Modernisation"),
    "transfer": N_("Transfer of ownership"),
    "site": N_("Change of site"),
    "note": N_("Note"),
}


@dataclass(frozen=True, slots=True)
class EntryView:
    """A passport entry and the organisation whose user made it."""

    entry: PassportEntry
    organization: str

    def text(self, t: Translator) -> str:
        """Return the entry in a language; a person's own words as they stand."""
        sentence = self.entry.data.get("sentence")
        if not sentence:
            return self.entry.text
        params = dict(self.entry.data.get("params", {}))
        if self.entry.kind == "component" and "reason" in params:
            params["reason"] = word(REMOVAL_REASONS, params["reason"], t).lower()
        return t(str(sentence), **params)

    def kind(self, t: Translator) -> str:
        """Return the kind of the entry in a language."""
        return t(KIND_WORDS[self.entry.kind]) if self.entry.kind in KIND_WORDS else self.entry.kind


@dataclass(frozen=True, slots=True)
class StateChange:
    """A step of the life cycle and the organisation whose user made it."""

    event: LifecycleEvent
    organization: str


def passport_of(session: Session, actor: Actor, machine_id: int) -> Passport | None:
    """Return a machine's passport, ``None`` before its issue.

    :raises NotFound: the actor does not see the machine.
    """
    require(actor, Permission.REGISTRY_READ)
    machine = visibility.machine(session, actor, machine_id)
    return session.scalar(select(Passport).where(Passport.machine_id == machine.id))


def entries_of(session: Session, actor: Actor, machine_id: int) -> list[EntryView]:
    """Return the entries of a machine's passport that the actor sees, oldest first."""
    require(actor, Permission.REGISTRY_READ)
    rows = session.execute(
        select(PassportEntry, Organization.name)
        .outerjoin(User, User.id == PassportEntry.actor_id)
        .outerjoin(Organization, Organization.id == User.organization_id)
        .where(
            PassportEntry.machine_id == machine_id,
            visibility.sees_dated(actor, PassportEntry.machine_id, PassportEntry.at),
        )
        .order_by(PassportEntry.at, PassportEntry.id)
    )
    return [EntryView(entry, name or "") for entry, name in rows]


def lifecycle_of(session: Session, actor: Actor, machine_id: int) -> list[StateChange]:
    """Return the steps of a machine's life that the actor sees, oldest first."""
    require(actor, Permission.REGISTRY_READ)
    rows = session.execute(
        select(LifecycleEvent, Organization.name)
        .outerjoin(User, User.id == LifecycleEvent.actor_id)
        .outerjoin(Organization, Organization.id == User.organization_id)
        .where(
            LifecycleEvent.machine_id == machine_id,
            visibility.sees_dated(actor, LifecycleEvent.machine_id, LifecycleEvent.at),
        )
        .order_by(LifecycleEvent.sequence)
    )
    return [StateChange(event, name or "") for event, name in rows]
