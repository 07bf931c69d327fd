"""Cells become masts: by their numbers, by place, and no cell is lost on the way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lomsong.errors import InputError
from lomsong.ingest import read_sites
from lomsong.ingest.sites import find_masts, masts_of, read_cells
from lomsong.space.crs import METRES_PER_DEGREE, Extent
from lomsong.tables import CELLS, Cells, checked

DAY = pd.Timestamp("2025-06-01", tz="UTC")


def cells(*rows: dict[str, object]) -> Cells:
    """Return cells, by default one of 4G that was heard ten times within a kilometre."""
    usual = {
        "plmn": "452-04",
        "technology": "4G",
        "lon": 105.7,
        "lat": 22.6,
        "position": "estimated",
        "range_m": 1000.0,
        "n_samples": 10,
        "area": 20220,
        "cell": 256,
        **dict.fromkeys(("azimuth_deg", "downtilt_deg", "height_m", "frequency_mhz"), np.nan),
        "power_dbm": np.nan,
        "updated": DAY,
    }
    table = pd.DataFrame(
        [{"site_id": f"C{i}", **usual, **row} for i, row in enumerate(rows)]
    ).astype(
        {
            **dict.fromkeys(("n_samples", "area", "cell"), "Int64"),
            **dict.fromkeys(("site_id", "plmn", "technology", "position"), "str"),
            "updated": "datetime64[ms, UTC]",
        }
    )
    return Cells(table=checked(table, CELLS))


def metres_east(metres: float) -> float:
    return 105.7 + metres / METRES_PER_DEGREE / np.cos(np.radians(22.6))


def test_cells_of_an_enodeb_are_one_mast_at_their_middle_weighted_by_observations():
    found = find_masts(
        cells(
            {"cell": 256 * 7 + 1, "lon": metres_east(0), "n_samples": 30},
            {"cell": 256 * 7 + 2, "lon": metres_east(1000), "n_samples": 10},
            {"cell": 256 * 8 + 1, "lon": metres_east(5000)},
        )
    ).table
    assert found["site_id"].tolist() == ["452-04-4G-7", "452-04-4G-8"]
    assert found["node"].tolist() == [7, 8]
    assert found["lon"].iloc[0] == pytest.approx(metres_east(250), abs=1e-6)
    assert found["n_cells"].tolist() == [2, 1]
    assert found["n_samples"].tolist() == [40, 10]
    assert set(found["position"]) == {"estimated"}


def test_a_number_used_far_apart_is_two_masts():
    far = cells({"cell": 257}, {"cell": 258, "lon": metres_east(30_000)})
    assert find_masts(far).table["site_id"].tolist() == ["452-04-4G-1", "452-04-4G-1 (2)"]


def test_consecutive_numbers_of_old_technologies_are_sectors_of_one_mast():
    old = [{"technology": "2G", "cell": number} for number in (5001, 5002, 5003, 5011)]
    old[3]["lon"] = metres_east(4000)
    other_area = {"technology": "2G", "cell": 5004, "area": 1, "lon": metres_east(-4000)}
    found = find_masts(cells(*old, other_area)).table
    assert found["n_cells"].tolist() == [1, 3, 1]
    assert found["site_id"].tolist() == [
        "452-04-2G-1-5004",
        "452-04-2G-20220-5001",
        "452-04-2G-20220-5011",
    ]


def test_technologies_of_one_carrier_join_within_their_errors_and_nodes_of_one_do_not():
    def site(technology: str, cell: int, east: float) -> dict[str, object]:
        return {"technology": technology, "cell": cell, "lon": metres_east(east)}

    found = find_masts(cells(site("4G", 256, 0), site("3G", 1, 300), site("4G", 512, 600))).table
    assert found["site_id"].nunique() == 2
    masts = masts_of(found)
    assert sorted(masts["technologies"]) == ["3G/4G", "4G"]
    apart = find_masts(cells(site("4G", 256, 0), site("3G", 1, 5000))).table
    assert apart["site_id"].nunique() == 2


def test_the_error_grows_with_the_range_falls_with_samples_and_is_null_where_nothing_tells():
    def error(*rows: dict[str, object]) -> float:
        return float(find_masts(cells(*rows)).table["position_error_m"].iloc[0])

    assert error({"range_m": 2000.0}) == pytest.approx(2 * error({"range_m": 1000.0}))
    assert error({"n_samples": 100}) < error({"n_samples": 2})
    three = [{"cell": 256 + n} for n in range(3)]
    assert error(*three) == pytest.approx(error({}) / np.sqrt(3))
    assert np.isnan(error({"range_m": np.nan}))
    wide = [{"cell": 256 + n, "lon": metres_east(3000 * n)} for n in range(2)]
    assert error(*wide) == pytest.approx(1500, rel=0.01)


def test_what_a_carrier_states_stays_as_it_stands(tmp_path: Path):
    file = tmp_path / "own.csv"
    file.write_text(
        "site,technology,lon,lat,azimuth,tilt,height,frequency,power\n"
        "CB1,4G,105.7123456,22.6543211,0,3,42,1800,46\n"
        "CB1,4G,105.7123456,22.6543211,120,3,42,1800,46\n"
        "CB1,3G,105.7123456,22.6543211,0,,42,2100,43\n"
        "CB2,4G,105.9,22.6,,,,,\n"
    )
    found = read_sites(file, columns={"plmn": "viettel"}).table
    assert found["site_id"].tolist() == ["CB1", "CB1", "CB1", "CB2"]
    assert found["lon"].tolist() == [105.7123456] * 3 + [105.9]
    assert found["azimuth_deg"].tolist()[:3] == [0, 0, 120]
    assert found["downtilt_deg"].fillna(-1).tolist() == [-1, 3, 3, -1]
    assert (found["position_error_m"] == 0).all()
    assert set(found["position"]) == {"exact"}


def test_an_estimate_near_a_stated_mast_of_its_carrier_takes_its_place():
    found = find_masts(
        cells({"position": "exact", "range_m": np.nan}, {"cell": 300, "lon": metres_east(60)})
    ).table
    assert set(found["site_id"]) == {"C0"}
    assert found["lon"].tolist() == [105.7] * len(found)


def test_carriers_at_one_place_share_it_and_others_do_not():
    found = find_masts(
        cells(
            {"position": "exact", "site_id": "A"},
            {"position": "exact", "site_id": "B", "plmn": "452-02", "lon": metres_east(80)},
            {"position": "exact", "site_id": "D", "plmn": "452-01", "lon": metres_east(180)},
        )
    ).table
    assert found["site_id"].tolist() == ["A", "B", "D"]
    assert found["place_id"].tolist() == ["A", "A", "D"]


def test_few_observations_and_far_cells_are_told():
    found = find_masts(
        cells(
            {"n_samples": 4},
            {"cell": 900, "n_samples": None, "lon": 105.8},
            {"cell": 257, "lon": 107.0},
        ),
        extent=Extent(105, 22, 106, 23),
        minimum_samples=5,
    )
    assert found.table["site_id"].tolist() == ["452-04-4G-3"]
    assert dict(found.dropped) == {"far away": 1, "few observations": 1}
    assert [dict(mast) for mast in found.left_out] == [
        {"site_id": "452-04-4G-1", "reason": "few observations", "n_samples": 4}
    ]


def test_impossible_antennas_are_faults(tmp_path: Path):
    file = tmp_path / "own.csv"
    file.write_text(
        "site,lon,lat,tilt,height,frequency,power\nT1,105.7,22.6,120,900,1842500,20000\n"
    )
    with pytest.raises(InputError) as caught:
        read_sites(file, columns={"plmn": "452-04", "technology": "4G"})
    assert len(caught.value.faults) == 4


ANY_CELL = st.fixed_dictionaries(
    {
        "technology": st.sampled_from(["2G", "3G", "4G", "5G"]),
        "plmn": st.sampled_from(["452-04", "452-02"]),
        "lon": st.floats(105.70, 105.74),
        "lat": st.floats(22.60, 22.64),
        "range_m": st.sampled_from([np.nan, 50.0, 800.0, 3000.0]),
        "n_samples": st.sampled_from([None, 1, 3, 40]),
        "cell": st.integers(0, 2000),
        "area": st.sampled_from([None, 1, 2]),
        "position": st.sampled_from(["estimated", "estimated", "exact"]),
    }
)


@given(st.lists(ANY_CELL, min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_no_cell_is_lost_and_order_changes_no_bit(rows, random):
    given_cells = cells(*rows)
    found = find_masts(given_cells, minimum_samples=5)
    assert found.table["n_cells"].sum() + found.dropped.get("few observations", 0) == len(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    again = find_masts(
        Cells(table=given_cells.table.iloc[order].reset_index(drop=True)), minimum_samples=5
    )
    pd.testing.assert_frame_equal(found.table, again.table, check_exact=True)
    for _, mast in found.table.groupby("site_id"):
        same = mast[["lon", "lat", "place_id", "plmn", "position"]]
        pd.testing.assert_frame_equal(same, same.iloc[[0] * len(same)].set_index(same.index))


def test_masts_of_a_whole_country(shared_data: Path):
    file = shared_data / "signal" / "opencellid_cells" / "suriname_cell_towers.csv.gz"
    read = read_cells(file)
    found = find_masts(read, minimum_samples=5)
    assert found.table["n_cells"].sum() + found.dropped["few observations"] == len(read.table)
    masts = masts_of(found.table)
    assert 100 < len(masts) < 2000
    assert (found.table["position_error_m"].dropna() > 0).all()
    assert found.table["place_id"].isin(masts["site_id"]).all()
