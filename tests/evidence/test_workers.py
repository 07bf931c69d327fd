"""Counting on several processes gives what counting here gives, also when one of them is killed."""

import os
import signal
import threading
from functools import partial
from types import SimpleNamespace

import pandas as pd
import pytest
from plainly import SETTINGS, same, sample_file

from lomsong.errors import InputError
from lomsong.evidence.gather import gather as gather_into
from lomsong.evidence.gather import opened
from lomsong.scale.spread import cluster, count_files, gather

FEW_ROWS = 300
"""Rows of a part, in files whose row groups have 100: so a part has three or four of them."""

distributed = pytest.importorskip("distributed")

# Processes that are killed leave sockets and logs behind: their own business.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    with cluster(workers=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def in_groups(months, tmp_path_factory):
    """Return the files of `months` with many small row groups."""
    folder = tmp_path_factory.mktemp("groups")
    for file in months:
        table = pd.read_parquet(file.path)
        table.to_parquet(folder / file.path.name, row_group_size=100)
    return tuple(map(sample_file, sorted(folder.iterdir())))


def test_two_workers_count_what_one_process_counts(client, months, whole, land):
    same(gather(client, months, land.locator), whole)


def test_parts_of_files_count_what_whole_files_count(client, in_groups, whole, land):
    assert all(len(file.parts(rows=FEW_ROWS)) > 3 for file in in_groups)
    same(gather(client, in_groups, land.locator, part_rows=FEW_ROWS), whole)


@pytest.mark.parametrize("part_rows", [FEW_ROWS, 10**6])
def test_a_worker_killed_in_the_middle_changes_nothing(client, in_groups, whole, land, part_rows):
    pids = client.run(os.getpid)
    killer = threading.Timer(0.1, os.kill, (next(iter(pids.values())), signal.SIGKILL))
    killer.start()
    found = gather(client, in_groups, land.locator, part_rows=part_rows)
    killer.join()
    same(found, whole)


def test_workers_fill_a_store_as_one_process_does(client, in_groups, whole, land, tmp_path):
    counting = partial(count_files, client, part_rows=FEW_ROWS)
    here, there = (
        SimpleNamespace(
            folder=tmp_path / name, store=opened(tmp_path / name, SETTINGS, land.locator)
        )
        for name in ("here", "there")
    )
    gather_into(in_groups, land.locator, store=here.store)
    first = gather_into(in_groups[:2], land.locator, store=there.store, count_files=counting)
    assert first.n_samples < whole.n_samples
    found = gather_into(in_groups, land.locator, store=there.store, count_files=counting)
    same(found, whole)
    kept = [
        {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*.*")}
        for folder in (here.folder, there.folder)
    ]
    assert kept[0] == kept[1]


def test_workers_tell_a_store_the_faults_of_its_files(client, months, land, tmp_path):
    pd.DataFrame({"nobody": [1]}).to_parquet(tmp_path / "a.parquet")
    store = opened(tmp_path / "store", SETTINGS, land.locator)
    with pytest.raises(InputError, match=r"a\.parquet"):
        gather_into(
            (sample_file(tmp_path / "a.parquet"), *months),
            land.locator,
            store=store,
            count_files=partial(count_files, client),
        )
    assert len(store.entries()) == len(months)


def test_faults_of_all_files_are_told(client, months, land, tmp_path):
    for name in ("a.parquet", "b.parquet"):
        pd.DataFrame({"nobody": [1]}).to_parquet(tmp_path / name)
    bad = tuple(sample_file(tmp_path / name) for name in ("a.parquet", "b.parquet"))
    with pytest.raises(InputError, match=r"(?s)a\.parquet.*b\.parquet"):
        gather(client, (*months, *bad), land.locator)


def test_nothing_counts_as_nothing(client, land):
    assert not len(gather(client, (), land.locator).witnesses)


def test_an_address_where_nobody_listens_is_a_fault():
    with pytest.raises(InputError, match="no scheduler answers"), cluster(scheduler="nonsense://"):
        pass
