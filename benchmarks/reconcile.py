"""Measure how long a list of 100,000 rows takes to be put beside a run, and the memory it needs.

python benchmarks/reconcile.py [--rows 100000]
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from lomsong.ingest.official.join import join_official
from lomsong.ingest.official.lists import read_official_list
from lomsong.vietnam import units
from lomsong.vietnam.variants import nfd, other_tone_style, without_accents

FIRST = ("Nà", "Pác", "Khuổi", "Bản", "Phiêng", "Nặm", "Lũng", "Tà", "Cốc", "Thẳm", "Huổi", "Pù")
SECOND = (
    "Lầu",
    "Lau",
    "Lèng",
    "Lẻng",
    "Pồ",
    "Hòa",
    "Thuỷ",
    "Mạ",
    "Đeng",
    "Khuê",
    "Vài",
    "Tạc",
    "Sla",
)
TYPED = (str, nfd, other_tone_style, str.upper, without_accents)
LACKING = ("Trắng sóng", "Lõm sóng")


def register(rows: int, *, seed: int = 1) -> pd.DataFrame:
    """Return hamlets of real communes of today; names repeat from commune to commune, never inside one."""
    rng = np.random.default_rng(seed)
    communes = units.table("new")[["code", "name"]]
    per_commune = -(-rows // len(communes))
    names = [f"{a} {b}" for a in FIRST for b in SECOND]
    names += [f"Thôn {n}" for n in range(1, 11)]
    parts = []
    for code, commune in communes.itertuples(index=False, name=None):
        chosen = rng.choice(len(names), per_commune, replace=False)
        parts += [(code, commune, names[i]) for i in chosen]
    table = pd.DataFrame(
        parts[:rows], columns=["commune_code", "commune_name", "name"], dtype="str"
    )
    return table.assign(hamlet_id=[f"h{i:06d}" for i in range(len(table))])


def write_list(hamlets: pd.DataFrame, file: Path, *, seed: int = 2) -> None:
    """Write a list of all hamlets, each typed in one of several ways, with titles above."""
    rng = np.random.default_rng(seed)
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["DANH SÁCH THÔN TRẮNG SÓNG, LÕM SÓNG"])
    sheet.write_row(1, 0, ["Tính đến ngày 31/12/2025. Nguồn: phép thử"])
    sheet.write_row(3, 0, ["STT", "Mã xã", "Xã", "Thôn/bản", "Số hộ", "Phân loại", "Ghi chú"])
    ways = rng.integers(0, len(TYPED), len(hamlets))
    for number, (code, commune, name, _) in enumerate(hamlets.itertuples(index=False, name=None)):
        typed = TYPED[ways[number]](name)
        line = [number + 1, code, commune, typed, 40, LACKING[number % 2], None]
        sheet.write_row(4 + number, 0, line)
    book.close()


def main() -> None:
    """Print seconds of reading and joining, peak memory, and what became of the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    hamlets = register(rows)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.xlsx"
        write_list(hamlets, file)
        start = time.perf_counter()
        listed = read_official_list(file)
        read = time.perf_counter()
        found = join_official(listed.rows, hamlets)
        done = time.perf_counter()
    joined = found["hamlet_id"].notna()
    right = (found["hamlet_id"] == hamlets["hamlet_id"]) & joined
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"rows {len(listed.rows)}: read {read - start:.1f} s, joined {done - read:.1f} s")
    print(f"peak memory {peak_mb:.0f} MB")
    print(f"joined {joined.sum()}, wrong {(joined & ~right).sum()}, for review {(~joined).sum()}")
    print(found.loc[~joined, "reason"].value_counts().to_string())


if __name__ == "__main__":
    main()
