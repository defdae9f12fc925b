"""Made-up answers to the twenty variables of `twenty.yaml`, many at a time, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.store.record import Arrival, OnlineReturn

CHANNELS = ("paper", "online", "kiosk")
_CHOSEN = (0.35, 0.6, 0.05)

_FROM = datetime(2025, 1, 1, tzinfo=UTC)
_DAYS = 730
"""Responses arrive over two years, so that there are 24 months to count by."""

_ANSWERED = 0.93
"""Share of questions answered by those who are asked."""

_COMMENTED = 0.1
_WORDS = (
    "open", "later", "please", "staff", "kind", "books", "children", "warm", "bus", "evening", "Saturday", "quiet",
    "thank", "more", "large", "print",
)  # fmt: skip


def made_up_returns(form: FormDefinition, number: int, seed: int) -> Iterator[Sequence[OnlineReturn]]:
    """Yield so many returns, in the order they arrive, in portions of 1,000 or less."""
    done = 0
    while done < number:
        some = min(1000, number - done)
        rng = np.random.default_rng((seed, done))
        yield _portion(form, some, (done + np.sort(rng.random(some)) * some) / number, rng)
        done += some


def _portion(form: FormDefinition, some: int, when: np.ndarray, rng: np.random.Generator) -> list[OnlineReturn]:
    """Returns that arrive `when`, a share of the two years each."""
    columns = {variable.name: _column(variable, some, rng) for variable in form.variables}
    channels = rng.choice(CHANNELS, some, p=_CHOSEN)
    keys = rng.bytes(16 * some)
    returns = []
    for number in range(some):
        at = _FROM + timedelta(days=_DAYS * float(when[number]))
        answers = {name: column[number] for name, column in columns.items() if column[number]}
        if answers.get("closed") != "often":
            answers.pop("closed_when", None)
        returns.append(
            OnlineReturn(
                definition=form,
                language="en",
                channel=str(channels[number]),
                answers=answers,
                copy=None,
                submission_key=str(UUID(bytes=keys[16 * number : 16 * number + 16])),
                arrival=Arrival(at, at.date().isoformat()),
            )
        )
    return returns


def _column(variable: Variable, some: int, rng: np.random.Generator) -> list[str]:
    """What so many people say to one variable, "" for nothing."""
    answered = rng.random(some) < (_COMMENTED if variable.shape is Shape.COMMENT else _ANSWERED)
    said = _said(variable, some, rng)
    return [value if is_there else "" for value, is_there in zip(said, answered.tolist(), strict=True)]


def _said(variable: Variable, some: int, rng: np.random.Generator) -> list[str]:
    match variable.shape:
        case Shape.CHOICE:
            values = [choice.value for choice in variable.choices]
            weights = 1.0 / np.arange(1, len(values) + 1)
            return [values[each] for each in rng.choice(len(values), some, p=weights / weights.sum()).tolist()]
        case Shape.CHOICES:
            values = [choice.value for choice in variable.choices]
            ticked = rng.random((some, len(values))) < 0.4
            return [";".join(np.compress(row, values).tolist()) for row in ticked]
        case Shape.NUMBER:
            return [str(each) for each in rng.integers(0, 60, some).tolist()]
        case Shape.DATE:
            return [str(each) for each in np.datetime64("2015-01-01") + rng.integers(0, 4000, some)]
        case Shape.POSTCODE:
            parts = rng.integers(1, 10, (some, 2)).tolist()
            return [f"CF{area} {sector}AA" for area, sector in parts]
        case _:
            return [" ".join(rng.choice(_WORDS, 8)) for _ in range(some)]
