"""Move points between VN-2000 and WGS 84."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from lomsong.errors import Fault, InputError
from lomsong.sentences import Sentence
from lomsong.vietnam.zones import GEOGRAPHIC, zones

Floats = npt.NDArray[np.float64]

# EPSG:6960, VN-2000 to WGS 84 (2), the parameters for all of Vietnam, stated accuracy 1 m. Written out,
# because PROJ changes to EPSG:5194 for points in the Mekong delta, and a file across that border would tear.
_TO_WGS84 = (
    "+step +proj=push +v_3 +step +proj=cart +ellps=WGS84 "
    "+step +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 +rx=-0.00928836 "
    "+ry=0.01975479 +rz=-0.00427372 +s=0.252906278 +convention=coordinate_frame "
    "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 "
    "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


def to_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, *, epsg: int) -> tuple[Floats, Floats]:
    """Return longitude and latitude [degrees, WGS 84] of points of a VN-2000 CRS.

    Parameters
    ----------
    x, y
        Easting and northing [m]; longitude and latitude [degrees] for EPSG:4756. Vietnamese files call the
        northing X and the easting Y: mind the order.
    epsg
        Code of the VN-2000 CRS.

    References
    ----------
    EPSG dataset, coordinate transformation 6960.
    """
    lon, lat = _transformer(epsg).transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(lon, float), np.asarray(lat, float)


def to_vn2000(lon: npt.ArrayLike, lat: npt.ArrayLike, *, epsg: int) -> tuple[Floats, Floats]:
    """Return easting and northing [m] in a VN-2000 CRS of points in WGS 84 [degrees]; undoes `to_wgs84`."""
    transform = _transformer(epsg).transform
    wanted = np.asarray(lon, float), np.asarray(lat, float)
    x, y = transform(*wanted, direction="INVERSE")
    # Heights are not kept on the way, which leaves 1.5 mm; one step of correction leaves nothing.
    reached_lon, reached_lat = transform(x, y)
    x, y = transform(2 * wanted[0] - reached_lon, 2 * wanted[1] - reached_lat, direction="INVERSE")
    return np.asarray(x, float), np.asarray(y, float)


@lru_cache(maxsize=32)
def _transformer(epsg: int) -> Transformer:
    if epsg == GEOGRAPHIC:
        return Transformer.from_pipeline(
            f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad {_TO_WGS84}"
        )
    if epsg not in zones():
        raise InputError(
            [
                Fault(
                    problem="this is not the EPSG code of a VN-2000 CRS",
                    remedy=Sentence(
                        "Use one of {names}",
                        names=", ".join(map(str, (*sorted(zones()), GEOGRAPHIC))),
                    ),
                    value=epsg,
                )
            ]
        )
    zone = zones()[epsg]
    return Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0={zone.central_meridian} "
        f"+k={zone.scale_factor} +x_0={zone.false_easting} +y_0={zone.false_northing} +ellps=WGS84 {_TO_WGS84}"
    )
