"""The goals of the series forecast, each as measured figure, target, met or not, beside the all-zero forecast.

Run: ``python -m tests.bench.forecast``. Real catalogues are read from the data folder and skipped where it is absent;
simulated ones are made from stated seeds. Blanks of the car parts are read as no demand.
"""

import resource
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np

from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.demand_csv import read_wide_csv
from forecasting.engine import Settings, forecast
from forecasting.evaluate import bias, cycle_service, pinball, rmse, weighted_quantile_loss
from tests.bench import rivals
from tests.forecasting.catalogues import KINDS, Kind
from tests.forecasting.data import FOLDER

SERVICE = (0.9, 0.95, 0.99)
MONTHLY = (0.5, 0.9, 0.95, 0.99)
PUBLISHED = (0.1, 0.25, 0.5, 0.75, 0.9)
SEED = 2026
LEAD, ORIGINS = 3, 10


@dataclass(frozen=True)
class Goal:
    """A measured figure, its bounds, and what stands beside it."""

    name: str
    measured: float
    most: float
    least: float = -np.inf
    beside: str = ""

    def __str__(self) -> str:
        """One line of the table."""
        met = self.least <= self.measured <= self.most
        target = f"≤ {self.most:.3f}" if np.isinf(self.least) else f"{self.least:.3f} … {self.most:.3f}"
        verdict = "met" if met else "NOT met"
        return f"{self.name:<58} {self.measured:7.3f}  target {target:<15} {verdict:<7}  {self.beside}"


@dataclass(frozen=True, eq=False)
class Windows:
    """What was said of lead-time demand at rolling origins: quantiles and means by method, and what came.

    :param actual: shape (origins, parts); ``quantiles`` (origins, parts, probabilities) and ``means`` by method.
    """

    actual: Array
    quantiles: dict[str, Array]
    means: dict[str, Array]

    def losses(self, probabilities: Sequence[float]) -> dict[str, float]:
        """Weighted quantile loss by method, best first."""
        scores = {
            name: weighted_quantile_loss(self.actual, said, probabilities) for name, said in self.quantiles.items()
        }
        return dict(sorted(scores.items(), key=lambda item: item[1]))


Say = Callable[[DemandPanel], dict[str, tuple[Array, Array]]]
"""Mean and quantiles of lead-time demand by method, from what is known."""


def roll(panel: DemandPanel, lead: int, origins: Sequence[int], say: Say) -> Windows:
    """Ask at each origin, knowing nothing later."""
    said = [say(panel.before(origin)) for origin in origins]
    actual = np.stack([panel.demand[:, origin : origin + lead].sum(axis=1) for origin in origins])
    return Windows(
        actual,
        {name: np.stack([one[name][1] for one in said]) for name in said[0]},
        {name: np.stack([one[name][0] for one in said]) for name in said[0]},
    )


def ours(known: DemandPanel, lead: int, probabilities: tuple[float, ...]) -> tuple[Array, Array]:
    """The product's forecast of lead-time demand with all defaults."""
    result = forecast(known, Settings(horizon=1, lead_time=lead, quantiles=probabilities))
    return result.lead_mean, result.lead_quantiles


def peers(known: DemandPanel) -> dict[str, tuple[Array, Array]]:
    """The models of statsforecast with Normal and negative binomial round their mean.

    The variance is L times that of all periods or, for the second Normal, the mean squared error in the sample.
    """
    demand = known.demand
    variance = LEAD * demand.var(axis=1)
    said = {}
    for name, rate in rivals.rates(demand).items():
        error = LEAD * np.square(demand - rate[:, None]).mean(axis=1)
        mean = LEAD * rate
        said[f"{name} + Normal"] = (mean, rivals.normal(mean, variance, SERVICE))
        said[f"{name} + Normal of errors"] = (mean, rivals.normal(mean, error, SERVICE))
        said[f"{name} + negative binomial"] = (mean, rivals.counted(mean, variance, SERVICE))
    return said


def lead_time(panel: DemandPanel) -> list[Goal]:
    """Lead-time demand of the car parts at ten rolling origins."""
    last = panel.periods.count - LEAD

    def say(known: DemandPanel) -> dict[str, tuple[Array, Array]]:
        nothing = np.zeros(len(known))
        said = {"ours": ours(known, LEAD, SERVICE), "all zero": (nothing, np.zeros((len(known), len(SERVICE))))}
        return said | (peers(known) if rivals.INSTALLED else {})

    windows = roll(panel, LEAD, range(last - ORIGINS + 1, last + 1), say)
    scores = windows.losses(SERVICE)
    mine, nothing = scores["ours"], scores["all zero"]
    goals = []
    if not rivals.INSTALLED:
        print(f"lead-time pinball beside statsforecast: {rivals.NOT_INSTALLED}")
    else:
        for label, wanted, most in (
            ("best statsforecast + Normal", lambda name: "Normal" in name, 0.92),
            ("best statsforecast + n.b.", lambda name: "negative" in name, 0.94),
            ("SBA + Normal", lambda name: name == "SBA + Normal", 0.70),
        ):
            best = next(name for name in scores if wanted(name))
            beside = f"{mine:.4f} of {best} {scores[best]:.4f}; all zero {nothing:.4f}"
            goals.append(Goal(f"lead-time pinball, carparts, of {label}", mine / scores[best], most, beside=beside))
    for column, (share, above) in enumerate(zip(SERVICE, (0.025, 0.015, 0.005), strict=True)):
        served = cycle_service(windows.actual, windows.quantiles["ours"][..., column])
        none = cycle_service(windows.actual, np.zeros(windows.actual.shape))
        name = f"achieved service, carparts, promised {share:.0%}"
        goals.append(Goal(name, served, share + above, share - 0.005, f"all zero {none:.3f}"))
    return goals


def monthly(panel: DemandPanel) -> list[Goal]:
    """Twelve months of the car parts held out: quantiles and mean by month."""
    known, actual = panel.before(panel.periods.count - 12), panel.demand[:, -12:]
    result = forecast(known, Settings(quantiles=MONTHLY))
    nothing = np.zeros(actual.shape)
    goals = [Goal("mean, carparts h=12, bias", bias(actual, result.mean), 0.05, -0.05, "all zero -1.000")]
    if not rivals.INSTALLED:
        print(f"monthly pinball and mean beside statsforecast: {rivals.NOT_INSTALLED}")
        return goals
    means = {name: np.repeat(rate[:, None], 12, axis=1) for name, rate in rivals.rates(known.demand).items()}
    for label, error, most in (("RMSE", rmse, 0.985), ("RMSE of the total", _total_error, 0.92)):
        scores = {name: error(actual, mean) for name, mean in means.items()}
        best = min(scores, key=lambda name: scores[name])
        mine, zero = error(actual, result.mean), error(actual, nothing)
        beside = f"{mine:.4f} of {best} {scores[best]:.4f}; all zero {zero:.4f}"
        goals.append(
            Goal(f"mean, carparts h=12, {label} of best statsforecast", mine / scores[best], most, beside=beside)
        )
    said = rivals.intervals(known.demand, 12, MONTHLY)
    scores = {name: weighted_quantile_loss(actual, quantiles, MONTHLY) for name, quantiles in said.items()}
    best = min(scores, key=lambda name: scores[name])
    mine = weighted_quantile_loss(actual, result.quantiles, MONTHLY)
    zero = weighted_quantile_loss(actual, np.zeros(result.quantiles.shape), MONTHLY)
    beside = f"{mine:.4f} of {best} {scores[best]:.4f}; all zero {zero:.4f}"
    return [Goal("monthly pinball, carparts h=12, of best interval", mine / scores[best], 0.78, beside=beside), *goals]


def _total_error(actual: Array, mean: Array) -> float:
    return rmse(actual.sum(axis=1), mean.sum(axis=1))


def scaled(name: str, panel: DemandPanel, most: float) -> Goal:
    """Average pinball over .1 … .9 of six months, scaled by the mean absolute change in the history.

    Of parts without blanks, as published; the forecast learns from all of them.
    """
    panel = panel.select(np.flatnonzero(~np.isnan(panel.demand).any(axis=1)))
    known, actual = panel.before(panel.periods.count - 6), panel.demand[:, -6:]
    result = forecast(known, Settings(horizon=6, quantiles=PUBLISHED))
    scale = np.abs(np.diff(known.demand, axis=1)).mean(axis=1)
    used = scale > 0

    def score(quantiles: Array) -> float:
        losses = [
            pinball(actual, quantiles[..., column], share)[used] / scale[used, None]
            for column, share in enumerate(PUBLISHED)
        ]
        return float(np.mean(losses))

    zero = score(np.zeros(result.quantiles.shape))
    return Goal(f"scaled pinball, {name} h=6", score(result.quantiles), most, beside=f"all zero {zero:.4f}")


def other(kind: Kind, seed: int) -> tuple[Goal, Goal]:
    """Lead-time pinball and mean on a simulated catalogue beside the best of the plain rivals."""
    panel = kind.panel(seed)
    last, season = panel.periods.count - kind.lead, panel.periods.season
    windows = roll(
        panel,
        kind.lead,
        range(last - 9, last + 1, 3),
        lambda known: {
            "ours": ours(known, kind.lead, SERVICE),
            **rivals.plain(known.demand, kind.lead, season, SERVICE),
        },
    )
    scores = windows.losses(SERVICE)
    best = next(name for name in scores if name not in ("ours", "all zero"))
    beside = f"{scores['ours']:.4f} of {best} {scores[best]:.4f}; all zero {scores['all zero']:.4f}"
    errors = {name: rmse(windows.actual, mean) for name, mean in windows.means.items()}
    first = min((name for name in errors if name not in ("ours", "all zero")), key=lambda name: errors[name])
    also = f"{errors['ours']:.3f} of {first.split(' +')[0]} {errors[first]:.3f}; all zero {errors['all zero']:.3f}"
    return (
        Goal(f"pinball, {kind.name} (seed {seed})", scores["ours"] / scores[best], 1.02, beside=beside),
        Goal(f"RMSE, {kind.name} (seed {seed})", errors["ours"] / errors[first], 1.02, beside=also),
    )


def others() -> None:
    """All kinds of simulated catalogues."""
    pairs = []
    for number, kind in enumerate(KINDS):
        pairs.append(other(kind, SEED + number))
        print(pairs[-1][0], flush=True)
    ratios = np.array([loss.measured for loss, _ in pairs])
    print(Goal("share of catalogues with pinball ≤ .97 of the best rival", float((ratios <= 0.97).mean()), 1.0, 0.5))
    print(Goal("pinball, geometric mean of all catalogues", float(np.exp(np.log(ratios).mean())), 0.97))
    print_all([error for _, error in pairs])


def speed(parts: int = 100_000, periods: int = 120) -> list[Goal]:
    """Mean and five lead-time quantiles of a big catalogue, the whole method, in processor seconds."""
    rng = np.random.default_rng(SEED)
    rate = np.exp(rng.normal(-1.5, 1.2, (parts, 1)))
    demand = rng.negative_binomial(0.7, 0.7 / (0.7 + rate), (parts, periods)).astype(np.float64)
    panel = DemandPanel.from_arrays(demand, first_period="2015-01")
    del demand
    started = process_time()
    forecast(panel, Settings(horizon=1, lead_time=LEAD, quantiles=(0.5, 0.8, 0.9, 0.95, 0.99)))
    mine = process_time() - started
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    size = f"{parts:,} x {periods}"
    goals = [Goal(f"memory, {size}, GiB", held, 1.0, beside="of the process, with the panel and all before it")]
    if not rivals.INSTALLED:
        print(f"speed beside statsforecast: {rivals.NOT_INSTALLED}")
        return goals
    for label, levels, some, factor in (("point", None, 20_000, 2), ("conformal", [80, 90, 98], 4_000, 10)):
        theirs = rivals.seconds(panel.demand[:some], LEAD, levels) * parts / some
        beside = f"{mine:.1f} s beside {theirs:.1f} s (from {some:,} parts)"
        goals.append(Goal(f"seconds, {size}, of statsforecast SBA {label}", mine / theirs, 1 / factor, beside=beside))
    return goals


def print_all(goals: Sequence[Goal]) -> None:
    """Print at once what was measured."""
    for goal in goals:
        print(goal, flush=True)


def main() -> None:
    """Print every goal."""
    print("\nForecast from series: measured, target, met or not")
    print_all(speed())
    cars, auto = FOLDER / "carparts.csv", FOLDER / "auto.csv"
    if cars.exists():
        read = read_wide_csv(cars)
        panel = read.blank_as_zero()
        print_all(lead_time(panel))
        print_all(monthly(panel))
        print(scaled("carparts", read, 0.3169), flush=True)
    else:
        print(f"carparts: skipped, {cars} is not there")
    if auto.exists():
        print(scaled("auto", read_wide_csv(auto), 0.290))
    else:
        print(f"auto: skipped, {auto} is not there")
    others()


if __name__ == "__main__":
    main()
