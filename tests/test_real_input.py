"""Real pens on our pages: characters that other people wrote."""

from pathlib import Path

from drawn_pages import PX_PER_MM, printed

from pipeline.practice.real import held_out_glyphs, read_real_characters


def test_real_characters_in_printed_boxes(shared_data: Path) -> None:
    copy = printed()
    glyphs = held_out_glyphs(shared_data / "glyphs" / "emnist_byclass.npz")
    figures, capitals = read_real_characters(glyphs, copy.layout, copy.pages, PX_PER_MM, rounds=25, seed=1)
    print(f"\n{figures.right} of {figures.of} figures ({figures.rate:.1%}) read rightly")
    print(f"{capitals.right} of {capitals.of} capitals ({capitals.rate:.1%}) read rightly")
    assert figures.rate > 0.98
    assert capitals.rate > 0.93
