"""What is installed and in order at a site, what is missing, and what to do about it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.form.words import counted
from pipeline.inbox.trouble import SetAside
from pipeline.inbox.waiting import waiting_in
from pipeline.inbox.workers import Workers
from pipeline.page.advice import advise_scanner
from pipeline.reading.letters import line_reader
from pipeline.reading.readings import CheckPage
from pipeline.reading.tesseract import tesseract_language, tesseract_languages, tesseract_version
from pipeline.review.installed import this_reader
from pipeline.site import Site, form_names, load_forms
from pipeline.store.database import StoreError
from pipeline.store.kept_pages import PageTask, inspect_kept, read_kept
from pipeline.store.rereading import pages_read_otherwise
from pipeline.store.scanner_checks import scanner_checks, told_of_scanner


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is in order, what was found, and what to do if it is not."""

    what: str
    is_well: bool
    found: str
    advice: str = ""


def examine(site: Site) -> Iterator[Finding]:
    """Look at everything a site needs, in the order of the journey."""
    yield _forms(site)
    yield _inbox(site)
    yield _disk(site)
    yield _store(site)
    yield _scanner(site)
    yield from _tesseract(site)
    yield _handwriting()


def examine_scan(site: Site, path: Path) -> Iterator[Finding]:
    """Say how a scanner is set, by a scan of its check sheet; nothing is put on record. Raises StoreError."""
    site.open_store().close()
    with Workers() as workers:
        facts = workers.run(inspect_kept, path)
        if isinstance(facts, SetAside):
            yield Finding("scanner", False, facts.sentence)
            return
        tasks = [PageTask(path, index, site.store) for index in range(facts.pages)]
        sides = [page for page in workers.map_bounded(read_kept, tasks) if isinstance(page, CheckPage)]
    checks = [page.check for page in sides if page.check]
    if not checks:
        print_one = "Print one with “pillarbox check-sheet” and scan it. If this is one, its codes could not be found."
        yield Finding("scanner", False, f"There is no check sheet in {path.name}.", print_one)
    for check in checks:
        is_well, sentences = told_of_scanner(advise_scanner(check), has_back=len(sides) > len(checks))
        yield Finding("scanner", is_well, " ".join(sentences))


def _forms(site: Site) -> Finding:
    names, right = form_names(site), load_forms(site)
    wrong = [name for name in names if name not in right]
    if not names:
        return Finding(
            "forms", False, f"There are no forms in {site.forms}.", "Put a definition there: docs/form-definition.md."
        )
    if wrong:
        return Finding("forms", False, f"Something is wrong in {', '.join(wrong)}.", "Run “pillarbox check”.")
    return Finding("forms", True, f"{', '.join(names)}")


def _inbox(site: Site) -> Finding:
    if not site.inbox.is_dir():
        return Finding("inbox", False, f"There is no folder {site.inbox}.", "Make it, and let the scanner write to it.")
    if not os.access(site.inbox, os.W_OK):
        return Finding(
            "inbox", False, f"We may not write to {site.inbox}.", "Files cannot be taken from it: change its rights."
        )
    held_up = [scan for scan in waiting_in(site.inbox, site.archive) if scan.sentence]
    if held_up:
        return Finding(
            "inbox", False, f"{len(held_up)} of its files wait, such as {held_up[0].name}.", held_up[0].sentence
        )
    return Finding("inbox", True, str(site.inbox))


ROOM_BYTES = 2_000_000_000
"""Room on the disk below which `doctor` warns: some 4,000 scanned pages, and what SQLite needs beside them."""


def _disk(site: Site) -> Finding:
    free = shutil.disk_usage(site.root).free
    room = f"{free / 1e9:,.1f} GB are free for originals and the record."
    if free < ROOM_BYTES:
        return Finding("disk", False, room, "Make room before it is full: then nothing more can be taken in.")
    return Finding("disk", True, room)


def _scanner(site: Site) -> Finding:
    """What the last check sheet said; none was ever scanned where the record cannot be opened."""
    try:
        db = site.open_store()
    except StoreError:
        return Finding("scanner", True, "Not looked at.")
    latest = scanner_checks(db, 1)
    db.close()
    if not latest:
        return Finding("scanner", True, "Not checked yet.", "“pillarbox check-sheet” prints a sheet for it.")
    (checked,) = latest
    return Finding("scanner", checked.is_well, f"{' '.join(checked.sentences)} ({checked.name}, {checked.day})")


def _store(site: Site) -> Finding:
    try:
        db = site.open_store()
    except StoreError as error:
        return Finding("record", False, str(error))
    submissions, otherwise = db["submissions"].count, len(pages_read_otherwise(db, this_reader(), None))
    db.close()
    read = f"{counted(otherwise, 'page')} {'was' if otherwise == 1 else 'were'} read by another reader"
    advice = f"{read}: see “pillarbox reread --dry-run”." if otherwise else ""
    return Finding("record", True, f"{site.store}, {counted(submissions, 'response')}.", advice)


def _tesseract(site: Site) -> Iterator[Finding]:
    """Without Tesseract all works but the reading of typed or printed words, whose picture is kept all the same."""
    version = tesseract_version()
    if version is None:
        lost = "Tesseract is not installed: typed or printed words are not read, only kept as pictures."
        yield Finding("tesseract", False, lost, "Install it: docs/install.md says how.")
        return
    installed = tesseract_languages()
    spoken = {language for form in load_forms(site).values() for language in form.languages}
    lacking = sorted(one for one in spoken - {"en"} if tesseract_language(one, installed) == "eng")
    if lacking:
        advice = "Install its language data: docs/install.md says how."
        yield Finding(
            "tesseract", False, f"{version}, without the language of your forms: {', '.join(lacking)}.", advice
        )
    else:
        yield Finding("tesseract", True, f"{version}, with the languages of your forms: {', '.join(sorted(spoken))}")


def _handwriting() -> Finding:
    reader = line_reader()
    if reader is None:
        lost = "Nothing that reads handwriting is installed: comments written by hand are only kept as pictures."
        return Finding("handwriting", False, lost, "Install it: docs/install.md says how.")
    return Finding("handwriting", True, f"{reader}; people check what it read")
