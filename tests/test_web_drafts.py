"""A form asked one question a page: what is met, kept, shown once more, sent once, come back to, and erased."""

import re
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from test_web_residents import FORM, stored_answers
from webpages import NOON, Clock, Page, make_site

from pipeline.form.code import spoken_copy_code
from pipeline.form.lay_out import lay_out
from pipeline.site import Site, load_form
from pipeline.store.record import register_print
from pipeline.web.drafts import IDLE_HOURS, KEPT_DAYS, PRESSED_TWICE_S, RETURN_LENGTH, Draft, Drafts
from pipeline.web.guard import Fields
from pipeline.web.server import running

RETURN_CODE = re.compile(r"\b(?:[2-9A-Z]{4} ){2}[2-9A-Z]{4}\b")


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("drafts") / "site")


@pytest.fixture(scope="module")
def web(site: Site, clock: Clock) -> Iterator[httpx.Client]:
    with running(site, clock=clock) as urls, httpx.Client(base_url=urls.resident_url) as client:
        yield client


class Somebody:
    """A person who fills in the form: `at` is the address of the page before them."""

    def __init__(self, web: httpx.Client, language: str = "en", form: str = FORM, **start: str) -> None:
        self.web = web
        start_page = Page(web.get(form, params={"lang": language}).text)
        self._show(
            web.post(
                f"{form}/start?lang={language}", data={"submission_key": start_page.hidden("submission_key"), **start}
            )
        )

    def send(self, **fields: object) -> httpx.Response:
        """Fill in the page and press Continue."""
        action = next(found["action"] for found in self.page.all("form", method="post"))
        hidden = {found["name"]: found["value"] for found in self.page.all("input", type="hidden")}
        return self._show(self.web.post(action, data={**hidden, **fields}))

    def go(self, address: str) -> httpx.Response:
        """Open a page."""
        return self._show(self.web.get(address))

    def come_back(self, code: str) -> httpx.Response:
        """Type a code on the first page."""
        return self._show(self.web.post("/code?lang=en", data={"code": code}))

    def carry_on(self) -> httpx.Response:
        """Go on to where the answers were left."""
        return self.go(self.page.all("a", **{"class": "primary"})[0]["href"])

    @property
    def step(self) -> str:
        """The last part of the address: a question's id, `check`, `kept`."""
        return urlsplit(self.at).path.split("/")[-1]

    def _show(self, answer: httpx.Response) -> httpx.Response:
        while answer.status_code == 303:
            answer = self.web.get(answer.headers["location"])
        self.at = str(answer.url.raw_path.decode())
        self.page = Page(answer.text)
        assert self.page.broken() == []
        assert "set-cookie" not in answer.headers
        return answer

    def lines(self) -> list[str]:
        """Where the last page leads to change an answer."""
        links = [urlsplit(found["href"]) for found in self.page.all("a") if "change" in found["href"]]
        return [link.path.split("/")[-1] for link in links]

    def finish(self) -> None:
        """Press Continue until everything is shown once more."""
        while self.step != "check":
            self.send()


def all_on_record(site: Site) -> int:
    return int(site.open_store()["submissions"].count)


def missing(site: Site, receipt: str) -> dict[str, str]:
    query = "SELECT question, missing FROM answers a JOIN submissions s ON s.id = a.submission WHERE receipt = ?"
    return {name: kind for name, kind in site.open_store().execute(query, [receipt]) if kind}


def submission_of(site: Site, receipt: str) -> str:
    query = "SELECT submission FROM submissions WHERE receipt = ?"
    return str(site.open_store().execute(query, [receipt]).fetchone()[0])


def test_each_question_has_a_page_and_the_last_page_shows_all(web: httpx.Client, site: Site) -> None:
    person = Somebody(web)
    assert person.step == "visited"
    assert [found["name"] for found in person.page.all("input", type="radio")] == ["visited"] * 2
    assert "First part" in person.page.words
    assert "Question 1 of 9" in person.page.words
    person.send(visited="yes")
    person.send(why=["books", "other"], **{"why.other": "Chess"})
    person.send(story="Two\nlines")
    person.send(**{"rating.staff": "good"})
    person.send(visits="3")
    person.send(**{"last.day": "9", "last.month": "3", "last.year": "2026"})
    person.send(home="cf101aa")
    person.send(ticket="b27")
    person.send(name="Mair")
    assert person.step == "check"
    for words in ("Books", "Chess", "Our staff:", "Good", "9 March 2026", "CF10 1AA", "Nearly done.", "Not answered"):
        assert words in person.page.words
    person.send()
    assert stored_answers(site, submission_of(site, person.step)) == {
        "visited": "yes", "why": "books;other", "why.other": "Chess", "story": "Two\nlines", "rating.staff": "good",
        "visits": "3", "last": "2026-03-09", "home": "CF10 1AA", "ticket": "B27", "name": "Mair",
    }  # fmt: skip
    assert "15 June 2026, through our website" in person.page.words


def test_what_does_not_apply_is_not_shown_and_recorded_as_not_asked(web: httpx.Client, site: Site) -> None:
    person = Somebody(web)
    person.send(visited="no")
    assert person.step == "rating"
    person.finish()
    assert "why" not in person.lines()
    assert person.go(person.at.replace("check", "ask/why")).url.path.endswith("check")
    person.send()
    held = missing(site, person.step)
    assert (held["why"], held["why.other"], held["story"]) == ("not_asked",) * 3
    assert held["visits"] == "blank"


def test_what_is_asked_no_more_is_not_sent(web: httpx.Client, site: Site) -> None:
    person = Somebody(web)
    person.send(visited="yes")
    person.send(why="books")
    person.send(story="Private words")
    person.finish()
    person.go(change(person, "visited"))
    person.send(visited="no")
    assert person.step == "check"
    assert "Private words" not in person.page.words
    person.send()
    assert stored_answers(site, submission_of(site, person.step)) == {"visited": "no"}
    assert missing(site, person.step)["story"] == "not_asked"


def change(person: Somebody, question: str) -> str:
    return next(found["href"] for found in person.page.all("a") if f"/{question}?lang=en&change" in found["href"])


def test_a_change_leads_to_what_is_asked_besides_and_then_back(web: httpx.Client) -> None:
    person = Somebody(web)
    person.send(visited="no")
    person.finish()
    person.go(change(person, "visited"))
    assert "checked" in person.page.all("input", value="no")[0]
    person.send(visited="yes")
    assert person.step == "why"
    person.send(why="warm")
    assert person.step == "story"
    person.send(story="New")
    assert person.step == "check"
    person.go(change(person, "why"))
    person.send(why="books")
    assert person.step == "check"
    assert "Books" in person.page.words
    assert "A warm place" not in person.page.words


def test_what_is_wrong_is_said_on_the_page_it_is_on(web: httpx.Client) -> None:
    person = Somebody(web)
    answer = person.send()
    assert answer.status_code == 422
    assert person.page.words.lstrip().startswith("Error: ")
    assert person.page.all("a", href="#visited")
    person.send(visited="no")
    person.send()
    person.send(visits="many")
    assert person.step == "visits"
    assert person.page.with_id("visits")["value"] == "many"
    assert "visits-error" in person.page.with_id("visits")["aria-describedby"]


def test_nothing_is_sent_while_something_is_missing(web: httpx.Client, site: Site) -> None:
    person = Somebody(web)
    count = all_on_record(site)
    person.go(person.at.replace("ask/visited", "check"))
    assert person.send().status_code == 422
    assert person.page.all("a", href="#line-visited")
    assert all_on_record(site) == count


def test_a_form_that_needs_no_answer_is_not_sent_without_any(web: httpx.Client, site: Site, clock: Clock) -> None:
    count = all_on_record(site)
    clock.now = datetime(2026, 9, 15, 11, tzinfo=UTC)
    try:
        person = Somebody(web, form="/f/another")
        person.finish()
        assert person.send().status_code == 422
        assert person.page.all("a", href="#line-answers")
        assert "You have not answered anything yet." in person.page.words
        assert all_on_record(site) == count
        person.go(change(person, "happy"))
        person.send(happy="yes")
        person.send()
        assert stored_answers(site, submission_of(site, person.step)) == {"happy": "yes"}
    finally:
        clock.now = NOON


def test_a_form_on_one_page_is_shown_once_more_if_wanted(web: httpx.Client, site: Site) -> None:
    whole = Page(web.get(f"{FORM}/all").text)
    fields = {"visited": "yes", "name": "Non", "submission_key": whole.hidden("submission_key")}
    wrong = web.post(f"{FORM}/check", data={**fields, "visits": "many"})
    assert (wrong.status_code, "Needs an answer" in wrong.text) == (422, True)
    checked = web.post(f"{FORM}/check", data=fields)
    person = Somebody(web)
    person.go(checked.headers["location"])
    assert "Non" in person.page.words
    person.go(change(person, "name"))
    person.send(name="Nan")
    assert person.step == "check"
    person.send()
    assert stored_answers(site, submission_of(site, person.step)) == {"visited": "yes", "name": "Nan"}


def test_pressed_twice_counts_once(web: httpx.Client, site: Site) -> None:
    person = Somebody(web)
    person.send(visited="no")
    person.finish()
    count, check = all_on_record(site), person.page
    action = check.all("form", method="post")[0]["action"]
    key = check.hidden("submission_key")
    first, second = (web.post(action, data={"submission_key": key}) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert all_on_record(site) == count + 1
    assert web.get(action).status_code == 404


def test_the_language_changes_and_what_was_typed_stays(web: httpx.Client, site: Site) -> None:
    person = Somebody(web)
    person.send(visited="no", language="cy")
    assert person.page.all("html", lang="cy")
    assert "checked" in person.page.all("input", value="no")[0]
    person.send(visited="no")
    person.finish()
    assert "Gwiriwch eich atebion" in person.page.words
    person.send()
    query = "SELECT lang FROM submissions WHERE receipt = ?"
    assert site.open_store().execute(query, [person.step]).fetchone() == ("cy",)


def kept(person: Somebody) -> str:
    """Press "Save and come back later"; returns the code to come back by."""
    person.send(keep="yes", name="Half a na")
    assert "We are keeping your answers" in person.page.words
    (code,) = RETURN_CODE.findall(person.page.words)
    return str(code)


def opens(web: httpx.Client, code: str) -> bool:
    """Whether a code opens answers that somebody has begun."""
    answer = web.post("/code", data={"code": code})
    return answer.status_code == 303 and "/draft/" in answer.headers["location"]


def begin(web: httpx.Client, until: str = "name", **start: str) -> Somebody:
    person = Somebody(web, **start)
    person.send(visited="no")
    while person.step != until:
        person.send()
    return person


def test_somebody_saves_and_comes_back(web: httpx.Client) -> None:
    person = begin(web)
    before = person.at
    code = kept(person)
    assert len(code.replace(" ", "")) == RETURN_LENGTH
    assert "until the end of 30 June 2026" in person.page.words, "the form closes then"
    person.come_back(code.lower())
    assert "Carry on with your answers" in person.page.words
    assert "Half a na" not in person.page.words
    person.carry_on()
    assert person.step == "check"
    assert "Half a na" in person.page.words
    assert web.get(before).status_code == 404, "what the history of a shared computer holds leads nowhere"


def test_once_somebody_has_saved_no_address_opens_the_answers(web: httpx.Client) -> None:
    person = begin(web, until="name")
    visited = [person.at, person.at.replace("ask/name", "check"), person.at.replace("ask/name", "back")]
    code = kept(person)
    for address in visited:
        found = web.get(address)
        assert (found.status_code, found.headers["cache-control"]) == (403, "no-store")
        assert Page(found.text).broken() == []
        for secret in ("Half a na", code, code.replace(" ", "")):
            assert secret not in found.text
    refused = web.post(visited[0], data={"name": "Another"})
    assert (refused.status_code, "type the code" in refused.text) == (403, True)
    assert "What you entered just now was not added to them." in refused.text
    for as_saved in ({}, {"name": ""}, {"name": "Half a na"}, {"name": "Half a na", "keep": "yes"}):
        assert "not added" not in web.post(visited[0], data=as_saved).text
    assert "not added" in web.post(visited[0], data={"name": "Another", "keep": "yes"}).text
    assert "not added" not in web.get(visited[0]).text
    for address in ("/code", "/"):
        assert "Carry on" not in web.get(address, params={"code": code}, follow_redirects=True).text
    person.come_back(code)
    person.carry_on()
    assert "Half a na" in person.page.words
    assert "Another" not in person.page.words


def test_who_sends_what_was_saved_in_another_window_is_told_that_nothing_was_sent(
    web: httpx.Client, site: Site, clock: Clock
) -> None:
    person = begin(web)
    person.finish()
    window, count = person.page, all_on_record(site)
    sending, fields = person.at, {"submission_key": window.hidden("submission_key")}
    person.send(keep="yes")
    (code,) = RETURN_CODE.findall(person.page.words)
    try:
        clock.now = NOON + timedelta(seconds=PRESSED_TWICE_S + 1)
        refused = web.post(sending, data=fields)
        saved = web.post(sending, data={**fields, "keep": "yes"})
    finally:
        clock.now = NOON
    assert (refused.status_code, saved.status_code) == (403, 403)
    assert "They have not been sent to us" in refused.text
    assert "not added" not in refused.text
    assert "not been sent" not in saved.text
    assert Page(refused.text).broken() == []
    assert all_on_record(site) == count
    person.come_back(code)
    person.carry_on()
    person.send()
    assert all_on_record(site) == count + 1


def test_whoever_comes_back_and_walks_away_leaves_nothing_open(web: httpx.Client, clock: Clock) -> None:
    person = begin(web)
    code = kept(person)
    person.come_back(code)
    left = person.at
    try:
        clock.now = NOON + timedelta(hours=IDLE_HOURS, minutes=-1)
        assert web.get(left).status_code == 200
        clock.now = NOON + timedelta(hours=IDLE_HOURS, minutes=1)
        assert web.get(left).status_code == 403
        assert opens(web, code)
    finally:
        clock.now = NOON


def test_the_code_is_shown_once_and_to_whoever_pressed_twice(web: httpx.Client, clock: Clock) -> None:
    person = begin(web)
    saving, keep = person.at, {"keep": "yes", "name": "Half a na"}
    code = kept(person)
    try:
        clock.now = NOON + timedelta(seconds=PRESSED_TWICE_S - 1)
        assert code in web.post(saving, data=keep).text
        clock.now = NOON + timedelta(seconds=PRESSED_TWICE_S + 1)
        assert code not in web.post(saving, data=keep).text
    finally:
        clock.now = NOON


def test_the_code_is_shown_to_whoever_presses_twice_at_once(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    person, add = begin(web), Drafts.add

    def add_after_the_other_press(drafts: Drafts, draft: Draft, fields: Fields, now: datetime) -> Draft | None:
        add(drafts, draft, fields, now)
        drafts.keep(draft, now, now + timedelta(days=KEPT_DAYS))
        return add(drafts, draft, fields, now)

    monkeypatch.setattr(Drafts, "add", add_after_the_other_press)
    code = kept(person)
    assert opens(web, code)


def test_whoever_saved_by_mistake_goes_straight_on(web: httpx.Client) -> None:
    person = begin(web)
    code = kept(person)
    person._show(web.post("/code?lang=en", data={"code": code, "carry_on": "yes"}))
    assert person.step == "check"
    assert "Half a na" in person.page.words


def test_a_file_from_before_addresses_were_closed_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "drafts.db") as db:
        db.execute(
            "CREATE TABLE drafts (address TEXT PRIMARY KEY, return_code TEXT NOT NULL UNIQUE, form TEXT NOT NULL,"
            " submission_key TEXT NOT NULL, fields TEXT NOT NULL, kept_on TEXT, erase_at TEXT NOT NULL)"
        )
        end = (NOON + timedelta(hours=1)).isoformat()
        for address, kept_on in (("kept", NOON.isoformat()), ("begun", None)):
            db.execute("INSERT INTO drafts VALUES (?, ?, 'visit', 'key', '{}', ?, ?)", [address, address, kept_on, end])
    db.close()
    drafts = Drafts(tmp_path)
    found = {address: drafts.find("visit", address, NOON) for address in ("kept", "begun")}
    drafts.close()
    assert {address: draft and draft.is_open(NOON) for address, draft in found.items()} == {
        "kept": False, "begun": True,
    }  # fmt: skip


def test_whoever_saves_before_answering_comes_back_to_that_question(web: httpx.Client) -> None:
    person = begin(web, until="visits")
    person.send(keep="yes")
    (code,) = RETURN_CODE.findall(person.page.words)
    person.come_back(code)
    person.carry_on()
    assert person.step == "visits"


def test_the_page_to_print_says_where_to_type_the_code_and_no_link_holds_it(web: httpx.Client) -> None:
    person = begin(web)
    code = kept(person).replace(" ", "")
    assert web.base_url.netloc.decode() in person.page.words
    assert not [found["href"] for found in person.page.all("a") if code in found["href"]]
    first = Page(web.get("/?lang=en").text)
    assert first.all("form", action="/code?lang=en", method="post")


def test_what_is_kept_can_be_erased(web: httpx.Client) -> None:
    person = begin(web)
    code = kept(person)
    person.come_back(code)
    person.send()
    assert "Your answers are erased" in person.page.words
    assert not opens(web, code)


def test_what_is_kept_can_be_erased_at_once(web: httpx.Client) -> None:
    person = begin(web)
    code = kept(person)
    person._show(web.post("/code?lang=en", data={"code": code, "erase": "yes"}))
    assert "Your answers are erased" in person.page.words
    assert not opens(web, code)


def test_a_printed_code_opens_nothing_that_somebody_began(web: httpx.Client, site: Site) -> None:
    form = load_form(site, "every-kind")
    (copy,) = register_print(site.open_store(), form, lay_out(form), 1, NOON)
    person = begin(web, code=spoken_copy_code(copy))
    code = kept(person)
    for address in ("/code", FORM, f"{FORM}/all", f"/arrived/{copy}"):
        page = web.get(address, params={"code": copy}, follow_redirects=True).text
        assert "Half a na" not in page
        assert code not in page
    assert "Nothing has arrived with this code yet." in web.get(f"/arrived/{copy}").text


def test_nobody_comes_back_to_what_nobody_asked_to_keep(web: httpx.Client, site: Site) -> None:
    begin(web)
    drafts = Drafts(site.private)
    begun = drafts.begin("every-kind", "a-key-of-a-draft", {}, NOON)
    drafts.close()
    assert not opens(web, begun.return_code)


def test_what_is_begun_waits_for_a_day(web: httpx.Client, clock: Clock) -> None:
    person = begin(web)
    try:
        clock.now = NOON + timedelta(hours=IDLE_HOURS, minutes=-1)
        assert web.get(person.at).status_code == 200
        clock.now = NOON + timedelta(hours=IDLE_HOURS, minutes=1)
        assert web.get(person.at).status_code == 404
    finally:
        clock.now = NOON


def test_what_is_kept_waits_until_the_form_closes(web: httpx.Client, clock: Clock) -> None:
    code = kept(begin(web))
    try:
        clock.now = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
        assert opens(web, code)
        clock.now += timedelta(minutes=2)
        assert not opens(web, code)
    finally:
        clock.now = NOON


def test_what_is_kept_waits_a_month_at_most(web: httpx.Client, clock: Clock, site: Site) -> None:
    start = datetime(2026, 9, 2, 11, 0, tzinfo=UTC)
    try:
        clock.now = start
        begun = web.post("/f/another/start", data={})
        leave = web.post(begun.headers["location"], data={"keep": "yes"})
        (code,) = RETURN_CODE.findall(Page(leave.text).words)
        clock.now = start + timedelta(days=KEPT_DAYS, minutes=-1)
        with_code = Drafts(site.private)
        assert with_code.find_kept(code.replace(" ", ""), clock.now)
        clock.now = start + timedelta(days=KEPT_DAYS, minutes=1)
        assert with_code.find_kept(code.replace(" ", ""), clock.now) is None
        with_code.close()
    finally:
        clock.now = NOON


def test_what_is_erased_is_gone_from_the_disk(tmp_path_factory: pytest.TempPathFactory) -> None:
    private = tmp_path_factory.mktemp("erased") / "private"
    drafts = Drafts(private)
    sent = drafts.begin("visit", "key-of-the-first", {"story": ("Sent already",)}, NOON)
    drafts.begin("visit", "key-of-another", {"story": ("Left alone",)}, NOON)
    drafts.begin("visit", "key-of-a-third", {"story": ("Still going",)}, NOON + timedelta(hours=2))
    held = lambda: b"".join(path.read_bytes() for path in private.iterdir())  # noqa: E731
    assert b"Left alone" in held()
    drafts.erase(sent)
    drafts.erase_old(NOON + timedelta(hours=IDLE_HOURS, minutes=1))
    found = held()
    drafts.close()
    assert b"Sent already" not in found
    assert b"Left alone" not in found
    assert b"Still going" in found
    assert {stat.S_IMODE(path.stat().st_mode) for path in private.iterdir()} == {0o600}


def test_a_form_that_closes_takes_nothing_more(web: httpx.Client, clock: Clock, site: Site) -> None:
    person = begin(web)
    count = all_on_record(site)
    try:
        clock.now = NOON + timedelta(days=16)
        answer = person.send(name="Late")
        assert (answer.status_code, "It closed on 30 June 2026." in person.page.words) == (410, True)
    finally:
        clock.now = NOON
    assert all_on_record(site) == count


def test_a_question_that_went_while_it_was_answered_ends_nothing(web: httpx.Client, site: Site) -> None:
    person = begin(web, until="visits")
    definition = site.forms / "every-kind.yaml"
    before = definition.read_text(encoding="utf-8")
    try:
        definition.write_text(before.replace("id: visits", "id: times"), encoding="utf-8")
        person.send(visits="3")
        assert person.step == "times"
        assert person.go(person.at.replace("times", "visits")).status_code == 200
    finally:
        definition.write_text(before, encoding="utf-8")


def test_words_from_residents_are_never_markup(web: httpx.Client) -> None:
    evil = '"><b>bold</b>'
    person = begin(web)
    person.send(name=evil)
    assert person.step == "name", "twelve characters are the most"
    assert person.page.with_id("name")["value"] == evil
    person.go(person.at.replace("ask/name", "code"))
    assert person.send(code=evil).status_code == 422
    assert not person.page.all("b")
