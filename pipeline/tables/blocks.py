"""One question as the report shows it: its sentences, its chart, its tables, and what people wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Kind, Question, Section, Shape, say
from pipeline.store.coded import evenly
from pipeline.tables.charts import BarChart, GridChart, bar_chart, grid_chart, style
from pipeline.tables.comments.campaigns import group_alike
from pipeline.tables.describe import Said, VariableSummary
from pipeline.tables.disclose import Disclosed
from pipeline.tables.findings import comparison, completeness, finding
from pipeline.tables.numbers import Table, tables
from pipeline.tables.sections.comments import nearly_the_same
from pipeline.tables.spread import area_stacks, date_stacks, number_stacks
from pipeline.tables.stack_charts import StackChart, stack_chart
from pipeline.tables.wording import came, joined, people, quoted

_PAGE_LANGUAGE = "en"

MOST_SHOWN = 200
"""Comments to one question that the report shows, besides those of campaigns: a dozen pages."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody wrote, how it came, and the language it is in ("" for the page's own, or for a form in two).

    `more` says how many wrote nearly the same, where it is shown for all of them.
    """

    text: str
    came: str
    style: str
    lang: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Remarks:
    """What people wrote in one place, under `title` where it is not the question's own ("" else)."""

    title: str
    waiting: str
    entries: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One question of the report. A chart is None, and a sentence "", where there is nothing to show or say."""

    number: int | None
    anchor: str
    label: str
    finding: str
    comparison: str
    withheld: str
    completeness: str
    bars: BarChart | None
    grid: GridChart | None
    stacks: StackChart | None
    tables: tuple[Table, ...]
    remarks: tuple[Remarks, ...]
    is_headline: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The questions beneath one heading of the form; the first may stand beneath none ("")."""

    title: str
    blocks: tuple[Block, ...]


def parts(form: FormDefinition, shown: Sequence[Disclosed]) -> tuple[Part, ...]:
    """Return all questions under the form's own headings; those it no longer asks come last, under one that says so."""
    by_id = {each.question.question.id: each for each in shown}
    found: list[tuple[str, list[Block]]] = [("", [])]
    for item in form.items:
        if isinstance(item, Section):
            found.append((say(item.title, form.languages[0]), []))
        elif isinstance(item, Question):
            found[-1][1].append(_block(by_id[item.id], form))
    found.append(("No longer asked", [_block(each, form) for each in shown if each.question.number is None]))
    return tuple(Part(title, tuple(blocks)) for title, blocks in found if blocks)


def _block(shown: Disclosed, form: FormDefinition) -> Block:
    summary, part = shown.question, shown.question.parts[0]
    is_open = not shown.wholly_withheld
    is_scale = summary.question.kind is Kind.SCALE
    return Block(
        number=summary.number,
        anchor=f"question-{summary.question.id}",
        label=summary.label,
        finding=finding(shown),
        comparison=comparison(shown),
        withheld=_withheld(shown),
        completeness=completeness(shown),
        bars=bar_chart(part) if is_open and not is_scale else None,
        grid=grid_chart(summary.parts) if is_open and is_scale else None,
        stacks=_stacks(part) if is_open else None,
        tables=tables(shown),
        remarks=tuple(_remarks(shown, form)),
        is_headline=_is_headline(shown),
    )


def _withheld(shown: Disclosed) -> str:
    """Name the answers that are not shown, where others are, and how many people gave them together."""
    counted = [part.everyone for part in shown.question.parts if part.everyone.counts]
    if not counted or not shown.withheld:
        return ""
    said = f"Not shown apart, to protect the few: {joined([quoted(label) for label in shown.withheld])}"
    if shown.question.question.kind is not Kind.ONE:
        return f"{said}."
    return f"{said}, {people(counted[0].answered - sum(count.n for count in counted[0].counts))} together."


def _is_headline(shown: Disclosed) -> bool:
    """Whether the finding belongs among those at the top: something was counted, and it is not sensitive."""
    kinds = (Kind.ONE, Kind.MANY, Kind.SCALE, Kind.NUMBER)
    question = shown.question.question
    is_open = not question.sensitive and not shown.wholly_withheld
    return question.kind in kinds and is_open and shown.question.number is not None


def _stacks(part: VariableSummary) -> StackChart | None:
    match part.variable.shape:
        case Shape.NUMBER:
            return stack_chart("how many gave each number", number_stacks(part.given))
        case Shape.DATE:
            return stack_chart("how many gave a date in each month or year", date_stacks(part.given))
        case Shape.POSTCODE:
            return stack_chart("how many live in each area", area_stacks(part.given))
        case _:
            return None


def _remarks(shown: Disclosed, form: FormDefinition) -> Iterator[Remarks]:
    if shown.wholly_withheld:
        return
    for part in shown.question.parts:
        if part.variable.shape in (Shape.TEXT, Shape.COMMENT) and part.said:
            yield Remarks("", _not_all(part), _entries(part, form))
    other = shown.question.other
    if other is not None and not shown.question.question.sensitive:
        waiting = other.everyone.missing.get(Missing.WAITING, 0)
        if other.said or waiting:
            said = f"{people(waiting)} wrote something that waits for a person to read." if waiting else ""
            yield Remarks(f"What people wrote beside {quoted(other.label)}", said, _entries(other, form))


def beside(remarks: Sequence[Said], form: FormDefinition, *, may_show: bool) -> Remarks | None:
    """Return what people wrote beside the boxes, or only how many did; None where nobody has."""
    if not remarks:
        return None
    if may_show:
        return Remarks("", "", tuple(_remark(each, form) for each in remarks))
    why = "It is not shown, because this form asks something sensitive and it may be about that."
    return Remarks("", f"{people(len(remarks))} wrote beside the boxes. {why}", ())


def _entries(part: VariableSummary, form: FormDefinition) -> tuple[Remark, ...]:
    """What people wrote: campaigns first and as one, the rest from first to last, evenly where it is too much."""
    groups = group_alike([each.value for each in part.said])
    campaigns = sorted((group for group in groups if group.is_campaign), key=lambda group: -len(group.members))
    alone = [part.said[group.members[0]] for group in groups if not group.is_campaign]
    together = [[part.said[member] for member in group.members] for group in campaigns]
    return (
        *(replace(_remark(said[0], form), more=nearly_the_same(said)) for said in together),
        *(_remark(alone[place], form) for place in evenly(len(alone), MOST_SHOWN)),
    )


def _not_all(part: VariableSummary) -> str:
    if part.everyone.answered <= MOST_SHOWN:
        return ""
    return (
        f"{people(part.everyone.answered)} wrote something. About {MOST_SHOWN} are shown, evenly from the first to the "
        "last; the export holds all."
    )


def _remark(said: Said, form: FormDefinition) -> Remark:
    is_other_language = said.lang in form.languages and said.lang != _PAGE_LANGUAGE
    return Remark(said.value, came(said.channel), style(said.channel), said.lang if is_other_language else "")
