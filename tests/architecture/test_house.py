"""The house rules that a machine can check: one clock, one commit, short functions, imports at the top."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = [
    path
    for part in ("aftersales", "api", "forecasting")
    for path in sorted((ROOT / part).rglob("*.py"))
    if "versions" not in path.parts
]
HEAVY = ("statsforecast", "lightgbm", "distributed", "statsmodels", "matplotlib", "pyhanko", "openpyxl", "xlsxwriter")


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text()))


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def calls(path: Path) -> Iterator[tuple[ast.Call, str, str]]:
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield node, owner.id if isinstance(owner, ast.Name) else "", node.func.attr


def test_only_the_clock_reads_the_time() -> None:
    reads = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("func", "now")}
    found = [
        place(path, node)
        for path in SOURCE
        if path.name != "clock.py"
        for node, owner, name in calls(path)
        if (owner, name) in reads | {("time", "time")}
    ]
    assert found == []


def test_only_the_unit_of_work_commits() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in SOURCE
        for _, _, name in calls(path)
        if name == "commit" and "migrations" not in path.parts
    }
    assert found == {"aftersales/work.py"}


def test_imports_stand_at_the_top_save_heavy_ones() -> None:
    found = []
    for path in SOURCE:
        for function in nodes(path):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    name = ""
                    if isinstance(node, ast.ImportFrom):
                        name = node.module or ""
                    elif isinstance(node, ast.Import):
                        name = node.names[0].name
                    if name and not name.startswith(HEAVY):
                        found.append(place(path, node))
    assert found == []


@pytest.mark.parametrize("limit", [80])
def test_no_function_is_longer_than(limit: int) -> None:
    found = [
        f"{place(path, node)} {node.name}"
        for path in SOURCE
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > limit
    ]
    assert found == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    assert [str(path) for path in SOURCE if len(path.read_text().splitlines()) > 400] == []


def test_no_except_catches_everything() -> None:
    broad = [
        place(path, node)
        for path in SOURCE
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert broad == []
