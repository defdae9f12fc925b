"""Forms in every language in a real browser, on a small phone: which way they run, what they fetch."""

from collections.abc import Iterator

import pytest
from accessible import assert_fits_small_screens, assert_nothing_found_by_axe
from browser import FIRST_VISIT_BYTES, Served, Visit, seen_by, serving
from test_languages import FORM, LANGUAGES, RIGHT_TO_LEFT

from pipeline.site import open_site

PHONE = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def site_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("languages")
    (folder / "forms").mkdir()
    (folder / "forms" / FORM.name).write_text(FORM.read_text(encoding="utf-8"), encoding="utf-8")
    with serving(open_site(folder)) as served:
        yield served


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_runs_the_way_of_its_language_and_fits_a_phone(site_url: Served, visit: Visit, language: str) -> None:
    page = visit(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{site_url.resident_url}/f/{FORM.stem}/all?lang={language}")
    root = page.locator("html")
    assert root.get_attribute("lang") == language
    assert root.get_attribute("dir") == ("rtl" if language in RIGHT_TO_LEFT else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "nothing is wider than the screen"
    box = page.locator(".choice > input").first.bounding_box()
    words = page.locator(".choice > label").first.bounding_box()
    assert box is not None
    assert words is not None
    middle = words["x"] + words["width"] / 2
    assert (box["x"] > middle) == (language in RIGHT_TO_LEFT), "the box is where reading begins"


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_figures_and_latin_words_keep_their_order_within_a_right_to_left_line(
    site_url: Served, visit: Visit, language: str
) -> None:
    """Where a browser draws the first and the last figure of a telephone number."""
    page = visit(viewport={"width": 1280, "height": 1024})
    page.goto(f"{site_url.resident_url}/f/{FORM.stem}/all?lang={language}")
    first, last = page.evaluate(
        """() => {
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf("029");
                if (at < 0) continue;
                const where = [at, at + "029 2018 0456".length - 1].map((place) => {
                    const range = document.createRange();
                    range.setStart(walker.currentNode, place);
                    range.setEnd(walker.currentNode, place + 1);
                    return range.getBoundingClientRect();
                });
                return where.map((box) => ({ x: box.x, y: box.y }));
            }
        }"""
    )
    assert first["x"] < last["x"]
    assert first["y"] == last["y"]


def test_only_pages_in_another_script_fetch_its_letters(site_url: Served, visit: Visit) -> None:
    for language, wanted in (("en", set()), ("pl", set()), ("ur", {"naskh"}), ("pa", {"gurmukhi"})):
        page = visit(viewport=PHONE)
        fetched: list[str] = []
        page.on("response", lambda answer, into=fetched: into.append(answer.url))
        page.goto(f"{site_url.resident_url}/f/{FORM.stem}/all?lang={language}", wait_until="networkidle")
        scripts = {name for name in ("nastaliq", "naskh", "bengali", "gurmukhi") for url in fetched if name in url}
        assert scripts <= wanted, "and not even those where the device has them"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_visit_is_light_in_every_language(site_url: Served, visit: Visit, language: str) -> None:
    page = visit(viewport=PHONE)
    sizes = seen_by(page, f"{site_url.resident_url}/f/{FORM.stem}/all?lang={language}")
    assert sum(sizes) < FIRST_VISIT_BYTES


@pytest.mark.parametrize("address", ["/?lang=ur", f"/f/{FORM.stem}?lang=ur", f"/f/{FORM.stem}/all?lang=ur"])
def test_pages_in_urdu_are_accessible_and_fit_a_phone(site_url: Served, visit: Visit, address: str) -> None:
    page = visit(viewport=PHONE)
    page.goto(site_url.resident_url + address)
    assert_nothing_found_by_axe(page)
    assert_fits_small_screens(page)
