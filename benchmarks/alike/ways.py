"""Every way in which one person's answers come in: each edition on paper, the typed PDF, the online form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.form.definition import FormDefinition
from pipeline.form.fillable import print_fillable
from pipeline.form.layout import Layout
from pipeline.form.paper.editions import EDITION_NAMES, PAPERS, is_typed
from pipeline.form.tagged import print_copy
from pipeline.form.typed_fields import typed_fields
from pipeline.practice.definitions import LANGUAGES
from pipeline.practice.printer import handed_out, printed_pages
from pipeline.practice.trial import DPI_DRAWN, returned
from pipeline.practice.typist import entries_of, fill_in

TYPED, ONLINE = "typed", "online"
PRINTED = (*EDITION_NAMES, TYPED)
"""Ways that begin with a printed copy: each edition filled in by pen, and the fillable one typed into."""

PRINTED_IN = (*LANGUAGES, "cy+en")


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that is to be answered: how (`PRINTED`), on which paper it lies, what its owner has to say."""

    way: str
    code: str
    definition: FormDefinition
    layout: Layout
    answers: Mapping[str, str]
    seed: tuple[int, ...]

    @property
    def facts(self) -> dict[str, str]:
        """What its row must say of it, beside the answers."""
        channel = "pdf" if self.way == TYPED else "paper"
        return {"channel": channel, "edition": self.layout.edition, "lang": self.layout.lang}


def turns(number: int) -> dict[str, tuple[str, str]]:
    """Return the language and the paper of every printed way for a form: each has had each after so many forms."""
    papers = sorted(PAPERS)
    return {
        way: (PRINTED_IN[(number + place) % len(PRINTED_IN)], papers[(number + place) % 3 // 2])
        for place, way in enumerate(PRINTED)
    }


def file_of(copy: Copy) -> bytes:
    """Return the file that comes in: what was typed into, or the scan of what was printed and filled in by pen."""
    cv2.setNumThreads(1)
    if copy.way == TYPED:
        return fill_in(_printed(copy), entries_of(typed_fields(copy.definition, copy.layout), copy.answers))
    rng = np.random.default_rng(copy.seed)
    pages = tuple(handed_out(printed_pages(_printed(copy), DPI_DRAWN), copy.layout, DPI_DRAWN))
    return returned(copy.code, pages, copy.layout, copy.answers, rng).pdf


def _printed(copy: Copy) -> bytes:
    """A single copy, as `print` makes it."""
    if is_typed(copy.layout.edition):
        return print_fillable(copy.layout, copy.definition, copy.code)
    return print_copy(copy.layout, copy.code)
