"""Make the built-in district: a synthetic world with a known truth, and score results against it."""

from pathlib import Path

from lomsong.demo.district import District, generate
from lomsong.demo.score import Score, score
from lomsong.demo.world import SEED, CarrierKnobs, World
from lomsong.demo.write import make

__all__ = [
    "SEED",
    "CarrierKnobs",
    "District",
    "Score",
    "World",
    "built_in",
    "generate",
    "make",
    "score",
]

_CHECKOUT_DATA = Path(__file__).resolve().parents[3] / "data"


def built_in(folder: Path | str) -> Path:
    """Return the folder of the built-in district.

    A source checkout holds it in `data/`. An installed package does not carry it: there it is made in `folder`,
    which takes some ten seconds, and comes out the same.
    """
    if (_CHECKOUT_DATA / "truth" / "truth_hamlets.csv").is_file():
        return _CHECKOUT_DATA
    return make(folder)
