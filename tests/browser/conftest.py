"""A served application and a chromium to look at it with."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from aftersales.clock import FixedClock
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from api.app import create_app
from tests.conftest import NOON, settings_for
from tests.world import PASSWORD, World, build_world

CHROMIUM = Path(os.environ.get("AFTERSALES_TEST_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no chromium at {CHROMIUM} (AFTERSALES_TEST_CHROMIUM): pages not looked at in a browser")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Site"]:
    """The application on a free port, over a database of its own that all browser tests share."""
    var = tmp_path_factory.mktemp("browser")
    shutil.copyfile(sqlite_template, var / "aftersales.db")
    app = create_app(settings_for(var, f"sqlite:///{var / 'aftersales.db'}"), clock=FixedClock(NOON), testing=True)
    shop = app.extensions["workshop"]
    assert isinstance(shop, Workshop)
    world = build_world(shop)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(app, world, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    shop.engine.dispose()


class Site:
    """The served application."""

    def __init__(self, app: Flask, world: World, address: str) -> None:
        self.app, self.world, self.address = app, world, address
        self.looked_at: set[str] = set()

    def sign_in(self, page: Page, organization: str, role: Role) -> None:
        """Sign in by the form, as a person does."""
        page.goto(f"{self.address}/sign-in")
        page.get_by_label("E-mail address").fill(f"{role}@{organization}.example.com")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.address}/")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=PHONE, locale="en-GB", has_touch=True)  # type: ignore[arg-type] # a plain dict
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on a telephone; what the browser complains about fails the test at its end."""
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error('CSP', e.blockedURI))"
    )
    yield shown
    wanted = [text for text in complaints if "status of 4" not in text]
    assert not wanted
