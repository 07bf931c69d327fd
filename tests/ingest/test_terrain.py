"""A void is never a height, and heights stand where they stood."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from lomsong.errors import InputError
from lomsong.ingest.terrain import read_terrain
from lomsong.space.crs import WGS84, Extent, local_metric_crs, to_crs
from lomsong.space.raster import Raster

HERE = Extent(105.2, 22.2, 105.3, 22.3)
METRIC = local_metric_crs(HERE)


def write_tif(path: Path, heights, *, west, north, step, crs="EPSG:4326", nodata=None):
    values = np.asarray(heights)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=Affine(step, 0, west, 0, -step, north),
        nodata=nodata,
    ) as out:
        out.write(values, 1)
    return path


def tilted(shape=(300, 300), *, west=105.1, north=22.4, step=0.001):
    """Heights that rise with longitude and latitude, so that bilinear reading is exact."""
    lon = west + (np.arange(shape[1]) + 0.5) * step
    lat = north - (np.arange(shape[0]) + 0.5) * step
    return plane(lon[None, :], lat[:, None]).astype(np.float32)


def plane(lon, lat):
    return 500 + 1000 * (lon - 105.0) + 2000 * (lat - 22.0)


def centres(raster: Raster):
    rows, columns = raster.values.shape
    x = raster.transform.c + (np.arange(columns) + 0.5) * raster.transform.a
    y = raster.transform.f + (np.arange(rows) + 0.5) * raster.transform.e
    grid = np.meshgrid(x, y)
    return to_crs(*grid, source=raster.crs, target=WGS84)


def test_a_plane_stays_a_plane(tmp_path):
    path = write_tif(tmp_path / "a.tif", tilted(), west=105.1, north=22.4, step=0.001)
    terrain = read_terrain(path, extent=HERE, crs=METRIC)
    expected = plane(*centres(terrain))
    assert np.abs(terrain.values - expected).max() < 0.001
    assert terrain.void_cells == 0
    assert terrain.cell[0] == pytest.approx(111.2, abs=0.1)


@pytest.mark.parametrize("void", [-32768, -32767, 32767, -9999])
@pytest.mark.parametrize("declared", [True, False])
def test_a_void_keeps_its_shape_and_touches_no_height(tmp_path, void, declared):
    heights = np.full((300, 300), 700, np.int16)
    heights[140:160, 150:170] = void
    path = write_tif(
        tmp_path / "v.tif",
        heights,
        west=105.1,
        north=22.4,
        step=0.001,
        nodata=void if declared else None,
    )
    terrain = read_terrain(path, extent=HERE, crs=METRIC)
    lon, lat = centres(terrain)
    inside = (lon > 105.25) & (lon < 105.27) & (lat > 22.24) & (lat < 22.26)
    known = ~np.isnan(terrain.values)
    assert terrain.void_cells == (~known).sum() == inside.sum()
    assert (terrain.values[known] == 700).all()
    assert (known == ~inside).all()


def test_voids_are_filled_from_the_second_source_and_counted(tmp_path):
    heights = tilted()
    heights[140:160, 150:170] = np.nan
    first = write_tif(tmp_path / "v.tif", heights, west=105.1, north=22.4, step=0.001)
    second = write_tif(
        tmp_path / "f.tif", np.full((30, 30), 42, np.int16), west=105.1, north=22.4, step=0.01
    )
    bare = read_terrain(first, extent=HERE, crs=METRIC)
    filled = read_terrain(first, extent=HERE, crs=METRIC, fill=second)
    void = np.isnan(bare.values)
    assert filled.void_cells == 0
    assert filled.filled_cells == bare.void_cells == void.sum() > 0
    assert (filled.values[void] == 42).all()
    assert (filled.values[~void] == bare.values[~void]).all()


def test_the_finest_tile_wins_whatever_the_order(tmp_path):
    fine = write_tif(
        tmp_path / "z.tif", np.full((50, 50), 9, np.int16), west=105.22, north=22.28, step=0.001
    )
    coarse = write_tif(
        tmp_path / "a.tif", np.full((30, 30), 5, np.int16), west=105.1, north=22.4, step=0.01
    )
    one = read_terrain([fine, coarse], extent=HERE, crs=METRIC)
    other = read_terrain([coarse, fine], extent=HERE, crs=METRIC)
    assert np.array_equal(one.values, other.values)
    assert set(np.unique(one.values)) == {5, 9}
    assert one.cell[0] == pytest.approx(111.2, abs=0.1)


@settings(max_examples=15)
@given(st.integers(1, 99))
def test_cutting_tiles_in_two_changes_no_height(tmp_path_factory, cut):
    folder = tmp_path_factory.mktemp("cut")
    heights = tilted((100, 100), west=105.2, north=22.3)
    whole = write_tif(folder / "w.tif", heights, west=105.2, north=22.3, step=0.001)
    left = write_tif(folder / "l.tif", heights[:, :cut], west=105.2, north=22.3, step=0.001)
    right = write_tif(
        folder / "r.tif", heights[:, cut:], west=105.2 + cut * 0.001, north=22.3, step=0.001
    )
    inner = Extent(105.205, 22.205, 105.295, 22.295)
    a = read_terrain(whole, extent=inner, crs=METRIC)
    b = read_terrain([left, right], extent=inner, crs=METRIC)
    # At the cut each tile knows only its own side: half a pixel of slope at most.
    assert not np.isnan(b.values).any()
    assert np.abs(a.values - b.values).max() < 0.6


def test_cutting_the_region_changes_no_bit(tmp_path):
    path = write_tif(tmp_path / "a.tif", tilted(), west=105.1, north=22.4, step=0.001)
    whole = read_terrain(path, extent=HERE, crs=METRIC, cell_m=37)
    part = read_terrain(
        path, extent=Extent(105.2371, 22.2313, 105.2694, 22.2787), crs=METRIC, cell_m=37
    )
    row = round((whole.transform.f - part.transform.f) / 37)
    column = round((part.transform.c - whole.transform.c) / 37)
    rows, columns = part.values.shape
    assert np.array_equal(part.values, whole.values[row : row + rows, column : column + columns])


def test_beyond_the_data_nothing_is_known(tmp_path):
    path = write_tif(tmp_path / "a.tif", tilted(), west=105.1, north=22.4, step=0.001)
    wide = Extent(105.0, 22.2, 105.3, 22.3)
    terrain = read_terrain(path, extent=wide, crs=METRIC)
    lon, _ = centres(terrain)
    assert np.isnan(terrain.values[lon < 105.1]).all()
    assert not np.isnan(terrain.values[lon > 105.1001]).any()


def test_terrain_elsewhere_is_told_with_both_extents(tmp_path):
    path = write_tif(tmp_path / "a.tif", tilted(), west=5.1, north=22.4, step=0.001)
    with pytest.raises(InputError) as caught:
        read_terrain(path, extent=HERE, crs=METRIC)
    assert "5.1000 to 5.4000" in str(caught.value)
    assert "105.2000 to 105.3000" in str(caught.value)


def hgt(side=1201):
    rows, columns = np.mgrid[0:side, 0:side]
    return (100 + rows // 10 + columns // 5).astype(">i2")


def test_hgt_plain_gz_and_zip_are_one(tmp_path):
    content = hgt()
    content[600, 600] = -32768
    plain = tmp_path / "N22E105.hgt"
    plain.write_bytes(content.tobytes())
    packed = tmp_path / "N22E105.hgt.gz"
    packed.write_bytes(gzip.compress(content.tobytes()))
    archive = tmp_path / "any name.bin"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("readme.txt", "no tile")
        out.writestr("dem/n22e105.hgt", content.tobytes())
    read = [read_terrain(p, extent=HERE, crs=METRIC) for p in (plain, packed, archive)]
    assert np.array_equal(read[0].values, read[1].values, equal_nan=True)
    assert np.array_equal(read[0].values, read[2].values, equal_nan=True)


def test_posts_of_an_hgt_stand_on_whole_degrees(tmp_path):
    content = np.full((1201, 1201), 10, ">i2")
    content[0, 0] = 1000  # the post at 23° N, 105° E
    (tmp_path / "N22E105.hgt").write_bytes(content.tobytes())
    near = Extent(105.0, 22.99, 105.01, 23.0)
    terrain = read_terrain(tmp_path / "N22E105.hgt", extent=near, crs=METRIC, cell_m=5)
    lon, lat = centres(terrain)
    row, column = np.unravel_index(np.nanargmax(terrain.values), terrain.values.shape)
    assert lon[row, column] == pytest.approx(105.0, abs=0.0001)
    assert lat[row, column] == pytest.approx(23.0, abs=0.0001)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("N22E105.hgt", b"\x00" * 1000, "1,000 bytes"),
        ("tile.hgt", hgt().tobytes(), "south-western corner"),
        ("a.tif", b"II*\x00cut", "no heights"),
        ("a.zip", b"PK\x03\x04cut", "damaged"),
        ("a.hgt.gz", gzip.compress(hgt().tobytes())[:5000], "damaged"),
        ("a.tif", b"", "empty"),
    ],
)
def test_what_is_no_terrain_is_told(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=told):
        read_terrain(path, extent=HERE, crs=METRIC)


def test_all_bad_files_are_told_together(tmp_path):
    with pytest.raises(InputError) as caught:
        read_terrain([tmp_path / "a.tif", tmp_path / "b.tif"], extent=HERE, crs=METRIC)
    assert len(caught.value.faults) == 2


def test_a_tiff_without_crs_needs_one_stated(tmp_path):
    path = write_tif(tmp_path / "a.tif", tilted(), west=105.1, north=22.4, step=0.001, crs=None)
    with pytest.raises(InputError, match="no CRS"):
        read_terrain(path, extent=HERE, crs=METRIC)
    assert read_terrain(path, extent=HERE, crs=METRIC, source_crs="EPSG:4326").void_cells == 0


def test_a_region_without_end_is_refused(tmp_path):
    path = write_tif(tmp_path / "a.tif", tilted(), west=105.1, north=22.4, step=0.001)
    with pytest.raises(InputError, match="cells of"):
        read_terrain(path, extent=Extent(95, 10, 115, 30), crs=METRIC, cell_m=30)


REAL = [
    ("N51W001.hgt.zip", Extent(-0.99, 51.01, -0.01, 51.99), (-20, 300)),
    ("N53E027.hgt.zip", Extent(27.01, 53.01, 27.99, 53.99), (140, 360)),
    ("S46W066.hgt.gz", Extent(-65.9, -45.9, -65.8, -45.8), (-10, 100)),
    ("srtm3_N46E008.tif", Extent(8.01, 46.01, 8.99, 46.99), (187, 4173)),
    ("srtm3_n07_w006_tropics.tif", Extent(-5.9, 7.1, -5.1, 7.9), (145, 546)),
    ("bigtujunga_srtm30m_utm11.tif", Extent(-118.3, 34.26, -118.0, 34.38), (315, 2295)),
]


@pytest.mark.parametrize(("name", "extent", "limits"), REAL)
def test_real_terrain_keeps_within_its_heights(shared_data, name, extent, limits):
    terrain = read_terrain(shared_data / "dem" / name, extent=extent, crs=local_metric_crs(extent))
    assert limits[0] <= np.nanmin(terrain.values)
    assert np.nanmax(terrain.values) <= limits[1]
    lon, lat = centres(terrain)
    inside = (lon > extent.west) & (lon < extent.east) & (lat > extent.south) & (lat < extent.north)
    assert np.isnan(terrain.values[inside]).mean() < 0.08  # 7.2 % of N46E008 are void


def test_the_28_real_voids_stay_void(shared_data):
    archive = zipfile.ZipFile(shared_data / "dem" / "N51W001.hgt.zip")
    posts = np.frombuffer(archive.read("N51W001.hgt"), ">i2").reshape(1201, 1201)
    row, column = np.nonzero(posts == -32768)
    assert len(row) == 28
    inner = Extent(-0.999, 51.001, -0.001, 51.999)
    crs = local_metric_crs(inner)
    terrain = read_terrain(
        shared_data / "dem" / "N51W001.hgt.zip", extent=inner, crs=crs, cell_m=30
    )
    x, y = to_crs(-1 + column / 1200, 52 - row / 1200, source=WGS84, target=crs)
    columns = ((x - terrain.transform.c) / 30).astype(int)
    rows = ((terrain.transform.f - y) / 30).astype(int)
    within = (
        (rows >= 0)
        & (rows < terrain.values.shape[0])
        & (columns >= 0)
        & (columns < terrain.values.shape[1])
    )
    assert within.sum() > 20
    assert np.isnan(terrain.values[rows[within], columns[within]]).all()


def test_real_mountains_agree_with_a_second_reading(shared_data):
    """An interpolation of our own over GDAL's reading of the same file."""
    path = shared_data / "dem" / "srtm3_N46E008.tif"
    extent = Extent(8.3, 46.3, 8.5, 46.5)
    crs = local_metric_crs(extent)
    terrain = read_terrain(path, extent=extent, crs=crs, cell_m=90)
    with rasterio.open(path) as data:
        heights = data.read(1, masked=True).astype(float).filled(np.nan)
        posts = Raster(heights, data.transform, CRS.from_epsg(4326))
    expected = posts.at(*centres(terrain))
    assert np.nanmax(np.abs(terrain.values - expected)) < 0.1
    assert (np.isnan(terrain.values) <= np.isnan(expected)).all()
    assert np.nanmean(np.abs(terrain.values - expected)) < 0.02


def test_land_beyond_the_tiles_is_told_apart_from_voids_on_them(tmp_path):
    heights = np.full((100, 100), 500, "int16")
    heights[30:40, 30:40] = -32768
    dem = tmp_path / "dem.tif"
    write_tif(dem, heights, west=105.0, north=22.1, step=0.001, nodata=-32768)
    inside = Extent(105.02, 22.02, 105.08, 22.09)
    crs = local_metric_crs(inside)
    (note,) = read_terrain(dem, extent=inside, crs=crs).notes
    assert "on the tiles is not known" in note
    twice = Extent(105.0, 22.0, 105.2, 22.1)
    voids, cover = read_terrain(dem, extent=twice, crs=crs).notes
    assert voids.figures["n"] == pytest.approx(note.figures["n"], rel=0.05)
    assert "the tiles cover 4" in cover or "the tiles cover 50" in cover
