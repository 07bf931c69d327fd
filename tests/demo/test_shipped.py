"""The files in data/ are what the generator makes, and tell of a district like a real one."""

import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import shapely

from lomsong import demo
from lomsong.demo.write import write_district
from lomsong.vietnam import names

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def fresh(shipped: demo.District, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fresh")
    write_district(shipped, folder)
    return folder


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(
        DATA / "truth" / "truth_hamlets.csv", dtype={"hamlet_id": str}, encoding="utf-8-sig"
    )


def files_of(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def cells_of(file: Path) -> list[list[object]]:
    book = openpyxl.load_workbook(file, read_only=True)
    rows = [list(row) for row in book.active.iter_rows(values_only=True)]
    book.close()
    return rows


def assert_equal_content(ours: Path, theirs: Path) -> None:
    """Text to the byte; what a library writes by its content, as its version may differ."""
    match ours.suffix:
        case ".gz":
            assert gzip.decompress(ours.read_bytes()) == gzip.decompress(theirs.read_bytes())
        case ".gpkg":
            pd.testing.assert_frame_equal(gpd.read_file(ours), gpd.read_file(theirs))
        case ".parquet":
            pd.testing.assert_frame_equal(pd.read_parquet(ours), pd.read_parquet(theirs))
        case ".tif":
            with rasterio.open(ours) as one, rasterio.open(theirs) as other:
                assert one.profile == other.profile
                np.testing.assert_array_equal(one.read(), other.read())
        case ".xlsx":
            assert cells_of(ours) == cells_of(theirs)
        case _:
            assert ours.read_bytes() == theirs.read_bytes()


def test_committed_files_are_what_the_generator_makes(fresh: Path) -> None:
    assert files_of(fresh) == files_of(DATA)
    for name in sorted(files_of(DATA)):
        assert_equal_content(DATA / name, fresh / name)


def test_it_has_the_facts_of_a_mountain_district(truth: pd.DataFrame) -> None:
    hamlets = gpd.read_file(DATA / "boundaries" / "hamlets.gpkg")
    best = truth[truth["carrier"] == "any"]
    power = pd.read_csv(DATA / "truth" / "truth_power.csv", encoding="utf-8-sig")
    assert hamlets["ma_xa"].nunique() == 10
    assert len(hamlets) > 100
    assert (best["class"] == "no_signal").sum() == 3
    assert 45 <= best["class"].isin(["partial", "weak"]).sum() <= 55
    assert (power["power"] == "no_grid").sum() > 10
    partly = (power["power"] == "grid") & (power["households_no_grid"] > 0)
    assert partly.any()


def test_official_list_disagrees_with_the_truth(truth: pd.DataFrame) -> None:
    rows = cells_of(DATA / "boundaries" / "trang_song_lom_song.xlsx")
    # Clerks write the kind of place before some names.
    listed = {
        (names.key(row[2]).removeprefix("thôn "), row[4]) for row in rows if isinstance(row[0], int)
    }
    words = {"trang_song": "Trắng sóng", "lom_song": "Lõm sóng"}
    poor = truth[(truth["carrier"] == "any") & truth["official_class"].isin(list(words))]
    true = {(names.key(row["name"]), words[row["official_class"]]) for _, row in poor.iterrows()}
    assert listed & true
    assert listed - true
    assert true - listed


def test_every_file_is_labelled_synthetic() -> None:
    unlabelled = {"cells_452.csv.gz"}  # the format has no room; README.md speaks for it
    for name in files_of(DATA):
        file = DATA / name
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        if file.suffix == ".xlsx":
            content = str(cells_of(file)).encode()
        labelled = b"synthetic" in content.lower() or "synthetic" in file.name
        assert labelled or file.name in unlabelled, name
        assert file.name in unlabelled or file.suffix != ".md" or b"CC0" in content


def test_commune_codes_cannot_be_mistaken_for_real_ones() -> None:
    hamlets = gpd.read_file(DATA / "boundaries" / "hamlets.gpkg")
    assert hamlets["ma_xa"].str.startswith("99").all()
    assert (hamlets["ma_thon"].str[:5] == hamlets["ma_xa"]).all()


def test_hamlets_tile_their_communes() -> None:
    hamlets = gpd.read_file(DATA / "boundaries" / "hamlets.gpkg")
    communes = gpd.read_file(DATA / "boundaries" / "communes.gpkg")
    assert hamlets.crs == communes.crs == "EPSG:4326"
    assert shapely.coverage_is_valid(hamlets.geometry.to_numpy())
    for code, mine in hamlets.groupby("ma_xa"):
        outline = communes.loc[communes["ma_xa"] == code].geometry.iloc[0]
        assert shapely.area(mine.geometry.to_numpy()).sum() == pytest.approx(outline.area, rel=1e-9)


def test_built_in_is_the_checkout_or_made_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert demo.built_in(tmp_path) == DATA
    made: list[Path] = []
    monkeypatch.setattr(demo, "_CHECKOUT_DATA", tmp_path / "nowhere")
    monkeypatch.setattr(demo, "make", lambda folder: made.append(folder) or folder)
    assert demo.built_in(tmp_path) == tmp_path
    assert made == [tmp_path]
