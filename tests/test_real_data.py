"""Whole runs on files that were really made by others."""

import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lomsong
from lomsong.config import load
from lomsong.ingest import read_hamlets, read_samples
from lomsong.ingest.inputs import open_inputs
from lomsong.space.zonal import area_shares, zonal_sums


def project(folder, text):
    file = folder / "project.toml"
    file.write_text(f'[project]\nname = "real"\n{text}', encoding="utf-8")
    return file


DAKAR = """
[areas]
square_m = 200
[[signal]]
path = "{path}"
timezone = "Africa/Dakar"
[privacy]
publish_without_devices = true
"""


def test_two_walks_in_dakar_are_judged_on_squares(shared_data, tmp_path):
    logs = shared_data / "signal" / "gnettrack_dakar"
    run = lomsong.run(project(tmp_path, DAKAR.format(path=f"{logs}/*.txt")), tmp_path / "out")
    assert set(run.hamlets["kind"]) == {"area"}
    assert run.hamlets["people"].isna().all()
    assert set(run.assessment["carrier"]) == {"608-01", "608-02", "any"}
    whole = run.assessment[
        (run.assessment["cluster_id"] == "") & (run.assessment["technology"] == "4G")
    ]
    of = whole.groupby("carrier")
    samples = read_samples(sorted(logs.glob("*.txt")), timezone="Africa/Dakar").table
    for plmn in ("608-01", "608-02"):
        own = samples[samples["plmn"] == plmn]
        counted = own[own["no_service"] | (own["technology"] == "4G")]
        assert of["n_samples"].sum()[plmn] == len(counted)
        assert of["n_no_service"].sum()[plmn] == own["no_service"].sum()
    assert of["n_no_service"].sum()["608-01"] == 2
    # A walk that names no device publishes nothing unless its owner says so.
    assert whole["n_devices"].isna().all()
    sides = run.hamlets.to_crs(run.hamlets.estimate_utm_crs()).area ** 0.5
    assert sides.between(198, 202).all()


def test_statistics_of_a_walk_without_devices_are_withheld(shared_data, tmp_path):
    logs = shared_data / "signal" / "gnettrack_dakar"
    text = DAKAR.format(path=f"{logs}/*.txt").replace("= true", "= false")
    run = lomsong.run(project(tmp_path, text), tmp_path / "out")
    for column in ("n_samples", "n_no_service", "n_days", "newest", "rsrp_median_dbm"):
        assert run.assessment[column].isna().all()
    assert (run.assessment["evidence"] == "measured").any()


def test_rows_of_no_coverage_are_each_an_observation(shared_data, tmp_path):
    log = shared_data / "signal" / "gnettrack_dakar" / "Yas_log.txt"
    lines = log.read_text(encoding="utf-8").split("\n")
    row = "2025.07.18_22.24.{:02d}\t-17.435686\t14.66252{}\tNO_COVERAGE\t\t\t0\t-1\t\t--\t-200\t-2\t-\t-\t-\t\t\t68\t-1\t\t\t"
    silent = [row.format(second, second % 10) for second in range(20, 50)]
    (tmp_path / "walk.txt").write_text(
        "\n".join([*lines[:300], *silent, *lines[300:]]), encoding="utf-8"
    )
    run = lomsong.run(project(tmp_path, DAKAR.format(path="walk.txt")), tmp_path / "out")
    whole = run.assessment[
        (run.assessment["cluster_id"] == "") & (run.assessment["technology"] == "4G")
    ]
    # The log has one home carrier, so each of the rows is that carrier's.
    assert whole.groupby("carrier")["n_no_service"].sum().to_dict() == {"608-02": 30, "any": 30}


@pytest.mark.parametrize(
    ("folder", "pattern", "plmns"),
    [
        ("netcellinfo_ottawa", "*.csv", {"302-720"}),
        ("netcellinfo_virginia", "raw.csv", {"310-410"}),
    ],
)
def test_exports_of_phones_are_judged_on_squares(shared_data, tmp_path, folder, pattern, plmns):
    files = shared_data / "signal" / folder
    text = DAKAR.format(path=f"{files}/{pattern}").replace("Africa/Dakar", "America/Toronto")
    run = lomsong.run(project(tmp_path, text), tmp_path / "out")
    samples = read_samples(sorted(files.glob(pattern)), maximum_accuracy_m=100).table
    assert set(run.assessment["carrier"]) >= {*plmns, "any"}
    whole = run.assessment[
        (run.assessment["cluster_id"] == "") & (run.assessment["carrier"] == "any")
    ]
    heard = samples.groupby("technology").size()
    assert whole.groupby("technology")["n_samples"].sum().to_dict() == heard.to_dict()
    assert not (run.hamlets["class"] == "no_signal").any()


PAC_NAM = """
[hamlets]
path = "pacnam.geojson"
columns = {{ hamlet_id = "id", name = "name" }}
[people]
raster = "{shared}/power_pop/vnm_pd_2020_1km.tif"
unit = "people_per_km2"
[power]
lines = "{shared}/power_pop/vn_power_vertices.csv"
"""


@pytest.fixture
def pac_nam(shared_data, tmp_path):
    """Ten communes whose outlines really overlap, taken as hamlets."""
    communes = gpd.read_file(shared_data / "boundaries" / "communes_pre2025_4areas.geojson")
    ten = communes[communes["district_vn"] == "Huyện Pác Nặm"].reset_index(drop=True)
    assert len(ten) == 10
    named = gpd.GeoDataFrame(
        {"id": [f"P{i}" for i in range(10)], "name": [f"Xã {i}" for i in range(10)]},
        geometry=ten.geometry,
        crs=ten.crs,
    )
    named.to_file(tmp_path / "pacnam.geojson", engine="pyogrio")
    return project(tmp_path, PAC_NAM.format(shared=shared_data))


def test_people_of_overlapping_communes_are_conserved(pac_nam):
    inputs = open_inputs(load(pac_nam))
    table = inputs.hamlets.table
    shapes = table.geometry.to_numpy()
    assert shapely.area(shapes).sum() > shapely.union_all(shapes).area * (1 + 1e-9)
    people = inputs.people()["people_raster"]
    shares = area_shares(table.geometry.to_numpy(), inputs.people_raster)
    inside, outside = zonal_sums(shares, inputs.people_raster)
    total = np.nansum(inputs.people_raster.values.astype(float))
    assert abs(inside.sum() + outside - total) <= 1e-6 * total
    np.testing.assert_allclose(inside, people)
    assert (people > 500).all()


def test_far_lines_decide_nobodys_power_and_nothing_decides_a_class(pac_nam, tmp_path):
    run = lomsong.run(pac_nam, tmp_path / "out")
    assert set(run.hamlets["power"]) == {"unknown"}
    assert set(run.hamlets["class"]) == {"unknown"}
    assert run.hamlets["people"].notna().all()


def test_really_invalid_polygons_are_repaired_listed_and_judged(shared_data, tmp_path):
    file = shared_data / "boundaries" / "communes_2025_real_invalid_geometries.geojson"
    hamlets = read_hamlets(file)
    assert len(hamlets.table) == 38
    assert hamlets.table.geometry.is_valid.all()
    assert len(hamlets.repairs) >= 38
    run = lomsong.run(project(tmp_path, f'[hamlets]\npath = "{file}"\n'), tmp_path / "out")
    assert set(run.hamlets["class"]) == {"unknown"}
    assert len(run.manifest["repairs"]) == len(hamlets.repairs)


TERRAINS = [
    ("N51W001.hgt.zip", (-0.6, 51.5)),
    ("S46W066.hgt.gz", (-65.6, -45.4)),
    ("srtm3_N46E008.tif", (8.5, 46.5)),
    ("bigtujunga_srtm30m_utm11.tif", (-118.2, 34.3)),
]


@pytest.mark.parametrize(("name", "place"), TERRAINS, ids=[t[0] for t in TERRAINS])
def test_a_run_stands_on_real_terrain_of_every_kind(shared_data, tmp_path, name, place):
    lon, lat = place
    n = 8
    silent = pd.DataFrame(
        {
            "time": "2025-01-01T00:00:00Z",
            "lon": np.repeat(lon + np.arange(n) * 0.0016, 3),
            "lat": lat,
            "plmn": "452-04",
            "no_service": True,
            "device": np.tile(["a", "b", "c"], n),
        }
    )
    silent.to_csv(tmp_path / "silent.csv", index=False)
    gpd.GeoDataFrame(
        {"ma_thon": ["A"], "ten_thon": ["Nà Cao"], "dan_so": [120]},
        geometry=gpd.points_from_xy([lon + 0.005], [lat]).buffer(0.02),
        crs=4326,
    ).to_file(tmp_path / "hamlets.gpkg", engine="pyogrio")
    shutil.copy(shared_data / "dem" / name, tmp_path / name)
    columns = ", ".join(f'{c} = "{c}"' for c in silent.columns)
    file = project(
        tmp_path,
        f"""
[hamlets]
path = "hamlets.gpkg"
[[signal]]
path = "silent.csv"
format = "csv"
columns = {{ {columns} }}
[terrain]
path = "{name}"
""",
    )
    run = lomsong.run(file, tmp_path / "out")
    assert run.hamlets["class"].tolist() == ["no_signal"]
    chosen = run.candidates[run.candidates["selected"]]
    assert chosen["people_gained"].sum() == 120
    assert np.isfinite(chosen["ground_m"]).all()
