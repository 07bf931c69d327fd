"""Say what is wrong with an input: every fault at once, each with its place and its remedy.

- LomsongError
  - InputError: what the user gave cannot be used (exit 2)
  - DefectError: we broke a promise of our own (exit 1)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lomsong.sentences import Sentence

MAX_SHOWN_VALUE = 80
MAX_SHOWN_FAULTS = 50
MAX_SHOWN_ROWS = 3
"""Of rows that have the same fault in the same column, so many are told in full."""
MAX_SHOWN_NUMBERS = 20
"""Of the rows after them, so many numbers."""

Say = Callable[[str], str]
"""Says a sentence in a language; `str` leaves it in English."""


class LomsongError(Exception):
    """Anything this program raises on purpose."""


class DefectError(LomsongError):
    """A promise of our own is broken; the user can do nothing about it."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with one place of one input."""

    problem: str
    """A phrase, or a `Sentence` where figures stand in it, as the remedy is."""
    remedy: str
    file: Path | str | None = None
    row: int | None = None
    """Row as the user counts it: the first line of a text file is 1; features of a layer start at 1."""
    column: str | None = None
    value: object = None
    alike: int = 0
    """Further rows with the same fault, whose place was not kept."""

    def __str__(self) -> str:
        return self.told(str)

    def told(self, say: Say) -> str:
        """Return the fault on one line."""
        return _line(
            [*_file(self), *_row(self, say), *_column(self, say), *_value(self, say)], self, say
        )


class InputError(LomsongError):
    """The input cannot be used; carries every fault that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return self.told(str)

    def told(self, say: Say) -> str:
        """Return all faults; rows that have the same fault in the same column are told together."""
        count = sum(1 + fault.alike for fault in self.faults)
        head = (
            Sentence("1 fault in the input:")
            if count == 1
            else Sentence("{n:,} faults in the input:", n=count)
        )
        groups = _alike(self.faults)
        lines = [_bundle(group, say) for group in groups[:MAX_SHOWN_FAULTS]]
        hidden = sum(1 + fault.alike for group in groups[MAX_SHOWN_FAULTS:] for fault in group)
        if hidden:
            lines.append(say(Sentence("and {n:,} more faults", n=hidden)))
        return "\n".join([say(head), *(f"- {line}" for line in lines)])


class Faults:
    """Collect faults, then raise them together."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def __len__(self) -> int:
        return len(self._faults)

    def add(
        self,
        problem: str,
        remedy: str,
        *,
        file: Path | str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
    ) -> None:
        """Note one fault; `problem` and `remedy` are phrases without the closing full stop of the former."""
        self._faults.append(
            Fault(problem=problem, remedy=remedy, file=file, row=row, column=column, value=value)
        )

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take over the faults that another place found."""
        self._faults.extend(faults)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Take over the faults of an `InputError` raised inside, so that the next input is still looked at."""
        try:
            yield
        except InputError as broken:
            self.extend(broken.faults)

    def raise_if_any(self) -> None:
        """Raise one `InputError` with all faults, if there are any."""
        if self._faults:
            raise InputError(self._faults)


def _alike(faults: Sequence[Fault]) -> list[list[Fault]]:
    """Put rows with the same fault in the same column together, where the first of them stood."""
    groups: dict[object, list[Fault]] = {}
    for position, fault in enumerate(faults):
        same = (str(fault.file), fault.column, fault.problem, fault.remedy)
        groups.setdefault(position if fault.row is None else same, []).append(fault)
    return list(groups.values())


def _bundle(group: Sequence[Fault], say: Say) -> str:
    """Return rows with the same fault: few of them a line each, of many the first and how many more."""
    first = group[0]
    count = sum(1 + fault.alike for fault in group)
    if count <= MAX_SHOWN_ROWS:
        return "\n- ".join(fault.told(say) for fault in group)
    parts = [*_file(first), *_column(first, say), say(Sentence("{n:,} rows", n=count))]
    shown = [", ".join((*_row(f, say), *_value(f, say))) for f in group[:MAX_SHOWN_ROWS]]
    others = [str(fault.row) for fault in group[MAX_SHOWN_ROWS:]]
    numbers = ", ".join(others[:MAX_SHOWN_NUMBERS])
    if count > MAX_SHOWN_ROWS + MAX_SHOWN_NUMBERS:
        numbers += ", …"
    rest = Sentence("and {n:,} more rows: {rows}", n=count - MAX_SHOWN_ROWS, rows=numbers)
    return "\n    ".join([_line(parts, first, say), *shown, say(rest)])


def _file(fault: Fault) -> list[str]:
    return [_printable(str(fault.file))] if fault.file else []


def _row(fault: Fault, say: Say) -> list[str]:
    return [] if fault.row is None else [say(Sentence("row {row}", row=str(fault.row)))]


def _column(fault: Fault, say: Say) -> list[str]:
    named = Sentence("column {column}", column=_shown(fault.column))
    return [] if fault.column is None else [say(named)]


def _value(fault: Fault, say: Say) -> list[str]:
    found = Sentence("value {value}", value=_shown(fault.value))
    return [] if fault.value is None else [say(found)]


def _line(parts: Sequence[str], fault: Fault, say: Say) -> str:
    told = f"{say(fault.problem)}. {say(fault.remedy)}"
    return f"{', '.join(parts)}: {told}" if parts else told


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    cut = (
        text
        if len(text) <= MAX_SHOWN_VALUE
        else f"{text[:MAX_SHOWN_VALUE]}… ({len(text)} characters)"
    )
    return f'"{_printable(cut)}"' if isinstance(value, str) else _printable(cut)


def _printable(text: str) -> str:
    """Escape control characters, so that an input cannot steer the terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
