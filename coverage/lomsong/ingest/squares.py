"""Make squares to judge where samples are and no boundaries: roads, fields, forest."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd

from lomsong.errors import Fault, InputError
from lomsong.space.areas import square_grid
from lomsong.tables import HAMLETS, Hamlets, Samples, checked


def squares_around(
    batches: Iterable[Samples], *, side_m: float, beside: Hamlets | None = None
) -> Hamlets:
    """Return squares of `side_m` [m] that hold samples, marked `area`; after the hamlets of `beside`, if there are any.

    Nobody lives in a square, and where it overlaps a hamlet, the hamlet's samples stay the hamlet's.
    """
    seen = [batch.table[["lon", "lat"]].drop_duplicates().to_numpy() for batch in batches]
    points = np.unique(np.concatenate([np.empty((0, 2)), *seen]), axis=0)
    if not len(points):
        fault = Fault(
            problem="there is no sample to make squares around",
            remedy="Give [[signal]] files with samples, or [hamlets]",
            column="areas",
        )
        raise InputError([fault])
    grid = square_grid(points, side_m=side_m)
    table = gpd.GeoDataFrame(
        {
            "hamlet_id": grid["area_id"].astype(str),
            "name": grid["area_id"].astype(str),
            "commune_code": pd.Series(pd.NA, index=grid.index, dtype="str"),
            "commune_name": pd.Series(pd.NA, index=grid.index, dtype="str"),
            "households": pd.Series(pd.NA, index=grid.index, dtype="Int64"),
            "people_listed": pd.Series(pd.NA, index=grid.index, dtype="Int64"),
            "extremely_difficult": pd.Series(pd.NA, index=grid.index, dtype="boolean"),
            "kind": "area",
            "geometry_source": "grid",
            "centre_lon": np.nan,
            "centre_lat": np.nan,
        },
        geometry=grid.geometry,
        crs=grid.crs,
    ).astype({"kind": str, "geometry_source": str})
    if beside is None:
        return Hamlets(table=_sorted(table))
    both = gpd.GeoDataFrame(pd.concat([beside.table, table], ignore_index=True), crs=table.crs)
    return Hamlets(
        table=_sorted(both), repairs=beside.repairs, communes=beside.communes, notes=beside.notes
    )


def _sorted(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return checked(table.sort_values("hamlet_id", ignore_index=True), HAMLETS)
