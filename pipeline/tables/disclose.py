"""What of the counts may be shown: nobody is to learn from a report what one person said about something sensitive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.form.definition import Shape
from pipeline.tables.describe import Count, QuestionSummary, Tally, VariableSummary

FEWEST = 5
"""An answer to a sensitive question that fewer people gave is not shown."""

RULE = (
    f"Sensitive questions are treated with care. An answer that fewer than {FEWEST} people gave is not shown, and nor "
    "is the next smallest, so that no hidden number can be worked out from the rest. Paper and online stand side by "
    f"side only where at least {FEWEST} people gave each answer on each. What people wrote is not shown. A question "
    "that follows from a sensitive one is shown only where all answers to that one are, and apart by paper and online "
    "only where that one is."
)
"""The rule in the words the report states it in."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A question as it may be shown.

    Its tallies have lost the counts of `withheld` answers (their labels), its channels where `channels_withheld`, and
    what people wrote where it is sensitive. Where `wholly_withheld`, not even how many answered may be told.
    """

    question: QuestionSummary
    withheld: tuple[str, ...] = ()
    channels_withheld: bool = False
    wholly_withheld: bool = False


def may_show_remarks(questions: Iterable[QuestionSummary]) -> bool:
    """Whether writing beside the boxes may be shown: where anything sensitive is asked, it may be about that."""
    return not any(summary.question.sensitive for summary in questions)


def named_tallies(questions: Iterable[Disclosed]) -> list[tuple[str, Tally]]:
    """Return what everyone holds in every variable that may be told of, by its question's number and its own words."""
    return [
        (f"{shown.question.number}. {part.label}" if shown.question.number else part.label, part.everyone)
        for shown in questions
        if not shown.wholly_withheld
        for part in shown.question.parts
    ]


def disclose(questions: Iterable[QuestionSummary]) -> tuple[Disclosed, ...]:
    """Return every question as it may be shown, in the order given; what one leads to comes after it."""
    incomplete: set[str] = set()
    together: set[str] = set()
    shown = []
    for summary in questions:
        when = summary.question.when
        if when is not None and when.variable in incomplete:
            found = Disclosed(summary, wholly_withheld=True)
        else:
            found = _disclosed(summary) if summary.question.sensitive else Disclosed(summary)
        if when is not None and when.variable in together:
            found = _together(found)
        names = [part.variable.name for part in summary.parts]
        incomplete.update(names if found.withheld or found.wholly_withheld else ())
        together.update(names if found.channels_withheld else ())
        shown.append(found)
    return tuple(shown)


def too_small(counts: Sequence[Count]) -> frozenset[str]:
    """Return the values to withhold: those that too few gave, and with them the next smallest and all equal to it.

    Who knows the total knows what the withheld numbers add up to, and no more: since one of them is not small, they
    would look the same in any other order, so that none of them can be worked out.
    """
    small = {count.value for count in counts if count.n < FEWEST}
    next_smallest = min((count.n for count in counts if count.n >= FEWEST), default=0)
    return frozenset(small | {count.value for count in counts if count.n == next_smallest} if small else small)


def _disclosed(summary: QuestionSummary) -> Disclosed:
    hidden = {part.variable.name: too_small(part.everyone.counts) for part in summary.parts}
    apart = not any(_has_small(tally) for part in summary.parts for tally in part.channels)
    labels = dict.fromkeys(
        count.label
        for part in summary.parts
        for count in part.everyone.counts
        if count.value in hidden[part.variable.name]
    )
    parts = tuple(_without(part, hidden[part.variable.name], apart) for part in summary.parts)
    other = _without(summary.other, frozenset(), apart) if summary.other else None
    return Disclosed(replace(summary, parts=parts, other=other), tuple(labels), channels_withheld=not apart)


def _together(found: Disclosed) -> Disclosed:
    """A question without all that tells its channels: who was asked it on each says how many gave an answer before."""
    parts = tuple(replace(part, channels=(), said=(), given=()) for part in found.question.parts)
    other = found.question.other and replace(found.question.other, channels=(), said=(), given=())
    return replace(found, question=replace(found.question, parts=parts, other=other), channels_withheld=True)


def _has_small(tally: Tally) -> bool:
    return any(count.n < FEWEST for count in tally.counts)


def _without(part: VariableSummary, hidden: frozenset[str], apart: bool) -> VariableSummary:
    """A part without the counts of `hidden` values, without what was written, and without channels unless `apart`."""
    kept = tuple(count for count in part.everyone.counts if count.value not in hidden)
    return replace(
        part,
        everyone=replace(part.everyone, counts=kept),
        channels=part.channels if apart and part.variable.shape in (Shape.CHOICE, Shape.CHOICES) else (),
        said=(),
        given=(),
    )
