"""Whether an edition asks what its form asks: the same questions, in the same order, words, choices and routing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from pipeline.form.definition import FormDefinition, Question, say, variables_of
from pipeline.form.layout import Field, Layout, Tag, TextRun
from pipeline.form.paper.routing import for_whom, leads


class Respect(StrEnum):
    """In which respect an edition may differ."""

    NOT_MADE = "not_made"
    NOT_ASKED = "not_asked"
    ORDER = "order"
    CHOICES = "choices"
    WORDS = "words"
    ROUTING = "routing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One respect in which an edition in one language differs from its form; `question` is "" where it is all of it."""

    edition: str
    lang: str
    question: str
    respect: Respect
    what: str


Places = tuple[tuple[str, tuple[str, ...]], ...]
"""The variables that a question is answered in, each with the values it offers; none where one writes."""


@dataclass(frozen=True, slots=True)
class AsAsked:
    """One question as an edition asks it: where it is answered, its texts, and whether it is said whom it is for."""

    question: str
    places: Places
    texts: frozenset[str]
    routed: bool


def places_of_question(question: Question) -> Places:
    """Return what a question must offer, in order."""
    return tuple(
        (variable.name, tuple(choice.value for choice in variable.choices)) for variable in variables_of(question)
    )


def words_of_question(question: Question, language: str) -> tuple[str, ...]:
    """Return the words that a question must show: its own, and those of its choices, or statements and points."""
    offered = chain(question.choices, question.points)
    wordings = (question.text, *(choice.label for choice in offered), *(each.text for each in question.statements))
    return tuple(_on_one_line(say(wording, language)) for wording in wordings)


def asked_on_paper(definition: FormDefinition, layout: Layout) -> tuple[AsAsked, ...]:
    """Return the questions of a layout in one language as they are printed, in their order."""
    questions = {variable.name: question for question in definition.questions for variable in variables_of(question)}
    numbers = {question.id: number for number, question in enumerate(definition.questions, 1)}
    printed: dict[str, list[Field]] = {}
    for field in (field for page in layout.pages for field in page.fields):
        printed.setdefault(questions[field.question].id, []).append(field)
    texts = _texts(layout)
    return tuple(
        _as_printed(definition, questions[fields[0].question], numbers[name], fields, texts, layout)
        for name, fields in printed.items()
    )


def differences(
    definition: FormDefinition,
    edition: str,
    language: str,
    asked: Sequence[AsAsked],
    why_not: Mapping[str, str] | None = None,
) -> Iterator[Difference]:
    """Yield every respect in which what is asked is not what the form asks; `why_not` says it of questions left out."""
    found = {each.question: each for each in asked}
    for question in definition.questions:
        if question.id in found:
            for respect, what in _of_question(question, language, found[question.id]):
                yield Difference(edition, language, question.id, respect, what)
        else:
            why = (why_not or {}).get(question.id, "")
            what = f"It is not asked{f', because {why}' if why else ''}."
            yield Difference(edition, language, question.id, Respect.NOT_ASKED, what)
    order = [question.id for question in definition.questions if question.id in found]
    if list(found) != order:
        what = f"The order is {', '.join(found)}; the form asks {', '.join(order)}."
        yield Difference(edition, language, "", Respect.ORDER, what)


def _of_question(question: Question, language: str, asked: AsAsked) -> Iterator[tuple[Respect, str]]:
    offered, wanted = (
        "; ".join(f"{name}: {', '.join(values) or 'in writing'}" for name, values in places)
        for places in (asked.places, places_of_question(question))
    )
    if offered != wanted:
        yield Respect.CHOICES, f"It offers {offered}; the form offers {wanted}."
    lacking = dict.fromkeys(words for words in words_of_question(question, language) if words not in asked.texts)
    cut = [words for words in lacking if _joined(words) in map(_joined, asked.texts)]
    unsaid = [words for words in lacking if words not in cut]
    if cut:
        yield Respect.WORDS, f"A word is cut, because it is wider than its place, in {_quoted(cut)}."
    if unsaid:
        yield Respect.WORDS, f"It does not say {_quoted(unsaid)}."
    if question.when is not None and not asked.routed:
        yield Respect.ROUTING, "It does not say whom it is for."


def _joined(words: str) -> str:
    return "".join(words.split())


def _quoted(several: Sequence[str]) -> str:
    return ", ".join(f"“{words}”" for words in several)


def _as_printed(
    definition: FormDefinition,
    question: Question,
    number: int,
    fields: Sequence[Field],
    texts: Mapping[Tag, str],
    layout: Layout,
) -> AsAsked:
    within = fields[0].tag[:_ITEM]
    own = [text for tag, text in texts.items() if tag[:_ITEM] == within]
    values: dict[str, list[str]] = {}
    for field in fields:
        values.setdefault(field.question, []).extend([field.value] if field.kind == "mark" else [])
    everything = frozenset(chain(own, (text.removeprefix(f"{number} ") for text in own)))
    return AsAsked(
        question.id,
        tuple((name, tuple(offered)) for name, offered in values.items()),
        everything,
        _is_routed(definition, question, layout.lang, everything, frozenset(texts.values())),
    )


_ITEM = 2
"""Parts of a tag that say which item of the form something belongs to."""


def _is_routed(
    definition: FormDefinition, question: Question, language: str, own: frozenset[str], printed: frozenset[str]
) -> bool:
    """Whether a question says whom it is for, or the question before leads all others past it."""
    said = say(for_whom(definition, question, (language,)), language)
    if said:
        return _on_one_line(said) in own
    source = question.when and next(
        each for each in definition.questions if question.when and question.when.variable.split(".")[0] == each.id
    )
    if not source:
        return True
    ways = [_on_one_line(say(lead, language)) for lead in leads(definition, source, (language,))]
    return bool(ways) and printed.issuperset(ways)


def _texts(layout: Layout) -> dict[Tag, str]:
    """The text of every part that says something, its lines joined."""
    lines: dict[Tag, list[str]] = {}
    for run in (each for page in layout.pages for each in page.drawings):
        if isinstance(run, TextRun) and run.tag:
            lines.setdefault(run.tag, []).append(run.text)
    return {tag: _on_one_line(" ".join(some)) for tag, some in lines.items()}


def _on_one_line(words: str) -> str:
    return " ".join(words.split())
