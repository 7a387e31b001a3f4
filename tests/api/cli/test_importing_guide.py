"""Every command of the guide to importing, in its order, on the first rows of a fleet of that shape."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main

GUIDE = Path(__file__).parents[3] / "docs" / "importing.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = {
    "PdM_machines.csv": '"machineID","model","age"\n1,"model3",18\n2,"model4",7\n',
    "PdM_failures.csv": '"datetime","machineID","failure"\n2020-01-05 06:00:00,1,"comp4"\n2020-03-06 06:00,1,"comp1"\n',
    "PdM_maint.csv": (
        '"datetime","machineID","comp"\n2019-07-16 06:00:00,1,"comp4"\n2020-01-05 06:00:00,1,"comp4"\n'
        '2020-01-05 06:00:00,1,"comp1"\n'
    ),
    "PdM_errors.csv": '"datetime","machineID","errorID"\n2020-01-03 07:00:00,1,"error1"\n2020-01-03 20:00,2,"error3"\n',
}


def test_every_command_of_the_guide_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AFTERSALES_VAR", str(tmp_path / "var"))
    for name in ("AFTERSALES_DATABASE_URL", "PORT", "HOST", "AFTERSALES_PUBLIC_URL", "AFTERSALES_USER"):
        monkeypatch.delenv(name, raising=False)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    blocks = BLOCK.findall(GUIDE.read_text())
    for _, name, text in blocks:
        if name:
            (tmp_path / name).write_text(text)
    said = []
    for line in [line for language, _, text in blocks if language == "sh" for line in text.splitlines()]:
        word, *arguments = shlex.split(line)
        if word == "export":
            monkeypatch.setenv(*arguments[0].split("=", 1))
            continue
        result = CliRunner().invoke(main, arguments, input="a long enough password\n")
        assert (word, result.exit_code) == ("aftersales", 0), f"{line}\n{result.output}"
        said.append(result.output)
    added = [match[1] for text in said if (match := re.match(r"Import \d+: (\d+) added, 0 unchanged, 0 rows", text))]
    assert added == ["4", "2", "4", "2", "3", "2", "3", "6", "2"]
    assert any("all well" in text for text in said)
    assert "Import 8 (demand, demand.csv) is taken back." in said[-1]
