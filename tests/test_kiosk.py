"""Library screens: set up by staff alone, their answers known as theirs, and what waits on them told at the desk."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from click.testing import CliRunner
from webpages import NOON, Clock, Page, make_site

from pipeline.cli.main import main
from pipeline.site import Site
from pipeline.web.kiosks import kiosks
from pipeline.web.server import Addresses, running

ANSWERS = {"visited": "yes"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "site")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def urls(site: Site, clock: Clock) -> Iterator[Addresses]:
    with running(site, clock=clock) as addresses:
        yield addresses


@pytest.fixture
def tablet(site: Site, urls: Addresses) -> Iterator[httpx.Client]:
    """A tablet that has been set up as the screen of Penarth."""
    with httpx.Client(base_url=urls.resident_url, follow_redirects=True) as client:
        assert client.post(address_of(site, "Penarth")).url.path == "/kiosk"
        yield client


def address_of(site: Site, name: str) -> str:
    told = CliRunner().invoke(main, ["--site", str(site.root), "kiosk", "add", name])
    assert told.exit_code == 0
    return "/kiosk/" + told.output.split("/kiosk/")[1].split()[0]


def send(client: httpx.Client, **headers: str) -> httpx.Response:
    return client.post("/f/every-kind", data=ANSWERS, headers={"accept": "application/json", **headers})


def on_record(site: Site) -> list[tuple[str, str]]:
    return site.open_store().execute("SELECT channel, site FROM submissions ORDER BY id").fetchall()


def test_answers_from_a_screen_are_known_as_its_own(site: Site, urls: Addresses, tablet: httpx.Client) -> None:
    assert send(tablet).status_code == 201
    with httpx.Client(base_url=urls.resident_url, cookies={"pillarbox_kiosk": "made-up"}) as somebody:
        assert send(somebody).status_code == 201
    assert on_record(site) == [("kiosk", "Penarth"), ("online", "main")]


def test_only_the_printed_address_sets_a_screen_up(site: Site, urls: Addresses) -> None:
    with httpx.Client(base_url=urls.resident_url) as somebody:
        assert somebody.get("/kiosk/AAAA-BBBB-CCCC-DDDD").status_code == 404
        assert somebody.get("/kiosk").headers["location"] == "/"
        assert somebody.post("/kiosk-tells", data={"waiting": 3}).status_code == 404
        page = Page(somebody.get(address_of(site, "Penarth")).text)
        assert "It will be Penarth" in page.words
        assert page.broken() == []


def test_the_start_of_a_screen_offers_every_language_and_a_form_has_no_way_to_other_pages(
    tablet: httpx.Client,
) -> None:
    start = Page(tablet.get("/").text)
    assert start.all("a", href="/f/every-kind/all?lang=cy", **{"class": "start"})
    assert start.broken() == []
    form = Page(tablet.get("/f/every-kind/all?lang=en").text)
    assert form.broken() == []
    assert form.all("a", href="/kiosk")
    assert not [button for button in form.all("button") if "check" in button.get("formaction", "")]


def test_what_was_finished_on_a_screen_in_time_counts_after_the_form_has_closed(
    site: Site, urls: Addresses, tablet: httpx.Client, clock: Clock
) -> None:
    clock.now = NOON + timedelta(days=30)
    in_time = NOON.isoformat()
    assert send(tablet, **{"finished-at": in_time}).status_code == 201
    assert send(tablet, **{"finished-at": clock.now.isoformat()}).status_code == 410
    assert send(tablet, **{"finished-at": "whenever"}).status_code == 410
    with httpx.Client(base_url=urls.resident_url) as somebody:
        assert send(somebody, **{"finished-at": in_time}).status_code == 410, "others are not believed"


def test_staff_learn_how_many_wait_there(site: Site, tablet: httpx.Client) -> None:
    oldest = "2026-06-12T09:30:00.123Z"
    assert tablet.post("/kiosk-tells", data={"waiting": 3, "refused": 1, "oldest": oldest}).status_code == 204
    [known] = kiosks(site.private)
    assert (known.waiting, known.refused, known.oldest) == (3, 1, oldest)
    told = CliRunner().invoke(main, ["--site", str(site.root), "kiosk", "list"]).output
    assert "Penarth: 3 wait to be sent, 1 need somebody; heard from 2026-06-15T11:00:00" in told
    assert tablet.post("/kiosk-tells", data={"waiting": "-1", "oldest": "<b>"}).status_code == 204
    [known] = kiosks(site.private)
    assert (known.waiting, known.oldest) == (0, None)


def test_a_screen_that_is_removed_or_set_up_anew_is_one_no_longer(site: Site, tablet: httpx.Client) -> None:
    address_of(site, "Penarth")
    send(tablet)
    assert on_record(site)[-1][0] == "online", "the address was printed anew: the tablet of before no longer counts"
    assert CliRunner().invoke(main, ["--site", str(site.root), "kiosk", "remove", "Penarth"]).exit_code == 0
    assert kiosks(site.private) == ()
    assert CliRunner().invoke(main, ["--site", str(site.root), "kiosk", "remove", "Penarth"]).exit_code != 0


def test_a_tablet_can_be_an_ordinary_device_again(site: Site, urls: Addresses) -> None:
    address = address_of(site, "Penarth")
    with httpx.Client(base_url=urls.resident_url, follow_redirects=True) as tablet:
        tablet.post(address)
        assert tablet.post(address, content=urlencode({"leave": "yes"}), headers=FORM).url.path == "/"
        send(tablet)
    assert on_record(site) == [("online", "main")]


FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_names_that_cannot_be_shown_are_refused(site: Site) -> None:
    for name in ("", "\n", "x" * 61):
        assert CliRunner().invoke(main, ["--site", str(site.root), "kiosk", "add", name]).exit_code != 0
    assert kiosks(site.private) == ()
