"""Lines of writing in a field: each found, levelled, freed of its neighbours' loops and tails, black on white.

People write uphill, unevenly, into the line above and over the frame. A line is where ink lies densest across the
field once it is levelled; every stroke goes to the line it is nearest to, and only a stroke that runs through two lines
is cut between them (after the projection and component methods compared in Likforman-Sulem et al., 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.page.identify import Grey

Mask = NDArray[np.bool_]

PX_PER_MM = 8.0
"""Scale at which lines are found and cut: a line of handwriting is 50 to 80 pixels high, and is read at 48."""

_INK_DARKNESS = 0.10
"""Darkness beyond the paper nearby, after smoothing, that counts as ink: faint pencil is 0.15."""

_PAPER_MM = 4.0
"""What is narrower than this and darker than what lies around it is ink; wider is a shadow across the field."""

_SPOT_MM2 = 0.08
"""A connected spot smaller than this is dust: a full stop has 0.15 mm²."""

_RULE_LENGTH_MM, _RULE_HEIGHT_MM = 25.0, 1.2
"""A stroke longer than the first and no higher than the second is a rule or the frame's rest, not writing."""

_STEEPEST = 0.12
_SLOPES = np.linspace(-_STEEPEST, _STEEPEST, 25)
"""Slopes of lines that are tried, in units of height for one of length: 7 degrees up and down, in steps of 0.6."""

_LEAST_PITCH_MM = 3.0
"""Nobody writes lines closer than this; the least clear print is 4 mm from line to line."""

_LEAST_OF_DENSEST = 0.12
"""A band with less ink than this share of the densest is the dots and tails of another."""

_MARGIN_MM = 0.6
"""Paper left around a line."""
