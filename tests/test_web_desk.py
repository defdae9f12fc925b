"""The desk: nobody gets in unasked, and what a person decides is recorded and leads to the next."""

import json
import re
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from rich.progress import Progress
from webpages import NOON, Page, make_site

from pipeline.form.lay_out import lay_out
from pipeline.form.printing import print_copies
from pipeline.inbox.trouble import Hindrance
from pipeline.inbox.waiting import clear_notes, leave_note
from pipeline.intake import ingest_files
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.reading.letters import line_reader
from pipeline.reading.words import Word
from pipeline.site import Site, load_form
from pipeline.store.paper import deal_with
from pipeline.store.projection import rebuild
from pipeline.store.record import Arrival, OnlineReturn, record_online, register_print
from pipeline.store.waiting import OpenDoubt, open_doubts, words_read
from pipeline.web import overview
from pipeline.web.accounts import add_user
from pipeline.web.asked import view_doubt
from pipeline.web.server import running

DPI = 200
STORY = "The ramp is too steep for me"
PASSWORD = "four plain words here"


@pytest.fixture(scope="module")
def read_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site where one copy came back on paper, with a comment in handwriting, and a file that is no scan."""
    folder = tmp_path_factory.mktemp("desk")
    site = make_site(folder / "site")
    form = load_form(site, "every-kind")
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, 1, NOON)
    blank = tuple(printed_pages(print_copies(layout, codes), DPI))[: len(layout.pages)]
    rng = np.random.default_rng(4)
    filled = fill(blank, layout, {"visited": "yes", "story": STORY}, random_resident(rng), rng)
    (folder / "scan.pdf").write_bytes(as_pdf(filled.pages, DPI))
    (folder / "<b>notes.pdf").write_bytes(b"not a scan at all")
    ingest_files(site, sorted(folder.glob("*.pdf")), Progress(disable=True))
    for name, role in (("mair", "desk"), ("ana", "analyst")):
        add_user(site.private, name, role, PASSWORD)
    add_user(site.private, "rhys", "reviewer", PASSWORD, ["crops_only"])
    add_user(site.private, "nia", "reviewer", PASSWORD, ["no_personal"])
    return site


@pytest.fixture(scope="module")
def staff_url(read_site: Site) -> Iterator[str]:
    with running(read_site) as urls:
        yield urls.staff_url


@pytest.fixture
def stranger(staff_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=staff_url) as client:
        yield client


@pytest.fixture(scope="module")
def mair(staff_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=staff_url) as client:
        sign_in(client, "mair")
        yield client


@pytest.fixture(scope="module")
def ana(staff_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=staff_url) as client:
        sign_in(client, "ana")
        yield client


@pytest.fixture(scope="module")
def rhys(staff_url: str) -> Iterator[httpx.Client]:
    """A reviewer who may see the places in doubt and no whole page."""
    with httpx.Client(base_url=staff_url) as client:
        sign_in(client, "rhys")
        yield client


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
    token = Page(client.get("/sign-in").text).hidden("form_token")
    return client.post("/sign-in", data={"name": name, "password": password, "form_token": token})


def story_doubt(site: Site) -> OpenDoubt:
    [doubt] = [doubt for doubt in open_doubts(site.open_store()) if doubt.question == "story"]
    return doubt


def form_token(client: httpx.Client, path: str = "/") -> str:
    return Page(client.get(path).text).all("input", name="form_token")[0]["value"]


@pytest.mark.skipif(line_reader() is None, reason="the reader of handwriting is not installed")
def test_what_the_computer_read_stands_ready_and_one_key_confirms_it(mair: httpx.Client, read_site: Site) -> None:
    doubt = story_doubt(read_site)
    text = mair.get(f"/doubts/{doubt.doubt}").text
    page = Page(text)
    assert doubt.guess
    assert f">\n{doubt.guess}</textarea>" in text
    assert "The computer read this. Please check it against the picture." in text
    assert [button["class"] for button in page.all("button") if "autofocus" in button] == ["primary"]
    assert not any("autofocus" in box for box in page.all("textarea"))
    assert " ".join(word.text for word in words_read(read_site.open_store(), doubt)) == doubt.guess


def test_signing_in_needs_its_own_page(stranger: httpx.Client) -> None:
    fields = {"name": "mair", "password": PASSWORD, "form_token": "planted"}
    assert stranger.post("/sign-in", data=fields).status_code == 403
    assert stranger.get("/").status_code == 303


def test_a_wrong_password_is_told_kindly(stranger: httpx.Client) -> None:
    response = sign_in(stranger, "mair", "wrong")
    assert response.status_code == 422
    assert "do not belong together" in response.text
    assert Page(response.text).broken() == []
    assert stranger.get("/").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger: httpx.Client) -> None:
    response = sign_in(stranger, "mair")
    [cookie] = [value for value in response.headers.get_list("set-cookie") if value.startswith("pillarbox_staff=")]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_signing_out_ends_the_session(stranger: httpx.Client) -> None:
    sign_in(stranger, "mair")
    cookie = stranger.cookies["pillarbox_staff"]
    stranger.post("/sign-out", data={"form_token": form_token(stranger)})
    stranger.cookies.set("pillarbox_staff", cookie)
    assert stranger.get("/").status_code == 303


def test_the_overview_says_what_came_waits_and_was_set_aside(mair: httpx.Client) -> None:
    page = Page(mair.get("/").text)
    assert page.broken() == []
    assert "on paper" in page.words
    assert "to look at" in page.words
    assert "<b>notes.pdf" in page.words
    assert not page.all("b")
    assert not re.search(r"\d{4}-\d\d-\d\d", page.words), "days are told as people say them"
    assert page.all("a", href="/doubts")


def test_what_waits_in_the_inbox_is_shown_with_what_stands_in_its_way(mair: httpx.Client, read_site: Site) -> None:
    held_up, in_turn = read_site.inbox / "town-hall" / "<i>SCN.pdf", read_site.inbox / "SCN.pdf"
    held_up.parent.mkdir(parents=True, exist_ok=True)
    for path in (held_up, in_turn):
        path.write_bytes(b"a scan")
    leave_note(read_site.inbox, "town-hall/<i>SCN.pdf", Hindrance.DISK_FULL.sentence, NOON)
    page = Page(mair.get("/").text)
    clear_notes(read_site.inbox, [])
    for path in (held_up, in_turn):
        path.unlink()
    assert "Scans that need you" in page.words
    assert "town-hall/<i>SCN.pdf" in page.words
    assert Hindrance.DISK_FULL.sentence in page.words
    assert "1 file waits in the inbox to be read." in page.words
    assert not page.all("i")


def test_what_somebody_has_dealt_with_is_taken_off_the_list_and_stays_on_record(
    mair: httpx.Client, read_site: Site
) -> None:
    page = Page(mair.get("/").text)
    (done,) = (form for form in page.all("form") if form["action"].endswith("/done"))
    token = page.all("input", name="form_token")[0]["value"]
    assert mair.post(done["action"], data={"form_token": token}).headers["location"] == "/#scans"
    assert "<b>notes.pdf" not in Page(mair.get("/").text).words
    db = read_site.open_store()
    rebuild(db)
    (found,) = db.execute("SELECT sha256, status, dealt_with_by FROM files WHERE name = '<b>notes.pdf'")
    assert found[1:] == ("set_aside", "mair")
    assert not deal_with(db, found[0], None, "rhys", NOON)
    assert not deal_with(db, "no such file", 0, "mair", NOON)
    db.close()


def test_a_doubt_shows_the_picture_the_question_and_why(mair: httpx.Client, read_site: Site) -> None:
    doubt = story_doubt(read_site)
    page = Page(mair.get(f"/doubts/{doubt.doubt}").text)
    assert page.broken() == []
    assert "What happened?" in page.words
    assert doubt.sentence in page.words
    [picture] = page.all("img")
    sent = mair.get(picture["src"])
    assert sent.headers["content-type"] == "image/png"
    assert sent.content.startswith(b"\x89PNG")


def test_who_sees_crops_only_is_shown_no_whole_page(mair: httpx.Client, rhys: httpx.Client, read_site: Site) -> None:
    doubt = story_doubt(read_site)
    path = f"/doubts/{doubt.doubt}"
    whole = mair.get(f"{path}/page")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "image/jpeg")
    assert Page(mair.get(path).text).all("a", **{"data-key": "m"})
    assert f"{path}/page" in mair.get(f"{path}?page").text

    assert rhys.get(f"{path}/picture").status_code == 200
    assert rhys.get(f"{path}/page").status_code == 403
    assert rhys.get(f"/pages/{doubt.sha256}/0/picture").status_code == 403
    for address in (path, f"{path}?page"):
        page = Page(rhys.get(address).text)
        assert not page.all("a", **{"data-key": "m"})
        assert [image["src"] for image in page.all("img")] == [f"{path}/picture"]


def test_an_analyst_sees_how_much_came_and_no_paper(ana: httpx.Client) -> None:
    page = Page(ana.get("/").text)
    assert "All answers so far" in page.words
    assert "notes.pdf" not in page.words, "names of scans are for those who work with them"
    assert not page.all("a", **{"class": "primary"})
    assert not page.all("a", href="/doubts")


def test_whoever_may_not_see_what_is_personal_is_not_given_it(staff_url: str, read_site: Site) -> None:
    doubt = story_doubt(read_site)
    with httpx.Client(base_url=staff_url) as nia:
        sign_in(nia, "nia")
        assert nia.get(f"/doubts/{doubt.doubt}").headers["location"] == "/doubts"
        assert nia.get(f"/doubts/{doubt.doubt}/picture").status_code == 403
        sent = nia.post(f"/doubts/{doubt.doubt}", data={"value": "planted", "form_token": form_token(nia)})
        assert sent.status_code == 403
        given = nia.get("/doubts").headers.get("location", "")
        shown = {each.doubt for each in open_doubts(read_site.open_store()) if not each.personal}
        assert given.removeprefix("/doubts/") in shown | {""}
    assert story_doubt(read_site) == doubt


def test_an_answer_that_is_not_allowed_is_refused_and_kept_on_the_page(mair: httpx.Client, read_site: Site) -> None:
    doubt = story_doubt(read_site)
    path = f"/doubts/{doubt.doubt}"
    for value, why in (("x" * 5001, "Use 5000 characters"), ("", "Choose or type an answer first")):
        response = mair.post(path, data={"value": value, "form_token": form_token(mair)})
        assert response.status_code == 422
        assert why in response.text
        assert value in response.text
        assert Page(response.text).broken() == []
    assert story_doubt(read_site) == doubt


def test_skipping_goes_round_and_settles_nothing(mair: httpx.Client, read_site: Site) -> None:
    waiting = [doubt.doubt for doubt in open_doubts(read_site.open_store())]
    here, seen = mair.get("/doubts").headers["location"], []
    for _ in waiting:
        [skip] = Page(mair.get(here).text).all("a", **{"data-key": "s"})
        here = mair.get(skip["href"]).headers["location"]
        seen.append(here.removeprefix("/doubts/"))
    assert sorted(seen) == sorted(waiting)
    assert [doubt.doubt for doubt in open_doubts(read_site.open_store())] == waiting


def test_what_is_typed_is_recorded_with_who_typed_it(mair: httpx.Client, read_site: Site) -> None:
    doubt = story_doubt(read_site)
    path = f"/doubts/{doubt.doubt}"
    response = mair.post(path, data={"value": STORY, "form_token": form_token(mair)})
    assert response.status_code == 303
    db = read_site.open_store()
    assert doubt.doubt not in [waiting.doubt for waiting in open_doubts(db)]
    value = db.execute(
        "SELECT a.value FROM answers a JOIN submissions s ON s.id = a.submission"
        " WHERE s.submission = ? AND a.question = ?",
        [doubt.submission, "story"],
    ).fetchone()
    assert value == (STORY,)
    [body] = db.execute("SELECT body FROM events JOIN event_bodies b ON b.event = id WHERE kind = 'decided'").fetchone()
    assert json.loads(body)["by"] == "mair"
    twice, otherwise = (
        mair.post(path, data={"value": sent, "form_token": form_token(mair)}, follow_redirects=True).text
        for sent in (f" {STORY}", "again")
    )
    assert "quicker" not in twice + otherwise, "it was her own"
    assert "another window" not in twice
    assert f"You said “{STORY}” at " in otherwise
    assert "That stands, and what you have sent now was not kept." in otherwise
    assert db.execute("SELECT value FROM decisions WHERE question = 'story'").fetchall() == [value]


def test_a_copy_that_came_back_twice_is_counted_or_left_out(mair: httpx.Client, read_site: Site) -> None:
    db = read_site.open_store()
    form = load_form(read_site, "every-kind")
    (copy,) = db.execute("SELECT copy FROM submissions WHERE channel = 'paper'").fetchone()
    arrival = Arrival(NOON, "2026-06-15")
    again = record_online(db, OnlineReturn(form, "en", "online", {"visited": "no"}, copy, "a-second-voice", arrival))
    [doubt] = [each for each in open_doubts(db) if each.submission == again.submission]
    page = Page(mair.get(f"/doubts/{doubt.doubt}").text)
    assert page.broken() == []
    assert [found["value"] for found in page.all("input", type="radio")] == ["count", "leave_out"]
    assert not page.all("button", name="missing")
    mair.post(f"/doubts/{doubt.doubt}", data={"value": "leave_out", "form_token": form_token(mair)})
    query = "SELECT status FROM submissions WHERE submission = ?"
    assert db.execute(query, [again.submission]).fetchone() == ("withdrawn",)


@pytest.mark.parametrize(
    ("unsure", "named"), [(("stoop",), ("stoop",)), ((), ()), (tuple("abcdefg"), ())], ids=["one", "none", "most"]
)
def test_words_that_need_a_second_look_are_named_unless_most_do(
    read_site: Site, unsure: tuple[str, ...], named: tuple[str, ...]
) -> None:
    form = load_form(read_site, "every-kind")
    doubt = OpenDoubt("d", "s", form.id, form.version, None, "story", "handwriting", ".", "text", 0.4, None, None, None)
    words = [Word("Ramp", 0.9), Word("too", 0.8), *(Word(text, 0.2) for text in unsure)]
    assert view_doubt(form, doubt, None, words).unsure == named


def test_the_desk_says_what_is_not_read_here(mair: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "line_reader", lambda: None)
    assert "Handwriting is not read on this computer" in mair.get("/").text
    monkeypatch.setattr(overview, "line_reader", lambda: "a reader")
    assert "Handwriting is not read on this computer" not in mair.get("/").text


def test_a_scale_is_asked_by_statement_and_points(read_site: Site) -> None:
    form = load_form(read_site, "every-kind")
    doubt = OpenDoubt(
        "d", "s", form.id, form.version, None, "rating.stock", "two_marks", "Two.", "poor", 0.4, None, None, None
    )
    view = view_doubt(form, doubt, None)
    assert (view.number, view.question, view.statement, view.way) == ("4", "How good were they?", "Our books", "one")
    assert [(answer.label, answer.key, answer.ticked) for answer in view.answers] == [
        ("Good", "1", False),
        ("Poor", "2", False),
    ]
    assert view.guess == "Poor"


def test_ticks_already_read_stay_ticked(read_site: Site) -> None:
    form = load_form(read_site, "every-kind")
    doubt = OpenDoubt(
        "d", "s", form.id, form.version, None, "why", "filled_alone", "Why.", "books;warm", 0.4, None, None, None
    )
    view = view_doubt(form, doubt, None)
    assert view.way == "many"
    assert [answer.value for answer in view.answers if answer.ticked] == ["books", "warm"]
