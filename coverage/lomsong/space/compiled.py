"""Compile number-crunching functions, kept on disk where the machine allows it."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def compiled(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Compile a function on its first call, to run without the interpreter's lock.

    The machine code is kept beside the module or, where that folder is read-only, in the user's cache folder.
    Where neither can be written, each process compiles anew. No arithmetic is reordered or contracted, so
    results are the same bits on every run.
    """
    try:
        made = numba.njit(function, nogil=True, cache=True)
    except RuntimeError:  # numba's word for "no folder to keep it in"
        made = numba.njit(function, nogil=True, cache=False)
    return cast("Callable[_Arguments, _Result]", made)


def inlined(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Compile a function into each compiled function that calls it; for small ones that are handed many arrays.

    A call counts references to every array it passes, which takes longer than a few lines of arithmetic.
    """
    return cast("Callable[_Arguments, _Result]", numba.njit(function, nogil=True, inline="always"))
