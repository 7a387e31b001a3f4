"""Use-cases of the register, gathered from the files of its trades."""

from aftersales.registry.documents import add_document, read_document
from aftersales.registry.entries import add_entry
from aftersales.registry.installations import create_component, install, record_stay, remove, scrap
from aftersales.registry.lifecycle import change_state
from aftersales.registry.machine_models import (
    NewCharacteristic,
    add_option,
    add_position,
    change_model,
    change_position,
    create_model,
    end_model,
    publish_template,
)
from aftersales.registry.machines import (
    Measurement,
    change_machine,
    create_machine,
    modernise,
    move_to_site,
    record_results,
    set_reporting,
)
from aftersales.registry.parties import end_party, party_line, set_party, transfer_ownership
from aftersales.registry.passports import issue_passport, reconstruct_passport
from aftersales.registry.printing import issued_passport, labels, passport_pdf
from aftersales.registry.retirement import dispose, write_off

__all__ = [
    "Measurement",
    "NewCharacteristic",
    "add_document",
    "add_entry",
    "add_option",
    "add_position",
    "change_machine",
    "change_model",
    "change_position",
    "change_state",
    "create_component",
    "create_machine",
    "create_model",
    "dispose",
    "end_model",
    "end_party",
    "install",
    "issue_passport",
    "issued_passport",
    "labels",
    "modernise",
    "move_to_site",
    "party_line",
    "passport_pdf",
    "publish_template",
    "read_document",
    "reconstruct_passport",
    "record_results",
    "record_stay",
    "remove",
    "scrap",
    "set_party",
    "set_reporting",
    "transfer_ownership",
    "write_off",
]
