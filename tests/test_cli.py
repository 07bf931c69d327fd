"""Commands as a user meets them: what they print, what they leave, how they end."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from districts import District

LOMSONG = Path(sys.executable).parent / "lomsong"


def lomsong(*arguments, cwd):
    """Run the program as its own process."""
    return subprocess.run(
        [str(LOMSONG), *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    made = District(tmp_path_factory.mktemp("district"))
    made.write()
    return made


@pytest.fixture(scope="module")
def finished(district, tmp_path_factory):
    """A folder in which `lomsong run` was called once, without --out."""
    folder = tmp_path_factory.mktemp("work")
    done = lomsong("run", district.folder / "project.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_run_writes_to_outputs_and_says_what_it_found(finished):
    folder, done = finished
    assert (folder / "outputs" / "Huyện thử" / "map.html").is_file()
    assert "Trắng sóng: 1 thôn, 90 người" in done.stdout
    assert "mẫu đo" in done.stderr


def test_quiet_is_quiet_and_english_is_english(district, tmp_path):
    done = lomsong(
        "run", district.folder / "project.toml", "--quiet", "--out", tmp_path / "o", cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = lomsong("explain", "H2", "--run", tmp_path / "o", "--lang", "en", cwd=tmp_path)
    assert "4G, any carrier: No signal" in done.stdout


def test_explain_finds_a_hamlet_by_a_name_without_accents(finished):
    folder, _ = finished
    done = lomsong("explain", "lung pu", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Lũng Pù (H2)" in done.stdout
    assert "Viettel: Trắng sóng" in done.stdout


def test_explain_of_nobody_ends_with_2(finished):
    folder, _ = finished
    done = lomsong("explain", "Không Đâu", cwd=folder)
    assert done.returncode == 2
    assert "không thôn nào có tên này" in done.stderr
    done = lomsong("explain", "Không Đâu", "--lang", "en", cwd=folder)
    assert "no hamlet is called so" in done.stderr


def test_list_shows_and_writes_what_a_carrier_should_do(finished):
    folder, _ = finished
    done = lomsong("list", "--carrier", "viettel", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("1. Lũng Pù")
    done = lomsong("list", "--carrier", "viettel", "--out", "v.xlsx", cwd=folder)
    assert (folder / "v.xlsx").is_file()
    assert lomsong("list", "--carrier", "vietel", cwd=folder).returncode == 2


def test_plan_obeys_other_limits_and_says_who_runs_the_sites(finished):
    folder, _ = finished
    whole = lomsong("plan", "--out", "p.csv", "--lang", "en", cwd=folder)
    assert whole.returncode == 0, whole.stderr
    assert "no plan is better" in whole.stdout
    assert (folder / "p.csv").read_bytes().startswith(b"\xef\xbb\xbfrank")
    drawn = lomsong("plan", "--map", "p.html", "--sites", 1, cwd=folder)
    assert drawn.returncode == 0, drawn.stderr
    assert (folder / "p.html").read_bytes().startswith(b"<!DOCTYPE html>")
    none = lomsong("plan", "--sites", 0, "--lang", "en", cwd=folder)
    assert none.stdout.splitlines()[0] == "No site is chosen."
    for asked in (["--target", 0.9], ["--budget", 1e13], ["--roaming"], ["--carrier", "viettel"]):
        done = lomsong("plan", *asked, cwd=folder)
        assert done.returncode == 0, done.stderr
    fault = lomsong("plan", "--carrier", "viettel", "--roaming", "--lang", "en", cwd=folder)
    assert fault.returncode == 2
    assert "Give one" in fault.stderr
    assert lomsong("plan", "--carrier", "vietel", cwd=folder).returncode == 2


def test_survey_plans_anew_from_a_run_or_its_project(finished, district):
    folder, _ = finished
    for number, source in enumerate(([], [district.folder / "project.toml"])):
        out = f"survey{number}"
        done = lomsong("survey", *source, "--per-day", 1, "--days", 1, "--out", out, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert "Phiêng Dìu" in done.stdout
        for name in ("survey.csv", "survey_form.csv", "survey.kmz"):
            assert (folder / out / name).is_file()
    fault = lomsong("survey", "nowhere", "--lang", "en", cwd=folder)
    assert fault.returncode == 2
    assert "holds no finished run" in fault.stderr


def test_a_run_that_lacks_a_table_is_told_without_a_traceback(finished, tmp_path):
    folder, _ = finished
    broken = tmp_path / "broken"
    shutil.copytree(folder / "outputs" / "Huyện thử", broken)
    (broken / "clusters.parquet").unlink()
    done = lomsong("list", "--run", broken, cwd=tmp_path)
    assert done.returncode == 2
    assert "clusters.parquet" in done.stderr
    assert "Traceback" not in done.stderr


DAMAGED = {
    "manifest.json": b"{",
    "hamlets.parquet": b"PAR1",
    "candidates.parquet": b"",
    "context/terrain.tif": b"II*",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_run_with_a_damaged_file_is_told_without_a_traceback(finished, tmp_path, name):
    folder, _ = finished
    broken = tmp_path / "broken"
    shutil.copytree(folder / "outputs" / "Huyện thử", broken)
    (broken / name).write_bytes(DAMAGED[name])
    done = lomsong("list", "--run", broken, "--lang", "en", cwd=tmp_path)
    assert done.returncode == 2
    assert "broken: holds a damaged file" in done.stderr
    assert "Traceback" not in done.stderr


NOT_WRITTEN = {
    "plan": ["plan", "--out", "nowhere/p.csv"],
    "list": ["list", "--out", "nowhere/l.csv"],
    "pdf": ["list", "--out", "nowhere/l.pdf"],
    "map": ["map", "--out", "nowhere/m.html"],
    "survey": ["survey", "--out", "a_file"],
}


@pytest.mark.parametrize("name", NOT_WRITTEN)
def test_what_cannot_be_written_is_told_without_a_traceback(finished, name):
    folder, _ = finished
    (folder / "a_file").touch()
    done = lomsong(*NOT_WRITTEN[name], "--lang", "en", cwd=folder)
    assert done.returncode == 2
    assert "cannot be read or written" in done.stderr
    assert not done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--budget", "inf"], "no amount of money"),
        (["--carrier", ""], "no such carrier"),
        (["--out", "p.xlsx"], "End its name in .csv"),
    ],
)
def test_a_plan_that_makes_no_sense_is_told(finished, asked, told):
    folder, _ = finished
    done = lomsong("plan", *asked, "--lang", "en", cwd=folder)
    assert done.returncode == 2
    assert told in done.stderr


def test_what_a_compiled_library_prints_does_not_mix_with_ours():
    code = (
        "import ctypes; from lomsong import cli; cli._keep_stdout(); c = ctypes.CDLL(None); "
        "c.puts(b'stray'); c.fflush(None); print('thôn')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "thôn", "stray")


def test_map_is_drawn_anew_in_another_language(finished):
    folder, _ = finished
    done = lomsong("map", "--lang", "en", "--out", "en.html", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert '<html lang="en"' in (folder / "en.html").read_text(encoding="utf-8")[:2000]


def test_samples_says_what_a_file_holds(tmp_path):
    log = tmp_path / "walk.txt"
    head = "Timestamp\tLongitude\tLatitude\tOperatorname\tOperator\tCellname\tNode\tCellID\tLAC\tNetworkTech\tLevel\tQual\tSNR\tCQI\tLTERSSI\tARFCN\tPSC\tAltitude\tDistance\tTA\tBAND"
    row = "2025.07.18_22.11.0{}\t105.7\t22.6\tViettel\t45204\t\t1\t1\t1\t4G\t-96\t-15\t0.0\t-\t-85\t1850\t1\t59\t-1\t\tL3\t"
    log.write_text("\n".join([head, *(row.format(i) for i in range(5))]))
    done = lomsong("samples", log, "--out", "walk.parquet", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "5 rows read, 5 kept" in done.stdout
    assert "452-04 4G: 5" in done.stdout
    assert (tmp_path / "walk.parquet").is_file()


def test_init_then_check_tells_what_is_missing(tmp_path):
    assert lomsong("init", "new", cwd=tmp_path).returncode == 0
    done = lomsong("check", "new/project.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "hamlets.gpkg" in done.stderr
    assert "signal/*.csv" in done.stderr
    assert lomsong("init", "new", cwd=tmp_path).returncode == 2


def test_check_of_good_inputs_ends_well_and_writes_nothing(district, tmp_path):
    before = sorted(district.folder.iterdir())
    done = lomsong("check", district.folder / "project.toml", "--quiet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "không thấy lỗi nào" in done.stdout
    assert "dòng là mẫu đo" in done.stdout
    done = lomsong("check", district.folder / "project.toml", "--lang", "en", cwd=tmp_path)
    assert "no fault found" in done.stdout
    assert sorted(district.folder.iterdir()) == before
    assert not list(tmp_path.iterdir())


def swap_coordinates(district):
    district.samples[["lon", "lat"]] = district.samples[["lat", "lon"]].to_numpy()


def cut_stream(folder):
    text = (folder / "samples.csv").read_bytes() * 40
    (folder / "samples.csv").write_bytes(gzip.compress(text)[:-500])


FAULTS = {
    "a missing file": (
        lambda f: (f / "hamlets.gpkg").unlink(),
        ["hamlets.gpkg", "no such file"],
    ),
    "wrong columns": (
        lambda f: (f / "samples.csv").write_text("a,b,c\n1,2,3\n"),
        ["samples.csv", "lon"],
    ),
    "an empty file": (lambda f: (f / "samples.csv").write_bytes(b""), ["samples.csv", "empty"]),
    "text in a number": (
        lambda f: (f / "samples.csv").write_text(
            (f / "samples.csv").read_text().replace("-86.0", "mạnh")
        ),
        ["samples.csv", "row", "rsrp_dbm", "mạnh"],
    ),
    "a stream cut in the middle": (cut_stream, ["samples.csv"]),
    "a damaged raster": (
        lambda f: (f / "dem.tif").write_bytes(b"II*\0" + b"\0" * 50),
        ["dem.tif"],
    ),
    "a list that is no list": (
        lambda f: (f / "power.csv").write_bytes(b"\0\1\2" * 99),
        ["power.csv"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_bad_input_gives_one_clear_report_and_touches_nothing(finished, tmp_path, name):
    folder, _ = finished
    spoil, told = FAULTS[name]
    district = District(tmp_path / "d")
    project = district.write()
    spoil(district.folder)
    out = folder / "outputs" / "Huyện thử"
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*")}
    done = lomsong("run", project, "--out", out, "--quiet", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for part in told:
        assert part in done.stderr
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*")} == before


def test_swapped_coordinates_are_told(tmp_path):
    district = District(tmp_path / "d")
    swap_coordinates(district)
    project = district.write()
    done = lomsong("run", project, "--quiet", cwd=tmp_path)
    assert done.returncode == 2
    assert "hoán đổi" in done.stderr
    project.write_text(project.read_text().replace("[project]", '[project]\nlanguage = "en"', 1))
    done = lomsong("run", project, "--quiet", cwd=tmp_path)
    assert "swap" in done.stderr.lower()


def test_a_missing_crs_is_told(tmp_path):
    district = District(tmp_path / "d")
    project = district.write()
    district.hamlets.set_crs(None, allow_override=True).to_parquet(district.folder / "h.parquet")
    project.write_text(project.read_text().replace("hamlets.gpkg", "h.parquet"))
    done = lomsong("run", project, "--quiet", cwd=tmp_path)
    assert done.returncode == 2
    assert "CRS" in done.stderr


HOSTILE = ("=cmd|'/c calc'!A0", "{{7*7}}{% x", "<img src=x onerror=alert(1)>", "A" * 10_000)


def test_hostile_names_survive_to_the_letter(tmp_path):
    district = District(tmp_path / "d", names=HOSTILE)
    done = lomsong("run", district.write(), "--out", "o", "--quiet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = lomsong("explain", "H0", "--run", "o", cwd=tmp_path)
    assert HOSTILE[0] in done.stdout
    csv = (tmp_path / "o" / "priority_all.csv").read_text(encoding="utf-8-sig")
    assert not any(
        cell.startswith(("=", "+", "@")) for line in csv.splitlines() for cell in line.split(",")
    )
    manifest = json.loads((tmp_path / "o" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"]["hamlets"] == 4


def test_usage_errors_end_with_2(tmp_path):
    assert lomsong("run", cwd=tmp_path).returncode == 2
    assert lomsong("fly", cwd=tmp_path).returncode == 2
    assert lomsong("explain", "H0", cwd=tmp_path).returncode == 2


def test_help_keeps_units_in_brackets(tmp_path):
    done = lomsong("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("demo", "init", "check", "run", "samples", "list", "map", "explain"):
        assert command in done.stdout
