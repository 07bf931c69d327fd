"""Count how every commune's name finds itself through other ways of typing, and time a large list.

Run `python benchmarks/names.py`. Each of the 3,321 new communes is looked for among those of its
province, each old one among those of its province and district, as itself and in every variant. Then, as
a harder test, each is looked for where it is not: whatever is joined there is joined wrongly.
"""

import argparse
import time
from collections import Counter

import pandas as pd

from lomsong.vietnam import names, units
from lomsong.vietnam.variants import EQUAL, without_accents

ROWS = 100_000
VARIANTS = {
    **EQUAL,
    "no accents": without_accents,
    "no accents, upper": lambda text: without_accents(text).upper(),
}


def registers() -> dict[str, pd.DataFrame]:
    """Return the communes of both vintages with the key under which their names are compared."""
    new, old = units.table("new"), units.table("old")
    without_kind = old.assign(name=old["short_name"])
    old_districts = old["province_code"] + "-" + old["district_code"]
    return {
        "new communes by province": new.assign(commune_code=new["province_code"]),
        "old communes by province, district": old.assign(commune_code=old_districts),
        "old communes by province, district, names without kind": without_kind.assign(
            commune_code=old_districts
        ),
        "old communes by province": old.assign(commune_code=old["province_code"]),
    }


def outcome(register: pd.DataFrame, typed: pd.Series) -> Counter[str]:
    """Match typed names with their own register and count how that ends."""
    found = names.match(register.assign(name=typed), register, level="commune").table
    own = pd.Series(range(len(register)), index=register.index)
    joined = found["register_position"].notna()
    right = joined & (found["register_position"] == own)
    return Counter(
        {
            "itself": int(right.sum()),
            "wrong": int((joined & ~right).sum()),
            "ambiguous": int((found["grade"] == "ambiguous").sum()),
            "not found": int(found["grade"].isin(["none", "merged"]).sum()),
        }
    )


def absent(register: pd.DataFrame) -> Counter[str]:
    """Look for each name in its register without it: two halves, each sought in the other."""
    grades: Counter[str] = Counter()
    for part in (0, 1):
        half = pd.Series(range(len(register)), index=register.index) % 2 == part
        # A commune of the same name in the other half would be found rightly.
        keys = register["commune_code"] + "|" + register["short_name"].map(names.key)
        alone = half & ~keys.isin(keys[~half])
        found = names.match(register[alone], register[~half], level="commune")
        grades.update(found.table["grade"])
    return grades


def hamlets(rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a register of hamlets in all communes from real commune names, and a list typed in many ways."""
    stems = units.table("old")["short_name"].tolist()
    kinds = ("Thôn", "Bản", "Xóm", "Ấp", "Tổ dân phố")
    codes = units.table("new")["code"].tolist()
    register = pd.DataFrame(
        {
            "commune_code": [codes[row % len(codes)] for row in range(rows)],
            "name": [
                f"{kinds[row % len(kinds)]} {stems[row * 7919 % len(stems)]}" for row in range(rows)
            ],
        }
    )
    ways = list(VARIANTS.values())
    typed = [ways[row % len(ways)](name) for row, name in enumerate(register["name"])]
    # Every tenth name has a letter doubled, so that it has to be compared with the whole commune.
    typed = [f"{name}{name[-1]}" if row % 10 == 0 else name for row, name in enumerate(typed)]
    return register.assign(name=typed), register


def main() -> None:
    """Print the counts and the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the timed list")
    rows = parser.parse_args().rows
    for title, register in registers().items():
        print(f"\n{title}: {len(register)} names")
        for variant, write in VARIANTS.items():
            counts = outcome(register, register["name"].map(write))
            print(f"  {variant:18}", *(f"{k} {v:6}" for k, v in counts.items()), sep="  ")
        print("  sought where it is not:", dict(absent(register)))
    listed, register = hamlets(rows)
    start = time.perf_counter()
    counts = names.match(listed, register).counts
    print(f"\n{rows} rows in {time.perf_counter() - start:.1f} s: {counts}")


if __name__ == "__main__":
    main()
