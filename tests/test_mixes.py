"""The mixes of marks: what is drawn is what is meant, and an accepted answer is held to it."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pipeline.form.code import copy_code
from pipeline.form.definition import FormDefinition, Shape
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout
from pipeline.form.parse import parse_definition
from pipeline.form.printing import print_copies
from pipeline.practice.mixes import HARD, MIXES, ORDINARY, Meaning, Mix, is_hard, mark_page, random_writer
from pipeline.practice.pens import Grey
from pipeline.practice.printer import printed_pages
from pipeline.practice.ways import Way

BOXES = Path(__file__).parents[1] / "benchmarks" / "boxes.yaml"
DPI = 100
PX_PER_MM = DPI / 25.4


@cache
def printed() -> tuple[FormDefinition, Layout, tuple[Grey, ...]]:
    definition = parse_definition(BOXES.read_text(encoding="utf-8"), "boxes")
    assert isinstance(definition, FormDefinition)
    layout = lay_out(definition)
    return definition, layout, tuple(printed_pages(print_copies(layout, [copy_code(1)], "one"), DPI))


def marked(mix: Mix, seed: int) -> tuple[dict[tuple[str, str], Meaning], dict[tuple[str, str], Way]]:
    definition, layout, blanks = printed()
    rng = np.random.default_rng(seed)
    writer = random_writer(mix, rng)
    meanings: dict[tuple[str, str], Meaning] = {}
    ways: dict[tuple[str, str], Way] = {}
    for blank, page in zip(blanks, layout.pages, strict=True):
        one = mark_page(blank, PX_PER_MM, page, definition, writer, rng)
        meanings |= one.meanings
        ways |= one.ways
        assert np.array_equal(one.grey, blank) == (not one.ways)
    return meanings, ways


@pytest.mark.parametrize("mix", MIXES.values(), ids=lambda mix: mix.name)
def test_a_third_of_the_boxes_is_inked_and_a_pick_one_holds_one_mark(mix: Mix) -> None:
    definition, layout, _ = printed()
    meant: Counter[Meaning] = Counter()
    for seed in range(40):
        meanings, _ = marked(mix, seed)
        assert set(meanings) == {(field.question, field.value) for page in layout.pages for field in page.fields}
        meant.update(meanings.values())
        for variable in definition.variables:
            marks = [key for key, meaning in meanings.items() if key[0] == variable.name and meaning is Meaning.MARKED]
            assert len(marks) <= 1 or variable.shape is Shape.CHOICES
    assert meant.total() - meant[Meaning.EMPTY] > meant.total() / 3
    assert (meant[Meaning.OPEN] == 0) == (mix is ORDINARY)
    assert 0 < meant[Meaning.TAKEN_BACK] < 0.03 * meant.total()


def test_about_half_of_the_marks_of_the_hard_mix_are_hard() -> None:
    hard, every = 0, 0
    definition, layout, blanks = printed()
    for seed in range(60):
        rng = np.random.default_rng(seed)
        writer = random_writer(HARD, rng)
        ways = mark_page(blanks[0], PX_PER_MM, layout.pages[0], definition, writer, rng).ways
        hard += sum(is_hard(way, writer.hand.pen) for way in ways.values())
        every += len(ways)
    assert 0.4 * every < hard < 0.65 * every


def test_what_is_left_alone_stays_as_it_was_printed() -> None:
    meanings, ways = marked(replace(ORDINARY, left_out=1.0), 1)
    assert not ways
    assert set(meanings.values()) == {Meaning.EMPTY}
