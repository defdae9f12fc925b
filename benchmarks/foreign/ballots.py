"""Two ballots of VotingWorks, the same contests laid out twice: ovals as its interpreter has them, or as scanned.

The geometry of `oaklawn` is what its interpreter found on the blank pictures, which its tests keep; of `dallas`, on
thick paper, there is none, so its ovals are found on the two sheets that came back unmarked. Truth is what the
interpreter's tests expect of each picture, but for one tick (`NOT_COUNTED`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.foreign.pictures import Grey

OAKLAWN = "election-4e31cb17d8-ballot-style-77-precinct-oaklawn-branch-library"
BATCH = "batch-1-20200504_210852-ballot-{:04d}.jpg"
VARIABLES = {
    "us-senate": "senate",
    "us-house-district-30": "house",
    "texas-sc-judge-place-6": "judge",
    "texas-house-district-111": "state_house",
    "dallas-county-tax-assessor": "tax_assessor",
    "dallas-county-sheriff": "sheriff",
    "dallas-county-commissioners-court-pct-3": "commissioners",
    "dallas-county-retain-chief-justice": "chief_justice",
    "dallas-county-proposition-r": "proposition_r",
    "dallas-city-council": "council",
    "dallas-mayor": "mayor",
}
"""What each contest is called in the form's definition, in the order of the ballot."""

NOT_COUNTED = ("dallas-city-council", "__write-in-1")
"""A tick with a name written beside it, on the filled second page of `oaklawn`, which is too thin a mark for a vote."""

MM_PER_PX = {"oaklawn": 25.4 / 150, "dallas": 25.4 / 300}
ON_FIRST_PAGE = {"oaklawn": 6, "dallas": 7}
"""How many contests are on the first page."""

OVAL_PX, COLUMN_PX = ((64, 70), (42, 48)), 150
"""Width and height of an oval at 300 dpi, its line included, and how much less columns are apart than ovals in one."""

Ring = tuple[int, int, int, int]
"""Left, top, width and height of an oval in pixels, its line included."""


@dataclass(frozen=True, slots=True)
class Returned:
    """One ballot that came back: its pictures by page, its votes, what its barcodes say, and the pages with writing."""

    name: str
    files: Mapping[int, Path]
    votes: Mapping[str, str]
    barcodes: frozenset[str]
    remarks: frozenset[int]


def blank_files(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Return the unmarked pages of both."""
    oaklawn, dallas = folder / OAKLAWN, folder / "28lb-paper"
    return {
        "oaklawn": (oaklawn / "blank-p1.jpg", oaklawn / "blank-p2.jpg"),
        "dallas": (dallas / BATCH.format(18), dallas / BATCH.format(17)),
    }


def geometry(folder: Path, name: str, blanks: Sequence[Grey]) -> dict[str, Any]:
    """Return where its ovals are, as `pillarbox fixed` takes it."""
    scale, first = MM_PER_PX[name], ON_FIRST_PAGE[name]
    rings = _told_rings(folder) if name == "oaklawn" else [_rings(blank) for blank in blanks]
    contests = _options(folder)
    named = [list(contests.items())[:first], list(contests.items())[first:]]
    pages = [
        {"page": page, "fields": list(_fields(some, found, scale))}
        for page, (some, found) in enumerate(zip(named, rings, strict=True), 1)
    ]
    return {"paper_mm": _paper_mm(blanks[0], scale), "sides": "both", "pages": pages}


def returned(folder: Path) -> dict[str, list[Returned]]:
    """Return the ballots that came back, by form."""
    tests, batch = _votes_in_tests(folder), json.loads((folder / "28lb_votes.json").read_text(encoding="utf-8"))
    contest, option = NOT_COUNTED
    second = {**tests["filledInPage2"], contest: [*tests["filledInPage2"][contest], option]}
    oaklawn = folder / OAKLAWN
    codes = frozenset(f"https://vx.vote/?t=_&pr=42&bs=77&p={page}-2" for page in (1, 2))
    filled, again = {1: oaklawn / "filled-in-p1.jpg", 2: oaklawn / "filled-in-p2.jpg"}, "extra-contest-detected-p2.jpg"
    thick = frozenset(f'{{"precinct":42,"ballotStyleId":77,"pageNumber":{page}}}' for page in (1, 2))
    return {
        "oaklawn": [
            Returned("oaklawn", filled, _answers(folder, tests["filledInPage1"], second), codes, frozenset({1, 2})),
            Returned("oaklawn, page 2 again", {2: oaklawn / again}, _answers(folder, second), codes, frozenset({2})),
        ],
        "dallas": [
            Returned(
                f"dallas, {page}",
                {1: folder / "28lb-paper" / BATCH.format(page), 2: folder / "28lb-paper" / BATCH.format(page - 1)},
                _answers(folder, batch[BATCH.format(page)], batch[BATCH.format(page - 1)]),
                thick,
                frozenset({1}),
            )
            for page in (2, 4)
        ],
    }


def _answers(folder: Path, *votes: Mapping[str, Sequence[str]]) -> dict[str, str]:
    voted = {contest: options for each in votes for contest, options in each.items()}
    return {
        VARIABLES[contest]: ";".join(value(option) for option in options if option in voted.get(contest, ()))
        for contest, options in _options(folder).items()
    }


def value(option: str) -> str:
    """Return what an option is called in the form's definition."""
    return option.strip("_")


def _options(folder: Path) -> dict[str, list[str]]:
    """The options of every contest as they stand on the ballot, write-ins last."""
    election = json.loads((folder / OAKLAWN / "election.json").read_text(encoding="utf-8"))
    return {contest["id"]: list(_options_of(contest)) for contest in election["contests"]}


def _options_of(contest: Mapping[str, Any]) -> Iterator[str]:
    if contest["type"] == "yesno":
        yield from ("yes", "no")
        return
    yield from (candidate["id"] for candidate in contest["candidates"])
    yield from (f"__write-in-{number}" for number in range(contest["seats"] if contest["allowWriteIns"] else 0))


def _fields(
    contests: Sequence[tuple[str, Sequence[str]]], rings: Sequence[Ring], scale: float
) -> Iterator[dict[str, Any]]:
    asked = [(contest, option) for contest, options in contests for option in options]
    for (contest, option), (left, top, width, height) in zip(asked, rings, strict=True):
        box_mm = [round(each * scale, 3) for each in (left + 1, top + 1, width - 2, height - 2)]
        named = {"question": VARIABLES[contest], "value": value(option)}
        yield {**named, "kind": "mark", "shape": "oval", "box_mm": box_mm}


def _paper_mm(blank: Grey, scale: float) -> list[float]:
    return [round(side * scale, 2) for side in (blank.shape[1], blank.shape[0])]


def _rings(blank: Grey) -> list[Ring]:
    """The ovals of a scanned page, column by column."""
    (narrowest, widest), (lowest, highest) = OVAL_PX
    _, _, stats, _ = cv2.connectedComponentsWithStats((blank < 150).astype(np.uint8))
    found = [
        (int(left), int(top), int(width), int(height))
        for left, top, width, height, _ in stats[1:]
        if narrowest <= width <= widest and lowest <= height <= highest
    ]
    return sorted(found, key=lambda ring: (round(ring[0] / COLUMN_PX), ring[1]))


def _told_rings(folder: Path) -> list[list[Ring]]:
    """The ovals of `oaklawn` as the interpreter found them, by page."""
    told = _snapshots(folder)
    contests = next(each["value"] for each in told if each["what"] == "template.contests")
    marks = next(each["value"] for each in told if (each["test"], each["what"]) == ("invalid marks", "marks"))
    first = [_ring(option["target"]["bounds"]) for contest in contests for option in contest["options"]]
    return [first, [_ring(mark["bounds"]) for mark in marks]]


def _ring(bounds: Mapping[str, int]) -> Ring:
    return bounds["x"], bounds["y"], bounds["width"], bounds["height"]


def _votes_in_tests(folder: Path) -> dict[str, dict[str, list[str]]]:
    """The votes that the interpreter's tests expect, by the picture they are read from."""
    return {
        each["images"][-1]: {contest: [_option(vote) for vote in votes] for contest, votes in each["value"].items()}
        for each in _snapshots(folder)
        if each["what"] == "ballot.votes" and each["test"] in ("interpret votes", "invalid marks")
    }


def _option(vote: str | Mapping[str, str]) -> str:
    return vote if isinstance(vote, str) else vote["id"]


def _snapshots(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads((folder / "interpreter_snapshots.json").read_text(encoding="utf-8")))
