"""Load the tables of facts that ship with the package."""

import csv
import gzip
import io
from importlib.resources import files


def load(name: str) -> list[dict[str, str]]:
    """Read one shipped table, all of it text; codes keep their zeros and an empty cell is empty text."""
    packed = files("lomsong.vietnam").joinpath("data", name).read_bytes()
    text = gzip.decompress(packed) if name.endswith(".gz") else packed
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"), newline="")))
