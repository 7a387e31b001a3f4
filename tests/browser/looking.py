"""What a careful eye checks on a page: width, sizes for gloves, and the rules of axe-core."""

from typing import Any

from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TOO_SMALL = """() => [...document.querySelectorAll(
  "a.btn, button, select, textarea, summary, input:not([type=hidden]), .thumb-bar a, .sidebar a, .tabs a")]
  .filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter(e => e.getBoundingClientRect().width > 1)
  .map(e => [e, (["checkbox", "radio"].includes(e.type) ? e.closest("label") || e : e).getBoundingClientRect().height])
  .filter(([e, height]) => height < 44)
  .map(([e, height]) => `${e.outerHTML.slice(0, 90)}: ${height}`)"""
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const holds = e => e !== document.body && ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX);
  const scrolls = e => e.parentElement !== null && (holds(e.parentElement) || scrolls(e.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter(e => e.getBoundingClientRect().right > width + 1 && !scrolls(e)).slice(0, 5)
    .map(e => e.outerHTML.slice(0, 120));
}"""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}


def too_wide(page: Page) -> list[str]:
    """Return what sticks out to the right."""
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


def too_small(page: Page) -> list[str]:
    """Return controls less than 44 px high."""
    found: list[str] = page.evaluate(TOO_SMALL)
    return found


def barriers(page: Page) -> list[str]:
    """Return what axe-core finds in the way of people with impairments (WCAG 2.1 A and AA, and good practice)."""
    page.evaluate(AXE_SCRIPT)
    result: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{rule['id']}: {node['html'][:140]} {node['failureSummary'][-160:]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]
