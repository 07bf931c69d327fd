"""Progress tells rows, rate and time left: as a bar on a terminal, in lines elsewhere, not at all when quiet."""

import ast
import gzip
import io
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

import lomsong
from lomsong.ingest import read_samples
from lomsong.progress import SILENT, each
from lomsong.terminal import Bars, Lines, reporter
from lomsong.wording.work import LOGGED, TITLES, UNITS

HEADER = "mcc,mnc,lac,cellid,lat,lon,signal,measured_at,rating,act"


class Clock:
    """A clock that stands still until it is set forward."""

    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


class Counted:
    """A task that remembers what it is told."""

    def __init__(self):
        self.told = []

    def advance(self, amount=1, *, of_total=None):
        self.told.append((amount, of_total))


def test_lines_tell_rows_rate_share_and_time_left():
    clock, stream = Clock(), io.StringIO()
    with Lines(stream, clock=clock).task("samples", total=1000, unit="rows") as task:
        clock.now_s += 4
        task.advance(2_000_000, of_total=100)  # too early for a line
        clock.now_s += 6
        task.advance(500_000, of_total=150)
        clock.now_s += 10
        task.advance(7_500_000, of_total=750)
    assert stream.getvalue().splitlines() == [
        "samples: 2,500,000 rows, 250,000 rows/s, 25%, 30 s left",
        "samples: 10,000,000 rows, 500,000 rows/s, 100%, 0 s left",
        "samples: 10,000,000 rows, 500,000 rows/s, done in 20.0 s",
    ]


def test_lines_speak_vietnamese():
    clock, stream = Clock(), io.StringIO()
    with Lines(stream, clock=clock, language="vi").task("samples", total=1000, unit="rows") as task:
        clock.now_s += 10
        task.advance(2_500_000, of_total=100)
    assert stream.getvalue().splitlines() == [
        "mẫu đo: 2.500.000 dòng, 250.000 dòng/giây, 10%, còn 1 phút 30 giây",
        "mẫu đo: 2.500.000 dòng, 250.000 dòng/giây, xong sau 10,0 giây",
    ]


def _constant(node):
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_all_work_and_all_that_is_logged_has_its_vietnamese():
    titles, units, logged, named = set(), set(), set(), {}
    for file in sorted(Path(lomsong.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named[node.targets[0].id] = node.value
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            at = {"task": 0, "each": 2}.get(called)
            if at is not None and len(node.args) > at:
                title = node.args[at]
                titles.update(_constant(named.get(getattr(title, "id", ""), title)))
                units.update(
                    *(_constant(pair.value) for pair in node.keywords if pair.arg == "unit")
                )
            if called in {"info", "warning"} and node.args:
                logged.update(_constant(node.args[0]))
    assert titles == set(TITLES)
    assert units == set(UNITS)
    assert logged == set(LOGGED)
    for pattern, said in LOGGED.items():
        assert re.findall(r"%[.\d]*\w", pattern) == re.findall(r"%[.\d]*\w", said)


def test_lines_of_long_work_become_rare():
    clock, stream = Clock(), io.StringIO()
    with Lines(stream, clock=clock).task("samples", total=3600, unit="rows") as task:
        for _ in range(3600):
            clock.now_s += 1
            task.advance()
    told = stream.getvalue().splitlines()
    assert len(told) == 6 + 59 + 1
    assert "59 min 50 s left" in told[0]


def test_the_first_piece_of_work_promises_no_end():
    clock, stream = Clock(), io.StringIO()
    with Lines(stream, clock=clock).task("sites", total=300, unit="sites") as task:
        clock.now_s += 12
        task.advance()
        clock.now_s += 12
        task.advance(11)
    first, second, _ = stream.getvalue().splitlines()
    assert "left" not in first
    assert second.endswith("9 min 36 s left")


def test_work_that_counts_nothing_says_only_how_long_it_took():
    clock, stream = Clock(), io.StringIO()
    with Lines(stream, clock=clock).task("hamlets"):
        clock.now_s += 1.25
    assert stream.getvalue() == "hamlets: done in 1.2 s\n"


def shown(console):
    return console.file.getvalue()


def a_console():
    return Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)


def test_a_bar_tells_rows_rate_and_time_left():
    clock, console = Clock(), a_console()
    bars = Bars(console, clock=clock)
    with bars.task("samples [dBm].csv", total=1000, unit="rows") as task:
        for _ in range(5):
            clock.now_s += 2
            task.advance(100_000, of_total=100)
        bars._shown.refresh()  # what the terminal shows now; half of it took ten seconds
        clock.now_s += 2.5
    assert "samples [dBm].csv" in shown(console)
    assert "500,000 rows, 50,000 rows/s, 10 s left" in shown(console)
    assert "500,000 rows, 40,000 rows/s 0:00:12" in shown(console)


def test_bars_of_work_that_overlaps_stand_together_and_all_end():
    console = a_console()
    bars = Bars(console, clock=Clock())
    with bars.task("first") as first, bars.task("second", total=2) as second:
        first.advance()
        second.advance(2)
    with bars.task("third"):
        pass
    for title in ("first", "second", "third"):
        assert title in shown(console)


def test_a_bar_ends_where_the_work_fails():
    bars = Bars(a_console(), clock=Clock())
    with pytest.raises(ZeroDivisionError), bars.task("samples") as task:
        task.advance(1 / 0)
    with bars.task("again"):
        pass


def test_quiet_is_silent(capsys):
    with reporter(quiet=True, language="vi").task("samples", total=3) as task:
        task.advance(3)
    assert reporter(quiet=True, language="vi") is SILENT
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reading_tells_every_row_and_every_byte(tmp_path, pack):
    rows = [f"452,4,7,1,22.5,{105 + n / 1000},-95,1679769208597,5,LTE" for n in range(50)]
    files = [tmp_path / name for name in ("a.csv", "b.csv")]
    for file in files:
        file.write_bytes(pack("\n".join([HEADER, *rows]).encode()))
    parquet = tmp_path / "c.parquet"
    read_samples(files[0]).table.to_parquet(parquet)
    for several in (files, [parquet]):
        task = Counted()
        n_rows = read_samples(several, task=task).n_rows
        assert sum(amount for amount, _ in task.told) == n_rows
        size = sum(file.stat().st_size for file in several)
        assert sum(of_total for _, of_total in task.told) == pytest.approx(size)
        assert all(of_total >= 0 for _, of_total in task.told)


def test_each_item_is_told_once_it_is_done():
    told = Told()
    for item in each("abc", told, "letters", unit="letters"):
        assert told.done == "abc".index(item)
    assert told.opened == ("letters", 3, "letters")
    assert told.done == 3


class Told:
    """A progress and its only task, counted."""

    def __init__(self):
        self.opened, self.done = None, 0

    @contextmanager
    def task(self, title, *, total=None, unit=""):
        self.opened = (title, total, unit)
        yield self

    def advance(self, amount=1):
        self.done += amount
