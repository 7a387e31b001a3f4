"""The sample models: positions with the life distributions their failures are drawn from, parts, tasks, tests."""

from dataclasses import dataclass
from decimal import Decimal

from aftersales.vocabulary import Criticality, FailureCause, FailureMechanism, FailureMode

VITAL, ESSENTIAL, DESIRABLE = Criticality.VITAL, Criticality.ESSENTIAL, Criticality.DESIRABLE


@dataclass(frozen=True, slots=True)
class SamplePart:
    """A part: price and cost in euros, lead time in days; serialised ones are tracked as components."""

    number: str
    name: str
    price: Decimal
    cost: Decimal
    lead_days: int
    criticality: Criticality
    serialised: bool = False
    supplied: bool = False
    unit: str = "pcs"
    whole: bool = True
    minimum: int = 1
    multiple: int = 1
    repairable: bool = False


def part(
    number: str,
    name: str,
    price: str,
    lead_days: int,
    criticality: Criticality = ESSENTIAL,
    *,
    serialised: bool = False,
    supplied: bool = False,
    repairable: bool = False,
    minimum: int = 1,
    multiple: int = 1,
) -> SamplePart:
    """Return a part sold in pieces; its cost is three fifths of its price."""
    cost = (Decimal(price) * Decimal("0.6")).quantize(Decimal("0.01"))
    return SamplePart(
        number, name, Decimal(price), cost, lead_days, criticality, serialised, supplied,
        minimum=minimum, multiple=multiple, repairable=repairable,
    )  # fmt: skip


PARTS = (
    part("HP-4510", "Hydraulic pump 45 cc", "2480", 42, VITAL, serialised=True, supplied=True, repairable=True),
    part("HP-4520", "Hydraulic pump 45 cc, series 2", "2650", 42, VITAL, serialised=True, supplied=True),
    part("HM-2200", "Hydraulic motor 22 kW", "1890", 42, ESSENTIAL, serialised=True, supplied=True, repairable=True),
    part("HV-0300", "Directional valve block", "1240", 56, ESSENTIAL, serialised=True, supplied=True),
    part("EM-1321", "Electric motor 132 kW", "7400", 70, VITAL, serialised=True, repairable=True),
    part("EM-0751", "Electric motor 75 kW", "4900", 63, VITAL, serialised=True, repairable=True),
    part("GB-0850", "Drive gearbox", "9800", 90, VITAL, serialised=True, repairable=True),
    part("BR-2324", "Main bearing 23244", "3150", 84, VITAL, serialised=True),
    part("BR-2222", "Exciter bearing 22228", "780", 56, VITAL, serialised=True),
    part("CU-0010", "Control unit", "2100", 49, VITAL, serialised=True, supplied=True),
    part("SN-0120", "Vibration sensor", "310", 28, DESIRABLE, serialised=True, supplied=True),
    part("CY-0630", "Tilt cylinder", "1560", 49, ESSENTIAL, serialised=True, repairable=True),
    part("FP-0200", "Fuel pump", "690", 35, VITAL, serialised=True, supplied=True),
    part("AL-0024", "Alternator 24 V", "520", 21, ESSENTIAL, serialised=True, supplied=True),
    part("JL-9001", "Jaw liner, fixed", "2900", 60, ESSENTIAL),
    part("JL-9002", "Jaw liner, swing", "2750", 60, ESSENTIAL),
    part("CM-2001", "Mantle", "3300", 60, ESSENTIAL),
    part("CC-2002", "Concave", "3450", 60, ESSENTIAL),
    part("SM-6001", "Screen mesh 20 mm", "240", 21, ESSENTIAL, minimum=4, multiple=2),
    part("VB-3150", "V-belt set", "180", 14, ESSENTIAL, minimum=5),
    part("CB-0800", "Conveyor belt 800 mm", "1250", 35, ESSENTIAL),
    part("ID-0108", "Carrying idler", "64", 21, DESIRABLE, minimum=10, multiple=5),
    part("FL-0071", "Hydraulic return filter", "46", 14, ESSENTIAL, minimum=10, multiple=5, supplied=True),
    part("FL-0072", "Air filter", "38", 14, ESSENTIAL, minimum=10, multiple=5),
    part("FL-0073", "Engine oil filter", "22", 14, ESSENTIAL, minimum=10, multiple=10),
    part("SK-0450", "Seal kit, pump", "95", 28, ESSENTIAL, supplied=True),
    part("SK-0630", "Seal kit, cylinder", "70", 28, ESSENTIAL, supplied=True),
    part("HH-0016", "Hydraulic hose DN16", "58", 14, ESSENTIAL, minimum=5),
    part("BT-0024", "Battery 24 V", "210", 14, VITAL),
    part("LP-0100", "Work lamp LED", "85", 14, DESIRABLE),
    part("GR-0002", "Grease cartridge", "9", 7, DESIRABLE, minimum=20, multiple=20),
    SamplePart(
        "OIL-VG46", "Hydraulic oil VG 46", Decimal("4.20"), Decimal("2.50"), 10, ESSENTIAL, unit="l", whole=False,
        minimum=200, multiple=200,
    ),
    part("ZZ-0001", "Lining plate, old pattern", "120", 45, DESIRABLE),
)  # fmt: skip
SUPERSEDED = (("HP-4510", "HP-4520"),)
ALTERNATES = (("FL-0071", "FL-0072"), ("VB-3150", "HH-0016"))


@dataclass(frozen=True, slots=True)
class SamplePosition:
    """A position and the Weibull life, in operating hours, of what sits in it."""

    code: str
    name: str
    part: str
    shape: float
    scale: float
    mode: FailureMode
    mechanism: FailureMechanism
    cause: FailureCause
    quantity: int = 1
    parent: str | None = None
    life_limit: int | None = None


@dataclass(frozen=True, slots=True)
class SmallFault:
    """A fault mended with a part that is not tracked by serial; ``weight`` is how often beside the others."""

    part: str
    quantity: int
    mode: FailureMode
    mechanism: FailureMechanism
    cause: FailureCause
    words: str
    found: str
    weight: float


MECHANICAL, MATERIAL = FailureMechanism.MECHANICAL, FailureMechanism.MATERIAL
ELECTRICAL, INSTRUMENT = FailureMechanism.ELECTRICAL, FailureMechanism.INSTRUMENT
M, C = FailureMode, FailureCause


def _drive(motor: str) -> tuple[SamplePosition, ...]:
    return (
        SamplePosition("DRIVE", "Main drive motor", motor, 1.4, 34000, M.FTS, ELECTRICAL, C.OPERATION, parent="FRAME"),
        SamplePosition(
            "PUMP", "Hydraulic pump", "HP-4510", 2.2, 6300, M.LOO, MECHANICAL, C.MAINTENANCE, life_limit=9000
        ),
        SamplePosition("VALVE", "Valve block", "HV-0300", 1.1, 14300, M.ELU, MATERIAL, C.FABRICATION, parent="PUMP"),
        SamplePosition("CONTROL", "Control unit", "CU-0010", 0.9, 20900, M.ERO, ELECTRICAL, C.DESIGN),
        SamplePosition("VIBSENSOR", "Vibration sensor", "SN-0120", 1.0, 9300, M.AIR, INSTRUMENT, C.OPERATION),
    )


@dataclass(frozen=True, slots=True)
class SampleModel:
    """A machine model: positions, factory acceptance test (name, unit, lower, upper, typical), wear parts."""

    code: str
    name: str
    family: str
    positions: tuple[SamplePosition, ...]
    test: tuple[tuple[str, str, str | None, str | None, float, float], ...]
    wear: tuple[tuple[str, int], ...]
    share: float
    hours_per_day: float


SMALL_FAULTS = (
    SmallFault("HH-0016", 1, M.ELU, MATERIAL, C.OPERATION, "Oil drips under the machine", "Hose chafed through", 3.0),
    SmallFault("VB-3150", 1, M.NOI, MECHANICAL, C.MAINTENANCE, "Squeals when it starts", "V-belts worn, slipping", 2.0),
    SmallFault("SK-0630", 1, M.ELU, MATERIAL, C.OPERATION, "Cylinder leaks", "Cylinder seal worn", 1.5),
    SmallFault("SK-0450", 1, M.LOO, MATERIAL, C.MAINTENANCE, "Slow and weak", "Pump shaft seal leaks air", 1.0),
    SmallFault("BT-0024", 1, M.FTS, ELECTRICAL, C.OTHER, "Does not start in the morning", "Battery at its end", 1.5),
    SmallFault("LP-0100", 2, M.OTH, ELECTRICAL, C.OPERATION, "Work lamps are out", "Lamps broken by stones", 1.0),
    SmallFault("FL-0071", 1, M.PLU, MATERIAL, C.OPERATION, "Filter warning is on", "Return filter clogged", 1.0),
    SmallFault("ID-0108", 5, M.NOI, MECHANICAL, C.MAINTENANCE, "Belt rattles", "Idlers seized", 1.2),
)
SMALL_FAULTS_PER_HOUR = 1 / 1100
FRAME = SamplePosition("FRAME", "Main frame", "", 1, 1e9, M.OTH, MECHANICAL, C.OTHER)
MODELS = (
    SampleModel(
        "JC-90", "Jaw crusher JC-90", "Crushers",
        (FRAME, *_drive("EM-1321"),
         SamplePosition("MAINBRG", "Main bearing", "BR-2324", 2.6, 11500, M.VIB, MECHANICAL, C.MAINTENANCE, 2, "FRAME",
                        15000),
         SamplePosition("TILT", "Setting cylinder", "CY-0630", 1.8, 8800, M.ELU, MATERIAL, C.OPERATION, parent="FRAME")),
        (("Closed side setting", "mm", "48", "52", 50, 0.6), ("No-load current", "A", None, "95", 82, 4),
         ("Bearing temperature after 2 h", "°C", None, "75", 61, 4), ("Vibration velocity", "mm/s", None, "7.1", 4.2, 0.8)),
        (("JL-9001", 1), ("JL-9002", 1), ("VB-3150", 1)), 0.30, 9.5,
    ),
    SampleModel(
        "CC-200", "Cone crusher CC-200", "Crushers",
        (FRAME, *_drive("EM-1321"),
         SamplePosition("GEARBOX", "Drive gearbox", "GB-0850", 3.0, 16500, M.NOI, MECHANICAL, C.DESIGN, parent="DRIVE"),
         SamplePosition("ECCBRG", "Eccentric bearing", "BR-2324", 2.4, 10100, M.OHE, MECHANICAL, C.MAINTENANCE, 1,
                        "FRAME", 13000)),
        (("Eccentric throw", "mm", "31", "33", 32, 0.3), ("Oil pressure", "bar", "2.0", "3.5", 2.7, 0.2),
         ("Oil temperature after 2 h", "°C", None, "60", 48, 3), ("Vibration velocity", "mm/s", None, "7.1", 4.6, 0.8)),
        (("CM-2001", 1), ("CC-2002", 1)), 0.25, 10.5,
    ),
    SampleModel(
        "VS-60", "Vibrating screen VS-60", "Screens",
        (FRAME, SamplePosition("EXCITER", "Exciter bearing", "BR-2222", 2.0, 4900, M.VIB, MECHANICAL, C.MAINTENANCE, 4,
                               "FRAME", 7000),
         SamplePosition("DRIVE", "Drive motor", "EM-0751", 1.4, 19800, M.FTS, ELECTRICAL, C.OPERATION, parent="FRAME"),
         SamplePosition("CONTROL", "Control unit", "CU-0010", 0.9, 22000, M.ERO, ELECTRICAL, C.DESIGN),
         SamplePosition("VIBSENSOR", "Vibration sensor", "SN-0120", 1.0, 8200, M.AIR, INSTRUMENT, C.OPERATION)),
        (("Stroke", "mm", "9", "11", 10, 0.3), ("Speed", "1/min", "850", "950", 900, 12),
         ("Bearing temperature after 2 h", "°C", None, "80", 64, 5)),
        (("SM-6001", 4), ("VB-3150", 1)), 0.25, 11.0,
    ),
    SampleModel(
        "TC-30", "Track conveyor TC-30", "Conveyors",
        (FRAME,
         SamplePosition("PUMP", "Hydraulic pump", "HP-4510", 2.2, 6800, M.LOO, MECHANICAL, C.MAINTENANCE, 1, None, 9000),
         SamplePosition("TRACKMOTOR", "Track motor", "HM-2200", 1.7, 7700, M.LOO, MECHANICAL, C.OPERATION, 2, "FRAME"),
         SamplePosition("FUELPUMP", "Fuel pump", "FP-0200", 1.3, 6600, M.FTS, MECHANICAL, C.MAINTENANCE),
         SamplePosition("ALTERNATOR", "Alternator", "AL-0024", 1.5, 8200, M.BRD, ELECTRICAL, C.OTHER),
         SamplePosition("CONTROL", "Control unit", "CU-0010", 0.9, 23100, M.ERO, ELECTRICAL, C.DESIGN)),
        (("Belt speed", "m/s", "1.9", "2.1", 2.0, 0.04), ("System pressure", "bar", "240", "260", 250, 4),
         ("Track speed", "km/h", "0.9", "1.2", 1.05, 0.05)),
        (("CB-0800", 1), ("ID-0108", 10)), 0.20, 7.0,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SampleTask:
    """A maintenance task of every model; kit quantities by part number, checklist lines with unit and limits."""

    code: str
    name: str
    every_hours: int | None
    every_days: int | None
    repeats: bool
    includes: tuple[str, ...]
    hours: Decimal
    kit: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str, str | None, str | None, float, float], ...]
    safety: str


LOCK = "Switch off, lock and tag the drive; release hydraulic pressure before opening a line."
TASKS = (
    SampleTask(
        "R100", "Run-in check at 100 hours", 100, 60, False, (), Decimal("3"), (("FL-0071", "1"),),
        (("Tighten foundation bolts", "", None, None, 0, 0), ("Belt tension", "mm", "10", "16", 13, 1.2),
         ("No leaks at hydraulic lines", "", None, None, 0, 0)), LOCK,
    ),
    SampleTask(
        "S1000", "Service every 1,000 hours", 1000, 180, True, (), Decimal("5"),
        (("FL-0071", "1"), ("FL-0072", "1"), ("FL-0073", "1"), ("GR-0002", "4"), ("OIL-VG46", "20")),
        (("Change filters", "", None, None, 0, 0), ("Grease all points", "", None, None, 0, 0),
         ("Bearing temperature", "°C", None, "80", 66, 5), ("Vibration velocity", "mm/s", None, "7.1", 4.6, 0.9),
         ("Emergency stop works", "", None, None, 0, 0)), LOCK,
    ),
    SampleTask(
        "S4000", "Major service every 4,000 hours", 4000, 730, True, ("S1000",), Decimal("14"),
        (("FL-0071", "2"), ("FL-0072", "1"), ("FL-0073", "1"), ("OIL-VG46", "180"), ("HH-0016", "4"), ("VB-3150", "1")),
        (("Change hydraulic oil", "", None, None, 0, 0), ("Change filters", "", None, None, 0, 0),
         ("System pressure", "bar", "180", "260", 235, 9), ("Bearing play", "mm", None, "0.35", 0.2, 0.05),
         ("Insulation resistance", "MΩ", "1", None, 12, 4), ("Emergency stop works", "", None, None, 0, 0)), LOCK,
    ),
)  # fmt: skip
