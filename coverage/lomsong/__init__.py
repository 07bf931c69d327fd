"""Find hamlets without usable 4G, say how it is known, and plan where new sites serve most people."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lomsong.pipeline import run
    from lomsong.result import Result as Run

__all__ = ["Run", "run"]


def __getattr__(name: str) -> object:
    """Import the pipeline when it is asked for, so that one room of the package opens without all others."""
    if name == "run":
        from lomsong.pipeline import run  # noqa: PLC0415 -- see above

        return run
    if name == "Run":
        from lomsong.result import Result  # noqa: PLC0415 -- see above

        return Result
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
