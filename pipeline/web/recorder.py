"""Answers put on record together: as many as wait when the disk is free, in one durable transaction."""

from __future__ import annotations

from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock

from pipeline.store.record import OnlineReturn, Recorded, record_together
from pipeline.web.stores import Stores

_Waiting = tuple[OnlineReturn, Future[Recorded]]


class Recorder:
    """Takes returns from many threads at once (group commit; DeWitt et al. 1984).

    Whichever thread has its turn records all that wait by then, its own and others', and tells each what came of it.
    While one transaction reaches the disk, the next gathers. No thread waits longer than for two of them, and a receipt
    is given only for what is on the disk.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._waiting: SimpleQueue[_Waiting] = SimpleQueue()
        self._turn = Lock()

    def record(self, returned: OnlineReturn) -> Recorded:
        """Return once a return is on record, durably; raises what kept it from being so."""
        told: Future[Recorded] = Future()
        self._waiting.put((returned, told))
        with self._turn:
            if not told.done():
                self._record_waiting()
        return told.result()

    def _record_waiting(self) -> None:
        together = [self._waiting.get() for _ in range(self._waiting.qsize())]
        try:
            with self._stores.lent() as db:
                outcomes = record_together(db, [returned for returned, _ in together])
        except Exception as trouble:  # noqa: BLE001 - a full disk, say: none of them is on record, and each is told
            outcomes = [trouble for _ in together]
        for (_, told), outcome in zip(together, outcomes, strict=True):
            if isinstance(outcome, Recorded):
                told.set_result(outcome)
            else:
                told.set_exception(outcome)
