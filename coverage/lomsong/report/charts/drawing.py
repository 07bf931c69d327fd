"""Draw with matplotlib so that the same data gives the same bytes, and text of the input stays text."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import matplotlib.style
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font

from lomsong.report import text
from lomsong.report.plain import REPLACEMENT, printable
from lomsong.report.text import Language
from lomsong.result import Result

FONT_FAMILY: Final = "DejaVu Sans"
"""Comes with matplotlib and has every letter of Vietnamese."""
FONT_FOLDER: Final = Path(mpl.get_data_path()) / "fonts" / "ttf"
LONGEST: Final = 90
"""Characters of one line of input text in a picture."""
_SETTINGS: Final[dict[Any, object]] = {
    "font.family": FONT_FAMILY,
    "font.size": 10.0,
    "svg.fonttype": "path",
    "svg.hashsalt": "lomsong",
    "text.parse_math": False,
    "text.usetex": False,
    "hatch.linewidth": 0.7,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in our own style, whatever the user's matplotlib is set to."""
    with matplotlib.style.context("default"), mpl.rc_context(_SETTINGS):
        yield


def title(figure: Figure, result: Result, said: str, language: Language) -> None:
    """Head a picture by what it shows, of which project, and whether its data is synthetic."""
    lines = [said, drawable(result.settings.project.name)]
    if result.settings.project.synthetic:
        lines.append(text.say("map.synthetic", language))
    figure.suptitle("\n".join(lines), fontsize=11, wrap=True)


def drawable(said: str) -> str:
    """Return a text as one line that the font can draw, cut with a mark where it is long."""
    line = " ".join(printable(said).split())
    letters = "".join(c if ord(c) in _letters() else REPLACEMENT for c in line)
    return letters if len(letters) <= LONGEST else f"{letters[: LONGEST - 1]}…"


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(FONT_FOLDER / "DejaVuSans.ttf").get_charmap())
