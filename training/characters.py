"""Train a network that reads boxed characters, and write it to pipeline/reading/models.

    python -m training.drawn_characters --for any --glyphs emnist_byclass.npz --faces fonts/ --out characters.npz
    python -m training.characters --network any --boxes characters.npz

Likewise for the network that looks again at what is unclear in black and white. README.md says where the glyphs and
faces come from, docs/reading-characters.md what was reached.
"""

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from pipeline.reading.readings import ALPHABET
from training.fitting import Boxes, Recipe, check_export, export, find_temperature, fit, scores_of

MODELS = Path(__file__).parents[1] / "pipeline" / "reading" / "models"

SEED = 2

SPOILT = len(ALPHABET)
"""The class, after the 36 characters, of a box that holds something other than one character."""


@dataclass(frozen=True, slots=True)
class Variation:
    """How far pictures are turned (radians), slanted, stretched, moved (parts of half a side), and points a quarter of
    the picture apart moved against each other (`bend`, likewise): standard deviations."""

    turn: float
    slant: float
    stretch: float
    shift: float
    bend: float


@dataclass(frozen=True, slots=True)
class Kind:
    """One network: its file, how many pictures each of its five convolutions makes of one, and how it is fitted."""

    model: Path
    widths: tuple[int, int, int, int, int]
    recipe: Recipe
    variation: Variation


KINDS = {
    "any": Kind(
        MODELS / "characters.onnx",
        (16, 32, 64, 64, 128),
        Recipe(epochs=6, batch=128, top_rate=4e-3, label_smoothing=0.01),
        Variation(turn=0.07, slant=0.12, stretch=0.07, shift=0.035, bend=0.03),
    ),
    "black-and-white": Kind(
        MODELS / "characters-black-and-white.onnx",
        (24, 48, 96, 96, 160),
        Recipe(epochs=10, batch=128, top_rate=4e-3, label_smoothing=0.01),
        Variation(turn=0.09, slant=0.16, stretch=0.10, shift=0.04, bend=0.035),
    ),
}
"""The second is asked about few boxes, and may cost more."""


def load(path: Path, part: str) -> Boxes:
    """Read a part ("train", "calibration", "test") of what `training.drawn_characters` wrote."""
    with np.load(path) as archive:
        return Boxes(archive[f"{part}_pictures"], archive[f"{part}_classes"].astype(np.int64))


def make_network(widths: tuple[int, int, int, int, int]) -> nn.Sequential:
    """Five convolutions and one layer on 28 x 28; the first makes 177,000 weights and 4.4 million multiplications."""
    first, second, third, fourth, last = widths
    return nn.Sequential(
        *_convolution(1, first, size=5, stride=2),
        *_convolution(first, second),
        nn.MaxPool2d(2),
        *_convolution(second, third),
        *_convolution(third, fourth),
        nn.MaxPool2d(2),
        *_convolution(fourth, last),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(last * 9, len(ALPHABET) + 1),
    )


def _convolution(incoming: int, outgoing: int, *, size: int = 3, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(incoming, outgoing, size, stride=stride, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outgoing), nn.ReLU()]


def vary(pictures: torch.Tensor, how: Variation) -> torch.Tensor:
    """Turn, slant, stretch, move and bend each picture (n, 1, side, side) a little."""
    n, side = len(pictures), pictures.shape[-1]
    turn, slant = how.turn * torch.randn(n), how.slant * torch.randn(n)
    across, down = 1 + how.stretch * torch.randn(n), 1 + how.stretch * torch.randn(n)
    moves = torch.stack(
        [
            torch.stack([across * turn.cos(), slant - turn.sin(), how.shift * torch.randn(n)], dim=1),
            torch.stack([turn.sin(), down * turn.cos(), how.shift * torch.randn(n)], dim=1),
        ],
        dim=1,
    )
    grid = nn.functional.affine_grid(moves, [n, 1, side, side], align_corners=False)
    bend = nn.functional.interpolate(how.bend * torch.randn(n, 2, 5, 5), size=(side, side), mode="bilinear")
    return nn.functional.grid_sample(pictures, grid + bend.permute(0, 2, 3, 1), align_corners=False)


def train(kind: Kind, boxes: Boxes) -> nn.Sequential:
    """Fit a network to drawn boxes.

    The log of each class's share is added to its score while training (Menon et al. 2021, "Long-tail learning
    via logit adjustment"), so that the network alone treats all classes as equally likely beforehand.
    """
    torch.manual_seed(SEED)
    share = torch.from_numpy(np.bincount(boxes.classes) / len(boxes.classes)).float().log()
    return fit(make_network(kind.widths), boxes, kind.recipe, partial(vary, how=kind.variation), prior=share)


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
    """Train, calibrate, measure, export."""
    arguments = _arguments()
    kind = KINDS[arguments.network]
    model = arguments.model or kind.model
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(1)
    network = train(kind, load(arguments.boxes, "train"))
    calibration, test = load(arguments.boxes, "calibration"), load(arguments.boxes, "test")
    temperature = find_temperature(scores_of(network, calibration), torch.from_numpy(calibration.classes))
    print(f"temperature {temperature:.2f}; drawn from held-out glyphs: {describe(scores_of(network, test), test)}")
    export(network, temperature, test, model)
    print(f"What the reader runs differs by at most {check_export(network, temperature, model, test):.1e}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=KINDS, default="any")
    parser.add_argument("--boxes", type=Path, required=True, help="drawn boxes (.npz)")
    parser.add_argument("--model", type=Path, help="where to write the ONNX file")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
