"""Find the glyphs that bear a wrong label, and list them in training/wrong_labels.txt.

    python -m training.labels --glyphs emnist_byclass.npz

Three networks learn from a third of the training glyphs each. A label is contradicted where every network that did
not learn from its glyph is certain of another character of the same kind: two of them for a training glyph, all
three for any other. Northcutt, Jiang and Chuang, "Confident learning" (2021), find wrong labels in the same way.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.reading.readings import ALPHABET
from training.characters import KINDS, make_network, vary
from training.fitting import Boxes, Recipe, fit, scores_of
from training.glyphs import WRONG_LABELS

SEED = 7
FOLDS = 3
KIND = KINDS["any"]
RECIPE = Recipe(epochs=12, batch=128, top_rate=4e-3, label_smoothing=0.02)

DOUBTED, CERTAIN = 0.01, 0.97
"""A label is contradicted where it has at most the one probability, and another character at least the other."""

ALIKE = frozenset(("IL", "LI"))
"""People write these alike: whichever the label says, it is not wrong."""


def main() -> None:
    """Train on each third, compare, list."""
    arguments = _arguments()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    with np.load(arguments.glyphs) as archive:
        images, labels = archive["images"], archive["labels"]
    boxes = Boxes(images, np.array([ALPHABET.index(label.upper()) for label in labels], np.int64))
    places = np.arange(len(labels))
    fold = np.where(places % 10 > 1, places // 10 % FOLDS, FOLDS)
    chances = np.stack([_judged(boxes, fold == number, seed=SEED + number) for number in range(FOLDS)])
    contradicted = list(_contradicted(boxes.classes, chances, fold))
    lines = [f"{place} {labels[place]} {ALPHABET[seen]}" for place, seen in contradicted]
    head = "# Places of glyphs in emnist_byclass.npz, their labels, and what they are: found by training/labels.py."
    WRONG_LABELS.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    print(f"{len(lines)} of {len(labels)} labels are contradicted")


def _judged(boxes: Boxes, learnt_from: NDArray[np.bool_], seed: int) -> NDArray[np.float32]:
    """Probabilities (n, 36) of all glyphs, each among the characters of its kind, by a network that knows a third."""
    torch.manual_seed(seed)
    some = Boxes(boxes.pictures[learnt_from], boxes.classes[learnt_from])
    network = fit(make_network(KIND.widths), some, RECIPE, partial(vary, how=KIND.variation))
    scores = scores_of(network, boxes)[:, : len(ALPHABET)]
    is_digit = torch.arange(len(ALPHABET)) < 10
    other_kind = is_digit[None] != torch.from_numpy(boxes.classes < 10)[:, None]
    return torch.softmax(scores.masked_fill(other_kind, -torch.inf), dim=1).numpy()


def _contradicted(
    classes: NDArray[np.int64], chances: NDArray[np.float32], fold: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Places of the glyphs with a wrong label, and the character that each is taken for."""
    found = []
    for place in np.flatnonzero(chances.argmax(axis=2).min(axis=0) != classes):
        judges = [chances[number, place] for number in range(FOLDS) if number != fold[place]]
        seen = {int(judge.argmax()) for judge in judges}
        certain = all(judge[classes[place]] <= DOUBTED and judge.max() >= CERTAIN for judge in judges)
        pair = ALPHABET[classes[place]] + ALPHABET[min(seen)]
        if len(seen) == 1 and certain and pair not in ALIKE:
            found.append((int(place), seen.pop()))
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--glyphs", type=Path, required=True, help="emnist_byclass.npz")
    return parser.parse_args()


if __name__ == "__main__":
    main()
