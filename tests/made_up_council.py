"""Answers of the made-up council as a report counts them: what its people said of a library, over two years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from made_up_dataset import asking, define

from pipeline.form.answer import Missing
from pipeline.form.definition import FormDefinition, Variable
from pipeline.practice.council import AGES, CHANNELS, CONDITIONS, LIBRARIES, Council, draw
from pipeline.store.coded import Coded, CodedDataset, Written, missing_code

FORM = define(
    asking(
        "Your library",
        """\
  - id: content
    kind: one
    text: Did you get what you needed?
    choices:
      - {value: yes, label: "Yes, all of it"}
      - {value: no, label: Not all of it}
  - id: rating
    kind: scale
    text: How good are these?
    statements:
      - {id: staff, text: Help from our staff}
      - {id: books, text: What there is to borrow}
      - {id: hours, text: When we are open}
    points:
      - {value: good, label: Good}
      - {value: fair, label: Fair}
      - {value: poor, label: Poor}
  - id: change
    kind: comment
    lines: 3
    text: What should we change?
  - section: About you
  - id: library
    kind: one
    who: true
    text: Which library do you use most?
    choices:
      - {value: central, label: Central}
      - {value: porth_gwyn, label: Porth Gwyn}
      - {value: pentre_helyg, label: Pentre Helyg}
  - id: age
    kind: one
    who: true
    text: What is your age?
    choices:
      - {value: under_16, label: Under 16}
      - {value: 16_24, label: 16 to 24}
      - {value: 25_34, label: 25 to 34}
      - {value: 35_44, label: 35 to 44}
      - {value: 45_54, label: 45 to 54}
      - {value: 55_64, label: 55 to 64}
      - {value: 65_74, label: 65 to 74}
      - {value: 75_plus, label: 75 or over}
      - {value: not_said, label: Prefer not to say}
  - id: condition
    kind: one
    sensitive: true
    who: true
    text: Do you have a lasting condition?
    choices:
      - {value: yes, label: "Yes"}
      - {value: no, label: "No"}
      - {value: not_said, label: Prefer not to say}
""",
    ),
    "council",
)

MONTHS = 24
_CAMPAIGN = "Please keep {} open on Saturdays. Working families cannot come on any other day of the week"
_COMMENTS = (
    "Longer opening hours in the evening please",
    "Please open earlier in the morning, the hours do not suit people at work",
    "More large print books and audio books",
    "The choice of new books is poor",
    "Warmer reading room in winter, it is cold",
    "The heating in the reading room does not work",
    "The staff are kind and patient",
    "Thank you to the staff, always helpful",
    "The computers are slow and the wifi fails",
    "Better wifi and more computers",
)


def census(council: Council) -> str:
    """Who lives in the council, as a table of margins by library, age and condition."""
    lines = ["question,value,share"]
    for place, (question, values) in enumerate((("library", LIBRARIES), ("age", AGES), ("condition", CONDITIONS))):
        shares = council.live.sum(axis=tuple({0, 1, 2} - {place}))
        lines += [f"{question},{value},{100 * share:.3f}" for value, share in zip(values, shares, strict=True)]
    return "\n".join(lines)


def council_dataset(council: Council, people: int, seed: int, form: FormDefinition = FORM) -> CodedDataset:
    """Return so many answers: the first question as the council has it, the rest as chance will."""
    rng = np.random.default_rng(seed)
    drawn = draw(council, people, seed)
    order = rng.permutation(people)
    library, age, condition, channel = (
        np.repeat(place.ravel(), drawn.n.ravel().astype(int))[order] for place in np.indices(drawn.n.shape)
    )
    content = np.concatenate(
        [np.arange(n) >= yes for n, yes in zip(drawn.n.ravel(), drawn.content.ravel(), strict=True)]
    )
    answers = {
        "content": Coded(("yes", "no"), _with_blanks(content[order].astype(int), channel, rng)),
        **{f"rating.{name}": Coded(("good", "fair", "poor"), codes) for name, codes in _ratings(channel, rng)},
        "change": Coded(("",), np.where(rng.random(people) < 0.2, 0, missing_code(Missing.BLANK))),
        "library": Coded(LIBRARIES, library),
        "age": Coded((*AGES, "not_said"), np.where(rng.random(people) < 0.02, len(AGES), age)),
        "condition": Coded((*CONDITIONS, "not_said"), condition),
    }
    months = np.sort(rng.integers(MONTHS, size=people))
    days = tuple(f"{2025 + month // 12}-{month % 12 + 1:02}-15" for month in range(MONTHS))
    return CodedDataset(
        form, form.variables, (form,), (), {}, np.arange(1, people + 1),
        channel=Coded(CHANNELS, channel),
        site=Coded(LIBRARIES, library),
        lang=Coded(("en",), np.zeros(people, int)),
        received_on=Coded(days, months),
        version=Coded((form.version,), np.zeros(people, int)),
        answers=answers,
        written={"change": _written(np.flatnonzero(answers["change"].codes >= 0), rng)},
        remarks=Written(np.array([], int), ()),
    )  # fmt: skip


def variable(dataset: CodedDataset, name: str) -> Variable:
    """Return a variable by its name."""
    return next(each for each in dataset.variables if each.name == name)


def with_answers(dataset: CodedDataset, name: str, codes: Sequence[int] | np.ndarray) -> CodedDataset:
    """Return the dataset with other answers to one question."""
    column = Coded(dataset.answers[name].values, np.asarray(codes))
    return replace(dataset, answers={**dataset.answers, name: column})


def _with_blanks(codes: np.ndarray, channel: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(len(codes)) < np.where(channel == 0, 0.08, 0.03), missing_code(Missing.BLANK), codes)


def _ratings(channel: np.ndarray, rng: np.random.Generator) -> list[tuple[str, np.ndarray]]:
    same = rng.random(len(channel)) < np.where(channel == 0, 0.10, 0.30)
    first = rng.choice(3, len(channel), p=[0.5, 0.3, 0.2])
    found = []
    for name in ("staff", "books", "hours"):
        own = rng.choice(3, len(channel), p=[0.5, 0.3, 0.2])
        found.append((name, _with_blanks(np.where(same, first, own), channel, rng)))
    return found


def _written(rows: np.ndarray, rng: np.random.Generator) -> Written:
    texts = [
        _CAMPAIGN.format(rng.choice(["the library", "our library", "Porth Gwyn"]))
        if rng.random() < 0.15
        else f"{rng.choice(_COMMENTS)}{rng.choice(['', '.', '!', ', thanks'])}"
        for _ in rows
    ]
    return Written(rows, tuple(texts))
