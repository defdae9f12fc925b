"""What training a small network takes, whatever it sees: fitting, calibrating, exporting, checking the export."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pipeline.reading.network import load_network


@dataclass(frozen=True, slots=True)
class Boxes:
    """What a network sees: `pictures` (n, channels, side, side) uint8, 0 paper to 255 ink, and `classes` (n,) int64.

    Where there is one channel, its axis may be missing.
    """

    pictures: NDArray[np.uint8]
    classes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to fit: rounds over all boxes, boxes a step, the highest learning rate, and how far to doubt the labels."""

    epochs: int
    batch: int
    top_rate: float
    label_smoothing: float


_HALVES_ARE_QUICK = torch.cpu._is_avx512_bf16_supported()
"""Whether the processor reckons in bfloat16 itself: where it does, fitting takes 60 % longer without; where it does
not, ten times as long with it."""


def unvaried(pictures: torch.Tensor) -> torch.Tensor:
    """Leave pictures as they are."""
    return pictures


def fit(
    network: nn.Sequential,
    boxes: Boxes,
    recipe: Recipe,
    vary: Callable[[torch.Tensor], torch.Tensor] = unvaried,
    prior: torch.Tensor | float = 0.0,
) -> nn.Sequential:
    """Fit a network to drawn boxes, each varied anew every time; `prior` is added to the scores while training."""
    network = network.to(memory_format=torch.channels_last)
    steps = len(boxes.classes) // recipe.batch
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.top_rate, total_steps=recipe.epochs * steps, pct_start=0.15
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
    pictures, classes = torch.from_numpy(boxes.pictures), torch.from_numpy(boxes.classes)
    for epoch in range(recipe.epochs):
        order, seen = torch.randperm(len(classes)), 0.0
        for chosen in order[: steps * recipe.batch].split(recipe.batch):
            with torch.autocast("cpu", torch.bfloat16, enabled=_HALVES_ARE_QUICK):
                scores = network(vary(_as_input(pictures[chosen])))
            loss = loss_of(scores.float() + prior, classes[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            seen += float(loss.detach())
        print(f"epoch {epoch + 1} of {recipe.epochs}: mean loss {seen / steps:.4f}", flush=True)
    return network.eval()


def _as_input(pictures: torch.Tensor) -> torch.Tensor:
    pictures = pictures[:, None] if pictures.ndim == 3 else pictures
    return (pictures.float() / 255.0).to(memory_format=torch.channels_last)


@torch.no_grad()
def scores_of(network: nn.Module, boxes: Boxes) -> torch.Tensor:
    """The network's score of every class for every box: (n, classes)."""
    return torch.cat([network(_as_input(batch)) for batch in torch.from_numpy(boxes.pictures).split(1000)])


def find_temperature(scores: torch.Tensor, classes: torch.Tensor) -> float:
    """What to divide scores by so that probabilities are as often right as they say (Guo et al. 2017)."""
    candidates = np.arange(0.5, 2.51, 0.02)
    losses = [float(nn.functional.cross_entropy(scores / t, classes)) for t in candidates]
    return float(candidates[int(np.argmin(losses))])


class Calibrated(nn.Module):
    """A network as it is shipped: probabilities of its classes, temperature included."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """(n, channels, side, side) in 0 to 1 gives (n, classes)."""
        return torch.softmax(self.network(pictures) / self.temperature, dim=1)


def export(network: nn.Module, temperature: float, like: Boxes, path: Path) -> None:
    """Write one self-contained ONNX file for any number of pictures at once, each of the shape of those in `like`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        Calibrated(network, temperature).eval(),
        (_as_input(torch.from_numpy(like.pictures[:2])).contiguous(),),
        str(path),
        input_names=["pictures"],
        output_names=["probabilities"],
        dynamic_axes={"pictures": {0: "boxes"}, "probabilities": {0: "boxes"}},
        dynamo=False,
    )


def check_export(network: nn.Module, temperature: float, path: Path, boxes: Boxes) -> float:
    """The largest difference in any probability between the network here and the file as the reader runs it."""
    few = Boxes(boxes.pictures[:500], boxes.classes[:500])
    here = torch.softmax(scores_of(network, few) / temperature, dim=1).numpy()
    shipped = load_network(path.read_bytes())(_as_input(torch.from_numpy(few.pictures)).contiguous().numpy())
    return float(np.abs(shipped - here).max())
