"""A run on several processes writes what a run in one process writes, to the byte."""

import os
import signal

import pytest

import lomsong
from districts import District
from lomsong.result import MANIFEST
from lomsong.scale.spread import cluster, mapped

pytest.importorskip("distributed")

# Processes that are killed leave sockets and logs behind: their own business.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    with cluster(workers=2) as opened:
        yield opened


def outputs(folder):
    """Return the bytes of all files but the manifest, which tells times."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_a_run_on_workers_writes_the_same_bytes(client, tmp_path):
    project = District(tmp_path / "district").write()
    lomsong.run(project, tmp_path / "here")
    lomsong.run(project, tmp_path / "there", client=client)
    here, there = outputs(tmp_path / "here"), outputs(tmp_path / "there")
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []


def squared(number):
    return number * number


def test_work_comes_back_in_order_also_when_a_worker_dies(client):
    pids = client.run(os.getpid)
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    assert list(mapped(client)(squared, range(100))) == [number**2 for number in range(100)]


def test_no_items_need_no_work(client):
    assert list(mapped(client)(squared, [])) == []
