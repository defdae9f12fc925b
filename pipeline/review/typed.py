"""From what was typed into a PDF to answers: the rules of the online form, and a doubt where nobody could be told."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.form import rules
from pipeline.form.answer import Answer, Authority, Missing, given, lacking
from pipeline.form.definition import FormDefinition
from pipeline.form.layout import Layout
from pipeline.form.rules import Code, Problem
from pipeline.reading.sheet import places_of
from pipeline.review.doubts import Doubt, Judged, Reason

_NO_DOUBT = frozenset({Code.REQUIRED, Code.NOT_ASKED})
"""What is left blank stays so, as on paper; whether a question was to be skipped is told once doubts are decided."""


def judge_typed(definition: FormDefinition, typed: Mapping[str, str], layout: Layout) -> Judged:
    """Return the answers that were typed into a copy, and a doubt for each that the rules of the form do not allow."""
    stored = {
        variable.name: rules.normalise(variable, typed.get(variable.name, "")) for variable in definition.variables
    }
    fitting = {name: value for name, value in stored.items() if not isinstance(value, Problem)}
    doubted = {name: Reason.NOT_ALLOWED for name in stored if name not in fitting}
    for problem in rules.check(definition, fitting):
        if problem.code is Code.OTHER_WITHOUT_TICK:
            doubted[problem.variable.removesuffix(".other")] = Reason.OTHER_NOT_TICKED
        elif problem.code not in _NO_DOUBT:
            doubted[problem.variable] = Reason.NOT_ALLOWED
    places = places_of(layout)
    answers = {name: _answer(name, fitting.get(name, ""), name in doubted) for name in stored}
    doubts = {
        name: Doubt(name, reason, fitting.get(name, ""), 1.0, places.get(name)) for name, reason in doubted.items()
    }
    return Judged(answers, doubts, places)


def _answer(name: str, value: str, doubted: bool) -> Answer:
    if doubted:
        return lacking(name, Missing.WAITING, Authority.RESIDENT)
    return given(name, value, Authority.RESIDENT) if value else lacking(name, Missing.BLANK, Authority.RESIDENT)
