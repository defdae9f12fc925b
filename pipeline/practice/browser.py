"""Somebody who answers a form on the web: what a browser posts, and what the server says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import UUID

import numpy as np

from pipeline.form.definition import FormDefinition, Shape
from pipeline.form.rules import split_values

PATIENCE_S = 30
"""How long an answer of the server is waited for."""


def answer_online(
    resident_url: str, definition: FormDefinition, answers: Mapping[str, str], language: str, rng: np.random.Generator
) -> dict[str, Any]:
    """Send answers to the residents' pages at an address, and return what came back: `receipt` and `submission`.

    Raises urllib.error.HTTPError where they are not taken.
    """
    fields = urlencode(_fields(definition, answers, language, rng)).encode()
    request = Request(f"{resident_url}/f/{definition.id}", fields, {"Accept": "application/json"})
    with urlopen(request, timeout=PATIENCE_S) as response:
        told: dict[str, Any] = json.load(response)
    return told


def _fields(
    definition: FormDefinition, answers: Mapping[str, str], language: str, rng: np.random.Generator
) -> Sequence[tuple[str, str]]:
    """What a browser would post: a field a variable, and *tick all that apply* once for each tick."""
    key = str(UUID(bytes=rng.bytes(16), version=4))
    fields = [("submission_key", key), ("lang", language)]
    for variable in definition.variables:
        value = answers.get(variable.name, "")
        values = split_values(value) if variable.shape is Shape.CHOICES else (value,)
        fields += [(variable.name, one) for one in values if one]
    return fields
