"""The pages in a real browser: nothing that axe knows is wrong with them, and all of them work by keyboard alone."""

from collections.abc import Callable

import pytest
from accessible import (
    assert_accessible,
    assert_fits_small_screens,
    assert_large_targets,
    assert_nothing_found_by_axe,
    assert_reached_by_keyboard,
)
from browser import Served, Visit, press, sign_in, tab_to
from playwright.sync_api import Page
from sqlite_utils import Database
from starlette.routing import Route
from webpages import NOON

from pipeline.web.desk import Desk
from pipeline.web.open_forms import Forms

ADDRESSES = {
    "/sign-in": "/sign-in",
    "/": "/",
    "/doubts": "/doubts",
    "/doubts/{doubt}": "/doubts/{doubt}",
    "/characters": "/characters",
    "/characters/{figure}": "/characters/{figure}",
    "/checks": "/checks",
    "/checks/{check}": "/checks/{check}",
    "/forms": "/forms",
    "/forms/{form}/print": "/forms/every-kind/print",
    "/forms/{form}/{source}": "/forms/every-kind/phone",
    "/copies": "/copies",
    "/copies/{copy}": "/copies/{copy}",
    "/receipts/{receipt}": "/receipts/{receipt}",
    "/hand-in": "/hand-in",
    "/stacks": "/stacks",
    "/scanner": "/scanner",
    "/answers": "/answers",
    "/answers/{form}": "/answers/every-kind?response={submission}",
    "/answers/{form}/{variable}": "/answers/every-kind/visits?value=17",
    "/traces/{submission}/{variable}": "/traces/{submission}/story",
    "/record": "/record",
}
"""An example of every page of the desk, by its address; one that is missing here fails the test."""


def test_every_page_of_the_desk_is_accessible(served: Served, visit: Visit) -> None:
    routes = Desk(served.site, lambda: NOON, Forms(served.site)).routes()
    pages = {each.path for each in routes if isinstance(each, Route) and "GET" in (each.methods or ())}
    assert pages - NOT_PAGES == ADDRESSES.keys()
    examples = names_on_record(served.site.open_store())
    page = visit()
    sign_in(page, served.staff_url, "meg")
    for address in ADDRESSES.values():
        page.goto(served.staff_url + address.format(**examples))
        assert_accessible(page)


NOT_PAGES = {
    "/doubts/{doubt}/picture",
    "/doubts/{doubt}/page",
    "/characters/pictures/{name}",
    "/checks/{check}/picture",
    "/pages/{sha256}/{page}/picture",
    "/traces/{submission}/{variable}/picture",
    "/traces/{submission}/{variable}/page",
    "/stacks/cover.pdf",
    "/scanner/check-sheet.pdf",
}


def names_on_record(db: Database) -> dict[str, str]:
    """A doubt, a copy, and so on, to have a page of each."""
    (doubt, copy, submission) = db.execute(
        "SELECT d.doubt, s.copy, s.submission FROM doubts d JOIN submissions s ON s.id = d.submission"
        " WHERE d.question = 'story'"
    ).fetchone()
    (figure,) = db.execute("SELECT figure FROM characters").fetchone()
    (check,) = db.execute("SELECT check_id FROM checks WHERE standing = 'open'").fetchone()
    (receipt,) = db.execute("SELECT receipt FROM submissions WHERE channel = 'online'").fetchone()
    return {
        "receipt": receipt,
        "doubt": doubt,
        "copy": copy,
        "figure": figure,
        "check": check,
        "submission": submission,
    }


def test_a_second_look_is_accessible(served: Served, visit: Visit) -> None:
    (check,) = served.site.open_store().execute("SELECT check_id FROM checks WHERE standing = 'differs'").fetchone()
    page = visit()
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}/checks/{check}")
    assert "Which is right?" in page.inner_text("main")
    assert_accessible(page)


def test_signing_in_is_accessible_and_says_what_is_wrong(served: Served, visit: Visit) -> None:
    page = visit()
    page.goto(f"{served.staff_url}/sign-in")
    assert_accessible(page)
    tab_to(page, "button")
    press(page, "Enter")
    assert "do not belong together" in page.inner_text("main")
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
