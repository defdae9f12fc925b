"""Replies that are nearly the same, as from a campaign: found by the runs of three words they share.

A. Z. Broder, On the resemblance and containment of documents, Proceedings of Compression and Complexity of Sequences
(1997), 21–29: the least of many hashes of two sets agree as often as the sets overlap, so that only what agrees in some
of them need be compared word by word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

FEWEST_WORDS = 8
"""Shorter replies may be the same by chance: many people write “more books”."""

OVERLAP = 0.6
"""The part of their runs of words that two replies must share: a name or a closing sentence may differ."""

FEWEST_REPLIES = 5
"""Replies that are nearly the same below which nobody would speak of a campaign."""

_RUN, _BANDS, _ROWS = 3, 16, 4
"""Words in a run; hashes are compared in 16 bands of 4: of replies at the overlap above, 9 in 10 meet in some band."""

_WORD = re.compile(r"\w+")
_SEED = 20264


@dataclass(frozen=True, slots=True)
class Group:
    """Replies that are shown as one: their places among all, the earliest first. Most replies are alone."""

    members: tuple[int, ...]

    @property
    def is_campaign(self) -> bool:
        """Whether so many are nearly the same that it is said."""
        return len(self.members) >= FEWEST_REPLIES


def group_alike(texts: Sequence[str]) -> tuple[Group, ...]:
    """Return every reply once, those of a campaign together, in the order of the first of each."""
    runs = {place: found for place, text in enumerate(texts) if (found := _runs(text))}
    leader = dict.fromkeys(range(len(texts)), -1)
    buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for place, found in runs.items():
        keys = list(_keys(found))
        leader[place] = next((each for each in _met(buckets, keys) if _overlap(runs[each], found) >= OVERLAP), place)
        if leader[place] == place:
            for key in keys:
                buckets[key].append(place)
    return tuple(sorted(_groups(leader), key=lambda group: group.members[0]))


def _groups(leader: dict[int, int]) -> Iterator[Group]:
    led: dict[int, list[int]] = defaultdict(list)
    for place, first in leader.items():
        led[first if first >= 0 else place].append(place)
    for members in led.values():
        if len(members) >= FEWEST_REPLIES:
            yield Group(tuple(members))
        else:
            yield from (Group((member,)) for member in members)


def _runs(text: str) -> frozenset[int]:
    """The runs of three words in a reply, as numbers; none of a short one."""
    words = _WORD.findall(text.casefold())
    if len(words) < FEWEST_WORDS:
        return frozenset()
    runs = zip(words, words[1:], words[2:], strict=False)
    return frozenset(crc32(" ".join(run).encode()) for run in runs)


def _keys(runs: frozenset[int]) -> Iterator[tuple[int, bytes]]:
    """The bands of the least hashes of a reply (multiply-shift hashing)."""
    least = (np.fromiter(runs, np.uint64)[:, None] * _MULTIPLIERS + _OFFSETS).min(axis=0) >> np.uint64(32)
    for band in range(_BANDS):
        yield band, least[band * _ROWS : (band + 1) * _ROWS].tobytes()


def _numbers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    rng = np.random.default_rng(_SEED)
    multipliers, offsets = rng.integers(0, 2**63, (2, _BANDS * _ROWS), dtype=np.uint64)
    return multipliers | np.uint64(1), offsets


_MULTIPLIERS, _OFFSETS = _numbers()


def _met(buckets: dict[tuple[int, bytes], list[int]], keys: Sequence[tuple[int, bytes]]) -> list[int]:
    """The leaders that meet a reply in any band, the earliest first."""
    return sorted({place for key in keys for place in buckets.get(key, ())})


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)
