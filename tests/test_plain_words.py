"""Plain English: nothing that people are shown, on a page, on paper or by a command, holds a word of our trade."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.web.pages import STATIC

SOURCE = Path(__file__).resolve().parent.parent / "pipeline"
TEMPLATES = sorted((SOURCE / "web" / "templates").glob("*.html")) + sorted(
    (SOURCE / "tables" / "templates").glob("*.html")
)

NOT_FOR_PEOPLE = """
    omr ocr icr deskew deskewed skew skewed homography registration confidence threshold bitonal greyscale
    grayscale binarised dpi raster pixel pixels fiducial aruco template invalid illegal null nan boolean parse
    parsed parser regex exception traceback fatal abort aborted timeout payload uuid enum schema query queue
    worker thread daemon cache login username authenticate authentication authorised unauthorized forbidden
    csrf token submit submitted submission respondent instantiate deprecated malformed checksum stderr
"""
"""Words of programs and of reading machines. What stands beside a command in its help may be named by its own name."""

_WORD = re.compile(rf"\b({'|'.join(NOT_FOR_PEOPLE.split())})\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[A-Z“][^<>{}=|\\]* [^<>{}=|\\]*[a-z]{2}[^<>{}=|\\]*")
"""Words that begin like a sentence: what people read. SQL, patterns and selectors hold signs that no sentence has."""

_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|JOIN|BEGIN|PRAGMA|ALTER|EXISTS|NULL|ORDER BY)\b")

_BEHIND_THE_SCENES = ("practice", "demo.py", "doctor.py")
"""Where words are drawn, or told to those who install."""


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Every text in a module that may be shown to somebody, with its line; docstrings are for those who read code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented | notes:
            text = " ".join(node.value.split())
            if _SENTENCE.fullmatch(text) and not _SQL.search(text):
                yield node.lineno, text


def told_by(module: Path) -> list[str]:
    return [f"{module.name}, line {line}: {text}" for line, text in sentences(module) if _WORD.search(text)]


MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] not in _BEHIND_THE_SCENES)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_message_holds_a_word_of_our_trade(module: Path) -> None:
    assert told_by(module) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_page_holds_a_word_of_our_trade(template: Path) -> None:
    shown = re.sub(r"\{[%{#].*?[%}#]\}|<[^>]*>|aria-\w+", " ", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert _WORD.findall(shown) == []


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_no_script_says_a_word_of_our_trade(script: Path) -> None:
    said = re.findall(r"[\"`]([A-Z][^\"`]* [^\"`]*)[\"`]", script.read_text(encoding="utf-8"))
    assert [text for text in said if _WORD.search(text)] == []


def test_the_test_finds_such_words(tmp_path: Path) -> None:
    module = tmp_path / "told.py"
    module.write_text('"""Where OMR is."""\nWHY = f"The registration of {1} failed."\nSO = "We could not read it."\n')
    assert told_by(module) == ["told.py, line 2: The registration of"]
