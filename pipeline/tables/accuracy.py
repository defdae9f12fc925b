"""How well paper was read, as far as people have checked: mistakes in 1,000 answers, of each kind and of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.form.words import counted
from pipeline.review.checks import Kind
from pipeline.store.sample import KindCount
from pipeline.store.second_checks import Agreement
from pipeline.tables.intervals import Interval, clopper_pearson, fay_feuer
from pipeline.tables.numbers import Row, Table
from pipeline.tables.wording import answers, joined, number

KINDS = {
    Kind.MARKS: "ticked boxes",
    Kind.CHARACTERS: "letters and figures in boxes",
    Kind.WRITING: "printed words",
    Kind.BLANK: "answers left blank",
}
"""What each kind of field is called where people read of it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Mistakes among the `answers` that the machine accepted: `wrong` of `checked`, as a share with its 95 % interval.

    `differing` of the wrong wait for a second look, and count as wrong until then. `share` and `interval` are None
    where nothing was checked.
    """

    answers: int
    checked: int
    wrong: int
    differing: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The rate of each kind that occurs, and of all answers of the kinds that were checked.

    `waiting` fields of the sample are to be checked still.
    """

    kinds: dict[Kind, Rate]
    overall: Rate
    waiting: int


def measure_accuracy(counts: Sequence[KindCount]) -> Accuracy:
    """Return what checking says of each kind of field, and of all together.

    A kind has the exact interval of Clopper and Pearson. All together, each kind weighs as much as it has answers,
    however many of them were drawn: the stratified estimate (W. G. Cochran, Sampling Techniques, 3rd ed. (1977),
    chapter 5) with the interval of Fay and Feuer, which stays on the safe side where mistakes are few or none. That
    the sample may be a large part of everything is not used, which errs on the safe side again.
    """
    kinds = {count.kind: _rate(count) for count in counts}
    return Accuracy(kinds, _overall(counts, kinds), sum(count.waiting for count in counts))


def accuracy_sentence(accuracy: Accuracy) -> str:
    """Return what is known in words; "" as long as nothing was checked."""
    overall = accuracy.overall
    if overall.share is None or overall.interval is None:
        return ""
    had = "none" if overall.wrong == 0 else number(overall.wrong)
    low, high = per_1000(overall.interval.low), per_1000(overall.interval.high)
    return (
        f"Of {answers(overall.checked)} checked by a person who did not see what the computer had read, {had} had been "
        f"read wrongly: {per_1000(overall.share)} in 1,000 of all answers read without a person "
        f"(95% interval: {low} to {high}).{_unsettled(overall)}{_left_out(accuracy)}"
    )


def agreement_sentence(agreement: Agreement) -> str:
    """Return how often two people decided the same, in words; "" as long as no decision was looked at again."""
    if not agreement.checked:
        return ""
    interval = clopper_pearson(agreement.same, agreement.checked)
    return (
        f"Of {counted(agreement.checked, 'decision')} that a second person looked at without seeing what had been "
        f"decided, {number(agreement.same)} came out the same: {100 * agreement.same / agreement.checked:.0f} in 100 "
        f"(95% interval: {100 * interval.low:.0f} to {100 * interval.high:.0f})."
    )


def accuracy_said(accuracy: Accuracy, form: str) -> str:
    """Return what is known in words, or how to find out; "" where nothing was read without a person."""
    if not accuracy.kinds:
        return ""
    return accuracy_sentence(accuracy) or (
        f"Nobody has checked yet how well the paper was read. The command “pillarbox accuracy {form}” draws a sample."
    )


def accuracy_table(accuracy: Accuracy) -> Table:
    """Return the rate of each kind of field and of all together, as a table."""
    rows = [_row(KINDS[kind].capitalize(), rate) for kind, rate in accuracy.kinds.items()]
    columns = ("Kind of answer", "Read without a person", "Checked", "Read wrongly", "In 1,000", "95% interval")
    return Table("How well the paper was read", (), columns, (*rows, _row("All together", accuracy.overall, True)))


def _row(name: str, rate: Rate, is_foot: bool = False) -> Row:
    if rate.share is None or rate.interval is None:
        return Row(name, (number(rate.answers), "0", "–", "–", "–"), is_foot)
    interval = f"{per_1000(rate.interval.low)}–{per_1000(rate.interval.high)}"
    cells = (number(rate.answers), number(rate.checked), number(rate.wrong), per_1000(rate.share), interval)
    return Row(name, cells, is_foot)


def per_1000(share: float) -> str:
    """Return a share as mistakes in 1,000, with two figures that count: `0`, `0.063`, `2.5`, `14`."""
    rate = 1000 * share
    return f"{rate:,.0f}" if rate >= 10 or rate == 0 else f"{rate:.2g}"


def _rate(count: KindCount) -> Rate:
    wrong, checked = count.wrong + count.differing, count.right + count.wrong + count.differing
    if not checked:
        return Rate(count.answers, 0, 0, 0, None, None)
    return Rate(count.answers, checked, wrong, count.differing, wrong / checked, clopper_pearson(wrong, checked))


def _overall(counts: Sequence[KindCount], kinds: dict[Kind, Rate]) -> Rate:
    known = [(count.answers, rate) for count in counts if (rate := kinds[count.kind]).checked]
    if not known:
        return Rate(sum(count.answers for count in counts), 0, 0, 0, None, None)
    everything = sum(size for size, _ in known)
    weighed = [(rate.wrong, size / everything / rate.checked) for size, rate in known]
    return Rate(
        answers=everything,
        checked=sum(rate.checked for _, rate in known),
        wrong=sum(rate.wrong for _, rate in known),
        differing=sum(rate.differing for _, rate in known),
        share=sum(wrong * weight for wrong, weight in weighed),
        interval=fay_feuer(weighed),
    )


def _unsettled(overall: Rate) -> str:
    if not overall.differing:
        return ""
    waits = "one waits" if overall.differing == 1 else f"{number(overall.differing)} wait"
    return f" Of those {waits} for a second look, and may yet turn out to be right."


def _left_out(accuracy: Accuracy) -> str:
    unknown = [KINDS[kind] for kind, rate in accuracy.kinds.items() if not rate.checked]
    return f" This says nothing of {joined(unknown)}: none of them have been checked yet." if unknown else ""
