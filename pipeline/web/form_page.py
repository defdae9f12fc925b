"""One form as a web page: its questions in their order, the words between them, and what is to be put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.form.definition import FormDefinition, Item, Kind, Note, Question, Section
from pipeline.form.words import phrase
from pipeline.web.answering import ToPutRight
from pipeline.web.guard import Fields
from pipeline.web.question_view import QuestionView, element_id, view_fields
from pipeline.web.words import shown, spoken


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
        fields=tuple(view_fields(item, fields, errors, language)),
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
