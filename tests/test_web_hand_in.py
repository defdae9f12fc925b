"""Scans handed in at the desk: read like those of the scanner, whatever their names, and said where they cannot be."""

from pathlib import Path

import pytest
from accessible import assert_accessible
from browser import Served, Visit, copy_of, press, serving, sign_in, tab_to
from counter import HOSTILE, Counter, a_scan, token_of
from rich.progress import Progress
from webpages import Page

from pipeline.hot_folder import ingest_inbox
from pipeline.inbox.hand_in import hand_in
from pipeline.inbox.names import is_ignored
from pipeline.web.guard import LARGEST_BODY
from pipeline.web.hand_in_desk import MOST_FILES


def test_files_handed_in_are_read_like_the_scanners_and_the_page_says_so(counter: Counter) -> None:
    _, scan = a_scan(counter.site, {"visited": "no"})
    files = [("scans", ("SCN_0001.pdf", scan)), ("scans", ("SCN_0001.pdf", b"not a scan at all"))]
    answer = counter.mair.post("/hand-in", data={"form_token": token_of(counter.mair)}, files=files)
    assert answer.status_code == 303
    here = answer.headers["location"]
    assert counter.mair.get(here).text.count("Waits for its turn.") == 2
    ingest_inbox(counter.site, 0, Progress(disable=True))
    page = Page(counter.mair.get(here).text)
    assert "read" in page.words
    assert "Waits for its turn." not in page.words
    assert page.with_id("handed-in")["data-going-on"] == "no"
    assert counter.site.open_store().execute("SELECT COUNT(*) FROM submissions").fetchone() == (1,)


def test_a_hostile_name_is_made_harmless(counter: Counter) -> None:
    answer = counter.mair.post(
        "/hand-in", data={"form_token": token_of(counter.mair)}, files=[("scans", (HOSTILE, b"%PDF-1.4 x"))]
    )
    assert "<script>" not in counter.mair.get(answer.headers["location"]).text
    [file] = [path for path in counter.site.inbox.iterdir() if not path.name.startswith(".")]
    assert file.read_bytes() == b"%PDF-1.4 x"
    assert set(file.name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_files_that_broke_a_reader_are_taken_and_every_page_about_them_is_shown(
    counter: Counter, shared_data: Path
) -> None:
    broken = [path for path in sorted((shared_data / "broken").rglob("*")) if path.is_file()]
    here = []
    for first in range(0, len(broken), MOST_FILES):
        files = [("scans", (path.name, path.read_bytes())) for path in broken[first : first + MOST_FILES]]
        answer = counter.mair.post("/hand-in", data={"form_token": token_of(counter.mair)}, files=files)
        assert answer.status_code == 303
        here.append(answer.headers["location"])
    ingest_inbox(counter.site, 0, Progress(disable=True))
    seen, to_see = set[str](), ["/", *here]
    while to_see:
        address = to_see.pop()
        shown = counter.mair.get(address)
        assert shown.status_code < 400, address
        seen.add(address)
        if shown.headers["content-type"].startswith("text/html"):
            page = Page(shown.text)
            assert page.broken() == []
            assert "Waits for its turn." not in page.words
            to_see += {found["src"] for found in page.all("img")} - seen
    assert any(address.endswith("/picture") for address in seen)


@pytest.mark.parametrize(
    "name", ["", ".hidden", "~$draft.pdf", "Thumbs.db", "scan.part", "a" * 400 + ".pdf", "..", "ŵ.pdf"]
)
def test_whatever_its_name_a_file_is_one_the_inbox_takes(tmp_path: Path, name: str) -> None:
    first, second = (hand_in(tmp_path, name, [b"one ", b"two"]) for _ in range(2))
    assert first.name != second.name
    assert (tmp_path / first.name).read_bytes() == b"one two"
    assert not is_ignored(first.name)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((first.name, second.name))


def test_a_disk_that_is_full_is_said_and_leaves_nothing_half_written(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.inbox.hand_in.write_through", full)
    answer = counter.mair.post(
        "/hand-in", data={"form_token": token_of(counter.mair)}, files=[("scans", ("a.pdf", b"%PDF"))]
    )
    assert answer.status_code == 422
    assert "could not be taken" in answer.text
    assert list(counter.site.inbox.iterdir()) == []


def test_nothing_chosen_is_said(counter: Counter) -> None:
    answer = counter.mair.post(
        "/hand-in", data={"form_token": token_of(counter.mair)}, files=[("other", ("a.pdf", b"x"))]
    )
    assert answer.status_code == 422
    assert "Choose one file or more first." in answer.text


def test_only_scans_may_be_larger_than_a_form(counter: Counter) -> None:
    too_large = {"form_token": token_of(counter.mair), "x": "x" * LARGEST_BODY}
    assert counter.mair.post("/undo", data=too_large).status_code == 413


def test_whoever_hands_in_scans_after_the_session_has_ended_is_told(counter: Counter) -> None:
    token = token_of(counter.mair)
    counter.mair.cookies.clear()
    answer = counter.mair.post("/hand-in", data={"form_token": token}, files=[("scans", ("a.pdf", b"%PDF"))])
    assert (answer.status_code, "You are signed out" in answer.text) == (403, True)
    assert "This was not taken" in answer.text


def test_the_page_is_accessible(served: Served, visit: Visit) -> None:
    page = visit()
    sign_in(page, served.staff_url)
    page.goto(f"{served.staff_url}/hand-in")
    assert_accessible(page)


@pytest.mark.parametrize("script", [True, False])
def test_scans_are_handed_in_and_read_with_and_without_javascript(
    scanned_folder: Path, visit: Visit, tmp_path: Path, script: bool
) -> None:
    site = copy_of(scanned_folder, tmp_path / "site")
    (site.root / "site.yaml").write_text("settle_seconds: 0.2\n", encoding="utf-8")
    _, scan = a_scan(site, {"visited": "yes"})
    (tmp_path / "stack.pdf").write_bytes(scan)
    with serving(site) as urls:
        page = visit(java_script_enabled=script)
        sign_in(page, urls.staff_url)
        page.goto(f"{urls.staff_url}/hand-in")
        page.locator("#scans").set_input_files(tmp_path / "stack.pdf")
        page.locator("#scans").focus()
        tab_to(page, "#hand-in button")
        press(page, "Enter")
        for _ in range(60):
            if page.locator("[data-going-on=no] .state").count():
                break
            page.wait_for_timeout(500)
            if not script:
                page.reload()
        assert "read" in page.inner_text("#handed-in")
        if script:
            assert_accessible(page)
