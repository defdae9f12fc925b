"""The desk at the counter for tests: served, with somebody signed in there, and a copy that came back as a scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
from webpages import NOON, Page, make_site

from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.site import Site, load_form
from pipeline.store.record import register_print
from pipeline.web import passwords
from pipeline.web.accounts import add_user
from pipeline.web.server import running

PASSWORD = "four plain words here"
HOSTILE = "../../<script>alert(1)</script>'; DROP TABLE files;--.pdf"


@dataclass(frozen=True)
class Counter:
    """A site, the address of its desk, and Mair, who is signed in there. Nia may sign in, and see nothing personal."""

    site: Site
    staff_url: str
    mair: httpx.Client


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter]:
    """A desk of one's own."""
    monkeypatch.setattr(passwords, "_SCRYPT_COST", (2, 8, 1))
    site = make_site(tmp_path / "site")
    add_user(site.private, "mair", "desk", PASSWORD)
    add_user(site.private, "nia", "desk", PASSWORD, ["no_personal"])
    with running(site, clock=lambda: NOON) as urls, httpx.Client(base_url=urls.staff_url) as client:
        signed_in(client, "mair")
        yield Counter(site, urls.staff_url, client)


def signed_in(client: httpx.Client, name: str) -> None:
    token = Page(client.get("/sign-in").text).hidden("form_token")
    client.post("/sign-in", data={"name": name, "password": PASSWORD, "form_token": token})


def token_of(client: httpx.Client) -> str:
    return Page(client.get("/").text).all("input", name="form_token")[0]["value"]


def a_scan(site: Site, answers: dict[str, str]) -> tuple[str, bytes]:
    """One copy, printed, filled in and scanned: its code and the PDF."""
    form = load_form(site, "every-kind")
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, 1, NOON)
    blank = tuple(printed_pages(print_copies(layout, codes, "one"), 150))
    rng = np.random.default_rng(8)
    return codes[0], as_pdf(fill(blank, layout, answers, random_resident(rng), rng).pages, 150)
