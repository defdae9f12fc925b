"""The text of a definition as a tree that still knows its lines, or the plain words for why it is no tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

MOST_LEVELS = 20
"""How deep a definition may go. The wording of a choice lies seven deep; YAML's reader gives up at some hundreds."""

Steps = tuple[str | int, ...]
"""The way from the top of a definition to one of its parts: `("questions", 2, "choices", 0, "label")`."""


@dataclass(frozen=True, slots=True)
class DefinitionError:
    """One thing to put right: in `file` at `line` (from 1), `what` is wrong, and what to write `instead`."""

    file: str
    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.what} {self.instead}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the part at `path`, before it has a file and a line."""

    path: Steps
    what: str
    instead: str


class _Words(RoundTripConstructor):
    """Leaves every value as the words in the file: `007`, `true` and `2027-02-30` are what the author wrote.

    The models say what must be a number, a day or true, and refuse the rest in their own words.
    """

    def construct_scalar(self, node: Any) -> Any:
        """Return the words of one value. Raises ConstructorError where half a character stands in them (`\\ud800`)."""
        if _NO_CHARACTER.search(node.value):
            raise ConstructorError(problem="found no character", problem_mark=node.start_mark)
        return super().construct_scalar(node)


_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
"""What a file cannot hold, nor a page show, but a code in double quotes can ask for."""

_CODE_TOO_LARGE = re.compile(r"\\U(?!000|0010)")
_NO_SUCH_CHARACTER = (
    "a code after a backslash stands for no character.",
    "Write the character itself, or put words that hold a backslash in single quotes.",
)

for _kind in ("bool", "int", "float", "timestamp"):
    _Words.add_constructor(f"tag:yaml.org,2002:{_kind}", RoundTripConstructor.construct_yaml_str)


def read_source(text: str, file: str) -> CommentedMap | DefinitionError:
    """Return the tree of a definition, or the one error that keeps YAML from seeing a tree."""
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _Words
    yaml.max_depth = MOST_LEVELS
    try:
        tree = yaml.load(text)
    except MarkedYAMLError as error:
        what, instead = _in_plain_words(error)
        return DefinitionError(file, _line_to_mend(error), what, instead)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return DefinitionError(
            file, line, "there is a character that text cannot hold.", "Delete it and type it again."
        )
    except (ValueError, OverflowError):
        # What YAML makes of \U00110000, without a word of where: no character has so large a number.
        large = _CODE_TOO_LARGE.search(text)
        line = text.count("\n", 0, large.start() if large else 0) + 1
        return DefinitionError(file, line, *_NO_SUCH_CHARACTER)
    except YAMLError as error:
        return DefinitionError(file, 1, f"this cannot be read as YAML: {error}.", "See docs/form-definition.md.")
    if isinstance(tree, CommentedMap):
        return tree
    what = "the file is empty." if tree is None else "this is not a form definition."
    return DefinitionError(file, 1, what, "Start with a line such as title: How was your visit?")


def _line_to_mend(error: MarkedYAMLError) -> int:
    """Return the line an author should look at: YAML notices what was left open only on a line that comes after."""
    began = error.problem is not None and any(phrase in error.problem for phrase in _LEFT_OPEN)
    marks = (error.context_mark, error.problem_mark) if began else (error.problem_mark, error.context_mark)
    mark = next(filter(None, marks), None)
    return mark.line + 1 if mark else 1


_LEFT_OPEN = ("could not find expected ':'", "expected ',' or", "found unexpected end of stream")


def line_of(tree: CommentedMap, path: Steps) -> int:
    """Return the line (from 1) of the part at `path`, or of the nearest part around it that is in the file."""
    node: Any = tree
    line = 1
    for step in path:
        position = _position(node, step)
        if position is None:
            break
        line = position + 1
        node = node[step]
    return line


def part(tree: CommentedMap, path: Steps) -> Any:
    """Return the part at `path`, or None where the file has none."""
    node: Any = tree
    for step in path:
        if _position(node, step) is None:
            return None
        node = node[step]
    return node


def _position(node: Any, step: str | int) -> int | None:
    if isinstance(node, CommentedMap) and step in node:
        return int(node.lc.key(step)[0]) if node.lc.data and step in node.lc.data else int(node.lc.line)
    if isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
        return int(node.lc.item(step)[0])
    return None


# What the YAML scanner says, and what an author can do about it. The first phrase found in the message counts.
_PLAIN_WORDS = (
    (
        "mapping values are not allowed",
        "there is a second colon in these words, or the line is indented too far.",
        'Put words that hold a colon in quotes, such as text: "Your visit: how was it?"',
    ),
    (
        "that cannot start any token",
        "a line starts with a tab or a sign that YAML keeps for itself.",
        "Indent with spaces, and put words that start with @, %, ` or a tab in quotes.",
    ),
    (
        "could not find expected ':'",
        "this line has no colon after its key.",
        "Write a key, a colon, a space and the value, such as minutes: 5. Longer text goes on one line or after a |.",
    ),
    (
        "found unexpected end of stream",
        "a quotation mark is opened here and never closed.",
        "Close it, or use the other kind of quotation mark around words that hold one.",
    ),
    (
        "expected <block end>",
        "this line does not line up with the lines above it, or goes on after a closing quotation mark.",
        "Indent it by as many spaces as its neighbours, and put words that hold an apostrophe in double quotes.",
    ),
    (
        "expected ',' or",
        "a list in brackets ends in the middle.",
        "Put a comma between its parts, a bracket at its end, and words that hold a comma or a colon in quotes.",
    ),
    (
        "expected a single document",
        "a line of three dashes starts a second form here.",
        "Keep one form in each file.",
    ),
    (
        "expected '<document start>'",
        "a line above this one starts with %, which YAML keeps for itself, or this is no text that somebody wrote.",
        "Start with a line such as title: How was your visit?",
    ),
    (
        "maximum depth",
        f"this lies more than {MOST_LEVELS} deep in brackets, dashes or indented lines, and no form goes so far.",
        "Delete the brackets or dashes that are too many, or indent by as many spaces as the lines around it.",
    ),
    ("found no character", *_NO_SUCH_CHARACTER),
    ("found undefined alias", "a word starts with *, which YAML keeps for itself.", "Put the words in quotes."),
)


def _in_plain_words(error: MarkedYAMLError) -> tuple[str, str]:
    if isinstance(error, DuplicateKeyError):
        return "the same key is here twice.", "Keep one of the two, or start a new item with a dash."
    message = f"{error.problem or ''} {error.context or ''}"
    for phrase, what, instead in _PLAIN_WORDS:
        if phrase in message:
            return what, instead
    return (
        f"this cannot be read as YAML ({message.strip()}).",
        "Compare it with the examples in docs/form-definition.md.",
    )
