"""A publication as the files that are put on the web: counts, comments, the log of what was removed, and a note."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.form.cells import defused
from pipeline.form.definition import say
from pipeline.tables.disclose import FEWEST
from pipeline.tables.formats.text import csv_bytes
from pipeline.tables.publishing.counting import EVERYONE, OTHER_WAYS
from pipeline.tables.publishing.publication import Publication

_ABOUT = """{title}
{council}

{responses} responses are counted here.

counts.csv    how many gave each answer, together ("{everyone}") and by how they came where that may be told:
              n of the people who were asked. Channels with few responses are taken together as "{other}".
              Where n is empty, the number is hidden.
{comments}removed.csv   what was removed, and why.

Numbers under {fewest} are hidden (0 only where the question is sensitive). So are others, until no hidden number can be
worked out from those that are shown and their totals: the least and the most it may be are at least {fewest} apart.
Larger figures are counted in bands, postcodes by district. A question that follows from one of which something is
hidden, is left out.
"""

_COMMENTS = """comments.csv  what people wrote. Names, addresses, numbers and the like were taken out by rules, which
              find what looks like one and no more. The order tells nothing of when or how a comment came.
"""


def files_of(published: Publication) -> dict[str, bytes]:
    """Return each file of a publication by its name; without comments where none may be published."""
    form, language = published.form, published.form.languages[0]
    about = _ABOUT.format(
        title=say(form.title, language),
        council=say(form.council, language),
        responses=f"{published.responses:,}",
        comments=_COMMENTS if published.comments else "",
        fewest=FEWEST,
        everyone=EVERYONE,
        other=OTHER_WAYS,
    )
    files = {
        "about.txt": about.encode(),
        "counts.csv": b"".join(csv_bytes(_counts(published))),
        "removed.csv": b"".join(csv_bytes(_removed(published))),
    }
    return files | ({"comments.csv": b"".join(csv_bytes(_comments(published)))} if published.comments else {})


def _counts(published: Publication) -> Iterator[list[str]]:
    yield ["variable", "question", "value", "answer", "by", "n", "of"]
    for row in published.counts:
        n = "" if row.n is None else str(row.n)
        yield [row.variable, row.question, row.value, row.answer, row.by, n, str(row.of)]


def _comments(published: Publication) -> Iterator[list[str]]:
    yield ["variable", "question", "comment"]
    for each in published.comments:
        yield [each.variable, each.question, defused(each.text)]


def _removed(published: Publication) -> Iterator[list[str]]:
    yield ["file", "variable", "what", "times", "why"]
    for each in published.removed:
        yield [each.file, each.variable, each.what, str(each.times), each.why]
