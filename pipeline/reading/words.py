"""Words as a machine read them, each with how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was read, and the reader's confidence that every character of it is right, 0 to 1."""

    text: str
    confidence: float


def transcript(words: Sequence[Word]) -> str:
    """Return the words as one text; where the writer's lines ended is of no meaning."""
    return " ".join(word.text for word in words)


def confidence(words: Sequence[Word]) -> float:
    """Return the mean confidence over the words, 0 without any."""
    return float(np.mean([word.confidence for word in words])) if words else 0.0
