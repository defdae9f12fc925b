"""The public pages stay usable when somebody asks for too much, and nobody's address is kept."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_web_residents import FORM, as_program, errors_in
from webpages import NOON, Page, make_site

from pipeline.form.code import copy_code
from pipeline.form.lay_out import lay_out
from pipeline.site import Site, load_form, open_site
from pipeline.store.record import register_print
from pipeline.web import limits
from pipeline.web.limits import FULL_AFTER_S, GUESSING, LOOKING, SENDING, Allowances, network_of
from pipeline.web.server import running

FLOODER, NEIGHBOUR = "203.0.113.77", "198.51.100.23"


class Seconds:
    """A clock that a test sets, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_allowance_is_used_up_and_fills_again() -> None:
    clock = Seconds()
    allowances = Allowances(60, clock)
    assert [allowances.take(FLOODER, SENDING) for _ in range(8)] == [0] * 7 + [2]
    assert allowances.take(NEIGHBOUR, SENDING) == 0
    clock.now = 2
    assert allowances.take(FLOODER, SENDING) == 0


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from([LOOKING, SENDING, GUESSING])), max_size=60))
def test_nobody_gets_more_than_the_allowance_and_waiting_as_told_is_enough(asked: list[tuple[float, int]]) -> None:
    clock = Seconds()
    allowances = Allowances(120, clock)
    got = 0
    for pause, cost in asked:
        clock.now += pause
        wait = allowances.take(FLOODER, cost)
        if wait:
            clock.now += wait
            assert allowances.take(FLOODER, cost) == 0
        got += cost
    assert got <= 2 * (FULL_AFTER_S + clock.now) + 1e-6


def test_who_came_is_forgotten_within_half_a_minute_of_the_last_visit() -> None:
    clock = Seconds()
    allowances = Allowances(60, clock)
    for number in range(100):
        allowances.take(f"10.0.0.{number}", 1)
    clock.now = FULL_AFTER_S + 1
    allowances.take(NEIGHBOUR, 1)
    assert len(allowances) == 1


def test_memory_is_bounded_however_many_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KNOWN", 50)
    allowances = Allowances(60, Seconds())
    for number in range(500):
        allowances.take(str(number), 1)
    assert len(allowances) <= 51


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::1", "spoofed, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9\n198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "not an address", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
    ],
)
def test_whose_allowance_it_is(peer: str, forwarded: str | None, network: str) -> None:
    headers = [(b"x-forwarded-for", line.encode()) for line in (forwarded or "").splitlines()]
    assert network_of({"type": "http", "client": (peer, 5000), "headers": headers}) == network


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("limits") / "site"
    make_site(folder)
    (folder / "site.yaml").write_text("allowance_per_minute: 240\n", encoding="utf-8")
    return open_site(folder)


@pytest.fixture(scope="module")
def web(site: Site) -> Iterator[httpx.Client]:
    with running(site, clock=lambda: NOON) as urls, httpx.Client(base_url=urls.resident_url) as client:
        yield client


def seen_from(address: str, **more: str) -> dict[str, str]:
    return {"x-forwarded-for": address, **more}


def test_a_flood_is_answered_in_words_and_everybody_else_goes_on(web: httpx.Client, site: Site) -> None:
    flood = [web.post(FORM, data={"visited": "no"}, headers=seen_from(FLOODER)) for _ in range(60)]
    refused = [answer for answer in flood if answer.status_code == 429]
    assert 25 <= len(refused) < 60
    assert 1 <= int(refused[-1].headers["retry-after"]) <= FULL_AFTER_S
    page = Page(refused[-1].text)
    assert page.broken() == []
    assert "Wait a minute and try again." in page.words
    assert "set-cookie" not in refused[-1].headers
    told = web.post(f"{FORM}?lang=cy", data={"visited": "no"}, headers=seen_from(FLOODER, accept="application/json"))
    assert (told.status_code, errors_in(told)[""][:15]) == (429, "Arhoswch funud ")
    taken = web.post(FORM, data={"visited": "no"}, headers=seen_from(NEIGHBOUR, accept="application/json"))
    assert taken.status_code == 201


NOBODYS = copy_code(7)
"""A code as they are printed, that was never printed here."""


@pytest.mark.parametrize(
    ("number", "method", "address", "code"),
    [
        (1, "GET", FORM, NOBODYS),
        (2, "GET", f"{FORM}/all", NOBODYS),
        (3, "GET", "/code", NOBODYS),
        (4, "GET", f"/arrived/{NOBODYS}", ""),
        (5, "GET", f"{FORM}/received/2222222222", ""),
        (6, "GET", "/kiosk/2222-2222-2222-2222", ""),
        (7, "POST", "/code", NOBODYS),
        (8, "POST", "/code", "2" * 12),
        (9, "POST", f"{FORM}/start", NOBODYS),
        (10, "POST", FORM, NOBODYS),
    ],
)
def test_codes_cannot_be_tried_one_after_another(
    web: httpx.Client, number: int, method: str, address: str, code: str
) -> None:
    where = {"params" if method == "GET" else "data": {"code": code} if code else {}}
    headers = seen_from(f"192.0.2.{100 + number}")
    tried = [web.request(method, address, headers=headers, **where) for _ in range(20)]
    answered = [answer.status_code for answer in tried if answer.status_code != 429]
    assert len(answered) <= 240 / 60 * FULL_AFTER_S / GUESSING + 1
    assert set(answered) <= {200, 404, 422}


def test_a_code_that_is_right_costs_no_more_than_the_page(web: httpx.Client, site: Site) -> None:
    form = load_form(site, "every-kind")
    (copy,) = register_print(site.open_store(), form, lay_out(form), 1, NOON)
    pages = [web.get(FORM, params={"code": copy}, headers=seen_from("192.0.2.60")) for _ in range(40)]
    assert {page.status_code for page in pages} == {200}


def test_whoever_has_used_up_the_allowance_learns_of_no_code(web: httpx.Client, site: Site) -> None:
    form = load_form(site, "every-kind")
    (copy,) = register_print(site.open_store(), form, lay_out(form), 1, NOON)
    headers = seen_from("192.0.2.61")
    while web.get(FORM, params={"code": NOBODYS}, headers=headers).status_code != 429:
        pass
    assert web.get(FORM, params={"code": copy}, headers=headers).status_code == 429


def test_nobodys_address_is_kept(web: httpx.Client, site: Site) -> None:
    flooded = [web.post(FORM, data={"visited": "no"}, headers=seen_from(FLOODER)) for _ in range(3)]
    sent = web.post(FORM, data={"visited": "no", "name": "Nest"}, headers=seen_from("192.0.2.33"))
    begun = web.post(f"{FORM}/start", data={"code": ""}, headers=seen_from("192.0.2.34"))
    assert flooded
    assert (sent.status_code, begun.status_code) == (303, 303)
    kept = b"".join(path.read_bytes() for path in sorted(site.root.rglob("*")) if path.is_file())
    assert b"Nest" in kept
    for address in (FLOODER, NEIGHBOUR, "192.0.2.33", "192.0.2.34", "127.0.0.1"):
        assert address.encode() not in kept


def test_nothing_is_written_about_visits(tmp_path: Path) -> None:
    """What the server says while people visit, go astray and break off: its two addresses, and nothing else."""
    site = make_site(tmp_path / "site")
    said = tmp_path / "said"
    serve = [sys.executable, "-c", "from pipeline.cli import main; main()", "--site", str(site.root), "serve", "--json"]
    with (
        said.open("wb") as file,
        subprocess.Popen([*serve, "--port", "0", "--staff-port", "0"], stdout=file, stderr=file) as server,
    ):
        try:
            while not said.read_bytes().endswith(b"}\n"):
                time.sleep(0.05)
            before = said.read_bytes()
            with httpx.Client(base_url=json.loads(before)["resident_url"], headers=seen_from(FLOODER)) as client:
                for path in ("/", "/none", "/code?code=222222222222"):
                    client.get(path)
                client.post(FORM, content=b"%%%")
        finally:
            server.terminate()
    assert said.read_bytes() == before


def test_a_page_too_long_is_told_in_words(web: httpx.Client) -> None:
    answer = as_program(web, {"story": "x" * 300_000})
    assert answer.status_code == 413
    assert errors_in(answer) == {"": "Go back, make your longest answers shorter, and send them again."}
