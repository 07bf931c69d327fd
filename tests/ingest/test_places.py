"""Layers for siting are read whole, and their faults told like those of all other inputs."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from lomsong.errors import InputError
from lomsong.ingest.places import read_forbidden, read_given_places, read_interest, read_roads


def layer(path: Path, *shapes: shapely.Geometry, **columns: list[str | None]) -> Path:
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4326).to_file(path)
    return path


def test_places_come_with_and_without_names_each_once(tmp_path: Path):
    table = tmp_path / "a.csv"
    table.write_text("Tên,Kinh độ,Vĩ độ\nĐồi 1,105.7,22.6\n,105.8,22.7\n", encoding="utf-8")
    drawn = layer(tmp_path / "b.gpkg", shapely.Point(105.7, 22.6), shapely.Point(105.9, 22.5))
    found = read_given_places([table, drawn])
    assert found.geometry.x.tolist() == [105.8, 105.7, 105.9]
    assert found["name"].fillna("-").tolist() == ["-", "Đồi 1", "-"]


def test_a_layer_of_another_kind_is_a_fault_for_each_row(tmp_path: Path):
    point, area = shapely.Point(105.7, 22.6), shapely.box(105.6, 22.5, 105.7, 22.6)
    line = shapely.LineString([(105.6, 22.5), (105.7, 22.6)])
    mixed = layer(tmp_path / "mixed.gpkg", point, line, area)
    for read, faults in (
        (read_given_places, 2),
        (read_forbidden, 2),
        (read_roads, 2),
        (read_interest, 1),
    ):
        with pytest.raises(InputError) as caught:
            read(mixed)
        assert len(caught.value.faults) == faults


def test_an_outline_that_crosses_itself_still_forbids(tmp_path: Path):
    bow = shapely.Polygon([(105.6, 22.5), (105.8, 22.7), (105.8, 22.5), (105.6, 22.7)])
    (area,) = read_forbidden(layer(tmp_path / "bow.gpkg", bow)).geometry
    assert area.is_valid
    assert area.contains(shapely.Point(105.62, 22.6))


def test_a_schools_ground_stands_for_a_point_in_it(tmp_path: Path):
    ground = shapely.box(105.6, 22.5, 105.7, 22.6)
    found = read_interest(layer(tmp_path / "s.gpkg", ground, shapely.Point(105.9, 22.6)))
    assert (found.geometry.geom_type == "Point").all()
    assert ground.contains(found.geometry.iloc[0])


def test_missing_files_are_told_together(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        read_roads([tmp_path / "a.gpkg", tmp_path / "b.gpkg"])
    assert len(caught.value.faults) == 2
