"""One line of letters in a picture: which character may stand where, by a network made for reading lines.

The network is PP-OCRv6 small (PaddleOCR, Apache-2.0), taken out of the installed package `rapidocr` without running
any of that package. Without the package nothing here is read: ask `line_reader` first. It is
loaded when the first line is read, into each process that reads any, and then takes 65 to 70 MB, a line included.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources.abc import Traversable
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.picture import Grey
from pipeline.reading.network import Network, load_network
from pipeline.reading.network_file import notes, with_classes

Probabilities = NDArray[np.float32]

_PACKAGE = "rapidocr"
_MODEL = "rapidocr/models/PP-OCRv6_rec_small.onnx"
_NAME = "PP-OCRv6 small"

LINE_HEIGHT_PX = 48
"""The network sees a line this high (and as wide as it is)."""

_LEAST_WIDTH_PX = 48
"""A narrower picture is widened with paper: the network halves it three times."""

LETTERS = frozenset(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    " !\"#%&'()*+,-./:;<=>?@_£€½°’‘“”–…"
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôöøùúûüýÿŒœ"
    "ŴŵŶŷĄąĆćĘęŁłŃńŚśŹźŻżĂăȘșȚț"
)
"""Every character that can be asked for: those of the languages in Latin letters that forms are printed in."""


@cache
def line_reader() -> str | None:
    """Return the name of what reads lines, such as `PP-OCRv6 small (rapidocr 3.10.0)`, or None without it."""
    try:
        there = _model_file().is_file()
    except PackageNotFoundError:
        return None
    return f"{_NAME} ({_PACKAGE} {distribution(_PACKAGE).version})" if there else None


def installed_network() -> bytes | None:
    """Return the file (ONNX) of the network that reads lines, or None without it."""
    return _model_file().read_bytes() if line_reader() else None


def line_probabilities(picture: Grey, allowed: str, stretch: float = 1.0) -> Probabilities:
    """Return, for each eighth pixel column of a line brought to 48 pixels height, how likely each character is there.

    (steps, 1 + number of allowed) float32, each row summing to 1: first that no character begins here or the one
    before goes on, then those of `allowed` in its order. `stretch` draws the line wider first, as suits handwriting.
    """
    network, places = _network()
    every = network(_prepared(picture, stretch))[0]
    wanted = every[:, [0, *(places[character] for character in allowed)]]
    return np.asarray(wanted / np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12), dtype=np.float32)


def _prepared(picture: Grey, stretch: float) -> NDArray[np.float32]:
    """A line as the network takes it: 48 pixels high, -1 black to 1 white, the same in all three colours."""
    width = max(1, round(picture.shape[1] * LINE_HEIGHT_PX / picture.shape[0] * stretch))
    shrinking = picture.shape[0] > LINE_HEIGHT_PX
    line = cv2.resize(picture, (width, LINE_HEIGHT_PX), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    if width < _LEAST_WIDTH_PX:
        line = cv2.copyMakeBorder(line, 0, 0, 0, _LEAST_WIDTH_PX - width, cv2.BORDER_REPLICATE)
    scaled = line.astype(np.float32) / np.float32(127.5) - np.float32(1.0)
    return np.ascontiguousarray(np.broadcast_to(scaled, (1, 3, *scaled.shape)))


@cache
def _network() -> tuple[Network, Mapping[str, int]]:
    """The network, with those of its characters alone that can be asked for, and the place of each."""
    narrowed, places = _narrowed()
    return load_network(narrowed), places


def _narrowed() -> tuple[bytes, Mapping[str, int]]:
    """The network's file with those characters alone; the whole of it, 21 MB, is let go of before it is loaded."""
    model = _model_file().read_bytes()
    known = notes(model)["character"].split("\n")
    kept = [place for place, character in enumerate(known, start=1) if character in LETTERS]
    classes = len(known) + 2  # the first stands for no character, the last for a space
    narrowed = with_classes(model, classes, [0, *kept, classes - 1])
    letters = [*(known[place - 1] for place in kept), " "]
    places = {letter: place for place, letter in enumerate(letters, start=1)}
    return narrowed, places


def _model_file() -> Traversable:
    """Where the package keeps the network; nothing of the package is imported. Raises PackageNotFoundError."""
    return cast(Traversable, distribution(_PACKAGE).locate_file(_MODEL))
