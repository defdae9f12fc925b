"""A definition as the record keeps it, read back without what reads an author's text: that takes longer to load."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from pipeline.form.definition import FormDefinition, Item, Note, Question, Section


def definition_from_json(stored: str) -> FormDefinition:
    """Return the definition that `canonical_json` wrote: same version, without the lines of its file.

    Raises `ValueError` or `KeyError` if `stored` is something else.
    """
    fields: dict[str, Any] = json.loads(stored)
    fields = _languages_in_order(fields, fields["languages"])
    return _FORM.validate_python({**fields, "items": tuple(map(_stored_item, fields["items"]))})


_FORM = TypeAdapter(FormDefinition)
_QUESTION = TypeAdapter(Question)
_SECTION = TypeAdapter(Section)
_NOTE = TypeAdapter(Note)


def _stored_item(fields: dict[str, Any]) -> Item:
    if "kind" in fields:
        return _QUESTION.validate_python(fields)
    return _SECTION.validate_python(fields) if "title" in fields else _NOTE.validate_python(fields)


def _languages_in_order(value: Any, languages: list[str]) -> Any:
    """Put wordings back in the author's order of languages, which sorted keys have lost."""
    if isinstance(value, dict):
        keys = [tag for tag in languages if tag in value] if value.keys() <= set(languages) else list(value)
        return {key: _languages_in_order(value[key], languages) for key in keys}
    if isinstance(value, list):
        return [_languages_in_order(inner, languages) for inner in value]
    return value
