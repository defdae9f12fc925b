"""What a question's answers say, in a sentence or two that claim no more than the numbers support."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.form.answer import Missing
from pipeline.form.definition import Kind, Shape
from pipeline.form.words import long_date
from pipeline.tables.describe import Count, Tally, VariableSummary
from pipeline.tables.disclose import FEWEST, Disclosed
from pipeline.tables.gaps import FEWEST_TO_COMPARE, Gap, gaps, widest_gap
from pipeline.tables.spread import areas, date_stacks, largest_area, periods, spreads
from pipeline.tables.wording import (
    MISSING,
    answers,
    figure,
    joined,
    missing_said,
    number,
    people,
    percent,
    quoted,
)

FEW = 10
"""With fewer answers than these, the sentence warns: one person more or less moves a share by 10 points."""

FEW_TO_COMPARE = 100
"""With fewer answers than these on either side, a gap of 10 points is within what chance brings."""

NOBODY = "Nobody has answered this yet."


def finding(shown: Disclosed) -> str:
    """Return the sentence that says what a question's answers show."""
    if shown.wholly_withheld:
        return "Not shown: it follows from a sensitive question, and would say what few people answered there."
    parts = shown.question.parts
    if not any(part.everyone.answered for part in parts):
        return NOBODY
    if shown.question.question.sensitive and not any(part.everyone.counts for part in parts):
        return _sensitive(parts)
    if shown.question.question.kind is Kind.SCALE:
        return _scale(parts)
    found = _FINDINGS[parts[0].variable.shape](parts[0])
    return f"Of the answers that can be shown, {found}" if shown.withheld and found.startswith("“") else found


def completeness(shown: Disclosed) -> str:
    """Return how many answered and why the others did not: `30 of 33 answered. 2 left it blank, 1 waits for …`."""
    tallies = [part.everyone for part in shown.question.parts]
    if shown.wholly_withheld or not tallies or not tallies[0].responses:
        return ""
    least, most = min(each.answered for each in tallies), max(each.answered for each in tallies)
    if least == most and all(each.missing == tallies[0].missing for each in tallies):
        why = missing_said(tallies[0])
        of = tallies[0].responses
        return f"{number(most)} of {number(of)} answered: {', '.join(why)}." if why else f"All {number(of)} answered."
    between = f"{number(least)} to {number(most)}" if least < most else number(most)
    waiting = sum(each.missing.get(Missing.WAITING, 0) for each in tallies)
    waits = f" {answers(waiting)} {MISSING[Missing.WAITING][waiting > 1]}." if waiting else ""
    return f"{between} of {number(tallies[0].responses)} answered each line.{waits}"


def comparison(shown: Disclosed) -> str:
    """Return what paper and online show side by side, and whether chance may have made it; "" if not both answered.

    The answer with the widest gap is named, and tested at a level that allows for its having been picked.
    """
    parts = shown.question.parts
    if shown.wholly_withheld or not any(part.everyone.counts or part.given for part in parts):
        return ""
    if shown.channels_withheld:
        return f"Paper and online are not shown apart, because fewer than {FEWEST} people gave some answers."
    if shown.question.question.kind in (Kind.ONE, Kind.MANY, Kind.SCALE):
        return _widest_gap(parts)
    if shown.question.question.kind is Kind.NUMBER:
        return _middles(parts[0])
    return ""


def _one(part: VariableSummary) -> str:
    counts, answered = _ranked(part.everyone.counts), part.everyone.answered
    first = counts[0]
    label = quoted(first.label)
    if first.n == answered:
        said = f"{'Everybody' if answered > 1 else 'The one person who answered'} said {label}"
        return f"{said}: {people(answered)}." if answered > 1 else f"{said}."
    if 2 * first.n > answered:
        return f"{_most(first)}, {_share(first)}, said {label}.{_care(answered)}"
    return _plurality(counts, "said") + _care(answered)


def _many(part: VariableSummary) -> str:
    counts, answered = _ranked(part.everyone.counts), part.everyone.answered
    if counts[0].n == 0:
        return NOBODY
    return _plurality(counts, "ticked") + _care(answered)


def _plurality(counts: Sequence[Count], did: str) -> str:
    """Name the answer given most, or those that share its place, then the next."""
    first = counts[0]
    leading = [count for count in counts if count.n == first.n]
    names = joined([quoted(count.label) for count in leading])
    if len(leading) > 3:
        each = f"by {number(first.n)} of {people(first.of)} each"
        return f"No answer stands out: the {len(leading)} most frequent were {did} {each}."
    if len(leading) > 1:
        return f"{names} were {did} most often, by {number(first.n)} of {people(first.of)} each."
    following = [count for count in counts[1:] if count.n and count.n == counts[1].n]
    then = f", then {quoted(following[0].label)}, by {number(following[0].n)}" if len(following) == 1 else ""
    return f"{names} was {did} most often: by {_share(first)}{then}."


def _scale(parts: Sequence[VariableSummary]) -> str:
    """Say of which line the first point was said most and least often."""
    firsts = [(part, part.everyone.counts[0]) for part in parts if part.everyone.answered and part.everyone.counts]
    most = max(firsts, key=lambda pair: pair[1].share)
    least = min(firsts, key=lambda pair: pair[1].share)
    point = quoted(most[1].label)
    care = _care(min(count.of for _, count in firsts))
    if most[1].share == least[1].share:
        return f"{point} was said equally often of every line: by {_share(most[1])}.{care}"
    return (
        f"{point} was said most often of {quoted(most[0].label)}, by {_share(most[1])}, "
        f"and least often of {quoted(least[0].label)}, by {_share(least[1])}.{care}"
    )


def _number(part: VariableSummary) -> str:
    everyone = spreads(part.given)[0]
    if everyone.n == 1:
        return f"One person answered: {figure(everyone.middle)}."
    return (
        f"The middle answer of {people(everyone.n)} was {figure(everyone.middle)}; "
        f"answers ran from {figure(everyone.lowest)} to {figure(everyone.highest)}.{_care(everyone.n)}"
    )


def _date(part: VariableSummary) -> str:
    everyone = periods(part.given)[0]
    if everyone.n == 1:
        return f"One person answered: {long_date(everyone.first, 'en')}."
    between = f"from {long_date(everyone.first, 'en')} to {long_date(everyone.last, 'en')}"
    fullest, *others = sorted(date_stacks(part.given), key=lambda stack: -stack.n)
    is_alone = not others or others[0].n < fullest.n
    most = f"; the most, {number(fullest.n)}, in {fullest.label}" if is_alone else ""
    return f"{people(everyone.n)} gave a date, {between}{most}."


def _postcode(part: VariableSummary) -> str:
    found, largest = areas(part.given), largest_area(part.given)
    said = f"{people(part.everyone.answered)} gave a postcode, from {found} {'area' if found == 1 else 'areas'}."
    return f"{said} The most, {number(largest.n)}, live in {largest.label}." if largest else said


def _written(part: VariableSummary) -> str:
    return f"{people(part.everyone.answered)} wrote something."


_FINDINGS = {
    Shape.CHOICE: _one,
    Shape.CHOICES: _many,
    Shape.NUMBER: _number,
    Shape.DATE: _date,
    Shape.POSTCODE: _postcode,
    Shape.CODE: _written,
    Shape.TEXT: _written,
    Shape.COMMENT: _written,
}


def _sensitive(parts: Sequence[VariableSummary]) -> str:
    answered = people(max(part.everyone.answered for part in parts))
    if parts[0].variable.choices:
        return f"{answered} answered, too few to show what they said."
    return f"{answered} answered. What they wrote is sensitive, and is not shown."


def _ranked(counts: Iterable[Count]) -> list[Count]:
    return sorted(counts, key=lambda count: -count.n)


def _most(count: Count) -> str:
    """How to speak of more than half: of most people only where the interval is above half too."""
    if count.interval.low <= 0.5:
        return "More than half"
    return "Nearly everybody" if 10 * count.n >= 9 * count.of else "Most people"


def _share(count: Count) -> str:
    return f"{number(count.n)} of {number(count.of)} ({percent(count.n, count.of)})"


def _care(answered: int) -> str:
    return f" Only {answers(answered)} so far: read this with care." if answered < FEW else ""


def _tally(part: VariableSummary, channel: str) -> Tally | None:
    return next((tally for tally in part.channels if tally.group == channel and tally.answered), None)


def _widest_gap(parts: Sequence[VariableSummary]) -> str:
    if not any(gaps(parts)):
        return ""
    widest = widest_gap(parts)
    if widest is None:
        return _TOO_FEW
    if widest.points == 0:
        return "Paper and online gave the same percentages."
    beside = f"{widest.what}: {_share(widest.paper)} on paper, {_share(widest.online)} online, {_points(widest)} apart"
    if widest.is_supported:
        return f"Paper and online differ on {beside}. {_MORE_THAN_CHANCE}"
    return f"Paper and online differ most on {beside}. {_maybe_chance(widest.paper.of, widest.online.of)}"


_TOO_FEW = "Too few answered on paper or online to compare the two."
_MORE_THAN_CHANCE = (
    "That is more than chance alone would usually bring; it may come from the channel, or from who chooses it."
)


def _maybe_chance(paper: int, online: int) -> str:
    return f"{'With so few answers this' if min(paper, online) < FEW_TO_COMPARE else 'This'} may be chance."


def _points(gap: Gap) -> str:
    return "1 point" if gap.points == 1 else f"{gap.points} points"


def _middles(part: VariableSummary) -> str:
    """Say the middle answers side by side; they differ where not even their intervals meet."""
    found = {spread.group: spread for spread in spreads(part.given)}
    if not {"paper", "online"} <= found.keys():
        return ""
    paper, online = found["paper"], found["online"]
    if min(paper.n, online.n) < FEWEST_TO_COMPARE:
        return _TOO_FEW
    beside = f"It was {figure(paper.middle)} on paper and {figure(online.middle)} online."
    if paper.middle == online.middle:
        return beside
    if paper.middle_high < online.middle_low or online.middle_high < paper.middle_low:
        return f"{beside} {_MORE_THAN_CHANCE}"
    return f"{beside} {_maybe_chance(paper.n, online.n)}"
