"""What a run tells of technologies that end: figures of its table, and nothing of what is off already."""

import datetime as dt
from dataclasses import replace

import worlds
from typer.testing import CliRunner

from lomsong import result as results
from lomsong.cli import app
from lomsong.report import sunset


def with_2g(result, *, as_of):
    """Return the result with 2G everywhere and a day to count from."""
    table = result.assessment
    newest = table[table["technology"] == "4G"]
    heard = newest.assign(technology="2G", **{"class": "covered"})
    both = worlds.pd.concat([newest, heard], ignore_index=True)
    return replace(
        result, assessment=both, manifest={**result.manifest, "as_of": as_of.isoformat()}
    )


def test_figures_are_those_of_the_table():
    run = with_2g(worlds.world(), as_of=dt.date(2025, 12, 20))
    table, told = sunset.table(run), sunset.figures(run)
    whole = table[(table["cluster_id"] == "") & (table["carrier"] == "any")]
    assert told["switched_off"] == ["2G"]
    assert told["hamlets_losing"] == (whole["outcome"] == "loses").sum() > 0
    assert told["people_losing"] == round(whole["people_lose"].sum(), 3)
    assert set(whole["hamlet_id"]) == set(run.hamlets["hamlet_id"])
    # Where no cluster has 4G, all of the hamlet's people lose their last service.
    dead = run.hamlets.loc[run.hamlets["class"] == "no_signal", "hamlet_id"]
    lost = whole[whole["hamlet_id"].isin(dead)]
    assert (lost["people_lose"] == lost["people"]).all()
    assert "Khi tắt 2G" in sunset.line(run, "vi")


def test_after_its_last_day_2g_is_marked_as_off_and_lost_by_nobody():
    run = with_2g(worlds.world(), as_of=dt.date(2026, 12, 1))
    told = sunset.figures(run)
    assert [(e["technology"], e["evidence_before"]) for e in told["off"]] == [("2G", True)]
    assert told["switched_off"] == ["3G"]
    assert told["hamlets_losing"] == 0
    assert "2G went off after 15 Sep 2026" in sunset.line(run, "en")
    assert not sunset.table(run)["service_today"].str.contains("2G").any()


def test_commands_answer_with_exit_codes(tmp_path):
    run = worlds.world(30)
    run = replace(
        run,
        manifest={
            **run.manifest,
            "settings": run.settings.model_dump(mode="json", exclude_none=True),
        },
    )
    folder = tmp_path / "run"
    results.write(run, folder)
    broken = tmp_path / "list.csv"
    broken.write_text("STT;Xã;Thôn\n1;Điện Biên;Nậm Pồ\n", encoding="utf-8-sig")
    runner = CliRunner()
    asked = runner.invoke(app, ["reconcile", str(broken), "--run", str(folder)])
    assert asked.exit_code == 2
    assert "không nói các thôn thiếu gì" in asked.stderr
    assert "--about" in asked.stderr
    out = tmp_path / "out.csv"
    answered = runner.invoke(
        app,
        [
            "reconcile",
            str(broken),
            "--run",
            str(folder),
            "--about",
            "gap",
            "--out",
            str(out),
            "--as-of",
            "2025-03-31",
            "--source",
            "Sở",
            "--column",
            "name=Thôn",
            "--lang",
            "en",
        ],
    )
    assert answered.exit_code == 0, answered.stderr
    assert "Source: Sở; date: 31 Mar 2025" in answered.stdout
    assert out.is_file()
    same = runner.invoke(app, ["compare", str(folder), str(folder), "--lang", "en"])
    assert same.exit_code == 0, same.stderr
    assert "nothing changed" in same.stdout
    assert runner.invoke(app, ["compare", str(folder), str(tmp_path)]).exit_code == 2
