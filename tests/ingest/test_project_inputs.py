"""The faults of a whole project come once each, and all together."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import rasterio
import shapely

from districts import District
from lomsong import config
from lomsong.errors import InputError
from lomsong.ingest.inputs import check


def told(project: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        check(config.load(project))
    return [str(fault) for fault in caught.value.faults]


def test_a_missing_file_of_samples_is_told_once_and_hides_no_other_fault(tmp_path: Path):
    extra = '[[signal]]\npath = "gone.csv"\n[[signal]]\npath = "none.csv"\n[[signal]]\npath = "bad.csv"\n'
    project = District(tmp_path, extra=extra).write()
    (tmp_path / "bad.csv").write_text("lon,lat,rsrp_dbm\n105.7,22.6,strong\n")
    (tmp_path / "homes.geojson").write_text("{}")
    faults = told(project)
    assert len(faults) == 4
    assert sum('value "gone.csv": no such file' in fault for fault in faults) == 1
    assert sum('value "none.csv": no such file' in fault for fault in faults) == 1
    assert sum('value "strong": is no number' in fault for fault in faults) == 1
    assert sum("homes.geojson" in fault for fault in faults) == 1


def test_a_pattern_that_names_several_files_where_one_is_read_is_told(tmp_path: Path):
    project = District(tmp_path).write()
    shutil.copy(tmp_path / "power.csv", tmp_path / "power_2.csv")
    project.write_text(project.read_text("utf-8").replace('"power.csv"', '"power*.csv"'), "utf-8")
    (fault,) = told(project)
    assert 'column "power.list", value "power*.csv": names 2 files' in fault


def test_terrain_cut_in_the_middle_is_told(tmp_path: Path):
    project = District(tmp_path).write()
    dem = tmp_path / "dem.tif"
    dem.write_bytes(dem.read_bytes()[:-50_000])
    (fault,) = told(project)
    assert "dem.tif: is damaged or cut off in the middle" in fault


def test_layers_for_siting_tell_their_faults_with_all_others(tmp_path: Path):
    layers = (
        'places = "given.csv"\nforbidden = "forest.gpkg"\nroads = "none.gpkg"\n'
        'interest = { school = "schools.csv" }\n'
    )
    project = District(tmp_path, extra=f"[siting]\n{layers}").write()
    box = gpd.GeoDataFrame(geometry=[shapely.box(105.0, 22.0, 106.5, 23.5)], crs=4326)
    box.to_file(tmp_path / "forest.gpkg")
    (tmp_path / "given.csv").write_text("name,lon,lat\nDoi,105.7,22.6\n")
    (tmp_path / "schools.csv").write_text("lon,lat\n105.7,north\n")
    faults = told(project)
    assert len(faults) == 3
    assert any('value "Doi": this place lies in a forbidden area' in fault for fault in faults)
    assert any('"siting.roads", value "none.gpkg": no such file' in fault for fault in faults)
    assert any("schools.csv" in fault and '"north"' in fault for fault in faults)


def test_a_given_place_of_unknown_height_is_noted_by_name(tmp_path: Path):
    project = District(tmp_path, extra='[siting]\nplaces = "given.csv"\n').write()
    places = "name,lon,lat\nĐồi xa,120.0,10.0\n,120.5,10.0\n"
    (tmp_path / "given.csv").write_text(places, "utf-8")
    notes = [note for note in check(config.load(project)).notes if note.startswith("siting.places")]
    assert [note.split(" lies")[0] for note in notes] == [
        "siting.places: Đồi xa",
        "siting.places: 10.00000, 120.50000",
    ]


def test_layers_wholly_elsewhere_are_told_together(tmp_path: Path):
    extra = (
        '[sites]\npath = "cells.csv"\n[siting]\nroads = "roads.geojson"\nforbidden = "forest.gpkg"\n'
        'interest = { school = "schools.csv" }\n'
    )
    project = District(tmp_path, extra=extra).write()
    header = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
    (tmp_path / "cells.csv").write_text(header + "LTE,746,2,1,256,0,-55.2,5.8,900,9,1,1,2,0\n")
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(2, 48), (3, 49)])], crs=4326)
    lines.to_file(tmp_path / "roads.geojson")
    gpd.GeoDataFrame(geometry=[shapely.box(1, 1, 2, 2)], crs=4326).to_file(tmp_path / "forest.gpkg")
    (tmp_path / "schools.csv").write_text("lon,lat\n108.2,16.0\n")
    faults = told(project)
    assert all("they do not meet" in fault for fault in faults)
    keys = ("sites.path", "siting.roads", "siting.forbidden", "siting.interest.school")
    assert [sum(f'column "{key}"' in fault for fault in faults) for key in keys] == [1] * 4
    assert len(faults) == 4


def test_one_feature_nearby_is_enough(tmp_path: Path):
    project = District(tmp_path, extra='[siting]\nroads = "roads.geojson"\n').write()
    near = shapely.LineString([(105.7, 22.9), (105.9, 22.9)])
    far = shapely.LineString([(2, 48), (3, 49)])
    gpd.GeoDataFrame(geometry=[far, near], crs=4326).to_file(tmp_path / "roads.geojson")
    check(config.load(project))


def test_a_cells_export_of_nonsense_is_told(tmp_path: Path):
    project = District(tmp_path, extra='[sites]\npath = "cells.csv"\n').write()
    header = "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal\n"
    rows = ("LTE,0,0,0,0,0,105.7,22.6,0,0,0,0,0,0\n", "7,452,4,1,2,0,105.7,22.6,0,0,0,0,0,0\n")
    (tmp_path / "cells.csv").write_text(header + "".join(rows))
    (fault,) = told(project)
    assert "none of its 2 rows is a known cell (no carrier 1, no technology 1)" in fault


def test_a_store_that_is_a_file_is_told_before_anything_is_counted(tmp_path: Path):
    project = District(tmp_path, extra='[evidence]\nstore = "kept"\n').write()
    (tmp_path / "kept").write_text("")
    (fault,) = told(project)
    assert 'column "evidence.store", value "kept": is a file' in fault


def test_strange_dates_are_noted(tmp_path: Path):
    district = District(tmp_path)
    project = district.write()
    as_of = project.read_text("utf-8").replace("[project]\n", "[project]\nas_of = 2025-12-01\n", 1)
    project.write_text(as_of, "utf-8")
    notes = check(config.load(project)).notes
    assert (
        "signal: the newest sample is of 2025-12-02, and ages are counted from 2025-12-01" in notes
    )
    assert not any("in the future" in note for note in notes)
    district.samples.loc[0, "time"] = "2089-01-01T08:00:00Z"
    district.samples.to_csv(tmp_path / "samples.csv", index=False)
    notes = check(config.load(project)).notes
    assert any("dated 2089-01-01, in the future" in note for note in notes)


def test_check_counts_samples_and_what_was_left_out(tmp_path: Path):
    district = District(tmp_path)
    project = district.write()
    district.samples.loc[:1, "lon"] = 0.0
    district.samples.loc[:1, "lat"] = 0.0
    district.samples.to_csv(tmp_path / "samples.csv", index=False)
    notes = check(config.load(project)).notes
    n = len(district.samples)
    assert f"signal: {n - 2} of {n} rows are samples" in notes
    assert "signal: 2 rows left out: position zero" in notes


def test_carriers_of_the_settings_are_known_ones(tmp_path: Path):
    extra = '[evidence]\ncarriers = ["vietel", "452-02", "608-02"]\n[siting]\ncarrier = "orange"\n'
    faults = told(District(tmp_path, extra=extra).write())
    assert len(faults) == 3
    assert 'value "vietel": nobody knows this carrier. Did you mean "viettel"?' in faults[0]
    assert 'value "452-02": nobody knows this carrier. Did you mean "vnpt"?' in faults[1]
    assert 'column "siting.carrier", value "orange"' in faults[2]


def test_a_file_that_two_sections_name_would_count_twice(tmp_path: Path):
    project = District(tmp_path, extra='[[signal]]\npath = "*.csv"\nformat = "csv"\n').write()
    assert any("samples.csv: is named 2 times under [[signal]]" in fault for fault in told(project))


def test_an_option_of_samples_that_nobody_knows_is_told_once_with_the_project_file(tmp_path: Path):
    project = District(tmp_path).write()
    shutil.copy(tmp_path / "samples.csv", tmp_path / "samples_2.csv")
    text = project.read_text("utf-8").replace('"samples.csv"', '"samples*.csv"')
    project.write_text(text.replace('time = "time"', 'tiem = "time"'), "utf-8")
    (fault,) = told(project)
    assert fault.startswith(f'{project}, column "signal: tiem": nobody knows this key')


def test_heights_that_are_given_as_people_are_told(tmp_path: Path):
    project = District(tmp_path, extra='raster = "dem.tif"\nunit = "people_per_km2"').write()
    (fault,) = told(project)
    assert "dem.tif" in fault
    assert "holds the heights of the ground, not people" in fault


def test_land_on_which_nobody_could_stand_is_told(tmp_path: Path):
    project = District(tmp_path, extra='raster = "dem.tif"\nunit = "people_per_pixel"').write()
    project.write_text(project.read_text("utf-8").replace('[terrain]\npath = "dem.tif"\n', ""))
    with rasterio.open(tmp_path / "dem.tif", "r+") as dem:
        dem.write(dem.read() * 4)
    (fault,) = told(project)
    assert "people per km² on average" in fault


def fifo(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)


def loop(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).symlink_to(name)


def folder_instead(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()


@pytest.mark.parametrize(
    ("spoil", "name", "said"),
    [
        (fifo, "samples.csv", "is no plain file"),
        (fifo, "hamlets.gpkg", "is no plain file"),
        (fifo, "dem.tif", "is no plain file"),
        (loop, "samples.csv", "cannot be opened: Too many levels of symbolic links"),
        (loop, "power.csv", "no such file"),
        (folder_instead, "samples.csv", "is a folder"),
        (folder_instead, "power.csv", "is a folder"),
    ],
)
def test_what_is_no_file_is_told_and_never_waited_for(
    tmp_path: Path, spoil: Callable[[Path, str], None], name: str, said: str
):
    project = District(tmp_path).write()
    spoil(tmp_path, name)
    (fault,) = told(project)
    assert name in fault
    assert said in fault


def test_rows_whose_degrees_are_swapped_are_told_where_they_are_many(tmp_path: Path):
    district = District(tmp_path)
    half = district.samples.index[::2]
    swapped = district.samples.loc[half, ["lat", "lon"]].to_numpy()
    district.samples.loc[half, ["lon", "lat"]] = swapped
    with pytest.raises(InputError) as refused:
        check(config.load(district.write()))
    fault = str(refused.value)
    assert "27 rows: longitude and latitude look swapped" in fault
    assert f'row 2, value "{swapped[0, 0]}, {swapped[0, 1]}"' in fault
    assert "and 24 more rows: 8, 10," in fault
    assert fault.endswith("…")


@pytest.mark.parametrize("far", ["XFD1048576", None])
def test_a_sheet_that_reaches_to_the_end_of_excel_is_no_burden(tmp_path: Path, far: str | None):
    project = District(tmp_path).write()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Danh sách thôn có điện lưới"])
    sheet.append(["Mã thôn", "Điện lưới"])
    for code in ("H0", "H1", "H2", "H3"):
        sheet.append([code, "Có"])
    sheet.merge_cells("A1:XFD1")
    if far:
        sheet[far] = "x"
    book.save(tmp_path / "power.xlsx")
    project.write_text(project.read_text("utf-8").replace("power.csv", "power.xlsx"), "utf-8")
    if far is None:
        assert "power.xlsx: tells of 4 of 4 hamlets" in check(config.load(project)).notes
    else:
        (fault,) = told(project)
        assert "the sheet reaches 1,048,576 rows down and 16,384 columns across" in fault
