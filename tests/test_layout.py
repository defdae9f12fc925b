"""Where things sit on the paper: for every form, edition, paper and language there can be."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from pipeline.form.definition import (
    Choice,
    Condition,
    FormDefinition,
    Kind,
    Note,
    Question,
    Section,
    Statement,
    Wording,
)
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Box, CopyRun, Field, Layout, LayoutError, PageLayout, Stroke, TextRun
from pipeline.form.layout_text import layout_from_text, layout_json, layout_to_text
from pipeline.form.paper.editions import EDITIONS, PAPERS
from pipeline.form.parse import parse_definition
from pipeline.form.shaping import text_width

FORMS = Path(__file__).resolve().parent.parent / "forms"
LANGS = ("en", "cy", "cy+en")
MM_PER_PT = 25.4 / 72


def definition(*items, title="How did we do?", **changes) -> FormDefinition:
    form = FormDefinition(
        id="a_form",
        title=both(title),
        council=both("Glanmor Council"),
        service="Libraries",
        intro=both("Tell us how we did. We read every answer and change what we can."),
        privacy=both("You do not need to give your name."),
        return_to=both("Put this form in the red box."),
        thanks=both("Thank you."),
        help_line=both("Ask at the desk."),
        languages=("en", "cy"),
        minutes=2,
        opens=None,
        closes=date(2027, 3, 31),
        scans_kept_days=90,
        answers_kept_days=730,
        publish=True,
        items=tuple(items),
    )
    return replace(form, **changes)


def both(words: str) -> Wording:
    return {"en": words, "cy": f"{words} ŵŷ"}


def question(kind: Kind, name: str = "q", words: str = "A question?", **rest) -> Question:
    return Question(name, kind, both(words), {}, **rest)


def choices(*labels: str, other: bool = False) -> tuple[Choice, ...]:
    return tuple(
        Choice(f"v{number}", both(label), other and number == len(labels) - 1) for number, label in enumerate(labels)
    )


WORDS = st.lists(
    st.text("aeilmnorstwŵŷMW09", min_size=1, max_size=14) | st.sampled_from(["a", "library", "W" * 30]),
    min_size=1,
    max_size=8,
).map(lambda words: " ".join(words)[:60])
LABELS = st.lists(WORDS, min_size=2, max_size=10)
FEW = st.lists(WORDS, min_size=2, max_size=6)


@st.composite
def questions(draw: st.DrawFn, name: str) -> Question:
    kind = draw(st.sampled_from(list(Kind)))
    rest: dict[str, object] = {}
    if kind in (Kind.ONE, Kind.MANY):
        rest["choices"] = choices(*draw(LABELS), other=draw(st.booleans()))
    elif kind is Kind.SCALE:
        statements = [Statement(f"s{number}", both(words)) for number, words in enumerate(draw(FEW))]
        rest |= {"statements": tuple(statements), "points": choices(*draw(FEW))}
    elif kind is Kind.NUMBER:
        rest |= {"minimum": draw(st.none() | st.integers(-99, 0)), "maximum": draw(st.none() | st.integers(0, 10**9))}
    elif kind is Kind.CODE:
        rest["pattern"] = draw(st.text("9AX-/", min_size=1, max_size=30).filter(set("9AX").intersection))
    elif kind is Kind.TEXT:
        rest["length"] = draw(st.integers(0, 60))
    elif kind is Kind.COMMENT:
        rest["lines"] = draw(st.integers(0, 40))
    help_words = both(draw(WORDS)) if draw(st.booleans()) else {}
    return replace(question(kind, name, draw(WORDS), **rest), help=help_words, sensitive=draw(st.booleans()))


@st.composite
def definitions(draw: st.DrawFn) -> FormDefinition:
    items: list[Question | Section | Note] = []
    for number in range(draw(st.integers(1, 6))):
        match draw(st.integers(0, 5)):
            case 0:
                items.append(Section(both(draw(WORDS)), both(draw(WORDS))))
            case 1:
                items.append(Note(both(draw(WORDS))))
        asked = draw(questions(f"q{number}"))
        earlier = [item for item in items if isinstance(item, Question) and item.kind is Kind.ONE]
        if earlier and draw(st.booleans()):
            source = draw(st.sampled_from(earlier))
            asked = replace(asked, when=Condition(source.id, (source.choices[0].value,)))
        items.append(asked)
    return definition(*items, title=draw(WORDS)[:30], return_to=both(draw(WORDS)))


def laid_out(form: FormDefinition, edition: str, paper: str, lang: str) -> Layout:
    """The form laid out; an example of words that no page of this edition can hold is no example."""
    try:
        return lay_out(form, edition, paper, lang)
    except LayoutError:
        reject()


LAID_OUT = st.builds(
    laid_out,
    definitions(),
    st.sampled_from(sorted(EDITIONS)),
    st.sampled_from(sorted(PAPERS)),
    st.sampled_from(LANGS),
)


def real_layouts() -> list[Layout]:
    forms = [parse_definition(path.read_text(encoding="utf-8"), path.stem) for path in sorted(FORMS.glob("*.yaml"))]
    return [
        lay_out(form, edition, paper, lang)
        for form in forms
        if isinstance(form, FormDefinition)
        for edition in EDITIONS
        for paper in PAPERS
        for lang in LANGS
    ]


def apart(first: Box, second: Box) -> float:
    """The mm between two boxes along the axis that parts them most; negative where they overlap."""
    across = max(first.x - second.right, second.x - first.right)
    down = max(first.y - second.bottom, second.y - first.bottom)
    return max(across, down)


def ink(run: TextRun) -> Box:
    """The smallest box the letters of a line surely fit in: capital height above, tails under the base line."""
    size = run.size_pt * MM_PER_PT
    return Box(run.x, run.y - 0.7 * size, text_width(run.text, run.font, run.size_pt), 0.9 * size)


def copy_ink(run: CopyRun) -> Box:
    widest = {"code": "WWWW WWWW", "serial": "WWWWWWWW-99"}[run.words]
    left = run.x - (text_width(widest, run.font, run.size_pt) if run.anchor == "right" else 0)
    return ink(TextRun(left, run.y, widest, run.font, run.size_pt))


def words_on(page: PageLayout) -> list[Box]:
    runs = [ink(each) for each in page.drawings if isinstance(each, TextRun) and each.text]
    return runs + [copy_ink(each) for each in page.drawings if isinstance(each, CopyRun)]


def frame_of(field: Field) -> Box:
    return field.box.grown(0.7 * MM_PER_PT / 2)


def check_page(layout: Layout, page: PageLayout) -> None:
    paper = Box(0, 0, *layout.paper_mm)
    frames = [frame_of(field) for field in page.fields]
    marks = [frame_of(field) for field in page.fields if field.kind == "mark"]
    quiet = [code.box.grown({"qr": 2.88, "aruco": 1.16, "serial": 0}[code.kind]) for code in page.codes]
    words = words_on(page)
    assert all(apart(*pair) >= 5 - 1e-3 for pair in combinations(marks, 2))
    assert all(apart(*pair) >= 0.9 for pair in combinations(frames, 2))
    assert all(apart(frame, word) > 0.2 for frame in frames for word in words)
    assert all(apart(frame, code) > 0 for frame in frames for code in quiet)
    assert all(apart(word, code.box) > 1 for word in words for code in page.codes if code.kind != "serial")
    assert all(apart(*pair) > 0 for pair in combinations(words, 2))
    inside = paper.grown(-12)
    assert all(
        box.x >= inside.x and box.y >= inside.y and box.right <= inside.right and box.bottom <= inside.bottom
        for box in [*frames, *words, *(code.box for code in page.codes)]
    )


def check(layout: Layout) -> None:
    for page in layout.pages:
        check_page(layout, page)


@settings(max_examples=40)
@given(LAID_OUT)
def test_nothing_touches_anything_else_on_any_paper(layout: Layout) -> None:
    check(layout)


@pytest.mark.parametrize(
    "layout", real_layouts(), ids=lambda each: "-".join((each.form, each.edition, each.paper, each.lang))
)
def test_the_forms_of_this_site_fit_every_edition(layout: Layout) -> None:
    check(layout)
    assert max(len(run.text) for page in layout.pages for run in page.drawings if isinstance(run, TextRun)) <= 70


@settings(max_examples=40)
@given(definitions(), st.sampled_from(sorted(EDITIONS)), st.sampled_from(LANGS))
def test_every_variable_has_its_places_in_order(form: FormDefinition, edition: str, lang: str) -> None:
    fields = [field for page in lay_out(form, edition, "a4", lang).pages for field in page.fields]
    assert list(dict.fromkeys(field.question for field in fields)) == [variable.name for variable in form.variables]
    for variable in form.variables:
        mine = [field for field in fields if field.question == variable.name]
        if variable.choices:
            assert [field.value for field in mine] == [choice.value for choice in variable.choices]
            assert {field.kind for field in mine} == {"mark"}
        elif mine[0].kind == "character":
            assert [field.index for field in mine] == list(range(len(mine)))
            assert all(field.allowed for field in mine)
        else:
            assert [field.kind for field in mine] == ["text"]


@settings(max_examples=15)
@given(definitions())
def test_the_same_form_is_laid_out_the_same(form: FormDefinition) -> None:
    assert lay_out(form) == lay_out(replace(form))


def test_what_is_printed_differently_has_another_code() -> None:
    form = definition(question(Kind.ONE, choices=choices("Yes", "No")))
    reworded = definition(question(Kind.ONE, words="Another question?", choices=choices("Yes", "No")))
    layouts = [lay_out(form, edition, paper, lang) for edition in EDITIONS for paper in PAPERS for lang in LANGS]
    assert len({layout.id for layout in [*layouts, lay_out(reworded)]}) == len(layouts) + 1


@settings(max_examples=10)
@given(LAID_OUT)
def test_a_layout_kept_as_text_reads_back(layout: Layout) -> None:
    pages = tuple(replace(page, drawings=()) for page in layout.pages)
    assert layout_from_text(layout_to_text(layout)) == replace(layout, pages=pages, title="", author="")


def test_the_told_geometry_has_the_promised_names() -> None:
    told = layout_json(lay_out(definition(question(Kind.ONE, choices=choices("Yes", "No", other=True)))))
    assert told["paper_mm"] == [210.0, 297.0]
    assert {code["kind"] for code in told["pages"][0]["codes"]} == {"qr", "aruco", "serial"}
    first, second, written = told["pages"][0]["fields"]
    assert (first["question"], first["kind"], first["value"], first["shape"]) == ("q", "mark", "v0", "box")
    assert second["value"] == "v1"
    assert (written["question"], written["kind"]) == ("q.other", "text")
    assert all(len(field["box_mm"]) == 4 for field in (first, second, written))


def test_a_question_that_fits_a_page_stays_whole() -> None:
    items = [question(Kind.ONE, f"q{number}", choices=choices(*"abcdefgh")) for number in range(5)]
    for edition in EDITIONS:
        pages = lay_out(definition(*items), edition).pages
        home = [{page.number for page in pages for field in page.fields if field.question == f"q{n}"} for n in range(5)]
        assert all(len(numbers) == 1 for numbers in home)


def test_a_question_longer_than_a_page_goes_on_under_its_number() -> None:
    form = definition(question(Kind.ONE, choices=choices(*(f"Choice {number}" for number in range(40)))))
    pages = [page for page in lay_out(form).pages if page.fields]
    assert len(pages) > 1
    assert all("(continued)" in texts(page) and "1" in texts(page) for page in pages[1:])


def test_a_grid_that_is_parted_repeats_its_headings() -> None:
    statements = tuple(Statement(f"s{number}", both(f"Statement {number}")) for number in range(30))
    form = definition(question(Kind.SCALE, statements=statements, points=choices("Good", "Poor")))
    pages = [page for page in lay_out(form).pages if page.fields]
    assert len(pages) > 1
    assert all("Good" in texts(page) and "Poor" in texts(page) for page in pages)


def test_a_grid_too_wide_for_large_print_becomes_lists() -> None:
    points = choices("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree")
    statements = (Statement("sat", both("Open on Saturdays")),)
    form = definition(question(Kind.SCALE, statements=statements, points=points))
    rows = {edition: {field.box.y for field in fields(lay_out(form, edition))} for edition in EDITIONS}
    assert (len(rows["clear"]), len(rows["giant"])) == (1, 5)


def test_a_grid_has_a_light_line_under_each_row() -> None:
    form = definition(
        question(
            Kind.SCALE,
            statements=tuple(Statement(f"s{n}", both("Staff")) for n in range(3)),
            points=choices("Good", "Poor"),
        )
    )
    (page,) = [page for page in lay_out(form).pages if page.fields]
    guides = [
        line for line in page.drawings if isinstance(line, Stroke) and line.y == line.y2 and line.x2 - line.x > 100
    ]
    assert len(guides) == 4
    assert all(abs(field.box.centre[1] - guide.y) > field.box.h / 2 + 2 for field in page.fields for guide in guides)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (question(Kind.DATE), ["0123456789"] * 8),
        (question(Kind.POSTCODE), ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"] * 8),
        (question(Kind.NUMBER, maximum=240), ["0123456789"] * 3),
        (question(Kind.NUMBER, minimum=-5, maximum=9), ["-0123456789", "0123456789"]),
        (question(Kind.CODE, pattern="A9-9"), ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "0123456789"]),
        (question(Kind.TEXT, length=3), ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"] * 3),
    ],
    ids=lambda each: each.kind if isinstance(each, Question) else "",
)
def test_a_box_for_a_character_takes_what_its_kind_may_hold(asked: Question, allowed: list[str]) -> None:
    assert [field.allowed for field in fields(lay_out(definition(asked)))] == allowed


def test_sizes_grow_with_the_edition() -> None:
    form = definition(question(Kind.ONE, choices=choices("Yes", "No")), question(Kind.DATE, "d"))
    sizes = {}
    for edition in EDITIONS:
        layout = lay_out(form, edition)
        mark = next(field.box for field in fields(layout) if field.kind == "mark")
        letter = next(field.box for field in fields(layout) if field.kind == "character")
        runs = [run for page in layout.pages for run in page.drawings if isinstance(run, TextRun)]
        sizes[edition] = mark.w, letter.w, letter.h, min(run.size_pt for run in runs)
    assert sizes["clear"] == (6, 7, 8.5, 14)
    assert sizes["large"] == (9, 9, 11, 18)
    assert sizes["giant"] == (10.5, 11, 13.5, 24)


def test_corner_marks_tell_corner_and_page() -> None:
    pages = lay_out(definition(*[question(Kind.COMMENT, f"q{number}", lines=20) for number in range(30)])).pages
    assert [code.id for code in pages[0].codes if code.kind == "aruco"] == [0, 1, 2, 3]
    assert [code.id for code in pages[1].codes if code.kind == "aruco"] == [4, 5, 6, 7]
    assert [code.id for code in pages[25].codes if code.kind == "aruco"] == [0, 1, 2, 3]
    top_left, top_right, bottom_right, bottom_left = [code.box for code in pages[0].codes if code.kind == "aruco"]
    assert top_left.x == bottom_left.x < top_right.x == bottom_right.x
    assert top_left.y == top_right.y < bottom_left.y == bottom_right.y


@pytest.mark.parametrize("paper", PAPERS)
def test_codes_keep_off_the_edges(paper: str) -> None:
    layout = lay_out(definition(question(Kind.COMMENT)), paper=paper)
    width, height = layout.paper_mm
    for code in layout.pages[0].codes:
        if code.kind != "serial":
            assert code.box.y >= 19
            assert height - code.box.bottom >= 19
        if code.kind == "aruco":
            assert 12 <= min(code.box.x, width - code.box.right) <= 15


YES_NO = choices("Yes", "No")


def test_a_question_for_some_leads_the_others_past_it() -> None:
    form = definition(
        question(Kind.ONE, "a", choices=YES_NO),
        question(Kind.COMMENT, "b", when=Condition("a", ("v0",))),
        question(Kind.COMMENT, "c"),
    )
    assert "If you ticked ‘No’, go to question 3." in told(form)
    assert "Os gwnaethoch chi dicio ‘No ŵŷ’, ewch i gwestiwn 3." in told(form, "cy")
    assert "Answer this only" not in told(form)


def test_a_question_for_some_at_the_end_ends_the_form_for_the_others() -> None:
    form = definition(
        question(Kind.ONE, "a", choices=YES_NO), question(Kind.COMMENT, "b", when=Condition("a", ("v0",)))
    )
    assert "If you ticked ‘No’, you have finished. Thank you." in told(form)


def test_a_question_that_others_reach_says_whom_it_is_for() -> None:
    form = definition(
        question(Kind.ONE, "a", choices=YES_NO),
        question(Kind.COMMENT, "b"),
        question(Kind.COMMENT, "c", when=Condition("a", ("v1",))),
    )
    assert "Answer this only if you ticked ‘No’ at question 1." in told(form)
    assert "go to question" not in told(form)


def test_two_groups_of_questions_part_and_meet_again() -> None:
    form = definition(
        question(Kind.ONE, "a", choices=YES_NO),
        question(Kind.COMMENT, "b", when=Condition("a", ("v0",))),
        question(Kind.COMMENT, "c", when=Condition("a", ("v1",))),
        question(Kind.COMMENT, "d"),
    )
    assert "If you ticked ‘No’, go to question 3." in told(form)
    assert "Answer this only if you ticked ‘No’ at question 1." in told(form)


def test_a_question_for_some_of_a_scale_or_list_says_so() -> None:
    form = definition(
        question(Kind.SCALE, "a", statements=(Statement("sat", both("Saturdays")),), points=YES_NO),
        question(Kind.MANY, "b", choices=YES_NO),
        question(Kind.COMMENT, "c", when=Condition("a.sat", ("v0", "v1"))),
        question(Kind.COMMENT, "d", when=Condition("b", ("v1",))),
    )
    assert "Answer this only if you ticked ‘Yes’ or ‘No’ for ‘Saturdays’ at question 1." in told(form)
    assert "Answer this only if you ticked ‘No’ at question 2." in told(form)


def test_both_languages_stand_on_one_page_the_first_heavier() -> None:
    layout = lay_out(definition(question(Kind.ONE, choices=YES_NO)), lang="cy+en")
    runs = {run.text: run for page in layout.pages for run in page.drawings if isinstance(run, TextRun)}
    assert (runs["Yes ŵŷ"].font, runs["Yes ŵŷ"].language) == ("semibold", "cy")
    assert (runs["Yes"].font, runs["Yes"].language) == ("regular", "en")


def test_how_long_answers_are_kept_is_printed() -> None:
    form = definition(question(Kind.COMMENT))
    assert "We delete the scan of this form after 90 days and your answers after 2 years." in told(form)
    assert "ar ôl 90 diwrnod a’ch atebion ar ôl 24 mis." in told(form, "cy")
    assert "Please return it by 31 March 2027." in told(form)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"edition": "tiny"}, "no edition 'tiny'. Choose one of clear, large, giant"),
        ({"paper": "a3"}, "no paper 'a3'. Choose one of a4, letter"),
        ({"lang": "fr"}, "not written in 'fr'. Choose from en, cy"),
    ],
)
def test_what_there_is_none_of_is_named(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        lay_out(definition(question(Kind.COMMENT)), **arguments)


def test_letters_the_typeface_lacks_are_not_printed_as_boxes() -> None:
    with pytest.raises(LayoutError, match="cannot print: 図 書 館"):
        lay_out(definition(question(Kind.COMMENT, words="図書館")))


def test_words_taller_than_a_page_are_refused() -> None:
    with pytest.raises(LayoutError, match="Use fewer words or lines there"):
        lay_out(definition(question(Kind.ONE, choices=choices("Yes", "far too many words " * 300))))


def test_a_question_of_very_many_words_goes_on_over_pages() -> None:
    check(lay_out(definition(question(Kind.ONE, words="far too many words " * 300, choices=YES_NO))))


def test_a_title_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(LayoutError, match="Say it in fewer words"):
        lay_out(definition(question(Kind.COMMENT), title="far too many words " * 30))


def test_a_form_of_more_than_99_pages_is_refused() -> None:
    with pytest.raises(LayoutError, match="no form may take more than 99"):
        lay_out(definition(*[question(Kind.COMMENT, f"q{number}", lines=20) for number in range(110)]))


def fields(layout: Layout) -> list[Field]:
    return [field for page in layout.pages for field in page.fields]


def texts(page: PageLayout) -> list[str]:
    return [run.text for run in page.drawings if isinstance(run, TextRun)]


def told(form: FormDefinition, lang: str = "en") -> str:
    """All words of a form in print order, lines joined as a reader joins them."""
    return " ".join(text for page in lay_out(form, lang=lang).pages for text in texts(page))
