"""The scanner's check sheet: each fault is named in plain words, and a scanner that is set well is left in peace."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import cv2
import numpy as np
import pypdfium2
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from read_sites import Here
from rich.progress import Progress

from pipeline import doctor, intake
from pipeline.cli.main import main
from pipeline.form.layout import TextRun
from pipeline.form.paper.check_sheet import CHECK_COPY, check_layout_id, lay_out_check_sheet, targets
from pipeline.form.paper.editions import MM_PER_PT, PAPERS
from pipeline.form.printing import print_copies
from pipeline.form.shaping import text_width
from pipeline.form.staff_words import LANGUAGES
from pipeline.intake import IngestReport, ingest_files
from pipeline.page.advice import Advice, Hint, advise_scanner
from pipeline.page.known import KnownPaper
from pipeline.page.picture import PageImage
from pipeline.practice.conditions import plain
from pipeline.practice.pens import Grey
from pipeline.practice.scanner import Scanner, as_pdf, ordinary_scanner, scan
from pipeline.reading.read_page import read_image
from pipeline.reading.readings import CheckPage
from pipeline.site import Site, open_site
from pipeline.store import share
from pipeline.store.database import StoreError
from pipeline.store.projection import rebuild
from pipeline.store.scanner_checks import scanner_checks

DPI = 300
PX_PER_MM = DPI / 25.4
GOOD_SCANNERS = 30
NOTHING_PRINTED = KnownPaper({}, {}, {}, ())

Colours = NDArray[np.uint8]
Setting = Callable[[Grey], Grey]


@pytest.fixture(scope="module")
def sides() -> list[Colours]:
    """Both sides of the sheet as printed, red, green and blue."""
    with pypdfium2.PdfDocument(print_copies(lay_out_check_sheet(), [CHECK_COPY])) as document:
        return [np.array(page.render(scale=DPI / 72).to_numpy())[:, :, 2::-1].copy() for page in document]


def grey(colours: Colours) -> Grey:
    return cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)


def as_it_is(picture: Grey) -> Grey:
    return picture


def advised(page: Grey, scanner: Scanner, seed: int = 0, setting: Setting = as_it_is) -> list[Advice]:
    picture = setting(scan(page, PX_PER_MM, scanner, np.random.default_rng(seed)))
    if scanner.bitonal is None:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, scanner.jpeg_quality])[1]
        picture = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)
    read = read_image(PageImage(picture, (scanner.dpi, scanner.dpi), scanner.bitonal is not None), NOTHING_PRINTED)
    assert isinstance(read, CheckPage), read
    assert read.check is not None
    return list(advise_scanner(read.check))


def hints(advice: list[Advice]) -> set[Hint]:
    return {each.hint for each in advice}


def good_scanner(rng: np.random.Generator) -> Scanner:
    """An everyday scanner that is set well and clean: any printer's scale, either way up, guides not quite shut."""
    return replace(
        ordinary_scanner(rng, int(rng.choice([200, 300, 300, 400]))),
        turn=float(rng.uniform(-2.5, 2.5)),
        streaks=0,
        shadow=0.0,
    )


def brighter(by: float, times: float = 1.0) -> Setting:
    return lambda picture: np.clip(picture * times + by, 0, 255).astype(np.uint8)


def gamma(power: float) -> Setting:
    return lambda picture: np.rint(255 * (picture / 255.0) ** power).astype(np.uint8)


def two_tones(picture: Grey) -> Grey:
    return np.where(picture > 150, np.uint8(255), np.uint8(0))


FAULTS = [
    ("black-and-white", {"bitonal": 160}, as_it_is, {Hint.BITONAL}),
    ("black-and-white-in-a-grey-file", {}, two_tones, {Hint.BITONAL}),
    ("100-dpi", {"dpi": 100}, as_it_is, {Hint.COARSE}),
    ("150-dpi", {"dpi": 150}, as_it_is, {Hint.COARSE}),
    ("600-dpi", {"dpi": 600}, as_it_is, {Hint.NEEDLESSLY_FINE}),
    ("too-dark", {}, brighter(-60), {Hint.DARK}),
    ("dim-lamp", {}, brighter(0, 0.7), {Hint.DARK}),
    ("middle-tones-lost", {}, gamma(3.0), {Hint.DARK}),
    ("too-light", {}, brighter(60), {Hint.PALE}),
    ("bleached", {}, brighter(0, 1.3), {Hint.PALE}),
    ("a-little-blurred", {"blur": 0.1}, as_it_is, {Hint.BLURRED}),
    ("blurred", {"blur": 0.14}, as_it_is, {Hint.BLURRED}),
    ("askew", {"turn": 4.5}, as_it_is, {Hint.ASKEW}),
    ("askew-the-other-way", {"turn": -4.0}, as_it_is, {Hint.ASKEW}),
    ("shrunk-by-the-printer", {"scale": 0.96}, as_it_is, {Hint.SHRUNK}),
    ("far-too-small", {"scale": 0.88}, as_it_is, {Hint.SMALL}),
    ("upside-down-and-too-dark", {"upside_down": True}, brighter(-60), {Hint.DARK}),
    ("dark-and-blurred", {"blur": 0.13}, brighter(-60), {Hint.DARK, Hint.BLURRED}),
]


@pytest.mark.parametrize(
    ("changed", "setting", "expected"), [fault[1:] for fault in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_each_fault_is_named_and_no_other(
    sides: list[Colours], changed: dict[str, float], setting: Setting, expected: set[Hint]
) -> None:
    scanner = replace(plain(np.random.default_rng(17)), **changed)
    assert hints(advised(grey(sides[0]), scanner, 17, setting)) == expected


@pytest.mark.parametrize(("channel", "expected"), [(2, {Hint.LOSES_BLUE}), (0, {Hint.LOSES_RED}), (1, set())])
def test_a_lamp_of_one_colour_loses_the_pens_of_that_colour(
    sides: list[Colours], channel: int, expected: set[Hint]
) -> None:
    scanner = plain(np.random.default_rng(2))
    assert hints(advised(np.ascontiguousarray(sides[0][:, :, channel]), scanner)) == expected


@pytest.mark.parametrize("at_mm", [40.0, 83.0, 130.0])
def test_a_line_on_the_glass_is_told_to_the_millimetre(sides: list[Colours], at_mm: float) -> None:
    def dusty(picture: Grey) -> Grey:
        column = round(at_mm * PX_PER_MM)
        streaked = picture.copy()
        streaked[:, column : column + 2] = streaked[:, column : column + 2] * 0.7
        return streaked

    (advice,) = advised(grey(sides[0]), Scanner(), 3, dusty)
    assert advice.hint is Hint.STREAK
    assert f"a line {at_mm:.0f} mm from the left" in advice.sentence


@pytest.mark.parametrize("seed", range(GOOD_SCANNERS))
def test_a_good_scanner_gets_no_advice(sides: list[Colours], seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    advice = advised(grey(sides[0]), good_scanner(rng), seed)
    assert all(each.harmless for each in advice), advice


def test_a_print_in_black_alone_blames_no_scanner(sides: list[Colours]) -> None:
    """A printer without colours turns blue and red into greys, which any light shows."""
    assert not advised(grey(sides[0]), Scanner())


@pytest.mark.parametrize("paper", sorted(PAPERS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_sheet_meets_what_is_measured_or_leaves_its_column(paper: str, language: str) -> None:
    layout = lay_out_check_sheet(paper, language)
    assert layout.id == check_layout_id(paper)
    found = targets(paper)
    measured = [found.paper, *found.wedge, found.across, found.down, *found.pens.values()]
    measured += [code.box.grown(2.5) for code in layout.pages[0].codes]
    for run in (drawing for drawing in layout.pages[0].drawings if isinstance(drawing, TextRun)):
        right, top = run.x + text_width(run.text, run.font, run.size_pt), run.y - 0.67 * run.size_pt * MM_PER_PT
        assert right <= layout.paper_mm[0] - 25
        for box in measured:
            apart = right <= box.x or box.right <= run.x or run.y <= box.y or box.bottom <= top
            assert apart, (run, box)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for module in (intake, doctor):
        monkeypatch.setattr(module, "Workers", Here)
    (tmp_path / "site").mkdir()
    return open_site(tmp_path / "site")


def scanned(site: Site, name: str, pages: list[Grey], **settings: float) -> Path:
    rng = np.random.default_rng(6)
    pictures = [scan(page, PX_PER_MM, Scanner(**settings), rng) for page in pages]
    path = site.root / name
    path.write_bytes(as_pdf(pictures, DPI))
    return path


def ingest(site: Site, path: Path) -> IngestReport:
    return ingest_files(site, [path], Progress(disable=True))


def test_what_a_sheet_said_is_kept_and_told(site: Site, sides: list[Colours]) -> None:
    front, back = map(grey, sides)
    good = ingest(site, scanned(site, "good.pdf", [front, back]))
    assert [page.status for page in good.files[0].pages] == ["check", "check"]
    assert [(each.is_well, each.sentences) for each in good.scanners] == [(True, ("The scanner is set well.",))]
    assert not good.submissions
    blurred = ingest(site, scanned(site, "blurred.pdf", [front], blur=0.14))
    assert not blurred.scanners[0].is_well
    assert blurred.scanners[0].sentences == (
        "The scan is blurred: clean the glass, and see that sheets lie flat on it.",
        "The back did not arrive: set the scanner to both sides if your forms are printed on both.",
    )
    db = site.open_store()
    before = scanner_checks(db, 5)
    assert [each.name for each in before] == ["blurred.pdf", "good.pdf"]
    rebuild(db)
    assert scanner_checks(db, 5) == before


def test_doctor_looks_at_a_scan_and_keeps_nothing(site: Site, sides: list[Colours]) -> None:
    def run(*arguments: str) -> tuple[int, list[dict[str, object]]]:
        result = CliRunner().invoke(main, ["--site", str(site.root), *arguments, "--json"])
        return result.exit_code, json.loads(result.output)

    good = scanned(site, "good.pdf", [*map(grey, sides)], scale=0.96)
    code, (finding,) = run("doctor", str(good))
    assert (code, finding["is_well"]) == (0, True)
    assert finding["found"] == "The scanner is set well. The printer shrank the form to 96 %: that is fine."
    code, (finding,) = run("doctor", str(scanned(site, "two-tone.pdf", [*map(grey, sides)], bitonal=150)))
    assert code == 1
    assert "Set the scanner to grey" in str(finding["found"])
    code, (finding,) = run("doctor", str(scanned(site, "letter.pdf", [np.full((3508, 2480), 255, np.uint8)])))
    assert "no check sheet in letter.pdf" in str(finding["found"])
    (site.root / "notes.txt").write_text("no scan")
    code, (finding,) = run("doctor", str(site.root / "notes.txt"))
    assert "cannot read this kind of file" in str(finding["found"])
    assert not scanner_checks(site.open_store(), 5)


def test_doctor_remembers_the_last_sheet_and_looks_at_the_disk(
    site: Site, sides: list[Colours], monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = {each.what: each for each in doctor.examine(site)}
    assert findings["scanner"].found == "Not checked yet."
    assert findings["disk"].is_well
    ingest(site, scanned(site, "front.pdf", [grey(sides[0])]))
    monkeypatch.setattr(doctor, "ROOM_BYTES", 10**18)
    findings = {each.what: each for each in doctor.examine(site)}
    assert "The back did not arrive" in findings["scanner"].found
    assert not findings["disk"].is_well


def test_the_command_prints_a_sheet(site: Site) -> None:
    target = site.root / "sheet.pdf"
    result = CliRunner().invoke(main, ["check-sheet", "--lang", "cy", "--paper", "letter", "-o", str(target)])
    assert result.exit_code == 0
    with pypdfium2.PdfDocument(target.read_bytes()) as document:
        assert len(document) == 2
        assert "Gwirio" in document[0].get_textpage().get_text_range()


MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
41 22 0:50 / /srv/forms rw - cifs //server/forms rw
42 41 8:2 / /srv/forms/local rw - xfs /dev/sdb1 rw
43 22 0:51 / /mnt/two\\040words rw - nfs4 server:/two rw
not a mount at all
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/mair/site", "ext4"),
        ("/srv/forms/site", "cifs"),
        ("/srv/formsets", "ext4"),
        ("/srv/forms/local/site", "xfs"),
        ("/mnt/two words/site", "nfs4"),
    ],
)
def test_a_network_share_is_known_by_its_mount(path: str, kind: str) -> None:
    assert share.kind_of_mount(PurePosixPath(path), MOUNTS) == kind


def test_a_record_on_a_network_share_is_refused(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n41 22 0:50 / {site.root} rw - cifs //server/forms rw\n")
    monkeypatch.setattr(share, "_MOUNTS", mounts)
    with pytest.raises(StoreError, match="network share"):
        site.open_store()
    findings = {each.what: each for each in doctor.examine(site)}
    assert not findings["record"].is_well
    assert "on a disk of this computer" in findings["record"].found
