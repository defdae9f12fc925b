"""Stacks and scanners at the desk: what is missing is said, a number can be put right, and sheets can be printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO

import httpx
import numpy as np
import pypdfium2
import pytest
from read_sites import Here
from rich.progress import Progress
from webpages import NOON, Page, make_site

from pipeline import intake
from pipeline.form.cover import Cover, batch_code, parse_cover_code
from pipeline.form.lay_out import lay_out
from pipeline.form.paper.check_sheet import CHECK_COPY, lay_out_check_sheet
from pipeline.form.paper.cover import lay_out_cover
from pipeline.form.printing import print_copies, print_covers
from pipeline.intake import ingest_files
from pipeline.page.covers import find_cover
from pipeline.page.picture import PageImage
from pipeline.practice.printer import printed_pages
from pipeline.practice.scanner import Scanner, as_pdf, scan
from pipeline.site import Site, load_form
from pipeline.store.record import register_print
from pipeline.web import passwords
from pipeline.web.accounts import add_user
from pipeline.web.server import running

DPI = 200
PASSWORD = "four plain words here"
COVER = Cover(batch_code(77), "<b>Penarth</b> Library", date(2026, 6, 15), None)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with a stack of one form of which a page is missing, and a check sheet that came back blurred."""
    folder = tmp_path_factory.mktemp("stacks")
    site = make_site(folder / "site")
    form = load_form(site, "every-kind")
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, 1, NOON)
    pages = list(printed_pages(print_copies(layout, codes, "one"), DPI))
    (cover,) = printed_pages(print_covers([(COVER, lay_out_cover(COVER))]), DPI)
    front, _ = printed_pages(print_copies(lay_out_check_sheet(), [CHECK_COPY]), DPI)
    rng = np.random.default_rng(3)
    (folder / "stack.pdf").write_bytes(as_pdf([cover, *pages[:-1]], DPI))
    blurred = scan(front, DPI / 25.4, Scanner(dpi=DPI, blur=0.14), rng)
    (folder / "check.pdf").write_bytes(as_pdf([blurred], DPI))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(intake, "Workers", Here)
        ingest_files(site, sorted(folder.glob("*.pdf")), Progress(disable=True))
        patched.setattr(passwords, "_SCRYPT_COST", (2, 8, 1))
        for name, role in (("mair", "desk"), ("ana", "analyst")):
            add_user(site.private, name, role, PASSWORD)
    return site


@pytest.fixture(scope="module")
def staff_url(site: Site) -> Iterator[str]:
    with running(site) as urls:
        yield urls.staff_url


@contextmanager
def signed_in(staff_url: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=staff_url) as client:
        token = Page(client.get("/sign-in").text).hidden("form_token")
        client.post("/sign-in", data={"name": name, "password": PASSWORD, "form_token": token})
        yield client


@pytest.fixture(scope="module")
def mair(staff_url: str) -> Iterator[httpx.Client]:
    with signed_in(staff_url, "mair") as client:
        yield client


@pytest.fixture(scope="module")
def ana(staff_url: str) -> Iterator[httpx.Client]:
    with signed_in(staff_url, "ana") as client:
        yield client


def count(client: httpx.Client, forms: str) -> httpx.Response:
    token = Page(client.get("/stacks").text).all("input", name="form_token")[0]["value"]
    return client.post(f"/stacks/{COVER.batch}", data={"forms": forms, "form_token": token})


def test_a_stack_says_what_is_missing_until_its_number_is_right(mair: httpx.Client) -> None:
    page = Page(mair.get("/stacks").text)
    assert page.broken() == []
    assert "<b>Penarth</b> Library" in page.words
    assert "1 form arrived. The cover gives no number that could be read. Page 3 of" in page.words
    assert "15 June 2026" in page.words
    for wrong in ("", "0", "1000", "many", "٣", "9" * 5000):
        response = count(mair, wrong)
        assert response.status_code == 422
        assert "A stack holds 1 to 999 forms." in response.text
        assert Page(response.text).broken() == []
    assert count(mair, "2").headers["location"] == "/stacks"
    words = Page(mair.get("/stacks").text).words
    assert "You said 2 forms; 1 arrived." in words
    assert "Counted by mair." in words


def test_an_analyst_sees_stacks_and_changes_none(ana: httpx.Client) -> None:
    page = Page(ana.get("/stacks").text)
    assert "Penarth" in page.words
    assert not page.all("form", action=f"/stacks/{COVER.batch}")
    assert not page.all("form", action="/stacks/cover.pdf")


def test_a_cover_is_printed_at_the_desk(mair: httpx.Client) -> None:
    sent = mair.get("/stacks/cover.pdf", params={"library": "Barry Library", "forms": "12"})
    assert sent.headers["content-type"] == "application/pdf"
    (picture,) = printed_pages(sent.content, DPI)
    found = find_cover(PageImage(picture, (DPI, DPI), False))
    assert found is not None
    assert (found.cover.library, found.cover.forms) == ("Barry Library", 12)
    assert parse_cover_code(str(found.cover)) == found.cover


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"library": "x" * 41},
        {"library": "A|B"},
        {"library": "\U0001f4da"},
        {"library": "A", "forms": "0"},
        {"library": "A", "forms": "9" * 5000},
    ],
)
def test_a_cover_that_cannot_be_is_refused_in_words(mair: httpx.Client, asked: dict[str, str]) -> None:
    response = mair.get("/stacks/cover.pdf", params=asked)
    assert response.status_code == 422
    assert Page(response.text).broken() == []


def test_the_scanner_page_says_what_to_change(mair: httpx.Client) -> None:
    page = Page(mair.get("/scanner").text)
    assert page.broken() == []
    assert "The scan is blurred" in page.words
    assert "check.pdf" in page.words
    sheet = mair.get("/scanner/check-sheet.pdf")
    with pypdfium2.PdfDocument(BytesIO(sheet.content)) as document:
        assert len(document) == 2


def test_both_pages_are_linked_from_every_page(mair: httpx.Client) -> None:
    page = Page(mair.get("/").text)
    assert page.all("a", href="/stacks")
    assert page.all("a", href="/scanner")
