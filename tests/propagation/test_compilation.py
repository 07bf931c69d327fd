"""Kernels compile once per machine, and a folder named coverage does not stop them."""

import importlib
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lomsong.space import compiled as compiling

RUN = """
import logging
import numpy as np
from affine import Affine
from pyproj import CRS
from lomsong.propagation import sweep
from lomsong.space.raster import Raster
logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s")
terrain = Raster(np.zeros((40, 40)), Affine(30, 0, 0, 0, -30, 1200), CRS.from_epsg(32648))
sweep(terrain, x=600, y=600, mast_m=40, rx_m=1.5, radius_m=500, frequency_mhz=1800)
"""


def _run(cache: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_first_run_tells_that_it_compiles_and_the_second_does_not_compile(tmp_path: Path):
    first, second = _run(tmp_path), _run(tmp_path)
    assert "Compiling the terrain kernels" in first
    assert f"kept in {tmp_path}" in first
    assert "ompil" not in second


def test_a_kernel_compiles_without_cache_where_no_folder_can_be_written(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    real = compiling.numba.njit

    def refusing(*function: object, cache: bool = False, **options: object):
        if cache:
            raise RuntimeError("cannot cache function 'f': no locator available for file 'f.py'")
        return real(*function, **options)

    monkeypatch.setattr(compiling.numba, "njit", refusing)
    compiling._tell_that_nothing_is_kept.cache_clear()
    with caplog.at_level(logging.INFO):
        doubled = compiling.compiled(lambda value: 2 * value)
    assert doubled(21) == 42
    assert "NUMBA_CACHE_DIR" in caplog.text


def test_a_folder_named_coverage_is_no_coverage_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "coverage").mkdir()
    for name in [name for name in sys.modules if name.split(".")[0] == "coverage"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    with compiling.no_false_coverage(), pytest.raises(ImportError):
        importlib.import_module("coverage")
    assert "coverage" not in sys.modules
    assert importlib.util.find_spec("coverage") is not None


def test_the_package_works_beside_a_folder_named_coverage_without_coverage_py(tmp_path: Path):
    (tmp_path / "coverage").mkdir()
    script = """
import sys
class NoCoverage:
    def find_spec(self, name, path=None, target=None):
        if name == "coverage" and path is None:
            from importlib.machinery import ModuleSpec
            spec = ModuleSpec("coverage", None, is_package=True)
            spec.submodule_search_locations = ["coverage"]
            return spec
sys.meta_path.insert(0, NoCoverage())
from lomsong.space import PolygonIndex
from shapely import box
print(PolygonIndex([box(0, 0, 1, 1)]).locate([0.5], [0.5]).tolist())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[0]", done.stderr
