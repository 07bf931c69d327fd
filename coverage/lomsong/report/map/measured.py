"""Pack the squares of what was measured, as many layers as the page can carry."""

from typing import Any, Final

import numpy as np
import pandas as pd

from lomsong.evidence.tally import CELLS_PER_DEGREE
from lomsong.report.map.pack import Pack
from lomsong.tables import ANY_CARRIER

MOST_SQUARES: Final = 40_000
"""Of all layers together: about 0.2 MB inside the page. The rest is in `measured_cells.parquet`."""
_FIRST: Final = ("4G", "5G", "3G", "2G")


def measured_layers(pack: Pack, cells: pd.DataFrame) -> dict[str, Any]:
    """Pack `tables.MEASURED_CELLS` carrier by carrier and technology by technology, and name the layers.

    A layer is taken as a whole or not at all, so that no map shows a part of what was measured as if it were all: 4G
    first, of any carrier first, then the carriers by the number of their squares, as long as they fit.
    """
    sizes = cells.groupby(["carrier", "technology"]).size().reset_index(name="n")
    named = [(str(carrier), str(technology), int(n)) for carrier, technology, n in sizes.to_numpy()]
    order = sorted(
        named, key=lambda own: (_FIRST.index(own[1]), own[0] != ANY_CARRIER, -own[2], own[0])
    )
    layers: list[dict[str, str]] = []
    left_out: list[dict[str, str]] = []
    room = MOST_SQUARES
    for carrier, technology, n in order:
        name = {"carrier": carrier, "technology": technology}
        if n > room:
            left_out.append(name)
            continue
        room -= n
        own = (cells["carrier"] == carrier) & (cells["technology"] == technology)
        _pack_layer(pack, f"cells.{len(layers)}", cells[own])
        layers.append(name)
    return {"per_degree": CELLS_PER_DEGREE, "layers": layers, "left_out": left_out}


def _pack_layer(pack: Pack, name: str, squares: pd.DataFrame) -> None:
    squares = squares.sort_values(["size", "row", "column"])
    pack.codes(f"{name}.size", squares["size"])
    for axis in ("column", "row"):
        pack.integers(f"{name}.{axis}", np.diff(squares[axis], prepend=0)[: len(squares)])
    pack.levels(f"{name}.rsrp_median_dbm", squares["rsrp_median_dbm"].to_numpy(float))
    pack.codes(f"{name}.silent", np.rint(squares["no_service_share"] * 10))
    pack.counts(f"{name}.at_least", squares["n_samples_at_least"])
