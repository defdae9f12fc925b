"""Paper in every language is read into the same values: printed, filled in by the same hand, scanned, taken in."""

import numpy as np
import pytest
from read_sites import QUIET, Here
from test_languages import FORM, RIGHT_TO_LEFT, form, laid_out
from webpages import NOON

from pipeline import intake
from pipeline.form.answer import Missing
from pipeline.form.printing import print_copies
from pipeline.intake import ingest_files
from pipeline.practice.printer import printed_pages
from pipeline.practice.resident import fill, random_resident
from pipeline.practice.scanner import as_pdf
from pipeline.site import open_site
from pipeline.store.record import register_print
from pipeline.store.responses import Response, read_dataset

DPI = 200
ANSWERS = {
    "reasons": "borrow;stay",
    "got_it": "some",
    "rate.staff": "good",
    "rate.building": "poor",
    "day": "2027-03-09",
    "visits": "27",
    "postcode": "CF10 4PL",
}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Response]:
    """One copy in each language, in one stack, all written by one person, as the record has them."""
    folder = tmp_path_factory.mktemp("languages")
    site = open_site(folder)
    (folder / "forms").mkdir(exist_ok=True)
    (folder / "forms" / FORM.name).write_text(FORM.read_text(encoding="utf-8"), encoding="utf-8")
    langs = {}
    for lang in (*RIGHT_TO_LEFT, "en", "bn"):
        rng = np.random.default_rng(11)
        layout = laid_out(lang)
        (code,) = register_print(site.open_store(), form(), layout, 1, NOON)
        langs[code] = lang
        blank = tuple(printed_pages(print_copies(layout, [code], "one"), DPI))
        filled = fill(blank, layout, ANSWERS, random_resident(rng), rng)
        (folder / f"{lang}.pdf").write_bytes(as_pdf(filled.pages, DPI))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(intake, "Workers", Here)
        report = ingest_files(site, sorted(folder.glob("*.pdf")), QUIET)
    assert all(page.status == "read" for file in report.files for page in file.pages)
    return {langs[str(one.facts["copy"])]: one for one in read_dataset(site.open_store(), FORM.stem).responses}


@pytest.mark.parametrize("lang", [*RIGHT_TO_LEFT, "en", "bn"])
def test_what_is_ticked_and_written_is_stored_the_same_in_every_language(read: dict[str, Response], lang: str) -> None:
    response = read[lang]
    waiting = {name for name, missing in response.missing.items() if missing is Missing.WAITING}
    assert {name: response.answers[name] for name in ANSWERS if name not in waiting} == {
        name: value for name, value in ANSWERS.items() if name not in waiting
    }
    assert not waiting & {"reasons", "got_it", "rate.staff", "rate.building"}, "marks are read for certain"
    assert len(waiting & ANSWERS.keys()) <= 1
