"""The author's words held against the rules of clear print and Easy Read, with what to write instead.

RNIB's Clear Print asks for no block capitals, no italics and no underlining; Easy Read for short sentences. What
depends on how words are set, `pipeline.form.clear_print` looks at on the layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from pipeline.form.authoring.explain import subject
from pipeline.form.authoring.source import Finding, Steps
from pipeline.form.authoring.written import EASY

MOST_WORDS = 15
"""Words in a sentence of Easy Read, as the guides to it ask."""

LONGEST_INITIALS = 5
"""Letters of a word that may all be capitals: NHS and RNIB are names."""

_PRINTED = (
    "title", "council", "intro", "privacy", "return_to", "thanks", "help_line",
    "section", "note", "text", "help", "label",
)  # fmt: skip
_ON_CARDS = "postcard_return_to"
_WORDS = frozenset((*_PRINTED, *(f"{EASY}{key}" for key in _PRINTED), _ON_CARDS))
"""Keys whose words are printed; one of them on postcards alone."""

_EMPHASIS = re.compile(r"(?<!\w)([*_]{1,2})(?=\w).+?(?<=\w)\1(?!\w)|</?(?:i|em|u|b|strong)>")
_LEANING = re.compile("[\u0332\U0001d434-\U0001d503\U0001d608-\U0001d66f]")
"""The line that combines under a letter, and letters that Unicode has leaning."""

_LETTERS = re.compile(r"[^\W\d_]+")
_SHOUTED = re.compile(r"[^\W\d_]{2,}(?:[\s’'-]+[^\W\d_]{2,})+")

_SENTENCE_END = re.compile(r"(?<=[.!?؟۔।…])\s+|\n+")
_JOINT = re.compile(r"[;:–—,]?\s+(?:and|but|or|so|because|which|a|ac|ond|neu|felly|oherwydd)\s+|[;:–—,]\s+")
"""Where a sentence may be parted in two: at a joining word, or at a mark."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are printed: the way to them, to the part whose they are, under which key, and the words."""

    path: Steps
    owner: Steps
    key: str
    words: str


def check_words(tree: CommentedMap) -> Iterator[Finding]:
    """Yield what the words of a definition do that clear print does not, and sentences too long for Easy Read.

    Easy Read is looked at once its author has written any of it.
    """
    printed = tuple(printed_words(tree))
    for each in printed:
        yield from _capitals(tree, each)
        yield from _emphasis(tree, each)
    easy = {(each.owner, each.key) for each in printed if each.key.startswith(EASY)}
    for each in printed if easy else ():
        if each.key != _ON_CARDS and (each.owner, f"{EASY}{each.key}") not in easy:
            yield from _long_sentences(tree, each)


def printed_words(node: object, path: Steps = ()) -> Iterator[Words]:
    """Yield all words that are printed in a part of a definition, in each language, in the order of the file."""
    if isinstance(node, CommentedSeq):
        for index, inner in enumerate(node):
            yield from printed_words(inner, (*path, index))
    if not isinstance(node, CommentedMap):
        return
    for key, inner in node.items():
        here = (*path, str(key))
        if key not in _WORDS:
            yield from printed_words(inner, here)
        elif isinstance(inner, str):
            yield Words(here, path, str(key), inner)
        elif isinstance(inner, CommentedMap):
            said = ((str(language), words) for language, words in inner.items() if isinstance(words, str))
            yield from (Words((*here, language), path, str(key), words) for language, words in said)


def _capitals(tree: CommentedMap, printed: Words) -> Iterator[Finding]:
    shouted = _SHOUTED.search(_LETTERS.sub(_if_capitals, printed.words))
    long = (word for word in _LETTERS.findall(printed.words) if word.isupper() and len(word) > LONGEST_INITIALS)
    if found := shouted[0] if shouted else next(long, ""):
        what = f"{_whose(tree, printed)} has block capitals (“{found}”), whose shapes are all alike."
        yield Finding(printed.path, what, f"Write “{found.capitalize()}”.")


def _if_capitals(word: re.Match[str]) -> str:
    """The word if it is one of several capitals, else a figure, so that only such words stand beside each other."""
    return word[0] if word[0].isupper() and len(word[0]) > 1 else "0"


def _emphasis(tree: CommentedMap, printed: Words) -> Iterator[Finding]:
    if found := _EMPHASIS.search(printed.words):
        plain = re.sub(r"</?\w+>|[*_]", "", found[0])
        what = f"{_whose(tree, printed)} marks words for italics, bold type or a line under them (“{found[0]}”)."
        yield Finding(printed.path, what, f"Write “{plain}” without the marks." if plain else "Leave out the marks.")
    elif _LEANING.search(printed.words):
        what = f"{_whose(tree, printed)} has leaning or underlined letters, which are hard to read."
        yield Finding(printed.path, what, "Type the words again in plain letters.")


def _long_sentences(tree: CommentedMap, printed: Words) -> Iterator[Finding]:
    for sentence in sentences(printed.words):
        count = word_count(sentence)
        if count > MOST_WORDS:
            what = f"{_whose(tree, printed)} has a sentence of {count} words for Easy Read (“{_begun(sentence)}”)."
            parted = " ".join(in_shorter_sentences(sentence))
            under = "" if printed.key.startswith(EASY) else f" under {EASY}{printed.key}"
            yield Finding(printed.path, what, f"Write {MOST_WORDS} at most{under}, such as “{parted}”.")


def sentences(words: str) -> list[str]:
    """Return the sentences of a wording."""
    return [sentence.strip() for sentence in _SENTENCE_END.split(words) if sentence.strip()]


def word_count(sentence: str) -> int:
    """Return how many words a sentence has; marks that stand alone are none."""
    return sum(any(letter.isalnum() for letter in word) for word in sentence.split())


def in_shorter_sentences(sentence: str) -> list[str]:
    """Return a sentence parted at joining words until none is too long, or none has a joint."""
    joints = list(_JOINT.finditer(sentence))
    if word_count(sentence) <= MOST_WORDS or not joints:
        return [sentence]
    middle = len(sentence) / 2
    joint = min(joints, key=lambda each: abs((each.start() + each.end()) / 2 - middle))
    first, rest = f"{sentence[: joint.start()].rstrip()}.", sentence[joint.end() :]
    return [*in_shorter_sentences(first), *in_shorter_sentences(f"{rest[:1].upper()}{rest[1:]}")]


def _begun(sentence: str) -> str:
    return sentence if len(sentence) <= 40 else f"{sentence[:39].rstrip()}…"


def _whose(tree: CommentedMap, printed: Words) -> str:
    return f"{printed.key} of {subject(tree, printed.owner)}"
