"""Words are broken into lines where a reader would break them."""

from pipeline.form.paper.typeset import wrap
from pipeline.form.shaping import text_width


def test_balancing_two_lines_cuts_no_word_that_fits() -> None:
    width = text_width("Eithaf", "semibold", 14) + 0.01

    assert wrap("Eithaf da", "semibold", 14, width) == ("Eithaf", "da")
