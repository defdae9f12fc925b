"""Residents on the web: the form shows what the definition says, and takes what the rules allow, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from webpages import NOON, Clock, Page, make_site

from pipeline.form.code import copy_code, spoken_copy_code
from pipeline.form.lay_out import lay_out
from pipeline.site import Site, load_form
from pipeline.store.record import register_print
from pipeline.web.guard import LARGEST_BODY, MOST_FIELDS
from pipeline.web.server import running

FORM = "/f/every-kind"
WHOLE = "/f/every-kind/all"
GOOD = {
    "visited": "yes",
    "why": ["warm", "books"],
    "rating.staff": "good",
    "visits": "3",
    "last.day": "9",
    "last.month": "3",
    "last.year": "2026",
    "home": "cf101aa",
    "ticket": "b27",
    "name": "Mair",
    "story": "Two\nlines",
}
STORED = {
    "visited": "yes",
    "why": "books;warm",
    "rating.staff": "good",
    "visits": "3",
    "last": "2026-03-09",
    "home": "CF10 1AA",
    "ticket": "B27",
    "name": "Mair",
    "story": "Two\nlines",
}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site") / "site")


@pytest.fixture(scope="module")
def web(site: Site, clock: Clock) -> Iterator[httpx.Client]:
    with running(site, clock=clock) as urls, httpx.Client(base_url=urls.resident_url) as client:
        yield client


@pytest.fixture(scope="module")
def codes(site: Site) -> dict[str, str]:
    """A printed copy of each form."""
    db = site.open_store()
    forms = {name: load_form(site, name) for name in ("every-kind", "another")}
    return {name: register_print(db, form, lay_out(form), 1, NOON)[0] for name, form in forms.items()}


def as_program(web: httpx.Client, fields: dict[str, object], form: str = FORM) -> httpx.Response:
    return web.post(form, data=fields, headers={"accept": "application/json"})


def stored_answers(site: Site, submission: str) -> dict[str, str]:
    query = (
        "SELECT question, value FROM answers a JOIN submissions s ON s.id = a.submission"
        " WHERE s.submission = ? AND value IS NOT NULL"
    )
    return dict(site.open_store().execute(query, [submission]).fetchall())


def errors_in(response: httpx.Response) -> dict[str, str]:
    return {error["question"]: error["message"] for error in response.json()["errors"]}


def test_the_first_page_lists_what_is_open(web: httpx.Client) -> None:
    page = Page(web.get("/").text)
    assert page.all("a", href="/f/every-kind?lang=en")
    assert "Another form" not in page.words
    assert "Open until 30 June 2026." in page.words
    assert page.broken() == []


@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_form_shows_every_question_in_its_language(web: httpx.Client, language: str) -> None:
    page = Page(web.get(WHOLE, params={"lang": language}).text)
    assert page.broken() == []
    assert page.all("html", lang=language, dir="ltr")
    for words in {"en": ("First part", "A warm place", "Our books", "Nearly done."), "cy": ("Rhan gyntaf", "Gwael")}[
        language
    ]:
        assert words in page.words
    assert len(page.all("input", type="radio")) == 2 + 2 * 2
    assert len(page.all("input", type="checkbox")) == 3
    assert {found["name"] for found in page.all("input", inputmode="numeric")} == {
        "visits", "last.day", "last.month", "last.year",
    }  # fmt: skip
    assert len(page.all("textarea")) == 1
    assert len(page.all("button", **{"class": "primary"})) == 1


def test_a_question_that_is_not_for_everybody_says_for_whom(web: httpx.Client) -> None:
    page = Page(web.get(WHOLE).text)
    assert page.words.count("Only if you ticked ‘Yes’ at question 1") == 2


def test_a_question_that_is_not_asked_is_hidden_without_a_script(web: httpx.Client) -> None:
    sheet = web.get(f"{FORM}/routing.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "#ask-why:not(.wrong) { display: none }" in sheet.text
    assert '[name="visited"][value="yes"]:checked' in sheet.text


def test_answers_are_stored_as_the_rules_say(web: httpx.Client, site: Site) -> None:
    response = as_program(web, GOOD)
    assert response.status_code == 201
    assert stored_answers(site, response.json()["submission"]) == STORED


def test_a_date_may_come_in_one_field(web: httpx.Client, site: Site) -> None:
    response = as_program(web, {"visited": "no", "last": "2026-03-09"})
    assert stored_answers(site, response.json()["submission"]) == {"visited": "no", "last": "2026-03-09"}


def test_a_program_says_which_language_it_asked_in(web: httpx.Client, site: Site) -> None:
    submission = as_program(web, {**GOOD, "lang": "cy"}).json()["submission"]
    query = "SELECT lang FROM submissions WHERE submission = ?"
    assert site.open_store().execute(query, [submission]).fetchone() == ("cy",)
    assert "Ysgrifennwch" in errors_in(as_program(web, {**GOOD, "lang": "cy", "visits": "many"}))["visits"]


def test_a_browser_is_led_to_a_receipt_that_shows_no_answers(web: httpx.Client) -> None:
    sent = web.post(f"{FORM}?lang=cy", data={**GOOD, "submission_key": str(uuid4())})
    assert sent.status_code == 303
    page = Page(web.get(sent.headers["location"]).text)
    receipt = sent.headers["location"].split("/")[-1].split("?")[0]
    assert f"{receipt[:5]} {receipt[5:]}" in page.words
    assert "15 Mehefin 2026" in page.words
    assert "Rydym yn darllen pob ateb." in page.words
    assert not any(word in page.words for word in ("Mair", "CF10", "Llyfrau"))


def test_a_receipt_nobody_was_given_shows_nothing(web: httpx.Client) -> None:
    assert web.get(f"{FORM}/received/2222222222").status_code == 404


def test_the_same_page_sent_twice_counts_once(web: httpx.Client, site: Site) -> None:
    page = Page(web.get(FORM).text)
    fields = {**GOOD, "submission_key": page.hidden("submission_key")}
    count = site.open_store()["submissions"].count
    first, second = web.post(FORM, data=fields), web.post(FORM, data=fields)
    assert site.open_store()["submissions"].count == count + 1
    assert second.headers["location"] == f"{first.headers['location']}&again"
    assert "count once" in web.get(second.headers["location"]).text


def test_errors_are_beside_the_question_and_listed_at_the_top(web: httpx.Client) -> None:
    wrong = {"visits": "many", "last.day": "31", "last.month": "2", "last.year": "2026", "home": "nowhere"}
    response = web.post(FORM, data={**wrong, "why.other": "chess", "submission_key": "kept-as-it-was"})
    page = Page(response.text)
    assert response.status_code == 422
    assert page.words.lstrip().startswith("Error: ")
    assert page.broken() == []
    assert [found["href"] for found in page.all("a") if found["href"].startswith("#")][1:] == [
        "#visited", "#why-other", "#visits", "#last", "#home",
    ]  # fmt: skip
    assert "visits-error" in page.with_id("visits")["aria-describedby"]
    assert page.with_id("visits")["value"] == "many"
    assert page.with_id("last-month")["value"] == "2"
    assert page.hidden("submission_key") == "kept-as-it-was"


def test_a_program_is_told_every_error(web: httpx.Client) -> None:
    response = as_program(web, {"visited": "perhaps", "visits": "99", "ticket": "2B", "colour": "red"})
    assert response.status_code == 422
    assert set(errors_in(response)) == {"visited", "visits", "ticket", "colour"}
    assert errors_in(response)["visits"] == "Write a number from 0 to 31."


def test_errors_are_in_the_language_of_the_page(web: httpx.Client) -> None:
    response = web.post(f"{FORM}?lang=cy", data={}, headers={"accept": "application/json"})
    assert errors_in(response) == {"visited": "Ticiwch un ateb."}


def test_two_answers_to_a_question_with_one_are_refused(web: httpx.Client) -> None:
    assert set(errors_in(as_program(web, {"visited": ["yes", "no"]}))) == {"visited"}


def test_ticks_that_routing_passes_over_are_left_out(web: httpx.Client, site: Site) -> None:
    response = as_program(web, {"visited": "no", "why": "books"})
    assert stored_answers(site, response.json()["submission"]) == {"visited": "no"}


def test_words_that_routing_passes_over_are_asked_about(web: httpx.Client) -> None:
    response = as_program(web, {"visited": "no", "story": "It was shut"})
    assert "Yes" in errors_in(response)["story"]


def test_switching_language_keeps_what_was_typed(web: httpx.Client, site: Site) -> None:
    count = site.open_store()["submissions"].count
    page = Page(web.post(f"{FORM}?lang=cy", data={**GOOD, "language": "cy"}).text)
    assert page.all("html", lang="cy")
    assert page.with_id("name")["value"] == "Mair"
    assert "checked" in page.all("input", name="why", value="warm")[0]
    assert page.all("form", action="/f/every-kind?lang=cy")
    assert site.open_store()["submissions"].count == count


def test_a_printed_code_is_recorded_with_the_answers(web: httpx.Client, site: Site, codes: dict[str, str]) -> None:
    code = codes["every-kind"]
    page = Page(web.get(FORM, params={"code": code}).text)
    assert page.with_id("code")["value"] == code
    response = as_program(web, {**GOOD, "code": f" {spoken_copy_code(code).lower()} "})
    query = "SELECT copy FROM submissions WHERE submission = ?"
    assert site.open_store().execute(query, [response.json()["submission"]]).fetchone() == (code,)


def test_a_printed_code_shows_nobodys_answers(web: httpx.Client, codes: dict[str, str]) -> None:
    code = codes["every-kind"]
    before = web.get(FORM, params={"code": code}).text
    as_program(web, {**GOOD, "code": code, "name": "Blodeuwedd"})
    after = web.get(FORM, params={"code": code}).text
    key = Page(before).hidden("submission_key"), Page(after).hidden("submission_key")
    assert before.replace(key[0], "") == after.replace(key[1], "")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("7Q2M", "Check this code"),
        (copy_code(5), "We do not know this code"),
        ("another", "This code is from another form, ‘Another form’"),
    ],
)
def test_a_code_that_cannot_be_used_is_explained(
    web: httpx.Client, codes: dict[str, str], typed: str, words: str
) -> None:
    code = codes.get(typed, typed)
    assert words in web.get(FORM, params={"code": code}).text
    assert errors_in(as_program(web, {"visited": "no", "code": code}))["code"].startswith(words)


def test_the_code_on_paper_leads_to_its_form(web: httpx.Client, site: Site) -> None:
    form = load_form(site, "every-kind")
    (code,) = register_print(site.open_store(), form, lay_out(form), 1, NOON)
    found = web.get("/code", params={"code": spoken_copy_code(code)})
    assert (found.status_code, found.headers["location"]) == (303, f"{FORM}?lang=en&code={code}")
    for typed in ("", "7Q2M", copy_code(5), "2" * 10, "2" * 12):
        refused = web.get("/code", params={"code": typed})
        assert refused.status_code == 422
        assert Page(refused.text).broken() == []


def test_a_code_that_is_none_comes_back_as_it_was_typed_with_what_a_code_looks_like(web: httpx.Client) -> None:
    for typed in ("7q 2m", "2" * 9, "2" * 11, "<b>🙂</b>"):
        page = Page(web.post("/code?lang=en", data={"code": typed}).text)
        assert "eight letters and figures on paper, ten on a receipt, and twelve" in page.words
        assert page.with_id("code")["value"] == typed


def test_a_form_is_open_until_the_end_of_its_last_day(web: httpx.Client, clock: Clock) -> None:
    try:
        clock.now = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
        assert as_program(web, GOOD).status_code == 201
        clock.now += timedelta(minutes=2)
        assert "It closed on 30 June 2026." in web.get(FORM).text
        assert as_program(web, GOOD).status_code == 410
    finally:
        clock.now = NOON


def test_a_form_that_is_not_open_yet_says_when(web: httpx.Client) -> None:
    response = web.get("/f/another")
    assert response.status_code == 403
    assert "It opens on 1 September 2026." in response.text


@pytest.mark.parametrize("path", ["/f/none", "/nothing", "/f/every-kind/received/x", "/static/../residents.py"])
def test_what_is_not_there_is_said_in_words(web: httpx.Client, path: str) -> None:
    response = web.get(path)
    assert response.status_code == 404
    assert "There is no page at this address" in response.text


def test_words_from_residents_are_never_markup(web: httpx.Client) -> None:
    evil = '"><script>alert(1)</script>'
    response = web.post(
        FORM, data={"name": evil, "story": evil, "code": evil, "why": evil, "language": "en", evil: evil}
    )
    assert "<script>" not in response.text
    assert Page(response.text).with_id("name")["value"] == evil
    assert "<script>" not in web.post(FORM, data={"name": evil, evil: evil}).text


def test_every_answer_carries_strict_headers(web: httpx.Client) -> None:
    for path in ("/", FORM, "/f/none", "/static/pillarbox.css", f"{FORM}/routing.css"):
        headers = web.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in headers
    assert web.get(FORM).headers["cache-control"] == "no-store"


def test_what_is_too_large_is_refused(web: httpx.Client) -> None:
    assert as_program(web, {"story": "x" * LARGEST_BODY}).status_code == 413
    unannounced = (b"x" * 1024 for _ in range(LARGEST_BODY // 1024 + 1))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert web.post(FORM, content=unannounced, headers=kind).status_code == 413
    assert as_program(web, {"why": ["books"] * (MOST_FIELDS + 1)}).status_code == 400
    assert web.post(FORM, files={"story": b"a file"}).status_code == 400
    assert errors_in(as_program(web, {"visited": "no", "name": "x" * 13}))["name"].startswith("Use 12 characters")


def test_a_first_visit_is_light(web: httpx.Client) -> None:
    page = web.get(WHOLE, params={"lang": "cy"}, headers={"accept-encoding": "gzip"})
    fonts = Path(__file__).parent.parent / "pipeline/web/static/fonts"
    sheets = [found["href"] for found in Page(page.text).all("link", rel="stylesheet")]
    sent = [int(page.headers["content-length"])]
    sent += [len(web.get(sheet).content) for sheet in sheets]
    sent += [path.stat().st_size for path in fonts.glob("atkinson-*.woff2")]
    assert sum(sent) < 100_000


def test_nothing_is_fetched_from_elsewhere(web: httpx.Client) -> None:
    for found in (attributes for _, attributes in Page(web.get(WHOLE).text).elements):
        assert not any("//" in found.get(key, "") for key in ("href", "src", "action"))
    assert "//" not in web.get("/static/pillarbox.css").text.replace("https://", "")


def test_a_form_changed_on_disk_is_served_as_it_is_now(web: httpx.Client, site: Site) -> None:
    path = site.forms / "every-kind.yaml"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before.replace("Have you been?", "Have you ever been?"), encoding="utf-8")
        assert "Have you ever been?" in web.get(WHOLE).text
    finally:
        path.write_text(before, encoding="utf-8")


def test_every_version_that_a_page_names_is_on_record(web: httpx.Client, site: Site) -> None:
    path = site.forms / "every-kind.yaml"
    before = path.read_text(encoding="utf-8")
    try:
        for number, ways in enumerate(({"language": "cy"}, {"visits": "many"}), 1):
            path.write_text(before.replace("Have you been?", f"Have you been {number} times?"), encoding="utf-8")
            shown = Page(web.post(FORM, data={**GOOD, **ways, "submission_key": str(uuid4())}).text)
            path.write_text(before, encoding="utf-8")
            late = as_program(web, {**GOOD, "version": shown.hidden("version")})
            assert late.status_code == 201, "filled in as it was shown, and sent once the form had changed again"
    finally:
        path.write_text(before, encoding="utf-8")


def test_many_at_once_are_all_kept(web: httpx.Client, site: Site) -> None:
    count = site.open_store()["submissions"].count
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda number: as_program(web, {**GOOD, "name": f"N{number}"}), range(40)))
    assert [response.status_code for response in sent] == [201] * 40
    assert len({response.json()["receipt"] for response in sent}) == 40
    assert site.open_store()["submissions"].count == count + 40


@pytest.fixture
def in_september(clock: Clock) -> Iterator[None]:
    """When the form is open that needs no answer."""
    clock.now = datetime(2026, 9, 15, 11, tzinfo=UTC)
    yield
    clock.now = NOON


NOTHING = "You have not answered anything yet."


@pytest.mark.usefixtures("in_september")
@pytest.mark.parametrize("address", ["/f/another", "/f/another/check"])
def test_a_form_that_needs_no_answer_is_not_taken_without_any(
    web: httpx.Client, site: Site, codes: dict[str, str], address: str
) -> None:
    count = site.open_store()["submissions"].count
    for nothing in ({}, {"change": " \n "}, {"code": codes["another"]}):
        refused = web.post(address, data=nothing)
        page = Page(refused.text)
        assert (refused.status_code, page.broken()) == (422, [])
        assert page.all("a", href="#answers")
        assert NOTHING in page.words
        assert "aria-invalid" not in refused.text, "no question is wrong by itself"
        assert errors_in(as_program(web, nothing, form=address))["answers"].startswith(NOTHING)
    assert site.open_store()["submissions"].count == count
    assert web.post(address, data={"happy": "no"}).status_code == 303


def test_where_an_answer_is_needed_that_is_what_is_said(web: httpx.Client) -> None:
    assert list(errors_in(as_program(web, {}))) == ["visited"]
