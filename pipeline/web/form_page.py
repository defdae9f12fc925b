"""One form as a web page: its questions with their fields, what was typed in them, and what is to be put right.

Everything is in one language and ready to be shown; the templates choose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.form.definition import (
    Choice,
    FormDefinition,
    Item,
    Kind,
    Note,
    Question,
    Section,
    Shape,
    Variable,
    variables_of,
)
from pipeline.form.words import phrase
from pipeline.web.answering import DATE_PARTS, ToPutRight
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


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading or a note between questions; one of the two may be empty."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the summary at the top of a page: what to do, and the id of the field to go to."""

    target: str
    message: str


def view_items(
    definition: FormDefinition, fields: Fields, wrong: Sequence[ToPutRight], language: str
) -> list[QuestionView | Heading]:
    """Return the items of a form with what was typed (`fields`) and what is wrong with it."""
    errors = {found.question: found.message for found in reversed(wrong)}
    numbers = _numbers(definition)
    return [_view_item(definition, item, numbers, fields, errors, language) for item in definition.items]


def view_question(
    definition: FormDefinition, question: Question, fields: Fields, wrong: Sequence[ToPutRight], language: str
) -> tuple[list[Heading], QuestionView]:
    """Return one question for a page of its own, and the headings and notes that stand before it on the form."""
    views = view_items(definition, fields, wrong, language)
    place = next(place for place, view in enumerate(views) if isinstance(view, QuestionView) and view.id == question.id)
    leading: list[Heading] = []
    for view in reversed(views[:place]):
        if isinstance(view, QuestionView):
            break
        leading.insert(0, view)
    view = views[place]
    assert isinstance(view, QuestionView)
    return leading, replace(view, only_if="")


def closing_notes(definition: FormDefinition, language: str) -> list[str]:
    """Return what the form says after its last question."""
    last = max(place for place, item in enumerate(definition.items) if isinstance(item, Question))
    return [shown(item.text, language) for item in definition.items[last + 1 :] if isinstance(item, Note)]


def summary(definition: FormDefinition, wrong: Sequence[ToPutRight], language: str) -> list[Listed]:
    """Return the lines of the summary: each problem with its question's number, in the order of the form."""
    numbers = _numbers(definition)
    owners = {variable.name: numbers[variable.question.id] for variable in definition.variables}
    return [
        Listed(
            element_id(found.question),
            spoken("numbered", language, number=owners[found.question], message=found.message)
            if found.question in owners
            else found.message,
        )
        for found in wrong
    ]


def element_id(name: str) -> str:
    """Return the HTML id of a variable's first field: names hold no hyphen, so none are alike."""
    return name.replace(".", "-")


def routing_style(definition: FormDefinition) -> str:
    """Return the style sheet that hides a question once the one it depends on has been answered otherwise.

    Routing without JavaScript: where a browser does not know `:has`, the words above the question do the work.
    A question with something to put right is never hidden.
    """
    rules = []
    for question in definition.questions:
        if question.when:
            ticked = f'[name="{question.when.variable}"]'
            wanted = ", ".join(f'{ticked}[value="{value}"]:checked' for value in question.when.values)
            rules.append(
                f"form:has({ticked}:checked):not(:has({wanted})) #ask-{question.id}:not(.wrong) {{ display: none }}\n"
            )
    return "".join(rules)


def _view_item(
    definition: FormDefinition,
    item: Item,
    numbers: Mapping[str, int],
    fields: Fields,
    errors: Mapping[str, str],
    language: str,
) -> QuestionView | Heading:
    if isinstance(item, Section):
        return Heading(shown(item.title, language), shown(item.text, language))
    if isinstance(item, Note):
        return Heading("", shown(item.text, language))
    return QuestionView(
        number=numbers[item.id],
        id=item.id,
        kind=item.kind,
        text=shown(item.text, language),
        help=shown(item.help, language),
        instruction=phrase("tick_all", language) if item.kind is Kind.MANY else "",
        only_if=_only_if(definition, item, numbers, language),
        required=item.required,
        fields=tuple(_view_fields(item, fields, errors, language)),
    )


def _numbers(definition: FormDefinition) -> dict[str, int]:
    return {question.id: number for number, question in enumerate(definition.questions, start=1)}


def _only_if(definition: FormDefinition, question: Question, numbers: Mapping[str, int], language: str) -> str:
    """Return whom a question is for, or nothing where it is for everybody."""
    when = question.when
    if when is None:
        return ""
    variable = next(each for each in definition.variables if each.name == when.variable)
    labels = {choice.value: shown(choice.label, language) for choice in variable.choices}
    answers = phrase("or", language).join(
        phrase("quoted", language, answer=labels.get(value, value)) for value in when.values
    )
    number = numbers[variable.question.id]
    if variable.question.kind is Kind.SCALE:
        statement = shown(variable.text, language)
        return spoken("only_if_statement", language, answers=answers, statement=statement, question=number)
    return spoken("only_if", language, answers=answers, question=number)


def _view_fields(
    question: Question, fields: Fields, errors: Mapping[str, str], language: str
) -> Iterator[Input | Options | Parts]:
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
