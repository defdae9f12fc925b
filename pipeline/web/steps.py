"""A form that is asked one question a page: which questions somebody meets, and in which order."""

from __future__ import annotations

from pipeline.form.definition import FormDefinition, Question, variables_of
from pipeline.form.rules import Answers, asked
from pipeline.web.answering import answers_in, field_names
from pipeline.web.guard import Fields


def asked_answers(form: FormDefinition, fields: Fields) -> Answers:
    """Return the answers to what is asked of this person.

    What was said before somebody changed an earlier answer, and is asked no more, is left out: on pages of their own
    nobody sees such questions, and the last page shows what will be sent.
    """
    answers = answers_in(form, fields)
    names = asked(form, answers)
    return {name: value for name, value in answers.items() if name in names}


def asked_questions(form: FormDefinition, fields: Fields) -> tuple[Question, ...]:
    """Return the questions that this person is asked, given the answers so far."""
    names = asked(form, answers_in(form, fields))
    return tuple(question for question in form.questions if own_fields(question) & names)


def next_question(form: FormDefinition, fields: Fields, after: str) -> Question | None:
    """Return the question that follows the one with the id `after` ("": the first), None after the last."""
    order = [question.id for question in form.questions]
    reached = order.index(after) if after else -1
    later = set(order[reached + 1 :])
    return next((question for question in asked_questions(form, fields) if question.id in later), None)


def question_before(form: FormDefinition, fields: Fields, before: str) -> Question | None:
    """Return the question that comes before the one with the id `before` ("": the last), None before the first."""
    order = [question.id for question in form.questions]
    earlier = set(order[: order.index(before)] if before else order)
    return next((each for each in reversed(asked_questions(form, fields)) if each.id in earlier), None)


def first_unseen(form: FormDefinition, fields: Fields) -> Question | None:
    """Return the first question that is asked and was not met yet, None where all were."""
    return next((each for each in asked_questions(form, fields) if not own_fields(each) & fields.keys()), None)


def sent_for(question: Question, fields: Fields) -> Fields:
    """Return what was sent for one question."""
    return {name: fields[name] for name in own_fields(question) & fields.keys()}


def emptied(question: Question) -> Fields:
    """Return the fields of a question with nothing in them: it was met, and what stood there before is not left."""
    return dict.fromkeys(own_fields(question), ())


def own_fields(question: Question) -> frozenset[str]:
    """Return the names of the fields that a question is answered in."""
    return frozenset(name for variable in variables_of(question) for name in field_names(variable))
