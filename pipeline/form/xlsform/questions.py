"""The rows of the sheet `survey`, one after the other, as the items of a definition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pipeline.form.definition import Condition, Kind
from pipeline.form.xlsform.cells import Left, Names, place_of_words, plain, said
from pipeline.form.xlsform.columns import (
    ABOUT,
    APPEARANCE,
    CONSTRAINT,
    EASY,
    HINT,
    KIND,
    LABEL,
    LENGTH,
    LINES,
    NAME,
    PATTERN,
    PICTURE,
    POSTCARD,
    RELEVANT,
    REQUIRED,
    SENSITIVE,
    STANDARD,
    TYPE,
    WHO,
    easy_wording_in,
    language_of,
)
from pipeline.form.xlsform.expressions import bounds_of, condition_of, days_of, length_of
from pipeline.form.xlsform.sheets import Row, Sheet

Entry = dict[str, Any]
"""One item as a definition writes it."""

Bound = TypeVar("Bound")

MOST_WHEN_NOT_SAID = 999
"""The largest number where the spreadsheet gives none: three boxes are printed."""

_KEPT = frozenset(
    {
        TYPE, NAME, REQUIRED, RELEVANT, CONSTRAINT, APPEARANCE,
        KIND, SENSITIVE, ABOUT, STANDARD, WHO, PATTERN, LINES, LENGTH, PICTURE, POSTCARD,
    }
)  # fmt: skip
_YES_OR_NO = {"required": REQUIRED, "sensitive": SENSITIVE, "who": WHO, "postcard": POSTCARD}
_PLAIN = {"about": ABOUT, "standard": STANDARD, "picture": PICTURE}
"""Keys of a question that stand in a column as they are."""

_YES, _NO = frozenset({"yes", "true", "true()"}), frozenset({"", "no", "false", "false()"})
_ASIDE = frozenset(
    {
        "start", "end", "today", "deviceid", "phonenumber", "username", "email", "audit", "simserial", "subscriberid",
        "start-geopoint", "background-audio", "calculate", "hidden",
    }
)  # fmt: skip
"""Types that ask nobody anything: a device or a formula fills them in."""

_ONE_LINE = 30
"""The most characters that are asked for in boxes, one each; longer answers get lines to write on."""

_OR_OTHER = {"en": "Other", "cy": "Arall"}
_OTHER_SPELLINGS = (
    (r"(begin|end) group\b", r"\1_group"),
    (r"select one\b(?: from)?", "select_one"),
    (r"select (?:multiple|all that apply)\b(?: from)?", "select_multiple"),
    (r"int$", "integer"),
    (r"string$", "text"),
)
"""Older spellings of types, which XLSForm still takes."""


class Reader:
    """Reads the rows of `survey` into items, and notes in `left` every cell that no item says.

    `lists` are the choices by the name of their list, as definitions write them; their values by the names that the
    spreadsheet has for them are in `values`.
    """

    def __init__(
        self,
        survey: Sheet,
        languages: Sequence[str],
        lists: Mapping[str, list[Entry]],
        values: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._survey = survey
        self._languages = tuple(languages)
        self._lists = lists
        self._values = values
        self._names = Names()
        self._groups: list[Row] = []
        self.left: list[Left] = []

    def items(self) -> list[Entry]:
        """Return every item, in the order of the rows."""
        found: list[Entry] = []
        rows = iter(self._survey.rows)
        for row in rows:
            self._note_strange_cells(row)
            match _type(row):
                case "begin_group", _ if "table-list" in row.get(APPEARANCE):
                    found.extend(self._grid(row, rows))
                case "begin_group", _:
                    self._groups.append(row)
                    found.extend(self._section(row))
                case "end_group", _:
                    if self._groups:
                        self._groups.pop()
                case "note", _:
                    found.extend(self._section(row) if row.get(KIND) == "section" else self._note(row))
                case "text", _ if (choice := self._choice_written_beside(row, found)) is not None:
                    self._beside(row, choice, found[-1])
                case kind, rest:
                    found.extend(self._question(row, kind, rest))
        return found

    def _section(self, row: Row) -> Iterator[Entry]:
        if title := said(row, LABEL, self._languages):
            text = said(row, HINT, self._languages)
            easy = self._easy(row, title="easy_section", text="easy_text")
            yield {"section": title, **({"text": text} if text else {}), **easy}

    def _note(self, row: Row) -> Iterator[Entry]:
        if words := said(row, LABEL, self._languages):
            yield {"note": words, **self._easy(row, text="easy_note")}
        if said(row, HINT, self._languages):
            self._leave(place_of_words(self._survey, row, HINT), "a note has no hint here.", "It was left out.")

    def _question(self, row: Row, kind: str, rest: str) -> Iterator[Entry]:
        asked = self._of_its_kind(row, kind, rest)
        if asked is None:
            return
        name = self._named(row)
        self._names.variables[row.get(NAME)] = name
        self._names.values[name] = dict(self._values.get(rest.split()[0], {})) if rest else {}
        yield {"id": name, "kind": asked.pop("kind"), **self._common(row), **asked}

    def _common(self, row: Row) -> Entry:
        """The keys that every kind of question shares, but its id and kind."""
        entry: Entry = {"text": said(row, LABEL, self._languages) or row.get(NAME)}
        if help_words := said(row, HINT, self._languages):
            entry["help"] = help_words
        if when := self._when(row):
            entry["when"] = {when.variable: list(when.values)}
        entry |= {key: True for key, column in _YES_OR_NO.items() if self._says_yes(row, column)}
        entry |= {key: words for key, column in _PLAIN.items() if (words := row.get(column))}
        entry |= self._easy(row, text="easy_text", help="easy_help")
        if any("${" in words for words in row.cells.values() if words not in (row.get(RELEVANT), row.get(CONSTRAINT))):
            self._leave(place_of_words(self._survey, row), "the words quote another answer.", "They stand as they are.")
        return entry

    def _of_its_kind(self, row: Row, kind: str, rest: str) -> Entry | None:
        """The kind of a question and the keys that belong to it; None, and a note of it, where we have none such."""
        match kind:
            case "select_one" | "select_multiple":
                return self._select(row, kind, rest)
            case "integer":
                bounds = self._bounds(row, bounds_of)
                if bounds is None or bounds.most is None:
                    what = f"the largest number is not said; {MOST_WHEN_NOT_SAID} was taken."
                    self._leave(self._survey.place(row, CONSTRAINT), what, "Change maximum if it should be another.")
                least, most = (bounds.least, bounds.most) if bounds else (None, None)
                smallest = {"minimum": least} if least else {}
                return {"kind": Kind.NUMBER.value, **smallest, "maximum": MOST_WHEN_NOT_SAID if most is None else most}
            case "date":
                days = self._bounds(row, days_of)
                ends = {"earliest": days.first, "latest": days.last} if days else {}
                return {"kind": Kind.DATE.value, **{key: str(day) for key, day in ends.items() if day}}
            case "text":
                return self._written(row)
        if kind in _ASIDE:
            done = "It asks nobody anything and was left out."
        else:
            done = "This question was left out; ask it in another way."
        self._leave(self._survey.place(row, TYPE), f"there is no “{row.get(TYPE)}” here.", done)
        return None

    def _select(self, row: Row, kind: str, rest: str) -> Entry | None:
        name, _, or_other = rest.partition(" ")
        if name not in self._lists:
            self._leave(self._survey.place(row, TYPE), f"there is no list “{name}”.", "This question was left out.")
            return None
        choices = [dict(choice) for choice in self._lists[name]]
        if or_other.strip().lower() in ("or_other", "or other"):
            words = {language: _OR_OTHER.get(language, _OR_OTHER["en"]) for language in self._languages}
            label = words if len(self._languages) > 1 else words[self._languages[0]]
            choices.append({"value": "other", "other": True, "label": label})
        return {"kind": (Kind.ONE if kind == "select_one" else Kind.MANY).value, "choices": choices}

    def _written(self, row: Row) -> Entry:
        """What is written in letters: a comment, a postcode, a code or a short line."""
        ours = row.get(KIND)
        if ours == Kind.POSTCODE:
            return {"kind": ours}
        if ours == Kind.CODE and row.get(PATTERN):
            return {"kind": ours, "pattern": row.get(PATTERN)}
        if ours == Kind.TEXT and row.get(LENGTH):
            return {"kind": ours, "length": _number(row.get(LENGTH))}
        most = self._bounds(row, length_of)
        if ours != Kind.COMMENT and most is not None and most <= _ONE_LINE and "multiline" not in row.get(APPEARANCE):
            return {"kind": Kind.TEXT.value, "length": most}
        lines = {"lines": _number(row.get(LINES))} if row.get(LINES) else {}
        return {"kind": Kind.COMMENT.value, **lines}

    def _grid(self, begin: Row, rows: Iterator[Row]) -> Iterator[Entry]:
        """A group shown as a table, up to its end: a scale, if every row of it is one choice from the same list."""
        within = []
        for row in rows:
            if _type(row)[0] == "end_group":
                break
            self._note_strange_cells(row)
            within.append(row)
        lists = {_type(row) for row in within}
        kind, points = next(iter(lists), ("", ""))
        if len(lists) != 1 or kind != "select_one" or points not in self._lists:
            what = "a table of different kinds of question is not known here."
            self._leave(self._survey.place(begin, APPEARANCE), what, "Its questions stand one below the other.")
            yield from self._section(begin)
            for row in within:
                yield from self._question(row, *_type(row))
            return
        name = self._named(begin)
        entry = {"id": name, "kind": Kind.SCALE.value, **self._common(begin)}
        if within and all(self._says_yes(row, REQUIRED) for row in within):
            entry["required"] = True
        statements = Names()
        entry["statements"] = [self._statement(row, begin.get(NAME), name, points, statements) for row in within]
        yield {**entry, "points": [dict(choice) for choice in self._lists[points]]}

    def _statement(self, row: Row, group: str, question: str, points: str, statements: Names) -> Entry:
        own = row.get(NAME).removeprefix(f"{group}_")
        name = statements.identifier(own)
        variable = f"{question}.{name}"
        self._names.variables[row.get(NAME)] = variable
        self._names.values[variable] = dict(self._values[points])
        if row.get(RELEVANT):
            what = "one row of a grid cannot be asked of some people only."
            self._leave(self._survey.place(row, RELEVANT), what, "It is asked of everybody who is asked the grid.")
        easy = self._easy(row, text="easy_text")
        return {"id": name, "text": said(row, LABEL, self._languages) or own, **easy}

    def _easy(self, row: Row, **keys: str) -> Entry:
        """The Easy Read wordings of a row, by the key of a definition that each field's is written under."""
        words = ((key, easy_wording_in(row.cells, field, self._languages)) for field, key in keys.items())
        return {key: plain(wording, self._languages) for key, wording in words if wording}

    def _choice_written_beside(self, row: Row, found: Sequence[Entry]) -> Entry | None:
        """The choice of the question just before that this row asks to be spelt out, if it does no more than that."""
        before = found[-1] if found else {}
        when = condition_of(row.get(RELEVANT), self._names.variables)
        if "choices" not in before or when is None or when.variable != before["id"] or len(when.values) != 1:
            return None
        stored = self._names.values[when.variable].get(when.values[0], when.values[0])
        choice = next((each for each in before["choices"] if each["value"] == stored), None)
        meant = row.get(KIND) == "other" or "other" in (stored.lower(), row.get(NAME).lower().rpartition("_")[2])
        return (
            choice
            if meant and not any(each.get("other") and each is not choice for each in before["choices"])
            else None
        )

    def _beside(self, row: Row, choice: Entry, question: Entry) -> None:
        choice["other"] = True
        self._names.variables[row.get(NAME)] = f"{question['id']}.other"
        if said(row, LABEL, self._languages) != choice["label"]:
            what = "what is written beside a choice has no words of its own."
            self._leave(place_of_words(self._survey, row), what, "Room to write stands beside the choice.")

    def _named(self, row: Row) -> str:
        name = self._names.identifier(row.get(NAME))
        if name != row.get(NAME):
            what = f"“{row.get(NAME)}” cannot name a column here."
            self._leave(self._survey.place(row, NAME), what, f"It is called {name}.")
        return name

    def _says_yes(self, row: Row, heading: str) -> bool:
        value = row.get(heading).lower()
        if value not in _YES | _NO:
            self._leave(
                self._survey.place(row, heading), f"“{row.get(heading)}” is neither yes nor no.", "No was taken."
            )
        return value in _YES

    def _when(self, row: Row) -> Condition | None:
        """Who is asked: by the row itself and the groups around it; one condition can be kept."""
        asked = [each for each in (row, *reversed(self._groups)) if each.get(RELEVANT)]
        for extra in asked[1:]:
            what = "a question can be asked on one condition, and this would be a second."
            self._leave(self._survey.place(extra, RELEVANT), what, f"It was left out of “{row.get(NAME)}”.")
        if not asked:
            return None
        when = condition_of(asked[0].get(RELEVANT), self._names.variables)
        if when is None:
            what = f"“{asked[0].get(RELEVANT)}” is more than certain answers to one earlier question."
            self._leave(self._survey.place(asked[0], RELEVANT), what, f"“{row.get(NAME)}” is asked of everybody.")
            return None
        values = self._names.values.get(when.variable, {})
        return Condition(when.variable, tuple(values.get(value, value) for value in when.values))

    def _bounds(self, row: Row, read: Callable[[str], Bound | None]) -> Bound | None:
        """What a constraint says, read by the one who knows this kind of question; noted where it says more."""
        if not row.get(CONSTRAINT):
            return None
        bounds = read(row.get(CONSTRAINT))
        if bounds is None:
            what = f"“{row.get(CONSTRAINT)}” is not a rule that is kept here."
            self._leave(self._survey.place(row, CONSTRAINT), what, "It was left out.")
        return bounds

    def _note_strange_cells(self, row: Row) -> None:
        for heading, words in row.cells.items():
            base, _, language = heading.partition("::")
            is_worded = base.lower() in (LABEL, HINT) and (not language or language_of(language))
            known = heading in _KEPT or heading.startswith(EASY) or is_worded
            if words and not known:
                self._leave(self._survey.place(row, heading), f"“{heading}” has no place here.", "It was left out.")

    def _leave(self, place: str, what: str, done: str) -> None:
        left = Left(place, what, done)
        if left not in self.left:
            self.left.append(left)


def _type(row: Row) -> tuple[str, str]:
    """The type of a row in its one spelling, and what follows it: the name of a list."""
    written = " ".join(row.get(TYPE).split())
    for old, new in _OTHER_SPELLINGS:
        written = re.sub(f"^{old}", new, written, flags=re.IGNORECASE)
    kind, _, rest = written.partition(" ")
    return kind.lower(), rest


def _number(words: str) -> int | str:
    """A number where one is written; anything else stays, for the check of the form to speak of."""
    return int(words) if words.isdecimal() else words
