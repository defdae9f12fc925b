"""What an author may write in a definition: one pydantic model for the form and one for each kind of item.

Keys nobody knows are refused. Each model knows the part of a `FormDefinition` it stands for.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from pipeline.form.authoring.entries import (
    MOST_BOXES,
    AddressEntry,
    ConditionEntry,
    DayEntry,
    IdEntry,
    LanguagesEntry,
    LineEntry,
    PatternEntry,
    PictureEntry,
    ValueEntry,
    WordingEntry,
)
from pipeline.form.definition import (
    Choice,
    FormDefinition,
    Kind,
    Note,
    Question,
    Section,
    Statement,
)


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def easy(self) -> dict[str, dict[str, str]]:
        """The easier wordings given, by the field of the definition that each stands in for: `easy_text` for `text`."""
        given = {name.removeprefix(EASY): value for name, value in self if name.startswith(EASY)}
        return {_FIELDS.get(name, name): wording for name, wording in given.items() if wording}


EASY = "easy_"
"""How the keys of Easy Read wordings begin."""

_FIELDS = {"section": "title", "note": "text"}
"""What the definition calls the words of a section and of a note."""


class WrittenChoice(_Written):
    """A choice of `one` or `many`, or a point of a `scale`."""

    value: ValueEntry
    label: WordingEntry
    other: bool = False
    easy_label: WordingEntry | None = None

    def choice(self) -> Choice:
        """The choice it stands for."""
        return Choice(self.value, self.label, self.other, self.easy())


class WrittenStatement(_Written):
    """A row of a `scale`."""

    id: IdEntry
    text: WordingEntry
    easy_text: WordingEntry | None = None

    def statement(self) -> Statement:
        """The statement it stands for."""
        return Statement(self.id, self.text, self.easy())


class WrittenSection(_Written):
    """A heading with, if wanted, a paragraph under it."""

    section: WordingEntry
    text: WordingEntry | None = None
    easy_section: WordingEntry | None = None
    easy_text: WordingEntry | None = None

    def item(self, line: int) -> Section:
        """The section it stands for."""
        return Section(self.section, self.text or {}, self.easy())


class WrittenNote(_Written):
    """A paragraph between questions."""

    note: WordingEntry
    easy_note: WordingEntry | None = None

    def item(self, line: int) -> Note:
        """The note it stands for."""
        return Note(self.note, self.easy())


class WrittenQuestion(_Written):
    """The keys that every kind of question shares."""

    id: IdEntry
    kind: Kind
    text: WordingEntry
    help: WordingEntry | None = None
    required: bool = False
    when: ConditionEntry | None = None
    sensitive: bool = False
    about: LineEntry | None = None
    standard: LineEntry | None = None
    picture: PictureEntry = ""
    postcard: bool = False
    easy_text: WordingEntry | None = None
    easy_help: WordingEntry | None = None
    who: bool = False

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
            standard=self.standard,
            picture=self.picture,
            postcard=self.postcard,
            easy=self.easy(),
            who=self.who,
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
            "statements": tuple(written.statement() for written in self.statements),
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

    earliest: DayEntry | None = None
    latest: DayEntry | None = None

    def of_its_kind(self) -> dict[str, Any]:
        """The bounds, where there are any."""
        return {"earliest": self.earliest, "latest": self.latest}


class WrittenCode(WrittenQuestion):
    """A `code` question: `9` a figure, `A` a letter, `X` either, anything else printed as it stands."""

    pattern: PatternEntry

    def of_its_kind(self) -> dict[str, Any]:
        """The pattern."""
        return {"pattern": self.pattern}


class WrittenText(WrittenQuestion):
    """A `text` question: one boxed line."""

    length: Annotated[int, Field(ge=1, le=MOST_BOXES)] = 20

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


class WrittenForm(_Written):
    """The whole file."""

    title: WordingEntry
    council: WordingEntry
    service: LineEntry
    languages: LanguagesEntry
    minutes: Annotated[int, Field(ge=1, le=120)]
    intro: WordingEntry
    privacy: WordingEntry
    return_to: WordingEntry
    thanks: WordingEntry
    help_line: WordingEntry
    opens: DayEntry | None = None
    closes: DayEntry | None = None
    scans_kept_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    answers_kept_days: Annotated[int, Field(ge=1, le=36_500)] = 730
    publish: bool = False
    return_address: AddressEntry = ()
    destroy_by: DayEntry | None = None
    receipt: bool = False
    postcard_return_to: WordingEntry | None = None
    easy_title: WordingEntry | None = None
    easy_intro: WordingEntry | None = None
    easy_privacy: WordingEntry | None = None
    easy_return_to: WordingEntry | None = None
    easy_thanks: WordingEntry | None = None
    easy_help_line: WordingEntry | None = None
    on_one_page: bool = False
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
            return_address=self.return_address,
            destroy_by=self.destroy_by,
            receipt=self.receipt,
            postcard_return_to=self.postcard_return_to or {},
            easy=self.easy(),
            on_one_page=self.on_one_page,
        )
