"""Every table of the product, one aggregate per file."""

from aftersales.models.certificate import Certificate, NumberSeries, SigningCertificate
from aftersales.models.component import Component, Installation
from aftersales.models.document import Document, StoredFile
from aftersales.models.failure import FailureRecord
from aftersales.models.fault import FaultEvent, FaultPhoto, FaultReport
from aftersales.models.imports import ImportedRow, ImportRun
from aftersales.models.machine import LifecycleEvent, Machine, MachineParty
from aftersales.models.machine_model import MachineModel, ModelOption, Position, TestCharacteristic, TestTemplate
from aftersales.models.meter import Meter, MeterSegment, Reading
from aftersales.models.organization import Organization, Site
from aftersales.models.part import Alternate, Part, Supersession
from aftersales.models.passport import AcceptanceResult, Passport, PassportEntry
from aftersales.models.planning import (
    DemandGap,
    DemandRecord,
    FleetPlanEntry,
    ForecastLine,
    ForecastOutcome,
    ForecastRun,
    ForecastScore,
)
from aftersales.models.programme import ChecklistItem, Programme, ProgrammeTask, TaskCompletion, TaskKitLine
from aftersales.models.purchasing import SupplyOrder, SupplyOrderEvent, SupplyOrderLine, SupplyReceipt
from aftersales.models.stock import Balance, Location, Reservation, SerialPlace, StockCount, StockMove
from aftersales.models.stock_policy import PartDecision, StockPolicy, StockPolicySet
from aftersales.models.supply_plan import PlanLine, PlannedOrder, PlannedOrderStep, PlanRun
from aftersales.models.trail import AuditEntry, AuditHead, DatabaseMark, IdempotencyKey, OutboxEvent
from aftersales.models.user import ApiToken, SignInAttempt, User, UserLink, UserSession
from aftersales.models.warranty import Coverage, ExtensionOffer, Warranty, WarrantyClause, WarrantyPolicy
from aftersales.models.work_order import (
    ChecklistResult,
    ComponentExchange,
    Finding,
    OrderCorrection,
    PartUse,
    SignOff,
    TimeEntry,
    WorkOrder,
    WorkOrderFault,
    WorkOrderTask,
)

__all__ = [
    "AcceptanceResult",
    "Alternate",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Balance",
    "Certificate",
    "ChecklistItem",
    "ChecklistResult",
    "Component",
    "ComponentExchange",
    "Coverage",
    "DatabaseMark",
    "DemandGap",
    "DemandRecord",
    "Document",
    "ExtensionOffer",
    "FailureRecord",
    "FaultEvent",
    "FaultPhoto",
    "FaultReport",
    "Finding",
    "FleetPlanEntry",
    "ForecastLine",
    "ForecastOutcome",
    "ForecastRun",
    "ForecastScore",
    "IdempotencyKey",
    "ImportRun",
    "ImportedRow",
    "Installation",
    "LifecycleEvent",
    "Location",
    "Machine",
    "MachineModel",
    "MachineParty",
    "Meter",
    "MeterSegment",
    "ModelOption",
    "NumberSeries",
    "OrderCorrection",
    "Organization",
    "OutboxEvent",
    "Part",
    "PartDecision",
    "PartUse",
    "Passport",
    "PassportEntry",
    "PlanLine",
    "PlanRun",
    "PlannedOrder",
    "PlannedOrderStep",
    "Position",
    "Programme",
    "ProgrammeTask",
    "Reading",
    "Reservation",
    "SerialPlace",
    "SignInAttempt",
    "SignOff",
    "SigningCertificate",
    "Site",
    "StockCount",
    "StockMove",
    "StockPolicy",
    "StockPolicySet",
    "StoredFile",
    "Supersession",
    "SupplyOrder",
    "SupplyOrderEvent",
    "SupplyOrderLine",
    "SupplyReceipt",
    "TaskCompletion",
    "TaskKitLine",
    "TestCharacteristic",
    "TestTemplate",
    "TimeEntry",
    "User",
    "UserLink",
    "UserSession",
    "Warranty",
    "WarrantyClause",
    "WarrantyPolicy",
    "WorkOrder",
    "WorkOrderFault",
    "WorkOrderTask",
]
