"""Place points, polygons and rasters upon each other, in metres."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lomsong.space.polygon_index import PolygonIndex

__all__ = ["PolygonIndex"]


def __getattr__(name: str) -> object:
    """Import the index when it is asked for: a CRS alone needs no compiler."""
    if name == "PolygonIndex":
        from lomsong.space.polygon_index import PolygonIndex  # noqa: PLC0415 -- see above

        return PolygonIndex
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
