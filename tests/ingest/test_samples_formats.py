"""What small files made after each provider's layout must come out as."""

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lomsong.ingest import read_samples
from lomsong.tables import Samples

UPLOAD_HEADER = "mcc,mnc,lac,cellid,lat,lon,signal,measured_at,rating,speed,direction,act,ta,psc,tac,pci,sid,nid,bid"
LOG_HEADER = (
    "Timestamp\tLongitude\tLatitude\tOperatorname\tOperator\tCellname\tNode\tCellID\tLAC\tNetworkTech\tLevel"
    "\tQual\tSNR\tCQI\tLTERSSI\tARFCN\tPSC\tAltitude\tDistance\tTA\tBAND"
)
TOWER_HEADER = (
    "mcc,mnc,lac,cell_id,short_cell_id,rnc,psc,asu,dbm,ta,lat,lon,accuracy,speed,bearing,altitude,measured_at,"
    "net_type,neighboring,discovered_at,device,rsrp,rsrq,rssi,rssnr,cqi,rscp,csi_rsrp,csi_rsrq,csi_sinr,ss_rsrp,"
    "ss_rsrq,ss_sinr,cdma_dbm,cdma_ecio,evdo_dbm,evdo_ecio,evdo_snr,ec_no,arfcn"
)
UCC_HEADER = (
    "Timestamp,Longitude,Latitude,Speed,Operatorname,CellID,NetworkMode,RSRP,RSRQ,SNR,CQI,RSSI,DL_bitrate,"
    "UL_bitrate,State,PINGAVG,PINGMIN,PINGMAX,PINGSTDEV,PINGLOSS,CELLHEX,NODEHEX,LACHEX,RAWCELLID,NRxRSRP,NRxRSRQ"
)


def upload_row(
    *,
    signal: object = -97,
    act: str = "LTE",
    time_ms: object = 1679769208597,
    lat: object = 22.6,
    lon: object = 105.7,
    mnc: object = 4,
    rating: object = 6.7,
) -> str:
    return f"452,{mnc},20700,11379203,{lat},{lon},{signal},{time_ms},{rating},0.2,-2000.0,{act},0,,20700,32,,,"


def log_row(
    second: int = 0,
    *,
    name: str = "Viettel",
    operator: str = "45204",
    technology: str = "4G",
    level: object = -96,
) -> str:
    return (
        f"2025.07.18_22.11.{second:02d}\t105.7\t22.6\t{name}\t{operator}\t\t1032\t1\t701\t{technology}\t{level}"
        "\t-15\t0.0\t-\t-85\t1850\t132\t59\t-1\t\tL3\t"
    )


def no_coverage_row(second: int) -> str:
    """Write the row of FORMATS for a phone that is camped nowhere."""
    return f"2025.07.18_22.24.{second:02d}\t105.7\t22.6\tNO_COVERAGE\t\t\t0\t-1\t\t--\t-200\t-2\t-\t-\t-\t\t\t68\t-1\t\t\t"


def tower_row(
    *,
    net_type: str = "LTE",
    neighboring: str = "false",
    asu: object = "",
    dbm: object = "",
    rsrp: object = "",
    rscp: object = "",
    ss_rsrp: object = "",
) -> str:
    return (
        f'452,4,20700,123,,,32,{asu},{dbm},,22.6,105.7,5.25,,,,"2024-01-31T12:34:56.789Z",{net_type},{neighboring},'
        f'"2024-01-01T00:00:00.000Z","Phone, one",{rsrp},,,,,{rscp},,,,{ss_rsrp},,,,,,,,,1850'
    )


def written(folder: Path, *lines: str, name: str = "a.csv", newline: str = "\n") -> Path:
    file = folder / name
    file.write_bytes(newline.join([*lines, ""]).encode())
    return file


def read_rows(folder: Path, header: str, *rows: str, **options: object) -> Samples:
    samples = read_samples(written(folder, header, *rows), **options)
    assert samples.n_rows == len(rows) == len(samples.table) + sum(samples.dropped.values())
    return samples


class TestOpenCellId:
    def test_a_row_of_lte_is_an_rsrp_with_its_time_place_and_carrier(self, tmp_path: Path):
        row = read_rows(tmp_path, UPLOAD_HEADER, upload_row()).table.iloc[0]
        assert (row["lon"], row["lat"], row["accuracy_m"]) == (105.7, 22.6, 6.7)
        assert (row["plmn"], row["technology"], row["rsrp_dbm"]) == ("452-04", "4G", -97.0)
        assert row["time"] == pd.Timestamp(1679769208597, unit="ms", tz="UTC")
        assert pd.isna(row["level_dbm"])
        assert pd.isna(row["device"])
        assert row["source"] == "a.csv"
        assert not row["no_service"]

    @pytest.mark.parametrize(
        ("act", "technology", "column"),
        [
            ("LTE", "4G", "rsrp_dbm"),
            ("LTE+", "4G", "rsrp_dbm"),
            ("LTE_CA", "4G", "rsrp_dbm"),
            ("NR", "5G", "rsrp_dbm"),
            ("HSPA", "3G", "level_dbm"),
            ("HSPA+", "3G", "level_dbm"),
            ("UMTS", "3G", "level_dbm"),
            ("GSM", "2G", "level_dbm"),
            ("EDGE", "2G", "level_dbm"),
        ],
    )
    def test_each_word_is_its_technology(
        self, tmp_path: Path, act: str, technology: str, column: str
    ):
        row = read_rows(tmp_path, UPLOAD_HEADER, upload_row(act=act, signal=-91)).table.iloc[0]
        assert row["technology"] == technology
        assert row[column] == -91.0
        assert pd.isna(row[{"rsrp_dbm": "level_dbm", "level_dbm": "rsrp_dbm"}[column]])

    @pytest.mark.parametrize(
        ("cell", "known"),
        [
            ("226304516", 226304516),
            ("226304516.0", 226304516),
            *((sentinel, None) for sentinel in ("2147483647", "268435455", "0", "-1", "", "abc")),
        ],
    )
    def test_the_serving_cell_is_kept_where_it_is_one(
        self, tmp_path: Path, cell: str, known: int | None
    ):
        row = upload_row().replace(",11379203,", f",{cell},")
        found = read_rows(tmp_path, UPLOAD_HEADER, row).table["cell"].iloc[0]
        assert found is pd.NA if known is None else found == known

    @pytest.mark.parametrize("sentinel", [2147483647, -1, 0, "", "-", "NaN", "null"])
    def test_no_sentinel_is_a_level(self, tmp_path: Path, sentinel: object):
        samples = read_rows(tmp_path, UPLOAD_HEADER, upload_row(signal=sentinel), upload_row())
        assert dict(samples.dropped) == {"no level": 1}

    @pytest.mark.parametrize("level", [-200, -340, -164, -2000.0, -146, -39, 17, 99, "inf", 1e300])
    def test_what_no_receiver_reports_is_counted_out(self, tmp_path: Path, level: object):
        samples = read_rows(tmp_path, UPLOAD_HEADER, upload_row(signal=level), upload_row())
        assert dict(samples.dropped) == {"level out of range": 1}

    @pytest.mark.parametrize("level", [-141, -140, -44, -43])
    def test_what_real_phones_reach_is_kept(self, tmp_path: Path, level: int):
        assert len(read_rows(tmp_path, UPLOAD_HEADER, upload_row(signal=level)).table) == 1

    @pytest.mark.parametrize(
        ("lon", "lat", "reason"),
        [
            (0, 0, "position zero"),
            (0.0, -0.0, "position zero"),
            ("", 22.6, "no position"),
            ("nan", 22.6, "no position"),
            ("inf", 22.6, "no position"),
            (105.7, 91, "position impossible"),
            (181, 22.6, "position impossible"),
        ],
    )
    def test_bad_positions_are_counted_out(
        self, tmp_path: Path, lon: object, lat: object, reason: str
    ):
        samples = read_rows(tmp_path, UPLOAD_HEADER, upload_row(lon=lon, lat=lat), upload_row())
        assert dict(samples.dropped) == {reason: 1}

    @pytest.mark.parametrize(
        ("mnc", "plmn"),
        [(1, "452-01"), (2, "452-02"), ("04", "452-04"), (8, "452-02"), (9, "452-02")],
    )
    def test_virtual_operators_are_their_host(self, tmp_path: Path, mnc: object, plmn: str):
        assert list(read_rows(tmp_path, UPLOAD_HEADER, upload_row(mnc=mnc)).table["plmn"]) == [plmn]

    def test_a_withdrawn_carrier_is_counted_out(self, tmp_path: Path):
        samples = read_rows(tmp_path, UPLOAD_HEADER, upload_row(mnc=3), upload_row())
        assert dict(samples.dropped) == {"carrier withdrawn": 1}

    def test_cdma_and_unknown_words_are_counted_out(self, tmp_path: Path):
        rows = [upload_row(act=act) for act in ("CDMA", "warp", "", "LTE")]
        samples = read_rows(tmp_path, UPLOAD_HEADER, *rows)
        assert dict(samples.dropped) == {"cdma": 1, "no technology": 2}

    def test_seconds_and_milliseconds_are_the_same_moment(self, tmp_path: Path):
        rows = (upload_row(time_ms=1679769208, signal=-90), upload_row(time_ms=1679769208000))
        times = read_rows(tmp_path, UPLOAD_HEADER, *rows).table["time"]
        assert times[0] == times[1]

    def test_a_time_of_zero_is_missing(self, tmp_path: Path):
        assert read_rows(tmp_path, UPLOAD_HEADER, upload_row(time_ms=0)).table["time"].isna().all()

    def test_accuracy_zero_is_unknown_and_the_limit_leaves_out_the_inaccurate(self, tmp_path: Path):
        rows = [upload_row(rating=rating) for rating in (0, "", 49.9, 50.1)]
        samples = read_rows(tmp_path, UPLOAD_HEADER, *rows, maximum_accuracy_m=50)
        assert dict(samples.dropped) == {"duplicate": 1, "position inaccurate": 1}
        np.testing.assert_array_equal(samples.table["accuracy_m"], [np.nan, 49.9])

    def test_bulk_files_name_their_columns_otherwise_and_put_lon_first(self, tmp_path: Path):
        header = "mcc,net,area,cell,lon,lat,signal,measured,created,rating,speed,direction,radio,ta"
        row = "452,4,20700,11,105.7,22.6,-101,1679769208597,1679769208597,7,0,0,LTE,0"
        table = read_rows(tmp_path, header, row).table
        assert (table.loc[0, "lon"], table.loc[0, "lat"]) == (105.7, 22.6)
        assert table.loc[0, "rsrp_dbm"] == -101.0

    def test_renamed_columns_are_found(self, tmp_path: Path):
        header = (
            "mcc,mnc,lac,CellID,Latitude,Longitude,RSRP,Timestamp,rating,NetworkType,source_file"
        )
        row = "452,4,20700,11,22.6,105.7,-101,1679769208597,7,LTE,log (1).csv"
        assert list(read_rows(tmp_path, header, row).table["rsrp_dbm"]) == [-101.0]

    @pytest.mark.parametrize(
        ("signal", "act", "level"),
        [
            (44, "LTE", -96.0),
            (0, "LTE", -140.0),
            (97, "LTE", -43.0),
            (-96, "LTE", -96.0),
            (30, "UMTS", -90.0),
            (10, "GSM", -93.0),
        ],
    )
    def test_the_upload_of_tower_collector_gives_asu_or_dbm(
        self, tmp_path: Path, signal: int, act: str, level: float
    ):
        header = "lat,lon,mcc,mnc,sid,lac,tac,nid,cellid,bid,psc,pci,signal,ta,measured_at,rating,speed,direction,act,devn"
        row = f'22.6,105.7,452,4,,,20700,,11,,,32,{signal},,"2024-01-31 12:34:56.789+0000",5,,,{act},"Phone, one"'
        sample = read_rows(tmp_path, header, row).table.iloc[0]
        assert np.nansum([sample["rsrp_dbm"], sample["level_dbm"]]) == level
        assert sample["time"] == pd.Timestamp("2024-01-31 12:34:56.789", tz="UTC")
        assert sample["device"] is not None

    @pytest.mark.parametrize("unknown", [99, 255, 2147483647, -1, ""])
    def test_an_unknown_asu_is_no_level(self, tmp_path: Path, unknown: object):
        header = "lat,lon,mcc,mnc,lac,tac,cellid,signal,measured_at,act,devn"
        rows = [
            f"22.6,105.7,452,4,,20700,11,{level},2024-01-31 12:34:56Z,LTE,x"
            for level in (unknown, 40)
        ]
        assert dict(read_rows(tmp_path, header, *rows).dropped) == {"no level": 1}


class TestTowerCollector:
    def test_only_the_serving_cell_is_an_observation(self, tmp_path: Path):
        samples = read_rows(
            tmp_path,
            TOWER_HEADER,
            tower_row(rsrp=-101),
            tower_row(rsrp=-95, neighboring="true"),
            tower_row(rsrp=-111, neighboring="true"),
        )
        assert list(samples.table["rsrp_dbm"]) == [-101.0]
        assert dict(samples.dropped) == {"neighbour cell": 2}
        assert samples.table.loc[0, "accuracy_m"] == 5.25
        assert samples.table.loc[0, "time"] == pd.Timestamp("2024-01-31T12:34:56.789Z")

    @pytest.mark.parametrize(
        ("cells", "level"),
        [
            ({"rsrp": -101, "dbm": -80, "asu": 20}, -101.0),
            ({"dbm": -102, "asu": 20}, -102.0),
            ({"asu": 37}, -103.0),
            ({"rsrp": 2147483647, "dbm": -104}, -104.0),
            ({"net_type": "UMTS", "rscp": -91, "dbm": -70}, -91.0),
            ({"net_type": "NR", "ss_rsrp": -99, "rsrp": -70}, -99.0),
            ({"net_type": "GSM", "dbm": -77}, -77.0),
        ],
    )
    def test_the_level_is_that_of_the_technology(
        self, tmp_path: Path, cells: dict[str, object], level: float
    ):
        sample = read_rows(tmp_path, TOWER_HEADER, tower_row(**cells)).table.iloc[0]
        assert np.nansum([sample["rsrp_dbm"], sample["level_dbm"]]) == level


class TestGNetTrack:
    def test_level_minus_200_under_a_carrier_is_no_service_of_that_carrier(self, tmp_path: Path):
        table = read_rows(tmp_path, LOG_HEADER, log_row(0), log_row(1, level=-200)).table
        assert list(table["no_service"]) == [False, True]
        assert list(table["plmn"]) == ["452-04", "452-04"]
        assert pd.isna(table.loc[1, "rsrp_dbm"])
        assert pd.isna(table.loc[1, "technology"])

    def test_every_row_of_no_coverage_is_kept_and_belongs_to_the_only_carrier(self, tmp_path: Path):
        rows = [no_coverage_row(second) for second in (1, 2, 2, 3)]  # the log looks twice a second
        table = read_rows(tmp_path, LOG_HEADER, *rows, log_row(9)).table
        assert list(table["no_service"]) == [True] * 4 + [False]
        assert list(table["plmn"]) == ["452-04"] * 5

    def test_among_two_carriers_no_coverage_belongs_to_neither(self, tmp_path: Path):
        rows = (log_row(0), no_coverage_row(1), log_row(2, name="Vina", operator="45202"))
        table = read_rows(tmp_path, LOG_HEADER, *rows).table
        assert table.loc[table["no_service"], "plmn"].isna().all()
        assert table["no_service"].sum() == 1

    def test_a_log_of_nothing_but_no_coverage_belongs_to_nobody_until_the_user_says_so(
        self, tmp_path: Path
    ):
        rows = [no_coverage_row(second) for second in range(3)]
        assert read_rows(tmp_path, LOG_HEADER, *rows).table["plmn"].isna().all()
        told = read_rows(tmp_path, LOG_HEADER, *rows, plmn="viettel").table
        assert list(told["plmn"]) == ["452-04"] * 3

    def test_a_host_and_its_virtual_operator_are_one_home(self, tmp_path: Path):
        rows = (log_row(0, operator="45202"), log_row(1, operator="45209"), no_coverage_row(2))
        assert list(read_rows(tmp_path, LOG_HEADER, *rows).table["plmn"]) == ["452-02"] * 3

    @pytest.mark.parametrize(
        ("technology", "level"), [("3G", -24), ("4G", -24), ("4G", -340), ("4G", -164), ("2G", 0)]
    )
    def test_garbage_is_no_level(self, tmp_path: Path, technology: str, level: int):
        row = log_row(1, technology=technology, level=level)
        samples = read_rows(tmp_path, LOG_HEADER, log_row(0), row)
        assert sum(samples.dropped.values()) == 1
        assert len(samples.table) == 1

    def test_the_serving_cell_is_that_of_its_node(self, tmp_path: Path):
        table = read_rows(tmp_path, LOG_HEADER, log_row(), log_row(1, technology="3G")).table
        assert table["cell"].iloc[0] == 1032 * 256 + 1
        assert table["cell"].iloc[1] is pd.NA

    def test_times_are_local(self, tmp_path: Path):
        times = read_rows(tmp_path, LOG_HEADER, log_row(8)).table["time"]
        assert list(times) == [pd.Timestamp("2025-07-18 15:11:08", tz="UTC")]

    def test_an_hour_that_occurs_twice_or_never_is_read_all_the_same(self, tmp_path: Path):
        twice = log_row().replace("2025.07.18_22.11", "2025.10.26_02.30")
        never = log_row().replace("2025.07.18_22.11", "2025.03.30_02.30")
        times = read_rows(tmp_path, LOG_HEADER, twice, never, timezone="Europe/Paris").table["time"]
        assert list(times.dt.strftime("%m-%d %H:%M")) == ["10-26 01:30", "03-30 01:00"]

    def test_the_same_log_twice_adds_nothing(self, tmp_path: Path):
        rows = [log_row(1), log_row(1), log_row(1), no_coverage_row(2), no_coverage_row(2)]
        once = written(tmp_path, LOG_HEADER, *rows, name="a.txt")
        again = written(tmp_path, LOG_HEADER, *rows[1:], name="b.txt")
        samples = read_samples([again, once])
        assert (len(samples.table), dict(samples.dropped)) == (5, {"duplicate": 4})

    def test_events_are_counted_and_give_no_samples(self, tmp_path: Path):
        header = (
            "Timestamp\tLongitude\tLatitude\tOperatorname\tNode\tCellID\tLAC\tNetworkTech\tLevel\tQual\tSNR\tCQI"
            "\tLTERSSI\tEventType\tEventDetails\tState"
        )
        row = "2025.07.18_22.11.08\t105.7\t22.6\tYas\t1032\t1\t701\t4G\t-96\t-15\t0.0\t-\t-85\tHANDOVER\tx\tI"
        samples = read_rows(tmp_path, header, row)
        assert dict(samples.dropped) == {"event": 1}

    def test_the_form_of_ucc_puts_rscp_under_rsrp(self, tmp_path: Path):
        rows = [
            f"2019.12.03_13.58.{second:02d},-8.47,51.91,0,B,3,{mode},{level},-15,1.0,14,-90,38,13,D,-,-,-,-,-,"
            "3,A81A,9CB9,11016707,-108.0,-10.0"
            for second, mode, level in (
                (1, "LTE", -110),
                (2, "HSPA+", -95),
                (3, "LTE", -200),
                (4, "LTE", "-"),
            )
        ]
        samples = read_rows(tmp_path, UCC_HEADER, *rows, timezone="Europe/Dublin", plmn="272-01")
        np.testing.assert_array_equal(samples.table["rsrp_dbm"], [-110, np.nan, np.nan])
        np.testing.assert_array_equal(samples.table["level_dbm"], [np.nan, -95, np.nan])
        assert list(samples.table["no_service"]) == [False, False, True]
        assert list(samples.table["plmn"]) == ["272-01"] * 3
        assert dict(samples.dropped) == {"no level": 1}

    def test_a_carrier_that_is_only_a_letter_stays_unknown(self, tmp_path: Path):
        row = "2019.12.03_13.58.03,-8.47,51.91,0,B,3,LTE,-110,-15,1.0,14,-90,38,13,D,-,-,-,-,-,3,A81A,9CB9,1,-1,-1"
        assert read_rows(tmp_path, UCC_HEADER, row).table["plmn"].isna().all()


class TestOwnTables:
    COLUMNS = {  # noqa: RUF012 -- a constant of the tests
        "time": "thoi_gian",
        "lon": "kinh_do",
        "lat": "vi_do",
        "plmn": "mang",
        "technology": "cong_nghe",
        "rsrp_dbm": "muc_thu",
        "no_service": "mat_song",
        "device": "may",
    }
    HEADER = "thoi_gian;kinh_do;vi_do;mang;cong_nghe;muc_thu;mat_song;may"

    def test_a_mapped_table_with_decimal_commas_and_days_first(self, tmp_path: Path):
        table = read_rows(
            tmp_path,
            self.HEADER,
            "31/12/2025 14:05;105,7;22,6;452-04;4G;-101,5;không;An",
            "31/12/2025 14:06;105,7;22,6;452-04;;;có;An",
            columns=self.COLUMNS,
        ).table
        assert list(table["time"].dt.strftime("%Y-%m-%d %H:%M")) == [
            "2025-12-31 07:05",
            "2025-12-31 07:06",
        ]
        assert list(table["no_service"]) == [False, True]
        assert table.loc[0, "rsrp_dbm"] == -101.5
        assert table.loc[0, "device"] == table.loc[1, "device"]

    def test_a_row_that_says_nothing_is_counted_out(self, tmp_path: Path):
        samples = read_rows(
            tmp_path,
            self.HEADER,
            "31/12/2025 14:05;105,7;22,6;452-04;4G;;;An",
            "31/12/2025 14:06;105,7;22,6;452-04;4G;-100;;An",
            columns=self.COLUMNS,
        )
        assert dict(samples.dropped) == {"no level": 1}

    def test_no_service_belongs_to_the_only_carrier_of_its_device(self, tmp_path: Path):
        rows = (
            "2025-12-31 14:05;105.7;22.6;452-04;4G;-100;;An",
            "2025-12-31 14:06;105.7;22.6;452-02;4G;-100;;Bình",
            "2025-12-31 14:07;105.7;22.6;;;;x;An",
            "2025-12-31 14:08;105.7;22.6;;;;x;Chi",
        )
        table = read_rows(tmp_path, self.HEADER, *rows, columns=self.COLUMNS).table
        assert list(table["plmn"].fillna("none")) == ["452-04", "452-02", "452-04", "none"]

    def test_an_rsrp_column_holds_the_level_of_whatever_technology_stands_beside_it(
        self, tmp_path: Path
    ):
        row = "2025-12-31 14:05;105.7;22.6;452-04;3G;-90;;An"
        table = read_rows(tmp_path, self.HEADER, row, columns=self.COLUMNS).table
        assert (table.loc[0, "level_dbm"], table.loc[0, "technology"]) == (-90.0, "3G")
        assert pd.isna(table.loc[0, "rsrp_dbm"])

    def test_our_own_table_reads_back_from_csv_and_parquet(self, tmp_path: Path):
        table = read_rows(tmp_path, UPLOAD_HEADER, upload_row(), upload_row(signal=-99)).table
        table.to_parquet(tmp_path / "own.parquet")
        table.to_csv(tmp_path / "own.csv", index=False)
        for name in ("own.parquet", "own.csv"):
            again = read_samples(tmp_path / name).table
            pd.testing.assert_frame_equal(
                again.drop(columns="source"), table.drop(columns="source"), check_exact=True
            )

    @pytest.mark.parametrize(
        "written_time",
        [
            "2025-12-31 14:05:00",
            "2025-12-31T07:05:00Z",
            "2025-12-31T14:05:00.000+07:00",
            "2025-12-31 14:05",
            "31/12/2025 14:05",
            "2025.12.31_14.05.00",
            "20251231140500",
            "202512311405",
            "1767164700",
            "1767164700000",
            "1767164700000000",
            "1767164700000000000",
        ],
    )
    def test_a_moment_may_be_written_in_many_ways(self, tmp_path: Path, written_time: str):
        row = f"{written_time},105.7,22.6,-100"
        table = read_rows(tmp_path, "time,lon,lat,rsrp_dbm", row).table
        assert table.loc[0, "time"] == pd.Timestamp("2025-12-31 07:05", tz="UTC")
        mixed = read_rows(tmp_path, "time,lon,lat,rsrp_dbm", row, "2025-01-01T00:00Z,105,22,-99")
        assert mixed.table.loc[0, "time"] == table.loc[0, "time"]

    def test_typed_columns_of_parquet(self, tmp_path: Path):
        pd.DataFrame(
            {
                "t": pd.to_datetime(["2025-12-31 14:05:00"]),
                "x": np.array([105.5], dtype="float32"),
                "y": [22],
                "mcc": [452],
                "mnc": [4.0],
                "rat": pd.Categorical(["LTE"]),
                "rsrp": np.array([-101], dtype="int16"),
                "dead": [False],
            }
        ).to_parquet(tmp_path / "a.bin")
        columns = {
            "time": "t",
            "lon": "x",
            "lat": "y",
            "mcc": "mcc",
            "mnc": "mnc",
            "technology": "rat",
            "rsrp_dbm": "rsrp",
            "no_service": "dead",
        }
        sample = read_samples(tmp_path / "a.bin", columns=columns).table.iloc[0]
        assert (sample["plmn"], sample["technology"], sample["rsrp_dbm"]) == (
            "452-04",
            "4G",
            -101.0,
        )
        assert sample["time"] == pd.Timestamp("2025-12-31 07:05", tz="UTC")


class TestDevices:
    def test_devices_are_hashes_that_the_salt_changes(self, tmp_path: Path):
        plain, salted = (
            read_rows(tmp_path, TOWER_HEADER, tower_row(rsrp=-101), salt=salt).table.loc[
                0, "device"
            ]
            for salt in ("", "secret")
        )
        assert plain != salted
        assert "Phone" not in plain + salted

    def test_the_option_names_the_device_where_the_file_names_none(self, tmp_path: Path):
        named = read_rows(tmp_path, UPLOAD_HEADER, upload_row(), device="An").table.loc[0, "device"]
        other = read_rows(tmp_path, UPLOAD_HEADER, upload_row(), device="Chi").table.loc[
            0, "device"
        ]
        assert named != other
        assert named != "An"
        own = read_rows(tmp_path, TOWER_HEADER, tower_row(rsrp=-101), device="An").table
        assert own.loc[0, "device"] != named


class TestPacking:
    ROWS = (UPLOAD_HEADER, upload_row(), upload_row(signal=-99), "")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    @pytest.mark.parametrize("before", ["", "\n\n"])
    def test_any_encoding_line_end_and_leading_blank_line(
        self, tmp_path: Path, encoding: str, newline: str, before: str
    ):
        file = tmp_path / "odd.name"
        text = before + "\n".join(self.ROWS)
        file.write_bytes(text.replace("\n", newline).encode(encoding))
        samples = read_samples(file)
        assert samples.n_rows == 2
        assert list(samples.table["rsrp_dbm"]) == [-97.0, -99.0]

    def test_gz_in_zip_in_gz_and_two_gz_streams_in_one_file(self, tmp_path: Path):
        head, body = (self.ROWS[0] + "\n").encode(), "\n".join(self.ROWS[1:]).encode()
        inside = io.BytesIO()
        with zipfile.ZipFile(inside, "w") as archive:
            archive.writestr("deep/a.csv.gz", gzip.compress(head) + gzip.compress(body))
            archive.writestr("b.csv", head + upload_row(signal=-60).encode())
        (tmp_path / "x").write_bytes(gzip.compress(inside.getvalue()))
        samples = read_samples(tmp_path / "x")
        assert sorted(samples.table["rsrp_dbm"]) == [-99.0, -97.0, -60.0]

    def test_blank_lines_between_rows_are_no_rows(self, tmp_path: Path):
        samples = read_samples(written(tmp_path, UPLOAD_HEADER, "", upload_row(), "", ""))
        assert (samples.n_rows, len(samples.table)) == (1, 1)

    def test_quoted_fields_may_hold_delimiters_and_quotes(self, tmp_path: Path):
        file = written(
            tmp_path,
            "lon,lat,rsrp_dbm,device",
            '105.7,22.6,-100,"An, ""máy 2"""',
            "105.7,22.6,-99,B",
        )
        assert read_samples(file).n_rows == 2

    def test_a_row_cut_at_the_end_is_counted_not_guessed(self, tmp_path: Path):
        file = tmp_path / "cut.csv"
        rows = [upload_row(signal=-100 + second) for second in range(10)]
        file.write_text("\n".join([UPLOAD_HEADER, *rows, rows[0][:40]]))
        samples = read_samples(file)
        assert (samples.n_rows, len(samples.table)) == (11, 10)
        assert dict(samples.dropped) == {"cut short": 1}


def test_a_misspelt_option_is_refused():
    with pytest.raises(TypeError, match="timezoen"):
        read_samples([], timezoen="UTC")
