"""A definition saved with a slip: residents go on with the form as it was, and the desk is told what to mend."""

import shutil
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from test_web_desk import PASSWORD, sign_in
from test_web_residents import FORM, WHOLE, as_program
from webpages import EVERY_KIND, NOON, Page, make_site

from pipeline.cli.main import main
from pipeline.site import Site
from pipeline.web.accounts import add_user
from pipeline.web.server import Addresses, running

SLIP = EVERY_KIND.replace("    kind: comment", "    kind comment")
LINE = SLIP[: SLIP.index("kind comment")].count("\n") + 1


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path / "site")
    add_user(site.private, "mair", "desk", PASSWORD)
    return site


def save(site: Site, definition: str) -> None:
    (site.forms / "every-kind.yaml").write_text(definition, encoding="utf-8")


def overview(urls: Addresses) -> Page:
    with httpx.Client(base_url=urls.staff_url) as desk:
        sign_in(desk, "mair")
        page = Page(desk.get("/").text)
    assert page.broken() == []
    return page


def test_residents_keep_a_form_that_is_saved_with_a_slip_and_the_desk_is_told(site: Site) -> None:
    with running(site, clock=lambda: NOON) as urls, httpx.Client(base_url=urls.resident_url) as web:
        assert "Forms to mend" not in overview(urls).words
        save(site, SLIP)
        assert "Have you been?" in web.get(WHOLE).text
        assert "Every kind" in web.get("/").text
        assert as_program(web, {"visited": "no"}).status_code == 201
        words = overview(urls).words
        assert f"every-kind.yaml, line {LINE}: " in words
        assert "residents and the desk go on with the form as it was before" in words
        save(site, EVERY_KIND.replace("Have you been?", "Have you ever been?"))
        assert "Have you ever been?" in web.get(WHOLE).text
        assert "Forms to mend" not in overview(urls).words


def test_a_form_that_is_wrong_at_the_start_is_shown_as_it_was_last_put_on_record(site: Site) -> None:
    for text in ("Have you been?", "Have you ever been?"):
        save(site, EVERY_KIND.replace("Have you been?", text))
        with running(site, clock=lambda: NOON) as urls:
            httpx.get(urls.resident_url + FORM)
    save(site, SLIP)
    with running(site, clock=lambda: NOON) as urls:
        assert "Have you ever been?" in httpx.get(urls.resident_url + WHOLE).text


def test_a_form_that_never_was_right_is_told_at_the_desk_alone(site: Site) -> None:
    save(site, SLIP)
    with running(site, clock=lambda: NOON) as urls:
        assert httpx.get(urls.resident_url + FORM).status_code == 404
        assert "nobody can open this form" in overview(urls).words


def test_brackets_without_end_are_told_at_the_desk_as_any_slip_is(site: Site) -> None:
    with running(site, clock=lambda: NOON) as urls:
        assert "Forms to mend" not in overview(urls).words
        save(site, "title: Every kind\nquestions: " + "[" * 5000)
        words = overview(urls).words
        assert "every-kind.yaml, line 2: this lies more than 20 deep" in words
        assert httpx.get(urls.resident_url + FORM).status_code == 200


def test_a_file_that_is_taken_away_takes_the_form_away(site: Site) -> None:
    with running(site, clock=lambda: NOON) as urls:
        assert httpx.get(urls.resident_url + FORM).status_code == 200
        (site.forms / "every-kind.yaml").unlink()
        assert httpx.get(urls.resident_url + FORM).status_code == 404
        assert "Forms to mend" not in overview(urls).words


def test_files_that_broke_a_reader_are_told_one_by_one_and_take_nothing_from_anybody(
    site: Site, shared_data: Path
) -> None:
    broken = [path for path in sorted((shared_data / "broken").rglob("*")) if path.is_file()]
    with running(site, clock=lambda: NOON) as urls, httpx.Client(base_url=urls.resident_url) as web:
        for number, path in enumerate(broken):
            shutil.copyfile(path, site.forms / f"broken-{number}.yaml")
        words = overview(urls).words
        assert all(f"broken-{number}.yaml, line " in words for number in range(len(broken)))
        assert web.get("/").status_code == 200
        assert as_program(web, {"visited": "no"}).status_code == 201
    checked = CliRunner().invoke(main, ["--site", str(site.root), "check"])
    assert checked.exit_code == 1
    assert "every-kind: all is well." in checked.stdout
    assert all(f"broken-{number}.yaml, line " in checked.stdout for number in range(len(broken)))


def test_of_many_mistakes_in_one_file_the_first_are_told(site: Site) -> None:
    save(site, EVERY_KIND.replace("    text:", "    words:"))
    with running(site, clock=lambda: NOON) as urls:
        words = overview(urls).words
    assert words.count("every-kind.yaml, line ") == 5
    assert "more mistakes" in words
