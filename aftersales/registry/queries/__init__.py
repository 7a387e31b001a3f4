"""What the register can be asked; always through the actor's visibility."""

from aftersales.registry.queries.acceptance import tested
from aftersales.registry.queries.components import (
    component,
    component_card,
    component_history,
    component_life,
    components,
    list_components,
    machine_history,
)
from aftersales.registry.queries.documents import (
    applying,
    document,
    list_documents,
    machine_documents,
    public_document,
    public_documents,
)
from aftersales.registry.queries.machine_models import list_models, model, options, positions, templates
from aftersales.registry.queries.machines import list_machines, machine_page, public_machine
from aftersales.registry.queries.parties import organizations, parties, sites_for
from aftersales.registry.queries.passports import entries_of, lifecycle_of, passport_of

__all__ = [
    "applying",
    "component",
    "component_card",
    "component_history",
    "component_life",
    "components",
    "document",
    "entries_of",
    "lifecycle_of",
    "list_components",
    "list_documents",
    "list_machines",
    "list_models",
    "machine_documents",
    "machine_history",
    "machine_page",
    "model",
    "options",
    "organizations",
    "parties",
    "passport_of",
    "positions",
    "public_document",
    "public_documents",
    "public_machine",
    "sites_for",
    "templates",
    "tested",
]
