"""Compiled functions run wherever the program is installed."""

import os
import subprocess
import sys
from pathlib import Path

import lomsong

SCRIPT = """
from lomsong.space import PolygonIndex
from shapely import box
print(PolygonIndex([box(0, 0, 1, 1)]).locate([0.5, 3], [0.5, 0.5]).tolist())
"""


def test_folders_that_cannot_be_written_break_nothing(tmp_path: Path):
    """The package lies in folders that refuse files, and so does the user's cache folder."""
    (tmp_path / "home").write_text("a file where a folder would be")
    package = tmp_path / "lomsong"
    source = Path(lomsong.__file__).parent
    for folder in (source, source / "space"):
        (package / folder.relative_to(source)).mkdir()
        (package / folder.relative_to(source) / "__pycache__").write_text("in the way")
        for module in folder.glob("*.py"):
            (package / module.relative_to(source)).write_text(module.read_text())
    home = {name: str(tmp_path / "home") for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, **home, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "[0, -1]", done.stderr


MODULE = """
from typing import NamedTuple
from lomsong.space.compiled import compiled

class {name}(NamedTuple):
    metres: float

@compiled
def doubled(link):
    return 2 * link.metres

print(doubled({name}(21.0)))
"""


def run_module(folder: Path) -> subprocess.CompletedProcess[str]:
    """Import the module `kernel` of a folder in a process of its own, with a cache beside it."""
    source = str(Path(lomsong.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", "import kernel"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(folder), source]),
            "NUMBA_CACHE_DIR": str(folder / "kept"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_code_compiled_before_an_update_that_renamed_its_types_is_compiled_anew(tmp_path: Path):
    (tmp_path / "kernel.py").write_text(MODULE.format(name="Ray"))
    assert run_module(tmp_path).stdout.strip() == "42.0"
    assert list(tmp_path.rglob("kernel.doubled-*.nbi"))
    (tmp_path / "kernel.py").write_text(MODULE.format(name="Link"))
    again = run_module(tmp_path)
    assert again.stdout.strip() == "42.0", again.stderr


def test_a_damaged_list_of_compiled_code_breaks_nothing(tmp_path: Path):
    (tmp_path / "kernel.py").write_text(MODULE.format(name="Ray"))
    assert run_module(tmp_path).stdout.strip() == "42.0"
    (index,) = tmp_path.rglob("kernel.doubled-*.nbi")
    index.write_bytes(index.read_bytes()[:40])
    again = run_module(tmp_path)
    assert again.stdout.strip() == "42.0", again.stderr
