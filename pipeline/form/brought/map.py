"""The map of a file of answers, as its author writes it: which column answers which question, in which words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml.comments import CommentedMap

from pipeline.form.authoring.source import DefinitionError, Steps, line_of, read_source
from pipeline.form.definition import FormDefinition, Shape, Variable

ISO = "iso"
"""Dates and moments in ISO 8601: `2027-03-09`, `2027-03-09 14:05:00`."""


class _Mapped(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MomentColumn(_Mapped):
    """The column that says when an answer came: written as `format` (strptime), at the time of `timezone`."""

    column: str
    format: str = ISO
    timezone: str | None = None


class LanguageColumn(_Mapped):
    """The column that says in which language somebody answered, and which language each of its words means."""

    column: str
    values: Mapping[str, str] = Field(default_factory=dict)


class OnlyRows(_Mapped):
    """Rows are brought in only where `column` holds one of `values`: of finished answers, say."""

    column: str
    values: tuple[str, ...]


class AnswerColumns(_Mapped):
    """Where one variable is answered.

    `column` holds the answer; `values` says which stored value its words mean, where they are neither a stored value
    nor its label in some language. Of *tick all that apply*, `delimiter` parts the answers in one column, or `columns`
    names a column for each value, in which one of `ticked` stands where it was ticked. With `other`, words that are
    none of the answers are what somebody wrote beside *other*. `format` is how a date is written.
    """

    column: str | None = None
    columns: Mapping[str, str] = Field(default_factory=dict)
    ticked: tuple[str, ...] = ("yes", "y", "true", "1", "x", "checked", "selected", "ticked")
    delimiter: str | None = None
    other: bool = False
    values: Mapping[str, str] = Field(default_factory=dict)
    format: str | None = None

    @model_validator(mode="after")
    def _has_one(self) -> AnswerColumns:
        if (self.column is None) == (not self.columns):
            raise ValueError("names neither a column nor columns, or both")
        return self

    @property
    def every_column(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (self.column,) if self.column is not None else tuple(self.columns.values())


class AnswerMap(_Mapped):
    """A whole map. `source` names the survey the file is from; `id` is the column whose words name one answer there.

    Words in `blank` are no answer. Columns in `leave_out` are known not to be wanted.
    """

    source: str
    id: str | None = None
    received: MomentColumn | None = None
    language: LanguageColumn | None = None
    only: OnlyRows | None = None
    blank: tuple[str, ...] = ("N/A",)
    leave_out: tuple[str, ...] = ()
    answers: Mapping[str, AnswerColumns]

    @property
    def every_column(self) -> tuple[str, ...]:
        """Every column that the map speaks of."""
        facts = (self.received, self.language, self.only)
        return (
            *((self.id,) if self.id else ()),
            *(fact.column for fact in facts if fact),
            *self.leave_out,
            *(column for answer in self.answers.values() for column in answer.every_column),
        )


def read_map(text: str, file: str, form: FormDefinition) -> AnswerMap | tuple[DefinitionError, ...]:
    """Return the map of answers to a form, or everything that is wrong with it."""
    tree = read_source(text, file)
    if isinstance(tree, DefinitionError):
        return (tree,)
    try:
        found = AnswerMap.model_validate(_answers_by_column(tree))
    except ValidationError as refused:
        return tuple(_told(error, tree, file) for error in refused.errors(include_url=False))
    wrong = tuple(
        DefinitionError(file, line_of(tree, path), what, instead) for path, what, instead in _at_odds(found, form)
    )
    return wrong or found


def _answers_by_column(tree: CommentedMap) -> dict[str, Any]:
    """A map in which an answer given as a word is that column: `library: Which library?`."""
    plain = dict(tree)
    if isinstance(tree.get("answers"), CommentedMap):
        plain["answers"] = {
            name: {"column": said} if isinstance(said, str) else said for name, said in tree["answers"].items()
        }
    return plain


def _told(error: Any, tree: CommentedMap, file: str) -> DefinitionError:
    path: Steps = tuple(error["loc"])
    key = ".".join(map(str, path)) or "the map"
    match error["type"]:
        case "missing":
            what, instead = f"{key} is not there.", "Add it as docs/answers-from-elsewhere.md shows."
        case "extra_forbidden":
            what, instead = (
                f"{key} means nothing here.",
                "Delete it, or see docs/answers-from-elsewhere.md for what a map may say.",
            )
        case "value_error":
            what, instead = f"{key} {error['ctx']['error']}.", "Give one of the two."
        case _:
            what, instead = f"{key} does not fit here.", "Write it as docs/answers-from-elsewhere.md shows."
    return DefinitionError(file, line_of(tree, path), what, instead)


def _at_odds(found: AnswerMap, form: FormDefinition) -> Iterator[tuple[Steps, str, str]]:
    """Where a map and the form do not belong together."""
    variables = {variable.name: variable for variable in form.variables}
    for name, answer in found.answers.items():
        path: Steps = ("answers", name)
        variable = variables.get(name)
        if variable is None:
            yield path, f"the form {form.id} has no question {name}.", f"It has {', '.join(variables)}."
        else:
            yield from _of_a_question(path, answer, variable)
    for word, language in found.language.values.items() if found.language else ():
        if language not in form.languages:
            languages = ", ".join(form.languages)
            yield ("language", "values", word), f"the form is not in {language}.", f"It is in {languages}."


def _of_a_question(path: Steps, answer: AnswerColumns, variable: Variable) -> Iterator[tuple[Steps, str, str]]:
    choices = [choice.value for choice in variable.choices]
    if answer.other and not any(choice.other for choice in variable.choices):
        yield (*path, "other"), f"{variable.name} has no room to write beside an answer.", "Delete the line."
    if answer.columns and variable.shape is not Shape.CHOICES:
        yield (*path, "columns"), f"only one answer is given to {variable.name}.", "Name one column."
    for word, value in answer.values.items():
        if choices and value and value not in choices:
            yield (*path, "values", word), f"{variable.name} has no answer {value}.", f"It has {', '.join(choices)}."
    for value in answer.columns:
        if choices and value not in choices:
            yield (*path, "columns", value), f"{variable.name} has no answer {value}.", f"It has {', '.join(choices)}."
