"""The pictures of docs/forecasting.md, drawn from what is measured: ``python -m tests.bench.forecast_pictures``."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("svg")
from matplotlib import pyplot as plt

from forecasting.demand import DemandPanel
from forecasting.demand_csv import read_wide_csv
from forecasting.engine import ForecastResult, Settings, forecast
from tests.bench.forecast import SEED, other
from tests.forecasting.catalogues import KINDS
from tests.forecasting.data import FOLDER

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
INK, PALE = "#1f4e79", "#9dc3e6"


def promises(result: ForecastResult) -> None:
    """What was promised beside what was kept on the car parts, by demand class."""
    report = result.reliability[3]
    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    width = 0.8 / len(report)
    for number, one in enumerate(report):
        places = np.arange(len(one.promised)) + (number - (len(report) - 1) / 2) * width
        below, covered = 100 * np.array(one.below), 100 * np.array(one.covered)
        axes.bar(places, covered - below, width * 0.8, bottom=below, label=f"{one.demand_class} ({one.parts} parts)")
    for x, share in enumerate(report[0].promised):
        axes.plot([x - 0.45, x + 0.45], [100 * share] * 2, color="black", linewidth=1)
    axes.set_xticks(range(len(report[0].promised)), [f"{share:.0%}" for share in report[0].promised])
    axes.set(xlabel="promised", ylabel="past lead times covered, %")
    axes.legend(fontsize=7)
    figure.savefig(PICTURES / "forecast-promises.svg", metadata={"Date": None})
    plt.close(figure)


def fan(panel: DemandPanel, result: ForecastResult) -> None:
    """History and forecast of the part with most demand, with what came."""
    part, origin = int(np.nansum(panel.demand, axis=1).argmax()), panel.periods.count - 12
    figure, axes = plt.subplots(figsize=(7, 2.8), layout="constrained")
    ahead = np.arange(origin, origin + 12)
    axes.bar(np.arange(origin), panel.demand[part, :origin], color=PALE, label="known")
    axes.plot(ahead, panel.demand[part, origin:], "k.", label="what came")
    axes.plot(ahead, result.mean[part], color=INK, label="expected")
    for low, high in ((0, -1), (1, -2)):
        axes.fill_between(ahead, result.quantiles[part, :, low], result.quantiles[part, :, high], color=INK, alpha=0.15)
    shown = range(0, panel.periods.count, 6)
    axes.set_xticks(list(shown), [panel.periods.label(at) for at in shown], fontsize=7)
    axes.set_ylabel("pieces")
    axes.legend(fontsize=7)
    figure.savefig(PICTURES / "forecast-fan.svg", metadata={"Date": None})
    plt.close(figure)


def catalogues() -> None:
    """Loss of lead-time demand on simulated catalogues beside the best plain rival there."""
    found = [(kind.name, other(kind, SEED + number)[0].measured) for number, kind in enumerate(KINDS)]
    found.sort(key=lambda item: -item[1])
    figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    axes.barh([name for name, _ in found], [ratio for _, ratio in found], color=PALE)
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xlabel("loss beside that of the best plain rival (below 1: better)")
    axes.tick_params(axis="y", labelsize=7)
    figure.savefig(PICTURES / "forecast-catalogues.svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Draw all of them; those of the car parts only where the file is there."""
    cars = FOLDER / "carparts.csv"
    if cars.exists():
        panel = read_wide_csv(cars).blank_as_zero()
        known = panel.before(panel.periods.count - 12)
        result = forecast(known, Settings(quantiles=(0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)))
        fan(panel, result)
        promises(forecast(panel, Settings(horizon=1, quantiles=(0.5, 0.9, 0.95, 0.99))))
    catalogues()


if __name__ == "__main__":
    main()
