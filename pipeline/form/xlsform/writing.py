"""A form definition as an XLSForm workbook, which other programs open and `reading` turns into the same form again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.form.authoring.entries import LANGUAGE_NAMES
from pipeline.form.definition import (
    Choice,
    FormDefinition,
    Item,
    Kind,
    Note,
    Question,
    Section,
    Statement,
    Wording,
)
from pipeline.form.xlsform.columns import (
    ABOUT,
    ADDRESS,
    APPEARANCE,
    CHOICES,
    CONSTRAINT,
    FORM_WORDS,
    HINT,
    KEY,
    KIND,
    LABEL,
    LENGTH,
    LINES,
    LIST,
    NAME,
    OTHER,
    OURS,
    PATTERN,
    PICTURE,
    POSTCARD,
    RELEVANT,
    REQUIRED,
    SENSITIVE,
    SETTINGS,
    STANDARD,
    SURVEY,
    TYPE,
    VALUE,
    WHO,
    in_columns,
    in_easy_columns,
)
from pipeline.form.xlsform.expressions import constraint_of, relevant_of
from pipeline.form.xlsform.sheets import write_book

Cells = dict[str, str]

_TYPES = {
    Kind.NUMBER: "integer",
    Kind.DATE: "date",
    Kind.POSTCODE: "text",
    Kind.CODE: "text",
    Kind.TEXT: "text",
    Kind.COMMENT: "text",
}


def write_xlsform(form: FormDefinition) -> bytes:
    """Return the form as an .xlsx file."""
    names = {variable.name: variable.name.replace(".", "_") for variable in form.variables}
    return write_book(
        {
            SURVEY: [row for item in _numbered(form.items) for row in _item_rows(*item, form, names)],
            CHOICES: list(_choice_rows(form)) or [{LIST: "", NAME: ""}],
            SETTINGS: [_settings(form)],
            OURS: list(_form_rows(form)),
        }
    )


def _numbered(items: tuple[Item, ...]) -> Iterator[tuple[Item, str]]:
    """Each item with a name for it, should it have none of its own."""
    taken = {item.id for item in items if isinstance(item, Question)}
    for number, item in enumerate(items, 1):
        name = f"words_{number}"
        while name in taken:
            name += "_"
        yield item, name


def _item_rows(item: Item, name: str, form: FormDefinition, names: Mapping[str, str]) -> Iterator[Cells]:
    match item:
        case Section():
            yield {
                TYPE: "note",
                NAME: name,
                **in_columns(LABEL, item.title),
                **in_columns(HINT, item.text),
                **in_easy_columns(item.easy),
                KIND: "section",
            }
        case Note():
            yield {TYPE: "note", NAME: name, **in_columns(LABEL, item.text), **in_easy_columns(item.easy)}
        case Question(kind=Kind.SCALE):
            yield from _grid_rows(item, form, names)
        case _:
            yield from _question_rows(item, form, names)


def _question_rows(question: Question, form: FormDefinition, names: Mapping[str, str]) -> Iterator[Cells]:
    row = {TYPE: _type(question), NAME: question.id, **_asked(question, form, names), **_ours(question)}
    if question.kind is Kind.COMMENT:
        row[APPEARANCE] = "multiline"
    yield row
    for choice in question.choices:
        if choice.other:
            ticked = f"selected(${{{question.id}}}, '{choice.value}')"
            beside = {TYPE: "text", NAME: names[f"{question.id}.other"], RELEVANT: ticked, KIND: "other"}
            yield {**beside, **in_columns(LABEL, choice.label)}


def _grid_rows(question: Question, form: FormDefinition, names: Mapping[str, str]) -> Iterator[Cells]:
    """A grid is a group shown as a table; every statement is a question of its own in it."""
    asked = _asked(question, form, names)
    required = {REQUIRED: asked.pop(REQUIRED)} if REQUIRED in asked else {}
    yield {TYPE: "begin_group", NAME: question.id, APPEARANCE: "table-list", **asked, **_ours(question)}
    for statement in question.statements:
        yield {TYPE: f"select_one {question.id}", **_statement(question, statement, names), **required}
    yield {TYPE: "end_group", NAME: question.id}


def _statement(question: Question, statement: Statement, names: Mapping[str, str]) -> Cells:
    words = {**in_columns(LABEL, statement.text), **in_easy_columns(statement.easy)}
    return {NAME: names[f"{question.id}.{statement.id}"], **words}


def _type(question: Question) -> str:
    match question.kind:
        case Kind.ONE:
            return f"select_one {question.id}"
        case Kind.MANY:
            return f"select_multiple {question.id}"
        case kind:
            return _TYPES[kind]


def _asked(question: Question, form: FormDefinition, names: Mapping[str, str]) -> Cells:
    """The columns that XLSForm has for every question."""
    cells = {**in_columns(LABEL, question.text), **in_columns(HINT, question.help)}
    if question.required:
        cells[REQUIRED] = "yes"
    if question.when:
        asked = next(each.question for each in form.variables if each.name == question.when.variable)
        cells[RELEVANT] = relevant_of(question.when, names, asked)
    if constraint := constraint_of(question):
        cells[CONSTRAINT] = constraint
    return cells


def _ours(question: Question) -> Cells:
    """The columns that only pillarbox reads."""
    cells = {KIND: question.kind.value}
    if question.sensitive:
        cells[SENSITIVE] = "yes"
    if question.about:
        cells[ABOUT] = question.about
    if question.standard:
        cells[STANDARD] = question.standard
    if question.picture:
        cells[PICTURE] = question.picture
    if question.postcard:
        cells[POSTCARD] = "yes"
    cells |= in_easy_columns(question.easy)
    if question.who:
        cells[WHO] = "yes"
    match question.kind:
        case Kind.CODE:
            cells[PATTERN] = question.pattern
        case Kind.TEXT:
            cells[LENGTH] = str(question.length)
        case Kind.COMMENT:
            cells[LINES] = str(question.lines)
    return cells


def _choice_rows(form: FormDefinition) -> Iterator[Cells]:
    for question in form.questions:
        for choice in (*question.choices, *question.points):
            yield _choice(question.id, choice)


def _choice(of: str, choice: Choice) -> Cells:
    cells = {LIST: of, NAME: choice.value, **in_columns(LABEL, choice.label), **in_easy_columns(choice.easy)}
    return {**cells, OTHER: "yes"} if choice.other else cells


def _settings(form: FormDefinition) -> Cells:
    first = form.languages[0]
    return {
        "form_title": form.title[first],
        "form_id": form.id,
        "version": form.version,
        "default_language": f"{LANGUAGE_NAMES.get(first, first)} ({first})",
    }


def _form_rows(form: FormDefinition) -> Iterator[Cells]:
    for key in FORM_WORDS:
        wording: Wording = getattr(form, key)
        yield {KEY: key, VALUE: "", **in_columns(VALUE, wording)}
    more = {
        "postcard_return_to": form.postcard_return_to,
        **{f"easy_{field}": said for field, said in form.easy.items()},
    }
    yield from ({KEY: key, VALUE: "", **in_columns(VALUE, words)} for key, words in more.items() if words)
    facts = {
        "service": form.service,
        "languages": ", ".join(form.languages),
        "minutes": str(form.minutes),
        "opens": str(form.opens or ""),
        "closes": str(form.closes or ""),
        "scans_kept_days": str(form.scans_kept_days),
        "answers_kept_days": str(form.answers_kept_days),
        "publish": "true" if form.publish else "",
        "on_one_page": "true" if form.on_one_page else "",
        "destroy_by": str(form.destroy_by or ""),
        "receipt": "true" if form.receipt else "",
        ADDRESS: "\n".join(form.return_address),
    }
    yield from ({KEY: key, VALUE: value} for key, value in facts.items() if value)
