"""Laws that hold for samples of any content."""

import datetime as dt
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lomsong.ingest import read_samples, stream_samples
from lomsong.ingest.reading.words import all_alike
from lomsong.ingest.samples.duplicates import Duplicates, SeenRows
from lomsong.ingest.samples.levels import (
    RANGES_DBM,
    TECHNOLOGY_WORDS,
    dbm_of_asu,
    in_range,
    technology_of,
)

FEWER = settings(max_examples=40)
"""Each example reads files; the profile's hundred would take half a minute."""
HEADER = "mcc,mnc,lac,cellid,lat,lon,signal,measured_at,rating,act"
LOG_HEADER = "Timestamp\tLongitude\tLatitude\tOperatorname\tOperator\tNetworkTech\tLevel"

upload_rows = st.lists(
    st.builds(
        "452,{},7,{},{},{},{},{},{},{}".format,
        st.sampled_from([1, 2, 3, 4, 5, 8, -1, ""]),
        st.integers(1, 2),
        st.sampled_from([22.5, 22.6, 0, 95, "", "nan"]),
        st.sampled_from([105.5, 105.6, 0, 200]),
        st.sampled_from([-95, -101, -141, -200, 2147483647, -1, 0, 44, "", "-"]),
        st.sampled_from([1679769208597, 1679769208, "", 0]),
        st.sampled_from([5, 60, 0, ""]),
        st.sampled_from(["LTE", "LTE+", "HSPA", "GSM", "NR", "CDMA", "", "other"]),
    ),
    min_size=1,
    max_size=25,
)
log_rows = st.lists(
    st.builds(
        "2025.07.18_22.11.0{}\t105.5\t22.5\t{}\t{}\t{}".format,
        st.integers(0, 2),
        st.just("Viettel"),
        st.sampled_from(["45204", "45202"]),
        st.sampled_from(["4G\t-95", "4G\t-200", "3G\t-24", "3G\t-88", "4G\t-"]),
    )
    | st.just("2025.07.18_22.11.03\t105.5\t22.5\tNO_COVERAGE\t\t--\t-200"),
    min_size=1,
    max_size=25,
)


def write(folder: Path, name: str, header: str, rows: list[str]) -> Path:
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def as_a_bag(table: pd.DataFrame) -> pd.DataFrame:
    """Order rows by everything they say, for comparison without regard to order."""
    plain = table.drop(columns="source")
    return plain.sort_values(list(plain.columns), ignore_index=True)


@FEWER
@given(upload_rows)
def test_every_row_is_in_the_table_or_counted(rows: list[str]):
    with TemporaryDirectory() as folder:
        samples = read_samples(write(Path(folder), "a.csv", HEADER, [*rows, GOOD]))
    assert samples.n_rows == len(rows) + 1 == len(samples.table) + sum(samples.dropped.values())
    assert not samples.table.drop(columns="source").duplicated().any() or _cells_differ(rows)


GOOD = "452,4,7,1,22.5,105.5,-95,1679769208597,5,LTE"


def _cells_differ(rows: list[str]) -> bool:
    return len({row.split(",")[3] for row in [*rows, GOOD]}) > 1


@FEWER
@given(upload_rows, st.integers(1, 7))
def test_the_size_of_batches_changes_nothing(rows: list[str], batch_rows: int):
    with TemporaryDirectory() as folder:
        file = write(Path(folder), "a.csv", HEADER, [*rows, GOOD])
        whole = read_samples(file)
        batches = list(stream_samples(file, batch_rows=batch_rows))
    assert all(batch.n_rows <= batch_rows for batch in batches)
    joined = pd.concat([batch.table for batch in batches], ignore_index=True)
    pd.testing.assert_frame_equal(joined.astype(whole.table.dtypes), whole.table, check_exact=True)
    assert sum((Counter(batch.dropped) for batch in batches), Counter()) == whole.dropped


@FEWER
@given(st.data())
def test_the_order_of_rows_and_of_files_changes_nothing_but_order(data: st.DataObject):
    header, strategy, good = data.draw(
        st.sampled_from(
            [
                (HEADER, upload_rows, GOOD),
                (LOG_HEADER, log_rows, "2025.07.18_22.11.09\t105.5\t22.5\tV\t45204\t4G\t-95"),
            ]
        )
    )
    first, second = data.draw(strategy), data.draw(strategy)
    shuffled = data.draw(st.permutations(first))
    with TemporaryDirectory() as name:
        folder = Path(name)
        a = write(folder, "a", header, [good, *first])
        b = write(folder, "b", header, [*second, good])
        c = write(folder, "c", header, [*shuffled, good])
        one, other = read_samples([a, b]), read_samples([b, c])
        named_otherwise = read_samples([b, a])
    pd.testing.assert_frame_equal(as_a_bag(one.table), as_a_bag(other.table), check_exact=True)
    pd.testing.assert_frame_equal(one.table, named_otherwise.table, check_exact=True)
    assert one.dropped == other.dropped == named_otherwise.dropped


@FEWER
@given(log_rows)
def test_a_log_keeps_every_look_without_service(rows: list[str]):
    good = "2025.07.18_22.11.09\t105.5\t22.5\tV\t45204\t4G\t-95"
    with TemporaryDirectory() as folder:
        table = read_samples(write(Path(folder), "a", LOG_HEADER, [good, *rows])).table
    silent = [row for row in rows if row.endswith("-200")]
    assert table["no_service"].sum() == len(silent)
    carriers = {row.split("\t")[4] for row in rows if "NO_COVERAGE" not in row} | {"45204"}
    homeless = sum("NO_COVERAGE" in row for row in rows) if len(carriers) > 1 else 0
    assert table["plmn"].isna().sum() == homeless


observations = st.lists(
    st.tuples(
        st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2030, 1, 1)),  # noqa: DTZ001 -- local by design
        st.floats(102, 110),
        st.floats(8, 24),
        st.sampled_from(["452-01", "452-02", "452-04", "452-05", "452-07"]),
        st.sampled_from(["2G", "3G", "4G", "5G"]),
        st.floats(0, 1),
        st.booleans(),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: (row[0].replace(microsecond=0), row[1], row[2]),
)


@FEWER
@given(observations)
def test_generated_observations_come_back_to_the_bit(rows: list[tuple[object, ...]]):
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    lines, expected = [], []
    for time, lon, lat, plmn, technology, share, silent in rows:
        low, high = RANGES_DBM[technology]
        level = low + share * (high - low)
        stamp = time.replace(microsecond=0)
        lines.append(f"{stamp.isoformat()},{lon!r},{lat!r},{plmn},{technology},{level!r},{silent}")
        expected.append((pd.Timestamp(stamp, tz=zone), lon, lat, plmn, level, silent))
    with TemporaryDirectory() as folder:
        file = write(Path(folder), "a", "time,lon,lat,plmn,technology,rsrp_dbm,no_service", lines)
        table = read_samples(file).table
    for row, (time, lon, lat, plmn, level, silent) in zip(
        table.itertuples(), expected, strict=True
    ):
        assert (row.time, row.lon, row.lat, row.plmn, row.no_service) == (
            time,
            lon,
            lat,
            plmn,
            silent,
        )
        assert silent or np.nansum([row.rsrp_dbm, row.level_dbm]) == level


@given(
    st.lists(st.lists(st.integers(1, 40), max_size=20), max_size=8),
    st.sampled_from([0, 50, 58]),
    st.sampled_from([0, 20, 1000]),
)
def test_the_set_of_hashes_is_a_set(batches: list[list[int]], shift: int, most_together: int):
    seen, known = SeenRows(most_together=most_together), set()
    for batch in batches:
        hashes = np.array(batch, dtype="uint64") << np.uint64(shift)
        assert list(seen.contains(hashes)) == [number in known for number in batch]
        first = [number not in known | set(batch[:place]) for place, number in enumerate(batch)]
        assert list(seen.add(hashes)) == first
        known |= set(batch)
    assert list(seen.ordered()) == [number << shift for number in sorted(known)]


@given(st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=9), min_size=1, max_size=4))
def test_honest_repeats_keep_the_most_that_one_file_holds(files: list[list[int]]):
    duplicates, kept = Duplicates(), Counter()
    for rows in files:
        own = duplicates.of_file(honest_repeats=True)
        for start in range(0, len(rows), 2):
            part = np.array(rows[start : start + 2], dtype="uint64")
            kept.update(part[~own.repeated(part)].tolist())
    expected = Counter()
    for rows in files:
        expected |= Counter(rows)
    assert kept == expected


def test_asu_ends_inside_the_range_of_its_technology():
    for technology in RANGES_DBM:
        asu = np.arange(-3.0, 300.0)
        dbm = dbm_of_asu(asu, all_alike(technology, len(asu)))
        given_by_asu = np.isfinite(dbm)
        assert given_by_asu[asu == 0].all()
        assert not given_by_asu[(asu < 0) | (asu >= 99)].any()
        inside = in_range(dbm[given_by_asu], all_alike(technology, given_by_asu.sum()))
        # The highest code of 3G, -24 dBm, is what phones write when they know nothing.
        assert inside[:-1].all()


def test_words_of_technologies_do_not_depend_on_how_they_are_typed():
    for word, technology in TECHNOLOGY_WORDS.items():
        for typed in (word, word.lower(), f" {word} ", word.replace("PLUS", "+")):
            assert technology_of(typed) == technology or "+" in typed
    assert technology_of("LTE+") == technology_of("lte_ca") == "4G"
    assert technology_of("HSPA+") == "3G"
    assert technology_of("4G+") == "4G"
