"""A line of letters is read into its likeliest texts, made only of the characters that are allowed."""

from collections import defaultdict
from importlib.metadata import PackageNotFoundError
from itertools import groupby, product

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from pipeline.form import fonts
from pipeline.form.code import ALPHABET, copy_code
from pipeline.page import letters
from pipeline.page.letters import LETTERS, line_probabilities, line_reader, read_line
from pipeline.page.network_file import notes

SERIAL = ALPHABET + "01-"

needs_reader = pytest.mark.skipif(line_reader() is None, reason="rapidocr, whose network reads lines, is not installed")


def typeset(text: str, height: int = 40) -> NDArray[np.uint8]:
    """A line set in our typeface, black on white."""
    with (fonts.files(fonts.__package__) / fonts.FACES["regular"]).open("rb") as file:
        font = ImageFont.truetype(file, height)
    picture = Image.new("L", (round(font.getlength(text)) + height, round(1.6 * height)), 255)
    ImageDraw.Draw(picture).text((height / 2, 0.15 * height), text, fill=20, font=font)
    return np.array(picture, dtype=np.uint8)


def degraded(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A line as a coarse, blurred, noisy scan shows it."""
    small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    noisy = cv2.GaussianBlur(small, (0, 0), 0.9) + rng.normal(0, 8, small.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


@needs_reader
@pytest.mark.parametrize("number", range(12))
def test_a_degraded_serial_is_read(number: int) -> None:
    text = f"{copy_code(7_654_321 * (number + 1))}-{number % 4 + 1}"
    candidates = read_line(degraded(typeset(text), np.random.default_rng(number)), SERIAL)
    assert candidates[0].text == text
    assert candidates[0].probability > 0.5
    assert [each.probability for each in candidates] == sorted((each.probability for each in candidates), reverse=True)


@needs_reader
def test_only_allowed_characters_are_read() -> None:
    for candidate in read_line(typeset("Ivory 8 Oil"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        assert candidate.text.isupper()


@needs_reader
def test_accents_are_read() -> None:
    line = line_probabilities(typeset("Môr, sîn, tôn, caffè"), "".join(sorted(LETTERS)))
    assert line.shape[1] == 1 + len(LETTERS)
    assert np.allclose(line.sum(axis=1), 1.0, atol=1e-3)
    assert read_line(typeset("Môr, sîn, tôn, caffè"), "".join(sorted(LETTERS)))[0].text == "Môr, sîn, tôn, caffè"


@needs_reader
def test_leaving_classes_out_of_the_network_changes_nothing_else() -> None:
    model = letters._model_file().read_bytes()
    known = notes(model)["character"].split("\n")
    whole = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    picture = typeset("Diolch")
    whole.setInput(letters._prepared(picture, 1.0))
    every = whole.forward()[0]
    assert every.shape[1] == len(known) + 2
    wanted = every[:, [0, *(known.index(character) + 1 for character in SERIAL)]]
    expected = wanted / wanted.sum(axis=1, keepdims=True)
    assert np.allclose(line_probabilities(picture, SERIAL), expected, atol=2e-3)


@given(st.lists(st.lists(st.integers(1, 9), min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_text_is_as_probable_as_all_the_ways_to_spread_it_along_the_line(weights: list[list[int]]) -> None:
    steps = np.array(weights, dtype=np.float32)
    steps /= steps.sum(axis=1, keepdims=True)
    expected: dict[str, float] = defaultdict(float)
    for path in product(range(3), repeat=len(steps)):
        text = "".join(" ab"[place] for place, _ in groupby(path) if place)
        expected[text] += float(np.prod([step[place] for step, place in zip(steps, path, strict=True)]))
    [likeliest] = letters.likeliest(steps, "ab", 1)
    assert likeliest.probability == pytest.approx(expected[likeliest.text], rel=0.05)
    assert likeliest.probability >= 0.95 * max(expected.values())


def test_without_the_package_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    letters.line_reader.cache_clear()
    monkeypatch.setattr(letters, "distribution", missing)
    try:
        assert letters.line_reader() is None
        assert read_line(typeset("7Q2MABCD-1"), SERIAL) == ()
    finally:
        letters.line_reader.cache_clear()
