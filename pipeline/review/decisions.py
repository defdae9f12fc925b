"""What people decided, laid over what was read: the old answer stays in the events, the decided one counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pipeline.form import rules
from pipeline.form.answer import Answer, Authority, Missing, given, lacking
from pipeline.form.definition import FormDefinition
from pipeline.review.doubts import SECOND_RETURN, Doubt, Judged, Reason
from pipeline.review.remarks import is_about_remark, remarks_in_order

COUNT, LEAVE_OUT = "count", "leave_out"
"""What may be decided about a second return of one copy: it counts as its own, or is left out."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one person decided about one variable, and when: a `value`, or why there is none.

    `at` is the event's hybrid time and `event` its id: together they order decisions the same way everywhere.
    """

    variable: str
    value: str | None
    missing: Missing | None
    by: str
    at: str
    event: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A submission as it stands: answers for every variable, open doubts, and whether it was left out.

    `remarks` is what was written outside the fields, as people typed it, in the order of the pages.
    """

    answers: Mapping[str, Answer]
    doubts: Mapping[str, Doubt]
    left_out: bool
    remarks: tuple[str, ...] = ()


def settled(definition: FormDefinition, judged: Judged, decisions: Iterable[Decision]) -> Outcome:
    """Return the submission after `decisions`: the latest one on a variable counts, whatever order they came in."""
    answers, doubts = dict(judged.answers), dict(judged.doubts)
    last: dict[str, Decision] = {}
    for decision in sorted(decisions, key=lambda decision: (decision.at, decision.event)):
        last[decision.variable] = decision
    for name, decision in last.items():
        doubts.pop(name, None)
        if name in answers:
            answers[name] = _decided(decision)
    routed = _routed(definition, replace(judged, answers=answers, doubts=doubts), decided=frozenset(last))
    typed = {name: each.value for name, each in last.items() if is_about_remark(name) and each.value is not None}
    return Outcome(routed.answers, routed.doubts, _is_left_out(last), remarks_in_order(typed))


def _is_left_out(decisions: Mapping[str, Decision]) -> bool:
    """Whether a person decided that this return of a copy is not to be counted."""
    return SECOND_RETURN in decisions and decisions[SECOND_RETURN].value == LEAVE_OUT


def _decided(decision: Decision) -> Answer:
    if decision.value is not None:
        return given(decision.variable, decision.value, Authority.REVIEWED)
    return lacking(decision.variable, decision.missing or Missing.BLANK, Authority.REVIEWED)


_UNKNOWN = (Missing.WAITING, Missing.PAGE_NOT_RETURNED, Missing.UNREADABLE)
"""Reasons why it is not known which way an answer routes."""


def _routed(definition: FormDefinition, judged: Judged, decided: frozenset[str]) -> Judged:
    """Tell *not asked* from *blank*, and doubt an answer to a question that was to be skipped.

    As long as it is not known which way an answer routes, nothing behind it is called unasked; where it was left
    blank, an answer behind it contradicts nothing and stands.
    """
    answers, doubts = dict(judged.answers), dict(judged.doubts)
    values = {name: answer.value for name, answer in answers.items() if answer.value is not None}
    asked = rules.asked(definition, values)
    for variable in definition.variables:
        name, when = variable.name, variable.question.when
        if name in asked or when is None or answers[when.variable].missing in _UNKNOWN:
            continue
        answer = answers[name]
        if answer.missing in (Missing.BLANK, Missing.PAGE_NOT_RETURNED):
            answers[name] = replace(answer, missing=Missing.NOT_ASKED)
        elif answer.value is not None and name not in decided and when.variable in values:
            place = judged.places.get(name)
            doubts[name] = Doubt(name, Reason.NOT_EXPECTED, answer.value, answer.confidence, place)
            answers[name] = lacking(name, Missing.WAITING, Authority.MACHINE, answer.confidence)
    return replace(judged, answers=answers, doubts=doubts)
