"""Train the network that reads boxed characters, and write it to pipeline/reading/models/characters.onnx.

    python -m training.drawn_characters --glyphs emnist_byclass.npz --faces fonts/ --out characters.npz
    python -m training.characters --boxes characters.npz

The first command runs where pillarbox runs, the second needs training/requirements.txt. README.md says where the
glyphs and faces come from, docs/reading-characters.md what was reached.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from pipeline.reading.readings import ALPHABET
from training.fitting import Boxes, Recipe, check_export, export, find_temperature, fit, scores_of

MODEL = Path(__file__).parents[1] / "pipeline" / "reading" / "models" / "characters.onnx"

SEED = 2

SPOILT = len(ALPHABET)
"""The class, after the 36 characters, of a box that holds something other than one character."""

RECIPE = Recipe(epochs=6, batch=128, top_rate=4e-3, label_smoothing=0.01)

TURN, SLANT, STRETCH, SHIFT = 0.07, 0.12, 0.07, 0.035
"""How far pictures are turned (radians), slanted, stretched, moved (parts of half a side): standard deviations."""

BEND = 0.03
"""How far points a quarter of the picture apart are moved against each other, likewise."""


def load(path: Path, part: str) -> Boxes:
    """Read a part ("train", "calibration", "test") of what `training.drawn_characters` wrote."""
    with np.load(path) as archive:
        return Boxes(archive[f"{part}_pictures"], archive[f"{part}_classes"].astype(np.int64))


def make_network() -> nn.Sequential:
    """Five convolutions and one layer on 28 x 28: 177,000 weights, 4.4 million multiplications a character."""
    return nn.Sequential(
        *_convolution(1, 16, size=5, stride=2),
        *_convolution(16, 32),
        nn.MaxPool2d(2),
        *_convolution(32, 64),
        *_convolution(64, 64),
        nn.MaxPool2d(2),
        *_convolution(64, 128),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(128 * 9, len(ALPHABET) + 1),
    )


def _convolution(incoming: int, outgoing: int, *, size: int = 3, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(incoming, outgoing, size, stride=stride, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outgoing), nn.ReLU()]


def vary(pictures: torch.Tensor) -> torch.Tensor:
    """Turn, slant, stretch, move and bend each picture (n, 1, side, side) a little."""
    n, side = len(pictures), pictures.shape[-1]
    turn, slant = TURN * torch.randn(n), SLANT * torch.randn(n)
    across, down = 1 + STRETCH * torch.randn(n), 1 + STRETCH * torch.randn(n)
    moves = torch.stack(
        [
            torch.stack([across * turn.cos(), slant - turn.sin(), SHIFT * torch.randn(n)], dim=1),
            torch.stack([turn.sin(), down * turn.cos(), SHIFT * torch.randn(n)], dim=1),
        ],
        dim=1,
    )
    grid = nn.functional.affine_grid(moves, [n, 1, side, side], align_corners=False)
    bend = nn.functional.interpolate(BEND * torch.randn(n, 2, 5, 5), size=(side, side), mode="bilinear")
    return nn.functional.grid_sample(pictures, grid + bend.permute(0, 2, 3, 1), align_corners=False)


def train(boxes: Boxes) -> nn.Sequential:
    """Fit the network to drawn boxes.

    The log of each class's share is added to its score while training (Menon et al. 2021, "Long-tail learning
    via logit adjustment"), so that the network alone treats all classes as equally likely beforehand.
    """
    torch.manual_seed(SEED)
    share = torch.from_numpy(np.bincount(boxes.classes) / len(boxes.classes)).float().log()
    return fit(make_network(), boxes, RECIPE, vary, prior=share)


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
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(1)
    network = train(load(arguments.boxes, "train"))
    calibration, test = load(arguments.boxes, "calibration"), load(arguments.boxes, "test")
    temperature = find_temperature(scores_of(network, calibration), torch.from_numpy(calibration.classes))
    print(f"temperature {temperature:.2f}; drawn from held-out glyphs: {describe(scores_of(network, test), test)}")
    export(network, temperature, test, arguments.model)
    print(f"What the reader runs differs by at most {check_export(network, temperature, arguments.model, test):.1e}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--boxes", type=Path, required=True, help="drawn boxes (.npz)")
    parser.add_argument("--model", type=Path, default=MODEL, help="where to write the ONNX file")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
