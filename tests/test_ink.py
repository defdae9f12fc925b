"""A sheet scanned twice is known again; a photocopied blank filled in by somebody else is not taken for it."""

from dataclasses import replace

import numpy as np
import pytest
from drawn_pages import PX_PER_MM, Copy, filled, printed, registered, scanned

from pipeline.practice.answers import random_answers
from pipeline.practice.marks import Care, Mark, mark_traces
from pipeline.practice.pens import BLACK_BALLPOINT, Grey, draw
from pipeline.practice.resident import random_resident
from pipeline.practice.scanner import Scanner, ordinary_scanner, photocopy
from pipeline.reading.ink import sign_ink
from pipeline.reading.readings import InkSignature
from pipeline.reading.same_ink import SameInk, likenesses, same_ink


def signature(copy: Copy, page: Grey, scanner: Scanner | None = None, seed: int = 0) -> InkSignature:
    return sign_ink(registered(copy, scanned(page, scanner, seed)))


def answered(seed: int, answers_seed: int) -> tuple[Copy, tuple[Grey, ...]]:
    """Two people given the same `answers_seed` tick the same boxes, with crosses; the second on a photocopy."""
    copy = printed()
    rng = np.random.default_rng(seed)
    answers = random_answers(copy.definition, np.random.default_rng(answers_seed))
    person = replace(random_resident(rng), marks=(Mark.CROSS,))
    return copy, filled(copy, answers, person, seed).pages


@pytest.mark.parametrize("seed", range(5))
def test_a_sheet_scanned_again_is_the_same_paper(seed: int) -> None:
    copy, pages = answered(seed, seed)
    rng = np.random.default_rng(seed)
    for number, page in enumerate(pages):
        first = signature(copy, page, ordinary_scanner(rng), seed)
        again = signature(copy, page, ordinary_scanner(rng, int(rng.choice((200, 300)))), seed + 1)
        expected = SameInk.SAME if first.fields else SameInk.BOTH_BLANK
        assert same_ink(first, again) is expected, (number, likenesses(first, again))
        assert same_ink(again, first) is expected


@pytest.mark.parametrize("seed", range(5))
def test_a_photocopied_blank_filled_in_by_another_person_is_other_paper(seed: int) -> None:
    copy, pages = answered(seed, answers_seed=seed)
    rng = np.random.default_rng(100 + seed)
    blanks = tuple(photocopy(page, PX_PER_MM, rng) for page in copy.pages)
    _, others = answered(100 + seed, answers_seed=seed)
    compared = 0
    for mine, other, blank, photocopied in zip(pages, others, copy.pages, blanks, strict=True):
        ink = np.minimum(photocopied, 255 - (blank - np.minimum(blank, other)))
        first, second = signature(copy, mine), signature(copy, ink.astype(np.uint8))
        if len(first.fields) > 1:
            compared += 1
            assert same_ink(first, second) is SameInk.DIFFERENT, likenesses(first, second)
    assert compared


def test_one_mark_added_since_makes_it_other_paper() -> None:
    copy, pages = answered(1, 1)
    number = next(n for n, page in enumerate(copy.layout.pages) if any(field.kind == "mark" for field in page.fields))
    before = signature(copy, pages[number])
    empty = next(
        field
        for place, field in enumerate(copy.layout.pages[number].fields)
        if field.kind == "mark" and place not in {each.field for each in before.fields}
    )
    later, rng = pages[number].copy(), np.random.default_rng(0)
    draw(later, PX_PER_MM, mark_traces(Mark.TICK, empty.box, Care(0.2, 0.1, 0.03), rng), BLACK_BALLPOINT, rng)
    assert same_ink(before, signature(copy, later)) is SameInk.DIFFERENT


def test_two_blank_pages_say_so() -> None:
    copy = printed()
    first, second = signature(copy, copy.pages[0]), signature(copy, copy.pages[0], Scanner(turn=2, dpi=200), 1)
    assert first == InkSignature(())
    assert same_ink(first, second) is SameInk.BOTH_BLANK
