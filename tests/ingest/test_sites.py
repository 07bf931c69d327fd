"""Cells exports and carriers' own lists come out as one table of cells."""

import gzip
import random
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from lomsong.errors import InputError
from lomsong.ingest.sites import read_cells

HEADER = (
    "radio,mcc,net,area,cell,unit,lon,lat,range,samples,changeable,created,updated,averageSignal"
)
CELL = "LTE,452,4,20220,11297795,0,105.7,22.6,1966,12,1,1465862834,1505947670,0"


def written(folder: Path, *lines: str, name: str = "cells.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def faults_of(*files: Path, **options: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_cells(files, **options)
    return [str(fault) for fault in caught.value.faults]


class TestCellsExport:
    def test_a_cell_with_and_without_header(self, tmp_path: Path):
        with_header = read_cells(written(tmp_path, HEADER, CELL)).table
        without = read_cells(written(tmp_path, CELL)).table
        pd.testing.assert_frame_equal(with_header, without)
        row = with_header.iloc[0]
        assert row["site_id"] == "LTE-452-4-20220-11297795"
        assert (row["plmn"], row["technology"], row["position"]) == ("452-04", "4G", "estimated")
        assert (row["lon"], row["lat"], row["range_m"]) == (105.7, 22.6, 1966.0)
        assert row["n_samples"] == 12
        assert row["updated"] == pd.Timestamp(1505947670, unit="s", tz="UTC")
        assert row["first_seen"] < row["updated"]
        assert pd.isna(row["azimuth_deg"])

    @pytest.mark.parametrize(
        ("reach", "changeable", "uncertainty", "position"),
        [
            ("0", "1", None, "estimated"),
            ("91204", "1", None, "estimated"),
            ("", "1", None, "estimated"),
            ("1500", "1", 1500.0, "estimated"),
            ("1500", "0", None, "exact"),
        ],
    )
    def test_an_unknown_range_is_null_and_an_exact_position_has_none(
        self,
        tmp_path: Path,
        reach: str,
        changeable: str,
        uncertainty: float | None,
        position: str,
    ):
        cell = CELL.replace(",1966,12,1,", f",{reach},12,{changeable},")
        row = read_cells(written(tmp_path, HEADER, cell)).table.iloc[0]
        assert row["position"] == position
        assert (None if pd.isna(row["range_m"]) else row["range_m"]) == uncertainty

    def test_what_is_no_cell_of_a_carrier_is_counted(self, tmp_path: Path):
        cells = [
            CELL,
            CELL.replace("LTE", "CDMA"),
            CELL.replace("LTE", "WARP"),
            CELL.replace("105.7,22.6", "0,0"),
            CELL.replace("105.7,22.6", ","),
            CELL.replace("105.7,22.6", "105.7,99"),
            CELL.replace("452,4", "452,6"),
            CELL.replace("452,4", "0,0"),
        ]
        sites = read_cells(written(tmp_path, HEADER, *cells))
        assert len(sites.table) == 1
        assert dict(sites.dropped) == dict.fromkeys(
            (
                *("cdma", "no carrier", "no position", "no technology", "position impossible"),
                *("position zero", "carrier withdrawn"),
            ),
            1,
        )

    def test_a_cell_listed_twice_stands_as_it_was_updated_last_whatever_the_order(
        self, tmp_path: Path
    ):
        cells = [CELL, CELL.replace("105.7", "105.8").replace("1505947670", "1605947670")]
        for order in (cells, cells[::-1]):
            sites = read_cells(written(tmp_path, HEADER, *order))
            assert list(sites.table["lon"]) == [105.8]
            assert dict(sites.dropped) == {"duplicate": 1}

    def test_mls_leaves_cells_empty(self, tmp_path: Path):
        mls = "LTE,202,1,2120,12842,,23.4123167,38.8574351,0,6,1,1568220588,1570120328,"
        row = read_cells(written(tmp_path, HEADER, mls)).table.iloc[0]
        assert row["plmn"] == "202-01"
        assert pd.isna(row["range_m"])

    def test_packed(self, tmp_path: Path):
        (tmp_path / "a").write_bytes(gzip.compress(f"{HEADER}\r\n{CELL}\r\n".encode()))
        with zipfile.ZipFile(tmp_path / "b", "w") as archive:
            archive.writestr("452.csv", f"{CELL.replace('11297795', '7')}\n")
        assert len(read_cells([tmp_path / "a", tmp_path / "b"]).table) == 2

    def test_a_whole_country(self, shared_data: Path, tmp_path: Path):
        file = shared_data / "signal" / "opencellid_cells" / "suriname_cell_towers.csv.gz"
        sites = read_cells(file)
        lines = gzip.decompress(file.read_bytes()).decode().splitlines()
        assert len(sites.table) == len(lines) - 1 == 4352
        assert dict(sites.dropped) == {}
        assert sites.table["technology"].value_counts().to_dict() == {
            "3G": 2424,
            "2G": 1354,
            "4G": 574,
        }
        assert sites.table["site_id"].is_unique
        assert sites.table["lon"].between(-58.2, -53.8).all()
        known = sites.table["range_m"]
        assert (known > 0).sum() + known.isna().sum() == 4352
        body = lines[1:]
        random.Random(1).shuffle(body)  # noqa: S311 -- no secret
        shuffled = read_cells(written(tmp_path, lines[0], *body)).table
        by = ["site_id"]
        pd.testing.assert_frame_equal(
            shuffled.sort_values(by, ignore_index=True),
            sites.table.sort_values(by, ignore_index=True),
        )


class TestOwnList:
    def test_a_list_with_vietnamese_headings_and_one_carrier_for_all(self, tmp_path: Path):
        file = written(
            tmp_path,
            "Mã trạm;Công nghệ;Kinh độ;Vĩ độ;Độ cao cột;Azimuth",
            "CB1;2G/3G/4G;105,75;22,6;42;0",
            "CB2;4G;105,76;22,61;;",
        )
        table = read_cells(file, columns={"plmn": "viettel"}).table
        assert list(table["site_id"]) == ["CB1", "CB1", "CB1", "CB2"]
        assert list(table["technology"]) == ["2G", "3G", "4G", "4G"]
        assert set(table["plmn"]) == {"452-04"}
        assert set(table["position"]) == {"exact"}
        assert list(table["height_m"].fillna(-1)) == [42, 42, 42, -1]
        assert list(table["azimuth_deg"].fillna(-1)) == [0, 0, 0, -1]
        assert table["n_samples"].isna().all()

    def test_xlsx_and_features_in_metres(self, tmp_path: Path):
        plain = pd.DataFrame(
            {"id": ["a", "b"], "net": [45204, 45202], "rat": ["LTE", "LTE"], "f": [1800, 700]}
        )
        columns = {"site_id": "id", "plmn": "net", "technology": "rat", "frequency_mhz": "f"}
        points = gpd.points_from_xy([105.7, 105.8], [22.6, 22.7], crs=4326)
        plain.assign(lon=points.x, lat=points.y).to_excel(tmp_path / "a.xlsx", index=False)
        gpd.GeoDataFrame(plain, geometry=points).to_crs(32648).to_file(tmp_path / "a.gpkg")
        for name in ("a.xlsx", "a.gpkg"):
            table = read_cells(tmp_path / name, columns=columns).table
            assert list(table["plmn"]) == ["452-04", "452-02"]
            assert list(table["frequency_mhz"]) == [1800.0, 700.0]
            assert list(table["lon"].round(7)) == [105.7, 105.8]

    def test_sectors_of_one_name_stay_and_repeated_rows_do_not(self, tmp_path: Path):
        rows = ["T1,4G,105.7,22.6,120", "T1,4G,105.7,22.6,240", "T1,4G,105.7,22.6,240"]
        file = written(tmp_path, "site,technology,lon,lat,azimuth", *rows)
        sites = read_cells(file, columns={"plmn": "452-04"})
        assert list(sites.table["azimuth_deg"]) == [120, 240]
        assert dict(sites.dropped) == {"duplicate": 1}

    def test_all_faults_of_a_list_come_together(self, tmp_path: Path):
        file = written(
            tmp_path,
            "site,plmn,technology,lon,lat,azimuth,height",
            "T1,452-04,4G,105.7,22.6,400,40",
            "T2,nobody,6G,105.7,22.6,10,tall",
        )
        told = faults_of(file)
        assert len(told) == 4
        for said in ('"nobody"', '"6G"', "is no azimuth", '"tall"'):
            assert any(said in fault for fault in told)


class TestBadInput:
    def test_text_in_a_number(self, tmp_path: Path):
        (fault,) = faults_of(written(tmp_path, HEADER, CELL, CELL.replace("105.7", "east")))
        assert 'row 3, column "lon", value "east": is no number' in fault

    def test_swapped_coordinates(self, tmp_path: Path):
        (fault,) = faults_of(written(tmp_path, HEADER, CELL.replace("105.7,22.6", "22.6,105.7")))
        assert "look swapped" in fault

    def test_header_only_missing_damaged_and_all_of_it_at_once(self, tmp_path: Path):
        header_only = written(tmp_path, HEADER, name="a.csv")
        cut = tmp_path / "b.csv.gz"
        cut.write_bytes(gzip.compress(f"{CELL}\n".encode() * 999)[:-20])
        told = faults_of(header_only, cut, tmp_path / "c.csv")
        assert [
            any(word in fault for fault in told)
            for word in ("has a header and no rows", "damaged or cut off", "no such file")
        ] == [True, True, True]
