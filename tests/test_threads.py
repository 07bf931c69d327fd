"""Laws of work done side by side."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong import threads


@given(st.lists(st.integers()), st.integers(1, 5))
def test_what_pieces_give_comes_in_their_order(pieces: list[int], cores: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "cores", lambda: cores)
        assert list(threads.in_order(lambda piece: piece * 2, pieces)) == [p * 2 for p in pieces]


def test_pieces_that_nobody_waits_for_are_not_begun_far_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    begun: list[int] = []
    made = threads.in_order(lambda piece: begun.append(piece) or piece, range(100))
    assert next(made) == 0
    assert next(made) == 1
    made.close()
    assert max(begun) <= 1 + threads.AHEAD * 2


def test_a_fault_reaches_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)

    def work(piece: int) -> int:
        if piece == 3:
            raise ValueError(threading.current_thread().name)
        return piece

    made = threads.in_order(work, range(10))
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="Thread"):
        next(made)
