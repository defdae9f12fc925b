"""What each edition promises, measured in the file that goes to the printer."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition, Kind, canonical_json, in_easy_words
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, Curve, TextRun
from pipeline.form.paper.editions import EDITIONS
from pipeline.form.paper.pictures import OF_KIND, PICTURES, symbol
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.form.stored import definition_from_json

FORMS = Path(__file__).resolve().parent.parent / "forms"
PROMISED_PT = {"clear": 14, "fillable": 14, "large": 18, "giant": 24, "easyread": 16}
LARGE_PRINT_BOX_MM = 9
MM_PER_PT = 25.4 / 72


def form(name: str = "library-visit") -> FormDefinition:
    parsed = parse_definition((FORMS / f"{name}.yaml").read_text(encoding="utf-8"), name)
    assert isinstance(parsed, FormDefinition)
    return parsed


def printed(layout) -> pdfplumber.PDF:
    return pdfplumber.open(BytesIO(print_copies(layout, [copy_code(7)])))


@pytest.mark.parametrize("edition", PROMISED_PT)
def test_no_word_is_printed_smaller_than_its_edition_promises(edition: str) -> None:
    with printed(lay_out(form(), edition, lang="cy+en")) as pdf:
        letters = [letter for page in pdf.pages for letter in page.chars]
    serials = [letter for letter in letters if letter["size"] < PROMISED_PT[edition] - 0.01]
    assert len(letters) > 500
    assert {round(letter["size"], 1) for letter in serials} == {9.0}
    assert len(serials) == sum(len(f"{copy_code(7)}-{number}") for number in range(1, len(pdf.pages) + 1))


@pytest.mark.parametrize("edition", [name for name, size in PROMISED_PT.items() if size > 14])
def test_boxes_to_tick_are_large_where_print_is(edition: str) -> None:
    fields = [field for page in lay_out(form(), edition).pages for field in page.fields if field.kind == "mark"]
    assert min(min(field.box.w, field.box.h) for field in fields) >= LARGE_PRINT_BOX_MM


def test_every_edition_is_checked_here() -> None:
    assert EDITIONS.keys() == PROMISED_PT.keys()


def test_every_kind_of_question_has_its_picture_and_every_picture_stays_in_its_square() -> None:
    assert OF_KIND.keys() == set(Kind)
    for name in PICTURES:
        points = [point for line in symbol(name, 20).drawings if isinstance(line, Curve) for point in line.points]
        assert all(0 <= x <= 20 and 0 <= y <= 20 for x, y in points), name


def test_easy_read_has_a_picture_at_the_left_of_every_question() -> None:
    easy = form("opening-hours")
    for page in lay_out(easy, "easyread").pages:
        lines = [drawing for drawing in page.drawings if isinstance(drawing, Curve)]
        numbers = [run for run in page.drawings if isinstance(run, TextRun) and run.text.isdecimal() and run.red]
        for number in numbers:
            beside = [line for line in lines if all(0 <= y - number.y + 10 <= 34 for _, y in line.points)]
            assert beside, f"question {number.text} has no picture"
            assert all(x > number.x for line in beside for x, _ in line.points)
        words = [
            Box(run.x, run.y - run.size_pt * MM_PER_PT, 1, run.size_pt * MM_PER_PT)
            for run in page.drawings
            if isinstance(run, TextRun)
        ]
        assert not any(word.holds(point) for word in words for line in lines for point in line.points)


def test_easy_words_stand_in_for_the_others_and_change_nothing_stored() -> None:
    plain = form()
    easy = {"en": "Did you get it?", "cy": "Gawsoch chi fe?"}
    items = tuple(
        replace(item, easy={"text": easy}) if getattr(item, "id", "") == "got_it" else item for item in plain.items
    )
    worded = replace(plain, items=items)
    assert in_easy_words(worded).variables[-3].text == easy
    assert [each.name for each in in_easy_words(worded).variables] == [each.name for each in plain.variables]
    texts = {
        edition: [run.text for page in lay_out(worded, edition).pages for run in page.drawings if hasattr(run, "text")]
        for edition in ("easyread", "clear")
    }
    assert easy["en"] in texts["easyread"]
    assert easy["en"] not in texts["clear"]


def test_forms_that_do_without_new_keys_keep_their_version() -> None:
    text = canonical_json(form("front-desk"))
    assert not any(f'"{key}"' in text for key in ("easy", "picture", "postcard", "receipt", "return_address"))
    assert definition_from_json(text).version == form("front-desk").version
