"""Read known sites: cells exports, whose cells are gathered to masts, or carriers' own lists."""

from collections.abc import Mapping

from lomsong.ingest.reading.files import Paths
from lomsong.ingest.sites.cells import read_cells
from lomsong.ingest.sites.masts import find_masts, masts_of
from lomsong.space.crs import Extent
from lomsong.tables import Sites

__all__ = ["find_masts", "masts_of", "read_cells", "read_sites"]


def read_sites(
    path: Paths,
    *,
    columns: Mapping[str, str] | None = None,
    minimum_samples: int = 0,
    shared_within_m: float = 100.0,
    extent: Extent | None = None,
) -> Sites:
    """Read known sites: `read_cells`, then `find_masts`, whose parameters these are."""
    return find_masts(
        read_cells(path, columns=columns),
        extent=extent,
        minimum_samples=minimum_samples,
        shared_within_m=shared_within_m,
    )
