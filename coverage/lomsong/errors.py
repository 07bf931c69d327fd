"""Say what is wrong with an input: every fault at once, each with its place and its remedy.

- LomsongError
  - InputError: what the user gave cannot be used (exit 2)
  - DefectError: we broke a promise of our own (exit 1)
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MAX_SHOWN_VALUE = 80
MAX_SHOWN_FAULTS = 50


class LomsongError(Exception):
    """Anything this program raises on purpose."""


class DefectError(LomsongError):
    """A promise of our own is broken; the user can do nothing about it."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with one place of one input."""

    problem: str
    remedy: str
    file: Path | str | None = None
    row: int | None = None
    """Row as the user counts it: the first line of a text file is 1; features of a layer start at 1."""
    column: str | None = None
    value: object = None

    def __str__(self) -> str:
        places = [
            f"{label} {_shown(part)}"
            for label, part in (("row", self.row), ("column", self.column), ("value", self.value))
            if part is not None
        ]
        where = ", ".join([_printable(str(self.file)), *places] if self.file else places)
        return (
            f"{where}: {self.problem}. {self.remedy}" if where else f"{self.problem}. {self.remedy}"
        )


class InputError(LomsongError):
    """The input cannot be used; carries every fault that was found."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        shown = [f"- {fault}" for fault in self.faults[:MAX_SHOWN_FAULTS]]
        hidden = len(self.faults) - len(shown)
        if hidden:
            shown.append(f"- and {hidden} more of the same kind")
        count = len(self.faults)
        return "\n".join([f"{count} fault{'s' if count != 1 else ''} in the input:", *shown])


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
