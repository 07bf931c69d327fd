"""What tests of the benchmarks share."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@contextmanager
def _imported(name: str) -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module(name)


@pytest.fixture(scope="module")
def holdout() -> Iterator[ModuleType]:
    """Return the benchmark of hold-outs."""
    with _imported("holdout") as module:
        yield module


@pytest.fixture(scope="module")
def truth() -> Iterator[ModuleType]:
    """Return the benchmark of worlds whose truth is known."""
    with _imported("truth") as module:
        yield module
