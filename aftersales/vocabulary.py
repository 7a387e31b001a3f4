"""Words every room shares: the trade's enumerations.

Fault coding follows ISO 14224 (failure mode, mechanism, cause, detection), kept apart as the standard does.
"""

from enum import StrEnum


class OrganizationKind(StrEnum):
    """What an organisation is to the machines; one organisation may be several."""

    MANUFACTURER = "manufacturer"
    OPERATOR = "operator"
    SERVICE_PARTNER = "service_partner"
    SUPPLIER = "supplier"


class PartyRole(StrEnum):
    """What an organisation is to one machine during a period."""

    MANUFACTURER = "manufacturer"
    OWNER = "owner"
    OPERATOR = "operator"
    SERVICE_PARTNER = "service_partner"
    GUEST = "guest"


class MachineState(StrEnum):
    """The life cycle of a machine."""

    PLANNED = "planned"
    IN_PRODUCTION = "in_production"
    PASSPORT_ISSUED = "passport_issued"
    SHIPPED = "shipped"
    COMMISSIONED = "commissioned"
    IN_OPERATION = "in_operation"
    STANDBY = "standby"
    DOWN = "down"
    UNDER_REPAIR = "under_repair"
    UNDER_MODERNISATION = "under_modernisation"
    TRANSFERRED = "transferred"
    DECOMMISSIONED = "decommissioned"
    WRITTEN_OFF = "written_off"
    DISPOSED = "disposed"


class LifeUnit(StrEnum):
    """What a life limit or an interval is counted in."""

    HOURS = "hours"
    CYCLES = "cycles"
    DAYS = "days"


class MeterKind(StrEnum):
    """What a meter counts."""

    HOURS = "hours"
    CYCLES = "cycles"
    KILOMETRES = "km"
    KILOWATT_HOURS = "kWh"


class ReadingKind(StrEnum):
    """How a reading came about; a correction or a void is a counter-entry to an earlier one."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    CORRECTION = "correction"
    VOID = "void"


class ReadingSource(StrEnum):
    """Where a reading came from."""

    PERSON = "person"
    FILE = "file"
    TELEMATICS = "telematics"
    WORK_ORDER = "work_order"


class RemovalReason(StrEnum):
    """Why a component left its position."""

    FAILURE = "failure"
    PLANNED = "planned"
    UPGRADE = "upgrade"
    OTHER = "other"


class FailureMode(StrEnum):
    """ISO 14224 failure modes an operator can tell from outside."""

    BRD = "BRD"
    FTS = "FTS"
    UST = "UST"
    ELP = "ELP"
    ELU = "ELU"
    LOO = "LOO"
    HIO = "HIO"
    ERO = "ERO"
    NOI = "NOI"
    OHE = "OHE"
    VIB = "VIB"
    PDE = "PDE"
    PLU = "PLU"
    AIR = "AIR"
    STP = "STP"
    SER = "SER"
    OTH = "OTH"
    UNK = "UNK"


class FailureMechanism(StrEnum):
    """ISO 14224 failure mechanism groups."""

    MECHANICAL = "mechanical"
    MATERIAL = "material"
    INSTRUMENT = "instrument"
    ELECTRICAL = "electrical"
    EXTERNAL = "external"
    OTHER = "other"


class FailureCause(StrEnum):
    """ISO 14224 failure cause groups."""

    DESIGN = "design"
    FABRICATION = "fabrication"
    OPERATION = "operation"
    MAINTENANCE = "maintenance"
    MANAGEMENT = "management"
    OTHER = "other"


class DueStatus(StrEnum):
    """How a maintenance task stands on a machine."""

    OVERDUE = "overdue"
    DUE = "due"
    DUE_SOON = "due_soon"
    OK = "ok"
    DONE = "done"
    UNKNOWN = "unknown"


class Health(StrEnum):
    """What a machine's technical condition comes to."""

    GOOD = "good"
    ATTENTION = "attention"
    CRITICAL = "critical"
    OUT_OF_SERVICE = "out_of_service"


class Detection(StrEnum):
    """ISO 14224 detection methods."""

    OPERATION = "operation"
    MAINTENANCE = "maintenance"
    INSPECTION = "inspection"
    MONITORING = "monitoring"
    OTHER = "other"


class FaultState(StrEnum):
    """Where a fault report stands; the last state-changing event decides."""

    REPORTED = "reported"
    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    REOPENED = "reopened"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Severity(StrEnum):
    """How much a fault matters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


class Channel(StrEnum):
    """How a report reached us."""

    PAGE = "page"
    QR = "qr"
    API = "api"
    FILE = "file"


class OrderKind(StrEnum):
    """Kinds of work order."""

    MAINTENANCE = "maintenance"
    REPAIR = "repair"
    INSPECTION = "inspection"
    MODERNISATION = "modernisation"
    COMMISSIONING = "commissioning"
    TRAINING = "training"


class OrderState(StrEnum):
    """States of a work order."""

    DRAFT = "draft"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    DONE = "done"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CertificateKind(StrEnum):
    """Kinds of certificate."""

    SERVICE = "service"
    COMMISSIONING = "commissioning"
    WRITE_OFF = "write_off"
    DISPOSAL = "disposal"
    EXTENSION = "extension"


class CertificateState(StrEnum):
    """Whether a certificate still stands."""

    GENUINE = "genuine"
    WITHDRAWN = "withdrawn"


class CostClass(StrEnum):
    """What a cost is for; warranty terms differ by it."""

    PARTS = "parts"
    LABOUR = "labour"
    TRAVEL = "travel"


class Payer(StrEnum):
    """Who pays for a line of a work order."""

    WARRANTY = "warranty"
    EXTENSION = "extension"
    CONTRACT = "contract"
    GOODWILL = "goodwill"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"


class OfferState(StrEnum):
    """Where an extension offer stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"


class RefusalReason(StrEnum):
    """Why a customer refused an offer."""

    PRICE = "price"
    OWN_SERVICE = "own_service"
    OTHER_PROVIDER = "other_provider"
    MACHINE_LEAVES = "machine_leaves"
    NO_NEED = "no_need"
    OTHER = "other"


class Condition(StrEnum):
    """Condition of a part in stock."""

    NEW = "new"
    SECOND_CATEGORY = "second_category"
    CORE = "core"
    QUARANTINED = "quarantined"


class LocationKind(StrEnum):
    """Places stock can be; the virtual ones close the double entry."""

    WAREHOUSE = "warehouse"
    BIN = "bin"
    VAN = "van"
    QUARANTINE = "quarantine"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    PRODUCTION = "production"
    SCRAP = "scrap"
    ADJUSTMENT = "adjustment"


REAL_LOCATIONS = frozenset({LocationKind.WAREHOUSE, LocationKind.BIN, LocationKind.VAN, LocationKind.QUARANTINE})


class MoveKind(StrEnum):
    """Why stock moved."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    TRANSFER = "transfer"
    RETURN = "return"
    COUNT = "count"
    SCRAP = "scrap"
    REGRADE = "regrade"
    OPENING = "opening"


class SupplyKind(StrEnum):
    """Where an order to fill the stock goes."""

    PURCHASE = "purchase"
    PRODUCTION = "production"
    REFURBISHMENT = "refurbishment"


class SupplyState(StrEnum):
    """Where such an order stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    PART_RECEIVED = "part_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class Tolerance(StrEnum):
    """How much more than ordered may be received."""

    EXACT = "exact"
    FIVE_PERCENT = "five_percent"
    TEN_PERCENT = "ten_percent"
    FULL_PACK = "full_pack"


class Criticality(StrEnum):
    """What it means to be without the part (VED analysis)."""

    VITAL = "vital"
    ESSENTIAL = "essential"
    DESIRABLE = "desirable"


class Role(StrEnum):
    """What a user does in their organisation."""

    OPERATOR = "operator"
    TECHNICIAN = "technician"
    DISPATCHER = "dispatcher"
    STOREKEEPER = "storekeeper"
    QUALITY = "quality"
    PLANNER = "planner"
    MANAGER = "manager"
    ADMIN = "admin"
