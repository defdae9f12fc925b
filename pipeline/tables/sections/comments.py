"""The section on comments: the codes that people gave them, and the themes a machine suggests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.form.authoring.entries import LANGUAGE_NAMES
from pipeline.form.definition import Shape
from pipeline.store.coded import CodedDataset
from pipeline.tables.comments.campaigns import group_alike
from pipeline.tables.comments.codes import Codes
from pipeline.tables.comments.themes import Theme, suggest_themes
from pipeline.tables.describe import Said, Stack, VariableSummary, channel_place
from pipeline.tables.disclose import Disclosed
from pipeline.tables.intervals import wilson
from pipeline.tables.numbers import Row, Table, stack_table
from pipeline.tables.sections.piece import Piece, ReportSection
from pipeline.tables.stack_charts import stack_chart
from pipeline.tables.wording import came, interval, joined, mark, number, people, percent, quoted

NOT_INSTALLED = (
    'Themes can be suggested where the libraries for analysts are installed: pip install "pillarbox[analysis]".'
)

CARE = (
    "A machine suggests these themes by words that stand together. It does not understand them: read the comments "
    "before you rely on any."
)

_EXAMPLE = 160
"""Characters of a typical comment that are shown."""


def comments_section(
    dataset: CodedDataset, shown: Sequence[Disclosed], codes: Codes | None = None
) -> ReportSection | None:
    """Return the section; None where there are neither codes nor comments enough for themes."""
    told = [each for each in shown if _is_open(each)]
    coded = [piece for each in told for piece in _codes(dataset, each, codes)] if codes else []
    themes = [piece for each in told for piece in _pieces(each)]
    if not coded and not themes:
        return None
    return ReportSection("comments", "What the comments are about", (CARE,) if themes else (), (*coded, *themes))


def _codes(dataset: CodedDataset, shown: Disclosed, codes: Codes) -> Iterator[Piece]:
    """What people who read the comments found in them, the most frequent first."""
    for part in shown.question.variables:
        given = codes.given.get(part.variable.name)
        if not given:
            continue
        counted: dict[str, Counter[str]] = {}
        for place, found in given.items():
            channel = dataset.channel.values[dataset.channel.codes[place]]
            for code in found:
                counted.setdefault(code, Counter())[channel] += 1
        in_order = sorted(counted, key=lambda code: (-counted[code].total(), code))
        stacks = [Stack(code, _in_order(counted[code])) for code in in_order]
        yield _coded_piece(_title(shown, part), stacks, coded=len(given), written=part.everyone.answered)


def _coded_piece(title: str, stacks: Sequence[Stack], *, coded: int, written: int) -> Piece:
    found = (
        f"People who read {number(coded)} of {number(written)} comments gave them {number(len(stacks))} codes. The "
        f"most frequent, {quoted(stacks[0].label)}, stands in {number(stacks[0].n)} ({percent(stacks[0].n, coded)})."
    )
    rows = tuple(
        Row(stack.label, (number(stack.n), percent(stack.n, coded), interval(wilson(stack.n, coded)), _by(stack)))
        for stack in stacks
    )
    table = Table(f"Codes: {title}", (), ("Code", "n", "% of those read", "95% interval", "How they came"), rows)
    chart = stack_chart("how many comments have each code", stacks)
    return Piece(f"Codes: {title}", (found, "A comment may have several codes."), chart, (table,))


def _by(stack: Stack) -> str:
    return ", ".join(f"{number(n)} {mark(channel)}" for channel, n in stack.channels.items())


def _title(shown: Disclosed, part: VariableSummary) -> str:
    return f"{shown.question.number}. {part.label}" if shown.question.number else part.label


def _in_order(sizes: Counter[str]) -> dict[str, int]:
    return {channel: sizes[channel] for channel in sorted(sizes, key=channel_place)}


def _is_open(shown: Disclosed) -> bool:
    return not (shown.wholly_withheld or shown.question.question.sensitive)


def _pieces(shown: Disclosed) -> Iterator[Piece]:
    for part in shown.question.parts:
        if part.variable.shape is Shape.COMMENT and part.said:
            yield from _themes(_title(shown, part), part.said)


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
            named = LANGUAGE_NAMES.get(language, language)
            yield _piece(title if len(languages) == 1 else f"{title} – in {named}", firsts, found)


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
    return Stack(label, _in_order(Counter(each.channel for each in said)))


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _EXAMPLE else f"{plain[:_EXAMPLE].rsplit(' ', 1)[0]} …"


def nearly_the_same(said: Sequence[Said]) -> str:
    """Say how many more replies are nearly the same as the first of these, and how they came."""
    sizes = _in_order(Counter(each.channel for each in said))
    ways = joined([f"{number(n)} {came(channel)}" for channel, n in sizes.items()])
    return f"{people(len(said))} wrote nearly the same: {ways}"
