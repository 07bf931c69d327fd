"""Compare a run's result with the truth of its synthetic world."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from lomsong.demo.truth import ANY
from lomsong.errors import Fault, InputError

CLASSES = ("no_signal", "partial", "weak", "covered")
RESULTS = (*CLASSES, "unknown")
DEAD = "no_signal"
MOST_NAMED = 12
"""Of more hamlets than this the text gives the first; `Score.unknown_dead` has all."""
Language = Literal["vi", "en"]
WORDS = {
    "vi": {
        "title": "So với sự thật của dữ liệu mô phỏng (4G, số thôn; hàng: sự thật, cột: kết quả)",
        "no_signal": "trắng sóng",
        "partial": "lõm sóng",
        "weak": "sóng yếu",
        "covered": "có sóng",
        "unknown": "chưa đủ dữ liệu",
        "any": "mọi nhà mạng",
        "truth": "sự thật",
        "recall": "Trắng sóng: tìm được {found}/{dead}",
        "precision": "nói trắng sóng {said} lần, đúng {right}",
        "unknown_dead": "Trắng sóng mà chưa đủ dữ liệu để nói: {names}",
        "wrong_dead": "Trắng sóng mà bị xếp khác: {names}",
        "none": "không có thôn nào",
        "more": " và {more} thôn nữa",
    },
    "en": {
        "title": "Against the truth of the synthetic data (4G, hamlets; rows: truth, columns: result)",
        "no_signal": "no signal",
        "partial": "partial",
        "weak": "weak",
        "covered": "covered",
        "unknown": "unknown",
        "any": "any carrier",
        "truth": "truth",
        "recall": "No signal: {found} of {dead} found",
        "precision": "said {said} times, right {right}",
        "unknown_dead": "No signal, and unknown for lack of evidence: {names}",
        "wrong_dead": "No signal, and called something else: {names}",
        "none": "none",
        "more": " and {more} more",
    },
}


@dataclass(frozen=True)
class Score:
    """How a result compares with the truth; every table counts hamlets in 4G."""

    judged: pd.DataFrame
    """A row per carrier x hamlet: carrier, hamlet_id, name, commune_name, truth, result."""

    @property
    def carriers(self) -> tuple[str, ...]:
        """Carriers of the truth, `any` first."""
        named = [str(name) for name in self.judged["carrier"].unique() if name != ANY]
        return (ANY, *sorted(named))

    def confusion(self, carrier: str = ANY) -> pd.DataFrame:
        """Count hamlets by true class (rows) and by the result's class (columns)."""
        mine = self._of(carrier)
        counted = pd.crosstab(mine["truth"], mine["result"])
        table = counted.reindex(index=list(CLASSES), columns=list(RESULTS), fill_value=0)
        return table.rename_axis(index="truth", columns="result")

    def dead(self, carrier: str = ANY) -> pd.DataFrame:
        """List the hamlets that truly have no signal, with what the result says."""
        mine = self._of(carrier)
        return mine[mine["truth"] == DEAD].reset_index(drop=True)

    def unknown_dead(self, carrier: str = ANY) -> list[str]:
        """Name the dead hamlets of which the result says that it does not know."""
        dead = self.dead(carrier)
        return _named(dead[dead["result"] == "unknown"])

    def recall(self, carrier: str = ANY) -> float | None:
        """Share of dead hamlets that were found; None where there are none. Unknown counts as not found."""
        dead = self.dead(carrier)
        return float((dead["result"] == DEAD).mean()) if len(dead) else None

    def precision(self, carrier: str = ANY) -> float | None:
        """Share of hamlets called dead that are; None where none is called so."""
        mine = self._of(carrier)
        said = mine[mine["result"] == DEAD]
        return float((said["truth"] == DEAD).mean()) if len(said) else None

    def unknown_share(self, carrier: str = ANY) -> float:
        """Share of all hamlets that stay unknown."""
        return float((self._of(carrier)["result"] == "unknown").mean())

    def text(self, lang: Language = "vi") -> str:
        """Tell the score in words and tables."""
        words = WORDS[lang]
        parts = [self._told(carrier, words) for carrier in self.carriers]
        return "\n\n".join([words["title"], *parts])

    def _of(self, carrier: str) -> pd.DataFrame:
        return self.judged[self.judged["carrier"] == carrier]

    def _told(self, carrier: str, words: dict[str, str]) -> str:
        confusion = self.confusion(carrier)
        dead = self.dead(carrier)
        found = confusion.loc[DEAD, DEAD]
        facts = words["recall"].format(found=found, dead=len(dead))
        said = words["precision"].format(said=confusion[DEAD].sum(), right=found)
        wrong = _named(dead[~dead["result"].isin([DEAD, "unknown"])])
        lines = [
            words.get(carrier, carrier),
            *_table(confusion, words),
            f"{facts}; {said}.",
            words["unknown_dead"].format(names=_listed(self.unknown_dead(carrier), words)),
        ]
        if wrong:
            lines.append(words["wrong_dead"].format(names=_listed(wrong, words)))
        return "\n".join(lines)


def score(hamlets: gpd.GeoDataFrame, assessment: pd.DataFrame, truth: Path | str) -> Score:
    """Compare a run with the truth.

    Parameters
    ----------
    hamlets
        The run's `hamlets.parquet`; it decides for the carrier `any`.
    assessment
        The run's `assessment.parquet`; its 4G rows of whole hamlets decide for the other carriers. A hamlet without
        a row counts as unknown.
    truth
        Folder with `truth_hamlets.csv`.

    Raises
    ------
    InputError
        Where the folder holds no truth.
    """
    file = Path(truth) / "truth_hamlets.csv"
    if not file.is_file():
        remedy = "Name the folder truth/ of a synthetic district"
        raise InputError([Fault(file=file, problem="no such file", remedy=remedy)])
    known = pd.read_csv(file, dtype={"hamlet_id": str}, encoding="utf-8-sig")
    whole = assessment["cluster_id"].fillna("").eq("") & assessment["technology"].eq("4G")
    by_carrier = assessment.loc[
        whole & assessment["carrier"].ne(ANY), ["hamlet_id", "carrier", "class"]
    ]
    best = hamlets[["hamlet_id", "class"]].assign(carrier=ANY)
    said = pd.concat([pd.DataFrame(best), by_carrier], ignore_index=True)
    columns = ["carrier", "hamlet_id", "name", "commune_name", "class"]
    judged = known[columns].merge(
        said,
        on=["carrier", "hamlet_id"],
        how="left",
        suffixes=("_true", "_said"),
        validate="one_to_one",
    )
    judged = judged.rename(columns={"class_true": "truth", "class_said": "result"})
    judged["result"] = judged["result"].astype(object).where(judged["result"].notna(), "unknown")
    return Score(judged.sort_values(["carrier", "hamlet_id"], ignore_index=True))


def _named(hamlets: pd.DataFrame) -> list[str]:
    return [
        f"{name} ({commune})"
        for name, commune in zip(hamlets["name"], hamlets["commune_name"], strict=True)
    ]


def _listed(names: list[str], words: dict[str, str]) -> str:
    if not names:
        return words["none"]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (words["more"].format(more=more) if more > 0 else "")


def _table(confusion: pd.DataFrame, words: dict[str, str]) -> list[str]:
    heads = [words[result] for result in confusion.columns]
    first = max(len(words[name]) for name in ("truth", *CLASSES))
    lines = ["  ".join([f"{words['truth']:<{first}}", *heads])]
    for true_class, counts in confusion.iterrows():
        cells = [f"{count:>{len(head)}}" for count, head in zip(counts, heads, strict=True)]
        lines.append("  ".join([f"{words[str(true_class)]:<{first}}", *cells]))
    return lines
