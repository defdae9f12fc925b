"""Who has which doubts before them, so that two people are not given the same one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol, TypeVar

from pipeline.store.queue import Queue
from pipeline.web.accounts import Signed
from pipeline.web.staff_pages import Clock

LEASE_MINUTES = 3
"""How long a doubt is kept for whoever looks at it: typing a long comment takes two minutes. Then others get it too."""


@dataclass(frozen=True, slots=True)
class _Lease:
    name: str
    doubts: frozenset[str]
    until: datetime


class _OfDoubt(Protocol):
    @property
    def doubt(self) -> str: ...


Given = TypeVar("Given", bound=_OfDoubt)


def queue_for(signed: Signed, others: Collection[str] = ()) -> Queue:
    """Return what somebody may be given, but for what `others` have before them."""
    return Queue(others, signed.may_see_pages, signed.may_see_personal)


class Leases:
    """Doubts that people have before them, kept in memory: a courtesy.

    What holds is that the record takes the first decision about a doubt and no second, whatever is remembered here.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held: dict[str, _Lease] = {}

    def give(self, session: str, name: str, choose: Callable[[Collection[str]], Sequence[Given]]) -> Sequence[Given]:
        """Give doubts to somebody in place of those they had; `choose` is told which ones others have."""
        with self._lock:
            self._forget_old()
            others = [held.doubts for holder, held in self._held.items() if holder != session]
            chosen = choose(frozenset().union(*others))
            until = self._clock() + timedelta(minutes=LEASE_MINUTES)
            self._held[session] = _Lease(name, frozenset(doubt.doubt for doubt in chosen), until)
            return chosen

    def other_holder(self, session: str, doubt: str) -> str | None:
        """Return the name of whoever else has this doubt before them."""
        with self._lock:
            self._forget_old()
            return next(
                (held.name for holder, held in self._held.items() if holder != session and doubt in held.doubts), None
            )

    def end(self, session: str) -> None:
        """Let go of whatever somebody had."""
        with self._lock:
            self._held.pop(session, None)

    def _forget_old(self) -> None:
        now = self._clock()
        self._held = {holder: held for holder, held in self._held.items() if held.until > now}
