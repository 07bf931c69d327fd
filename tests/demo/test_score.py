"""The score counts hamlets, one by one."""

from pathlib import Path

import pandas as pd
import pytest

from lomsong import demo
from lomsong.errors import InputError

NAMES = [
    ("01", "Nà Lẩy", "no_signal"),
    ("02", "Nà Lại", "no_signal"),
    ("03", "Pác Mạ", "weak"),
    ("04", "Bản Mu", "covered"),
]


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    rows = [
        {
            "hamlet_id": number,
            "name": name,
            "commune_name": "Nặm Sương",
            "carrier": carrier,
            "class": true,
        }
        for carrier in ("any", "viettel")
        for number, name, true in NAMES
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "truth_hamlets.csv", index=False, encoding="utf-8-sig")
    return tmp_path


def result(classes: dict[str, str], *, carrier: str) -> pd.DataFrame:
    rows = [
        {
            "hamlet_id": number,
            "cluster_id": cluster,
            "carrier": carrier,
            "technology": technology,
            "class": said,
        }
        for number, said in classes.items()
        for cluster, technology, said in (
            ("", "4G", said),
            ("", "2G", "covered"),
            (f"{number}-1", "4G", "weak"),
        )
    ]
    columns = ["hamlet_id", "cluster_id", "carrier", "technology", "class"]
    return pd.DataFrame(rows, columns=columns)


def judged(truth: Path, any_carrier: dict[str, str], viettel: dict[str, str]) -> demo.Score:
    hamlets = pd.DataFrame({"hamlet_id": list(any_carrier), "class": list(any_carrier.values())})
    return demo.score(hamlets, result(viettel, carrier="viettel"), truth)


def test_a_perfect_result_is_all_diagonal(truth: Path) -> None:
    right = {number: true for number, _, true in NAMES}
    score = judged(truth, right, right)
    for carrier in ("any", "viettel"):
        confusion = score.confusion(carrier)
        assert confusion.to_numpy().sum() == 4
        assert sum(confusion.loc[name, name] for name in confusion.index) == 4
        assert (score.recall(carrier), score.precision(carrier)) == (1.0, 1.0)
        assert score.unknown_dead(carrier) == []


def test_unknown_counts_as_not_found_and_is_named(truth: Path) -> None:
    said = {"01": "unknown", "02": "no_signal", "03": "no_signal", "04": "covered"}
    score = judged(truth, said, said)
    assert score.recall() == 0.5
    assert score.precision() == 0.5
    assert score.unknown_share() == 0.25
    assert score.unknown_dead() == ["Nà Lẩy (Nặm Sương)"]


def test_a_hamlet_without_a_row_is_unknown(truth: Path) -> None:
    score = judged(truth, {"04": "covered"}, {})
    assert score.confusion("viettel")["unknown"].sum() == 4
    assert score.precision("viettel") is None
    assert score.recall("viettel") == 0.0


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_text_tells_every_carrier_and_names_the_dead_it_does_not_know(
    truth: Path, lang: str
) -> None:
    said = {"01": "unknown", "02": "weak", "03": "weak", "04": "covered"}
    text = judged(truth, said, said).text(lang)
    assert "viettel" in text
    assert text.count("Nà Lẩy (Nặm Sương)") == 2
    assert text.count("Nà Lại (Nặm Sương)") == 2


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"truth_hamlets\.csv"):
        demo.score(
            pd.DataFrame({"hamlet_id": [], "class": []}), result({}, carrier="viettel"), tmp_path
        )
