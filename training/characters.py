"""Train the network that reads boxed characters, and write it to pipeline/reading/models/characters.onnx.

    python -m training.characters --glyphs emnist_byclass.npz --faces fonts/

README.md says where the glyphs and faces come from, docs/reading-characters.md what was reached.
"""

import argparse
import io
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from pipeline.reading.characters import ALPHABET, GLYPH_SIZE, find_glyphs
from training.boxes import add_bar, add_flag, add_slash, draw_character, draw_spoilt
from training.fitting import Boxes, Recipe, check_export, export, find_temperature, fit, scores_of

MODEL = Path(__file__).parents[1] / "pipeline" / "reading" / "models" / "characters.onnx"

SEED = 2
"""Of every random choice here. The split of the glyphs needs none: see `load_glyphs`."""

SPOILT = len(ALPHABET)
"""The class, after the 36 characters, of a box that holds something other than one character."""

BOXES_PER_DIGIT, BOXES_PER_LETTER, SPOILT_BOXES = 10_000, 4_500, 18_000
"""Boxes drawn to train on. Digits are what forms ask for most, and what numbers and dates hang on."""

FACE_SHARE = 0.08
"""Share of the boxes whose character is set in a handwriting face: neater, and European, forms of the same."""

LOWER_CASE_SHARE = 0.2
"""Share of a letter's handwritten glyphs that are lower case: people are asked for capitals and mostly oblige."""

FACES_HELD_OUT = frozenset({"gochi-hand", "shadows-into-light"})
"""Faces never trained on, to test with."""

RECIPE = Recipe(epochs=5, batch=128, top_rate=4e-3, label_smoothing=0.01)


Glyphs = Mapping[str, NDArray[np.uint8]]
"""Pictures (n, 28, 28), white on black, of each character as written, case kept."""


@dataclass(frozen=True, slots=True)
class Split:
    """The handwritten glyphs that train, those that set the temperature, and those held out to test."""

    train: Glyphs
    calibration: Glyphs
    test: Glyphs


def load_glyphs(path: Path) -> Split:
    """Split the characters of NIST Special Database 19 by the last decimal of their place in the file.

    0 is held out to test, 1 calibrates, the rest trains: a rule without a seed, so that any test anywhere can keep
    to it. The file is in random order and does not say who wrote what, so one writer may be on both sides.
    """
    with np.load(path) as archive:
        images, labels = archive["images"], archive["labels"]
    last = np.arange(len(labels)) % 10
    return Split(*(_by_label(images[part], labels[part]) for part in (last > 1, last == 1, last == 0)))


def _by_label(images: NDArray[np.uint8], labels: NDArray[np.str_]) -> Glyphs:
    return {str(label): images[labels == label] for label in np.unique(labels)}


def set_faces(folder: Path, *, held_out: bool) -> Glyphs:
    """The alphabet in each handwriting face of a folder, as glyphs."""
    named = {face.name.partition("-latin")[0]: face for face in sorted(folder.rglob("*.woff2"))}
    chosen = [face for name, face in named.items() if (name in FACES_HELD_OUT) is held_out]
    return {character: np.stack([_set_character(face, character) for face in chosen]) for character in ALPHABET}


def _set_character(face: Path, character: str) -> NDArray[np.uint8]:
    sheet = Image.new("L", (240, 240))
    font = ImageFont.truetype(io.BytesIO(face.read_bytes()), 120)
    ImageDraw.Draw(sheet).text((60, 40), character, 255, font=font)
    ink = np.asarray(sheet.crop(sheet.getbbox()))
    room = GLYPH_SIZE - 4
    scale = room / max(ink.shape)
    size = max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale))
    square = np.zeros((GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    x, y = (GLYPH_SIZE - size[0]) // 2, (GLYPH_SIZE - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    return square


def write_character(
    character: str, written: Glyphs, set_in_type: Glyphs, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """One glyph of a character, in a form somebody would write it."""
    if rng.random() < FACE_SHARE:
        return _any(set_in_type[character], rng)
    # A lone l is a stroke like any I, and in a field of capitals far more often means I.
    if character in string.ascii_uppercase.replace("L", "") and rng.random() < LOWER_CASE_SHARE:
        return _any(written[character.lower()], rng)
    glyph = _any(written[character], rng)
    if character == "7" and rng.random() < 0.35:
        return add_bar(glyph, rng)
    if character == "1" and rng.random() < 0.25:
        return add_flag(glyph, rng)
    if character == "0" and rng.random() < 0.04:
        return add_slash(glyph, rng)
    if character == "Z" and rng.random() < 0.2:
        return add_bar(glyph, rng)
    return glyph


def _any(glyphs: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    return glyphs[rng.integers(len(glyphs))]


def draw_boxes(
    written: Glyphs, set_in_type: Glyphs, rng: np.random.Generator, *, per_digit: int, per_letter: int, spoilt: int
) -> Boxes:
    """Fill and scan boxes, and take the glyphs out of them exactly as the reader does."""
    pictures, classes = [], []
    for character in ALPHABET:
        for _ in range(per_digit if character.isdigit() else per_letter):
            pictures.append(draw_character(write_character(character, written, set_in_type, rng), rng))
            classes.append(ALPHABET.index(character))
    everything = np.concatenate(list(written.values()))
    for _ in range(spoilt):
        pictures.append(draw_spoilt(everything[rng.integers(len(everything), size=2)], rng))
        classes.append(SPOILT)
    found = [find_glyphs([picture])[0] for picture in pictures]
    inked = np.array([glyph.ink > 0.0 for glyph in found])
    return Boxes(np.stack([glyph.picture for glyph in found])[inked], np.array(classes, np.int64)[inked])


def make_network() -> nn.Sequential:
    """Four convolutions and one layer on 28 x 28: 172,000 weights, 9 million multiplications a character."""
    return nn.Sequential(
        *_convolution(1, 32, size=5, stride=2),
        *_convolution(32, 48),
        nn.MaxPool2d(2),
        *_convolution(48, 96),
        *_convolution(96, 96),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(96 * 9, len(ALPHABET) + 1),
    )


def _convolution(incoming: int, outgoing: int, *, size: int = 3, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(incoming, outgoing, size, stride=stride, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outgoing), nn.ReLU()]


def train(boxes: Boxes) -> nn.Sequential:
    """Fit the network to drawn boxes.

    The log of each class's share is added to its score while training (Menon et al. 2021, "Long-tail learning
    via logit adjustment"), so that the network alone treats all classes as equally likely beforehand.
    """
    torch.manual_seed(SEED)
    share = torch.from_numpy(np.bincount(boxes.classes) / len(boxes.classes)).float().log()
    return fit(make_network(), boxes, RECIPE, prior=share)


def describe(scores: torch.Tensor, boxes: Boxes) -> str:
    """How often the network alone is right, with what the kind of field allows."""
    classes = torch.from_numpy(boxes.classes)
    digit, letter, spoilt = classes < 10, (classes >= 10) & (classes < SPOILT), classes == SPOILT
    digits = (scores[digit][:, :10].argmax(1) == classes[digit]).float().mean()
    letters = (scores[letter][:, 10:SPOILT].argmax(1) + 10 == classes[letter]).float().mean()
    caught = (scores[spoilt].argmax(1) == SPOILT).float().mean()
    false_alarm = (scores[~spoilt].argmax(1) == SPOILT).float().mean()
    return (
        f"digits {digits:.2%}, letters {letters:.2%}, spoilt boxes seen {caught:.2%}, "
        f"characters taken for spoilt {false_alarm:.2%}"
    )


def main() -> None:
    """Draw, train, calibrate, measure, export."""
    arguments = _arguments()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(1)
    glyphs = load_glyphs(arguments.glyphs)
    faces = set_faces(arguments.faces, held_out=False)
    rng = np.random.default_rng(SEED)
    to_train = draw_boxes(
        glyphs.train, faces, rng, per_digit=BOXES_PER_DIGIT, per_letter=BOXES_PER_LETTER, spoilt=SPOILT_BOXES
    )
    print(f"{len(to_train.classes)} boxes drawn", flush=True)
    network = train(to_train)
    to_calibrate = draw_boxes(glyphs.calibration, faces, rng, per_digit=1000, per_letter=400, spoilt=500)
    temperature = find_temperature(scores_of(network, to_calibrate), torch.from_numpy(to_calibrate.classes))
    held_out = set_faces(arguments.faces, held_out=True)
    to_test = draw_boxes(glyphs.test, held_out, rng, per_digit=1000, per_letter=400, spoilt=1000)
    print(
        f"temperature {temperature:.2f}; drawn from held-out glyphs: {describe(scores_of(network, to_test), to_test)}"
    )
    export(network, temperature, GLYPH_SIZE, arguments.model)
    print(f"OpenCV differs by at most {check_export(network, temperature, arguments.model, to_test):.1e}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--glyphs", type=Path, required=True, help="emnist_byclass.npz")
    parser.add_argument("--faces", type=Path, required=True, help="folder of handwriting faces, a folder each")
    parser.add_argument("--model", type=Path, default=MODEL, help="where to write the ONNX file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
