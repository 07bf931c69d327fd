"""Report progress of long work through one small protocol, whoever shows it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Task(Protocol):
    """One piece of long work."""

    def advance(self, amount: float = 1, *, of_total: float | None = None) -> None:
        """Say that `amount` more units are done.

        `of_total` says how much of the total that is, where the total counts something else: rows are shown while
        bytes are known.
        """


class Progress(Protocol):
    """What long work reports to; the command line shows it, the library is silent."""

    def task(
        self, title: str, *, total: float | None = None, unit: str = ""
    ) -> AbstractContextManager[Task]:
        """Open a piece of work of `total` units, None where the end is not known."""
        ...


class Silent:
    """A `Progress` and a `Task` that show nothing."""

    def advance(self, amount: float = 1, *, of_total: float | None = None) -> None:
        """Do nothing."""

    @contextmanager
    def task(self, title: str, *, total: float | None = None, unit: str = "") -> Iterator["Silent"]:
        """Open a piece of work that nobody watches."""
        del title, total, unit
        yield self


SILENT = Silent()


def each(items: Sequence[Item], progress: Progress, title: str, *, unit: str) -> Iterator[Item]:
    """Return the items one by one, each told as done when the next one is asked for."""
    with progress.task(title, total=len(items), unit=unit) as task:
        for item in items:
            yield item
            task.advance()
