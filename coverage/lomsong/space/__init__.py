"""Place points, polygons and rasters upon each other, in metres."""
