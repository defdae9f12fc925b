"""The product's own words: catalogues that say everything, in the same blanks, and compiled as they are written."""

import gettext
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from pipeline.form.catalogue import LANGUAGES, said, said_of
from pipeline.form.words import long_time, phrase

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "pipeline" / "form" / "locale"


def test_english_and_welsh_say_everything_and_every_catalogue_is_compiled() -> None:
    """English and Welsh whole, every phrase with the blanks of English; the compiled files equal the written ones."""
    checked = subprocess.run(
        [sys.executable, ROOT / "setup" / "words.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (checked.stderr, checked.returncode) == ("", 0)


def test_there_is_a_catalogue_of_each_language_and_no_other() -> None:
    assert {path.stem for path in LOCALE.glob("*.po")} == set(LANGUAGES) == {p.stem for p in LOCALE.glob("*.mo")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_is_what_is_read(language: str) -> None:
    """Read the written file in another way than the command that compiles it does."""
    text = (LOCALE / f"{language}.po").read_text(encoding="utf-8")
    single = re.findall(r'msgctxt "(\w+)"\nmsgid "(\w+)"\nmsgstr "(.+)"', text)
    assert len(single) > 100
    read = gettext.GNUTranslations(BytesIO((LOCALE / f"{language}.mo").read_bytes()))
    for context, name, words in single:
        assert read.pgettext(context, name) == words.replace('\\"', '"')
        assert words != name, "a phrase that is not found is told by being its own name"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_twelve_months(language: str) -> None:
    assert len(set(phrase("months", language).split())) == 12


def test_a_language_without_a_catalogue_is_spoken_to_in_english() -> None:
    assert said("paper", "tick_one", "ro") == said("paper", "tick_one", "en") == "Tick one box."


def test_a_phrase_that_there_is_none_of_is_an_error() -> None:
    for language in LANGUAGES:
        with pytest.raises(KeyError):
            said("paper", "no_such_phrase", language)
    with pytest.raises(KeyError):
        said_of(2, "paper", "no_such_phrase", "cy")


def test_lengths_of_time_take_the_form_their_number_asks_for() -> None:
    assert [long_time(days, "en") for days in (1, 90, 365, 730)] == ["1 day", "90 days", "1 year", "2 years"]
    assert [long_time(days, "cy") for days in (1, 365, 730)] == ["1 diwrnod", "12 mis", "24 mis"]
