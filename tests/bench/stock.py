"""The goals of stock and plan, each as measured figure, target, met or not.

Simulated catalogues from stated seeds; the demand of the car parts is read from the data folder and skipped where it is
absent. Prices are made up: independent of demand, or falling with it as cheap parts are asked for more.
Run: ``python -m tests.bench.stock``.
"""

from time import process_time

import numpy as np

from forecasting.arrays import Array
from forecasting.demand_csv import read_wide_csv
from forecasting.production.capacity import Capacity, level
from forecasting.production.netting import Position, net
from forecasting.production.pegging import peg
from forecasting.production.structure import Structure
from forecasting.stock import counted, echelon
from forecasting.stock.allocation import Policy, allocate
from forecasting.stock.demands import Demands, lead_time_demand
from forecasting.stock.network import Network, NetworkPolicy, evaluate
from forecasting.stock.rivals import Stockroom
from tests.bench.forecast import Goal, print_all
from tests.forecasting.data import FOLDER
from tests.forecasting.stock.exact import backorders
from tests.forecasting.stock.simulate import served_at_once

SEED = 2026
PARTS, SITES = 10_000, 10
PROMISE = 0.95
RULES = {"cycle_service": 0.74, "z_sigma": 0.70, "fill_rate": 1 / 1.55, "abc_fill_rate": 1 / 1.55, "cover": 1 / 1.66}
"""Rules of thumb and the share of their money that the optimum should need."""


def catalogue(fall: float) -> tuple[Demands, Array, Array]:
    """Ten thousand parts: overdispersed demand, lead times of one to six months.

    :param fall: correlation of the logarithms of price and demand, ≤ 0.
    :returns: the demands, variance of a period and lead time.
    """
    rng = np.random.default_rng(SEED)
    speed, noise = rng.normal(size=(2, PARTS))
    rate = np.exp(-1 + 1.3 * speed)
    price = np.exp(4 + 1.2 * (fall * speed + np.sqrt(1 - fall * fall) * noise))
    variance = rate * (1 + 1.5 * rng.gamma(1.0, 1.0, PARTS))
    lead = rng.integers(1, 7, PARTS).astype(np.float64)
    mean, spread = lead_time_demand(rate, variance, lead)
    return Demands(price=price, rate=rate, mean=mean, variance=spread), variance, lead


def money(name: str, demands: Demands) -> list[Goal]:
    """Money at 95 % availability beside the rules of thumb brought to the same availability."""
    best = allocate(demands).for_availability(PROMISE)
    room = Stockroom(demands)
    goals = []
    for rule, most in RULES.items():
        theirs = room.at_availability(room.rules()[rule], PROMISE).investment
        beside = f"{best.investment:,.0f} of {theirs:,.0f}, {theirs / best.investment:.2f}x"
        goals.append(Goal(f"95 %, {name}, money of {rule}", best.investment / theirs, most, beside=beside))
    return goals


def speed_of_the_curve(demands: Demands) -> Goal:
    """The whole curve of ten thousand parts, processor seconds."""
    started = process_time()
    curve = allocate(demands)
    seconds = process_time() - started
    return Goal(f"seconds, whole curve of {PARTS:,} parts", seconds, 0.3, beside=f"{len(curve.part):,} steps")


def played(demands: Demands, variance: Array, lead: Array, policy: Policy, parts: int = 150) -> Goal:
    """What the promise comes to when parts of the catalogue are played through, customer by customer."""
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(len(demands.price), parts, replace=False)
    counts = np.array(
        [
            served_at_once(
                rng,
                mean=float(demands.rate[part]),
                variance=float(variance[part]),
                lead_time=float(lead[part]),
                stock=int(policy.stock[part]),
                quantity=1,
                periods=10_000,
            )
            for part in chosen
        ]
    ).sum(axis=0)
    promised = float(policy.fill_rate[chosen] @ demands.rate[chosen] / demands.rate[chosen].sum())
    name = f"availability played through, {parts} parts, less promise"
    return Goal(name, counts[1] / counts[0] - promised, 0.005, -0.005, f"promised {promised:.4f}")


def network() -> Network:
    """Repairable parts at ten sites of different size."""
    rng = np.random.default_rng(SEED)
    shape = (PARTS, SITES)
    return Network(
        price=np.exp(rng.normal(6, 1.2, PARTS)),
        demand=np.exp(rng.normal(-3, 1, (PARTS, 1))) * rng.uniform(0.3, 1.7, shape),
        repair_share=np.full(shape, 0.2),
        repair_time=np.full(shape, 1.0),
        transport_time=np.full(shape, 0.5),
        depot_repair_time=rng.uniform(1, 6, PARTS),
    )


def two_echelons() -> list[Goal]:
    """Ten thousand parts at ten sites: seconds, exactness, and money beside plainer ways."""
    parts = network()
    started = process_time()
    curve = echelon.allocate(parts)
    policy = curve.for_availability(PROMISE)
    seconds = process_time() - started
    size = f"{PARTS:,} x {SITES}"
    some = np.random.default_rng(SEED).choice(PARTS, 300, replace=False)
    exact = backorders(parts.select(some), policy.depot_stock[some], policy.stock[some], most=80).sum()
    said = policy.expected_backorders[some].sum()
    goals = [
        Goal(f"seconds, two echelons, {size}", seconds, 15.0, beside=f"{len(curve.part):,} steps"),
        Goal("two echelons, backorders of exact, 300 parts", said / exact, 1.005, 0.995, f"{said:.3f} of {exact:.3f}"),
    ]
    for name, theirs in (
        ("same service everywhere", _same_service(parts, policy.availability)),
        ("all at the sites", _sites_only(parts, policy.availability)),
    ):
        beside = f"{policy.investment:,.0f} of {theirs.investment:,.0f} at {theirs.availability:.4f}"
        goals.append(Goal(f"two echelons, money of {name}", policy.investment / theirs.investment, 0.77, beside=beside))
    return goals


def _same_service(parts: Network, target: float) -> NetworkPolicy:
    """The same probability of no shortage at the depot and all sites, as small as reaches the availability."""
    waiting = parts.depot_demand * parts.depot_repair_time

    def kept(share: float) -> NetworkPolicy:
        depot = counted.least(waiting, waiting, share)
        return evaluate(parts, depot, counted.least(*parts.pipeline(depot), share))

    low, high = 0.0, 0.99999
    for _ in range(18):
        middle = (low + high) / 2
        low, high = (low, middle) if kept(middle).availability >= target else (middle, high)
    return kept(high)


def _sites_only(parts: Network, target: float) -> NetworkPolicy:
    """Marginal analysis of the sites with nothing kept at the depot."""
    nothing = np.zeros(PARTS)
    mean, variance = (values.ravel() for values in parts.pipeline(nothing))
    price = np.repeat(parts.price, SITES)
    best = allocate(Demands(price=price, rate=parts.demand.ravel(), mean=mean, variance=variance))
    return evaluate(parts, nothing, best.for_availability(target).stock.reshape(parts.demand.shape))


def planning(parts: int = 100_000, periods: int = 24) -> list[Goal]:
    """Netting and pegging of a large catalogue over two years, processor seconds."""
    rng = np.random.default_rng(SEED)
    depth = np.sort(rng.integers(0, 5, parts))
    high = rng.integers(0, parts - 1, 2 * parts)
    low = np.minimum(high + rng.integers(1, parts // 2, 2 * parts), parts - 1)
    lines = np.unique(np.stack([high, low])[:, depth[high] < depth[low]], axis=1)
    structure = Structure(
        names=[f"P{row}" for row in range(parts)],
        parent=lines[0],
        component=lines[1],
        per=np.asarray(rng.integers(1, 4, lines.shape[1]), dtype=np.float64),
    )
    position = Position(
        demand=np.where(rng.uniform(size=(parts, 1)) < 0.3, rng.poisson(0.5, (parts, periods)), 0.0),
        on_hand=rng.poisson(3, parts).astype(np.float64),
        receipts=np.zeros((parts, periods)),
        lead_time=rng.integers(0, 5, parts),
        safety=rng.poisson(1, parts).astype(np.float64),
        minimum=rng.integers(0, 5, parts).astype(np.float64),
        multiple=rng.integers(1, 3, parts).astype(np.float64),
    )
    started = process_time()
    plan = net(position, structure)
    netted = process_time()
    pegs = peg(plan)
    size = f"{parts:,} parts x {periods} months"
    orders = f"{lines.shape[1]:,} lines on {depth.max() + 1} levels, {(plan.ordered > 0).sum():,} orders"
    return [
        Goal(f"seconds, netting, {size}", netted - started, 2.0, beside=orders),
        Goal(f"seconds, pegging, {size}", process_time() - netted, 2.0, beside=f"{len(pegs.part):,} pegs"),
    ]


def levelling(parts: int = 500, periods: int = 24, resources: int = 5) -> list[Goal]:
    """A plan that needs nearly all there is on average, levelled in whole pieces, processor seconds."""
    rng = np.random.default_rng(SEED)
    wanted = np.where(rng.uniform(size=(parts, periods)) < 0.4, rng.poisson(3, (parts, periods)), 0.0)
    hours = np.where(rng.uniform(size=(parts, resources)) < 0.3, rng.uniform(0.2, 2, (parts, resources)), 0.0)
    average = np.repeat((hours.T @ wanted).mean(axis=1, keepdims=True), periods, axis=1)
    capacity = Capacity(hours=hours, available=1.02 * average, overtime=0.1 * average, overtime_cost=30.0)
    started = process_time()
    found = level(wanted, capacity, holding_cost=rng.uniform(0.1, 3, parts), late_cost=np.full(parts, 50.0))
    seconds = process_time() - started
    beyond = float(np.maximum(found.over - capacity.overtime, 0.0).max())
    size = f"{parts:,} parts x {periods} x {resources}"
    return [
        Goal(f"seconds, levelling, {size}", seconds, 10.0, beside=f"hours beyond overtime {beyond:.2f}"),
        Goal(f"levelling, cost of the least possible, {size}", found.cost / found.least, 1.25),
    ]


def main() -> None:
    """Print every goal."""
    print("\nStock and plan: measured, target, met or not")
    demands, variance, lead = catalogue(-0.5)
    print_all([speed_of_the_curve(demands)])
    print_all(money("price falling with demand", demands))
    print_all(money("price independent", catalogue(0.0)[0]))
    cars = FOLDER / "carparts.csv"
    if cars.exists():
        history = read_wide_csv(cars).blank_as_zero().demand
        rng = np.random.default_rng(SEED)
        rate = history.mean(axis=1)
        mean, spread = lead_time_demand(rate, history.var(axis=1), rng.integers(1, 7, len(rate)).astype(np.float64))
        price = np.exp(rng.normal(4, 1.2, len(rate))).astype(np.float64)
        print_all(money("car parts", Demands(price=price, rate=rate, mean=mean, variance=spread)))
    else:
        print(f"car parts: skipped, {cars} is not there")
    print_all([played(demands, variance, lead, allocate(demands).for_availability(PROMISE))])
    print_all(two_echelons())
    print_all(planning())
    print_all(levelling())


if __name__ == "__main__":
    main()
