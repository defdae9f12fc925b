"""A line of letters is seen by a network that knows only the letters of our languages, if it is installed."""

from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.form import fonts
from pipeline.reading import letters
from pipeline.reading.handwriting import can_read, read_handwriting
from pipeline.reading.letters import LETTERS, line_probabilities, line_reader
from pipeline.reading.network import load_network
from pipeline.reading.network_file import notes
from pipeline.reading.words import transcript

needs_reader = pytest.mark.skipif(line_reader() is None, reason="rapidocr, whose network reads lines, is not installed")


FEW = "Diolchw"


def typeset(text: str, height: int = 40) -> NDArray[np.uint8]:
    """A line set in our typeface, black on white."""
    with (fonts.files(fonts.__package__) / fonts.FACES["regular"]).open("rb") as file:
        font = ImageFont.truetype(file, height)
    picture = Image.new("L", (round(font.getlength(text)) + height, round(1.6 * height)), 255)
    ImageDraw.Draw(picture).text((height / 2, 0.15 * height), text, fill=20, font=font)
    return np.array(picture, dtype=np.uint8)


@needs_reader
def test_a_line_tells_the_chance_of_every_allowed_character_at_every_step() -> None:
    allowed = "".join(sorted(LETTERS))
    line = line_probabilities(typeset("Diolch"), allowed)
    assert line.shape[1] == 1 + len(LETTERS)
    assert np.allclose(line.sum(axis=1), 1.0, atol=1e-3)
    assert [allowed[place - 1] for place in line.argmax(axis=1) if place] == list("Diolch")


@needs_reader
def test_accents_are_read() -> None:
    assert transcript(read_handwriting([typeset("Môr, sîn, tôn, caffè")], "cy+en")) == "Môr, sîn, tôn, caffè"


@needs_reader
def test_leaving_classes_out_of_the_network_changes_nothing_else() -> None:
    model = letters._model_file().read_bytes()
    known = notes(model)["character"].split("\n")
    picture = typeset("Diolch")
    every = load_network(model)(letters._prepared(picture, 1.0))[0]
    assert every.shape[1] == len(known) + 2
    wanted = every[:, [0, *(known.index(character) + 1 for character in FEW)]]
    expected = wanted / wanted.sum(axis=1, keepdims=True)
    assert np.allclose(line_probabilities(picture, FEW), expected, atol=2e-3)


def test_without_the_package_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    letters.line_reader.cache_clear()
    monkeypatch.setattr(letters, "distribution", missing)
    try:
        assert letters.line_reader() is None
        assert letters.installed_network() is None
        assert not can_read("en")
    finally:
        letters.line_reader.cache_clear()
