"""What an author may write in a definition: one pydantic model for the form and one for each kind of item.

Keys nobody knows are refused. A wording arrives as a map from every language of the form to its words,
whether the author wrote a map or, in a form of one language, the words alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from pipeline.form.definition import (
    Choice,
    Condition,
    FormDefinition,
    Kind,
    Note,
    Question,
    Section,
    Statement,
)

MOST_BOXES = 30
"""Boxes of a `text` or `code` that fit on one line of A4 at 5.5 mm each."""

LANGUAGE_NAMES = {
    "ar": "Arabic",
    "bn": "Bengali",
    "cy": "Welsh",
    "en": "English",
    "ga": "Irish",
    "gd": "Scottish Gaelic",
    "pa": "Punjabi",
    "pl": "Polish",
    "ro": "Romanian",
    "uk": "Ukrainian",
    "ur": "Urdu",
}


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of the form being read: every wording must have them all."""

    tags: tuple[str, ...]


def _wrong(what: str, instead: str) -> PydanticCustomError:
    """What is wrong with one value, said so that it follows the name of its key."""
    return PydanticCustomError("said", "{what}", {"what": what, "instead": instead})


def _wording(value: object, info: ValidationInfo) -> dict[str, str]:
    languages = info.context.tags if isinstance(info.context, Languages) else ("en",)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and value.strip():
        return _same_words(value.strip(), languages)
    if not isinstance(value, Mapping) or not value:
        raise _wrong("has no words that can be printed.", "Write the words, in quotes if they hold a colon or a comma.")
    _refuse_gaps(value, languages)
    return {tag: str(value[tag]).strip() for tag in languages}


def _same_words(text: str, languages: tuple[str, ...]) -> dict[str, str]:
    """Plain words are the first language's; where no letter is in them (`25–34`) they serve every language."""
    if len(languages) > 1 and any(character.isalpha() for character in text):
        missing = " and ".join(map(language_name, languages[1:]))
        example = ", ".join(f"{tag}: …" for tag in languages[1:])
        raise _wrong(
            f"is in {language_name(languages[0])} only and has no {missing}.",
            f'Write {{{languages[0]}: "{_short(text)}", {example}}}.',
        )
    return dict.fromkeys(languages, text)


def _refuse_gaps(value: Mapping[object, object], languages: tuple[str, ...]) -> None:
    cut = [tag for tag, words in value.items() if words is None and tag not in languages]
    if cut:
        raise _wrong(
            f'breaks off before "{cut[0]}".', 'Put words that hold a comma in quotes, such as {en: "Yes, often"}.'
        )
    unknown = [str(tag) for tag in value if tag not in languages]
    missing = [tag for tag in languages if not isinstance(value.get(tag), str | int) or not str(value[tag]).strip()]
    if unknown:
        raise _wrong(
            f'is given in "{unknown[0]}", which is not a language of this form.',
            f"The languages line lists {', '.join(languages)}: use these, or add {unknown[0]} there.",
        )
    if missing:
        names = " and ".join(map(language_name, missing))
        raise _wrong(f"has no {names}.", f"Add the words after {missing[0]}: in the same place.")


def language_name(tag: str) -> str:
    """Return `Welsh (cy)` for `cy`, and the bare tag for a language without a name here."""
    return f"{LANGUAGE_NAMES[tag]} ({tag})" if tag in LANGUAGE_NAMES else tag


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39].rstrip()}…"


def _plain_line(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong("is not a word.", "Write a word or a short phrase, in quotes if it is a number or true or false.")
    return str(value).strip()


def _identifier(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,23}", value):
        return str(value)
    raise _wrong(
        f'is "{value}", which cannot name a column of the results.',
        "Write a small letter, then at most 23 small letters, figures or underscores, "
        f"such as id: {suggest_id(str(value))}.",
    )


def _value(value: object) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, float | date):
        raise _wrong(f'is "{value}", which YAML does not read as a word.', 'Put it in quotes, such as value: "1.0".')
    text = str(value)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,31}", text):
        return text
    raise _wrong(
        f'is "{text}", which cannot be stored as it stands.',
        f"Write letters, figures, - or _ without spaces or semicolons, such as value: {suggest_id(text)}.",
    )


def suggest_id(text: str) -> str:
    """Return a short id made from words: "Your postcode" gives `postcode`."""
    skipped = {"a", "an", "the", "your", "you", "did", "do", "what", "is", "are", "how", "which", "of", "to", "in"}
    words = re.findall(r"[a-z0-9]+", text.lower())
    kept = [word for word in words if word not in skipped] or words
    name = "_".join(kept[:2])[:24].strip("_")
    return name if name[:1].isalpha() else f"q_{name}"[:24].strip("_") if name else "visit_reason"


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong(f'is "{value}", which is not a date.', "Write year-month-day, such as 2027-01-31.")


def _condition(value: object) -> Condition:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise _wrong("does not name one question and its answers.", "Write it like when: {visited: [yes, sometimes]}.")
    variable, values = next(iter(value.items()))
    listed = values if isinstance(values, list) else [values]
    if not listed or not all(isinstance(one, str | int) and not isinstance(one, bool) for one in listed):
        raise _wrong(f'names no answer to "{variable}".', f"Write it like when: {{{variable}: yes}}.")
    return Condition(str(variable), tuple(str(one) for one in listed))


WrittenWording = Annotated[dict[str, str], PlainValidator(_wording)]
WrittenDate = Annotated[date, PlainValidator(_date)]
Line = Annotated[str, PlainValidator(_plain_line)]
Identifier = Annotated[str, PlainValidator(_identifier)]
Value = Annotated[str, PlainValidator(_value)]
Boxes = Annotated[int, Field(ge=1, le=MOST_BOXES)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WrittenChoice(_Written):
    """A choice of `one` or `many`, or a point of a `scale`."""

    value: Value
    label: WrittenWording
    other: bool = False

    def choice(self) -> Choice:
        """The choice it stands for."""
        return Choice(self.value, self.label, self.other)


class WrittenStatement(_Written):
    """A row of a `scale`."""

    id: Identifier
    text: WrittenWording


class WrittenSection(_Written):
    """A heading with, if wanted, a paragraph under it."""

    section: WrittenWording
    text: WrittenWording | None = None

    def item(self, line: int) -> Section:
        """The section it stands for."""
        return Section(self.section, self.text or {})


class WrittenNote(_Written):
    """A paragraph between questions."""

    note: WrittenWording

    def item(self, line: int) -> Note:
        """The note it stands for."""
        return Note(self.note)


class WrittenQuestion(_Written):
    """The keys that every kind of question shares."""

    id: Identifier
    kind: Kind
    text: WrittenWording
    help: WrittenWording | None = None
    required: bool = False
    when: Annotated[Condition | None, PlainValidator(_condition)] = None
    sensitive: bool = False
    about: Line | None = None

    def item(self, line: int) -> Question:
        """The question it stands for, which starts at `line` of its file."""
        return Question(
            id=self.id,
            kind=self.kind,
            text=self.text,
            help=self.help or {},
            required=self.required,
            when=self.when,
            sensitive=self.sensitive,
            about=self.about,
            line=line,
            **self.of_its_kind(),
        )

    def of_its_kind(self) -> dict[str, Any]:
        """The fields of `Question` that only this kind fills."""
        return {}


class WrittenMany(WrittenQuestion):
    """A `many` question; a single choice is a box to tick or leave."""

    choices: Annotated[list[WrittenChoice], Field(min_length=1)]

    def of_its_kind(self) -> dict[str, Any]:
        """The choices, in the order written."""
        return {"choices": tuple(written.choice() for written in self.choices)}


class WrittenOne(WrittenMany):
    """A `one` question."""

    choices: Annotated[list[WrittenChoice], Field(min_length=2)]


class WrittenScale(WrittenQuestion):
    """A `scale` question: statements × points."""

    statements: Annotated[list[WrittenStatement], Field(min_length=1)]
    points: Annotated[list[WrittenChoice], Field(min_length=2)]

    def of_its_kind(self) -> dict[str, Any]:
        """The statements and the points, in the order written."""
        return {
            "statements": tuple(Statement(written.id, written.text) for written in self.statements),
            "points": tuple(written.choice() for written in self.points),
        }


class WrittenNumber(WrittenQuestion):
    """A `number` question; `maximum` decides how many boxes are printed."""

    minimum: Annotated[int, Field(ge=0)] = 0
    maximum: Annotated[int, Field(ge=1, le=999_999_999)]

    def of_its_kind(self) -> dict[str, Any]:
        """The bounds."""
        return {"minimum": self.minimum, "maximum": self.maximum}


class WrittenDateQuestion(WrittenQuestion):
    """A `date` question."""

    earliest: WrittenDate | None = None
    latest: WrittenDate | None = None

    def of_its_kind(self) -> dict[str, Any]:
        """The bounds, where there are any."""
        return {"earliest": self.earliest, "latest": self.latest}


class WrittenCode(WrittenQuestion):
    """A `code` question: `9` a figure, `A` a letter, `X` either, anything else printed as it stands."""

    pattern: Annotated[str, Field(min_length=1, max_length=MOST_BOXES, pattern=r"[9AX]")]

    def of_its_kind(self) -> dict[str, Any]:
        """The pattern."""
        return {"pattern": str(self.pattern)}


class WrittenText(WrittenQuestion):
    """A `text` question: one boxed line."""

    length: Boxes = 20

    def of_its_kind(self) -> dict[str, Any]:
        """How many boxes are printed, and so how many characters an answer may have."""
        return {"length": self.length}


class WrittenComment(WrittenQuestion):
    """A `comment` question: free writing."""

    lines: Annotated[int, Field(ge=2, le=40)] = 6

    def of_its_kind(self) -> dict[str, Any]:
        """How many handwriting lines the space on paper is high."""
        return {"lines": self.lines}


QUESTION_MODELS: dict[Kind, type[WrittenQuestion]] = {
    Kind.ONE: WrittenOne,
    Kind.MANY: WrittenMany,
    Kind.SCALE: WrittenScale,
    Kind.NUMBER: WrittenNumber,
    Kind.DATE: WrittenDateQuestion,
    Kind.POSTCODE: WrittenQuestion,
    Kind.CODE: WrittenCode,
    Kind.TEXT: WrittenText,
    Kind.COMMENT: WrittenComment,
}

WrittenItem = WrittenQuestion | WrittenSection | WrittenNote


_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _language_tags(value: object) -> tuple[str, ...]:
    tags = [value] if isinstance(value, str) else value
    listed = [str(tag) for tag in tags] if isinstance(tags, list) else []
    if listed and len(set(listed)) == len(listed) and all(map(_LANGUAGE_TAG.fullmatch, listed)):
        return tuple(listed)
    raise _wrong("is not a list of different language tags.", "Write it like languages: [en, cy].")


class WrittenForm(_Written):
    """The whole file."""

    title: WrittenWording
    council: WrittenWording
    service: Line
    languages: Annotated[tuple[str, ...], BeforeValidator(_language_tags)]
    minutes: Annotated[int, Field(ge=1, le=120)]
    intro: WrittenWording
    privacy: WrittenWording
    return_to: WrittenWording
    thanks: WrittenWording
    help_line: WrittenWording
    opens: WrittenDate | None = None
    closes: WrittenDate | None = None
    scans_kept_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    answers_kept_days: Annotated[int, Field(ge=1, le=36_500)] = 730
    publish: bool = False
    questions: Annotated[list[Any], Field(min_length=1)]

    def definition(self, name: str, items: tuple[Question | Section | Note, ...]) -> FormDefinition:
        """The form it stands for, under the id `name`, with its items already read."""
        return FormDefinition(
            id=name,
            title=self.title,
            council=self.council,
            service=self.service,
            intro=self.intro,
            privacy=self.privacy,
            return_to=self.return_to,
            thanks=self.thanks,
            help_line=self.help_line,
            languages=self.languages,
            minutes=self.minutes,
            opens=self.opens,
            closes=self.closes,
            scans_kept_days=self.scans_kept_days,
            answers_kept_days=self.answers_kept_days,
            publish=self.publish,
            items=items,
        )
