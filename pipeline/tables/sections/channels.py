"""The section on paper beside online: each widest gap as it stands, and among people alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.form.definition import FormDefinition
from pipeline.store.coded import CodedDataset
from pipeline.tables.disclose import Disclosed
from pipeline.tables.numbers import Row, Table
from pipeline.tables.people_or_channel import Alike, Cause, Compared, alike_said, compare, find_alike
from pipeline.tables.range_chart import Ranged, points, points_between, range_chart
from pipeline.tables.sections.piece import Piece, ReportSection
from pipeline.tables.wording import number, percent

TITLE = "Paper beside online: people, or the channel?"


def compared_questions(dataset: CodedDataset, shown: Sequence[Disclosed]) -> tuple[Alike | None, tuple[Compared, ...]]:
    """Return what makes people alike and every question compared; nothing where one channel alone was used."""
    alike = find_alike(dataset)
    return alike, compare(dataset, shown, alike) if alike else ()


def channels_section(dataset: CodedDataset, alike: Alike | None, compared: Sequence[Compared]) -> ReportSection | None:
    """Return the section; None where not both paper and online were used."""
    if not {"paper", "online"} <= set(dataset.channel.values):
        return None
    if alike is None:
        return ReportSection("beside", TITLE, (_why_not(dataset.form),), ())
    if not compared:
        return ReportSection("beside", TITLE, ("No question was answered by enough people on both to compare.",), ())
    return ReportSection("beside", TITLE, tuple(_intro(alike, compared)), (_piece(compared),))


def _why_not(form: FormDefinition) -> str:
    if not any(question.who for question in form.questions):
        return (
            "Whether a difference is the channel or who chose it cannot be told: the form has no question marked as "
            "saying who somebody is (“who: true” in its definition)."
        )
    return (
        "Whether a difference is the channel or who chose it cannot be told: too few people on paper are like somebody "
        "online, or the other way about."
    )


def _intro(alike: Alike, compared: Sequence[Compared]) -> Iterator[str]:
    causes = Counter(each.cause for each in compared)
    differ = len(compared) - causes[Cause.CHANCE]
    if not differ:
        yield f"In none of {number(len(compared))} questions do paper and online differ by more than chance may bring."
    else:
        told = "; ".join(f"{_TOLD[cause]} in {number(n)}" for cause, n in _in_order(causes))
        yield f"Paper and online differ in {number(differ)} of {number(len(compared))} questions: {told}."
    yield alike_said(alike)


_TOLD = {
    Cause.CHANNEL: "it is the channel, or something not asked,",
    Cause.HIDDEN: "who answered hides it",
    Cause.BOTH: "it is partly who answered",
    Cause.PEOPLE: "it is who answered",
    Cause.UNKNOWN: "it cannot be told which",
}


def _in_order(causes: Counter[Cause]) -> list[tuple[Cause, int]]:
    return [(cause, causes[cause]) for cause in _TOLD if causes[cause]]


def _piece(compared: Sequence[Compared]) -> Piece:
    rows = [(_name(each), list(_ranges(each))) for each in compared]
    chart = range_chart("paper less online, in points", "online higher", "paper higher", rows)
    found = (
        "Each question is shown by the answer with the widest gap, in percentage points: hollow as it stands, solid "
        "among people alike. Where a whisker crosses the line in the middle, the difference may be chance."
    )
    return Piece("How far apart, and among people alike", (found,), chart, (_table(compared),))


def _ranges(each: Compared) -> Iterator[Ranged]:
    yield Ranged("as it stands", each.gap.share, each.gap.interval, is_solid=False)
    if each.among is not None and each.interval is not None:
        yield Ranged("people alike", each.among, each.interval, is_solid=True)


def _name(each: Compared) -> str:
    return f"{each.number}. {each.gap.what}" if each.number else each.gap.what


def _table(compared: Sequence[Compared]) -> Table:
    columns = ("Answer", "Paper", "Online", "Points apart", "95% interval", "People alike", "95% interval", "It is")
    rows = tuple(Row(_name(each), tuple(_cells(each))) for each in compared)
    return Table("Paper less online, in percentage points", (), columns, rows)


def _cells(each: Compared) -> Iterator[str]:
    yield percent(each.gap.paper.n, each.gap.paper.of)
    yield percent(each.gap.online.n, each.gap.online.of)
    yield points(each.gap.share)
    yield points_between(each.gap.interval)
    if each.among is None or each.interval is None:
        yield from ("–", "–")
    else:
        yield from (points(each.among), points_between(each.interval))
    yield each.cause.value
