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
