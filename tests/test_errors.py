import pytest

from lomsong.errors import Fault, Faults, InputError


def test_all_faults_are_told_at_once_with_place_and_remedy():
    faults = Faults()
    faults.add("no number", "Write digits", file="a.csv", row=3, column="so_ho", value="nhiều")
    faults.add("missing", "Add it", file="b.csv")
    with pytest.raises(InputError) as raised:
        faults.raise_if_any()
    told = str(raised.value)
    assert 'a.csv, row 3, column "so_ho", value "nhiều": no number. Write digits' in told
    assert "b.csv: missing. Add it" in told


def test_no_fault_raises_nothing():
    Faults().raise_if_any()


def test_gathering_goes_on_after_a_broken_input():
    faults = Faults()
    with faults.gathering():
        raise InputError([Fault(problem="first", remedy="")])
    with faults.gathering():
        raise InputError([Fault(problem="second", remedy="")])
    assert [f.problem for f in faults] == ["first", "second"]


def test_an_input_cannot_steer_the_terminal_or_flood_it():
    told = str(Fault(problem="p", remedy="r", value="\x1b[2J" + "a" * 10_000))
    assert "\x1b" not in told
    assert len(told) < 300


def test_many_faults_are_cut_and_counted():
    told = str(InputError([Fault(problem="p", remedy="r")] * 1000))
    assert "1,000 faults" in told
    assert "950 more" in told
