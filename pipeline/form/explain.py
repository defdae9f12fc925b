"""A refused key or value, said so that the author knows which question it is and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap

from pipeline.form.definition import Kind
from pipeline.form.source import Finding, Steps, part
from pipeline.form.written import QUESTION_MODELS, suggest_id

EXAMPLES = {
    "title": "title: How was your visit?",
    "council": "council: Glanmor Council",
    "service": "service: Libraries",
    "languages": "languages: [en, cy]",
    "minutes": "minutes: 5",
    "intro": "intro: Tell us how your visit went, so that we can put right what does not work.",
    "privacy": "privacy: We use your answers only to improve this service. You need not give your name.",
    "return_to": "return_to: Hand this form in at any library.",
    "thanks": "thanks: Thank you. We will put up what came of it in every library.",
    "help_line": "help_line: Call 01632 960123 if you want help with this form.",
    "opens": "opens: 2027-01-04",
    "closes": "closes: 2027-03-31",
    "scans_kept_days": "scans_kept_days: 90",
    "answers_kept_days": "answers_kept_days: 730",
    "publish": "publish: false",
    "questions": "questions: with one item below it for each question, each starting with a dash",
    "section": "section: About your visit",
    "note": "note: The next questions are about you. You need not answer them.",
    "id": "id: visit_reason",
    "kind": "kind: one",
    "text": "text: Why did you visit today?",
    "help": "help: Tick all that apply.",
    "required": "required: true",
    "when": "when: {visited: yes}",
    "sensitive": "sensitive: true",
    "about": "about: feels_safe",
    "choices": "choices: with lines such as - {value: yes, label: Yes}",
    "value": "value: yes",
    "label": "label: Yes",
    "other": "other: true",
    "statements": "statements: with lines such as - {id: staff, text: The staff were helpful}",
    "points": "points: with lines such as - {value: agree, label: Agree}",
    "minimum": "minimum: 0",
    "maximum": "maximum: 120",
    "earliest": "earliest: 2026-01-01",
    "latest": "latest: 2027-12-31",
    "pattern": "pattern: AA9999",
    "length": "length: 20",
    "lines": "lines: 6",
}
"""Every key of a definition with a line that shows how it is written."""

_PARTS = {"choices": "choice", "points": "point", "statements": "statement"}


def explain(error: ErrorDetails, above: Steps, tree: CommentedMap, known: Iterable[str]) -> Finding:
    """Return what pydantic found under `above` in plain words; `known` are the keys allowed at the top there."""
    path: Steps = above + tuple(error["loc"])
    key = str(path[-1])
    owner = subject(tree, path[:-1])
    if error["type"] == "missing":
        return Finding(path, f"{owner} has no {key}.", f"Add a line such as {_example(tree, path)}.")
    if error["type"] == "extra_forbidden":
        return _unknown_key(path, owner, known if len(error["loc"]) == 1 else _keys_of_part(path))
    if error["type"] == "said":
        return Finding(path, f"{_of(key, path, owner)} {error['ctx']['what']}", str(error["ctx"]["instead"]))
    return Finding(path, f"{_of(key, path, owner)} {_fault(error)}", f"Write it like {_example(tree, path)}.")


def subject(tree: CommentedMap, path: Steps) -> str:
    """Name the item that `path` leads to or into: `question 3 ("Your postcode")`, `choice 2 of question 3 (…)`."""
    if len(path) < 2 or path[0] != "questions":
        return "the form"
    name = _item_name(tree, path[1])
    if len(path) >= 4 and path[2] in _PARTS and isinstance(path[3], int):
        return f"{_PARTS[path[2]]} {path[3] + 1} of {name}"
    return name


def _item_name(tree: CommentedMap, index: str | int) -> str:
    item = part(tree, ("questions", index))
    if not isinstance(item, CommentedMap):
        return f"item {int(index) + 1}"
    for kind in ("section", "note"):
        if kind in item:
            return f"{kind}{_quoted(item[kind])}"
    items = tree["questions"][: int(index) + 1]
    number = sum(1 for one in items if not (isinstance(one, CommentedMap) and {"section", "note"} & one.keys()))
    return f"question {number}{_quoted(item.get('text'))}"


def _quoted(wording: object) -> str:
    words = next(iter(wording.values()), None) if isinstance(wording, CommentedMap) else wording
    if not isinstance(words, str) or not words.strip():
        return ""
    line = " ".join(words.split())
    return f' ("{line}")' if len(line) <= 50 else f' ("{line[:49].rstrip()}…")'


def _of(key: str, path: Steps, owner: str) -> str:
    """`the label of choice 2 of question 3 (…)`, or where a part of a list itself is wrong, that part."""
    return owner if isinstance(path[-1], int) else f"{key} of {owner}"


def _example(tree: CommentedMap, path: Steps) -> str:
    key = str(path[-1])
    words = part(tree, (*path[:-1], "text")) or part(tree, (*path[:-1], "label"))
    if isinstance(words, CommentedMap):
        words = next(iter(words.values()), None)
    if key in {"id", "value"} and isinstance(words, str):
        return f"{key}: {suggest_id(words)}"
    return EXAMPLES.get(key, EXAMPLES["questions"])


def _unknown_key(path: Steps, owner: str, known: Iterable[str]) -> Finding:
    key = str(path[-1])
    allowed = list(known)
    what = f'{owner} has a key "{key}" that is not known here.'
    if key in EXAMPLES:
        kinds = [kind.value for kind, model in QUESTION_MODELS.items() if key in model.model_fields]
        if kinds and len(kinds) < len(Kind) and "kind" in allowed:
            return Finding(
                path,
                f'{owner} has "{key}", which only {_either(kinds)} questions use.',
                "Delete it, or change the kind.",
            )
    close = get_close_matches(key.lower().replace("-", "_"), allowed, n=1, cutoff=0.6)
    if close:
        return Finding(path, what, f"Did you mean {close[0]}?")
    return Finding(path, what, f"Delete it, or use one of: {', '.join(allowed)}.")


def _either(words: list[str]) -> str:
    return " and ".join(words)


def _keys_of_part(path: Steps) -> list[str]:
    return ["id", "text"] if "statements" in path else ["value", "label", "other"]


def _fault(error: ErrorDetails) -> str:
    """Say in a few words why a value was refused, after pydantic's name for the fault."""
    limits: dict[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "greater_than_equal":
            return f"is {error['input']}, and the least is {limits['ge']}."
        case "less_than_equal":
            return f"is {error['input']}, and the most is {limits['le']}."
        case "too_short":
            return f"lists {limits['actual_length']}, and the least is {limits['min_length']}."
        case "enum":
            return f'is "{error["input"]}", which is none of {", ".join(Kind)}.{_closest_kind(error["input"])}'
        case "list_type":
            return "is not a list."
        case "model_type":
            return "is not made of keys and values."
        case kind if kind.startswith("int"):
            return f'is "{error["input"]}", which is not a whole number.'
        case kind if kind.startswith("bool"):
            return f'is "{error["input"]}", which is neither true nor false.'
        case _:
            return f'is "{error["input"]}", which does not fit here.'


def _closest_kind(written: object) -> str:
    close = get_close_matches(str(written).lower(), list(Kind), n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else ""
