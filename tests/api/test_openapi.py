"""The description of the API, and that the API keeps to it whatever is thrown at it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.serving import WSGIRequestHandler, make_server

from aftersales.clock import FixedClock
from aftersales.people import passwords
from aftersales.vocabulary import Role
from api.app import create_app
from tests.api.objects import with_objects
from tests.conftest import settings_for
from tests.world import World, build_world

HERE = Path(__file__).parent
FUZZING_TOKEN_ID = 7_000_000_000
MAX_EXAMPLES = os.environ.get("AFTERSALES_TEST_FUZZ_EXAMPLES", "8")
WORKERS = "1"  # two can stumble over each other in CPython 3.11's own compiler; the application has the other core


class Quiet(WSGIRequestHandler):
    """Serve without a line in the log for each of many thousand requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture
def fuzzed(sqlite_template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[tuple[str, World]]:
    """The application over HTTP, with the maker's administrator's token out of reach of random numbers."""
    database = tmp_path / "aftersales.db"
    database.write_bytes(sqlite_template.read_bytes())
    app = create_app(settings_for(tmp_path / "var", f"sqlite:///{database}"), clock=clock)
    app.config["WTF_CSRF_ENABLED"] = False
    world = build_world(app.extensions["workshop"])
    with_objects(app, world, clock)
    with app.extensions["workshop"].engine.begin() as connection:
        moved = text("UPDATE api_token SET id = :new WHERE token_hash = :hash")
        digest = passwords.token_hash(world.tokens["maker", Role.ADMIN])
        connection.execute(moved, {"new": FUZZING_TOKEN_ID, "hash": digest})
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", world
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["workshop"].engine.dispose()


def test_no_request_gets_a_server_error_or_an_undocumented_answer(fuzzed: tuple[str, World], tmp_path: Path) -> None:
    address, world = fuzzed
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
    command += [f"{address}/openapi.json", "--phases", "examples,coverage,fuzzing,stateful"]
    command += ["--max-examples", MAX_EXAMPLES, "--seed", "1", "--no-shrink", "--suppress-health-check", "all"]
    command += ["--warnings", "off", "--continue-on-failure", "--workers", WORKERS]
    command += ["-H", f"Authorization: {world.bearer('maker', Role.ADMIN)['Authorization']}"]
    environment = {
        **os.environ,
        "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path / "hypothesis"),
        "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
    }
    run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert run.returncode == 0, run.stdout[-12_000:] + run.stderr[-2_000:]
    assert re.search(r"\d+ generated", run.stdout), run.stdout[-2_000:]
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert re.search(rf"✅\s+{phase}\n", run.stdout), run.stdout[-2_000:]
    selected, tested = re.search(r"Selected: (\d+)/", run.stdout), re.search(r"Tested: (\d+)", run.stdout)
    assert selected is not None
    assert tested is not None
    assert selected.group(1) == tested.group(1)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, dict[str, object]]:
    folder = tmp_path_factory.mktemp("described")
    app = create_app(settings_for(folder, f"sqlite:///{folder / 'x.db'}"), testing=True)
    answer = app.test_client().get("/openapi.json")
    assert answer.status_code == 200
    return app, answer.get_json()


def operations(description: dict[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    paths = description["paths"]
    assert isinstance(paths, dict)
    for path, item in paths.items():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in item:
                yield f"{method.upper()} {path}", item[method]


def test_every_json_route_is_described(described: tuple[Flask, dict[str, object]]) -> None:
    app, description = described
    listed = {name for name, _ in operations(description)}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert f"{method} {path}" in listed


def test_every_operation_has_a_summary_and_examples(described: tuple[Flask, dict[str, object]]) -> None:
    _, description = described
    identifiers: list[object] = []
    for name, operation in operations(description):
        assert operation.get("summary"), name
        identifiers.append(operation.get("operationId"))
        body = operation.get("requestBody")
        if isinstance(body, dict):
            for media, content in body["content"].items():
                assert "example" in content or media != "application/json", name
        responses = operation["responses"]
        assert isinstance(responses, dict)
        assert any(code.startswith("2") for code in responses), name
    assert len(identifiers) == len(set(identifiers))
    assert None not in identifiers
