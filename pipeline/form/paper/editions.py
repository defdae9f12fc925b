"""The print editions and papers a form comes in: type sizes in points, everything else in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

MM_PER_PT = 25.4 / 72

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Width and height in mm of each paper a form can be printed on."""

MARK_CLEARANCE = 5.25
"""White, from frame centre to frame centre line, between answer boxes: 5 mm and the thickness of two half frames."""


@dataclass(frozen=True, slots=True)
class Edition:
    """The sizes one edition is set in. `leading` is line spacing as a multiple of the type size.

    `tallness` is how many times as high as Latin lines the lines of the languages set in it must be.
    `mark` is the side of a box to tick, `character` the width and height of a box for one letter, with
    `character_gap` between neighbours; `number_column` is what question numbers hang in; `writing_line` is
    the height that one line of handwriting needs; `picture` is the side of the symbol beside each question in Easy
    Read, which stands with the number in its column. One that `is_typed` can be filled in on a screen.
    """

    name: str
    body_pt: float
    heading_pt: float
    title_pt: float
    code_pt: float
    leading: float
    mark: float
    character: tuple[float, float]
    character_gap: float
    number_column: float
    writing_line: float
    picture: float = 0.0
    tallness: float = 1.0
    is_typed: bool = False
    small_pt: float = 0.0

    @property
    def is_easy(self) -> bool:
        """Whether this is Easy Read: a picture beside each question, short sentences."""
        return self.picture > 0

    @property
    def smallest_pt(self) -> float:
        """The smallest type that anything people read is printed in."""
        return self.small_pt or self.body_pt

    @property
    def line(self) -> float:
        """The height in mm of one line of body text."""
        return self.body_pt * MM_PER_PT * self.leading * self.tallness

    @property
    def label_gap(self) -> float:
        """The mm between a box and the words beside it."""
        return self.line * 0.6


EDITIONS = {
    edition.name: edition
    for edition in (
        Edition("clear", 14, 19.5, 28, 19.5, 1.3, 6.0, (7.0, 8.5), 1.2, 11.0, 9.0),
        Edition("large", 18, 25, 34, 25, 1.3, 9.0, (9.0, 11.0), 1.5, 14.0, 11.5),
        Edition("giant", 24, 30, 38, 30, 1.3, 10.5, (11.0, 13.5), 2.0, 18.0, 14.0),
        Edition("easyread", 16, 22, 30, 22, 1.4, 9.0, (9.0, 11.0), 1.5, 38.0, 11.5, picture=22.0),
        Edition("fillable", 14, 19.5, 28, 19.5, 1.3, 6.0, (7.0, 8.5), 1.2, 11.0, 9.0, is_typed=True),
    )
}
"""The editions on whole pages. UKAAF clear and large print guidance: 14 pt at least for everybody, 18 pt large, 24 pt
giant; Change's guide to Easy Read asks for 16 pt."""

POSTCARD = Edition("postcard", 14, 14, 14, 16, 1.3, 6.0, (7.0, 8.5), 1.2, 0.0, 9.0, small_pt=12)
"""The card with one tick, four to a sheet. Below the question words have the least size that clear print allows."""

EDITION_NAMES = (*EDITIONS, POSTCARD.name)
"""Everything a form can be printed as."""


def is_typed(edition: str) -> bool:
    """Whether a single copy of the edition of that name can be filled in on a screen."""
    return edition in EDITIONS and EDITIONS[edition].is_typed
