"""Try to find one phone's home in what a run publishes: whoever uploads most must stay as unknown as all others."""

import base64
import binascii
import gzip
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio
import shapely

import lomsong
from districts import District

DEVICE = "imei-356938035643809"
SALT = "a salt of the district"
N_ROWS = 4321
LEVEL_DBM = -73.4
LAST_DAY = "2025-11-23"
CARRIER, PLMN = "vnpt", "452-02"
HAMLET = "H3"
CELL_DEG = 1 / 1600
_NUMBERS = (re.compile(rb"-?\d+(?:\.\d+)?"), re.compile(rb"-?\d+(?:,\d+)?"))
"""With a decimal point and with a decimal comma."""
_BLOB = re.compile(rb"[A-Za-z0-9+/_-]{200,}={0,2}")
_STATISTICS = ("n_samples", "n_no_service", "n_devices", "n_days", "newest")


class Home(District):
    """A district in whose last hamlet one phone sends thousands of rows from a home apart from all others."""

    @property
    def place(self) -> tuple[float, float]:
        """Longitude and latitude of that home."""
        west, south, _, _ = self.box(3)
        return west + 0.0024, south + 0.0132

    def with_home(self) -> "Home":
        random = np.random.default_rng(5)
        lon, lat = self.place
        times = pd.date_range("2025-09-01", LAST_DAY + "T20:00", periods=N_ROWS, tz="UTC")
        rows = pd.DataFrame(
            {
                "time": times.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "lon": lon + random.normal(0, 4e-5, N_ROWS),
                "lat": lat + random.normal(0, 4e-5, N_ROWS),
                "plmn": PLMN,
                "technology": "4G",
                "rsrp_dbm": LEVEL_DBM + random.normal(0, 2, N_ROWS).round(),
                "no_service": False,
                "device": DEVICE,
            }
        )
        self.samples = pd.concat([self.samples, rows], ignore_index=True)
        return self


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    folder = tmp_path_factory.mktemp("home")
    # A store keeps what each file counted: it belongs to the owner and is never published.
    extra = f'[privacy]\nsalt = "{SALT}"\n[evidence]\nstore = "store"\n'
    home = Home(folder, levels=(-85.0, -112.0, None, np.nan), extra=extra).with_home()
    lomsong.run(home.write(), out=folder / "out")
    return home, folder / "out"


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _contents(file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield everything that a file says, unpacked as far as anybody can unpack it."""
    raw = file.read_bytes()
    yield file.name, raw
    if file.suffix == ".parquet":
        yield f"{file.name} metadata", repr(pq.read_schema(file).metadata).encode()
    for table in _tables(file):
        yield f"{file.name} as text", _told(table).encode()
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                yield f"{file.name}/{name}", archive.read(name)
    for blob in _BLOB.findall(raw) if file.suffix in {".html", ".json", ".svg"} else ():
        yield from ((f"{file.name} packed", text) for text in _unpacked(blob))


def _unpacked(blob: bytes) -> Iterator[bytes]:
    try:
        packed = base64.b64decode(blob + b"=" * (-len(blob) % 4), altchars=None)
    except binascii.Error:
        return
    yield packed
    yield from _columns_of_map(packed)
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS, zlib.MAX_WBITS | 16):
        try:
            yield zlib.decompress(packed, window)
        except zlib.error:
            continue


def _columns_of_map(packed: bytes) -> Iterator[bytes]:
    """Yield the figures of the map's payload as text, whichever way they are written."""
    if packed[:2] != b"\x1f\x8b":
        return
    content = gzip.decompress(packed)
    length = int.from_bytes(content[:4], "little")
    header, body = json.loads(content[4 : 4 + length]), content[4 + length :]
    for kind, start, size, _ in header["columns"].values():
        part = body[start : start + size]
        if kind == "exact":
            yield " ".join(f"{v:.10g}" for v in np.frombuffer(part, "<f8")).encode()
        elif kind != "codes":
            raw = _varints(part)
            folded = [-(v + 1) // 2 if v % 2 else v // 2 for v in raw]
            for values in (raw, [v - 1 for v in raw], folded, np.cumsum(folded).tolist()):
                yield " ".join(map(str, values)).encode()


def _varints(part: bytes) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in part:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            values.append(value)
            value, shift = 0, 0
    return values


def _tables(file: Path) -> list[pd.DataFrame]:
    if file.suffix == ".parquet":
        table = pd.read_parquet(file)
        if "geometry" in table:
            table["geometry"] = [shapely.from_wkb(each).wkt for each in table["geometry"]]
        return [table]
    if file.suffix == ".csv":
        return [pd.read_csv(file, encoding="utf-8-sig", dtype=str)]
    if file.suffix == ".xlsx":
        return list(pd.read_excel(file, sheet_name=None, dtype=object).values())
    if file.suffix == ".gpkg":
        layers = [name for name, _ in pyogrio.list_layers(file)]
        tables = [pyogrio.read_dataframe(file, layer=name) for name in layers]
        return [
            pd.DataFrame(t.drop(columns="geometry")).assign(geometry=t.geometry.to_wkt())
            if "geometry" in t
            else t
            for t in tables
        ]
    return []


def _told(table: pd.DataFrame) -> str:
    return table.to_csv(index=False)


def test_every_kind_of_file_of_a_run_is_looked_into(published):
    _, out = published
    kinds = {file.suffix for file in _files(out)}
    known = {".html", ".parquet", ".csv", ".xlsx", ".kmz", ".gpkg", ".json", ".png", ".svg", ".tif"}
    assert kinds <= known, "a new kind of file: teach this test to read it"
    assert not any("store" in file.relative_to(out).parts for file in _files(out))
    packed = [name for file in _files(out) for name, _ in _contents(file) if "packed" in name]
    assert any(name.startswith("map.html") for name in packed)


def test_no_file_names_the_device_or_a_hash_of_it(published):
    _, out = published
    key = hashlib.blake2b(SALT.encode(), digest_size=32).digest()
    hashes = {
        hashlib.new(name, words).digest()
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s")
        for words in (DEVICE.encode(), (SALT + DEVICE).encode(), (DEVICE + SALT).encode())
    } | {
        hashlib.blake2b(DEVICE.encode(), key=own, digest_size=size).digest()
        for own in (b"", key, SALT.encode())
        for size in (8, 16, 32)
    }
    traces = [DEVICE.encode(), DEVICE.partition("-")[2].encode(), SALT.encode()]
    for digest in hashes:
        traces += [digest[:8], digest[:8].hex().encode(), base64.b64encode(digest)[:10]]
    for file in _files(out):
        for name, content in _contents(file):
            for trace in traces:
                assert trace not in content, f"{name} holds {trace!r}"


def test_no_figure_of_the_home_stands_anywhere(published):
    home, out = published
    mine = home.samples[home.samples["device"] == DEVICE]
    median = round(float(mine["rsrp_dbm"].median()))
    # What the home measured is nobody else's level in this district.
    assert not (home.samples.loc[home.samples["device"] != DEVICE, "rsrp_dbm"] == median).any()
    for file in _files(out):
        for table in _tables(file):
            _no_statistics(table, file.name)
            levels = table[[c for c in table.columns if str(c).startswith("rsrp_")]]
            same = levels.apply(pd.to_numeric, errors="coerce") == median
            assert not same.any(axis=None), f"{file.name} tells its level"
        for name, content in _contents(file):
            assert LAST_DAY.encode() not in content, f"{name} tells the home's last day"
            if name.endswith((".png", ".tif")):
                continue
            for numbers in _NUMBERS:
                told = set(numbers.findall(content))
                assert str(N_ROWS).encode() not in told, f"{name} tells how many rows it sent"


def _no_statistics(table: pd.DataFrame, name: str) -> None:
    """No row about the home's hamlet and carrier has a statistic: fewer phones than three stand behind it."""
    if not {"hamlet_id", "n_samples"} <= set(table.columns):
        return
    own = table[(table["hamlet_id"] == HAMLET) & (table["carrier"] == CARRIER)]
    columns = [c for c in table.columns if c in _STATISTICS or c.startswith("rsrp_")]
    assert own[columns].isna().all(axis=None), name


def test_lists_leave_out_the_level_of_the_home(published):
    _, out = published
    for file in sorted(out.glob("priority_*.csv")):
        table = pd.read_csv(file, encoding="utf-8-sig", dtype=str)
        if "hamlet_id" not in table:
            continue
        own = table[table["hamlet_id"] == HAMLET]
        for column in (f"rsrp_{CARRIER}_dbm", "newest"):
            if column in own and (column != "newest" or CARRIER in file.name):
                assert own[column].isna().all(), file.name


def test_no_place_in_any_file_is_near_the_home(published):
    home, out = published
    lon, lat = home.place
    for file in _files(out):
        if file.suffix == ".tif":
            with rasterio.open(file) as raster:
                assert raster.res[0] > 50  # heights of the ground, no samples
            continue
        for name, content in _contents(file):
            if name.endswith(".png"):
                continue
            for pattern in _NUMBERS:
                found = [n.replace(b",", b".") for n in pattern.findall(content) if len(n) < 25]
                _no_place_near(np.array([float(n) for n in found]), lon, lat, name)


def _no_place_near(numbers: np.ndarray, lon: float, lat: float, name: str) -> None:
    """Neighbouring figures are neither the home's place nor its cell, in either order."""
    for first, second in ((lon, lat), (lat, lon)):
        near = np.abs(numbers[:-1] - first) < CELL_DEG
        near &= np.abs(numbers[1:] - second) < CELL_DEG
        assert not near.any(), f"{name} has a place near the home"
    column, line = np.floor(lon / CELL_DEG), np.floor(lat / CELL_DEG)
    for x, y in ((column, line), (line, column)):
        pair = (numbers[:-1] == x) & (numbers[1:] == y)
        assert not pair.any(), f"{name} has the home's cell"


def test_whatever_is_told_of_a_square_stands_for_as_many_phones_as_asked(published):
    home, out = published
    for file in _files(out):
        for table in _tables(file):
            if "n_devices" in table:
                told = pd.to_numeric(table["n_devices"], errors="coerce").dropna()
                assert (told >= 3).all(), file.name
            if {"size", "column", "row"} <= set(table.columns):
                _enough_phones_in_each_square(table, home.samples, file.name)


def _enough_phones_in_each_square(table: pd.DataFrame, samples: pd.DataFrame, name: str) -> None:
    """Count the phones of each square again, from the samples themselves."""
    names = {"viettel": "452-04", "vnpt": "452-02"}
    for row in table.to_dict("records"):
        west, south = (float(row[axis]) * row["size"] * CELL_DEG for axis in ("column", "row"))
        side = row["size"] * CELL_DEG
        # Edges belong to one square or the other, by the last digit of a sum: a hair is left to both.
        inside = samples["lon"].between(west - 1e-9, west + side + 1e-9)
        inside &= samples["lat"].between(south - 1e-9, south + side + 1e-9)
        if row["carrier"] != "any":
            inside &= samples["plmn"] == names[row["carrier"]]
        assert samples.loc[inside, "device"].nunique() >= 3, f"{name}: {row}"


def test_the_test_itself_would_see_each_of_these(published, tmp_path: Path):
    """Planted leaks are found: in a table, in an archive, packed into a page."""
    home, _ = published
    lon, lat = home.place
    table = pd.DataFrame(
        {
            "hamlet_id": [HAMLET],
            "carrier": [CARRIER],
            "n_samples": [N_ROWS],
            "lon": [lon],
            "lat": [lat],
            "device": [DEVICE],
        }
    )
    table.to_parquet(tmp_path / "leak.parquet")
    filler = np.random.default_rng(1).bytes(400).hex()
    packed = base64.b64encode(zlib.compress(f"{_told(table)}{filler}".encode()))
    (tmp_path / "leak.html").write_bytes(b"<script>" + packed + b"</script>")
    with zipfile.ZipFile(tmp_path / "leak.kmz", "w") as archive:
        archive.writestr("doc.kml", _told(table))
    for check in (
        test_no_file_names_the_device_or_a_hash_of_it,
        test_no_figure_of_the_home_stands_anywhere,
        test_no_place_in_any_file_is_near_the_home,
    ):
        for name in ("leak.parquet", "leak.html", "leak.kmz"):
            alone = tmp_path / check.__name__ / name
            alone.mkdir(parents=True)
            (alone / name).write_bytes((tmp_path / name).read_bytes())
            with pytest.raises(AssertionError):
                check((home, alone))
