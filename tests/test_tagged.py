"""A single copy can be read out: its structure tells the whole form in order, in the language of each part."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

import pikepdf
import pypdfium2
import pytest
from pdf_structure import Told, faults, told

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition, Kind, Question, Section, say
from pipeline.form.lay_out import lay_out
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.form.tagged import print_copy

FORMS = Path(__file__).resolve().parent.parent / "forms"
IN_MANY_LANGUAGES = FORMS.parent / "docs" / "examples" / "library-languages.yaml"
NAMES = sorted(path.stem for path in FORMS.glob("*.yaml"))
ONE = copy_code(20_270_331)


def form(name: str) -> FormDefinition:
    return read(FORMS / f"{name}.yaml")


def read(path: Path) -> FormDefinition:
    parsed = parse_definition(path.read_text(encoding="utf-8"), path.stem)
    assert isinstance(parsed, FormDefinition)
    return parsed


def spoken(elements: list[Told], language: str) -> list[Told]:
    return [each for each in elements if each.words and each.language == language]


def choices_of(question: Question, language: str) -> list[str]:
    """Every word that stands beside a place to tick, in the order asked."""
    if question.kind is Kind.SCALE:
        points = [say(point.label, language) for point in question.points]
        return points + [say(statement.text, language) for statement in question.statements]
    return [say(choice.label, language) for choice in question.choices]


def asked(definition: FormDefinition, language: str) -> list[str]:
    return [
        words
        for number, question in enumerate(definition.questions, 1)
        for words in (f"{number} {say(question.text, language)}", *choices_of(question, language))
    ]


def read_out(elements: list[Told]) -> list[str]:
    """The headings of questions, and what is in their lists and grids."""
    within = [each for each in elements if each.path[:3] == ("Document", "Sect", "Sect")]
    return [each.words for each in within if set(each.path) & {"H2", "H3", "LBody", "TH"}]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["en", "cy"])
def test_the_structure_reads_the_whole_form_in_order(name: str, lang: str) -> None:
    definition = form(name)
    if lang not in definition.languages:
        pytest.skip(f"{name} is not written in {lang}")
    elements = spoken(told(print_copy(lay_out(definition, lang=lang), ONE)), lang)
    sections = {say(item.title, lang) for item in definition.items if isinstance(item, Section)}
    assert [words for words in read_out(elements) if words not in sections] == asked(definition, lang)
    assert [each.words for each in elements if each.kind == "H1"] == [say(definition.title, lang)]


def test_side_by_side_each_language_is_told_as_such_and_in_order() -> None:
    definition = form("library-visit")
    elements = told(print_copy(lay_out(definition, lang="cy+en"), ONE))
    welsh, english = (read_out(spoken(elements, language)) for language in ("cy", "en"))
    assert welsh == asked(definition, "cy")
    same = {words for words in asked(definition, "cy") if words in asked(definition, "en")}
    expected = [words.lstrip("0123456789 ") for words in asked(definition, "en") if words not in same]
    assert english == expected


@pytest.mark.parametrize("lang", ["ar", "bn", "ur+en"])
def test_every_language_is_read_in_order_whatever_way_it_is_drawn(lang: str) -> None:
    """Glyphs that join, stack or run from the right spell nothing: the structure says what they show."""
    definition = read(IN_MANY_LANGUAGES)
    pdf = print_copy(lay_out(definition, lang=lang), ONE)
    first = lang.split("+")[0]
    assert read_out(spoken(told(pdf), first)) == asked(definition, first)
    assert faults(pdf) == []


def test_a_grid_is_told_as_a_table_whose_headings_say_what_they_head() -> None:
    definition = form("opening-hours")
    grid = next(question for question in definition.questions if question.kind is Kind.SCALE)
    elements = told(print_copy(lay_out(definition), ONE))
    heads = [each.words for each in elements if each.kind == "TH"]
    assert heads == choices_of(grid, "en")
    places = [each for each in elements if "Table" in each.path and each.kind == "Form"]
    assert len(places) == len(grid.statements) * len(grid.points)


def test_pictures_say_what_they_show_and_decoration_says_nothing() -> None:
    elements = told(print_copy(lay_out(form("library-visit"), lang="cy"), ONE))
    pictures = [each.words for each in elements if each.kind == "Figure"]
    assert len(pictures) == 3
    assert pictures[0] == "Blwch â thic ynddo."
    everything = " ".join(each.words for each in elements)
    assert everything.count("Tudalen 1 o") == 1
    assert "Tudalen 2 o" not in everything


def test_the_code_is_told_once_and_last() -> None:
    elements = told(print_copy(lay_out(form("library-visit")), ONE))
    assert [each.words for each in elements if ONE[:4] in each.words] == [f"Your code {ONE[:4]} {ONE[4:]}"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("edition", ["clear", "giant"])
def test_nothing_is_wrong_with_how_it_is_built(name: str, edition: str) -> None:
    definition = form(name)
    for lang in (definition.languages[0], "+".join(reversed(definition.languages))):
        assert faults(print_copy(lay_out(definition, edition, lang=lang), ONE)) == []


def first(document: pikepdf.Pdf, kind: str) -> Any:
    return next(each for each in document.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == kind)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda document: document.Root.__delattr__("Lang"), "no language"),
        (lambda document: document.Root.ViewerPreferences.__delattr__("DisplayDocTitle"), "the title is not shown"),
        (lambda document: first(document, "/Figure").__delattr__("Alt"), "a picture says nothing"),
        (lambda document: first(document, "/TH").__delattr__("A"), "a heading of a table heads nothing"),
        (lambda document: first(document, "/H1").__setattr__("S", pikepdf.Name.H3), "headings skip a level"),
        (lambda document: document.pages[0].contents_add(b"0 0 9 9 re f"), "f in nothing"),
    ],
)
def test_what_is_wrong_is_found(spoil: Callable[[pikepdf.Pdf], object], fault: str) -> None:
    spoilt = BytesIO()
    with pikepdf.open(BytesIO(print_copy(lay_out(form("opening-hours")), ONE))) as document:
        spoil(document)
        document.save(spoilt)
    assert any(fault in found for found in faults(spoilt.getvalue()))


def test_the_same_copy_is_the_same_file() -> None:
    layout = lay_out(form("library-visit"))
    assert print_copy(layout, ONE) == print_copy(layout, ONE)


def test_it_looks_as_a_copy_of_a_stack_does() -> None:
    """Pixel for pixel: a tagged copy and one of many are the same paper to the reader."""
    layout = lay_out(form("opening-hours"))
    assert pages_of(print_copy(layout, ONE)) == pages_of(print_copies(layout, [ONE], "one"))


def pages_of(pdf: bytes) -> list[int]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [crc32(page.render(scale=1, grayscale=True).to_numpy()) for page in document]
