"""The report on a form: one HTML page that needs no network, for screen and paper, to be shown to a councillor.

dataset → describe (count) → disclose (what may be shown) → blocks (sentences, charts, numbers) → page
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from importlib.resources import files

from pipeline.form import fonts
from pipeline.form.definition import FormDefinition, Kind, say
from pipeline.form.fonts import FACES
from pipeline.form.words import long_date
from pipeline.store.coded import CodedDataset
from pipeline.tables import wording
from pipeline.tables.accuracy import accuracy_said, accuracy_table, measure_accuracy
from pipeline.tables.blocks import beside, parts
from pipeline.tables.charts import style
from pipeline.tables.describe import Stack, Summary, describe
from pipeline.tables.disclose import RULE, disclose, may_show_remarks
from pipeline.tables.numbers import Table, answered_table, stack_table
from pipeline.tables.over_time.series import trends
from pipeline.tables.pages import page_template
from pipeline.tables.people_or_channel import among_alike
from pipeline.tables.sections.channels import channels_section, compared_questions
from pipeline.tables.sections.comments import comments_section
from pipeline.tables.sections.filled_in import filled_in_pieces
from pipeline.tables.sections.over_time import over_time_section
from pipeline.tables.sections.represented import represented_section
from pipeline.tables.spread import FEWEST_IN_AREA, time_stacks
from pipeline.tables.stack_charts import StackChart, answered_chart, stack_chart
from pipeline.tables.weighing.census import Census


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the large numbers at the top, and how its mark is drawn ("" for no mark)."""

    n: str
    words: str
    style: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """One way of looking at who answered: a sentence, a chart and its table."""

    title: str
    sentence: str
    chart: StackChart | None
    table: Table


def report_html(dataset: CodedDataset, written_on: str, census: Census | None = None) -> str:
    """Return the report on a dataset as one HTML page; `written_on` is the local date, ISO 8601.

    `census` says who lives here, as far as it is known. The same dataset and date give the same page to the byte.
    """
    form, summary, accuracy = dataset.form, describe(dataset), measure_accuracy(dataset.checks)
    shown = disclose(summary.questions)
    sections = parts(form, shown)
    blocks = [block for section in sections for block in section.blocks]
    written_beside = beside(summary.remarks, form, may_show=may_show_remarks(summary.questions))
    alike, compared = compared_questions(dataset, shown)
    represented = represented_section(dataset, shown, census)
    later = [
        channels_section(dataset, alike, compared),
        over_time_section(trends(dataset, shown)),
        comments_section(shown),
    ]
    return page_template("report.html").render(
        form=form,
        language=form.languages[0],
        words=partial(say, language=form.languages[0]),
        fonts=_fonts(),
        dates=wording.days(summary.days[0].label, summary.days[-1].label) if summary.days else "",
        written_on=wording.day(written_on),
        still_open=_still_open(form, date.fromisoformat(written_on)),
        lead=_lead(summary),
        not_counted=tuple(_not_counted(summary)),
        figures=tuple(_figures(summary)),
        in_short=[block for block in blocks if block.is_headline],
        arrived=tuple(_arrived(summary)),
        sections=sections,
        among={f"question-{each.question}": among_alike(each) for each in compared},
        earlier=[represented] if represented else [],
        later=[section for section in later if section],
        filled_in=filled_in_pieces(dataset),
        beside=written_beside,
        answered=answered_chart(shown),
        answered_table=answered_table(shown),
        how_read=accuracy_said(accuracy, form.id),
        how_read_table=accuracy_table(accuracy) if accuracy.overall.checked else None,
        missing=[(wording.MISSING_HEADS[kind], means) for kind, means in wording.MISSING_MEANS.items()],
        sensitive_rule=RULE if any(each.question.question.sensitive for each in shown) else "",
        fewest_in_area=FEWEST_IN_AREA if _asks(form, Kind.POSTCODE) else 0,
        has_remarks=any(block.remarks for block in blocks) or bool(written_beside and written_beside.entries),
        versions=summary.versions or (form.version,),
    )


@cache
def _fonts() -> Mapping[int, str]:
    """The typeface by weight, in base64: the page carries it along."""
    weights = {400: FACES["regular"], 700: FACES["bold"]}
    return {weight: b64encode(files(fonts).joinpath(file).read_bytes()).decode() for weight, file in weights.items()}


def _asks(form: FormDefinition, kind: Kind) -> bool:
    return any(question.kind is kind for question in form.questions)


def _still_open(form: FormDefinition, today: date) -> str:
    if form.closes is None or form.closes < today:
        return ""
    return f"The form is open until {long_date(form.closes, 'en')}, so these numbers can still change."


def _lead(summary: Summary) -> str:
    """The main thing in a sentence or two."""
    if not summary.responses:
        return "Nobody has answered yet."
    came = ", ".join(f"{wording.number(n)} {wording.came(channel)}" for channel, n in summary.channels.items())
    who = f"{wording.people(summary.responses)} answered: {came}."
    waits = "waits" if summary.waiting == 1 else "wait"
    return f"{who} {wording.answers(summary.waiting) if summary.waiting else 'No answers'} {waits} for a person."


def _not_counted(summary: Summary) -> Iterator[str]:
    for status, (of_one, of_several) in wording.NOT_COUNTED.items():
        if n := summary.not_counted.get(status):
            yield f"{wording.number(n)} {of_one if n == 1 else of_several}."


def _figures(summary: Summary) -> Iterator[Figure]:
    yield Figure(wording.number(summary.responses), f"{_noun(summary.responses, 'person', 'people')} answered", "")
    for channel, n in summary.channels.items():
        yield Figure(wording.number(n), wording.came(channel), style(channel))
    waits = _noun(summary.waiting, "answer waits", "answers wait")
    yield Figure(wording.number(summary.waiting), f"{waits} for a person", "waiting")


def _noun(n: int, of_one: str, of_several: str) -> str:
    return of_one if n == 1 else of_several


def _arrived(summary: Summary) -> Iterator[Arrived]:
    if not summary.responses:
        return
    channels = [Stack(wording.head(channel), {channel: n}) for channel, n in summary.channels.items()]
    ways = [(wording.came(channel), n) for channel, n in summary.channels.items()]
    yield _arrival("By channel", channels, "Channel", _most_came(ways))
    places = [(f"in at {wording.quoted(stack.label)}", stack.n) for stack in summary.sites]
    yield _arrival("By place", summary.sites, "Place", _most_came(places))
    days = [(f"in on {wording.day(stack.label)}", stack.n) for stack in summary.days]
    yield _arrival("By day", time_stacks(summary.days), "Time", _most_came(days))


def _arrival(title: str, stacks: Sequence[Stack], of: str, sentence: str) -> Arrived:
    chart = stack_chart(f"who answered, {title.lower()}", stacks)
    return Arrived(title, sentence, chart, stack_table(f"Who answered, {title.lower()}", of, stacks))


def _most_came(ways: Sequence[tuple[str, int]]) -> str:
    """Say which way the most came, or that no way stands out."""
    most, total = max(n for _, n in ways), sum(n for _, n in ways)
    leading = [how for how, n in ways if n == most]
    share = f"{wording.number(most)} of {wording.number(total)} ({wording.percent(most, total)})"
    if len(ways) == 1:
        return f"All came {leading[0]}."
    if len(leading) > 2:
        return f"None of these stands out: {share} is the most that came in one."
    return f"The most, {share}{' each' if len(leading) > 1 else ''}, came {wording.joined(leading)}."
