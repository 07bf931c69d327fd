"""Offer every job as a command; exit 0 when done, 1 on a defect of ours, 2 on bad input or usage.

Each command imports what it works with, so that help and faults of a project file come at once.
"""

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
    app()
