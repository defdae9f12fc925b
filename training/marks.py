"""Train the network that judges boxes to tick, and write it to pipeline/reading/models/marks.onnx.

    python -m training.drawn_marks --sheets 600 --out marks.npz
    python -m training.drawn_marks --sheets 150 --seed 2 --out marks-held-out.npz
    python -m training.marks --boxes marks.npz --held-out marks-held-out.npz

The first two commands run where pillarbox runs, the third needs training/requirements.txt.
docs/reading-marks.md says what was reached.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

MODEL = Path(__file__).parents[1] / "pipeline" / "reading" / "models" / "marks.onnx"

CLASSES = ("empty", "marked", "cancelled", "unsure")
SIDE = 51
SEED = 3

EPOCHS, BATCH, TOP_RATE = 14, 128, 3e-3

SURE = 0.97
"""The probability from which the reader takes the network's word: errors above it are the ones that count."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Pictures of boxes, (n, 51, 51) uint8, 0 paper to 255 black, and their classes, (n,) int64."""

    pictures: NDArray[np.uint8]
    classes: NDArray[np.int64]


def load(path: Path) -> Boxes:
    """Read what `training.drawn_marks` wrote."""
    with np.load(path) as archive:
        return Boxes(archive["pictures"], archive["classes"].astype(np.int64))


def make_network() -> nn.Sequential:
    """Four convolutions, each halving the side: 41,000 weights, half a million multiplications a box."""
    return nn.Sequential(
        *_convolution(1, 12, 5),
        *_convolution(12, 24, 3),
        *_convolution(24, 32, 3),
        *_convolution(32, 40, 3),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(40 * 16, 32),
        nn.ReLU(),
        nn.Linear(32, len(CLASSES)),
    )


def _convolution(incoming: int, outgoing: int, size: int) -> list[nn.Module]:
    convolution = nn.Conv2d(incoming, outgoing, size, stride=2, padding=size // 2, bias=False)
    return [convolution, nn.BatchNorm2d(outgoing), nn.ReLU()]


def train(boxes: Boxes) -> nn.Sequential:
    """Fit the network to drawn boxes, mirrored and made lighter or darker at random."""
    torch.manual_seed(SEED)
    network = make_network().to(memory_format=torch.channels_last)
    steps = EPOCHS * (len(boxes.classes) // BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, TOP_RATE, total_steps=steps, pct_start=0.15)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.005)
    pictures, classes = torch.from_numpy(boxes.pictures), torch.from_numpy(boxes.classes)
    for epoch in range(EPOCHS):
        order, seen = torch.randperm(len(classes)), 0.0
        for step in range(len(classes) // BATCH):
            chosen = order[step * BATCH : (step + 1) * BATCH]
            loss = loss_of(network(_varied(_as_input(pictures[chosen]))), classes[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            seen += float(loss.detach())
        print(f"epoch {epoch + 1} of {EPOCHS}: mean loss {seen / (len(classes) // BATCH):.4f}", flush=True)
    return network.eval()


def _as_input(pictures: torch.Tensor) -> torch.Tensor:
    return (pictures[:, None].float() / 255.0).to(memory_format=torch.channels_last)


def _varied(pictures: torch.Tensor) -> torch.Tensor:
    """Boxes as left-handed people mark them, half of the time, and with lighter or darker ink and print."""
    if torch.rand(()) < 0.5:
        pictures = pictures.flip(3)
    return (pictures * torch.empty(len(pictures), 1, 1, 1).uniform_(0.8, 1.1)).clamp(0.0, 1.0)


@torch.no_grad()
def scores_of(network: nn.Module, boxes: Boxes) -> torch.Tensor:
    """The network's score of every class for every box: (n, 4)."""
    return torch.cat([network(_as_input(batch)) for batch in torch.from_numpy(boxes.pictures).split(1000)])


def find_temperature(scores: torch.Tensor, classes: torch.Tensor) -> float:
    """What to divide scores by so that probabilities are as often right as they say (Guo et al. 2017)."""
    candidates = np.arange(0.5, 2.51, 0.02)
    losses = [float(nn.functional.cross_entropy(scores / t, classes)) for t in candidates]
    return float(candidates[int(np.argmin(losses))])


class Calibrated(nn.Module):
    """The network as it is shipped: probabilities of the four classes, temperature included."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(n, 1, 51, 51) in 0 to 1 gives (n, 4)."""
        return torch.softmax(self.network(pictures) / self.temperature, dim=1)


def export(network: nn.Module, temperature: float, path: Path) -> None:
    """Write one self-contained ONNX file for any number of boxes at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        Calibrated(network, temperature).eval(),
        (torch.zeros(2, 1, SIDE, SIDE),),
        str(path),
        input_names=["pictures"],
        output_names=["probabilities"],
        dynamic_axes={"pictures": {0: "boxes"}, "probabilities": {0: "boxes"}},
        dynamo=False,
    )


def check_export(network: nn.Module, temperature: float, path: Path, boxes: Boxes) -> float:
    """The largest difference in any probability between the network here and the file run by OpenCV."""
    few = Boxes(boxes.pictures[:500], boxes.classes[:500])
    here = torch.softmax(scores_of(network, few) / temperature, dim=1).numpy()
    shipped = cv2.dnn.readNetFromONNX(str(path))
    shipped.setInput(few.pictures[:, None].astype(np.float32) / np.float32(255.0))
    return float(np.abs(shipped.forward() - here).max())


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
    network = train(load(arguments.boxes))
    held_out = load(arguments.held_out)
    half = len(held_out.classes) // 2
    calibration = Boxes(held_out.pictures[:half], held_out.classes[:half])
    test = Boxes(held_out.pictures[half:], held_out.classes[half:])
    temperature = find_temperature(scores_of(network, calibration), torch.from_numpy(calibration.classes))
    print(f"temperature {temperature:.2f}; {len(test.classes)} held-out boxes, and what the network was sure of:")
    print(describe(scores_of(network, test), temperature, test))
    export(network, temperature, arguments.model)
    print(f"OpenCV differs by at most {check_export(network, temperature, arguments.model, test):.1e}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--boxes", type=Path, required=True, help="drawn boxes to train on (.npz)")
    parser.add_argument("--held-out", type=Path, required=True, help="boxes of other sheets to measure with (.npz)")
    parser.add_argument("--model", type=Path, default=MODEL, help="where to write the ONNX file")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
