"""Write what a run found: map, lists, tables, manifest."""

from dataclasses import replace
from pathlib import Path

from lomsong import result as results
from lomsong.progress import SILENT, Progress
from lomsong.report import charts, csv_table, geopackage, lists, sunset, survey
from lomsong.report import map as maps
from lomsong.report.charts import reliability
from lomsong.result import MANIFEST, Result

__all__ = ["write"]


def write(result: Result, folder: Path, *, progress: Progress = SILENT) -> None:
    """Write all files of a run into an empty folder; the manifest, which names them, comes last."""
    with progress.task("map"):
        maps.write(result, folder / "map.html")
    lists.write(result, folder, progress=progress)
    with progress.task("layers for QGIS"):
        geopackage.write(result, folder / "gaps.gpkg")
    with progress.task("charts"):
        charts.write(result, folder)
        reliability.write(result, folder)
    with progress.task("tables"):
        survey.write(result, folder)
        if len(result.review):
            csv_table.write(result.review, folder / "power_review.csv")
        losing = sunset.table(result)
        if len(losing):
            csv_table.write(losing, folder / "sunset.csv")
        results.write(result, folder)
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    manifest = {
        **result.manifest,
        "technologies": sunset.figures(result, rows=losing),
        "files": [name for name in files if name != MANIFEST],
    }
    results.write_manifest(replace(result, manifest=manifest), folder)
