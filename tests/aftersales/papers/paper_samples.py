"""Contents that the tests of papers print, in the shape a real workshop has them."""

import datetime as dt
from decimal import Decimal

from aftersales.papers.content import (
    Amount,
    Check,
    Clause,
    ComponentLine,
    DocumentLine,
    DueLine,
    EntryLine,
    ExchangeLine,
    FindingLine,
    Issuer,
    KeyValue,
    MachineIdentity,
    MeterLine,
    PartLine,
    PartyLine,
    PersonLine,
    ScopeLine,
    SignatureLine,
    WorkLine,
)
from aftersales.papers.extension_certificate import ExtensionCertificate
from aftersales.papers.label import Label
from aftersales.papers.passport import Passport
from aftersales.papers.service_certificate import ServiceCertificate
from aftersales.papers.write_off_certificate import WriteOffCertificate

AT = dt.datetime(2026, 3, 5, 14, 30, tzinfo=dt.UTC)
ISSUER = Issuer(
    name="Ararat Compressors CJSC",
    address=("12 Arshakunyats Avenue", "0023 Yerevan, Armenia"),
    registration="Reg. no. 264.120.04567",
    contact="service@ararat.example · +374 10 000 000",
)
MACHINE = MachineIdentity(
    serial_number="AR-55-2024-0117",
    model="ARC 55 VSD",
    manufacturer="Ararat Compressors CJSC",
    designation="Screw compressor 55 kW",
    url="https://service.example/m/7Q2KXW94",
    order_code="ARC55-V-400-13",
    year_of_construction=2024,
    date_of_manufacture=dt.date(2024, 5, 17),
    country_of_origin="Armenia",
    software_version="3.2.1",
)
CUSTOMER = PartyLine(
    name="Jadran Brodogradilište d.o.o.",
    role="operator",
    address="Obala kneza Branimira 5, 21000 Split",
    contact="Željka Kovačić, +385 21 000 000",
    since=dt.date(2024, 6, 1),
)
SIGNATURES = (
    SignatureLine(role="technician", name="Անահիտ Սարգսյան", organization="Ararat Compressors CJSC", signed_at=AT),
    SignatureLine(role="customer", name="Željka Kovačić", organization="Jadran Brodogradilište d.o.o."),
)
COMPONENTS = (
    ComponentLine(
        name="Screw element",
        serial_number="SE-88120",
        part_number="10-4410-02",
        position="A1",
        installed_on=dt.date(2024, 5, 10),
        life=Decimal(0),
        life_unit="hours",
    ),
    ComponentLine(name="Main motor 55 kW", serial_number="M55-7711", part_number="10-2200-55", position="A2"),
    ComponentLine(name="Frequency converter", serial_number="FC-003918", part_number="10-3300-55", position="E1"),
)
CHECKS = (
    Check(
        characteristic="Working pressure",
        value=Decimal("12.9"),
        unit="bar",
        lower=Decimal("12.5"),
        upper=Decimal("13.2"),
        passed=True,
        by="Anahit Sargsyan",
    ),
    Check(
        characteristic="Oil temperature",
        value=Decimal(97),
        unit="°C",
        upper=Decimal(95),
        passed=False,
        note="Cooler dirty",
    ),
    Check(characteristic="Insulation resistance", value=Decimal("1250.5"), unit="MΩ", lower=Decimal(1), passed=True),
)
TOLD = (
    Check(characteristic="Emergency stop", result="ok", passed=True),
    Check(characteristic="Guards and covers", result="ok", passed=True),
    Check(characteristic="Belt tension", result="not_ok", passed=False),
    Check(characteristic="Condensate drain", result="done", passed=True),
    Check(characteristic="Heat recovery", result="not_applicable"),
    Check(characteristic="Safety valve seal", result="ok", passed=True),
)

PASSPORT = Passport(
    number="PP-2024-00117",
    issued_at=AT,
    issuer=ISSUER,
    verify_url="https://service.example/m/7Q2KXW94",
    time_zone="Asia/Yerevan",
    signatures=SIGNATURES[:1],
    machine=MACHINE,
    configuration=(
        KeyValue(key="Voltage", value="400 V / 50 Hz"),
        KeyValue(key="Cooling", value="Air"),
        KeyValue(key="Dryer", value="Refrigerant, built in"),
    ),
    marks=("CE", "EAC"),
    test_template="ARC 55 factory test, version 4",
    tester="Անահիտ Սարգսյան",
    tested_on=dt.date(2024, 5, 16),
    acceptance=CHECKS + TOLD,
    components=COMPONENTS,
    documents=(
        DocumentLine(kind="manual", title="ARC 55 operating instructions", language="hr", version="4.1"),
        DocumentLine(kind="declaration", title="EU declaration of conformity", language="en", version="2024-05"),
    ),
    parties=(PartyLine(name=ISSUER.name, role="manufacturer", since=dt.date(2024, 5, 17)), CUSTOMER),
    entries=(EntryLine(at=AT, kind="Exchange", text="Screw element SE-88120 replaced by SE-90177.", by="A. Sargsyan"),),
)

SERVICE = ServiceCertificate(
    number="SC-2026-00042",
    issued_at=AT,
    issuer=ISSUER,
    verify_url="https://service.example/c/SC-2026-00042-k3j9",
    time_zone="Europe/Zagreb",
    signatures=SIGNATURES,
    machine=MACHINE,
    kind="maintenance",
    customer=CUSTOMER,
    site="Split, hall 3",
    work_order="WO-2026-00310",
    started_at=AT - dt.timedelta(hours=5),
    finished_at=AT,
    meters=(MeterLine(value=Decimal("8012.4"), unit="hours", name="Running hours", read_at=AT),),
    answers=("F-2026-0088: oil temperature too high", "8,000 h maintenance"),
    work=(
        WorkLine(code="M-8000", text="8,000 h maintenance as in the programme ARC 55, version 3"),
        WorkLine(code="R-12", text="Oil cooler cleaned and pressure-tested", note="Blocked by paint dust"),
    ),
    people=(
        PersonLine(
            name="Անահիտ Սարգսյան", role="technician", qualification="Compressors level 3", hours=Decimal("4.5")
        ),
        PersonLine(name="Иван Петров", role="technician", hours=Decimal("2.25")),
    ),
    checks=CHECKS + TOLD,
    parts=(
        PartLine(part_number="10-9001-10", name="Oil filter", quantity=Decimal(1), unit="pcs"),
        PartLine(part_number="10-9050-46", name="Compressor oil ISO VG 46", quantity=Decimal("18.5"), unit="L"),
        PartLine(
            part_number="10-4410-02",
            name="Screw element",
            quantity=Decimal(1),
            unit="pcs",
            serial_numbers=("SE-90177",),
        ),
    ),
    exchanges=(
        ExchangeLine(
            position="A1",
            name="Screw element",
            part_number="10-4410-02",
            old_serial="SE-88120",
            new_serial="SE-90177",
            reason="failure",
            old_life=Decimal(8012),
            life_unit="hours",
        ),
    ),
    findings=(
        FindingLine(
            text="Bearing of the male rotor worn, play 0.14 mm",
            mode="VIB",
            mechanism="mechanical",
            cause="maintenance",
            detection="inspection",
            recommendation="Check the oil separator at 8,500 h",
        ),
    ),
    next_due=(
        DueLine(task="1,000 h inspection", at=Decimal(9000), unit="hours", on=dt.date(2026, 9, 1)),
        DueLine(task="Pressure vessel inspection", on=dt.date(2027, 5, 1)),
    ),
)

WRITE_OFF = WriteOffCertificate(
    number="WO-2026-00003",
    issued_at=AT,
    issuer=ISSUER,
    verify_url="https://service.example/c/WO-2026-00003-x1",
    time_zone="Europe/Zagreb",
    signatures=SIGNATURES,
    machine=MACHINE,
    owner=CUSTOMER,
    site="Split, hall 3",
    meters=(MeterLine(value=Decimal(61200), unit="hours", name="Running hours", read_at=AT),),
    reason="uneconomic",
    reason_text="The motor burnt out and the frame is cracked at two welds.",
    decided_by="Željka Kovačić",
    decided_on=dt.date(2026, 3, 1),
    effective_on=dt.date(2026, 3, 5),
    in_service_since=dt.date(2014, 6, 1),
    repair_estimate=Amount(value=Decimal(21500), currency="EUR"),
    residual_value=Amount(value=Decimal(1250000), currency="AMD"),
    findings=(FindingLine(text="Frame cracked at two welds", mode="BRD", mechanism="material", cause="operation"),),
    checks=CHECKS[2:],
    disposal="dismantled",
    disposal_text="Steel to Metalis d.o.o., delivery note 2026-118.",
    hazards=(KeyValue(key="Compressor oil", value="28 L"), KeyValue(key="Refrigerant R513A", value="1.4 kg")),
    recovered=COMPONENTS[2:],
)

EXTENSION = ExtensionCertificate(
    number="EX-2026-00007",
    issued_at=AT,
    issuer=ISSUER,
    verify_url="https://service.example/c/EX-2026-00007-p0",
    time_zone="Europe/Zagreb",
    signatures=SIGNATURES,
    machine=MACHINE,
    starts_on=dt.date(2026, 6, 1),
    ends_on=dt.date(2028, 5, 31),
    customer=CUSTOMER,
    policy="Standard warranty 2024, version 2",
    offer="OF-2026-0031",
    accepted_at=AT,
    accepted_by="Željka Kovačić",
    warranty_ended_on=dt.date(2026, 5, 31),
    price=Amount(value=Decimal("1890.00"), currency="EUR"),
    meters=(MeterLine(value=Decimal("8012.4"), unit="hours", name="Running hours", read_at=AT),),
    scope=(
        ScopeLine(cost_class="parts", months=24, hours=Decimal(16000), ends_on=dt.date(2028, 5, 31)),
        ScopeLine(cost_class="labour", months=24, hours=Decimal(16000), ends_on=dt.date(2028, 5, 31)),
        ScopeLine(cost_class="travel", months=12, ends_on=dt.date(2027, 5, 31), note="Within 200 km"),
    ),
    conditions=(Clause(number="3.1", text="Every maintenance task is done within its tolerance."),),
    clauses=(
        Clause(
            number="1.1", text="Parts that fail through a fault of material or manufacture are replaced free of charge."
        ),
        Clause(number="2.4", text="Wear parts and consumables are excluded."),
    ),
)

LABEL = Label(
    url="https://service.example/m/7Q2KXW94",
    serial_number="AR-55-2024-0117",
    model="ARC 55 VSD",
    manufacturer="Ararat Compressors CJSC",
    designation="Screw compressor 55 kW",
    year_of_construction=2024,
    marks=("CE", "EAC"),
    extra=(KeyValue(key="Voltage", value="400 V / 50 Hz"),),
)
