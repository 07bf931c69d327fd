"""Show progress on a terminal, as plain lines elsewhere, or not at all."""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from lomsong.progress import SILENT, Task
from lomsong.progress import Progress as Reporter

LINE_EVERY_S: Final = 10.0
"""Plain lines tell of a long piece of work this often."""


def reporter(*, quiet: bool) -> Reporter:
    """Return who shows progress here."""
    if quiet:
        return SILENT
    _let_the_library_speak()
    return Bars() if sys.stderr.isatty() else Lines()


def _let_the_library_speak() -> None:
    """Show what the library logs, such as that it compiles for the first time, on standard error."""
    logger = logging.getLogger("lomsong")
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
        logger.setLevel(logging.INFO)


class Bars:
    """A bar per piece of work, with what is done, its rate and time, on standard error."""

    @contextmanager
    def task(self, title: str, *, total: float | None = None, unit: str = "") -> Iterator[Task]:
        """Show a bar while the work goes on."""
        # Titles hold names of files: they are shown as they are, never read as markup.
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[done]}", markup=False),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=False) as bars:
            yield _Bar(bars, title, total=total, unit=unit)


class _Bar:
    def __init__(self, bars: Progress, title: str, *, total: float | None, unit: str) -> None:
        self._bars = bars
        self._unit = unit
        self._done = 0.0
        self._start = time.monotonic()
        self._task = bars.add_task(Text(title).plain, total=total, done="")

    def advance(self, amount: float = 1) -> None:
        self._done += amount
        rate = self._done / max(time.monotonic() - self._start, 1e-9)
        self._bars.update(
            self._task, advance=amount, done=f"{self._done:,.0f} {self._unit} ({rate:,.0f}/s)"
        )


class Lines:
    """A line when a piece of work begins, every few seconds while it goes on, and when it is done."""

    @contextmanager
    def task(self, title: str, *, total: float | None = None, unit: str = "") -> Iterator[Task]:
        """Tell of the work in lines on standard error."""
        line = _Line(title, total=total, unit=unit)
        yield line
        line.end()


class _Line:
    def __init__(self, title: str, *, total: float | None, unit: str) -> None:
        self._title, self._total, self._unit = title, total, unit
        self._done = 0.0
        self._start = self._told = time.monotonic()

    def advance(self, amount: float = 1) -> None:
        self._done += amount
        if time.monotonic() - self._told >= LINE_EVERY_S:
            self._told = time.monotonic()
            self._tell("…")

    def end(self) -> None:
        self._tell(f"{time.monotonic() - self._start:.1f} s")

    def _tell(self, state: str) -> None:
        of = f" of {self._total:,.0f}" if self._total else ""
        done = f" {self._done:,.0f}{of} {self._unit}".rstrip() if self._done else ""
        sys.stderr.write(f"{self._title}:{done} {state}\n")
