"""A survey plan sends teams where it matters, and its form comes back as evidence that decides classes."""

import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from fastkml.validator import validate

import lomsong
from districts import District
from lomsong.config import SurveySection
from lomsong.errors import InputError
from lomsong.ingest import read_samples
from lomsong.ingest.samples.formats.survey_form import HEADINGS
from lomsong.report import survey
from lomsong.report.kml import KML
from lomsong.report.text import LANGUAGES, WORDS

TRUTH = {"H2": None, "H3": -92.0}
"""What a team will find in the hamlets nobody measured: no service, a good level."""


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    made = District(tmp_path_factory.mktemp("survey"), levels=(-85.0, None, np.nan, np.nan))
    # Phones of two carriers in the first hamlet: both are to be measured.
    other = made.samples[made.samples["device"].str.startswith("phone0")].assign(plmn="452-02")
    made.samples = pd.concat([made.samples, other], ignore_index=True)
    return made


@pytest.fixture(scope="module")
def run(district: District):
    return lomsong.run(district.write(), out=district.folder / "out")


def _form(folder: Path, language: str = "vi") -> pd.DataFrame:
    form = pd.read_csv(folder / survey.FORM, encoding="utf-8-sig", dtype=str)
    names = {getattr(heading, language): name for name, heading in HEADINGS.items()}
    return form.rename(columns=names)


def _filled(form: pd.DataFrame, language: str = "vi") -> pd.DataFrame:
    """Answer every row with the truth, as people type it."""
    found = form["spot"].str.partition("-")[0].map(TRUTH)
    form["technology"] = np.where(found.notna(), "LTE", None)
    form["level_dbm"] = [None if np.isnan(v) else f"{v:.1f}".replace(".", ",") for v in found]
    form["no_service"] = np.where(found.isna(), "X", None)
    form["time"] = "05/12/2025 08:30"
    form["device"] = "máy của " + form["plmn"]
    return form.rename(columns={n: getattr(h, language) for n, h in HEADINGS.items()})


def test_what_nobody_measured_is_planned_and_what_is_known_is_not(run):
    assert set(run.survey["hamlet_id"]) == {"H1", "H2", "H3"}
    known = run.survey[run.survey["hamlet_id"] == "H1"]
    assert list(known["carriers_unknown"]) == ["vnpt"]
    assert run.survey["rank"].tolist() == [1, 2, 3]
    assert run.survey["worth"].is_monotonic_decreasing
    # A place that is dark for one carrier is worth less than one of which nothing is known.
    assert run.survey["hamlet_id"].iloc[-1] == "H1"


def test_a_filled_form_decides_the_classes_it_measured(district: District, run, tmp_path: Path):
    again = District(tmp_path / "again", levels=district.levels)
    again.samples = district.samples
    project = again.write()
    form = _filled(_form(run.folder))
    form.to_csv(again.folder / "form.csv", index=False, encoding="utf-8-sig", sep=";")
    with project.open("a", encoding="utf-8") as file:
        file.write('[[signal]]\npath = "form.csv"\n')
    after = lomsong.run(project, out=again.folder / "out")
    before = run.assessment.set_index(["hamlet_id", "cluster_id", "carrier", "technology"])["class"]
    table = after.assessment.set_index(["hamlet_id", "cluster_id", "carrier", "technology"])
    for carrier in ("viettel", "vnpt", "any"):
        for cluster in ("", "H2-c1"):
            assert before["H2", cluster, carrier, "4G"] == "unknown"
            assert table.loc[("H2", cluster, carrier, "4G"), "class"] == "no_signal"
            assert table.loc[("H2", cluster, carrier, "4G"), "evidence"] == "measured"
        for cluster in ("", "H3-c1"):
            assert table.loc[("H3", cluster, carrier, "4G"), "class"] == "covered"
    # Places that were visited are not asked for again.
    assert set(after.survey["hamlet_id"]) <= {"H1"}


def test_a_form_that_comes_back_empty_says_nothing(run, tmp_path: Path):
    form = pd.read_csv(run.folder / survey.FORM, encoding="utf-8-sig", dtype=str)
    form.to_csv(tmp_path / "form.csv", index=False)
    samples = read_samples(tmp_path / "form.csv")
    assert samples.table.empty
    assert samples.dropped == {"not filled in": len(form)}


def test_each_language_and_each_carrier_is_read_back(run, tmp_path: Path):
    for language in LANGUAGES:
        survey.write(run, tmp_path, language=language)
        form = _form(tmp_path, language)
        carriers = [
            word
            for key, word in WORDS[language].items()
            if key.startswith("carrier.") and key not in {"carrier.any", "carrier.shared"}
        ]
        rows = pd.concat([_filled(form.head(1).assign(plmn=c), language) for c in carriers])
        # Some spreadsheets take letters and their accents apart.
        rows.columns = rows.columns.str.normalize("NFD")
        rows.to_csv(tmp_path / "back.csv", index=False)
        table = read_samples(tmp_path / "back.csv").table
        assert len(table) == len(carriers) == table["plmn"].nunique()
        assert table["no_service"].all()
        assert str(table["time"].iloc[0]) == "2025-12-05 01:30:00+00:00"


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"level_dbm": "yếu", "technology": "4G"}, "is no number"),
        ({"level_dbm": "-100", "technology": "4G", "no_service": "x"}, "beside a cross"),
        ({"level_dbm": "-100", "technology": ""}, "is missing beside a level"),
        ({"level_dbm": "", "technology": "4G"}, "is missing beside a technology"),
        ({"level_dbm": "-100", "technology": "6G"}, "is none of"),
        ({"no_service": "có lẽ"}, "is no clear answer"),
        ({"no_service": "không"}, "is no clear answer"),
        ({"no_service": "x", "plmn": "Sao Hỏa"}, "is neither a carrier"),
        ({"no_service": "x", "time": "hôm qua"}, "is no time"),
        ({"no_service": "x", "lat": "ở nhà"}, "is no number"),
    ],
)
def test_cells_that_say_nothing_clear_are_told(run, tmp_path: Path, answers, problem):
    form = _form(run.folder).head(3).astype(object)
    for name, said in answers.items():
        form.loc[1, name] = said
    form = form.rename(columns={n: h.vi for n, h in HEADINGS.items()})
    form.to_csv(tmp_path / "form.csv", index=False)
    with pytest.raises(InputError) as broken:
        read_samples(tmp_path / "form.csv")
    (fault,) = broken.value.faults
    assert problem in str(fault)
    assert fault.row == 3
    assert str(fault.file).endswith("form.csv")


def test_headings_differ_in_every_way_they_are_met():
    ways = [way for heading in HEADINGS.values() for way in heading.ways]
    assert len(set(ways)) == len(ways)


def test_the_kmz_follows_the_schema_and_shows_the_days_in_their_order(run, tmp_path: Path):
    survey.write(run, tmp_path)
    with zipfile.ZipFile(tmp_path / survey.PLACES) as archive:
        content = archive.read("doc.kml")
    (tmp_path / "doc.kml").write_bytes(content)
    assert validate(file_to_validate=tmp_path / "doc.kml") is True
    names = [e.text for e in ET.fromstring(content).iter(f"{{{KML}}}name")]  # noqa: S314 -- our own file
    planned = run.survey.sort_values(["team", "day", "stop"])
    stops = [f"{stop}. {name}" for stop, name in zip(planned["stop"], planned["name"], strict=True)]
    assert [name for name in names if ". " in name] == stops


def test_hostile_names_reach_no_formula_and_no_markup(run, tmp_path: Path):
    hostile = '=HYPERLINK("http://example.invalid")<img src=x onerror=alert(1)>]]>'
    planted = replace(run, survey=run.survey.assign(name=hostile, commune_name=hostile))
    _, form, places = survey.write(planted, tmp_path)
    with zipfile.ZipFile(places) as archive:
        (tmp_path / "doc.kml").write_bytes(archive.read("doc.kml"))
    assert validate(file_to_validate=tmp_path / "doc.kml") is True
    assert "<img" not in (tmp_path / "doc.kml").read_text(encoding="utf-8")
    cells = pd.read_csv(form, encoding="utf-8-sig", dtype=str).to_numpy().ravel()
    assert not any(str(cell).startswith(("=", "+", "@")) for cell in cells)
    assert read_samples(form).table.empty


def test_two_writes_are_byte_identical(run, tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        survey.write(run, tmp_path / name)
    for file in (survey.TABLE, survey.FORM, survey.PLACES):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_run_with_nothing_left_to_measure_writes_empty_tables(run, tmp_path: Path):
    nothing = replace(run, survey=run.survey.head(0))
    for file in survey.write(nothing, tmp_path):
        assert file.is_file()
    assert "không" in survey.summary(nothing).lower()
    assert survey.planned_anew(replace(run, survey=pd.DataFrame()), days=1).survey.empty


def test_planning_anew_changes_days_and_nothing_else(run):
    fewer = survey.planned_anew(run, places_per_day=1, days=2).survey
    assert fewer["day"].dropna().tolist() == [1, 2]
    same = [c for c in run.survey if c not in {"day", "stop", "leg_m", "travel"}]
    pd.testing.assert_frame_equal(fewer[same], run.survey[same])
    default = SurveySection()
    usual = survey.planned_anew(run, places_per_day=default.places_per_day, days=default.days)
    pd.testing.assert_frame_equal(usual.survey, run.survey)
