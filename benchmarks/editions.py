"""Made-up forms in every edition and language: printed, filled in, scanned, read; right, asked about, or wrong.

Each form is a handful of the questions of this repository's forms, with a route, a receipt and an address by lot. What
is read is held to what its writer meant, which is what the online form would store. Options: --forms, --copies, --seed.
"""

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.progress import Progress

from pipeline.form.definition import Condition, FormDefinition, Kind
from pipeline.form.lay_out import LayoutError
from pipeline.form.paper.editions import EDITION_NAMES
from pipeline.form.parse import parse_definition
from pipeline.form.xlsform.reading import read_xlsform
from pipeline.form.xlsform.writing import write_xlsform
from pipeline.practice.trial import Print, Trial, run_trial
from pipeline.site import Site, open_site

CHECKOUT = Path(__file__).resolve().parent.parent
ADDRESS = ("Glanmor Libraries", "1 Harbour Street", "Glanmor ZZ1 4GL")
FEWEST, MOST = 3, 6
"""Questions of a made-up form."""


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, default=4)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    totals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.forms):
            site = site_with(Path(folder, f"site{number}"), made_up(np.random.default_rng((options.seed, number))))
            for edition, lang, trial in trials(site, options.copies, options.seed + number):
                figures = figures_of(trial)
                totals.update(figures)
                print(f"form {number} {edition:9} {lang}  " + "  ".join(f"{name} {n}" for name, n in figures.items()))
    print(json.dumps({"forms": options.forms, "copies": options.copies, "seed": options.seed, **totals}))


def made_up(rng: np.random.Generator) -> FormDefinition:
    """Return a form of some questions of this repository's forms, each asked once, one of them on a route."""
    read = (parse_definition(path.read_text(encoding="utf-8"), path.stem) for path in CHECKOUT.glob("forms/*.yaml"))
    forms = sorted((form for form in read if isinstance(form, FormDefinition)), key=lambda form: form.id)
    every = {question.id: question for form in forms for question in form.questions}
    chosen = rng.choice(sorted(every), int(rng.integers(FEWEST, MOST + 1)), replace=False)
    items = [replace(every[name], when=None) for name in chosen]
    source = next((item for item in items[:-1] if item.kind is Kind.ONE), None)
    if source and rng.random() < 0.5:
        items[-1] = replace(items[-1], when=Condition(source.id, (source.choices[0].value,)))
    return replace(
        forms[0],
        id="made-up",
        items=tuple(items),
        receipt=bool(rng.random() < 0.5),
        return_address=ADDRESS if rng.random() < 0.5 else (),
    )


def site_with(root: Path, form: FormDefinition) -> Site:
    """Make a site that has this form alone; a spreadsheet is the way from a definition back to its text."""
    (root / "forms").mkdir(parents=True)
    (root / "scanner_inbox").mkdir()
    (root / "forms" / f"{form.id}.yaml").write_text(read_xlsform(write_xlsform(form)).text, encoding="utf-8")
    return open_site(root)


def trials(site: Site, copies: int, seed: int) -> Iterator[tuple[str, str, Trial]]:
    """Yield what came of every edition in every language; one that cannot be printed is said."""
    text = (site.forms / "made-up.yaml").read_text(encoding="utf-8")
    form = parse_definition(text, "made-up")
    assert isinstance(form, FormDefinition), form
    for edition in EDITION_NAMES:
        for lang in form.languages:
            try:
                yield (
                    edition,
                    lang,
                    run_trial(site, form.id, copies, seed, Progress(disable=True), Print(edition, lang)),
                )
            except LayoutError as error:
                print(f"not printed: {edition} {lang}: {error}")


def figures_of(trial: Trial) -> dict[str, int]:
    """What a trial amounts to."""
    return {
        "answers": trial.answers,
        "right": trial.right,
        "waiting": sum(trial.waiting.values()),
        "wrong": len(trial.mistakes),
        "wrong_after_settling": len(trial.unsettled),
        "pages": trial.pages,
        "pages_refused": trial.refused,
    }


if __name__ == "__main__":
    main()
