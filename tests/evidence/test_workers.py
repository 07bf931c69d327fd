"""Counting on several processes gives what counting here gives, also when one of them is killed."""

import os
import signal
import threading

import pandas as pd
import pytest
from plainly import same, sample_file

from lomsong.errors import InputError
from lomsong.scale.spread import cluster, gather

distributed = pytest.importorskip("distributed")

# Processes that are killed leave sockets and logs behind: their own business.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    with cluster(workers=2) as opened:
        yield opened


def test_two_workers_count_what_one_process_counts(client, months, whole, land):
    same(gather(client, months, land.locator), whole)


def test_a_worker_killed_in_the_middle_changes_nothing(client, months, whole, land):
    pids = client.run(os.getpid)
    killer = threading.Timer(0.1, os.kill, (next(iter(pids.values())), signal.SIGKILL))
    killer.start()
    found = gather(client, months, land.locator)
    killer.join()
    same(found, whole)


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
