"""The stored row of each return, held to the one that the online form gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Variable
from pipeline.store.responses import Response

Held = tuple[str | None, Missing | None]
"""What a row holds of a variable: its value, or why there is none."""

NOT_ASKED: Held = (None, Missing.NOT_ASKED)


class Verdict(StrEnum):
    """How a variable of one row compares with the online form's."""

    EQUAL = "equal"
    WAITING = "waiting"
    NOT_READ = "not read"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Compared:
    """One variable of one row, what it holds and what the online form's row does."""

    variable: str
    verdict: Verdict
    held: Held
    online: Held


def compared(
    definition: FormDefinition, row: Response | None, online: Response, asked: frozenset[str]
) -> Iterator[Compared]:
    """Yield every variable of a row beside the online form's; None stands for a copy of which nothing was read.

    `asked` are the variables that have a place on this copy: the others must be stored as not asked.
    """
    for variable in definition.variables:
        expected = held(online, variable.name) if variable.name in asked else NOT_ASKED
        found = held(row, variable.name) if row else (None, Missing.PAGE_NOT_RETURNED)
        yield Compared(variable.name, _verdict(definition, variable, row, expected), found, expected)


def other_facts(row: Response | None, facts: Mapping[str, str]) -> Iterator[Compared]:
    """Yield each fact of a row that is not as it must be: its channel, say, or its language."""
    for name, expected in facts.items() if row else ():
        if row and row.facts[name] != expected:
            yield Compared(f"@{name}", Verdict.WRONG, (row.facts[name], None), (expected, None))


def held(row: Response, name: str) -> Held:
    """Return what a row holds of a variable."""
    return row.answers.get(name), row.missing.get(name)


def _verdict(definition: FormDefinition, variable: Variable, row: Response | None, expected: Held) -> Verdict:
    if row is None or row.missing.get(variable.name) is Missing.PAGE_NOT_RETURNED:
        return Verdict.NOT_READ
    if held(row, variable.name) == expected:
        return Verdict.EQUAL
    return Verdict.WAITING if _waits(definition, variable, row.missing) else Verdict.WRONG


def _waits(definition: FormDefinition, variable: Variable, missing: Mapping[str, Missing]) -> bool:
    """Whether a variable waits for a person, or is empty and one that leads to it waits.

    Until it is known which way an answer routes, what stands behind it is called blank, not *not asked*.
    """
    if missing.get(variable.name) is Missing.WAITING:
        return True
    when = variable.question.when
    if when is None or missing.get(variable.name) is not Missing.BLANK:
        return False
    return _waits(definition, next(each for each in definition.variables if each.name == when.variable), missing)
