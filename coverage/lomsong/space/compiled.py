"""Compile number-crunching functions with numba: one place for what can go wrong around it."""

import functools
import importlib.util
import logging
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

logger = logging.getLogger(__name__)

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@contextmanager
def no_false_coverage() -> Iterator[None]:
    """Hide a mere folder named `coverage` from the import system for a moment.

    numba imports coverage.py where it finds it. A folder of that name without `__init__.py` on the path (the source
    root of this repository, when Python starts beside it) imports as an empty namespace package, on whose missing
    attributes `import numba` fails. The real coverage.py is left alone, and so is whoever imported either before.
    """
    if "coverage" in sys.modules:
        yield
        return
    found = importlib.util.find_spec("coverage")
    if found is None or found.origin is not None:
        yield
        return
    # None in sys.modules makes `import coverage` raise ImportError, which numba expects.
    sys.modules["coverage"] = None  # type: ignore[assignment]  # documented way to block an import
    try:
        yield
    finally:
        del sys.modules["coverage"]


with no_false_coverage():
    import numba
    from numba.core import event


class _Announcer(event.Listener):
    """Tell that a kernel is being compiled, which happens once per machine and version."""

    def __init__(self) -> None:
        self.started: float | None = None

    def on_start(self, event: Any) -> None:  # noqa: ANN401 -- numba ships no types
        """Tell it before the wait."""
        del event
        if self.started is None:
            self.started = time.perf_counter()
            logger.info("Compiling the terrain kernels; this takes some seconds, once per machine")

    def on_end(self, event: Any) -> None:  # noqa: ANN401 -- numba ships no types
        """Keep silent: inner functions end before the outer one."""


def compiled(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Compile a function on its first call, to run without the interpreter's lock.

    The machine code is kept beside the module or, where that folder is read-only, in the user's cache folder, or in
    `NUMBA_CACHE_DIR`. Where none can be written, each process compiles anew. No arithmetic is reordered or
    contracted, so results are the same bits on every run; a division by zero gives an infinity or NaN, as in numpy.
    """
    try:
        made = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError as refused:
        if "locator" not in str(refused):
            raise
        _tell_that_nothing_is_kept()
        made = numba.njit(nogil=True, error_model="numpy")(function)
    kept_in = made.stats.cache_path
    if kept_in is not None:
        _drop_what_cannot_be_read(Path(kept_in), function)
    return cast("Callable[_Arguments, _Result]", made)


def _drop_what_cannot_be_read(folder: Path, function: Callable[..., Any]) -> None:
    """Delete the list of a function's machine code where it is damaged, or names types that an update moved.

    numba unpickles such a list before it asks whether the code is out of date, and fails on it. What is deleted here is
    compiled anew.
    """
    module = function.__module__.rpartition(".")[2]
    name = f"{module}.{function.__qualname__}-{function.__code__.co_firstlineno}"
    # Whoever shares the folder may be faster, or may own the file.
    with suppress(OSError):
        for index in folder.glob(f"{name}.*.nbi"):
            if not _can_be_read(index):
                index.unlink()


def _can_be_read(index: Path) -> bool:
    try:
        with index.open("rb") as file:
            pickle.load(file)  # noqa: S301 -- numba's own file, which numba is about to load
            pickle.load(file)  # noqa: S301 -- as above: the version comes first, what was compiled second
    except (AttributeError, ImportError, EOFError, IndexError, pickle.UnpicklingError):
        return False
    return True


def inlined(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Compile a function into each compiled function that calls it; for small ones that are handed many arrays.

    A call counts references to every array it passes, which takes longer than a few lines of arithmetic.
    """
    made = numba.njit(nogil=True, inline="always", error_model="numpy")(function)
    return cast("Callable[_Arguments, _Result]", made)


@functools.cache
def _tell_that_nothing_is_kept() -> None:
    """Say it once, not for every kernel."""
    logger.info("No folder for compiled kernels can be written; set NUMBA_CACHE_DIR to one")


@contextmanager
def announced(function: Callable[..., Any]) -> Iterator[None]:
    """Log when a function has to be compiled inside the block, and where the result is kept."""
    listener = _Announcer()
    with event.install_listener("numba:compile", listener):
        yield
    if listener.started is not None:
        stats = function.stats  # type: ignore[attr-defined]  # a numba dispatcher has it
        logger.info(
            "Compiled the terrain kernels in %.1f s; kept in %s",
            time.perf_counter() - listener.started,
            stats.cache_path or "memory only",
        )
