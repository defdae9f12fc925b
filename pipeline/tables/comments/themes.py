"""Themes of comments, suggested by the words that stand together; scikit-learn, where it is installed.

D. D. Lee, H. S. Seung, Learning the parts of objects by non-negative matrix factorization, Nature 401 (1999), 788–791,
on words weighed by how few comments hold them. Always the same for the same comments.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

FEWEST_COMMENTS = 30
"""Comments below which a person has read them sooner than sorted them."""

MOST_THEMES, WORDS = 8, 4
"""Themes at most, and words by which each is named."""

FEWEST_WITH_WORD, LARGEST_PART_WITH_WORD = 3, 0.5
"""A word must stand in so many comments, and in no more than this part of them, to tell anything."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The words a theme is named by, and the comments that belong to it most, the most typical first."""

    words: tuple[str, ...]
    comments: tuple[int, ...]


def suggest_themes(texts: Sequence[str], language: str) -> tuple[Theme, ...]:
    """Return themes, the largest first; a comment in which none of their words stands belongs to none.

    Empty of too few comments. Raises ModuleNotFoundError where scikit-learn is not installed.
    """
    if len(texts) < FEWEST_COMMENTS:
        return ()
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer

    weigh = TfidfVectorizer(
        stop_words="english" if language.startswith("en") else None,
        min_df=FEWEST_WITH_WORD,
        max_df=LARGEST_PART_WITH_WORD,
        token_pattern=r"(?u)\b[^\W\d_]{3,}\b",
        sublinear_tf=True,
    )
    try:
        weighed = weigh.fit_transform(texts)
    except ValueError:  # no word is neither too rare nor too common
        return ()
    words = weigh.get_feature_names_out()
    count = min(MOST_THEMES, max(2, round(sqrt(len(texts) / 10))), len(words))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # the root of a distance that rounding made less than none
        factors = NMF(count, init="nndsvda", random_state=0, max_iter=500)
        belongs = factors.fit_transform(weighed)
    most = belongs.argmax(axis=1)
    found = []
    for theme, loadings in enumerate(factors.components_):
        members = [place for place in (-belongs[:, theme]).argsort(kind="stable").tolist() if most[place] == theme]
        members = [place for place in members if belongs[place, theme] > 0]
        named = [words[place] for place in (-loadings).argsort(kind="stable")[:WORDS].tolist() if loadings[place] > 0]
        if members and named:
            found.append(Theme(tuple(named), tuple(members)))
    return tuple(sorted(found, key=lambda theme: -len(theme.comments)))
