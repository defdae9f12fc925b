"""Train a network that judges boxes to tick, and write it to pipeline/reading/models.

    python -m training.marks --network near --boxes marks-1.npz marks-3.npz --held-out marks-held-out.npz

README.md in this folder has the commands that draw the boxes, for the network that sees a box and for the one that also
sees what lies around it. With `--without`, boxes marked in some ways are left out, to see what becomes of a style never
seen. docs/reading-marks.md says what was reached.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from training.fitting import Boxes, Recipe, check_export, export, find_temperature, fit, scores_of

MODELS = Path(__file__).parents[1] / "pipeline" / "reading" / "models"

CLASSES = ("empty", "marked", "cancelled", "unsure", "stray")
SEED = 3

EPOCHS = 12
TOP_RATE, BATCH, LABEL_SMOOTHING = 4e-3, 256, 0.002

SURE = 0.97
"""The probability from which the reader takes the network's word: errors above it are the ones that count."""


def load(paths: Sequence[Path], without: Sequence[str]) -> Boxes:
    """Read what `training.drawn_marks` wrote, but for the boxes marked in the ways that are left out."""
    archives = [np.load(path) for path in paths]
    kept = [~np.isin(archive["ways"], list(without)) for archive in archives]
    pictures, classes = (
        np.concatenate([archive[name][keep] for archive, keep in zip(archives, kept, strict=True)])
        for name in ("pictures", "classes")
    )
    return Boxes(pictures, classes.astype(np.int64))


def near_network() -> nn.Sequential:
    """Five convolutions, four of which halve the side: 63,000 weights, 2.4 million multiplications a box."""
    return nn.Sequential(
        *_convolution(1, 12, 5, 2),
        *_convolution(12, 24, 3, 2),
        *_convolution(24, 32, 3, 2),
        *_convolution(32, 40, 3, 1),
        *_convolution(40, 48, 3, 2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(48 * 16, 32),
        nn.ReLU(),
        nn.Linear(32, len(CLASSES)),
    )


class Patches(nn.Module):
    """What is in each patch of four by four pixels, as channels of one place: (n, 2, 64, 64) gives (n, 32, 16, 16)."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Laid out as convolutions on a processor are quickest."""
        return nn.functional.pixel_unshuffle(pictures, 4).contiguous(memory_format=torch.channels_last)


def around_network() -> nn.Sequential:
    """Patches of four by four pixels, and four convolutions over them, two of which halve the side: 69,000 weights."""
    return nn.Sequential(
        Patches(),
        *_convolution(32, 32, 1, 1),
        *_convolution(32, 40, 3, 2),
        *_convolution(40, 40, 3, 1),
        *_convolution(40, 48, 3, 2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(48 * 16, 32),
        nn.ReLU(),
        nn.Linear(32, len(CLASSES)),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A network that is shipped: what it is made of, and the file it is kept in."""

    make: Callable[[], nn.Sequential]
    file: str


KINDS = {"near": Kind(near_network, "marks.onnx"), "around": Kind(around_network, "marks-around.onnx")}


def _convolution(incoming: int, outgoing: int, size: int, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(incoming, outgoing, size, stride=stride, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outgoing), nn.ReLU()]


def train(network: nn.Sequential, boxes: Boxes, epochs: int) -> nn.Sequential:
    """Fit a network to drawn boxes, mirrored and made lighter or darker at random."""
    return fit(network, boxes, Recipe(epochs, BATCH, TOP_RATE, LABEL_SMOOTHING), _varied)


def _varied(pictures: torch.Tensor) -> torch.Tensor:
    """Boxes as left-handed people mark them, half of the time, and with lighter or darker ink and print."""
    if torch.rand(()) < 0.5:
        pictures = pictures.flip(3)
    return (pictures * torch.empty(len(pictures), 1, 1, 1).uniform_(0.8, 1.1)).clamp(0.0, 1.0)


def describe(scores: torch.Tensor, temperature: float, boxes: Boxes) -> str:
    """For each class, what it was surely taken for, and how often the network was not sure."""
    chances = torch.softmax(scores / temperature, dim=1).numpy()
    said = np.where(chances.max(axis=1) >= SURE, chances.argmax(axis=1), len(CLASSES))
    lines = [f"{'':10} " + " ".join(f"{name:>10}" for name in (*CLASSES, "not sure"))]
    for number, name in enumerate(CLASSES):
        counts = np.bincount(said[boxes.classes == number], minlength=len(CLASSES) + 1)
        lines.append(f"{name:10} " + " ".join(f"{count:>10}" for count in counts))
    return "\n".join(lines)


def main() -> None:
    """Train, calibrate, measure, export. One half of the held-out boxes calibrates, the other measures."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(1)
    torch.manual_seed(SEED)
    kind = KINDS[arguments.network]
    network = train(kind.make(), load(arguments.boxes, arguments.without), arguments.epochs)
    held_out = load([arguments.held_out], arguments.without)
    half = len(held_out.classes) // 2
    calibration = Boxes(held_out.pictures[:half], held_out.classes[:half])
    test = Boxes(held_out.pictures[half:], held_out.classes[half:])
    temperature = find_temperature(scores_of(network, calibration), torch.from_numpy(calibration.classes))
    print(f"temperature {temperature:.2f}; {len(test.classes)} held-out boxes, and what the network was sure of:")
    print(describe(scores_of(network, test), temperature, test))
    model = arguments.model or MODELS / kind.file
    export(network, temperature, test, model)
    print(f"What the reader runs differs by at most {check_export(network, temperature, model, test):.1e}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=KINDS, required=True)
    parser.add_argument("--boxes", type=Path, nargs="+", required=True, help="drawn boxes to train on (.npz)")
    parser.add_argument("--held-out", type=Path, required=True, help="boxes of other sheets to measure with (.npz)")
    parser.add_argument("--model", type=Path, help="where to write the ONNX file, instead of where the reader has it")
    parser.add_argument("--without", nargs="+", default=(), help="ways of marking whose boxes are left out")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
