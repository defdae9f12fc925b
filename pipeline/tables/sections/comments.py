"""The section on comments: replies that are nearly the same, and the themes a machine suggests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.form.definition import Shape
from pipeline.tables.comments.campaigns import group_alike
from pipeline.tables.comments.themes import Theme, suggest_themes
from pipeline.tables.describe import Said, Stack, channel_place
from pipeline.tables.disclose import Disclosed
from pipeline.tables.numbers import stack_table
from pipeline.tables.sections.piece import Piece, ReportSection
from pipeline.tables.stack_charts import stack_chart
from pipeline.tables.wording import came, joined, number, people, quoted

NOT_INSTALLED = (
    'Themes can be suggested where the libraries for analysts are installed: pip install "pillarbox[analysis]".'
)

CARE = (
    "A machine suggests these themes by words that stand together. It does not understand them: read the comments "
    "before you rely on any."
)

_EXAMPLE = 160
"""Characters of a typical comment that are shown."""


def comments_section(shown: Sequence[Disclosed]) -> ReportSection | None:
    """Return the section; None where there are neither replies nearly the same nor comments enough for themes."""
    pieces = tuple(piece for each in shown if _is_open(each) for piece in _pieces(each))
    return ReportSection("comments", "What the comments are about", (CARE,), pieces) if pieces else None


def _is_open(shown: Disclosed) -> bool:
    return not (shown.wholly_withheld or shown.question.question.sensitive)


def _pieces(shown: Disclosed) -> Iterator[Piece]:
    for part in shown.question.parts:
        if part.variable.shape is Shape.COMMENT and part.said:
            yield from _themes(
                f"{shown.question.number}. {part.label}" if shown.question.number else part.label, part.said
            )


def _themes(title: str, said: Sequence[Said]) -> Iterator[Piece]:
    languages = Counter(each.lang for each in said)
    for language in sorted(languages):
        spoken = [each for each in said if each.lang == language]
        firsts = [spoken[group.members[0]] for group in group_alike([each.value for each in spoken])]
        try:
            found = suggest_themes([each.value for each in firsts], language)
        except ModuleNotFoundError:
            yield Piece(title, (NOT_INSTALLED,))
            return
        if found:
            yield _piece(title if len(languages) == 1 else f"{title} ({language})", firsts, found)


def _piece(title: str, said: Sequence[Said], themes: Sequence[Theme]) -> Piece:
    stacks = [_stack(", ".join(theme.words), [said[place] for place in theme.comments]) for theme in themes]
    largest = themes[0]
    typical = said[largest.comments[0]].value
    none = len(said) - sum(len(theme.comments) for theme in themes)
    told = (
        f"The largest of {number(len(themes))} suggested themes, in {number(len(largest.comments))} of "
        f"{number(len(said))} different comments: {joined(largest.words)}. For instance: {quoted(_short(typical))}",
        f"{number(none)} comments fit none of them." if none else "",
    )
    chart = stack_chart("how many comments are of each theme", stacks)
    table = stack_table(f"Suggested themes: {title}", "Theme", stacks)
    return Piece(title, tuple(filter(None, told)), chart, (table,))


def _stack(label: str, said: Sequence[Said]) -> Stack:
    sizes = Counter(each.channel for each in said)
    return Stack(label, {channel: sizes[channel] for channel in sorted(sizes, key=channel_place)})


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _EXAMPLE else f"{plain[:_EXAMPLE].rsplit(' ', 1)[0]} …"


def nearly_the_same(said: Sequence[Said]) -> str:
    """Say how many more replies are nearly the same as the first of these, and how they came."""
    sizes = Counter(each.channel for each in said)
    ways = joined([f"{number(sizes[channel])} {came(channel)}" for channel in sorted(sizes, key=channel_place)])
    return f"{people(len(said))} wrote nearly the same: {ways}"
