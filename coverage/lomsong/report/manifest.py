"""Describe a run: program, settings, inputs, counts, warnings."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from lomsong import provenance
from lomsong.assess.assessment import Assessment
from lomsong.evidence.age import STRAY_AFTER_DAYS, present_day
from lomsong.evidence.cube import Evidence
from lomsong.ingest.inputs import Inputs
from lomsong.ingest.inputs.passing import newer_than
from lomsong.notes import Note
from lomsong.report.text import Language
from lomsong.report.text.notes import told
from lomsong.siting.plan import Plan


def describe(
    inputs: Inputs,
    evidence: Evidence,
    assessment: Assessment,
    plan: Plan,
    *,
    levels: Mapping[str, Any],
    clock: provenance.Clock,
) -> dict[str, Any]:
    """Return the manifest of a run; the salt of device hashes stays out of it.

    `levels` tells per carrier which models competed to predict levels (`assess.corrected.Corrected`).
    """
    settings = inputs.project.settings
    as_of = settings.project.as_of or _present_day(evidence)
    warnings = _warnings(inputs, evidence, plan, as_of=as_of)
    return {
        "program": provenance.program(),
        "settings": settings.model_dump(
            mode="json", exclude_none=True, exclude={"privacy": {"salt"}}
        ),
        "inputs": provenance.inputs(inputs.files, folder=inputs.project.folder),
        "as_of": _iso(as_of),
        "data_date": _iso(evidence.newest),
        "counts": {
            "hamlets": len(inputs.hamlets.table),
            "repaired": len(inputs.hamlets.repairs),
            "clusters": int((assessment.table["cluster_id"] != "").sum() // _cases(assessment)),
            "samples": evidence.n_samples,
            "witness_rows": len(evidence.witnesses),
            "sites": int(inputs.sites.table["site_id"].nunique()),
            "candidates": len(plan.candidates),
            "selected": int(plan.candidates["selected"].sum()),
        },
        "plan": dict(plan.summary),
        "carriers": list(assessment.carriers),
        "model": dict(assessment.model),
        "models_of_levels": dict(levels),
        "dropped_samples": dict(evidence.dropped),
        "dropped_sites": dict(inputs.sites.dropped),
        "left_out_masts": [dict(mast) for mast in inputs.sites.left_out],
        "repairs": inputs.hamlets.repairs.astype(str).to_dict("records"),
        "warnings": [told(note, "en") for note in warnings],
        "warnings_vi": [told(note, "vi") for note in warnings],
        "seconds": dict(clock.seconds),
    }


def warnings_of(manifest: Mapping[str, Any], language: Language) -> list[str]:
    """Return the warnings of a run, in a language."""
    said: list[str] = manifest.get("warnings_vi" if language == "vi" else "warnings", [])
    return said


def _cases(assessment: Assessment) -> int:
    return len(assessment.table[["carrier", "technology"]].drop_duplicates())


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _present_day(evidence: Evidence) -> dt.date | None:
    """Return the newest day in the data, samples outside all areas included, unless a clock ran ahead."""
    inside, newest = present_day(evidence.witnesses), evidence.newest
    if inside is None or newest is None or (newest - inside).days <= STRAY_AFTER_DAYS:
        return newest
    return inside


def _warnings(
    inputs: Inputs, evidence: Evidence, plan: Plan, *, as_of: dt.date | None
) -> list[Note]:
    said = list(inputs.notes)
    settings = inputs.project.settings
    if not evidence.n_samples:
        said.append(Note("no sample lies in any area: every class is unknown"))
    if inputs.power_list is not None and len(inputs.power_list.review):
        n = len(inputs.power_list.review)
        pattern = "{n} rows of the power list join no hamlet for certain: see power_review.csv"
        said.append(Note(pattern, n=n))
    if settings.terrain is None:
        said.append(Note("no terrain is given: no site is planned"))
    elif not len(plan.candidates):
        pattern = "no cluster with people is decided to be without service: no site is planned"
        said.append(Note(pattern))
    if inputs.people_raster is None and inputs.hamlets.table["people_listed"].isna().any():
        n = int(inputs.hamlets.table["people_listed"].isna().sum())
        said.append(Note("{n} areas have no figure for people: they attract no site", n=n))
    return said + newer_than(as_of, newest=evidence.newest)
