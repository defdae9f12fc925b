"""A refused key or value, said so that the author knows which question it is and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap

from pipeline.form.authoring.entries import SAID, suggest_id
from pipeline.form.authoring.source import Finding, Steps, part
from pipeline.form.authoring.written import QUESTION_MODELS, WrittenChoice, WrittenQuestion, WrittenStatement
from pipeline.form.definition import Kind

EXAMPLES = {
    "title": "title: How was your visit",
    "council": "council: Glanmor Council",
    "service": "service: Libraries",
    "languages": "languages: [en, cy]",
    "minutes": "minutes: 5",
    "intro": "intro: Your answers help us decide what to put right first",
    "privacy": "privacy: You do not need to give your name",
    "return_to": "return_to: Hand this form in at any library",
    "thanks": "thanks: Thank you, we read every answer",
    "help_line": "help_line: Ask at the counter if you want help with this form",
    "opens": "opens: 2027-01-04",
    "closes": "closes: 2027-03-31",
    "scans_kept_days": "scans_kept_days: 90",
    "answers_kept_days": "answers_kept_days: 730",
    "publish": "publish: false",
    "return_address": 'return_address: ["Glanmor Libraries", "1 Harbour Street", "Glanmor ZZ1 4GL"]',
    "destroy_by": "destroy_by: 2027-06-30",
    "receipt": "receipt: true",
    "postcard_return_to": "postcard_return_to: Hand this card in at any library",
    "on_one_page": "on_one_page: true",
    "easy_title": "easy_title: Your visit",
    "easy_intro": "easy_intro: We want to know what you think",
    "easy_privacy": "easy_privacy: You do not have to tell us your name",
    "easy_return_to": "easy_return_to: Give this form to any library",
    "easy_thanks": "easy_thanks: Thank you",
    "easy_help_line": "easy_help_line: We can help you with this form",
    "section": "section: About your visit",
    "note": "note: The next questions are about you",
    "id": "id: visit_reason",
    "kind": "kind: one",
    "text": "text: Why did you visit today",
    "help": "help: Your best guess is fine",
    "required": "required: true",
    "when": "when: {visited: yes}",
    "sensitive": "sensitive: true",
    "about": "about: gets_what_they_need",
    "standard": "standard: age_8",
    "picture": "picture: calendar",
    "postcard": "postcard: true",
    "easy_text": "easy_text: Why did you come",
    "easy_help": "easy_help: You can guess",
    "easy_label": "easy_label: To get a book",
    "easy_section": "easy_section: About you",
    "easy_note": "easy_note: Now we ask about you",
    "who": "who: true",
    "value": "value: yes",
    "label": "label: Yes",
    "other": "other: true",
    "minimum": "minimum: 0",
    "maximum": "maximum: 120",
    "earliest": "earliest: 2026-01-01",
    "latest": "latest: 2027-12-31",
    "pattern": "pattern: AA-9999",
    "length": "length: 20",
    "lines": "lines: 6",
}
"""A line for every key that is followed by one value."""

LIST_EXAMPLES = {
    "questions": "- {id: change, kind: comment, text: What should we change}",
    "choices": "- {value: yes, label: Yes}",
    "statements": "- {id: staff, text: Help from our staff}",
    "points": "- {value: good, label: Good}",
}
"""A line of the list for every key that is followed by a list."""

_PARTS: dict[str, tuple[str, type[BaseModel]]] = {
    "choices": ("choice", WrittenChoice),
    "points": ("point", WrittenChoice),
    "statements": ("statement", WrittenStatement),
}


def explain(error: ErrorDetails, above: Steps, tree: CommentedMap, known: Iterable[str]) -> Finding:
    """Return what pydantic found under `above` in plain words; `known` are the keys allowed at the top there."""
    path: Steps = above + tuple(error["loc"])
    key = str(path[-1])
    owner = subject(tree, path[:-1])
    match error["type"]:
        case "missing":
            return Finding(path, f"{owner} has no {key}.", f"Add {_example(tree, path)}.")
        case "extra_forbidden" | "invalid_key":
            return _unknown_key(path, owner, known if len(error["loc"]) == 1 else _keys_of_part(path))
        case kind if kind == SAID:
            return Finding(path, f"{_whose(path, tree)} {error['ctx']['what']}", str(error["ctx"]["instead"]))
        case _:
            return Finding(path, f"{_whose(path, tree)} {_fault(error)}", f"Write {_example(tree, path)}.")


def subject(tree: CommentedMap, path: Steps) -> str:
    """Name the item that `path` leads to or into: `question 3 ("Your postcode")`, `choice 2 of question 3 (…)`."""
    if len(path) < 2 or path[0] != "questions":
        return "the form"
    name = _item_name(tree, path[1])
    if len(path) >= 4 and path[2] in _PARTS and isinstance(path[3], int):
        return f"{_PARTS[path[2]][0]} {path[3] + 1} of {name}"
    return name


def _item_name(tree: CommentedMap, index: str | int) -> str:
    """Questions are counted as they are printed: sections and notes have no number."""
    item = part(tree, ("questions", index))
    if not isinstance(item, CommentedMap):
        return f"item {int(index) + 1}"
    for kind in ("section", "note"):
        if kind in item:
            return f"the {kind}{_quoted(item[kind])}"
    items = tree["questions"][: int(index) + 1]
    number = sum(1 for one in items if not (isinstance(one, CommentedMap) and {"section", "note"} & one.keys()))
    return f"question {number}{_quoted(item.get('text'))}"


def _quoted(wording: object) -> str:
    words = _first_words(wording)
    if not words:
        return ""
    return f' ("{words}")' if len(words) <= 50 else f' ("{words[:49].rstrip()}…")'


def _first_words(wording: object) -> str:
    words = next(iter(wording.values()), None) if isinstance(wording, CommentedMap) else wording
    return " ".join(words.split()) if isinstance(words, str) else ""


def _whose(path: Steps, tree: CommentedMap) -> str:
    """`the label of choice 2 of question 3 (…)`, or where a part of a list itself is wrong, that part."""
    if isinstance(path[-1], int):
        return subject(tree, path)
    owner = subject(tree, path[:-1])
    return f"{path[-1]} of {owner}"


def _example(tree: CommentedMap, path: Steps) -> str:
    """What to write for the key at the end of `path`; an id or a value is made from the words beside it."""
    key = str(path[-1])
    if isinstance(path[-1], int):
        return f"it like {LIST_EXAMPLES.get(str(path[-2]), LIST_EXAMPLES['questions'])}"
    if key in LIST_EXAMPLES:
        return f"{key}: and indented below it lines such as {LIST_EXAMPLES[key]}"
    words = _first_words(part(tree, (*path[:-1], "text")) or part(tree, (*path[:-1], "label")))
    if key in {"id", "value"} and words:
        return f"a line such as {key}: {suggest_id(words)}"
    return f"a line such as {EXAMPLES.get(key, EXAMPLES['kind'])}"


def _unknown_key(path: Steps, owner: str, known: Iterable[str]) -> Finding:
    key, allowed = str(path[-1]), list(known)
    kinds = [kind for kind, model in QUESTION_MODELS.items() if key in model.model_fields]
    if kinds and "kind" in allowed:
        what = f'{owner} has "{key}", which only questions of the kind {" or ".join(kinds)} use.'
        return Finding(path, what, "Delete the line, or change the kind.")
    close = get_close_matches(key.lower().replace("-", "_"), allowed, n=1, cutoff=0.6)
    instead = f"Did you mean {close[0]}?" if close else f"Delete it, or use one of {', '.join(allowed)}."
    return Finding(path, f'{owner} has the key "{key}", which means nothing here.', instead)


def _keys_of_part(path: Steps) -> Iterable[str]:
    parts = str(path[-3]) if len(path) >= 3 else ""
    return _PARTS[parts][1].model_fields if parts in _PARTS else WrittenQuestion.model_fields


def _fault(error: ErrorDetails) -> str:
    """Say in a few words why a value was refused, after pydantic's name for the fault."""
    limits: dict[str, Any] = error.get("ctx", {})
    written = error["input"]
    match error["type"]:
        case "greater_than_equal":
            return f"is {written}, and the least is {limits['ge']}."
        case "less_than_equal":
            return f"is {written}, and the most is {limits['le']}."
        case "too_short":
            return f"has {limits['actual_length']} where at least {limits['min_length']} are needed."
        case "enum":
            return f'is "{written}", which is none of {", ".join(Kind)}.{_closest_kind(written)}'
        case "list_type":
            return "is not followed by a list."
        case "model_type":
            return "is not made of keys and values."
        case kind if kind.startswith("int"):
            return f'is "{written}", which is not a whole number.'
        case kind if kind.startswith("bool"):
            return f'is "{written}", which is neither true nor false.'
        case _:
            return f'is "{written}", which does not fit here.'


def _closest_kind(written: object) -> str:
    close = get_close_matches(str(written).lower(), list(Kind), n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else ""
