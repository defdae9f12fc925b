"""What a boxed field may hold: from probabilities box by box to one value, its probability, or none.

Every kind of field says which strings it accepts. The likeliest strings are listed, those accepted are kept,
and a value is as probable as its share among them, set against the chance that something else was written.
The same rule serves numbers, dates, postcodes and codes; a line of text goes by it word by word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from heapq import nlargest
from itertools import chain, groupby
from math import prod
from operator import itemgetter
from string import ascii_uppercase, digits

from pipeline.form.definition import Shape, Variable
from pipeline.form.normal import EARLIEST_YEAR, POSTCODE
from pipeline.reading.readings import ALPHABET, CharacterReading

SURE = 0.96
"""Probability from which a value is taken without a person.

Found on the calibration glyphs: from here on, of figures taken 1 in 1,600 is wrong, of dates 1 in 490, of capitals one
by one 1 in 240, glyphs that bear a wrong label included; docs/reading-characters.md has the curve.
"""

SURE_POSTCODE = 0.99
"""The same for a postcode: so many are possible that one character's lookalike makes another of them."""

SURE_LOCAL_POSTCODE = 0.9
"""The same where local postcodes are listed: few lookalikes of one are on the list too."""

GUESS = 0.1
"""Probability below which the likeliest value is not even shown: it would mislead more than help."""

SPECK_MM2 = 0.3
"""Less ink than this is an empty box: scanned dirt has up to 0.23 mm², a full stop 0.2, a fine pencilled 1 over 1."""

OUTSIDE = 0.02
"""Weight of all strings that a field does not accept, against those it accepts.

At 1 the grammar would lend no confidence; at 0 it would lend too much: a field scribbled over would be read as
whatever valid value its lines resemble most.
"""

OUT_OF_PLACE = 0.005
"""Weight, in one box, of the characters a field does not have there, against those it has.

A 0 is half likely to be an O by its looks; in a date nobody writes an O. A plain N in a date is not a figure.
"""

ELSEWHERE = 0.01
"""Weight of a postcode that is not in the list of local ones, against one that is."""

MIXED = 0.02
"""Weight of a word of letters and digits together, against one of letters or of digits alone."""

UNUSUAL = 0.5
"""What a value keeps of its probability when a box was left empty where the field has no gap."""

LATEST_YEAR = 2099
"""No date on a form is later, where its author does not say."""

_LISTED = 200
"""How many of the likeliest strings are considered. What the others sum to counts against every value."""

_NEGLIGIBLE = 1e-4
"""Probability below which a character is not considered in a box."""

_FAR_LESS_LIKELY = 1e-6
"""Nor is a string that is so much less likely than the likeliest: all of them together weigh nothing."""

_SHOWN = 4
"""How many other values are reported."""

_DATE_BOXES = 8
"""Two for the day, two for the month, four for the year."""

_SIGNS = {"9": digits, "A": ascii_uppercase, "X": ALPHABET}
"""The signs of a pattern: a figure, a letter, either."""

_POSTCODE_FORMS = ("A99AA", "A999AA", "AA99AA", "A9A9AA", "AA999AA", "AA9A9AA")
"""The forms of a postcode without its space."""

_AREAS = """
    AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY
    G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW
    OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD
    WF WN WR WS WV YO ZE
"""
"""Where post is delivered to people: the 121 areas of the United Kingdom, three of the islands, and the forces' BF."""

_POSTCODE_AREAS = frozenset(_AREAS.split())

_LETTERED_DISTRICT = re.compile("(?:E1|N1|NW1|SE1|SW1|W1|EC[1-4]|WC[12])[A-Z]")
"""The districts, all in the middle of London, that end in a letter."""

Scored = tuple[str, float]
"""A string, or a value, and its probability."""

Chances = dict[str, float]
"""Of each character a box may hold."""


@dataclass(frozen=True, slots=True)
class FieldReading:
    """What a field of boxes says.

    `value` is in the form in which it is stored, None where nothing acceptable was found; `blank` says that no
    box holds ink. `alternatives` are the next likeliest values with their probabilities. `needed` is the probability
    from which the value stands without a person. `spelt` is what each box holds if the value is right, a space where
    one is empty, and `looks` how likely each box that is not empty holds that, of what the field may hold there.
    `unclear` are the places, from 0, of the boxes that make a value unsure (see `weighing`).
    """

    value: str | None
    probability: float
    blank: bool = False
    alternatives: tuple[Scored, ...] = ()
    needed: float = SURE
    spelt: str = ""
    looks: tuple[float, ...] = ()
    unclear: tuple[int, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether the value, or that there is none because nothing was written, may stand without a person."""
        return self.blank or (self.value is not None and self.probability >= self.needed)


_BLANK = FieldReading(None, 1.0, blank=True)

Accept = Callable[[str], str | None]
"""From what the boxes hold, a space for each empty one, to the value as it is stored; None if it is not one."""


def decode(
    readings: Sequence[CharacterReading], variable: Variable, local_postcodes: Collection[str] = ()
) -> FieldReading:
    """Read the boxes of a variable, in their printed order, by the rules of its kind.

    Raises ValueError for a variable whose answers are not written in boxes.
    """
    question = variable.question
    match variable.shape:
        case Shape.NUMBER:
            return decode_number(readings, question.minimum or 0, question.maximum)
        case Shape.DATE:
            earliest, latest = date(EARLIEST_YEAR, 1, 1), date(LATEST_YEAR, 12, 31)
            return decode_date(readings, question.earliest or earliest, question.latest or latest)
        case Shape.POSTCODE:
            return decode_postcode(readings, local_postcodes)
        case Shape.CODE:
            return decode_code(readings, question.pattern)
        case Shape.TEXT:
            return decode_text(readings)
        case _:
            raise ValueError(f"{variable.name} is a {variable.shape} and has no boxes for characters to read.")


def decode_number(readings: Sequence[CharacterReading], minimum: int, maximum: int | None) -> FieldReading:
    """Read a whole number from `minimum` to `maximum`, written at either end of its boxes, leading noughts or not."""
    written = _written_in(readings)
    found = _decode(readings, [[digits] * len(written)], partial(_accept_number, minimum, maximum))
    return found if _without_gap(written) else _less_likely(found)


def decode_date(readings: Sequence[CharacterReading], earliest: date, latest: date) -> FieldReading:
    """Read day, month and year from two, two and four boxes as an ISO 8601 date within bounds, both included.

    A day or month may be a single figure in either of its boxes, and the year its last two figures, where the
    bounds leave one century only. Raises ValueError for any other number of boxes.
    """
    if len(readings) != _DATE_BOXES:
        raise ValueError(f"A date is read from {_DATE_BOXES} boxes, and {len(readings)} were given.")
    return _decode(readings, [[digits] * len(_written_in(readings))], partial(_accept_date, earliest, latest))


def decode_postcode(readings: Sequence[CharacterReading], local_postcodes: Collection[str] = ()) -> FieldReading:
    """Read a United Kingdom postcode, as `CF10 1AA`, with or without a box left empty before its last three.

    `local_postcodes`, in the same form, are believed more readily than others.
    """
    written = _written_in(readings)
    forms = [[_SIGNS[sign] for sign in form] for form in _POSTCODE_FORMS if len(form) == len(written)]
    found = _decode(readings, forms, _accept_postcode, partial(_weigh_postcode, local_postcodes))
    found = replace(found, needed=SURE_LOCAL_POSTCODE if local_postcodes else SURE_POSTCODE)
    return found if _without_gap(written[:-3]) and _without_gap(written[-3:]) else _less_likely(found)


def decode_code(readings: Sequence[CharacterReading], pattern: str) -> FieldReading:
    """Read a code with one character in every box; what `pattern` prints between the boxes becomes part of it."""
    form = [_SIGNS[sign] for sign in pattern if sign in _SIGNS]
    forms = [form] if len(_written_in(readings)) == len(form) else []
    return _decode(readings, forms, partial(_fill_in, pattern))


def decode_text(readings: Sequence[CharacterReading]) -> FieldReading:
    """Read a line of words in capitals and figures; an empty box is a space between two words."""
    words = [list(boxes) for empty, boxes in groupby(readings, _is_empty) if not empty]
    if not words:
        return _BLANK
    found = [_decode(word, [[ALPHABET] * len(word)], str, _weigh_word) for word in words]
    values = [word.value for word in found if word.value is not None]
    probability = prod(word.probability for word in found)
    if len(values) < len(found) or probability < GUESS:
        return FieldReading(None, probability)
    letters = iter("".join(values))
    spelt = "".join(" " if _is_empty(box) else next(letters) for box in readings)
    return FieldReading(
        " ".join(values),
        probability,
        alternatives=_with_one_word_changed(found, values),
        spelt=spelt,
        looks=tuple(chain.from_iterable(word.looks for word in found)),
    )


def _with_one_word_changed(found: Sequence[FieldReading], values: Sequence[str]) -> tuple[Scored, ...]:
    """The line with its least certain words replaced, one at a time, by their next likeliest."""
    probability = prod(word.probability for word in found)
    changed = (
        (" ".join([*values[:place], other, *values[place + 1 :]]), probability * chance / word.probability)
        for place, word in enumerate(found)
        for other, chance in word.alternatives
    )
    return tuple(nlargest(_SHOWN, changed, key=itemgetter(1)))


def _decode(
    readings: Sequence[CharacterReading],
    forms: Sequence[Sequence[str]],
    accept: Accept,
    weigh: Callable[[str], float] = lambda value: 1.0,
) -> FieldReading:
    """Weigh all strings that fit one of `forms` (the characters each written box may hold) and are accepted."""
    written = _written_in(readings)
    if not written:
        return _BLANK
    boxes = _expect([readings[place] for place in written], forms)
    listed = [scored for form in forms for scored in _likeliest(boxes, form)]
    spread = "".join("{}" if place in written else " " for place in range(len(readings))).format
    spelt = [(spread(*string), probability) for string, probability in listed]
    found = [(value, string, probability) for string, probability in spelt if (value := accept(string)) is not None]
    accepted = [(value, probability) for value, _, probability in found]
    unlisted = sum(_fitting(boxes, form) for form in forms) - sum(probability for _, probability in listed)
    outside = OUTSIDE * (1.0 - sum(probability for _, probability in accepted))
    weighed = [(value, probability * weigh(value)) for value, probability in accepted]
    total = sum(probability for _, probability in weighed) + max(outside, 0.0) + max(unlisted, 0.0)
    best = _best([(value, probability / total) for value, probability in weighed])
    spelling = next((string for value, string, _ in found if value == best.value), "")
    letters = spelling.replace(" ", "")
    return replace(best, spelt=spelling, looks=tuple(box[letter] for box, letter in zip(boxes, letters, strict=False)))


def _expect(boxes: Sequence[CharacterReading], forms: Sequence[Sequence[str]]) -> list[Chances]:
    """Probabilities in each box, now that it is known which characters any of the forms has there."""
    return [_expect_any_of("".join(characters), box) for box, *characters in zip(boxes, *forms, strict=True)]


def _expect_any_of(characters: str, box: CharacterReading) -> Chances:
    chances = {character: box.chance(character) for character in characters}
    allowed = sum(chances.values())
    total = allowed + OUT_OF_PLACE * (1.0 - box.spoilt - allowed) + box.spoilt
    return {character: chance / total for character, chance in chances.items()}


def _best(ranked: Sequence[Scored]) -> FieldReading:
    first, *others = nlargest(_SHOWN + 1, ranked, key=itemgetter(1)) or [("", 0.0)]
    value, probability = first
    if probability < GUESS:
        return FieldReading(None, probability)
    return FieldReading(value, probability, alternatives=tuple(others))


def _likeliest(boxes: Sequence[Chances], form: Sequence[str]) -> list[Scored]:
    """The likeliest strings of the characters that a form has in each box.

    With strings and characters in order, the fifth likeliest string with the third likeliest character has fourteen
    others before it: what has too many is never made.
    """
    strings: list[Scored] = [("", 1.0)]
    for chances, characters in zip(boxes, form, strict=True):
        likely = sorted(((character, chances[character]) for character in characters), key=itemgetter(1), reverse=True)
        longer = [
            (string + character, probability * chance)
            for rank, (character, chance) in enumerate(likely, start=1)
            if chance >= _NEGLIGIBLE
            for string, probability in strings[: _LISTED // rank]
        ]
        longer.sort(key=itemgetter(1), reverse=True)
        least = _FAR_LESS_LIKELY * longer[0][1] if longer else 0.0
        strings = [scored for scored in longer[:_LISTED] if scored[1] >= least]
    return strings


def _fitting(boxes: Sequence[Chances], form: Sequence[str]) -> float:
    """Probability that every box holds a character that the form has there."""
    return prod(
        sum(chances[character] for character in characters) for chances, characters in zip(boxes, form, strict=True)
    )


def _is_empty(reading: CharacterReading) -> bool:
    return reading.ink < SPECK_MM2


def _written_in(readings: Sequence[CharacterReading]) -> list[int]:
    """Places of the boxes that hold ink."""
    return [place for place, reading in enumerate(readings) if not _is_empty(reading)]


def _without_gap(places: Sequence[int]) -> bool:
    return not places or places[-1] - places[0] + 1 == len(places)


def _less_likely(found: FieldReading) -> FieldReading:
    """A reading that leaves a gap where nobody would."""
    others = tuple((value, probability * UNUSUAL) for value, probability in found.alternatives)
    return replace(found, probability=found.probability * UNUSUAL, alternatives=others)


def _accept_number(minimum: int, maximum: int | None, written: str) -> str | None:
    number = int(written.replace(" ", ""))
    return str(number) if number >= minimum and (maximum is None or number <= maximum) else None


def _accept_date(earliest: date, latest: date, written: str) -> str | None:
    day, month, year = written[:2].strip(), written[2:4].strip(), written[4:].strip()
    if not day or not month or len(year) not in (2, 4) or " " in year:
        return None
    years = [int(year)] if len(year) == 4 else [century + int(year) for century in (1900, 2000)]
    days = [_day(year, int(month), int(day)) for year in years]
    within = [found.isoformat() for found in days if found is not None and earliest <= found <= latest]
    return within[0] if len(within) == 1 else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _accept_postcode(written: str) -> str | None:
    letters = written.replace(" ", "")
    district, postcode = letters[:-3], f"{letters[:-3]} {letters[-3:]}"
    if not POSTCODE.fullmatch(postcode) or not _is_district(district):
        return None
    return postcode


def _is_district(district: str) -> bool:
    """Whether the first half of a postcode is in an area that exists, and ends in a letter only where some do."""
    if district[-1] in ascii_uppercase:
        return bool(_LETTERED_DISTRICT.fullmatch(district))
    return district.rstrip(digits) in _POSTCODE_AREAS


def _weigh_postcode(local_postcodes: Collection[str], postcode: str) -> float:
    return 1.0 if not local_postcodes or postcode in local_postcodes else ELSEWHERE


def _weigh_word(word: str) -> float:
    return 1.0 if word.isalpha() or word.isdecimal() else MIXED


def _fill_in(pattern: str, written: str) -> str:
    """The pattern with each of its boxes replaced by what was written there."""
    if len(written) == len(pattern):
        return written
    characters = iter(written)
    return "".join(next(characters) if sign in _SIGNS else sign for sign in pattern)
