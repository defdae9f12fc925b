"""Languages on paper: letters joined, words in order by where each glyph is drawn, pages mirrored, values the same."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pdfplumber
import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from test_layout import check, definitions
from test_layout import laid_out as laid_out_or_rejected

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition, canonical_json
from pipeline.form.fonts import FACES, FONTS, JOINERS, face, font_for, is_latin, shaper
from pipeline.form.glyphs import FOLLOWING, draw_line
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, Field, Layout, TextRun
from pipeline.form.paper.editions import EDITIONS, MM_PER_PT, PAPERS
from pipeline.form.paper.typeset import wrap
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.form.shaping import shaped
from pipeline.form.stored import definition_from_json

FORM = Path(__file__).resolve().parent.parent / "docs" / "examples" / "library-languages.yaml"
LANGUAGES = ("en", "cy", "pl", "ur", "ar", "bn", "pa")
RIGHT_TO_LEFT = ("ur", "ar")
ALIKE = str.maketrans("()", "[[", JOINERS)
"""Takes brackets for the same, however they are turned, and leaves joiners out, which may leave no glyph."""

PAGE_PT = (600.0, 800.0)


@cache
def form() -> FormDefinition:
    definition = parse_definition(FORM.read_text(encoding="utf-8"), FORM.stem)
    assert isinstance(definition, FormDefinition)
    return definition


@cache
def laid_out(lang: str, edition: str = "clear") -> Layout:
    return lay_out(form(), edition, lang=lang)


def drawn(lines: list[str], language: str) -> bytes:
    """A page of these lines, one under the other, each drawn from x = 20 pt."""
    for name in FACES:
        pdfmetrics.registerFont(face(name))
    target = BytesIO()
    canvas = Canvas(target, pagesize=PAGE_PT, invariant=True, initialFontName="regular")
    for row, line in enumerate(lines, start=1):
        draw_line(canvas, line, font_for("regular", language), 14, 20, PAGE_PT[1] - 60 * row)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def seen(pdf: bytes) -> Iterator[list[str]]:
    """The words of each drawn line from left to right, letters as the glyphs stand on paper.

    Words are told by the white between them. The letters of a word of a right-to-left script are put in the order
    they are read: from right to left.
    """
    with pdfplumber.open(BytesIO(pdf)) as document:
        chars = [each for each in document.pages[0].chars if each["text"] != FOLLOWING]
    rows = {}
    for char in chars:
        base = char["matrix"][5]
        row = next((y for y in rows if abs(y - base) < 30), base)
        rows.setdefault(row, []).append(char)
    for _, row in sorted(rows.items(), reverse=True):
        letters = sorted(row, key=lambda char: char["matrix"][4])
        words: list[list[str]] = [[]]
        for char in letters:
            if char["text"].isspace():
                words.append([])
            else:
                words[-1].append(char["text"])
        yield ["".join(reversed(word) if is_arabic(word) else word) for word in words]


def is_arabic(word: list[str]) -> bool:
    return any("\u0600" <= letter <= "\u06ff" for letters in word for letter in letters)


@pytest.mark.parametrize(
    ("language", "text", "left_to_right"),
    [
        ("ur", "آپ نے کیا کہا", "کہا کیا نے آپ"),
        ("ur", "ہم 3 دن بعد لکھیں گے", "گے لکھیں بعد دن 3 ہم"),
        ("ur", "کمپیوٹر یا Easy Read استعمال کیجیے", "کیجیے استعمال Easy Read یا کمپیوٹر"),
        ("ur", "فون 029 2018 0456 پر", "پر 029 2018 0456 فون"),
        ("ur", "پتہ 1 Harbour Street, Glanmor ZZ1 4GL ہے", "ہے 1 Harbour Street, Glanmor ZZ1 4GL پتہ"),
        ("ur", "متن (Easy Read) میں", "میں (Easy Read) متن"),
        ("ur", "Easy Read (ER) میں لکھیں", "لکھیں میں Easy Read (ER)"),
        ("ar", "كم مرة أتيت خلال آخر 12 شهرًا؟", "شهرًا؟ 12 آخر خلال أتيت مرة كم"),
        ("ar", "اتصل على 029 2018 0456.", ".029 2018 0456 على اتصل"),
        ("ar", "استخدم Wi-Fi هنا", "هنا Wi-Fi استخدم"),
        ("ur", "صفحہ 2 از 8 / Page 2 of 8", "Page 2 of 8 / 8 از 2 صفحہ"),
        ("ar", "من 31 March 2027 إلى", "إلى 31 March 2027 من"),
    ],
)
def test_words_stand_on_paper_in_the_order_they_are_read(language: str, text: str, left_to_right: str) -> None:
    """What is expected is written out by hand: the words as the eye meets them from the left."""
    (row,) = seen(drawn([text], language))
    assert " ".join(row) == left_to_right


def test_a_sentence_broken_into_lines_is_read_line_by_line_from_the_right() -> None:
    text = "کمپیوٹر پر یا Easy Read version 2 میں یہ فارم بھریے اور 029 2018 0456 پر فون کیجیے"
    lines = list(wrap(text, font_for("regular", "ur"), 14, 45))
    assert len(lines) >= 3
    assert " ".join(lines) == text, "lines are broken in the order they are read"
    assert any(line.endswith(("Easy", "Read", "version")) for line in lines), "a break within the English words"
    rows = list(seen(drawn(lines, "ur")))
    for line, row in zip(lines, rows, strict=True):
        assert row == in_visual_order(line.split())


def in_visual_order(words: list[str]) -> list[str]:
    """Words from left to right: the line reversed, but each run of Latin words and figures as it was."""
    ordered: list[list[str]] = []
    latin_before = False
    for word in words:
        latin = word.isascii()
        if latin and latin_before:
            ordered[0].append(word)
        else:
            ordered.insert(0, [word])
        latin_before = latin
    return [word for run in ordered for word in run]


@pytest.mark.parametrize("lang", RIGHT_TO_LEFT)
def test_every_line_of_a_printed_form_is_in_order(lang: str) -> None:
    """All lines of a real form without Latin words in them: last word first, from the left."""
    lines = [
        run.text for run in runs(laid_out(lang)) if run.text and not any(c.isascii() and c != " " for c in run.text)
    ]
    assert len(lines) > 20
    for start in range(0, len(lines), 12):
        some = lines[start : start + 12]
        for line, row in zip(some, seen(drawn(some, lang)), strict=True):
            assert row == line.split()[::-1]


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang not in RIGHT_TO_LEFT])
def test_what_is_printed_can_be_copied_out(lang: str) -> None:
    """pdfium, which is in every Chromium, gives back the words."""
    document = pypdfium2.PdfDocument(print_copies(laid_out(lang), [copy_code(7)]))
    told = " ".join("".join(page.get_textpage().get_text_range() for page in document).split())
    assert all(question.text[lang] in told for question in form().questions)


@pytest.mark.parametrize("lang", RIGHT_TO_LEFT)
def test_what_is_printed_is_marked_with_its_text_in_the_order_it_is_read(lang: str) -> None:
    with pikepdf.open(BytesIO(print_copies(laid_out(lang), [copy_code(7)]))) as document:
        streams = [each.read_bytes() for each in document.objects if isinstance(each, pikepdf.Stream)]
    found = (each for stream in streams for each in re.findall(rb"/ActualText <FEFF([0-9A-F]+)>", stream))
    told = [bytes.fromhex(digits.decode()).decode("utf-16-be") for digits in found]
    assert told == [run.text for run in runs(laid_out(lang)) if not is_latin(run.text)]


def test_letters_join_and_stack() -> None:
    alone, thrice = (piece_ids(text, "ar") for text in ("ب", "ببب"))
    assert len({*thrice}) > len({*alone}), "beginning, middle and end have shapes of their own"
    assert len(piece_ids("ক্ষ", "bn")) == 1, "two consonants become one sign"
    for language, text in (("bn", "কি"), ("pa", "ਕਿ")):
        (piece,) = shaped(text, font_for("regular", language)).pieces
        first, _ = sorted(piece.glyphs, key=lambda glyph: glyph.x)
        assert first.advance < max(glyph.advance for glyph in piece.glyphs), "the vowel stands before its consonant"
    assert piece_ids("کتاب", "ur") != piece_ids("کتاب", "ar"), "Urdu is in Nastaliq"


@pytest.mark.parametrize(("language", "text"), [("bn", "ডাকে ZZ1 4GL।"), ("pa", "ਡਾਕ ZZ1 4GL।"), ("bn", "(WC1)।")])
def test_a_full_stop_after_latin_words_has_a_face(language: str, text: str) -> None:
    last = shaped(text, font_for("regular", language)).pieces[-1]
    assert [glyph.text for glyph in last.glyphs] == ["।"]
    assert all(glyph.id for glyph in last.glyphs)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_letter_of_a_form_has_a_glyph(lang: str) -> None:
    for run in runs(laid_out(lang)):
        for piece in shaped(run.text, run.font).pieces:
            assert piece.glyphs or is_latin(piece.text)
            assert all(glyph.id for glyph in piece.glyphs)


@settings(max_examples=150)
@given(st.text("abŵ 029(),/-:؟،۔ابکیہ\u200c\u200dকি্ষ।ਕਿ", max_size=20), st.sampled_from(sorted(FONTS)))
def test_any_line_keeps_all_its_letters(text: str, font: str) -> None:
    pieces = shaped(text, font).pieces
    assert Counter("".join(piece.text for piece in pieces).translate(ALIKE)) == Counter(text.translate(ALIKE))
    for piece in pieces:
        stood_for = "".join(glyph.text for glyph in piece.glyphs)
        assert not piece.glyphs or Counter(stood_for.translate(ALIKE)) == Counter(piece.text.translate(ALIKE))


def piece_ids(text: str, language: str) -> list[int]:
    (piece,) = shaped(text, font_for("regular", language)).pieces
    return [glyph.id for glyph in piece.glyphs]


@pytest.mark.parametrize("lang", RIGHT_TO_LEFT)
@pytest.mark.parametrize("edition", ["clear", "large", "giant"])
def test_a_page_is_mirrored(lang: str, edition: str) -> None:
    layout, english = laid_out(lang, edition), laid_out("en", edition)
    for page in layout.pages:
        marks = [field.box for field in page.fields if field.kind == "mark" and is_listed(field)]
        for box in marks:
            beside = [run for run in runs_of(page) if run.text and abs(run.y - box.centre[1]) < box.h]
            assert any(0 < box.x - (run.x + width(run)) < 14 for run in beside), "a box stands right of its words"
    number = next(run for run in runs(layout) if run.text == "1" and run.red)
    assert number.x > layout.paper_mm[0] / 2
    assert [page.codes for page in layout.pages[:2]] == [page.codes for page in english.pages[:2]], "codes never move"


def is_listed(field: Field) -> bool:
    return field.question in ("reasons", "got_it")


@pytest.mark.parametrize("lang", RIGHT_TO_LEFT)
def test_figures_are_written_from_left_to_right_and_dates_from_the_right(lang: str) -> None:
    fields = [field for page in laid_out(lang).pages for field in page.fields]
    day = [field.box.x for field in fields if field.question == "day"]
    assert day[0] < day[1], "the first figure of the day is left of the second"
    assert day[2] < day[0], "the month is left of the day"
    assert day[4] < day[2], "and the year left of the month"
    for name in ("visits", "postcode"):
        assert all(a < b for a, b in pairwise(field.box.x for field in fields if field.question == name))


@pytest.mark.parametrize("lang", [*LANGUAGES, "cy+en", "ur+en", "en+ur", "en+ar"])
@pytest.mark.parametrize("edition", ["clear", "giant"])
def test_every_language_asks_the_same_and_stores_the_same(lang: str, edition: str) -> None:
    def told(layout: Layout) -> list[tuple[str, str, str, int, str]]:
        fields = (field for page in layout.pages for field in page.fields)
        return [(f.question, f.kind, f.value, f.index, f.allowed) for f in fields]

    assert told(laid_out(lang, edition)) == told(laid_out("en", edition))


@pytest.mark.parametrize("lang", ["ur", "ar", "bn", "pa", "ur+en"])
@pytest.mark.parametrize("edition", list(EDITIONS))
def test_no_ink_of_any_word_touches_a_box_or_a_code(lang: str, edition: str) -> None:
    """Where the glyphs themselves reach, not where lines are said to be."""
    for page in laid_out(lang, edition).pages:
        inks = [box for run in runs_of(page) if run.text.strip() for box in ink_of(run)]
        taken = [*(field.box for field in page.fields), *(code.box for code in page.codes if code.kind != "serial")]
        for ink in inks:
            assert all(apart(ink, box) > 0 for box in taken)
            assert ink.x >= 12
            assert ink.right <= laid_out(lang, edition).paper_mm[0] - 12


SPOKEN = {"ur": "لائبریری میں کیا بہتر", "ar": "ما الذي نحسنه", "bn": "লাইব্রেরিতে ক্ষুদ্র", "pa": "ਲਾਇਬ੍ਰੇਰੀ ਵਿੱਚ"}


def in_every_script(value: object) -> object:
    """A definition as JSON, each wording in four more languages: their words, and a Latin one among them."""
    if isinstance(value, list):
        return [in_every_script(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("en"), str):
        first = value["en"].split()[0] if value["en"] else ""
        return value | {language: f"{words} {first} {words.split()[0]}" for language, words in SPOKEN.items()}
    return {key: in_every_script(inner) for key, inner in value.items()}


@settings(max_examples=10)
@given(
    definitions(),
    st.sampled_from(["clear", "large", "giant"]),
    st.sampled_from(sorted(PAPERS)),
    st.sampled_from(["ur", "ar", "bn", "pa", "ur+en", "en+ur"]),
)
def test_nothing_touches_anything_else_in_any_script(form: FormDefinition, edition: str, paper: str, lang: str) -> None:
    told = in_every_script(json.loads(canonical_json(form)))
    assert isinstance(told, dict)
    told["languages"] = ["en", "cy", *SPOKEN]
    check(laid_out_or_rejected(definition_from_json(json.dumps(told)), edition, paper, lang))


def ink_of(run: TextRun) -> Iterator[Box]:
    """The box of each glyph of scripts other than Latin, in mm."""
    unit = run.size_pt * MM_PER_PT / 1000
    for piece in shaped(run.text, run.font).pieces:
        for glyph in piece.glyphs:
            found = shaper(piece.face).get_glyph_extents(glyph.id)
            x = run.x + (piece.x + glyph.x + found.x_bearing) * unit
            yield Box(x, run.y - (glyph.y + found.y_bearing) * unit, found.width * unit, -found.height * unit)


def apart(first: Box, second: Box) -> float:
    across = max(first.x - second.right, second.x - first.right)
    down = max(first.y - second.bottom, second.y - first.bottom)
    return max(across, down)


def runs(layout: Layout) -> list[TextRun]:
    return [run for page in layout.pages for run in runs_of(page)]


def runs_of(page: object) -> list[TextRun]:
    return [each for each in page.drawings if isinstance(each, TextRun)]  # type: ignore[attr-defined]


def width(run: TextRun) -> float:
    return shaped(run.text, run.font).width / 1000 * run.size_pt * MM_PER_PT


def test_the_same_copy_is_the_same_bytes_in_every_script() -> None:
    for lang in ("ur", "bn"):
        first, second = (print_copies(replace(laid_out(lang)), [copy_code(3), copy_code(4)]) for _ in range(2))
        assert first == second
