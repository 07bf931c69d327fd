"""Make the built-in district anew: `python -m lomsong.demo FOLDER [SEED]`."""

import sys
from pathlib import Path

from lomsong.demo.write import make


def main(arguments: list[str]) -> int:
    """Make a district in the folder named first, from the seed named second."""
    match arguments:
        case [folder] if not folder.startswith("-"):
            make(Path(folder))
        case [folder, seed] if not folder.startswith("-") and seed.isdecimal():
            make(Path(folder), seed=int(seed))
        case _:
            sys.stderr.write("usage: python -m lomsong.demo FOLDER [SEED]\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
