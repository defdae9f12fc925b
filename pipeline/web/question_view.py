"""One question as a web page shows it: its fields, what was typed in them, and what is to be put right.

Everything is in one language and ready to be shown; the templates choose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.form.definition import Choice, Kind, Question, Shape, Variable, variables_of
from pipeline.form.words import phrase
from pipeline.web.answering import DATE_PARTS
from pipeline.web.guard import Fields
from pipeline.web.words import shown, spoken


@dataclass(frozen=True, slots=True)
class Input:
    """One place to type. `keys` is the keyboard a phone should show, `width` how wide it looks: short to full."""

    name: str
    id: str
    label: str
    typed: str
    error: str = ""
    keys: str = "text"
    width: str = "full"
    remembered_as: str = "off"
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Option:
    """One choice that can be ticked; `other` is the room to write beside it."""

    value: str
    id: str
    label: str
    ticked: bool
    other: Input | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of one variable; `many` when more than one may be ticked."""

    name: str
    id: str
    label: str
    many: bool
    options: tuple[Option, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """A date in three inputs."""

    id: str
    inputs: tuple[Input, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question. `kind` chooses how it is drawn; `fields` has one entry, or one a statement for a scale."""

    number: int
    id: str
    kind: Kind
    text: str
    help: str
    instruction: str
    only_if: str
    required: bool
    fields: tuple[Input | Options | Parts, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether anything in it is to be put right."""
        return any(field.error or _other_error(field) for field in self.fields)


def element_id(name: str) -> str:
    """Return the HTML id of a variable's first field: names hold no hyphen, so none are alike."""
    return name.replace(".", "-")


def view_fields(
    question: Question, fields: Fields, errors: Mapping[str, str], language: str
) -> Iterator[Input | Options | Parts]:
    """Yield the fields of a question; what is written beside a choice stands with it."""
    for variable in variables_of(question):
        if variable.shape in (Shape.CHOICE, Shape.CHOICES):
            yield _options(variable, fields, errors, language)
        elif variable.shape is Shape.DATE:
            yield _parts(variable, fields, errors, language)
        elif variable.name == question.id:
            yield _input(variable, fields, errors, shown(question.text, language))


def _options(variable: Variable, fields: Fields, errors: Mapping[str, str], language: str) -> Options:
    ticked = {value for sent in fields.get(variable.name, ()) for value in sent.split(";")}
    first = element_id(variable.name)
    return Options(
        name=variable.name,
        id=first,
        label=shown(variable.text, language),
        many=variable.shape is Shape.CHOICES,
        options=tuple(
            Option(
                value=choice.value,
                id=f"{first}-{place}" if place else first,
                label=shown(choice.label, language),
                ticked=choice.value in ticked,
                other=_other(variable, choice, fields, errors, language),
            )
            for place, choice in enumerate(variable.choices)
        ),
        error=errors.get(variable.name, ""),
    )


def _other(
    variable: Variable, choice: Choice, fields: Fields, errors: Mapping[str, str], language: str
) -> Input | None:
    if not choice.other:
        return None
    name = f"{variable.question.id}.other"
    return Input(
        name, element_id(name), spoken("other_label", language), _sent(fields, name), errors.get(name, ""), width="long"
    )


def _other_error(field: Input | Options | Parts) -> bool:
    return isinstance(field, Options) and any(option.other and option.other.error for option in field.options)


def _parts(variable: Variable, fields: Fields, errors: Mapping[str, str], language: str) -> Parts:
    first = element_id(variable.name)
    return Parts(
        id=first,
        inputs=tuple(
            Input(
                name=f"{variable.name}.{part}",
                id=f"{first}-{part}" if place else first,
                label=phrase(part, language),
                typed=_sent(fields, f"{variable.name}.{part}"),
                keys="numeric",
                width="figures-4" if part == "year" else "figures-2",
            )
            for place, part in enumerate(DATE_PARTS)
        ),
        error=errors.get(variable.name, ""),
    )


_LONGEST_WORD = 12


def _input(variable: Variable, fields: Fields, errors: Mapping[str, str], label: str) -> Input:
    question = variable.question
    length = question.length or len(question.pattern)
    widths = {Shape.NUMBER: "figures-4", Shape.POSTCODE: "word"}
    width = "word" if 0 < length <= _LONGEST_WORD else "full"
    return Input(
        name=variable.name,
        id=element_id(variable.name),
        label=label,
        typed=_sent(fields, variable.name),
        error=errors.get(variable.name, ""),
        keys="numeric" if variable.shape is Shape.NUMBER else "text",
        width=widths.get(variable.shape, width),
        remembered_as="postal-code" if variable.shape is Shape.POSTCODE else "off",
        lines=max(question.lines, 3) if variable.shape is Shape.COMMENT else 1,
    )


def _sent(fields: Fields, name: str) -> str:
    return "\n".join(fields.get(name, ()))
