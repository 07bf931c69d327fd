"""Names typed in fonts of old join as if they were typed today."""

import geopandas as gpd
import pandas as pd
import shapely

from lomsong.ingest import read_hamlets, read_power_list

NAMES = ("Bản Nậm Pồ", "Thôn Điện Biên", "Nà Lầu", "Khuổi Bốc", "Phiêng Dìu")
TCVN3 = ("B¶n NËm På", "Th«n §iÖn Biªn", "Nµ LÇu", "Khuæi Bèc", "Phiªng D×u")


def hamlets(folder, names):
    table = gpd.GeoDataFrame(
        {"ma_thon": [f"H{i}" for i in range(5)], "ten_thon": list(names), "ma_xa": "01234"},
        geometry=[shapely.box(105 + i / 50, 22, 105.01 + i / 50, 22.01) for i in range(5)],
        crs=4326,
    )
    table.to_file(folder / "hamlets.gpkg", engine="pyogrio")
    return read_hamlets(folder / "hamlets.gpkg")


def test_hamlets_typed_in_tcvn3_are_read_in_unicode_and_the_change_is_listed(tmp_path):
    read = hamlets(tmp_path, TCVN3)
    assert read.table["name"].tolist() == list(NAMES)
    assert read.repairs["problem"].str.contains("tcvn3").sum() == 5


def test_good_names_are_left_alone(tmp_path):
    read = hamlets(tmp_path, NAMES)
    assert read.table["name"].tolist() == list(NAMES)
    assert not len(read.repairs)


def test_a_power_list_typed_in_tcvn3_joins(tmp_path):
    read = hamlets(tmp_path, NAMES)
    pd.DataFrame(
        {"Thôn/bản": TCVN3, "Mã xã": "01234", "Điện lưới": ["Có", "Chưa", "Có", "Chưa", "Có"]}
    ).to_excel(tmp_path / "power.xlsx", index=False)
    listed = read_power_list(tmp_path / "power.xlsx", read)
    assert listed.table["power"].tolist() == ["grid", "no_grid", "grid", "no_grid", "grid"]
