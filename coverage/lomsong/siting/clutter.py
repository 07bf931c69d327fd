"""Carry over to new sites what known ones tell of the clutter around each cluster.

What phones leave over of what terrain promises is partly the mast's own path and partly the knolls, forests and houses before
the phones, which every mast meets. And where nobody serves there is likelier much clutter than little: to take being
without service and hearing a new site as independent would promise too much.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from lomsong.assess.joint import Newcomer
from lomsong.config import SitingSection
from lomsong.siting.correction import Correction
from lomsong.siting.received import Reach

LEAST_LEFT: Final = 0.25
"""Clutter never tells more of a level than all but this share of its variance (assumption)."""


def through_clutter(
    reach: Reach,
    around: Newcomer | None,
    *,
    correction: Correction,
    settings: SitingSection,
    least_dbm: float,
) -> Reach:
    """Return levels that know the clutter around each cluster, as if all scattered alike around them.

    Where masts stand is rarely known, so that known sites stray further than a new one will: it has in common with them
    no more than shadow fading has.

    Parameters
    ----------
    reach
        Levels that follow from terrain and correction.
    around
        What the joint judgement tells of clusters that have no service; None where it knows no sites.
    correction
        With how far levels scatter.
    settings
        With shadow fading.
    least_dbm
        Level that serving takes: what is surer than others lies further from it.
    """
    if around is None:
        return reach
    like = np.minimum(1.0, settings.shadow_sigma_db**2 / around.usual_db2)
    told_db2 = like**2 * np.maximum(around.usual_db2 - around.variance_db2, 0.0)
    sigma_db = correction.sigma_db
    left = np.sqrt(np.maximum(1 - told_db2 / sigma_db**2, LEAST_LEFT))
    shift = like * around.mean_db
    at = reach.cluster
    above = reach.rsrp_dbm + shift[at] - least_dbm
    return replace(reach, rsrp_dbm=least_dbm + above / left[at])
