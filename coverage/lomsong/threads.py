"""Do alike pieces of work side by side, and hand out what they give in the order of the pieces."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

_Piece = TypeVar("_Piece")
_Made = TypeVar("_Made")

AHEAD: Final = 2
"""So many pieces for each thread are begun before their turn: threads never wait, and what waits stays little."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(work: Callable[[_Piece], _Made], pieces: Iterable[_Piece]) -> Iterator[_Made]:
    """Return what each piece gives, one after the other, while threads are at the next ones.

    It pays for work that leaves the interpreter's lock alone, as compiled functions do. Pieces must share nothing that
    they write to; then the number of threads changes nothing.

    Parameters
    ----------
    work
        What is done with a piece.
    pieces
        Asked for as threads become free.
    """
    left, threads = iter(pieces), cores()
    if threads == 1:
        yield from map(work, left)
        return
    # What the first one loads or compiles, all others find there.
    yield from map(work, islice(left, 1))
    with ThreadPoolExecutor(threads) as pool:
        begun: deque[Future[_Made]] = deque()
        try:
            for piece in left:
                begun.append(pool.submit(work, piece))
                if len(begun) >= AHEAD * threads:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for one in begun:
                one.cancel()
