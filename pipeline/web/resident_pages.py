"""The pages of the residents' listener, from forms and what was typed in them to HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pipeline.form.catalogue import LANGUAGES
from pipeline.form.definition import FormDefinition
from pipeline.form.words import long_date, long_time, phrase, phrase_of
from pipeline.web.answering import CODE, KEEP, LANGUAGE, SUBMISSION_KEY, VERSION, ToPutRight, submission_key
from pipeline.web.form_page import summary, view_items
from pipeline.web.guard import Fields, last_of
from pipeline.web.offline import rules_on_device
from pipeline.web.pages import last_page, page
from pipeline.web.words import shown, spoken

NAMES = {"code": CODE, "key": SUBMISSION_KEY, "language": LANGUAGE, "keep": KEEP, "version": VERSION}
"""The fields of every form beside its questions."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as somebody has filled it in so far: its fields, and what is to be put right in them."""

    form: FormDefinition
    language: str
    fields: Fields
    wrong: Sequence[ToPutRight] = ()


def list_page(forms: Sequence[FormDefinition], language: str, code: str, trouble: str) -> Response:
    """Show the open forms and the place to type a paper copy's `code`; `trouble` is what is wrong with it, if it is."""
    languages = dict.fromkeys(tag for form in forms for tag in form.languages if tag in LANGUAGES)
    return page(
        "forms.html",
        422 if trouble else 200,
        language=language,
        languages=list(languages) or [language],
        council=shown(forms[0].council, language) if forms else "",
        forms=[_listed(form, language) for form in forms],
        code=code,
        trouble=trouble,
    )


def form_page(filled: Filled, status: int = 200) -> Response:
    """Show a form as it is filled in so far."""
    form, language, fields, wrong = filled.form, filled.language, filled.fields, filled.wrong
    return page(
        "form.html",
        status,
        **shared(form, language),
        items=view_items(form, fields, wrong, language),
        **_about(form, language),
        **_around(fields, wrong),
        summary=summary(form, wrong, language),
        version=form.version,
        rules=rules_on_device(form, language),
        posted=SUBMISSION_KEY in fields,
        routed=any(question.when for question in form.questions),
    )


def _about(form: FormDefinition, language: str) -> dict[str, Any]:
    """Return what somebody should know before answering."""
    return {
        "intro": shown(form.intro, language),
        "facts": _facts(form, language),
        "leave_out": spoken("leave_out_most" if any(q.required for q in form.questions) else "leave_out_any", language),
        "privacy": shown(form.privacy, language),
        "kept": spoken("kept", language, time=long_time(form.answers_kept_days, language)),
        "published": phrase("publish", language) if form.publish else "",
    }


def _around(fields: Fields, wrong: Sequence[ToPutRight]) -> dict[str, Any]:
    """Return the fields of a page beside the questions."""
    return {
        "code": last_of(fields, CODE),
        "code_trouble": next((found.message for found in wrong if found.question == CODE), ""),
        "submission_key": submission_key(fields),
        "names": NAMES,
    }


def start_page(filled: Filled, status: int = 200) -> Response:
    """Show what a form is about, before its first question."""
    form, language, fields, wrong = filled.form, filled.language, filled.fields, filled.wrong
    return page(
        "start.html",
        status,
        **shared(form, language),
        **_about(form, language),
        **_around(fields, wrong),
        summary=summary(form, wrong, language),
    )


def shared(form: FormDefinition, language: str) -> dict[str, Any]:
    """Return what every page about a form shows."""
    return {
        "language": language,
        "languages": form.languages,
        "form": form.id,
        "title": shown(form.title, language),
        "council": shown(form.council, language),
        "help_line": shown(form.help_line, language),
        "thanks": shown(form.thanks, language),
    }


def _listed(form: FormDefinition, language: str) -> dict[str, str]:
    offered = spoken_in(form, language)
    return {
        "address": f"/f/{form.id}?lang={offered}",
        "language": offered,
        "title": shown(form.title, offered),
        "facts": _facts(form, offered),
    }


def _facts(form: FormDefinition, language: str) -> str:
    """Return how long a form takes and until when it is open, in a line."""
    minutes = phrase_of(form.minutes, "minutes", language, minutes=form.minutes)
    if form.closes is None:
        return minutes
    return f"{minutes} {spoken('open_until', language, date=long_date(form.closes, language))}"


def erased_page(form: FormDefinition, language: str) -> Response:
    """Say that what somebody had begun is erased."""
    heading, message = spoken("erased_title", language), spoken("erased", language)
    return last_page("message.html", **shared(form, language), heading=heading, message=message)


def trouble_page(status: int, name: str, language: str) -> Response:
    """Show the phrase `name` under its title, outside any form."""
    title = spoken(f"{name}_title", language)
    about = {"form": "", "council": "", "help_line": "", "languages": [language], "title": title}
    return page("message.html", status, **about, language=language, heading=title, message=spoken(name, language))


def language_in(request: Request) -> str:
    """Return the language a page outside any form is asked for in."""
    wanted = request.query_params.get("lang", "")
    return wanted if wanted in LANGUAGES else "en"


def spoken_in(form: FormDefinition, wanted: str) -> str:
    """Return the language to show a form in: the one that is wanted if the form has it, else its first."""
    return wanted if wanted in form.languages else form.languages[0]
