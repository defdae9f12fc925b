"""Rows of another tool as answers of ours, by its map and by the rules that hold online: taken whole, or refused."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipeline.form.brought.map import ISO, AnswerColumns, AnswerMap, MomentColumn
from pipeline.form.brought.rows import Source, SourceRow
from pipeline.form.definition import FormDefinition, Shape, Variable, say
from pipeline.form.problems import Code, Problem
from pipeline.form.rules import check, explain, join_values, normalise, without_passed_over_ticks

_TICKED = (Shape.CHOICE, Shape.CHOICES)


@dataclass(frozen=True, slots=True)
class BroughtRow:
    """One row as answers that may be recorded. `received_at` is in UTC, None where the file does not say."""

    row: int
    source_id: str
    received_at: datetime | None
    language: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One row that is not taken, and everything that is wrong with it, with what to do."""

    row: int
    source_id: str
    whys: tuple[str, ...]
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file amounts to. The map does not want `passed_over` rows, and says nothing of the `unused` columns."""

    rows: tuple[BroughtRow, ...]
    refused: tuple[RefusedRow, ...]
    passed_over: int
    unused: tuple[str, ...]


class MapDoesNotFitError(Exception):
    """A map names what the file or this computer does not have; the message says what to do."""


def read_answers(source: Source, said: AnswerMap, form: FormDefinition, zone: tzinfo) -> Brought:
    """Return what the rows of a file amount to; moments that name no time zone are at `zone`.

    Raises MapDoesNotFitError.
    """
    if lacking := [column for column in dict.fromkeys(said.every_column) if column not in source.columns]:
        named = "; ".join(f"“{column}”" for column in lacking)
        has = "; ".join(f"“{column}”" for column in source.columns)
        raise MapDoesNotFitError(f"The file has no column {named}. Its columns are {has}.")
    reader = _Reader(said, form, _zone(said, zone))
    wanted = [row for row in source.rows if reader.wants(row)]
    read = list(reader.read(wanted))
    used = set(said.every_column)
    return Brought(
        tuple(row for row in read if isinstance(row, BroughtRow)),
        tuple(row for row in read if isinstance(row, RefusedRow)),
        len(source.rows) - len(wanted),
        tuple(column for column in source.columns if column not in used),
    )


def _zone(said: AnswerMap, zone: tzinfo) -> tzinfo:
    name = said.received.timezone if said.received else None
    try:
        return ZoneInfo(name) if name else zone
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MapDoesNotFitError(f"“{name}” is not a time zone's name, such as Europe/London.") from error


class _WrongCellError(Exception):
    """A cell cannot be taken as it is; the message says why and what to do."""


class _Reader:
    """Reads rows one by one, by one map, and knows which names of answers came before."""

    def __init__(self, said: AnswerMap, form: FormDefinition, zone: tzinfo) -> None:
        self._said = said
        self._form = form
        self._zone = zone
        self._blank = {_plain(words) for words in said.blank} | {""}
        self._variables = {variable.name: variable for variable in form.variables}
        self._words = {name: _known_words(self._variables[name], answer) for name, answer in said.answers.items()}

    def wants(self, row: SourceRow) -> bool:
        """Whether the map wants this row at all."""
        only = self._said.only
        return only is None or _plain(row.cells.get(only.column, "")) in {_plain(value) for value in only.values}

    def read(self, rows: list[SourceRow]) -> Iterator[BroughtRow | RefusedRow]:
        """Yield every row as answers, or refused."""
        first: dict[str, int] = {}
        seen: Counter[str] = Counter()
        for row in rows:
            source_id = row.cells.get(self._said.id, "") if self._said.id else _fingerprint(row, seen)
            wrong = []
            if not source_id:
                wrong.append(f"There is nothing in “{self._said.id}”, which names the answer. Give it a name there.")
            elif source_id in first:
                wrong.append(f"Row {first[source_id]} has the same “{self._said.id}”. Keep one of the two.")
            first.setdefault(source_id, row.number)
            yield self._read(row, source_id, wrong)

    def _read(self, row: SourceRow, source_id: str, wrong: list[str]) -> BroughtRow | RefusedRow:
        answers: dict[str, str] = {}
        for name, answer in self._said.answers.items():
            try:
                answers |= self._answer(name, answer, row)
            except _WrongCellError as error:
                wrong.append(f"{name}: {error}")
        received_at, language = None, self._form.languages[0]
        try:
            received_at, language = self._received(row), self._language(row)
        except _WrongCellError as error:
            wrong.append(str(error))
        kept = without_passed_over_ticks(self._form, answers)
        if not wrong:
            wrong += [_told(found) for found in check(self._form, kept)]
        if wrong:
            return RefusedRow(row.number, source_id, tuple(wrong), row.cells)
        return BroughtRow(row.number, source_id, received_at, language, kept)

    def _answer(self, name: str, answer: AnswerColumns, row: SourceRow) -> dict[str, str]:
        """One question's answer as it is stored, and what was written beside it."""
        variable = self._variables[name]
        if answer.columns:
            ticked = {_plain(words) for words in answer.ticked}
            values = [value for value, column in answer.columns.items() if _plain(row.cells.get(column, "")) in ticked]
            return {name: join_values(values, variable)}
        words = row.cells.get(str(answer.column), "")
        if _plain(words) in self._blank:
            return {}
        if variable.shape in _TICKED:
            return self._chosen(variable, answer, words)
        return {name: _stored(variable, _as_day(words, answer.format) if variable.shape is Shape.DATE else words)}

    def _chosen(self, variable: Variable, answer: AnswerColumns, words: str) -> dict[str, str]:
        known = self._words[variable.name]
        values, rest = _parted(words, answer.delimiter if variable.shape is Shape.CHOICES else None, known)
        if not rest:
            return {variable.name: join_values(filter(None, values), variable)}
        other = next((choice for choice in variable.choices if choice.other), None) if answer.other else None
        if other is None:
            labels = "; ".join(f"“{say(choice.label, self._form.languages[0])}”" for choice in variable.choices)
            raise _WrongCellError(
                f"“{rest}” is not one of the answers ({labels}). Say in the map, under its values, which of them it is."
            )
        written = self._variables[f"{variable.name}.other"]
        return {variable.name: join_values([*values, other.value], variable), written.name: _stored(written, rest)}

    def _received(self, row: SourceRow) -> datetime | None:
        said = self._said.received
        return _moment(row.cells.get(said.column, ""), said, self._zone) if said else None

    def _language(self, row: SourceRow) -> str:
        said = self._said.language
        words = row.cells.get(said.column, "") if said else ""
        language = said.values.get(words, words) if said else ""
        if not language:
            return self._form.languages[0]
        if language not in self._form.languages:
            raise _WrongCellError(f"The form is not in the language “{words}”. Say in the map which language it means.")
        return language


def _known_words(variable: Variable, answer: AnswerColumns) -> dict[str, str]:
    """What may be written for each value: the value, its label in every language, and what the map says."""
    labels = {_plain(label): choice.value for choice in variable.choices for label in choice.label.values()}
    values = {_plain(choice.value): choice.value for choice in variable.choices}
    return labels | values | {_plain(words): value for words, value in answer.values.items()}


def _parted(words: str, delimiter: str | None, known: Mapping[str, str]) -> tuple[list[str], str]:
    """The values that words name, and the rest. The longest is tried first: an answer may hold the delimiter itself."""
    pieces = words.split(delimiter) if delimiter else [words]
    joint = delimiter or ""
    values, rest, at = [], [], 0
    while at < len(pieces):
        ends = (end for end in range(len(pieces), at, -1) if _plain(joint.join(pieces[at:end])) in known)
        if end := next(ends, 0):
            values.append(known[_plain(joint.join(pieces[at:end]))])
            at = end
        else:
            rest.append(pieces[at])
            at += 1
    return values, joint.join(rest).strip(f"{joint} ")


_SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})


def _plain(words: str) -> str:
    """Words without what tools change on the way: capitals, spaces, curly quotation marks, dashes."""
    return " ".join(words.translate(_SAME).casefold().split())


def _stored(variable: Variable, words: str) -> str:
    stored = normalise(variable, words)
    if isinstance(stored, Problem):
        raise _WrongCellError(f"“{words}”: {explain(stored, 'en')}")
    return stored


def _as_day(words: str, format_: str | None) -> str:
    if not format_ or format_ == ISO:
        return words.partition("T")[0].partition(" 00:")[0]
    try:
        return datetime.strptime(words, format_).date().isoformat()  # noqa: DTZ007 - a day has no time zone
    except ValueError as error:
        raise _WrongCellError(f"“{words}” is not a date in the form {format_}. Correct it, or the map.") from error


def _moment(words: str, said: MomentColumn, zone: tzinfo) -> datetime:
    try:
        read = datetime.fromisoformat(words) if said.format == ISO else datetime.strptime(words, said.format)  # noqa: DTZ007
    except ValueError as error:
        form = "2027-03-09 14:05:00" if said.format == ISO else said.format
        raise _WrongCellError(
            f"“{words}” in “{said.column}” is not a moment in the form {form}. Correct it, or the format in the map."
        ) from error
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def _fingerprint(row: SourceRow, seen: Counter[str]) -> str:
    """A name for a row of a file that names none: by all it holds, equal rows numbered."""
    digest = hashlib.sha256(json.dumps(dict(row.cells), sort_keys=True).encode()).hexdigest()[:16]
    seen[digest] += 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def _told(found: Problem) -> str:
    if found.code is Code.REQUIRED:
        return (
            f"{found.variable}: There is no answer, and the form asks for one. Correct the file, or leave the row out."
        )
    return f"{found.variable}: {explain(found, 'en')}"


def content_key(form: str, source: str, row: BroughtRow) -> str:
    """Return the key of a row: the same answer of the same person has the same, whatever file it comes in."""
    told = json.dumps([form, source, row.source_id, sorted(row.answers.items())], ensure_ascii=False)
    return f"import-{hashlib.sha256(told.encode()).hexdigest()[:32]}"
