"""Every page looked at: on a telephone and a desk, by people who see, hear, type or wear gloves."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from werkzeug.routing import Rule

from aftersales.vocabulary import Role
from tests.browser.conftest import DESK, Site
from tests.browser.looking import barriers, too_small, too_wide

FILES = (".svg", ".pdf", "/pdf", ".csv", ".xlsx", ".json", ".ics", ".js", ".png")
PEOPLE = [
    ("quarry", Role.OPERATOR),
    ("partner", Role.TECHNICIAN),
    ("partner", Role.DISPATCHER),
    ("maker", Role.STOREKEEPER),
    ("maker", Role.PLANNER),
    ("maker", Role.ADMIN),
]


def addresses(site: Site) -> Iterator[str]:
    """Yield every page's address that needs no more than a machine's number."""
    rules: list[Rule] = sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    for rule in rules:
        wanted = rule.endpoint.partition(".")[0].endswith("_pages") and "GET" in (rule.methods or ())
        path = rule.rule.replace("<id:machine_id>", str(site.world.machines["M1"]))
        if wanted and "<" not in path and not path.endswith(FILES):
            yield path


@pytest.mark.parametrize(("organization", "role"), PEOPLE)
def test_every_page_on_a_telephone(site: Site, page: Page, organization: str, role: Role) -> None:
    site.sign_in(page, organization, role)
    faults: dict[str, list[str]] = {}
    for path in addresses(site):
        answer = page.goto(site.address + path, wait_until="load")
        assert answer is not None
        assert answer.status < 500, path
        if answer.status == 200:
            found = too_wide(page) + too_small(page)
            if path not in site.looked_at:
                found += barriers(page)
            if found:
                faults[path] = found
            site.looked_at.add(path)
    assert not faults


@pytest.mark.parametrize("path", ["/sign-in", "/forgot-password", "/link/0123456789", "/nowhere"])
def test_pages_for_strangers(site: Site, page: Page, path: str) -> None:
    page.goto(site.address + path)
    assert too_wide(page) + too_small(page) + barriers(page) == []
    page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
    assert barriers(page) == []


def test_the_keyboard_is_enough(site: Site, page: Page) -> None:
    page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("admin@quarry.example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.goto(f"{site.address}/profile")
    link = page.get_by_role("link", name="People", exact=True)
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/people")
    assert link.get_attribute("aria-current") == "page"


def test_the_menu_of_a_telephone_opens_and_closes(site: Site, page: Page) -> None:
    site.sign_in(page, "quarry", Role.ADMIN)
    page.goto(f"{site.address}/profile")
    menu = page.locator("#menu")
    assert not menu.is_visible()
    page.get_by_role("button", name="Menu", exact=True).click()
    menu.get_by_role("link", name="People", exact=True).wait_for(state="visible")
    page.wait_for_timeout(400)
    assert too_small(page) == []
    assert barriers(page) == []
    page.keyboard.press("Escape")
    menu.wait_for(state="hidden")


def test_what_is_wrong_is_in_focus_and_leads_to_its_field(site: Site, page: Page) -> None:
    site.sign_in(page, "quarry", Role.ADMIN)
    page.goto(f"{site.address}/people/new")
    page.get_by_label("Full name").fill("Half filled")
    page.get_by_role("button", name="Invite").click()
    summary = page.get_by_role("alert")
    summary.wait_for()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.get_by_label("Full name").input_value() == "Half filled"
    assert barriers(page) == []
    summary.get_by_role("link", name="E-mail address").click()
    assert page.evaluate("document.activeElement.name") == "email"


def test_a_language_changes_the_page(site: Site, page: Page) -> None:
    page.goto(f"{site.address}/sign-in")
    page.locator("summary", has_text="English").click()
    page.get_by_role("button", name="Hrvatski").click()
    page.wait_for_url(f"{site.address}/sign-in**")
    assert page.locator("html").get_attribute("lang") == "hr"
