"""Offer every job as a command; exit 0 when done, 1 on a defect of ours, 2 on bad input or usage.

Each command imports what it works with, so that help and faults of a project file come at once.
"""

import os
import sys
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import typer

from lomsong.cli.against import compare, reconcile
from lomsong.cli.finished import explain, list_, map_, survey
from lomsong.cli.plans import plan
from lomsong.cli.runs import check, demo, init, run, samples

COMMANDS: Final = MappingProxyType[str, Callable[..., None]](
    {
        "demo": demo,
        "init": init,
        "check": check,
        "run": run,
        "samples": samples,
        "list": list_,
        "plan": plan,
        "survey": survey,
        "map": map_,
        "explain": explain,
        "reconcile": reconcile,
        "compare": compare,
    }
)
"""In the order in which help shows them."""

app = typer.Typer(
    help="Find hamlets without usable 4G, say how it is known, and plan where new sites serve most people.",
    no_args_is_help=True,
    add_completion=False,
    # The default markup would eat "[dBm]" and its like.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


def main() -> None:
    """Run the command line."""
    _keep_stdout()
    app()


def _keep_stdout() -> None:
    """Keep stdout for our own words: what compiled libraries print by themselves (HiGHS does) goes to stderr."""
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        return
    sys.stdout.flush()
    ours = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = os.fdopen(
        ours,
        "w",
        buffering=1 if sys.stdout.isatty() else -1,
        encoding=sys.stdout.encoding,
        errors=sys.stdout.errors,
    )
