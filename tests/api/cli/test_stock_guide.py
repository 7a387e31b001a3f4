"""Every command of the guide to stock planning, in its order, on the tables it shows."""

import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from api.cli import main

GUIDE = Path(__file__).parents[3] / "docs" / "stock-planning.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_of_the_guide_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(GUIDE.read_text())
    said = []
    for language, name, text in blocks:
        if language == "csv":
            (tmp_path / name).write_text(text)
        else:
            for line in text.splitlines():
                result = CliRunner().invoke(main, shlex.split(line)[1:])
                assert result.exit_code == 0, f"{line}: {result.output}"
                said.append(result.output)
    assert len(said) == 6
    assert "1 vital parts are not kept" in said[0]
    policy = pd.read_csv("stock-floor/policy.csv").set_index("part_id")
    assert policy["fill_rate"].to_dict()["PUMP-3"] >= 0.9
    money = [json.loads(Path(folder, "summary.json").read_text())["investment"] for folder in ("stock", "stock-floor")]
    assert all(f"{amount:,.0f}" in GUIDE.read_text() for amount in money)
