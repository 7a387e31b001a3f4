"""The sample organisations, people, parts, models, programmes and warranty policies."""

from datetime import datetime, timedelta
from decimal import Decimal

from aftersales.maintenance import service as maintenance
from aftersales.maintenance.rules.programme import Check, KitLine, TaskSpec
from aftersales.models import (
    Alternate,
    ChecklistItem,
    MachineModel,
    Organization,
    Part,
    Position,
    ProgrammeTask,
    Site,
    Supersession,
    TestCharacteristic,
    TestTemplate,
    User,
)
from aftersales.people import passwords
from aftersales.sample.book import Book
from aftersales.sample.catalogue import ALTERNATES, MODELS, PARTS, SUPERSEDED, TASKS, SampleModel, SampleTask
from aftersales.sample.companies import COMPANIES, MAKER, PASSWORD, PEOPLE
from aftersales.vocabulary import CostClass, LifeUnit, Role
from aftersales.warranty import service as warranty
from aftersales.warranty.service.policies import ClauseData

EXTRA_ENGINEERS = {MAKER: 3, "adria": 2, "baltic": 2}


def write_companies(book: Book, began: datetime) -> None:
    """Write organisations, sites and people; every person has the sample password, engineers without sign-in none."""
    session = book.work.session
    for company in COMPANIES:
        organization = Organization(
            name=company.name,
            kinds=[kind.value for kind in company.kinds],
            country=company.country,
            language=company.language,
            time_zone=company.time_zone,
            currency=company.currency,
            address=f"{company.sites[0]}, {company.country}",
            created_at=began,
        )
        session.add(organization)
        session.flush()
        book.organizations[company.key] = organization
        sites = [
            Site(organization_id=organization.id, name=name, time_zone=company.time_zone, country=company.country)
            for name in company.sites
        ]
        session.add_all(sites)
        book.sites[company.key] = sites
    _write_people(book, began)
    session.flush()


def _write_people(book: Book, began: datetime) -> None:
    digest = passwords.hash_password(PASSWORD)
    languages = {company.key: company.language for company in COMPANIES}
    for person in PEOPLE:
        user = User(
            organization_id=book.organizations[person.company].id,
            role=person.role,
            email=person.email,
            full_name=f"{person.title}, {book.organizations[person.company].name}",
            language=languages[person.company],
            password_hash=digest,
            is_sample=True,
            created_at=began,
        )
        book.work.session.add(user)
        book.people[person.company, person.role] = user
    for company, count in EXTRA_ENGINEERS.items():
        team = [
            User(
                organization_id=book.organizations[company].id,
                role=Role.TECHNICIAN,
                full_name=f"Engineer {number}",
                language=languages[company],
                is_sample=True,
                created_at=began,
            )
            for number in range(2, 2 + count)
        ]
        book.work.session.add_all(team)
        book.engineers[company] = [book.people[company, Role.TECHNICIAN], *team]


def write_parts(book: Book, began: datetime) -> None:
    """Write the maker's catalogue with one supersession and a few alternates."""
    session = book.work.session
    for part in PARTS:
        row = Part(
            organization_id=book.organizations[MAKER].id,
            number=part.number,
            name=part.name,
            own=not part.supplied,
            maker=book.organizations["idro"].name if part.supplied else None,
            supplier_id=book.organizations["idro"].id if part.supplied else None,
            unit=part.unit,
            whole_units=part.whole,
            price=part.price,
            cost=part.cost,
            currency="EUR",
            lead_time_days=part.lead_days,
            minimum_quantity=Decimal(part.minimum),
            multiple=Decimal(part.multiple),
            criticality=part.criticality,
            serialised=part.serialised,
            repairable=part.repairable,
            created_at=began,
        )
        session.add(row)
        book.parts[part.number] = row
    session.flush()
    from_day = (book.now - timedelta(days=400)).date()
    session.add_all(
        Supersession(old_id=book.parts[old].id, new_id=book.parts[new].id, valid_from=from_day)
        for old, new in SUPERSEDED
    )
    session.add_all(
        Alternate(part_id=book.parts[one].id, alternate_id=book.parts[other].id, note="Check the size first")
        for one, other in ALTERNATES
    )
    session.flush()


def write_models(book: Book, began: datetime) -> None:
    """Write models with positions, the acceptance test and the maintenance programme."""
    for model in MODELS:
        row = MachineModel(
            manufacturer_id=book.organizations[MAKER].id,
            code=model.code,
            name=model.name,
            family=model.family,
            country_of_origin="HR",
            markings=["CE", "UKCA"],
        )
        book.work.session.add(row)
        book.work.session.flush()
        book.models[model.code] = row.id
        _write_positions(book, model)
        _write_test(book, model, began)
        _write_programme(book, model, began)


def _write_positions(book: Book, model: SampleModel) -> None:
    for position in model.positions:
        parent = book.positions.get((model.code, position.parent or ""))
        row = Position(
            model_id=book.models[model.code],
            parent_id=parent.id if parent else None,
            part_id=book.parts[position.part].id if position.part else None,
            code=position.code,
            name=position.name,
            quantity=position.quantity,
            life_limit=None if position.life_limit is None else Decimal(position.life_limit),
            life_unit=None if position.life_limit is None else LifeUnit.HOURS,
            mandatory=bool(position.part),
        )
        book.work.session.add(row)
        book.work.session.flush()
        book.positions[model.code, position.code] = row


def _write_test(book: Book, model: SampleModel, began: datetime) -> None:
    template = TestTemplate(model_id=book.models[model.code], number=1, published_at=began)
    book.work.session.add(template)
    book.work.session.flush()
    rows = [
        TestCharacteristic(
            template_id=template.id,
            sequence=number,
            name=name,
            unit=unit,
            lower=None if lower is None else Decimal(lower),
            upper=None if upper is None else Decimal(upper),
        )
        for number, (name, unit, lower, upper, _, _) in enumerate(model.test, start=1)
    ]
    book.work.session.add_all(rows)
    book.work.session.flush()
    book.characteristics[model.code] = rows


def _write_programme(book: Book, model: SampleModel, began: datetime) -> None:
    work = book.acting(MAKER, Role.ADMIN, began)
    programme = maintenance.create_programme(
        work,
        model_id=book.models[model.code],
        name=f"Maintenance of {model.name}",
        tasks=[_spec(book, task) for task in TASKS],
    )
    maintenance.publish(work, programme.id)
    session = book.work.session
    for row in session.query(ProgrammeTask).filter_by(programme_id=programme.id):
        book.tasks[model.code, row.code] = row
        items = session.query(ChecklistItem).filter_by(task_id=row.id).order_by(ChecklistItem.sequence)
        book.checks[row.id] = list(items)


def _spec(book: Book, task: SampleTask) -> TaskSpec:
    return TaskSpec(
        code=task.code,
        name=task.name,
        every_hours=None if task.every_hours is None else Decimal(task.every_hours),
        every_days=task.every_days,
        repeats=task.repeats,
        includes=task.includes,
        standard_hours=task.hours,
        qualification="Field service",
        safety=task.safety,
        checklist=[
            Check(
                text=text,
                measured=bool(unit),
                unit=unit,
                lower=None if lower is None else Decimal(lower),
                upper=None if upper is None else Decimal(upper),
            )
            for text, unit, lower, upper, _, _ in task.checks
        ],
        kit=[KitLine(part_id=book.parts[number].id, quantity=Decimal(quantity)) for number, quantity in task.kit],
    )


def write_policies(book: Book, began: datetime) -> None:
    """Write the maker's warranty and its extension, with clauses in words."""
    work = book.acting(MAKER, Role.ADMIN, began)
    terms = [
        ClauseData(number="1.1", kind="term", text="Parts: 24 months or 6,000 operating hours, whichever comes first.",
                   cost_class=CostClass.PARTS, months=24, hours=Decimal(6000)),
        ClauseData(number="1.2", kind="term", text="Labour: 24 months or 6,000 operating hours, whichever comes first.",
                   cost_class=CostClass.LABOUR, months=24, hours=Decimal(6000)),
        ClauseData(number="1.3", kind="term", text="Travel: 12 months.", cost_class=CostClass.TRAVEL, months=12),
        ClauseData(number="2.1", kind="exclusion", text="Wear from wrong operation is not covered.", excluded_cause="operation"),
        ClauseData(number="2.2", kind="exclusion", text="Filters are consumables and not covered.",
                   excluded_part_id=book.parts["FL-0071"].id),
        ClauseData(number="3.1", kind="condition", text="Maintenance is done within its tolerance, as the programme says.",
                   requires_maintenance=True),
    ]  # fmt: skip
    warranty.create_policy(work, code="W24", name="Standard warranty, 24 months", clauses=terms)
    extended = [
        ClauseData(number="E1", kind="term", text="Parts: 12 further months or 4,000 further operating hours.",
                   cost_class=CostClass.PARTS, months=12, hours=Decimal(4000)),
        ClauseData(number="E2", kind="term", text="Labour: 12 further months or 4,000 further operating hours.",
                   cost_class=CostClass.LABOUR, months=12, hours=Decimal(4000)),
        ClauseData(number="E3", kind="condition", text="Maintenance is done within its tolerance.", requires_maintenance=True),
    ]  # fmt: skip
    policy = warranty.create_policy(
        work, code="X12", name="Extension, 12 months", clauses=extended, is_extension=True, price=Decimal(3900)
    )
    book.extension_policy = policy.id
