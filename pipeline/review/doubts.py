"""From what was measured on a copy to answers, and to doubts where only a person can say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from statistics import median

from pipeline.form import rules
from pipeline.form.answer import Answer, Authority, Missing, given, lacking
from pipeline.form.definition import Choice, FormDefinition, Kind, Shape, Variable
from pipeline.reading.grammar import FieldReading, decode
from pipeline.reading.readings import MarkReading, PageReading
from pipeline.reading.sheet import Place, Sheet, characters_of, is_returned, marks_of, places_of, text_of
from pipeline.reading.verdict import Verdict, looks_meant, passes_through
from pipeline.reading.weighing import decode_together
from pipeline.review.beside import is_set_aside
from pipeline.review.followed import settled_by_following
from pipeline.review.habits import Habit, habit_of, without_rubbed_out, without_scribbled_over
from pipeline.review.remarks import places_of_remarks

SECOND_RETURN = "@copy"
"""The question of a doubt about the whole return: is it another person's, or to be left out?"""


class Reason(StrEnum):
    """Why an answer needs a person's eyes."""

    TWO_MARKS = "two_marks"
    UNCLEAR_MARK = "unclear_mark"
    FADED = "faded"
    FILLED_ALONE = "filled_alone"
    ALL_FILLED = "all_filled"
    UNCLEAR_CHARACTERS = "unclear_characters"
    NOT_ALLOWED = "not_allowed"
    HANDWRITING = "handwriting"
    OTHER_NOT_TICKED = "other_not_ticked"
    NOT_EXPECTED = "not_expected"
    SECOND_RETURN = "second_return"
    REMARK = "remark"


SENTENCES = {
    Reason.TWO_MARKS: "Two or more boxes are marked, and only one can be meant.",
    Reason.UNCLEAR_MARK: "There is ink here, but it is not clear whether the box is meant.",
    Reason.FADED: "The scan lost faint marks on this page. Is there anything here on the paper?",
    Reason.FILLED_ALONE: "A box is filled in completely. Is it the answer, or a change of mind?",
    Reason.ALL_FILLED: "More than one box is filled in completely. Which is meant?",
    Reason.UNCLEAR_CHARACTERS: "The letters or figures could not be read with certainty.",
    Reason.NOT_ALLOWED: "What was written does not fit the question.",
    Reason.HANDWRITING: "This is handwriting. Please check what it says.",
    Reason.OTHER_NOT_TICKED: "Something is written beside “other”, but its box is not ticked.",
    Reason.NOT_EXPECTED: "This question was to be skipped, but it is answered.",
    Reason.SECOND_RETURN: "This copy was returned before, with different ink. Is this another person's answer?",
    Reason.REMARK: "There is ink outside the boxes. What does it say, or is it only a stain, a fold or a stamp?",
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One answer that a person must decide: the machine's `guess` (may be empty) and how sure it is of it, 0 to 1.

    `spelt` is what each box holds if the guess is right, a space where one is empty; "" of what is in no boxes.
    `unclear` are the places, from 0, of those boxes that need a person's eyes: the others are as sure as an answer that
    is taken without.
    """

    variable: str
    reason: Reason
    guess: str
    confidence: float
    place: Place | None
    spelt: str = ""
    unclear: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What a submission holds so far: an answer for every variable, and a doubt for each that waits.

    Doubts may also be about the whole return, or about what is written outside the fields. `places` tells where each
    variable stands on the paper; it is empty for what was answered on a screen.
    """

    answers: Mapping[str, Answer]
    doubts: Mapping[str, Doubt]
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class _Finding:
    """One variable judged: an answer, or a reason for doubt with the guess to show."""

    value: str = ""
    reason: Reason | None = None
    confidence: float = 1.0
    spelt: str = ""
    unclear: tuple[int, ...] = ()


def judge(sheet: Sheet, local_postcodes: Collection[str] = ()) -> Judged:
    """Judge every variable of the form on a returned copy; `local_postcodes` help to read postcodes, if there are any.

    Nothing is guessed: a variable is answered, blank, on a page that has not come back, or waits with a doubt. What a
    card has no room for was not asked.
    Routing is not looked at here: it needs the decided answers (see `decisions.settled`).
    """
    sheet = settled_by_following(sheet)
    habit, faded = habit_of(sheet), _faded(sheet)
    answers: dict[str, Answer] = {}
    doubts: dict[str, Doubt] = {}
    places = places_of(sheet.layout)
    for variable in sheet.definition.variables:
        name = variable.name
        if sheet.layout.sheet and name not in places:
            answers[name] = lacking(name, Missing.NOT_ASKED, Authority.MACHINE)
            continue
        if not is_returned(sheet, name):
            answers[name] = lacking(name, Missing.PAGE_NOT_RETURNED, Authority.MACHINE)
            continue
        finding = _find(sheet, variable, habit, local_postcodes)
        may_lack_marks = variable.shape is Shape.CHOICES or not finding.value
        if name in faded and may_lack_marks and finding.reason is None:
            finding = replace(finding, reason=Reason.FADED)
        if finding.reason is not None:
            answers[name] = lacking(name, Missing.WAITING, Authority.MACHINE, finding.confidence)
            doubts[name] = Doubt(
                variable=name,
                reason=finding.reason,
                guess=finding.value,
                confidence=finding.confidence,
                place=places.get(name),
                spelt=finding.spelt,
                unclear=finding.unclear,
            )
        elif finding.value:
            answers[name] = given(name, finding.value, Authority.MACHINE, finding.confidence)
        else:
            answers[name] = lacking(name, Missing.BLANK, Authority.MACHINE, finding.confidence)
    remarks = {name: Doubt(name, Reason.REMARK, "", 0.0, place) for name, place in places_of_remarks(sheet).items()}
    return _with_others_ticked(sheet, Judged(answers, doubts | remarks, places))


def _find(sheet: Sheet, variable: Variable, habit: Habit, local_postcodes: Collection[str]) -> _Finding:
    match variable.shape:
        case Shape.CHOICE:
            marks = without_rubbed_out(marks_of(sheet, variable.name))
            return _one(without_scribbled_over(marks, habit), habit.fills)
        case Shape.CHOICES:
            return _many(marks_of(sheet, variable.name), variable, habit.fills)
        case Shape.COMMENT:
            return _writing(sheet, variable)
        case Shape.TEXT if not characters_of(sheet, variable.name):
            return _writing(sheet, variable)
        case _:
            return _characters(_decoded(sheet, variable, local_postcodes), variable)


def _decoded(sheet: Sheet, variable: Variable, local_postcodes: Collection[str]) -> FieldReading:
    """What the boxes of a variable say; the guess at what is unsure by all readers, where others were asked, too."""
    read = partial(decode, variable=variable, local_postcodes=local_postcodes)
    return decode_together(characters_of(sheet, variable.name), read)


TRACE_MM2 = 0.25
"""Ink in an unclear box, at most, that a scan left of a faint mark."""

SURELY_WHITE = 0.8
"""Chance of *empty* below which there is something in a box without ink."""

PALE = 0.18
"""Darkness of the darkest twentieth of the boxes with clear marks on a page, in the middle of their order, below which
others on it may have been lost. Faint pencil is 0.2 and more on an ordinary scan, less on a copy of a copy."""


SHADOW = 0.03
"""Darkness of the darkest spot in a box from which a scan in greys may have lost a mark there. On copies of copies, 95
in 100 empty boxes are under 0.014; of 21 marks of which no ink was left, the palest was 0.039."""


def _faded(sheet: Sheet) -> frozenset[str]:
    """The questions with boxes that may be white because the scan lost a faint mark there, as it lost others."""
    pages = filter(_lost_marks, sheet.pages.values())
    return frozenset(
        mark.question for page in pages for mark in page.marks if page.quality.bitonal or _has_a_shadow(mark)
    )


def _has_a_shadow(mark: MarkReading) -> bool:
    return mark.verdict is Verdict.EMPTY and mark.measured.darkest >= SHADOW


def _lost_marks(page: PageReading) -> bool:
    """Whether a page's marks are so pale, or leave such traces, that others may be gone.

    Black and white takes pencil away without a trace: there, more marks are asked for than for half of the questions.
    """
    clear = [mark.measured.deepest for mark in page.marks if mark.verdict is Verdict.MARKED]
    has_traces = any(map(_is_a_trace, page.marks))
    if page.quality.bitonal:
        return has_traces or 2 * len(clear) < len({mark.question for mark in page.marks})
    return median(clear) < PALE if clear else has_traces


def _is_a_trace(mark: MarkReading) -> bool:
    return mark.verdict is Verdict.UNSURE and mark.measured.ink <= TRACE_MM2 and mark.measured.empty < SURELY_WHITE


LONE_MARK = 0.8
"""Chance of *marked* from which a box of a pick-one question is its answer, where no other may be.

The judge doubts a hurried scribble or a single stroke; that every other box of the question is empty, or was filled in
to take it back, speaks for it. Below, it may be a stray stroke or a dot.
"""


def _is_likely_meant(mark: MarkReading) -> bool:
    return mark.measured.marked >= LONE_MARK and looks_meant(mark.measured)


def _one(marks: tuple[MarkReading, ...], fills: bool) -> _Finding:
    """Pick one: a filled box beside one lighter mark was a change of mind, as the form says."""
    inked = [mark for mark in marks if mark.verdict is not Verdict.EMPTY]
    light = [mark for mark in inked if not mark.filled]
    dark = [mark for mark in inked if mark.filled]
    sure = min((mark.confidence for mark in marks), default=1.0)
    guess = max(inked, key=lambda mark: (not mark.filled, mark.confidence)).value if inked else ""
    meant = [mark for mark in light if mark.verdict is Verdict.MARKED] or list(filter(_is_likely_meant, light))
    if len(meant) == 1 and all(is_set_aside(mark, meant[0]) for mark in inked if mark is not meant[0]):
        return _Finding(meant[0].value, None, meant[0].measured.marked)
    if any(mark.verdict is Verdict.UNSURE for mark in inked):
        return _Finding(guess, Reason.UNCLEAR_MARK, sure)
    if len(light) > 1:
        return _Finding("", Reason.TWO_MARKS, sure)
    if len(dark) == 1:
        return _Finding(dark[0].value, None if fills else Reason.FILLED_ALONE, sure)
    return _Finding("", Reason.ALL_FILLED if dark else None, sure)


def _many(marks: tuple[MarkReading, ...], variable: Variable, fills: bool) -> _Finding:
    """Tick all that apply: a filled box among lighter marks may be either, so a person is asked.

    A stroke from elsewhere through a box beside one that is ticked is a slip of the pen.
    """
    ticked = [mark.value for mark in marks if mark.verdict is Verdict.MARKED and (fills or not mark.filled)]
    value = rules.join_values(ticked, variable)
    sure = min((mark.confidence for mark in marks), default=1.0)
    if any(mark.verdict is Verdict.UNSURE and not (ticked and passes_through(mark.measured)) for mark in marks):
        return _Finding(value, Reason.UNCLEAR_MARK, sure)
    if not fills and any(mark.filled for mark in marks if mark.verdict is not Verdict.EMPTY):
        return _Finding(value, Reason.FILLED_ALONE, sure)
    return _Finding(value, None, sure)


def _characters(reading: FieldReading, variable: Variable) -> _Finding:
    """Boxed characters: a line of text takes anything, so what is not read of one is unclear, not forbidden."""
    if reading.blank:
        return _Finding(confidence=reading.probability)
    if reading.value is None:
        unread = Reason.UNCLEAR_CHARACTERS if variable.shape is Shape.TEXT else Reason.NOT_ALLOWED
        return _Finding("", unread, reading.probability)
    if reading.sure:
        return _Finding(reading.value, None, reading.probability)
    return _Finding(reading.value, Reason.UNCLEAR_CHARACTERS, reading.probability, reading.spelt, reading.unclear)


LEGIBLE = 0.35
"""Mean confidence of its words from which a transcript is shown as a guess: of one less sure, fewer than a third of the
words are right, and typing is quicker than putting right."""


UNSURE_WORD = 0.5
"""Words whose chance of being right is less are named beside a transcript, so that a person looks at them first."""


def _writing(sheet: Sheet, variable: Variable) -> _Finding:
    """Print that the reader is sure of is taken as it is; handwriting is a person's to confirm, however sure."""
    reading = text_of(sheet, variable.name)
    if reading is None or not reading.has_ink:
        return _Finding()
    text = reading.text or ""
    if reading.printed:
        return _Finding(text, None, reading.confidence)
    return _Finding(text if reading.confidence >= LEGIBLE else "", Reason.HANDWRITING, reading.confidence)


def _with_others_ticked(sheet: Sheet, judged: Judged) -> Judged:
    """Doubt a question whose room for *other* was written in although its box was left empty."""
    answers, doubts = dict(judged.answers), dict(judged.doubts)
    for question in sheet.definition.questions:
        other = next((choice for choice in question.choices if choice.other), None)
        if other is None or question.id in doubts or not _is_written(judged, f"{question.id}.other"):
            continue
        ticked = rules.split_values(answers[question.id].value or "")
        if other.value not in ticked:
            guess = _guess_with(other, ticked, question.kind, sheet.definition)
            place = judged.places.get(question.id)
            doubts[question.id] = Doubt(question.id, Reason.OTHER_NOT_TICKED, guess, 0.5, place)
            answers[question.id] = lacking(question.id, Missing.WAITING, Authority.MACHINE, 0.5)
    return replace(judged, answers=answers, doubts=doubts)


def _is_written(judged: Judged, variable: str) -> bool:
    return variable in judged.doubts or judged.answers[variable].value is not None


def _guess_with(other: Choice, ticked: tuple[str, ...], kind: Kind, definition: FormDefinition) -> str:
    if kind is Kind.ONE:
        return ticked[0] if ticked else other.value
    return ";".join((*ticked, other.value))
