"""A failed or killed run leaves the previous outputs whole."""

import errno
import json
import signal
import subprocess
import sys
import textwrap

import pytest

from lomsong.errors import InputError
from lomsong.folders import replaced_whole
from lomsong.result import MANIFEST


def write_run(folder, content):
    with replaced_whole(folder) as fresh:
        (fresh / "map.html").write_text(content)
        (fresh / MANIFEST).write_text(json.dumps({"files": ["map.html"]}))


def test_a_run_replaces_the_earlier_one(tmp_path):
    out = tmp_path / "out"
    write_run(out, "first")
    write_run(out, "second")
    assert (out / "map.html").read_text() == "second"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_a_failed_run_changes_nothing(tmp_path):
    out = tmp_path / "out"
    write_run(out, "first")
    with pytest.raises(RuntimeError), replaced_whole(out) as fresh:
        (fresh / "map.html").write_text("half")
        raise RuntimeError
    assert (out / "map.html").read_text() == "first"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_what_the_user_put_beside_the_outputs_stays(tmp_path):
    out = tmp_path / "out"
    write_run(out, "first")
    (out / "notes").mkdir()
    (out / "notes" / "mine.txt").write_text("keep")
    write_run(out, "second")
    assert (out / "notes" / "mine.txt").read_text() == "keep"


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(InputError, match="no earlier run"), replaced_whole(tmp_path):
        pass
    assert (tmp_path / "thesis.docx").exists()


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match="not a folder"), replaced_whole(tmp_path / "out"):
        pass


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_killed_run_leaves_the_earlier_one(tmp_path):
    out = tmp_path / "out"
    write_run(out, "first")
    script = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from lomsong.folders import replaced_whole
        with replaced_whole(Path(sys.argv[1])) as fresh:
            (fresh / "map.html").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", script, str(out)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (out / "map.html").read_text() == "first"
    write_run(out, "second")
    assert (out / "map.html").read_text() == "second"


def test_a_run_killed_between_the_two_moves_is_put_back(tmp_path):
    out = tmp_path / "out"
    write_run(out, "first")
    out.rename(tmp_path / ".out.earlier")
    with pytest.raises(RuntimeError), replaced_whole(out):
        raise RuntimeError
    assert (out / "map.html").read_text() == "first"


@pytest.mark.parametrize("damaged", ["{", "[]"])
def test_an_earlier_run_with_a_damaged_manifest_is_told_before_any_work(tmp_path, damaged):
    out = tmp_path / "out"
    write_run(out, "first")
    (out / MANIFEST).write_text(damaged)
    with pytest.raises(InputError, match="is damaged"), replaced_whole(out):
        pytest.fail("work began")
    assert (out / "map.html").read_text() == "first"


def test_a_full_disk_is_told_with_the_folder_that_was_to_be_written(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(OSError, match="No space left") as raised, replaced_whole(out):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert raised.value.filename == str(out)
