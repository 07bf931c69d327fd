"""Put another plan into a finished run, so that its map can be drawn."""

from dataclasses import replace

from lomsong.result import Result
from lomsong.siting.footprint import footprints
from lomsong.siting.plan import Plan


def with_plan(result: Result, plan: Plan) -> Result:
    """Return a run with other chosen sites, and the ground that these serve.

    Ground is drawn over the run's terrain for pictures, which is coarser than what was planned on where a district is
    large.
    """
    siting = result.settings.siting
    reached = footprints(
        plan.candidates,
        result.terrain,
        settings=siting,
        minimum_dbm=result.settings.levels.minimum_rsrp_dbm,
        correction=plan.correction,
    )
    return replace(
        result,
        candidates=plan.candidates,
        coverage=plan.coverage,
        chances=plan.chances,
        footprints=reached,
        manifest={**result.manifest, "plan": dict(plan.summary)},
    )
