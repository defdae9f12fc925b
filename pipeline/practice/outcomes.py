"""What became of every marked box, at the level the product acts on: read right, for a person, or silently wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pipeline.form.definition import FormDefinition, Shape
from pipeline.form.normal import split_values
from pipeline.practice.mixes import BoxKey, Meaning
from pipeline.reading.readings import MarkReading
from pipeline.reading.verdict import Verdict
from pipeline.review.doubts import Judged, Reason


class Outcome(StrEnum):
    """What became of one box.

    `RIGHT` and `SILENT` are accepted: its question was answered without a person. `SENT` is a box a person must look
    at; `BESIDE` a box read with certainty whose question waits because of another, and which is counted in neither.
    """

    RIGHT = "right"
    SILENT = "silent"
    SENT = "sent"
    BESIDE = "beside"


def outcomes(
    judged: Judged,
    readings: Sequence[MarkReading],
    meanings: Mapping[BoxKey, Meaning],
    definition: FormDefinition,
) -> dict[BoxKey, Outcome]:
    """Hold every box of a page or a copy to what its writer meant; docs/accuracy.md says how each is counted."""
    shapes = {variable.name: variable.shape for variable in definition.variables}
    return {
        (reading.question, reading.value): _outcome(judged, reading, meanings, shapes[reading.question])
        for reading in readings
        if (reading.question, reading.value) in meanings
    }


def _outcome(judged: Judged, reading: MarkReading, meanings: Mapping[BoxKey, Meaning], shape: Shape) -> Outcome:
    meaning = meanings[reading.question, reading.value]
    doubt = judged.doubts.get(reading.question)
    if doubt is not None:
        return Outcome.SENT if _is_asked_about(reading, doubt.reason, shape) else Outcome.BESIDE
    taken = reading.value in split_values(judged.answers[reading.question].value or "")
    is_right = meaning is not Meaning.OPEN and taken == (meaning is Meaning.MARKED)
    return Outcome.RIGHT if is_right else Outcome.SILENT


def _is_asked_about(reading: MarkReading, reason: Reason, shape: Shape) -> bool:
    """Whether this box made its question wait: any inked box of a pick-one, an unclear one of a tick-all, and every
    box where black and white may have lost a mark."""
    if reason is Reason.FADED:
        return True
    if reading.verdict is Verdict.EMPTY or reason not in _ABOUT_MARKS:
        return False
    return shape is Shape.CHOICE or reading.verdict is not Verdict.MARKED


_ABOUT_MARKS = (Reason.TWO_MARKS, Reason.UNCLEAR_MARK, Reason.FILLED_ALONE, Reason.ALL_FILLED)
