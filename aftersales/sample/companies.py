"""The sample organisations, their sites and the people who can sign in."""

from dataclasses import dataclass

from aftersales.vocabulary import OrganizationKind as Kind
from aftersales.vocabulary import Role

PASSWORD = "sample fleet 2026"  # noqa: S105 - printed for everybody; works on marked sample databases only


@dataclass(frozen=True, slots=True)
class Company:
    """A sample organisation."""

    key: str
    name: str
    kinds: tuple[Kind, ...]
    country: str
    language: str
    time_zone: str
    currency: str
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A sample sign-in: the role says what for."""

    company: str
    role: Role
    email: str
    title: str
    act: str


MAKER = "nordkamen"
COMPANIES = (
    Company(
        MAKER, "Nordkamen Machinery", (Kind.MANUFACTURER, Kind.SERVICE_PARTNER), "HR", "en", "Europe/Zagreb", "EUR",
        ("Works Zaprešić",),
    ),
    Company(
        "velebit", "Velebit Quarries", (Kind.OPERATOR,), "HR", "hr", "Europe/Zagreb", "EUR",
        ("Quarry Lika", "Quarry Brač", "Gravel pit Sava"),
    ),
    Company(
        "paas", "Põhja Paas", (Kind.OPERATOR,), "EE", "et", "Europe/Tallinn", "EUR", ("Quarry Väo", "Quarry Rummu"),
    ),
    Company(
        "ararat", "Ararat Basalt", (Kind.OPERATOR,), "AM", "hy", "Asia/Yerevan", "USD", ("Quarry Artik", "Quarry Ani"),
    ),
    Company(
        "drin", "Drin Aggregates", (Kind.OPERATOR,), "AL", "sq", "Europe/Tirane", "EUR", ("Plant Drin", "Quarry Mat"),
    ),
    Company(
        "altai", "Altai Gravel", (Kind.OPERATOR,), "KZ", "ru", "Asia/Almaty", "USD", ("Pit Ertis", "Pit Ülbi"),
    ),
    Company(
        "burren", "Burren Stone", (Kind.OPERATOR,), "IE", "en", "Europe/Dublin", "EUR", ("Quarry Burren",),
    ),
    Company(
        "adria", "Adria Field Service", (Kind.SERVICE_PARTNER,), "HR", "hr", "Europe/Zagreb", "EUR", ("Depot Rijeka",),
    ),
    Company(
        "baltic", "Baltic Plant Service", (Kind.SERVICE_PARTNER,), "EE", "et", "Europe/Tallinn", "EUR",
        ("Depot Tartu",),
    ),
    Company(
        "idro", "Idro Components", (Kind.SUPPLIER,), "IT", "en", "Europe/Rome", "EUR", ("Works Brescia",),
    ),
)  # fmt: skip

PEOPLE = (
    Person("velebit", Role.OPERATOR, "operator@velebit.example", "Machine operator", "reports a fault by phone"),
    Person("velebit", Role.MANAGER, "manager@velebit.example", "Plant manager", "sees the fleet's health"),
    Person("adria", Role.TECHNICIAN, "engineer@adria.example", "Service engineer", "closes a job on site"),
    Person("adria", Role.DISPATCHER, "dispatcher@adria.example", "Dispatcher", "plans visits from the due list"),
    Person(MAKER, Role.PLANNER, "planner@nordkamen.example", "Parts planner", "forecast and reorder proposals"),
    Person(MAKER, Role.MANAGER, "manager@nordkamen.example", "After-sales manager", "promises kept, revenue"),
    Person(MAKER, Role.QUALITY, "quality@nordkamen.example", "Quality inspector", "issues passports"),
    Person(MAKER, Role.STOREKEEPER, "stores@nordkamen.example", "Storekeeper", "receives, issues and counts stock"),
    Person(MAKER, Role.DISPATCHER, "service@nordkamen.example", "Service dispatcher", "the maker's own service"),
    Person(MAKER, Role.TECHNICIAN, "engineer@nordkamen.example", "Field engineer", "the maker's own service"),
    Person(MAKER, Role.ADMIN, "admin@nordkamen.example", "Administrator", "people, models, policies"),
    Person("paas", Role.OPERATOR, "operator@paas.example", "Machine operator", "in Estonian"),
    Person("paas", Role.MANAGER, "manager@paas.example", "Plant manager", "in Estonian"),
    Person("baltic", Role.TECHNICIAN, "engineer@baltic.example", "Service engineer", "in Estonian"),
    Person("baltic", Role.DISPATCHER, "dispatcher@baltic.example", "Dispatcher", "in Estonian"),
    Person("ararat", Role.OPERATOR, "operator@ararat.example", "Machine operator", "in Armenian"),
    Person("drin", Role.OPERATOR, "operator@drin.example", "Machine operator", "in Albanian"),
    Person("altai", Role.OPERATOR, "operator@altai.example", "Machine operator", "in Russian"),
    Person("burren", Role.OPERATOR, "operator@burren.example", "Machine operator", "in English"),
    Person("idro", Role.MANAGER, "manager@idro.example", "Account manager", "the parts they supply"),
)

# Operator: site indexes come from COMPANIES; who serves whom (the maker serves those without a partner).
SERVED_BY = {"velebit": "adria", "drin": "adria", "paas": "baltic", "burren": MAKER, "ararat": MAKER, "altai": MAKER}
FLEET_SHARE = {"velebit": 0.28, "paas": 0.18, "ararat": 0.14, "drin": 0.12, "altai": 0.18, "burren": 0.10}
