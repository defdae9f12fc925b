"""The pages in a real browser: nothing that axe knows is wrong with them, and all of them work by keyboard alone."""

from collections.abc import Callable

import pytest
from browser import (
    Served,
    Visit,
    assert_accessible,
    assert_fits_small_screens,
    assert_large_targets,
    assert_nothing_found_by_axe,
    assert_reached_by_keyboard,
    press,
    sign_in,
    tab_to,
)
from playwright.sync_api import Page

DESK = ["/", "/doubts", "/checks"]


@pytest.mark.parametrize("path", DESK)
def test_a_page_of_the_desk_is_accessible(served: Served, visit: Visit, path: str) -> None:
    page = visit()
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}{path}")
    assert_accessible(page)


def test_signing_in_is_accessible_and_says_what_is_wrong(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(f"{served.staff_url}/sign-in")
    assert_accessible(page)
    tab_to(page, "button")
    press(page, "Enter")
    assert "do not belong together" in page.inner_text("main")
    assert_accessible(page)


@pytest.mark.parametrize("path", ["/", "/f/every-kind?lang=en", "/f/every-kind?lang=cy"])
def test_a_page_for_residents_is_accessible(served: Served, visit: Visit, path: str) -> None:
    page = visit()
    page.goto(f"{served.resident_url}{path}")
    assert_accessible(page)


def test_the_desk_works_without_javascript(served: Served, visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}/doubts")
    assert page.locator("figure img").is_visible()


@pytest.mark.parametrize(
    ("check", "flaw"),
    [
        (assert_nothing_found_by_axe, "<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"),
        (assert_large_targets, "<button>x</button>"),
        (assert_reached_by_keyboard, "<button onkeydown='event.preventDefault()'>One</button><button>Two</button>"),
        (assert_reached_by_keyboard, "<style>:focus { outline: none }</style><button>One</button>"),
        (assert_fits_small_screens, "<p style='width: 400px'>Wide</p>"),
    ],
    ids=["no words for a picture", "small target", "Tab is caught", "focus unseen", "too wide"],
)
def test_each_check_finds_what_it_is_for(visit: Visit, check: Callable[[Page], None], flaw: str) -> None:
    page = visit()
    page.set_content(f"<!doctype html><html lang=en><title>Flawed</title><main><h1>Flawed</h1>{flaw}</main>")
    with pytest.raises(AssertionError):
        check(page)
