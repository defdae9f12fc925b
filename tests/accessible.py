"""What makes a page accessible, as far as a program can tell: WCAG 2.2 AA, and what the desk asks of itself besides."""

from axe_playwright_python.sync_playwright import Axe
from browser import DESKTOP
from playwright.sync_api import Page

ZOOMED_TO_400 = {"width": 320, "height": 256}
"""What is left of DESKTOP at 400 %: the size that WCAG 1.4.10 (Reflow) names."""

SMALL_PHONE = {"width": 360, "height": 640}

LARGE_TARGET_PX = 44
"""Side of what can be pressed, CSS pixels: as WCAG 2.5.5 asks, which the desk keeps although it is AAA."""

WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_accessible(page: Page) -> None:
    """Hold a page to WCAG 2.2 AA as far as a program can tell, and to what the desk asks of itself besides."""
    assert_nothing_found_by_axe(page)
    assert_large_targets(page)
    assert_reached_by_keyboard(page)
    assert_fits_small_screens(page)


def assert_nothing_found_by_axe(page: Page) -> None:
    """Hold a page to every rule of axe-core for WCAG 2.2 at levels A and AA."""
    found = Axe().run(page, options={"runOnly": WCAG_2_2_AA, "resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


def assert_large_targets(page: Page) -> None:
    """Hold everything that can be pressed to a size that a finger finds."""
    too_small = page.evaluate(_TOO_SMALL, LARGE_TARGET_PX)
    assert too_small == [], f"smaller than {LARGE_TARGET_PX} px on {page.url}: {too_small}"


def assert_fits_small_screens(page: Page) -> None:
    """Hold a page to need no scrolling sideways on a small phone and at 400 %."""
    before = page.viewport_size
    for size in (SMALL_PHONE, ZOOMED_TO_400):
        page.set_viewport_size(size)
        too_wide = page.evaluate(_TOO_WIDE)
        assert too_wide == [], f"{page.url} is wider than {size['width']} px: {too_wide}"
    page.set_viewport_size(before or DESKTOP)


def assert_reached_by_keyboard(page: Page) -> None:
    """Hold a page to let Tab reach everything that can be used, each visibly focused and inside the window."""
    wanted = page.evaluate(_MARK_CONTROLS)
    page.evaluate("document.activeElement.blur()")
    reached: set[str] = set()
    for _ in range(len(wanted) + 2):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            continue
        reached.add(focused["name"])
        assert focused["visible"], f"{focused['html']} has the focus on {page.url} and does not show it"
    missed = {name: html for name, html in wanted.items() if name not in reached}
    assert missed == {}, f"not reached by Tab on {page.url}: {missed}"


_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > room + 1)
    .map((each) => each.outerHTML.slice(0, 120)).slice(0, 5);
}"""

_CONTROLS = """
  const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter((each) => each.type !== "hidden" && !each.disabled && each.tabIndex >= 0 && each.checkVisibility());
"""

_MARK_CONTROLS = f"""() => {{
  {_CONTROLS}
  const wanted = {{}};
  controls.forEach((each, place) => {{
    const group = each.type === "radio" ? `radio ${{each.name}}` : `control ${{place}}`;
    each.dataset.reached = group;
    wanted[group] = each.outerHTML.slice(0, 160);
  }});
  return wanted;
}}"""
"""Tab enters a group of radio buttons once; the arrow keys go on from there."""

_FOCUSED = """() => {
  const focused = document.activeElement;
  if (focused === document.body) return null;
  const style = getComputedStyle(focused), box = focused.getBoundingClientRect();
  const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {name: focused.dataset.reached, html: focused.outerHTML.slice(0, 160), visible: ringed && inside};
}"""

_TOO_SMALL = f"""(least) => {{
  {_CONTROLS}
  const inText = (each) => each.matches("a") && getComputedStyle(each).display === "inline";
  const side = (each) => {{
    const boxes = [each, ...(each.labels ?? [])].map((part) => part.getBoundingClientRect());
    const width = Math.max(...boxes.map((box) => box.right)) - Math.min(...boxes.map((box) => box.left));
    const height = Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top));
    return Math.min(width, height);
  }};
  return controls.filter((each) => !inText(each) && side(each) < least - 0.5 && !each.matches(".skip"))
    .map((each) => `${{Math.round(side(each))}} px: ${{each.outerHTML.slice(0, 160)}}`);
}}"""
"""A label is pressed like its box; links in running text are as high as the line, as WCAG allows."""
