"""A store that is filled file by file, killed at any moment, holds what one undisturbed count finds."""

import multiprocessing
import os
import random
import signal
import time
import warnings
from pathlib import Path

import pytest
from plainly import SETTINGS, same, sample_file

from lomsong.config import EvidenceSection
from lomsong.errors import InputError
from lomsong.evidence.gather import add, gather, opened


def bytes_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_store_finds_what_a_count_of_everything_finds(months, whole, land, tmp_path):
    assert whole.dropped["duplicate"] > 500
    same(gather(months, land.locator, store=opened(tmp_path, SETTINGS, land.locator)), whole)


def test_a_month_is_added_without_the_old_ones(months, whole, land, tmp_path):
    store = opened(tmp_path, SETTINGS, land.locator)
    for month in reversed(months):
        copy = tmp_path / month.path.name
        copy.write_bytes(month.path.read_bytes())
        add([sample_file(copy)], land.locator, store=store)
        copy.unlink()
    same(gather([], land.locator, store=store), whole)


def test_the_same_content_is_refused_under_any_name(months, land, tmp_path):
    store = opened(tmp_path / "store", SETTINGS, land.locator)
    add(months[:1], land.locator, store=store)
    before = bytes_of(tmp_path / "store")
    again = tmp_path / "another name.parquet"
    again.write_bytes(months[0].path.read_bytes())
    with pytest.raises(InputError, match=r"another name\.parquet.*added before.*m0\.parquet"):
        add([months[1], sample_file(again)], land.locator, store=store)
    assert bytes_of(tmp_path / "store") == before


def test_files_counted_for_other_settings_are_counted_anew_or_asked_for(months, land, tmp_path):
    gather(months[:2], land.locator, store=opened(tmp_path, SETTINGS, land.locator))
    other = SETTINGS.model_copy(update={"evidence": EvidenceSection(maximum_accuracy_m=5.0)})
    store = opened(tmp_path, other, land.locator)
    with pytest.raises(InputError, match=r"m1\.parquet.*not at hand"):
        gather(months[:1], land.locator, store=store)
    same(gather(months[:2], land.locator, store=store), gather(months[:2], land.locator))


def test_a_damaged_store_is_told(months, land, tmp_path):
    gather(months[:1], land.locator, store=opened(tmp_path, SETTINGS, land.locator))
    next(tmp_path.rglob("*.parquet")).write_bytes(b"PAR1")
    with pytest.raises(InputError, match="delete the store"):
        gather(months[:1], land.locator, store=opened(tmp_path, SETTINGS, land.locator))


def in_a_child(work):
    """Do some work in a process of its own, forked so that it starts at once."""
    child = multiprocessing.get_context("fork").Process(target=work)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # no other thread is in our code
        child.start()
    return child


@pytest.mark.parametrize(
    "moment", [(move, when) for move in (1, 2, 3, 4, 5, 6) for when in ("before", "after")]
)
def test_killed_at_any_move_of_a_file_into_place(months, whole, land, tmp_path, moment):
    move, when = moment
    store = opened(tmp_path, SETTINGS, land.locator)
    replace = Path.replace

    def work():
        moves = iter(range(1, 100))

        def dying(path, target):
            last = next(moves) == move
            if last and when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            moved = replace(path, target)
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
            return moved

        Path.replace = dying
        gather(months, land.locator, store=store)

    child = in_a_child(work)
    child.join()
    assert child.exitcode == -signal.SIGKILL
    same(gather(months, land.locator, store=store), whole)
    assert not list(tmp_path.rglob("*.part"))


def test_killed_twenty_times_at_random(months, whole, land, tmp_path):
    chance = random.Random(3)  # noqa: S311 -- no secret
    store = opened(tmp_path, SETTINGS, land.locator)
    killed = 0
    for _ in range(20):
        child = in_a_child(lambda: gather(months, land.locator, store=store))
        time.sleep(chance.uniform(0, 0.15))
        child.kill()
        child.join()
        killed += child.exitcode == -signal.SIGKILL
    assert killed
    same(gather(months, land.locator, store=store), whole)
