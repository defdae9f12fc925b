"""From the text of a definition to the form it describes, or to everything that is wrong with it at once."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline.form.authoring.crosscheck import cross_check
from pipeline.form.authoring.entries import Languages
from pipeline.form.authoring.explain import explain
from pipeline.form.authoring.source import DefinitionError, Finding, Steps, line_of, read_source
from pipeline.form.authoring.written import (
    QUESTION_MODELS,
    WrittenForm,
    WrittenItem,
    WrittenNote,
    WrittenQuestion,
    WrittenSection,
)
from pipeline.form.definition import FormDefinition, Item, Kind

FORM_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What a form may be called: it serves in addresses (`/f/library-visit`) and view names (`responses_library_visit`)."""


def parse_definition(text: str, name: str) -> FormDefinition | tuple[DefinitionError, ...]:
    """Return the form called `name` that `text` (YAML 1.2) defines, or all errors in it in the order of their lines.

    `name` is the stem of the file; errors call the file `name.yaml`.
    """
    file = f"{name}.yaml"
    if not FORM_NAME.fullmatch(name):
        what = f'the file name "{name}" cannot be part of an address.'
        return (DefinitionError(file, 1, what, "Use small letters, figures and hyphens, such as library-visit.yaml."),)
    tree = read_source(text, file)
    if isinstance(tree, DefinitionError):
        return (tree,)
    form, items, findings = _read_parts(tree)
    findings.extend(cross_check(tree))
    if findings or form is None:
        errors = {DefinitionError(file, line_of(tree, one.path), one.what, one.instead): None for one in findings}
        return tuple(sorted(errors, key=lambda error: error.line))
    return form.definition(name, items)


def check_listing(name: str, parsed: FormDefinition | tuple[DefinitionError, ...]) -> dict[str, Any]:
    """Return what `check --json` says of one form: `form`, `ok`, and each error's `file`, `line`, `what`, `instead`."""
    errors = () if isinstance(parsed, FormDefinition) else parsed
    return {
        "form": name,
        "ok": not errors,
        "errors": [
            {"file": error.file, "line": error.line, "what": error.what, "instead": error.instead} for error in errors
        ],
    }


def _read_parts(tree: CommentedMap) -> tuple[WrittenForm | None, tuple[Item, ...], list[Finding]]:
    """Read the form and each of its items on their own, so that one mistake hides no other."""
    languages = _languages(tree)
    form = _read(WrittenForm, tree, (), tree, languages)
    findings = form if isinstance(form, list) else []
    items: list[Item] = []
    listed = tree.get("questions")
    for index, raw in enumerate(listed if isinstance(listed, CommentedSeq) else ()):
        path: Steps = ("questions", index)
        written = _read_item(raw, path, tree, languages)
        if isinstance(written, list):
            findings.extend(written)
        else:
            items.append(written.item(line_of(tree, path)))
    return (form if isinstance(form, WrittenForm) else None), tuple(items), findings


def _languages(tree: CommentedMap) -> Languages:
    """The languages to read wordings in: as listed, or where that line is missing, as the title is written."""
    tags = tree.get("languages", tree.get("title"))
    listed = [tags] if "languages" in tree and isinstance(tags, str) else tags
    known = [str(tag) for tag in listed] if isinstance(listed, CommentedSeq | CommentedMap | list) else []
    return Languages(tuple(dict.fromkeys(known)) or ("en",))


def _read_item(raw: object, path: Steps, tree: CommentedMap, languages: Languages) -> WrittenItem | list[Finding]:
    if not isinstance(raw, CommentedMap):
        what = f"item {int(path[1]) + 1} of questions is not a question, a section or a note."
        return [Finding(path, what, "Start it with a dash and a key, such as - id: visit_reason.")]
    if "section" in raw:
        return _read(WrittenSection, raw, path, tree, languages)
    if "note" in raw:
        return _read(WrittenNote, raw, path, tree, languages)
    kind = raw.get("kind")
    if isinstance(kind, str) and kind in list(Kind):
        return _read(QUESTION_MODELS[Kind(kind)], raw, path, tree, languages)
    found = _read(WrittenQuestion, raw, path, tree, languages)
    return [one for one in found if one.path[-1] not in _OF_SOME_KIND] if isinstance(found, list) else []


_OF_SOME_KIND = frozenset(key for model in QUESTION_MODELS.values() for key in model.model_fields) - frozenset(
    WrittenQuestion.model_fields
)
"""Keys that belong to some kinds only: not known to be wrong while the kind is not known."""

Written = TypeVar("Written", bound=BaseModel)


def _read(
    model: type[Written], raw: CommentedMap, path: Steps, tree: CommentedMap, languages: Languages
) -> Written | list[Finding]:
    try:
        return model.model_validate(raw, context=languages)
    except ValidationError as refused:
        known = model.model_fields
        return [explain(error, path, tree, known) for error in refused.errors(include_url=False)]
