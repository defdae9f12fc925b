"""Clear print and Easy Read: what an author writes and what is printed of it, held against the rules."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from test_definition import FIRST_ITEM, HEAD, POSTCODE

from pipeline.form.authoring.plain_words import MOST_WORDS, in_shorter_sentences, sentences, word_count
from pipeline.form.catalogue import said
from pipeline.form.checking import Checked, check_definition
from pipeline.form.clear_print import contrast, faults
from pipeline.form.definition import FormDefinition
from pipeline.form.fonts import FACES
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Drawing, Layout, Stroke, TextRun
from pipeline.form.parse import parse_definition

FORMS = Path(__file__).resolve().parent.parent / "forms"
ONE = "  - {id: a, kind: one, text: 'TEXT', choices: [{value: y, label: 'Yes'}, {value: n, label: 'No'}]}\n"


def checked(items: str, head: str = HEAD) -> Checked:
    return check_definition(head + items, "library")


@pytest.mark.parametrize("name", [path.stem for path in FORMS.glob("*.yaml")])
def test_the_forms_of_this_site_are_clear_and_easy(name: str) -> None:
    found = check_definition((FORMS / f"{name}.yaml").read_text(encoding="utf-8"), name)
    assert [str(error) for error in found.errors] == []
    assert found.notes


@pytest.mark.parametrize(
    ("words", "said_of_it", "instead"),
    [
        ("Do you USE THE LIBRARY?", "USE THE LIBRARY", "Use the library"),
        ("Is this IMPORTANT?", "IMPORTANT", "Important"),
        ("Was it *really* good?", "*really*", "really"),
        ("Was it _really_ good?", "_really_", "really"),
        ("Was it <i>good</i>?", "<i>", "Leave out the marks"),
    ],
)
def test_words_that_are_no_clear_print_are_named_with_line_and_what_to_write(
    words: str, said_of_it: str, instead: str
) -> None:
    (error,) = checked(POSTCODE + ONE.replace("TEXT", words)).errors
    assert error.line == FIRST_ITEM + POSTCODE.count("\n")
    assert said_of_it in error.what
    assert instead in error.instead


@pytest.mark.parametrize("words", ["NHS and RNIB", "Write to a_b_c@glanmor.example", "2 * 3 * 4", "I CAN’T", "A B C"])
def test_names_and_figures_are_left_alone(words: str) -> None:
    assert [error for error in checked(ONE.replace("TEXT", words)).errors if "I CAN" not in error.what] == []


LONG = "We would like to know what you think of the library and we would like to know it soon please"


def test_easy_read_is_looked_at_once_there_is_any() -> None:
    plain = ONE.replace("TEXT", LONG)
    assert checked(plain).errors == ()
    easy = plain.replace("label: 'Yes'", "label: 'Yes', easy_label: 'Yes'")
    (error,) = checked(easy).errors
    assert "sentence of 20 words" in error.what
    assert "under easy_text" in error.instead
    assert "think of the library. We would" in error.instead
    assert error.line == FIRST_ITEM
    assert checked(easy.replace("kind: one", "kind: one, easy_text: 'Do you like it?'")).errors == ()
    (again,) = checked(easy.replace("kind: one", f"kind: one, easy_text: '{LONG}'")).errors
    assert "easy_text of question 1" in again.what


def test_a_sentence_is_parted_until_it_is_short() -> None:
    words = f"{LONG}, because we want to open when you can come and have time to read what you like best"
    parted = in_shorter_sentences(words)
    assert all(word_count(part) <= MOST_WORDS for part in parted)
    assert " ".join(parted).lower().replace(".", "").split()[:5] == words.lower().split()[:5]
    assert sentences("One. Two? Three!\nFour") == ["One.", "Two?", "Three!", "Four"]


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize(
    "name", ["easy_online", "easy_kept", "how_to_tick", "change_of_mind", "publish", "destroyed", "post_it"]
)
def test_our_own_words_in_easy_read_are_short(name: str, language: str) -> None:
    assert max(map(word_count, sentences(said("paper", name, language)))) <= MOST_WORDS


def test_an_edition_that_cannot_be_printed_is_named() -> None:
    errors = checked(POSTCODE, HEAD.replace("title: ", "title: " + "Library " * 60, 1)).errors
    assert {error.what.split()[0] for error in errors} >= {"giant"}
    assert all("fewer words" in error.instead for error in errors)


def form() -> FormDefinition:
    parsed = parse_definition((FORMS / "library-visit.yaml").read_text(encoding="utf-8"), "library-visit")
    assert isinstance(parsed, FormDefinition)
    return parsed


def spoilt(change: Callable[[TextRun], tuple[Drawing, ...]]) -> Layout:
    """The form laid out, with the second line of its introduction printed in another way."""
    layout = lay_out(form())
    page = layout.pages[0]
    run = next(run for run in page.drawings if isinstance(run, TextRun) and run.text.startswith("we put up"))
    drawings = tuple(drawing for each in page.drawings for drawing in (change(run) if each == run else (each,)))
    return replace(layout, pages=(replace(page, drawings=drawings), *layout.pages[1:]))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda run: (replace(run, size_pt=12.0),), "is printed in 12 pt"),
        (lambda run: (replace(run, text=run.text * 3),), "makes a line of"),
        (lambda run: (replace(run, grey=0.6),), "has a contrast of"),
        (lambda run: (replace(run, x=run.x + 8),), "does not begin where"),
        (lambda run: (run, Stroke(run.x, run.y + 0.8, run.x + 20, run.y + 0.8, 0.5)), "is underlined"),
    ],
)
def test_each_fault_of_a_layout_is_found(change: Callable[[TextRun], tuple[Drawing, ...]], what: str) -> None:
    assert list(faults(lay_out(form()))) == []
    found = list(faults(spoilt(change)))
    assert any(what in fault.what for fault in found), found


def test_no_face_leans() -> None:
    assert not any(leaning in file.lower() for file in FACES.values() for leaning in ("italic", "oblique"))


def test_red_and_black_words_stand_out() -> None:
    assert contrast(TextRun(0, 0, "a", "bold", 14, red=True)) > 6.5
    assert contrast(TextRun(0, 0, "a", "bold", 14)) > 18
