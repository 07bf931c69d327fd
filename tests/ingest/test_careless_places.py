"""Places, rasters and sites as careless hands leave them are read, or refused in plain words and all together."""

import io
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from lomsong.errors import InputError
from lomsong.ingest import read_hamlets, read_people, read_sites, read_terrain
from lomsong.ingest.sites import read_cells
from lomsong.space.crs import Extent, local_metric_crs

REGION = Extent(105.70, 22.60, 105.76, 22.64)
CELLS = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"
)


def told_by(read, *args: object, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(*args, **options)
    return [str(fault) for fault in caught.value.faults]


def raster(file: Path, values: np.ndarray, **profile: object) -> Path:
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        height=values.shape[-2],
        width=values.shape[-1],
        count=values.shape[0] if values.ndim > 2 else 1,
        dtype=values.dtype.name,
        crs="EPSG:4326",
        transform=from_origin(105.69, 22.65, 0.001, 0.001),
        **profile,
    ) as target:
        target.write(values if values.ndim > 2 else values[None])
    return file


def heights_of(*files: Path):
    return read_terrain(files, extent=REGION, crs=local_metric_crs(REGION))


def polygon(*corners: object) -> str:
    geometry = {"type": "Polygon", "coordinates": [list(corners)]}
    feature = {"type": "Feature", "properties": {"name": "Nà Lầu"}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def test_a_corner_that_is_no_number_is_told(tmp_path: Path):
    file = tmp_path / "a.geojson"
    file.write_text(polygon([105, 22], [float("nan"), 22], [105.1, 22.1], [105, 22]))
    (fault,) = told_by(read_hamlets, file)
    assert "row 1" in fault
    assert "a coordinate is not a number" in fault


def test_a_list_in_a_cell_is_told_in_plain_words(tmp_path: Path):
    file = tmp_path / "a.geojson"
    text = polygon([105, 22], [105.1, 22], [105.1, 22.1], [105, 22])
    file.write_text(text.replace('"name": ', '"so_ho": [1, 2], "name": '))
    (fault,) = told_by(read_hamlets, file)
    assert 'column "so_ho"' in fault
    assert "truth value" not in fault


def test_kml_in_utf_16_reads_as_in_utf_8(tmp_path: Path):
    text = (
        '<?xml version="1.0" encoding="{0}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
        "<name>Nà Lầu</name><Polygon><outerBoundaryIs><LinearRing><coordinates>105.7,22.6 105.72,22.6 "
        "105.72,22.62 105.7,22.6</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
    )
    for encoding in ("UTF-8", "UTF-16"):
        (tmp_path / encoding).write_bytes(text.format(encoding).encode(encoding))
    one, other = (read_hamlets(tmp_path / name).table for name in ("UTF-8", "UTF-16"))
    assert one["name"].tolist() == other["name"].tolist() == ["Nà Lầu"]
    assert one.geometry.iloc[0].equals(other.geometry.iloc[0])


def test_faults_of_places_and_of_cells_come_together(tmp_path: Path):
    communes = gpd.GeoDataFrame(
        {"ten_xa": ["Xã Mẫu"]}, geometry=[shapely.box(105.6, 22.5, 105.9, 22.7)], crs=4326
    )
    communes.to_file(tmp_path / "communes.gpkg", engine="pyogrio")
    points = tmp_path / "points.csv"
    points.write_text("Tên thôn,Kinh độ,Vĩ độ,Số hộ\nA,east,22.6,5\nB,105.7,22.6,-3\n")
    place, count = told_by(read_hamlets, points, communes=tmp_path / "communes.gpkg")
    assert 'row 2, column "Kinh độ", value "east"' in place
    assert 'row 3, column "Số hộ"' in count

    swapped = gpd.GeoDataFrame(
        {"ten": ["A"], "so_ho": ["many"]},
        geometry=[shapely.box(22.6, 105.7, 22.7, 105.8)],
        crs=4326,
    )
    swapped.to_file(tmp_path / "swapped.gpkg", engine="pyogrio")
    place, count = told_by(read_hamlets, tmp_path / "swapped.gpkg")
    assert "longitude and latitude look swapped" in place
    assert 'value "many"' in count


def test_a_list_of_sites_tells_all_its_faults(tmp_path: Path):
    file = tmp_path / "sites.csv"
    file.write_text("id,lon,lat,azimuth\n1,x,22.6,10\n2,105.7,22.6,400\n")
    told = told_by(read_sites, file, columns={"plmn": "452-04", "technology": "4G"})
    assert len(told) == 2
    assert 'value "x"' in told[0]
    assert "is no azimuth" in told[1]


def test_counts_of_observations_that_are_none_are_unknown(tmp_path: Path):
    counts = ["5", "2.5", "", "-1", "1e30", "inf", "2147483647"]
    lines = [f"LTE,452,4,1,{n},,105.7,22.6,9,{count},1,0,0,0" for n, count in enumerate(counts)]
    (tmp_path / "cells.csv").write_text("\n".join([CELLS, *lines]) + "\n")
    table = read_cells(tmp_path / "cells.csv").table
    assert table["n_samples"].fillna(-1).tolist() == [5, 2, -1, -1, -1, -1, -1]


def test_terrain_that_ends_too_early_is_told_for_every_tile(tmp_path: Path):
    whole = raster(tmp_path / "whole.tif", np.full((80, 90), 500, "int16"))
    cut = [tmp_path / "a.tif", tmp_path / "b.tif"]
    for file in cut:
        file.write_bytes(whole.read_bytes()[:-9000])
    told = told_by(heights_of, *cut, whole)
    assert len(told) == 2
    assert all("damaged or cut off in the middle" in fault for fault in told)
    (fault,) = told_by(read_people, cut[0], unit="people_per_pixel", extent=REGION)
    assert "damaged or cut off in the middle" in fault


def test_a_picture_is_neither_heights_nor_people(tmp_path: Path):
    colours = np.full((3, 80, 90), 200, "uint8")
    pictures = [
        raster(tmp_path / "rgb.tif", colours, photometric="RGB"),
        raster(tmp_path / "map.tif", colours[0], photometric="palette"),
    ]
    for picture in pictures:
        (fault,) = told_by(heights_of, picture)
        assert "is a picture" in fault
        (fault,) = told_by(read_people, picture, unit="people_per_pixel", extent=REGION)
        assert "is a picture" in fault


def test_a_nodata_value_that_nobody_declared_is_not_counted_as_people(tmp_path: Path):
    people = np.ones((80, 90), "float32")
    people[40, 40] = 3.4e38
    (fault,) = told_by(
        read_people, raster(tmp_path / "a.tif", people), unit="people_per_pixel", extent=REGION
    )
    assert "nodata" in fault


def test_what_a_mac_leaves_in_an_archive_of_tiles_is_passed_over(tmp_path: Path):
    heights = np.full((1201, 1201), 400, ">i2").tobytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tiles/N22E105.hgt", heights)
        archive.writestr("__MACOSX/tiles/._N22E105.hgt", b"litter")
    (tmp_path / "tiles.zip").write_bytes(packed.getvalue())
    assert np.unique(heights_of(tmp_path / "tiles.zip").values).tolist() == [400]


def test_no_tile_at_all_is_told():
    (fault,) = told_by(heights_of)
    assert "no file is given" in fault


def test_a_shapefile_that_a_mac_packed_is_one_file(tmp_path: Path):
    table = gpd.GeoDataFrame(
        {"ma_thon": ["-"], "ten": ["A"]}, geometry=[shapely.box(105.7, 22.6, 105.8, 22.7)], crs=4326
    )
    table.to_file(tmp_path / "a.shp", engine="pyogrio")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in sorted(tmp_path.glob("a.*")):
            if part.suffix != ".zip":
                archive.write(part, f"thư mục/{part.name}")
        archive.writestr("__MACOSX/thư mục/._a.shp", b"litter")
    (hamlet,) = read_hamlets(tmp_path / "a.zip").table.itertuples()
    assert hamlet.name == "A"
    assert hamlet.hamlet_id.startswith("x-a-")  # a dash is no id


def test_hamlets_on_several_sheets_are_not_lost(tmp_path: Path):
    gpd.GeoDataFrame(
        {"ten_xa": ["Xã Mẫu"]}, geometry=[shapely.box(105.6, 22.5, 105.9, 22.7)], crs=4326
    ).to_file(tmp_path / "communes.gpkg", engine="pyogrio")
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        for name in ("Xã A", "Xã B"):
            sheet = pd.DataFrame({"Tên thôn": [name[-1]], "Kinh độ": [105.7], "Vĩ độ": [22.6]})
            sheet.to_excel(book, sheet_name=name, index=False)
        pd.DataFrame(columns=["Tên thôn", "Kinh độ", "Vĩ độ"]).to_excel(book, sheet_name="Trống")
    communes = tmp_path / "communes.gpkg"
    (fault,) = told_by(read_hamlets, tmp_path / "a.xlsx", communes=communes)
    assert "several sheets hold such a table: Xã A, Xã B" in fault
    chosen = read_hamlets(tmp_path / "a.xlsx", communes=communes, layer="Xã B")
    assert chosen.table["name"].tolist() == ["B"]
