"""Everything a report says, in order, before it is set on a page: the same for the screen, for paper and for PDF."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.form.definition import FormDefinition, Kind
from pipeline.form.words import long_date
from pipeline.store.coded import CodedDataset
from pipeline.tables import wording
from pipeline.tables.accuracy import accuracy_said, accuracy_table, measure_accuracy
from pipeline.tables.blocks import Block, Part, Remarks, beside, parts
from pipeline.tables.comments.codes import Codes
from pipeline.tables.describe import Summary, describe
from pipeline.tables.disclose import RULE, Disclosed, disclose, may_show_remarks
from pipeline.tables.groups import group_gaps
from pipeline.tables.numbers import answered_table
from pipeline.tables.over_time.series import trends
from pipeline.tables.people_or_channel import among_alike
from pipeline.tables.sections.arrived import Figure, arrived, figures, lead, not_counted
from pipeline.tables.sections.channels import channels_section, compared_questions
from pipeline.tables.sections.comments import comments_section
from pipeline.tables.sections.filled_in import filled_in_pieces
from pipeline.tables.sections.groups import groups_section
from pipeline.tables.sections.over_time import over_time_section
from pipeline.tables.sections.piece import Piece, ReportSection
from pipeline.tables.sections.represented import represented_section
from pipeline.tables.spread import FEWEST_IN_AREA
from pipeline.tables.stack_charts import answered_chart
from pipeline.tables.weighing.census import Census


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says. Sentences that there is no need for are "" and sections without anything are left out.

    `among` says by a block's anchor whether a difference is the people or the channel. `earlier` sections stand before
    the questions, `later` ones after them; `made` and `notes` tell how the report was made, `missing` what each kind of
    missing means.
    """

    form: FormDefinition
    dates: str
    written_on: str
    still_open: str
    lead: str
    not_counted: tuple[str, ...]
    figures: tuple[Figure, ...]
    in_short: tuple[Block, ...]
    arrived: tuple[Piece, ...]
    earlier: tuple[ReportSection, ...]
    sections: tuple[Part, ...]
    among: Mapping[str, str]
    later: tuple[ReportSection, ...]
    beside: Remarks | None
    made: tuple[Piece, ...]
    notes: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def assemble(
    dataset: CodedDataset, written_on: str, census: Census | None = None, codes: Codes | None = None
) -> Report:
    """Return the report on a dataset; `written_on` is the local date, ISO 8601, `census` says who lives here,
    `codes` what people found in comments.
    """
    form, summary = dataset.form, describe(dataset)
    shown = disclose(summary.questions)
    sections = parts(form, shown)
    blocks = [block for section in sections for block in section.blocks]
    written_beside = beside(summary.remarks, form, may_show=may_show_remarks(summary.questions))
    alike, compared = compared_questions(dataset, shown)
    earlier = [represented_section(dataset, shown, census)]
    later = [
        channels_section(dataset, alike, compared),
        groups_section(group_gaps(dataset, shown)),
        over_time_section(trends(dataset, shown)),
        comments_section(dataset, shown, codes),
    ]
    has_remarks = any(block.remarks for block in blocks) or bool(written_beside and written_beside.entries)
    return Report(
        form=form,
        dates=wording.days(summary.days[0].label, summary.days[-1].label) if summary.days else "",
        written_on=wording.day(written_on),
        still_open=_still_open(form, date.fromisoformat(written_on)),
        lead=lead(summary),
        not_counted=tuple(not_counted(summary)),
        figures=tuple(figures(summary)),
        in_short=tuple(block for block in blocks if block.is_headline),
        arrived=tuple(arrived(summary)),
        earlier=tuple(filter(None, earlier)),
        sections=sections,
        among={f"question-{each.question}": among_alike(each) for each in compared},
        later=tuple(filter(None, later)),
        beside=written_beside,
        made=(*_complete(shown), *filled_in_pieces(dataset, shown), *_read(dataset)),
        notes=tuple(_notes(form, summary, shown, has_remarks=has_remarks)),
        missing=tuple((wording.MISSING_HEADS[kind], means) for kind, means in wording.MISSING_MEANS.items()),
    )


def _still_open(form: FormDefinition, today: date) -> str:
    if form.closes is None or form.closes < today:
        return ""
    return f"The form is open until {long_date(form.closes, 'en')}, so these numbers can still change."


def _complete(shown: Sequence[Disclosed]) -> Iterator[Piece]:
    if chart := answered_chart(shown):
        found = (
            "Black is answered, grey waits for a person, white is missing for another reason: the numbers say which."
        )
        yield Piece("How complete the answers are", (found,), chart, (answered_table(shown),))


def _read(dataset: CodedDataset) -> Iterator[Piece]:
    accuracy = measure_accuracy(dataset.checks)
    if said := accuracy_said(accuracy, dataset.form.id):
        tables = (accuracy_table(accuracy),) if accuracy.overall.checked else ()
        yield Piece("How well the paper was read", (said,), None, tables)


_HOW_TO_READ = (
    "Paper and online answers count the same. Percentages are of the people who answered the question. They are "
    "rounded, and so may not add up to 100; where people could tick several answers, they add up to more.",
    "The thin line on each bar is its 95% interval. If the people who answered had been drawn by chance from "
    "everybody, the share among everybody would lie in such an interval 95 times in 100 (Wilson, 1927). People chose "
    "for themselves whether to answer, so this report speaks for those who did; everybody’s view may lie further off.",
    "Paper and online are said to differ only where the 95% interval of the difference leaves out nought (Newcombe, "
    "1998), with allowance for how many answers were compared (Bonferroni). Of 20 questions, one may pass this test by "
    "chance.",
)


def _notes(form: FormDefinition, summary: Summary, shown: Sequence[Disclosed], *, has_remarks: bool) -> Iterator[str]:
    """Yield how to read the numbers, and what form they are of."""
    yield from _HOW_TO_READ
    if any(each.question.question.sensitive for each in shown):
        yield RULE
    if any(question.kind is Kind.POSTCODE for question in form.questions):
        yield (
            f"Postcodes are counted by the first half. Areas with fewer than {FEWEST_IN_AREA} people are put together."
        )
    if has_remarks:
        yield (
            "Comments stand as people wrote them and may name somebody. Look through them before this report goes any "
            "further."
        )
    versions = summary.versions or (form.version,)
    yield f"Form {form.id}, {'version' if len(versions) == 1 else 'versions'} {', '.join(versions)}."
