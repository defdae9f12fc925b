"""What reads paper, told in full: version, networks, other programs, and every number its judging turns on.

Each page on record names its reader by a short id, so that a page read by another can be found and read again.
`installed` says which reads here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

Number = int | float | list["Number"] | dict[str, "Number"]
"""A named constant, or several under one name."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One way of reading. `models` are the SHA-256 of each network by name, `thresholds` numbers by module.

    `tools` are the versions of what reads besides and is installed apart, by name; what is missing is left out. `id` is
    made from all the others: the first 12 hexadecimal digits of the SHA-256 of `description`.
    """

    id: str
    version: str
    models: Mapping[str, str]
    tools: Mapping[str, str]
    thresholds: Mapping[str, Mapping[str, Number]]

    @property
    def description(self) -> str:
        """All of it as JSON with sorted keys."""
        return _description(self.version, self.models, self.tools, self.thresholds)


def describe_reader(
    version: str, models: Mapping[str, str], tools: Mapping[str, str], thresholds: Mapping[str, Mapping[str, Number]]
) -> Reader:
    """Return a reader under the id that follows from what it is."""
    digest = hashlib.sha256(_description(version, models, tools, thresholds).encode()).hexdigest()
    return Reader(digest[:12], version, models, tools, thresholds)


def _description(
    version: str, models: Mapping[str, str], tools: Mapping[str, str], thresholds: Mapping[str, Mapping[str, Number]]
) -> str:
    told = {"version": version, "models": dict(models), "tools": dict(tools), "thresholds": dict(thresholds)}
    return json.dumps(told, sort_keys=True)
