"""Find where a hamlet of a list lies, and which known sites stand nearest to it."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

from lomsong.space.crs import Floats
from lomsong.vietnam.carriers import carriers_of

DEGREE_DIGITS: Final = 7
METRE_DIGITS: Final = 2
_GEOD: Final = Geod(ellps="WGS84")
_TO_SPACE: Final = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def representative_points(hamlets: gpd.GeoDataFrame, clusters: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return `lon`, `lat` [degrees] and `point` per hamlet, on the hamlets' index.

    The cluster that stands for the centre comes first (`centre`), then the most populous one (`cluster`), then a
    point inside the area (`area`).
    """
    order = pd.DataFrame(
        {
            "hamlet_id": clusters["hamlet_id"],
            "cluster_id": clusters["cluster_id"],
            "is_centre": clusters["is_centre"],
            "people": clusters["people"],
            "row": np.arange(len(clusters)),
        }
    )
    order = order.sort_values(
        ["is_centre", "people", "cluster_id"], ascending=[False, False, True], na_position="last"
    )
    best = order.drop_duplicates("hamlet_id").set_index("hamlet_id")
    chosen = best.reindex(hamlets["hamlet_id"])
    inside = shapely.point_on_surface(hamlets.geometry.to_numpy())
    found = chosen["row"].notna().to_numpy()
    rows = chosen["row"].dropna().astype("int64").to_numpy()
    points = inside.copy()
    points[found] = shapely.point_on_surface(clusters.geometry.to_numpy()[rows])
    is_centre = np.zeros(len(hamlets), bool)
    is_centre[found] = chosen["is_centre"].to_numpy()[found].astype(bool)
    kind = np.where(is_centre, "centre", np.where(found, "cluster", "area"))
    return pd.DataFrame(
        {
            "lon": np.round(shapely.get_x(points), DEGREE_DIGITS),
            "lat": np.round(shapely.get_y(points), DEGREE_DIGITS),
            "point": pd.array(kind, dtype="str"),
        },
        index=hamlets.index,
    )


def masts(sites: pd.DataFrame) -> pd.DataFrame:
    """Return known sites, one row per carrier and place: `site_id`, `carrier`, `lon`, `lat`, `position`."""
    named = sites.assign(carrier=carriers_of(sites["plmn"])).dropna(subset=["carrier"])
    named = named.sort_values(["site_id", "carrier", "technology", "lon", "lat", "position"])
    named = named.drop_duplicates(["carrier", "lon", "lat"])
    return named[["site_id", "carrier", "lon", "lat", "position"]].reset_index(drop=True)


def nearest(points: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the nearest of the known masts per point, on the points' index.

    Columns `site_id`, `carrier`, `position` and `distance_m`, a geodesic on WGS 84 [m]; missing where no mast
    is known.
    """
    if known.empty or points.empty:
        return pd.DataFrame(
            {
                "site_id": pd.array([None] * len(points), dtype="str"),
                "carrier": pd.array([None] * len(points), dtype="str"),
                "position": pd.array([None] * len(points), dtype="str"),
                "distance_m": np.full(len(points), np.nan),
            },
            index=points.index,
        )
    tree = cKDTree(_geocentric(known))
    _, place = tree.query(_geocentric(points))
    found = known.iloc[place]
    _, _, distance_m = _GEOD.inv(
        points["lon"].to_numpy(),
        points["lat"].to_numpy(),
        found["lon"].to_numpy(),
        found["lat"].to_numpy(),
    )
    table: pd.DataFrame = found[["site_id", "carrier", "position"]].set_axis(points.index)
    table["distance_m"] = np.round(distance_m, METRE_DIGITS)
    return table


def _geocentric(places: pd.DataFrame) -> Floats:
    """Return positions in space [m], where the nearest is nearest on the ground too, across any meridian."""
    lon, lat = places["lon"].to_numpy(float), places["lat"].to_numpy(float)
    return np.column_stack(_TO_SPACE.transform(lon, lat, np.zeros(len(places))))
