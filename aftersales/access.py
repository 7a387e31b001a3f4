"""Who may do what: the actor, the permissions and the one table that grants them to roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aftersales.errors import Forbidden, Stale
from aftersales.translate import N_
from aftersales.vocabulary import OrganizationKind, Role


class Permission(StrEnum):
    """What can be permitted, as ``room:action``; also the scopes of API tokens."""

    PEOPLE_READ = "people:read"
    PEOPLE_MANAGE = "people:manage"
    AUDIT_READ = "audit:read"
    REGISTRY_READ = "registry:read"
    MODEL_MANAGE = "model:manage"
    MACHINE_MANAGE = "machine:manage"
    PASSPORT_ISSUE = "passport:issue"
    PARTY_MANAGE = "party:manage"
    USAGE_READ = "usage:read"
    READING_ADD = "reading:add"
    READING_CORRECT = "reading:correct"
    FAULT_READ = "fault:read"
    FAULT_REPORT = "fault:report"
    FAULT_HANDLE = "fault:handle"
    FAULT_CONFIRM = "fault:confirm"
    MAINTENANCE_READ = "maintenance:read"
    PROGRAMME_MANAGE = "programme:manage"
    ORDER_READ = "order:read"
    ORDER_PLAN = "order:plan"
    ORDER_WORK = "order:work"
    CERTIFICATE_READ = "certificate:read"
    CERTIFICATE_WITHDRAW = "certificate:withdraw"
    WARRANTY_READ = "warranty:read"
    WARRANTY_MANAGE = "warranty:manage"
    OFFER_MAKE = "offer:make"
    OFFER_DECIDE = "offer:decide"
    PART_READ = "part:read"
    PART_MANAGE = "part:manage"
    STOCK_READ = "stock:read"
    STOCK_MOVE = "stock:move"
    STOCK_APPROVE = "stock:approve"
    SUPPLY_READ = "supply:read"
    SUPPLY_ORDER = "supply:order"
    SUPPLY_APPROVE = "supply:approve"
    SUPPLY_RECEIVE = "supply:receive"
    SUPPLY_CONFIRM = "supply:confirm"
    FORECAST_READ = "forecast:read"
    FORECAST_RUN = "forecast:run"
    PLAN_READ = "plan:read"
    PLAN_MANAGE = "plan:manage"
    IMPORT_RUN = "import:run"


P = Permission
READS = frozenset(permission for permission in P if permission.endswith(":read")) - {
    P.AUDIT_READ,
    P.PEOPLE_READ,
    P.PLAN_READ,
}
PLANNING = frozenset({P.PLAN_READ, P.PLAN_MANAGE})
OPERATING = frozenset({P.REGISTRY_READ, P.USAGE_READ, P.READING_ADD, P.FAULT_READ, P.FAULT_REPORT, P.FAULT_CONFIRM})

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.OPERATOR: OPERATING | {P.MAINTENANCE_READ, P.ORDER_READ, P.CERTIFICATE_READ, P.WARRANTY_READ},
    Role.TECHNICIAN: (READS - {P.FORECAST_READ})
    | {P.READING_ADD, P.READING_CORRECT, P.FAULT_REPORT, P.FAULT_HANDLE, P.ORDER_WORK, P.STOCK_MOVE},
    Role.DISPATCHER: READS
    | {P.PEOPLE_READ, P.READING_ADD, P.READING_CORRECT, P.FAULT_REPORT, P.FAULT_HANDLE, P.ORDER_PLAN, P.ORDER_WORK}
    | {P.OFFER_MAKE, P.STOCK_MOVE, P.PARTY_MANAGE, P.SUPPLY_CONFIRM},
    Role.STOREKEEPER: READS | {P.STOCK_MOVE, P.PART_MANAGE, P.IMPORT_RUN, P.SUPPLY_RECEIVE},
    Role.QUALITY: READS | {P.MODEL_MANAGE, P.MACHINE_MANAGE, P.PASSPORT_ISSUE, P.READING_ADD, P.PARTY_MANAGE},
    Role.PLANNER: READS
    | PLANNING
    | {P.PART_MANAGE, P.STOCK_MOVE, P.FORECAST_RUN, P.PROGRAMME_MANAGE, P.IMPORT_RUN}
    | {P.SUPPLY_ORDER, P.SUPPLY_CONFIRM},
    Role.MANAGER: READS
    | OPERATING
    | PLANNING
    | {P.PEOPLE_READ, P.AUDIT_READ, P.PARTY_MANAGE, P.CERTIFICATE_WITHDRAW, P.WARRANTY_MANAGE, P.OFFER_MAKE}
    | {P.OFFER_DECIDE, P.STOCK_APPROVE, P.MACHINE_MANAGE, P.PROGRAMME_MANAGE, P.SUPPLY_APPROVE, P.SUPPLY_CONFIRM},
    Role.ADMIN: frozenset(P),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. The system itself has no user, role or organisation and may do everything.

    ``scopes`` narrows a token to some of its user's permissions; ``None`` means all of them.
    """

    user_id: int | None = None
    organization_id: int | None = None
    role: Role | None = None
    kinds: frozenset[OrganizationKind] = frozenset()
    scopes: frozenset[str] | None = None
    name: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    is_system: bool = False
    session_hash: str | None = field(default=None, repr=False)

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the actor may do."""
        if self.is_system:
            return frozenset(P)
        granted = ROLE_PERMISSIONS[self.role] if self.role else frozenset()
        return granted if self.scopes is None else frozenset(p for p in granted if p.value in self.scopes)

    def may(self, permission: Permission) -> bool:
        """Tell whether the actor has a permission."""
        return permission in self.permissions

    @property
    def organization(self) -> int:
        """The actor's organisation.

        :raises Forbidden: for the system and for strangers, who have none.
        """
        if self.organization_id is None:
            raise Forbidden(N_("This needs a signed-in user of an organisation"))
        return self.organization_id


SYSTEM = Actor(is_system=True, name="system")
STRANGER = Actor(name="")


def require(actor: Actor, permission: Permission) -> None:
    """Let the actor pass when permitted.

    :raises Forbidden: otherwise, naming the permission.
    """
    if permission not in actor.permissions:
        raise Forbidden(N_("Your role does not permit this (%(permission)s)"), permission=permission.value)


def require_any(actor: Actor, *permissions: Permission) -> None:
    """Let the actor pass when one of the permissions is his.

    :raises Forbidden: otherwise, naming the first.
    """
    if not actor.permissions.intersection(permissions):
        require(actor, permissions[0])


def expect(version: int, expected: int | None) -> None:
    """Let a change pass when the caller has seen the newest version; ``None`` passes always.

    :raises Stale: when somebody changed the object since.
    """
    if expected is not None and version != expected:
        raise Stale(N_("Somebody changed this since you read it; read it again and repeat the change"))
