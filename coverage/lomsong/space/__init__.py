"""Place points, polygons and rasters upon each other, in metres."""

from lomsong.space.polygon_index import PolygonIndex

__all__ = ["PolygonIndex"]
