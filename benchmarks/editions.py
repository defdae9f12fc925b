"""Made-up forms in every edition and language, on paper, typed and online: the same stored row, or a doubt.

Each form is printed in every edition, each time in another language, filled in by pen, scanned and read; typed into as
a PDF; and answered online in every language. All give the same answers, and each row of the record is held to the
online form's, variable by variable: as it stands before any person looks at it, and once every doubt is settled with
the truth. Options: --definitions, --first, --questions, --seed.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.alike.gather import Asked, Gathered, Lot, gather
from benchmarks.alike.rows import Compared, Verdict, compared, other_facts
from benchmarks.alike.ways import ONLINE

PROCESSES = 2
"""How many draw and scan copies at a time."""


@dataclass(frozen=True, slots=True)
class Return:
    """One row held to the online form's: how and in which language it was given, before and after people decided."""

    form: str
    way: str
    lang: str
    before: tuple[Compared, ...]
    after: tuple[Compared, ...]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How its variables compare before anybody decided."""
        return Counter(each.verdict for each in self.before)

    @property
    def unsettled(self) -> tuple[Compared, ...]:
        """What differs even once every doubt was settled with the truth, of what was read."""
        return tuple(each for each in self.after if each.verdict not in (Verdict.EQUAL, Verdict.NOT_READ))


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="editions", description=__doc__)
    parser.add_argument("--definitions", type=int, default=40, help="made-up forms")
    parser.add_argument("--first", type=int, default=0, help="number of the first of them")
    parser.add_argument("--questions", type=int, default=7, help="in each, at most")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    lot = Lot(range(options.first, options.first + options.definitions), options.questions, options.seed)
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        gathered = gather(Path(folder), lot, pool)
    returns = [each for asked in gathered.asked for each in _returns(asked, gathered)]
    _tell(gathered, returns)
    print(json.dumps({"definitions": options.definitions, "seed": options.seed, **_figures(gathered, returns)}))


def _returns(asked: Asked, gathered: Gathered) -> Iterator[Return]:
    """Yield every row of a form but the one that the others are held to."""
    form = asked.definition
    for copy in asked.copies:
        places = frozenset(field.question for page in copy.layout.pages for field in page.fields)
        due = _Due(copy.code, places, copy.facts)
        yield Return(form.id, copy.way, copy.layout.lang, *_compared(asked, gathered, due))
    everything = frozenset(variable.name for variable in form.variables)
    for lang in form.languages[1:]:
        due = _Due(asked.online[lang], everything, {"channel": "online", "lang": lang})
        yield Return(form.id, ONLINE, lang, *_compared(asked, gathered, due))


@dataclass(frozen=True, slots=True)
class _Due:
    """What is due of a row: its key among the rows, the variables it was asked, what it says beside the answers."""

    key: str
    asks: frozenset[str]
    facts: Mapping[str, str]


def _compared(asked: Asked, gathered: Gathered, due: _Due) -> tuple[tuple[Compared, ...], tuple[Compared, ...]]:
    """Hold a row to the online form's, before and after people decided: then it must be complete, too."""
    online = gathered.before[asked.first_online]
    before, after = gathered.before.get(due.key), gathered.after.get(due.key)
    return (
        (*compared(asked.definition, before, online, due.asks), *other_facts(before, due.facts)),
        (*compared(asked.definition, after, online, due.asks), *other_facts(after, {"status": "complete"})),
    )


def _tell(gathered: Gathered, returns: Sequence[Return]) -> None:
    """Print every way and language with what came of it, and everything that is wrong, line by line."""
    for asked in gathered.asked:
        for where, why in asked.unprintable.items():
            print(f"{asked.definition.id} {where}: not printed. {why}")
    for each in returns:
        for found in (*(found for found in each.before if found.verdict is Verdict.WRONG), *each.unsettled):
            print(f"{each.form} {each.way} {each.lang} {found.variable}: {found.held}, online {found.online}")
    print(f"{'':18}{'rows':>6}{'variables':>11}" + "".join(f"{verdict:>10}" for verdict in Verdict))
    for way, lang in sorted({(each.way, each.lang) for each in returns}):
        _tell_line(f"{way} {lang}", [each for each in returns if (each.way, each.lang) == (way, lang)])
    _tell_line("all", returns)


def _tell_line(name: str, returns: Sequence[Return]) -> None:
    verdicts = _verdicts(returns)
    counts = "".join(f"{verdicts[verdict]:10}" for verdict in Verdict)
    print(f"{name:18}{len(returns):6}{verdicts.total():11}{counts}")


def _verdicts(returns: Iterable[Return]) -> Counter[Verdict]:
    return sum((each.verdicts for each in returns), Counter[Verdict]())


def _figures(gathered: Gathered, returns: Sequence[Return]) -> dict[str, object]:
    verdicts = _verdicts(returns)
    pages = [page for file in gathered.report.files for page in file.pages]
    return {
        "rows": len(returns),
        "ways": len({each.way for each in returns}),
        "languages": len({each.lang for each in returns}),
        "cells": len({(each.way, each.lang) for each in returns}),
        "not_printed": sum(len(asked.unprintable) for asked in gathered.asked),
        "pages": len(pages),
        "refused": sum(page.status != "read" for page in pages),
        "variables": verdicts.total(),
        **{verdict.replace(" ", "_"): verdicts[verdict] for verdict in Verdict},
        "wrong_after_settling": sum(len(each.unsettled) for each in returns),
    }


if __name__ == "__main__":
    main()
