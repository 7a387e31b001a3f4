"""A rolling back-test of a whole catalogue: the product's own forecast beside every rival, refitted at each origin.

All is judged by the demand of the lead time, as a planner uses it: the loss of its quantiles, the service they reach,
the stock they leave, bias and errors of the mean. Absolute errors are not offered: they reward forecasting nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from forecasting.around import SHAPES, around, known_variance
from forecasting.arrays import Array
from forecasting.boost import learn_boosters, refine
from forecasting.demand import DemandPanel
from forecasting.distribution import check_probabilities, lots_at
from forecasting.engine import LONGEST_LEAD, Progress, Settings, learn, share_of
from forecasting.errors import PanelError, SettingsError
from forecasting.methods.aggregate import Adida, Imapa
from forecasting.methods.base import FlatMethod
from forecasting.methods.croston import Croston, Sba
from forecasting.methods.mean import Mean, RecentMean, Zero
from forecasting.methods.smoothing import Ses
from forecasting.methods.tsb import Tsb
from forecasting.peers import Peers
from forecasting.pieces import in_pieces, pieces
from forecasting.tally import Calibration, MethodScore, Tally

OWN = "aftersales"
"""Name of the product's own forecast in the tables."""
BOOSTED = "aftersales boosted"
MOST_ORIGINS = 120
LEAST_KNOWN = 4
"""Periods known before the first origin; with fewer no method says anything."""
OWN_SHARE, RIVAL_SHARE = 0.5, 0.7
"""Where on the progress bar the product's own forecast and the simple rivals end."""


@dataclass(frozen=True)
class BackTestSettings:
    """What to test.

    :param lead_time: periods over which demand is summed.
    :param origins: rolling origins, one period apart, the last ones that leave a whole lead time after them.
    :param quantiles: probabilities, ascending between 0 and 1.
    :param seed: the same seed and panel give the same table.
    :param origin: heading of the first period that may not be used at all; default none.
    :param boost: test the boosted quantiles too.
    :param peer_seconds: time given to statsforecast, 0 = leave it out.
    :raises SettingsError: for anything outside these bounds.
    """

    lead_time: int = 3
    origins: int = 10
    quantiles: tuple[float, ...] = (0.9, 0.95, 0.99)
    seed: int = 0
    origin: str | None = None
    peer_seconds: float = 120.0
    boost: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.lead_time <= LONGEST_LEAD:
            raise SettingsError(f"a lead time of {self.lead_time} periods; it must be 1 to {LONGEST_LEAD}")
        if not 1 <= self.origins <= MOST_ORIGINS:
            raise SettingsError(f"{self.origins} origins; it must be 1 to {MOST_ORIGINS}")
        object.__setattr__(self, "quantiles", check_probabilities(self.quantiles))


@dataclass(frozen=True, eq=False)
class BackTested:
    """The outcome.

    :param origins: headings of the first period of each window.
    :param scores: a row per method, best first by the loss of lead-time demand; the all-zero forecast is among them.
    :param calibration: promises of the product's own forecast checked, by demand class.
    :param left_out: rivals that were not run, with the reason.
    """

    origins: tuple[str, ...]
    scores: tuple[MethodScore, ...]
    calibration: tuple[Calibration, ...]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def best_rival(self) -> MethodScore | None:
        """The best method besides the product's own and the all-zero forecast."""
        return next((score for score in self.scores if score.method not in (OWN, BOOSTED, Zero.name)), None)


def simple_rivals(season: int) -> dict[str, FlatMethod]:
    """The methods of spreadsheets and textbooks by name, for a year of so many periods."""
    methods: list[FlatMethod] = [Croston(), Sba(), Tsb(), Ses(), Adida(), Imapa(), Mean()]
    return {**{method.name: method for method in methods}, f"mean of {season}": RecentMean(window=season)}


def back_test(panel: DemandPanel, settings: BackTestSettings, progress: Progress | None = None) -> BackTested:
    """Forecast from every origin with what was known then, and compare with what came.

    Rivals are points with a distribution round them, a normal one and a negative binomial in the part's lot; its
    variance is that of the known periods times the lead time.

    :raises PanelError: when the history is too short for a single origin.
    """
    tell = progress or (lambda done, total, label: None)
    if settings.origin is not None:
        panel = panel.before(min(panel.periods.position(settings.origin), panel.periods.count))
    origins = _origins(panel, settings)
    tallies, classes = _own(panel, settings, origins, share_of(tell, 0.0, OWN_SHARE))
    tallies |= _rivals(panel, settings, origins, share_of(tell, OWN_SHARE, RIVAL_SHARE))
    peers = Peers(settings.lead_time, settings.quantiles, settings.peer_seconds)
    tallies |= peers.run(panel, origins, share_of(tell, RIVAL_SHARE, 1.0))
    tell(1, 1, "done")
    scores = sorted(
        (tally.score(name) for name, tally in tallies.items()), key=lambda score: (np.isnan(score.wql), score.wql)
    )
    return BackTested(
        tuple(panel.periods.label(origin) for origin in origins),
        tuple(scores),
        tuple(row for name in sorted(classes) for row in classes[name].calibration(name)),
        peers.left_out,
    )


def _origins(panel: DemandPanel, settings: BackTestSettings) -> list[int]:
    """The last origins with enough known before them and a whole lead time after them, oldest first."""
    last = panel.periods.count - settings.lead_time
    if last < LEAST_KNOWN:
        raise PanelError(
            f"{panel.periods.count} periods are too few to back-test a lead time of {settings.lead_time}: "
            f"at least {LEAST_KNOWN + settings.lead_time} are needed"
        )
    return list(range(max(last - settings.origins + 1, LEAST_KNOWN), last + 1))


def _own(
    panel: DemandPanel, settings: BackTestSettings, origins: Sequence[int], tell: Progress
) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """The product's own forecast over all parts, plain and perhaps boosted, and the plain one by demand class."""
    lead = settings.lead_time
    names = [OWN, BOOSTED] if settings.boost else [OWN]
    tallies, classes = {name: Tally(settings.quantiles) for name in names}, dict[str, Tally]()
    how = Settings(horizon=lead, lead_time=lead, quantiles=settings.quantiles, seed=settings.seed)
    leads = np.full(len(panel), lead, dtype=np.int64)
    for done, origin in enumerate(origins):
        step = share_of(tell, done / len(origins), (done + 1) / len(origins))
        label = f"{OWN} from {panel.periods.label(origin)}"
        known = panel.before(origin)
        learned = learn(known, how, lambda at, of, _, step=step, label=label: step(at, 2 * of, label))  # type: ignore[misc]
        boosters = learn_boosters(known, leads, how, lambda *_: None) if settings.boost else None
        start = 0
        for result in in_pieces(learned, known, leads, lambda *_: None):
            rows = slice(start, start + len(result.part_ids))
            start = rows.stop
            actual = panel.demand[rows, origin : origin + lead]
            tallies[OWN].add(actual, result.mean, result.lead_quantiles)
            if boosters is not None:
                better = refine(boosters, known.select(np.arange(rows.start, rows.stop)), result)
                tallies[BOOSTED].add(actual, better.mean, better.lead_quantiles)
            for name in np.unique(result.demand_class):
                of_class = result.demand_class == name
                part = classes.setdefault(str(name), Tally(settings.quantiles))
                part.add(actual[of_class], result.mean[of_class], result.lead_quantiles[of_class])
    return tallies, classes


def _rivals(panel: DemandPanel, settings: BackTestSettings, origins: Sequence[int], tell: Progress) -> dict[str, Tally]:
    """The simple methods and the all-zero forecast."""
    methods = simple_rivals(panel.periods.season)
    names = [f"{name} + {shape}" for name in methods for shape in SHAPES]
    tallies = {name: Tally(settings.quantiles) for name in [*names, Zero.name]}
    for rows in pieces(len(panel)):
        tell(int(rows[0]), len(panel), "rivals")
        _one_piece(tallies, methods, panel.demand[rows], settings, origins)
    return tallies


def _one_piece(
    tallies: dict[str, Tally],
    methods: dict[str, FlatMethod],
    demand: Array,
    settings: BackTestSettings,
    origins: Sequence[int],
) -> None:
    """Add some parts to the tallies of all simple methods.

    :param demand: shape (parts, periods).
    """
    lead, wanted = settings.lead_time, settings.quantiles
    turned = np.ascontiguousarray(demand.T)
    lots = lots_at(turned, origins)
    rates = {name: method.rates(turned, origins) for name, method in methods.items()}
    for row, origin in enumerate(origins):
        actual = demand[:, origin : origin + lead]
        variance = lead * known_variance(demand[:, :origin])
        for name in methods:
            each = np.repeat(rates[name][row][:, None], lead, axis=1)
            for shape, quantiles in around(lead * rates[name][row], variance, lots[row], wanted).items():
                tallies[f"{name} + {shape}"].add(actual, each, quantiles)
        tallies[Zero.name].add(actual, np.zeros(actual.shape), np.zeros((len(actual), len(wanted))))
