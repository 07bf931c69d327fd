"""Learn from known sites how levels stray from what terrain promises, and correct what is promised of new ones.

Forest, houses and rough ground are in no terrain, so the bare promise is too good by tens of decibels. How much, and how
it grows with distance, the district's own phones tell at the sites that are known, as far as it is known where these stand.

References
----------
.. [1] M. Hata, "Empirical formula for propagation loss in land mobile radio services", IEEE Trans. VT-29 (1980); COST
   Action 231, final report (1999), 4.4.1.
"""

from typing import Final

import numpy as np

from lomsong.assess.modelled.candidates import MAST_M
from lomsong.assess.modelled.field import Learnt
from lomsong.assess.modelled.trend import Design, learnt
from lomsong.config import SitingSection
from lomsong.siting.antennas import gain_db
from lomsong.siting.correction import FAR_M, NEAR_M, ORIGIN_DBM, Correction
from lomsong.space.crs import Floats
from lomsong.space.raster import Raster

USUAL: Final = (-20.0, 10.0, -14.0)
"""Level at a promise of -110 dBm 3 km away, against it; per 10 dB of promise; per decade of distance [dB]. Hata's curves for
masts of 40 m at 1800 MHz [1]_ lie 12 dB (open country) to 31 dB (suburban) below free space at 3 km, and fall by 34 dB per
decade where free space falls by 20. What a mast sends more arrives more."""
UNSURE: Final = (8.0, 0.05, 6.0)
"""Standard deviations of that, before anything is heard [dB]."""
ROUGH: Final = (2.0, 8.0)
"""What is seen at known masts is off together by so much [dB]: where their places are exact, and where nobody knows them better
than crowds do (assumption)."""
WIDE: Final = (30.0, 0.05)
"""Standard deviations of level and slope while they are looked for in units alone [dB]."""
SEEN: Final = np.array((1.0, 0.0, 1.0))
"""What units may teach: the slope is physics."""
FEWEST: Final = 30
"""With fewer units nothing is learnt (assumption)."""
TURN_DEG: Final = 15.0
"""Nobody knows how known sectors are turned: the mean over turns in such steps stands for them."""


def correction_of(known: Learnt | None, terrain: Raster, settings: SitingSection) -> Correction:
    """Return what the units of known sites teach; without any, no correction and the usual shadow fading."""
    bare = Correction(sigma_db=settings.shadow_sigma_db)
    if known is None:
        return bare
    promised, away, level, lost, rough = [], [], [], [], []
    for carrier, units in known.propagation.taught.items():
        heard = known.propagation.searches[carrier].heard(known.masts[carrier])
        at = np.flatnonzero(heard.mast >= 0)
        masts = known.masts[carrier]
        best = [int(np.argmax(mast.weight)) for mast in masts]
        own = heard.mast[at]
        x = np.array([mast.x[i] for mast, i in zip(masts, best, strict=True)])[own]
        y = np.array([mast.y[i] for mast, i in zip(masts, best, strict=True)])[own]
        height = np.array([mast.height_m for mast in masts])[own]
        top = terrain.at(x, y) + np.where(np.isfinite(height), height, MAST_M)
        rise = terrain.at(units.x[at], units.y[at]) + settings.receiver_m - top
        sent = _mean_gain(settings, np.hypot(units.x[at] - x, units.y[at] - y), rise)
        promised.append(heard.level_dbm[at] + sent)
        away.append(heard.distance_m[at])
        level.append(units.level_dbm[at])
        lost.append(units.lost[at])
        rough.append(np.array([len(mast.x) > 1 for mast in masts])[own])
    whole = np.concatenate(promised)
    fit = np.isfinite(whole)
    if fit.sum() < FEWEST:
        return bare
    distance = np.log10(np.maximum(np.concatenate(away), NEAR_M) / FAR_M)
    rows = np.column_stack([np.ones(len(whole)), (whole - ORIGIN_DBM) / 10, distance])[fit]
    found = learnt(
        Design(rows=rows, usual=np.array(USUAL), unsure=np.array((*WIDE, UNSURE[-1]))),
        np.concatenate(level)[fit],
        lost=np.concatenate(lost)[fit],
        lost_dbm=next(iter(known.propagation.taught.values())).lost_dbm,
    )
    seen = weighed(found.weight, roughly=float(np.concatenate(rough)[fit].mean()))
    # Around this line units scatter for the places of masts too; the trend that may follow each mast tells the rest.
    return Correction(
        sigma_db=max(float(known.trend.sigma_db), settings.shadow_sigma_db),
        offset_db=float(seen[0]),
        per_10_db=float(seen[1]),
        per_decade_db=float(seen[2]),
        units=int(fit.sum()),
    )


def weighed(seen: Floats, *, roughly: float) -> Floats:
    """Return what was seen and what is usual together; `roughly` is the share of units whose mast's place is rough.

    However many units there are, they err together where masts stand elsewhere.
    """
    exact, rough = ROUGH
    error = exact + (rough - exact) * roughly
    trust = np.square(UNSURE) / (np.square(UNSURE) + error**2)
    # Both are dB: the error of a decade is that of the level, since units lie within about one.
    return np.asarray(np.array(USUAL) + trust * (seen - np.array(USUAL)) * SEEN, float)


def _mean_gain(settings: SitingSection, distance_m: Floats, rise_m: Floats) -> Floats:
    """Return the gain of a site whose sectors are turned nobody knows how [dB]."""
    turns = np.radians(np.arange(0.0, 360.0, TURN_DEG))
    gains = [
        gain_db(
            settings,
            dx_m=distance_m * np.sin(turn),
            dy_m=distance_m * np.cos(turn),
            rise_m=rise_m,
        )
        for turn in turns
    ]
    return np.asarray(np.mean(gains, axis=0), float)
