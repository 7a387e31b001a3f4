"""A forecast of 10 k, 100 k and 1 M parts x 60 months from file to files: seconds, memory, and whether cost is linear.

The command runs in a process of its own, as a customer runs it: reading the CSV, learning, forecasting 12 months with
mean and four quantiles, writing a line per part and month. Run: ``python -m tests.bench.scale``; its files need 600 MB
for a while.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.forecast import Goal

SIZES = (10_000, 100_000, 1_000_000)
PERIODS = 60
SEED = 2026
AT_ONCE = 10_000
MOST_SECONDS = 90.0
MOST_GIB = 1.5
"""What a million parts may take on two cores."""


@dataclass(frozen=True)
class Run:
    """What a run took, by its own summary."""

    parts: int
    seconds: float
    gib: float
    steps: dict[str, float]

    def __str__(self) -> str:
        """One line."""
        steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.steps.items())
        return f"{self.parts:>9,} x {PERIODS}: {self.seconds:6.1f} s ({steps}), {self.gib:.2f} GiB at most"


def catalogue(path: Path, parts: int) -> None:
    """Write a simulated catalogue: sparse demand of a few pieces, prices, some blanks, some returns."""
    rng = np.random.default_rng(SEED)
    months = [f"{2020 + month // 12}-{month % 12 + 1:02d}" for month in range(PERIODS)]
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(["part_id", "price", *months]) + "\n")
        for start in range(0, parts, AT_ONCE):
            count = min(AT_ONCE, parts - start)
            rate = np.exp(rng.normal(-1.5, 1.2, (count, 1)))
            cells = rng.negative_binomial(0.7, 0.7 / (0.7 + rate), (count, PERIODS)).astype(object)
            odd = rng.uniform(size=cells.shape)
            cells[odd < 0.01], cells[odd > 0.999] = "", -1
            file.writelines(
                f"P{start + row:07d},{1 + row % 97}.50,{','.join(map(str, line))}\n"
                for row, line in enumerate(cells.tolist())
            )


def run(folder: Path, parts: int, *options: str) -> Run:
    """Forecast the catalogue of this size with the command."""
    out = folder / "out"
    command = [sys.executable, "-m", "api.cli", "forecast", "demand", str(folder / f"{parts}.csv")]
    subprocess.run([*command, "--out", str(out), *options], check=True, capture_output=True)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return Run(parts, summary["seconds"], summary["peak_memory_mib"] / 1024, summary["seconds_by_step"])


def main() -> None:
    """Print what each size took, and the goals."""
    print("\nForecast from file to files: measured, target, met or not")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = []
        for parts in SIZES:
            catalogue(folder / f"{parts}.csv", parts)
            runs.append(run(folder, parts))
            print(runs[-1], flush=True)
        few, most = runs[-2:]
        growth = most.seconds / few.seconds * few.parts / most.parts
        size = f"{most.parts:,} x {PERIODS}"
        print(Goal(f"seconds, {size}", most.seconds, MOST_SECONDS))
        print(Goal(f"memory, {size}, GiB", most.gib, MOST_GIB, beside="the demand alone is .45"))
        print(Goal(f"seconds a part, {most.parts:,} of {few.parts:,}", growth, 1.2), flush=True)


if __name__ == "__main__":
    main()
