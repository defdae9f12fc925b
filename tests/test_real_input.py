"""Real pens on our pages: marks photographed elsewhere, characters that other people wrote."""

from pathlib import Path

from drawn_pages import PX_PER_MM, printed

from pipeline.practice.real import CLEAR_KINDS, held_out_glyphs, judge_real_marks, read_real_characters, real_marks
from pipeline.reading.marks import Verdict


def test_real_marks_in_printed_boxes(shared_data: Path) -> None:
    copy = printed()
    marks = real_marks(shared_data / "crops" / "odkscan" / "checkboxes")
    verdicts = judge_real_marks(marks, copy.layout, copy.pages, PX_PER_MM, seed=1)
    print("\n" + "\n".join(f"{kind:11} {dict(counts)}" for kind, counts in sorted(verdicts.items())))
    clear = sum((verdicts[kind] for kind in CLEAR_KINDS), start=type(verdicts["X"])())
    empty = verdicts["empty"]
    wrong = clear[Verdict.EMPTY] + empty[Verdict.MARKED] + empty[Verdict.CANCELLED]
    right, every = clear[Verdict.MARKED] + empty[Verdict.EMPTY], clear.total() + empty.total()
    print(f"{right} of {every} clear marks and empty boxes right, {every - right - wrong} for a person, {wrong} wrong")
    assert wrong == 0
    assert right > 0.6 * every


def test_real_characters_in_printed_boxes(shared_data: Path) -> None:
    copy = printed()
    glyphs = held_out_glyphs(shared_data / "glyphs" / "emnist_byclass.npz")
    figures, capitals = read_real_characters(glyphs, copy.layout, copy.pages, PX_PER_MM, rounds=25, seed=1)
    print(f"\n{figures.right} of {figures.of} figures ({figures.rate:.1%}) read rightly")
    print(f"{capitals.right} of {capitals.of} capitals ({capitals.rate:.1%}) read rightly")
    assert figures.rate > 0.98
    assert capitals.rate > 0.93
