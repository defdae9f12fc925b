"""How a page was scanned is measured, kept with it, and told in words; what was not read is shown with its reason."""

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from drawn_pages import FORMS, PX_PER_MM, printed, registered, scanned
from rich.progress import Progress
from webpages import Page

from pipeline.cli.main import main
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.printing import print_copies
from pipeline.intake import ingest_files
from pipeline.page.advice import HARMLESS, SENTENCES, Advice, Hint, advise
from pipeline.page.measured import PageQuality
from pipeline.page.picture import SMALL_SIDE_PX, PageImage
from pipeline.page.streaks import without_streaks
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.scanner import Scanner, as_jpeg, as_pdf, scan
from pipeline.site import Site, load_form, open_site
from pipeline.store.projection import rebuild
from pipeline.store.record import register_print
from pipeline.web.accounts import add_user
from pipeline.web.overview import overview
from pipeline.web.server import running

GOOD = PageQuality(300.0, 100.0, 0.4, 0, False, 0.96, 4, 2)


def streaked(image: PageImage, column: int) -> PageImage:
    grey = image.grey.copy()
    grey[:, column : column + 2] = grey[:, column : column + 2] // 2
    return replace(image, grey=grey)


def hints(quality: PageQuality) -> list[Hint]:
    return [each.hint for each in advise(quality)]


@pytest.mark.parametrize(
    ("scanner", "where"),
    [
        (Scanner(), lambda column: (column + 0.5) / PX_PER_MM),
        (Scanner(upside_down=True), lambda column: 210 - (column + 0.5) / PX_PER_MM),
        (Scanner(quarters=1), lambda column: 297 - (column + 0.5) / PX_PER_MM),
        (Scanner(quarters=3), lambda column: (column + 0.5) / PX_PER_MM),
        (Scanner(scale=0.95), lambda column: 105 + ((column + 0.5) / PX_PER_MM - 105) / 0.95),
    ],
    ids=["upright", "upside down", "on its right side", "on its left side", "shrunk"],
)
def test_a_streak_is_told_in_mm_on_the_page_as_one_reads_it(scanner: Scanner, where) -> None:  # type: ignore[no-untyped-def]
    copy = printed()
    image = streaked(scanned(copy.pages[0], scanner), 1340)
    page = registered(copy, without_streaks(image))
    assert page.quality.streaks_mm == (pytest.approx(where(1340.5), abs=0.4),)
    [streak] = [each for each in advise(page.quality) if "glass" in each.sentence]
    assert f"{round(page.quality.streaks_mm[0])} mm from the" in streak.sentence
    assert not streak.harmless


def test_streaks_in_black_and_white_are_told_and_left() -> None:
    copy = printed()
    image = streaked(scanned(copy.pages[0], Scanner(bitonal=160)), 900)
    image = replace(image, grey=np.where(image.grey > 160, np.uint8(255), np.uint8(0)))
    image.grey[:, 900:902] = 0
    noted = without_streaks(image)
    assert noted.streaks == (900.5,)
    assert noted.grey is image.grey


@pytest.mark.parametrize(
    ("quality", "expected"),
    [
        (GOOD, []),
        (replace(GOOD, bitonal=True), [Hint.BITONAL]),
        (replace(GOOD, dpi=141.0, scale_percent=94.0), [Hint.COARSE, Hint.SHRUNK]),
        (replace(GOOD, dpi=188.0, scale_percent=94.0), [Hint.SHRUNK]),
        (replace(GOOD, dpi=600.0), [Hint.NEEDLESSLY_FINE]),
        (replace(GOOD, scale_percent=106.0), [Hint.ENLARGED]),
        (replace(GOOD, scale_percent=71.0), [Hint.SMALL]),
        (replace(GOOD, scale_percent=141.0), [Hint.LARGE]),
        (replace(GOOD, scale_percent=None), []),
        (replace(GOOD, skew_degrees=-4.2), [Hint.ASKEW]),
        (replace(GOOD, codes=0), [Hint.BY_SERIAL]),
        (replace(GOOD, codes=None, corner_marks=0), []),
        (replace(GOOD, streaks_mm=(12.3, 83.4)), [Hint.STREAK, Hint.STREAK]),
    ],
)
def test_advice_follows_from_what_was_measured(quality: PageQuality, expected: list[Hint]) -> None:
    assert hints(quality) == expected


def test_advice_is_told_in_plain_words() -> None:
    assert set(SENTENCES) == set(Hint)
    assert advise(replace(GOOD, streaks_mm=(83.4,)))[0].sentence == (
        "Clean the scanner's glass: there is a line 83 mm from the left edge."
    )
    assert advise(replace(GOOD, dpi=150.0))[0].sentence == "Set the scanner to 300 dots per inch; this was 150."
    for hint, sentence in SENTENCES.items():
        assert sentence.endswith(".")
        assert not {"bitonal", "skew", "dpi", "threshold"} & set(
            re.findall(r"\w+", re.sub(r"{.*?}", "", sentence.lower()))
        )
        assert Advice(hint, sentence).harmless == (hint in HARMLESS)


def test_every_hint_is_documented_in_the_words_staff_read() -> None:
    page = (FORMS.parent / "docs" / "when-something-is-not-read.md").read_text(encoding="utf-8")
    blanks = dict.fromkeys(("dpi", "mm", "degrees", "percent"), "…")
    for hint, sentence in SENTENCES.items():
        assert f"| `{hint}` | {sentence.format(**blanks)} |" in page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site and a stack for it: a page with a streak, one without its codes and serial, one of somebody else."""
    root = tmp_path_factory.mktemp("quality") / "site"
    shutil.copytree(FORMS, root / "forms")
    (root / "scanner_inbox").mkdir()
    site = open_site(root)
    form = load_form(site, "front-desk")
    layout = lay_out(form)
    codes = register_print(site.open_store(), form, layout, 2, datetime.now(UTC))
    first, second = list(printed_pages(print_copies(layout, codes, "one"), 200))[:: len(layout.pages)][:2]
    rng = np.random.default_rng(3)
    good = scan(first, 200 / 25.4, Scanner(dpi=200), rng)
    good[:, 700:702] //= 2
    spoilt_page = scan(_blotted(second, layout), 200 / 25.4, Scanner(dpi=200), rng)
    (root / "stack.pdf").write_bytes(as_pdf([good, spoilt_page, _letter()], 200))
    (root / "small.jpg").write_bytes(as_jpeg(_letter()[:600], 200))
    return site


def _blotted(page: Grey, layout: Layout) -> Grey:
    for code in layout.pages[0].codes:
        if code.kind != "aruco":
            left, top, right, bottom = (
                round(side * 200 / 25.4) for side in (code.box.x, code.box.y, code.box.right, code.box.bottom)
            )
            page = page.copy()
            page[top + 20 : bottom - 20 if code.kind == "qr" else bottom, left:right] = 30
            page[top:bottom, left:right] = 30 if code.kind == "serial" else page[top:bottom, left:right]
    return page


def _letter() -> Grey:
    page = np.full((2339, 1654), 250, np.uint8)
    for line in range(14):
        cv2.putText(page, "Dear Sir or Madam, about my bins", (150, 300 + 90 * line), 0, 1.6, 20, 3)
    return page


def test_ingest_tells_of_every_page_how_it_was_scanned_and_shows_what_was_not_read(site: Site) -> None:
    files = [str(site.root / name) for name in ("stack.pdf", "small.jpg")]
    told = json.loads(CliRunner().invoke(main, ["--site", str(site.root), "ingest", *files, "--json"]).stdout)
    read, refused, foreign = told["files"][0]["pages"]
    assert [page["status"] for page in (read, refused, foreign)] == ["read", "refused", "foreign"]
    assert read["picture"] is None
    assert read["advice"] == ["Clean the scanner's glass: there is a line 89 mm from the left edge."]
    for page in (refused, foreign):
        shown = cv2.imread(page["picture"], cv2.IMREAD_GRAYSCALE)
        assert shown is not None
        assert max(shown.shape) == SMALL_SIDE_PX
        assert Path(page["picture"]).stat().st_size < 200_000
    assert "both square codes are spoilt" in refused["reason"]
    text = CliRunner().invoke(main, ["--site", str(site.root), "ingest", files[0]]).stdout
    assert "1 page: Clean the scanner's glass" in text


def test_the_desk_shows_refused_pages_apart_from_foreign_ones_and_says_what_to_put_right(site: Site) -> None:
    ingest_files(site, [site.root / "stack.pdf"], Progress(disable=True))
    add_user(site.private, "mair", "desk", "four plain words here")
    with running(site) as urls, httpx.Client(base_url=urls.staff_url) as client:
        token = Page(client.get("/sign-in").text).hidden("form_token")
        assert client.get("/pages/00/0/picture").status_code == 303, "a stranger sees nothing"
        client.post("/sign-in", data={"name": "mair", "password": "four plain words here", "form_token": token})
        page = Page(client.get("/").text)
        assert page.broken() == []
        assert "Clean the scanner's glass" in page.words
        pictures = [picture["src"] for picture in page.all("img")]
        assert len(pictures) >= 2
        for address in pictures:
            assert client.get(address).content.startswith(b"\xff\xd8")
        assert client.get("/pages/00/0/picture").status_code == 404


def test_pictures_and_advice_come_out_the_same_when_the_record_is_built_again(site: Site) -> None:
    ingest_files(site, [site.root / "stack.pdf"], Progress(disable=True))
    db = site.open_store()
    before = overview(db, {}, "2026-06-01")
    assert [trouble.page for trouble in before.troubles] == [2]
    assert 3 in [trouble.page for trouble in before.not_ours]
    rebuild(db)
    assert overview(db, {}, "2026-06-01") == before
