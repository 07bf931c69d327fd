"""Show progress on a terminal, as plain lines elsewhere, or not at all."""

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import Final, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from lomsong.progress import SILENT, Task
from lomsong.progress import Progress as Reporter
from lomsong.wording import Language, figure_in
from lomsong.wording.work import FRAME, LOGGED, TITLES, UNITS

LINE_EVERY_S: Final = 10.0
"""Plain lines tell of a long piece of work this often in its first minute."""
LATER_LINE_EVERY_S: Final = 60.0
_FIRST_S: Final = 60.0
_FEWEST_DONE: Final = 10
"""Fewer pieces tell no pace: the first waits for what is compiled or opened before it."""
_SHORTEST_S: Final = 1e-9


def reporter(*, quiet: bool, language: Language) -> Reporter:
    """Return who shows progress here."""
    if quiet:
        return SILENT
    _let_the_library_speak(language)
    return Bars(language=language) if sys.stderr.isatty() else Lines(language=language)


def _let_the_library_speak(language: Language) -> None:
    """Show what the library logs, such as that it compiles for the first time, on standard error."""
    logger = logging.getLogger("lomsong")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(_Spoken(language))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)


class _Spoken(logging.Formatter):
    """Writes what is logged in a language."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def format(self, record: logging.LogRecord) -> str:
        pattern = _in_language(str(record.msg), LOGGED, self._language)
        return pattern % record.args if record.args else pattern


def _in_language(said: str, vietnamese: Mapping[str, str], language: Language) -> str:
    return vietnamese.get(said, said) if language == "vi" else said


class _Pace:
    """How far a piece of work is, and how fast it goes; several threads may advance it."""

    def __init__(
        self, *, total: float | None, unit: str, clock: Callable[[], float], language: Language
    ) -> None:
        self.total = total
        self.passed = 0.0
        self.language: Language = language
        self._unit = _in_language(unit, UNITS, language)
        self._clock = clock
        self._start = clock()
        self._done = 0.0
        self.changing = RLock()

    def advance(self, amount: float, of_total: float | None) -> None:
        self._done += amount
        self.passed += amount if of_total is None else of_total

    @property
    def elapsed_s(self) -> float:
        return self._clock() - self._start

    @property
    def counted(self) -> tuple[str, ...]:
        """What is done and how fast, nothing where nothing is counted."""
        if not self._done:
            return ()
        per_s = self._done / max(self.elapsed_s, _SHORTEST_S)
        digits = 0 if per_s >= 10 else 1  # noqa: PLR2004 -- two digits tell enough
        rate = f"{figure_in(per_s, self.language, digits=digits)} {self._unit}".rstrip()
        return (
            f"{figure_in(self._done, self.language)} {self._unit}".rstrip(),
            _framed("{n}/s", self.language, n=rate),
        )

    @property
    def share(self) -> float | None:
        return min(1.0, self.passed / self.total) if self.total else None

    @property
    def left(self) -> tuple[str, ...]:
        """How long it takes from here at the mean pace so far, nothing where the end or the pace is not known."""
        share = self.share if self._done >= _FEWEST_DONE else None
        if not share:
            return ()
        left = _duration(self.elapsed_s * (1 / share - 1), self.language)
        return (_framed("{left} left", self.language, left=left),)


class Bars:
    """A bar per piece of work, with what is done, its rate and the time left, on standard error."""

    def __init__(
        self,
        console: Console | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        language: Language = "en",
    ) -> None:
        self._console = console or Console(stderr=True)
        self._clock = clock
        self._language: Language = language
        self._shown: Progress | None = None
        self._open = 0

    @contextmanager
    def task(self, title: str, *, total: float | None = None, unit: str = "") -> Iterator[Task]:
        """Show a bar while the work goes on; pieces of work that overlap stand below each other."""
        bars = self._begin()
        pace = _Pace(total=total, unit=unit, clock=self._clock, language=self._language)
        said = _in_language(title, TITLES, self._language)
        place = bars.add_task(Text(said).plain, total=total, done="")
        try:
            yield _Bar(bars, place, pace)
            done = ", ".join(pace.counted)
            bars.update(place, total=total or 1.0, completed=total or 1.0, done=done)
        finally:
            self._end()

    def _begin(self) -> Progress:
        self._open += 1
        if self._shown is None:
            # Titles hold names of files: they are shown as they are, never read as markup.
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[done]}", markup=False),
                TimeElapsedColumn(),
            )
            self._shown = Progress(*columns, console=self._console, get_time=self._clock)
            self._shown.start()
        return self._shown

    def _end(self) -> None:
        self._open -= 1
        if not self._open and self._shown is not None:
            self._shown.stop()
            self._shown = None


class _Bar:
    def __init__(self, bars: Progress, place: TaskID, pace: _Pace) -> None:
        self._bars, self._place, self._pace = bars, place, pace

    def advance(self, amount: float = 1, *, of_total: float | None = None) -> None:
        with self._pace.changing:
            self._pace.advance(amount, of_total)
            done = ", ".join((*self._pace.counted, *self._pace.left))
            self._bars.update(self._place, completed=self._pace.passed, done=done)


class Lines:
    """A line every few seconds while a piece of work goes on, later every minute, and one when it is done."""

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        language: Language = "en",
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._language: Language = language

    @contextmanager
    def task(self, title: str, *, total: float | None = None, unit: str = "") -> Iterator[Task]:
        """Tell of the work in lines on standard error."""
        pace = _Pace(total=total, unit=unit, clock=self._clock, language=self._language)
        said = _in_language(title, TITLES, self._language)
        line = _Line(said, pace, self._stream or sys.stderr)
        yield line
        line.end()


class _Line:
    def __init__(self, title: str, pace: _Pace, stream: TextIO) -> None:
        self._title, self._pace, self._stream = title, pace, stream
        self._told_s = 0.0

    def advance(self, amount: float = 1, *, of_total: float | None = None) -> None:
        with self._pace.changing:
            self._pace.advance(amount, of_total)
            elapsed_s = self._pace.elapsed_s
            every_s = LINE_EVERY_S if elapsed_s <= _FIRST_S else LATER_LINE_EVERY_S
            if elapsed_s - self._told_s >= every_s:
                self._told_s = elapsed_s
                share = () if self._pace.share is None else (f"{self._pace.share:.0%}",)
                self._tell(*self._pace.counted, *share, *self._pace.left)

    def end(self) -> None:
        seconds = figure_in(self._pace.elapsed_s, self._pace.language, digits=1)
        done = _framed("done in {seconds} s", self._pace.language, seconds=seconds)
        self._tell(*self._pace.counted, done)

    def _tell(self, *parts: str) -> None:
        self._stream.write(f"{self._title}: {', '.join(parts)}\n")
        self._stream.flush()


def _duration(seconds: float, language: Language) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _framed("{hours} h {minutes} min", language, hours=hours, minutes=minutes)
    if minutes:
        return _framed("{minutes} min {seconds} s", language, minutes=minutes, seconds=rest)
    return _framed("{seconds} s", language, seconds=rest)


def _framed(pattern: str, language: Language, **figures: object) -> str:
    return _in_language(pattern, FRAME, language).format_map(figures)
