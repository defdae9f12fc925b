"""Make the catalogues of the product's own words: tidy every `.po` file, and compile it into the `.mo` beside it.

    python setup/words.py            # what `make words` does
    python setup/words.py --check    # change nothing; say what is missing or out of date, and end with 1 if anything is

English says which phrases there are and in which order. Every other file is given those it lacks, empty, each with
the English above it, and loses those that English no longer has. Only the standard library is needed.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "pipeline" / "form" / "locale"
COMPLETE = ("en", "cy")
"""The languages that must say everything."""

STAFF = ("cover", "check")
"""Contexts that only staff read, which are printed in the complete languages alone."""

MAGIC = 0x950412DE
"""How a `.mo` file begins (GNU gettext manual, "The Format of GNU MO Files")."""

Key = tuple[str, str]
"""The context and the name of a phrase."""


@dataclass(frozen=True)
class Phrase:
    """What a language says: one text, or one for each of its plural forms."""

    texts: tuple[str, ...]
    is_plural: bool = False

    @property
    def is_said(self) -> bool:
        """Whether it is translated."""
        return any(self.texts)


@dataclass(frozen=True)
class Catalogue:
    """One language: the remarks its file begins with, its header, and its phrases."""

    remarks: str
    header: str
    phrases: Mapping[Key, Phrase]


_ENTRY = re.compile(
    r'(?:msgctxt (?P<context>".*")\n)?msgid (?P<name>".*")\n(?P<plural>msgid_plural ".*"\n)?'
    r'(?P<texts>(?:msgstr(?:\[\d\])? ".*"\n(?:".*"\n)*)+)'
)
_TEXT = re.compile(r'msgstr(?:\[\d\])? (".*"\n(?:".*"\n)*)')


def parsed(text: str) -> Catalogue:
    """Return the catalogue that a `.po` file holds."""
    remarks = "".join(line for line in text.split("msgid")[0].splitlines(keepends=True) if line.startswith("#"))
    phrases: dict[Key, Phrase] = {}
    for found in _ENTRY.finditer(text):
        key = (_unquoted(found["context"] or '""'), _unquoted(found["name"]))
        texts = tuple(_unquoted(each) for each in _TEXT.findall(found["texts"]))
        phrases[key] = Phrase(texts, bool(found["plural"]))
    header = phrases.pop(("", "")).texts[0]
    return Catalogue(remarks, header, phrases)


def tidied(catalogue: Catalogue, english: Catalogue) -> Catalogue:
    """Return a catalogue with the phrases that English has, in its order."""
    forms = _plural_forms(catalogue)
    phrases = {
        key: catalogue.phrases.get(key, Phrase(("",) * (forms if phrase.is_plural else 1), phrase.is_plural))
        for key, phrase in english.phrases.items()
    }
    return Catalogue(catalogue.remarks, catalogue.header, phrases)


def written(catalogue: Catalogue, english: Catalogue) -> str:
    """Return a catalogue as the text of a `.po` file."""
    header = "".join(f"{_quoted(line)}\n" for line in catalogue.header.splitlines(keepends=True))
    entries = (_entry(key, phrase, english.phrases[key]) for key, phrase in catalogue.phrases.items())
    return f'{catalogue.remarks}msgid ""\nmsgstr ""\n{header}\n' + "\n".join(entries)


def compiled(catalogue: Catalogue) -> bytes:
    """Return a catalogue as a `.mo` file: what is not translated is left out."""
    messages = {b"": catalogue.header.encode()}
    for (context, name), phrase in catalogue.phrases.items():
        if phrase.is_said:
            key = f"{context}\x04{name}" + (f"\0{name}" if phrase.is_plural else "")
            messages[key.encode()] = "\0".join(phrase.texts).encode()
    keys = sorted(messages)
    heads, start = 28, 28 + 16 * len(keys)
    tables, strings = [b"", b""], b""
    for place, each in enumerate((keys, [messages[key] for key in keys])):
        for string in each:
            tables[place] += struct.pack("<II", len(string), start + len(strings))
            strings += string + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(keys), heads, heads + 8 * len(keys), 0, 0)
    return head + tables[0] + tables[1] + strings


def lacking(catalogue: Catalogue, language: str) -> list[Key]:
    """Return the phrases that a language does not say and should: those for staff only where it is complete."""
    return [
        key
        for key, phrase in catalogue.phrases.items()
        if not phrase.is_said and (language in COMPLETE or key[0] not in STAFF)
    ]


def misfilled(catalogue: Catalogue, english: Catalogue) -> list[Key]:
    """Return the phrases whose blanks are not those of English; a plural form may say its number in words."""
    return [
        key
        for key, phrase in catalogue.phrases.items()
        if phrase.is_said and not phrase.is_plural and _blanks(phrase) != _blanks(english.phrases[key])
    ]


def main() -> None:
    """Tidy and compile every catalogue, or check that nothing would change. A language that need not be complete and
    is not, is told of, and said in English there."""
    check = "--check" in sys.argv[1:]
    english = parsed((LOCALE / "en.po").read_text(encoding="utf-8"))
    found: list[str] = []
    told: list[str] = []
    for source in sorted(LOCALE.glob("*.po")):
        catalogue = tidied(parsed(source.read_text(encoding="utf-8")), english)
        lacks = [f"{source.stem}: {' '.join(key)} is not translated.\n" for key in lacking(catalogue, source.stem)]
        (found if source.stem in COMPLETE else told).extend(lacks)
        found += [f"{source.stem}: {' '.join(key)} has other blanks.\n" for key in misfilled(catalogue, english)]
        results = {source: written(catalogue, english).encode(), source.with_suffix(".mo"): compiled(catalogue)}
        for target, content in results.items():
            if target.exists() and target.read_bytes() == content:
                continue
            if check:
                found.append(f"{target.name} is out of date: run make words.\n")
            else:
                target.write_bytes(content)
    sys.stdout.writelines(told)
    sys.stderr.writelines(found)
    sys.exit(1 if found else 0)


def _entry(key: Key, phrase: Phrase, english: Phrase) -> str:
    context, name = key
    comments = "" if phrase == english else "".join(f"#. {line}\n" for text in english.texts for line in [text])
    texts = (
        "".join(f"msgid_plural {_quoted(name)}\n" for _ in [0])
        + "".join(f"msgstr[{place}] {_quoted(text)}\n" for place, text in enumerate(phrase.texts))
        if phrase.is_plural
        else f"msgstr {_quoted(phrase.texts[0])}\n"
    )
    return f"{comments}msgctxt {_quoted(context)}\nmsgid {_quoted(name)}\n{texts}"


def _plural_forms(catalogue: Catalogue) -> int:
    found = re.search(r"nplurals=(\d)", catalogue.header)
    return int(found[1]) if found else 2


def _blanks(phrase: Phrase) -> set[str]:
    return {blank for text in phrase.texts for blank in re.findall(r"{(\w+)}", text)}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _unquoted(text: str) -> str:
    return "".join(json.loads(line) for line in text.splitlines())


if __name__ == "__main__":
    main()
