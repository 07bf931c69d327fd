"""Judge 20 hard worlds whose truth is known, beside the naive answer, measured evidence alone, and an oracle.

The worlds of `truth.toml` are made in FOLDER where they are missing. Each is answered in these ways:

naive       mean RSRP of all rows inside a hamlet's polygon, no service counted as -140 dBm; no row: unknown
measured    the program with `decide_by = ["measured"]`
no-silence  the program without evidence from silence
no-passed   the program without gaps that devices crossed, with all other silence
full        the program with every kind of evidence
oracle      the same, told also of the observations that left no trace

A row per world, carrier and answer is printed as soon as the world is judged, in the end a row over all worlds. A dead hamlet that
stays unknown counts as not found; a cluster without a probability counts as one half. Below stands which kinds of dead hamlets
are found and missed. What each question asks for:

all answers over all worlds            python benchmarks/truth.py FOLDER
what silence adds                      python benchmarks/truth.py FOLDER --answers no-silence full
what gaps crossed add                  python benchmarks/truth.py FOLDER --answers no-passed full
silence where nothing is lost          python benchmarks/truth.py FOLDER --nothing-lost --answers no-silence full
gaps crossed where nothing is lost     python benchmarks/truth.py FOLDER --nothing-lost --answers no-passed full
worlds made by another mind            python benchmarks/truth.py FOLDER --other
those with one habit changed each      python benchmarks/truth.py FOLDER --variations

`--only 3 7` takes some worlds by their seed, `--quiet` prints the figures over all worlds alone. Where nothing is lost, every phone
tells where it has no service: there silence has nothing to add and must do no harm. Worlds are kept under names of their own.
"""

import argparse
import pickle
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

import other_worlds
from lomsong.assess.assessment import assess
from lomsong.config import EvidenceSection, Settings, load
from lomsong.demo import World, make
from lomsong.demo.world import DEFAULT_CARRIERS
from lomsong.evidence.clusters import Clusters, find_clusters
from lomsong.evidence.cube import Evidence, count, merge
from lomsong.evidence.join import Locator
from lomsong.evidence.silence import KINDS
from lomsong.ingest.inputs import Inputs, open_inputs
from lomsong.ingest.terrain import Terrain
from lomsong.space.crs import WGS84, to_crs
from lomsong.tables import ANY_CARRIER, SAMPLES, Hamlets, Samples, Sites, checked, empty
from lomsong.vietnam.carriers import CARRIERS

KNOBS = Path(__file__).with_name("truth.toml")
ANSWERS = ("naive", "measured", "no-silence", "no-passed", "full", "oracle")
LARGE = ("viettel", "vnpt")
NO_SERVICE_DBM = -140.0
BINS = 10
DEAD = "no_signal"
NEAR_DB = 6.0
"""A dead hamlet whose best level lies less than this below the limit is near to it [dB]."""
WORKERS = 2
WIDE = {"answer": 11, "carrier": 13, "brier": 7}
"""Columns that are wider than their names."""

Judged = tuple[pd.DataFrame, pd.DataFrame]
"""Hamlets and clusters, true and said."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One world, read and counted."""

    number: int
    settings: Settings
    hamlets: Hamlets
    clusters: Clusters
    evidence: Evidence
    with_lost: Evidence
    sites: Sites
    terrain: Terrain | None
    true_clusters: pd.DataFrame
    true_hamlets: pd.DataFrame
    rows: pd.DataFrame
    """hamlet, carrier, level of each 4G or no-service row, for the naive answer."""
    lost_share: float


AnyWorld = World | other_worlds.World


def worlds(*, survivorship: bool = True) -> Iterator[tuple[int, World]]:
    """Return the fixed worlds by their seed; without survivorship every phone tells where it has no service."""
    plan = tomllib.loads(KNOBS.read_text(encoding="utf-8"))
    for seed, own in plan["worlds"].items():
        knobs = {**plan["base"], **own}
        sites, share = knobs.pop("sites"), knobs.pop("share")
        carriers = tuple(
            replace(carrier, sites=n, share=s)
            for carrier, n, s in zip(DEFAULT_CARRIERS, sites, share, strict=True)
        )
        if not survivorship:
            knobs["survivorship"] = 0.0
        yield int(seed), World(**knobs, carriers=carriers)


def case(number: int, world: AnyWorld, folder: Path) -> Case:
    """Return a world as the program sees it, with its truth beside it; made and read once, then kept."""
    name = _name(number, world)
    kept = folder / f"{name}.pickle"
    if kept.is_file():
        return pickle.loads(kept.read_bytes())  # noqa: S301 -- written by this program
    made = (
        make(folder / name, world=world, seed=number, lost=True)
        if isinstance(world, World)
        else other_worlds.make(folder / name, world=world, seed=number)
    )
    inputs = open_inputs(load(made / "project.toml"))
    settings = inputs.project.settings
    clusters = find_clusters(
        inputs.hamlets,
        inputs.people()["people"],
        crs=inputs.crs,
        raster=inputs.people_raster,
        buildings=inputs.buildings,
        gap_m=settings.evidence.cluster_gap_m,
        catchment_m=settings.evidence.catchment_m,
    )
    locator = Locator(inputs.hamlets.table, clusters)
    evidence = count(inputs.samples(), locator)
    lost = lost_samples(made / "truth" / "lost.parquet")
    result = Case(
        number=number,
        settings=settings,
        hamlets=inputs.hamlets,
        clusters=clusters,
        evidence=evidence,
        with_lost=merge([evidence, count([lost], locator)]),
        sites=inputs.sites,
        terrain=inputs.terrain,
        true_clusters=matched(pd.read_parquet(made / "truth" / "truth_clusters.parquet"), clusters),
        true_hamlets=pd.read_csv(made / "truth" / "truth_hamlets.csv", dtype={"hamlet_id": str}),
        rows=located_rows(inputs, locator),
        lost_share=len(lost.table) / (len(lost.table) + evidence.n_samples),
    )
    kept.write_bytes(pickle.dumps(result))
    return result


def _name(number: int, world: AnyWorld) -> str:
    if isinstance(world, other_worlds.World):
        return f"other_{number}"
    return str(number) if world.survivorship else f"{number}_nothing_lost"


def lost_samples(file: Path) -> Samples:
    """Read what left no trace as observations of no service."""
    lost = pd.read_parquet(file)
    columns = {
        "time": pd.to_datetime(lost["time_ms"], unit="ms", utc=True).astype("datetime64[ms, UTC]"),
        "lon": lost["lon"],
        "lat": lost["lat"],
        "accuracy_m": lost["accuracy_m"],
        "plmn": lost["carrier"].map({name: c.plmn for name, c in CARRIERS.items()}).astype(str),
        "technology": pd.Series(None, index=lost.index, dtype=str),
        "rsrp_dbm": np.nan,
        "level_dbm": np.nan,
        "no_service": True,
        "device": "lost " + lost["device"].astype(str),
        "source": "lost",
    }
    table = pd.DataFrame(columns) if len(lost) else empty(SAMPLES)
    return Samples(table=checked(table, SAMPLES), n_rows=len(lost))


def matched(truth: pd.DataFrame, clusters: Clusters) -> pd.DataFrame:
    """Put beside each true cluster the program's own: the nearest of its hamlet."""
    x, y = to_crs(
        truth["lon"].to_numpy(), truth["lat"].to_numpy(), source=WGS84, target=clusters.crs
    )
    own = clusters.table
    number = {h: i for i, h in enumerate(sorted(own["hamlet_id"].unique()))}
    far = 1e7
    places_of = own["hamlet_id"].map(number).to_numpy()[clusters.place_cluster] * far
    tree = cKDTree(np.column_stack([clusters.place_x, clusters.place_y, places_of]))
    _, place = tree.query(np.column_stack([x, y, truth["hamlet_id"].map(number) * far]))
    found = own["cluster_id"].to_numpy()[clusters.place_cluster[place]]
    return truth.rename(columns={"cluster_id": "true_cluster_id"}).assign(cluster_id=found)


def located_rows(inputs: Inputs, locator: Locator) -> pd.DataFrame:
    """Return the rows that a mean per polygon is taken over."""
    names = {c.plmn: name for name, c in CARRIERS.items()}
    parts = []
    for batch in inputs.samples():
        table = batch.table
        hamlet, _ = locator.locate(table["lon"].to_numpy(), table["lat"].to_numpy())
        level = table["rsrp_dbm"].where(~table["no_service"], NO_SERVICE_DBM)
        rows = pd.DataFrame({"hamlet": hamlet, "carrier": table["plmn"].map(names), "level": level})
        parts.append(rows[(hamlet >= 0) & level.notna()])
    return pd.concat(parts, ignore_index=True)


def naive(one: Case) -> pd.DataFrame:
    """Return hamlet_id, carrier, class by the mean of all rows in the polygon."""
    levels = one.settings.levels
    rows = pd.concat([one.rows, one.rows.assign(carrier="any")])
    mean = rows.groupby(["hamlet", "carrier"])["level"].mean().reset_index()
    bounds = [-np.inf, levels.minimum_rsrp_dbm, levels.good_rsrp_dbm, np.inf]
    names = [DEAD, "weak", "covered"]
    mean["class"] = pd.cut(mean["level"], bounds, right=False, labels=names).astype(str)
    mean["hamlet_id"] = one.hamlets.table["hamlet_id"].to_numpy()[mean["hamlet"]]
    return mean[["hamlet_id", "carrier", "class"]].assign(cluster_id="", p_served=np.nan)


def answers(one: Case, wanted: tuple[str, ...]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Return each wanted answer's table: hamlet_id, cluster_id, carrier, class, p_served of 4G."""
    if "naive" in wanted:
        yield "naive", naive(one)
    everything = ("measured", "inferred", "modelled")
    not_passed = tuple(kind for kind in KINDS if kind != "passed")
    for name, evidence, change in (
        ("measured", one.evidence, {"decide_by": ("measured",)}),
        ("no-silence", one.evidence, {"decide_by": everything, "silence": ()}),
        ("no-passed", one.evidence, {"decide_by": everything, "silence": not_passed}),
        ("full", one.evidence, {"decide_by": everything}),
        ("oracle", one.with_lost, {"decide_by": everything}),
    ):
        if name not in wanted:
            continue
        settings = one.settings.model_copy(update={"evidence": EvidenceSection(**change)})
        result = assess(
            evidence,
            one.hamlets,
            one.clusters,
            settings=settings,
            sites=one.sites.table,
            terrain=one.terrain,
        )
        yield name, result.table[result.table["technology"] == "4G"]


def answered(job: tuple[int, AnyWorld, Path, tuple[str, ...]]) -> tuple[float, dict[str, Judged]]:
    """Return the share of observations lost, and each wanted answer beside the truth."""
    number, world, folder, wanted = job
    one = case(number, world, folder)
    return one.lost_share, {name: judged(one, said) for name, said in answers(one, wanted)}


def judged(one: Case, said: pd.DataFrame) -> Judged:
    """Return true beside said, for hamlets and for clusters; what was not said is unknown."""
    known = said[["hamlet_id", "cluster_id", "carrier", "class", "p_served"]]
    of_hamlets = one.true_hamlets.merge(
        known[known["cluster_id"] == ""],
        on=["hamlet_id", "carrier"],
        how="left",
        suffixes=("_true", ""),
    )
    of_clusters = one.true_clusters.merge(
        known.drop(columns="hamlet_id"), on=["cluster_id", "carrier"], how="left"
    )
    of_hamlets = with_kinds(one, of_hamlets)
    for table in (of_hamlets, of_clusters):
        table["class"] = table["class"].astype(object).where(table["class"].notna(), "unknown")
    return of_hamlets.assign(dead=of_hamlets["class_true"] == DEAD), of_clusters.assign(
        dead=~of_clusters["served"]
    )


def with_kinds(one: Case, of_hamlets: pd.DataFrame) -> pd.DataFrame:
    """Put beside each hamlet and carrier what its clusters' own samples are, and how near to the limit its best level is."""
    rows = one.evidence.witnesses
    rows = rows[rows["cluster"] >= 0].assign(
        hamlet_id=one.hamlets.table["hamlet_id"].to_numpy()[
            rows.loc[rows["cluster"] >= 0, "hamlet"]
        ]
    )
    newest, heard = rows["technology"] == "4G", rows["technology"] != ""
    rows = pd.concat([rows.assign(newest=newest, heard=heard)] * 2, keys=("own", ANY_CARRIER))
    rows["carrier"] = rows["carrier"].where(rows.index.get_level_values(0) == "own", ANY_CARRIER)
    own = rows.groupby(["hamlet_id", "carrier"])["newest"].agg(["any", "all"]).reset_index()
    best = one.true_clusters.groupby(["hamlet_id", "carrier"])["rsrp_median_dbm"].max()
    table = of_hamlets.merge(own, on=["hamlet_id", "carrier"], how="left").merge(
        best.rename("best_dbm").reset_index(), on=["hamlet_id", "carrier"], how="left"
    )
    visited = table["hamlet_id"].isin(rows.loc[rows["heard"], "hamlet_id"])
    sampled = table["any"].notna()
    kind = np.select(
        [table["all"].eq(other=True), table["any"].eq(other=True), sampled, visited],
        ["4G heard", "4G heard and lost", "only lost", "others heard"],
        "nobody heard",
    )
    limit = one.settings.levels.minimum_rsrp_dbm
    near = np.where(table["best_dbm"] >= limit - NEAR_DB, "near the limit", "far below it")
    return table.drop(columns=["any", "all"]).assign(kind=kind, depth=near)


def missed(parts: list[Judged], carriers: list[str]) -> pd.DataFrame:
    """Return which kinds of dead hamlets are found, left open and taken for something else."""
    hamlets = pd.concat([part[0] for part in parts])
    dead = hamlets[hamlets["dead"] & hamlets["carrier"].isin(carriers)]
    said = dead.assign(
        found=dead["class"] == DEAD,
        open=dead["class"] == "unknown",
        wrong=~dead["class"].isin([DEAD, "unknown"]),
    )
    groups = said.groupby(["kind", "depth"])
    return (
        groups[["found", "open", "wrong"]].sum().assign(recall=groups["found"].mean()).reset_index()
    )


def figures(hamlets: pd.DataFrame, clusters: pd.DataFrame) -> dict[str, float]:
    """Return what an answer is worth."""
    p = clusters["p_served"].fillna(0.5).to_numpy(float)
    served = clusters["served"].to_numpy(float)
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    gaps = [abs(p[bins == b].sum() - served[bins == b].sum()) for b in range(BINS)]
    result: dict[str, float] = {}
    for unit, table in (("h", hamlets), ("c", clusters)):
        said = table["class"] == DEAD
        result[f"{unit} dead"] = float(table["dead"].sum())
        result[f"{unit} said"] = float(said.sum())
        result[f"{unit} recall"] = float(said[table["dead"]].mean())
        result[f"{unit} precision"] = float(table.loc[said, "dead"].mean())
        result[f"{unit} unknown"] = float((table["class"] == "unknown").mean())
    result["brier"] = float(((p - served) ** 2).mean())
    result["calibration"] = float(sum(gaps) / len(p))
    return result


def main() -> None:
    """Print the figures of every world, then over all of them."""
    chosen = _options()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if chosen.other or chosen.variations:
        made = other_worlds.worlds(varied=chosen.variations)
    else:
        made = worlds(survivorship=not chosen.nothing_lost)
    wanted: list[tuple[int, AnyWorld, Path, tuple[str, ...]]] = [
        (number, world, chosen.folder, tuple(chosen.answers))
        for number, world in made
        if not chosen.only or number in chosen.only
    ]
    tables: dict[str, list[Judged]] = {}
    shares = []
    heading = not chosen.quiet
    with ProcessPoolExecutor(WORKERS) as pool:
        for (number, *_), (lost, of_world) in zip(wanted, pool.map(answered, wanted), strict=True):
            shares.append(lost)
            for name, judged_parts in of_world.items():
                tables.setdefault(name, []).append(judged_parts)
            if not chosen.quiet:
                _print(rows_of(number, lost, of_world), heading=heading)
                heading = False
    print()
    _print(overall(tables), heading=True)
    if "full" in tables:
        for label, group in (("large carriers", list(LARGE)), ("any carrier", [ANY_CARRIER])):
            print(f"\ndead hamlets of {label} by what their own samples are, answer `full`:")
            print(missed(tables["full"], group).to_string(index=False, float_format="%.2f"))
    print(f"observations lost: {np.mean(shares):.3f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--answers", nargs="+", choices=ANSWERS, default=ANSWERS, metavar="NAME")
    parser.add_argument("--only", type=int, nargs="*", help="seeds; default: all")
    parser.add_argument("--quiet", action="store_true", help="print no rows of single worlds")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--nothing-lost", action="store_true", help="no observation is lost")
    which.add_argument("--other", action="store_true", help="the worlds of another mind")
    which.add_argument("--variations", action="store_true", help="those, one habit changed each")
    return parser.parse_args()


def rows_of(number: int, lost: float, answers_of: dict[str, Judged]) -> Iterator[dict[str, object]]:
    """Return the figures of one world by answer and carrier."""
    for name, (hamlets, clusters) in answers_of.items():
        for carrier in hamlets["carrier"].unique():
            mine = (t[t["carrier"] == carrier] for t in (hamlets, clusters))
            head = {"world": number, "lost": lost, "answer": name, "carrier": carrier}
            yield {**head, **figures(*mine)}


def _print(rows: Iterator[dict[str, object]], *, heading: bool) -> None:
    """Print rows in columns of fixed width, so that those of several calls stand below each other."""
    table = pd.DataFrame(rows)
    counted = [name for name in table.columns if name.endswith((" dead", " said"))]
    widths = [WIDE.get(name, len(name) + 1) for name in table.columns]
    text = table.astype(dict.fromkeys(counted, int)).to_string(
        index=False, header=heading, float_format="%.3f", col_space=widths
    )
    print(text, flush=True)


def overall(
    tables: dict[str, list[Judged]],
) -> Iterator[dict[str, object]]:
    """Return the figures over all worlds: of each carrier, of the large ones, of all four."""
    for name, parts in tables.items():
        hamlets, clusters = (pd.concat([part[i] for part in parts]) for i in (0, 1))
        names = [c for c in hamlets["carrier"].unique() if c != "any"]
        for label, group in (
            ("any", ["any"]),
            *((n, [n]) for n in names),
            ("large", list(LARGE)),
            ("all four", names),
        ):
            mine = (t[t["carrier"].isin(group)] for t in (hamlets, clusters))
            yield {"answer": name, "carrier": label, **figures(*mine)}


if __name__ == "__main__":
    main()
