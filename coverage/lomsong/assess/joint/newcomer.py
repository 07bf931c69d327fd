"""Say what stands around each cluster: by how much levels of a mast that is yet to be built would stray from its promise.

The same knolls and forests stand before the phones whoever sends. So what known masts leave over at a place, of what
terrain promises of them, tells of a new one too, as far as carriers have it in common; and where nobody serves, the levels of
all lie low together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from lomsong.assess.classify import Flags
from lomsong.space.crs import Floats

SELDOM: Final = 1e-6
"""Weight of draws that serve, against those that do not: they count where a carrier serves in all draws."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Newcomer:
    """By how much a new mast's level at each cluster strays from what terrain promises, if there is no service now."""

    mean_db: Floats
    """What is expected of it [dB]."""
    variance_db2: Floats
    """How unsure that is [dB²]."""
    usual_db2: float
    """How unsure it is where nothing is known [dB²]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Outlook:
    """What is expected of a newcomer at a hamlet's clusters from outside of it."""

    mean: Floats
    variance: Floats
    towards: Floats
    """Covariance with the levels of known carriers; shape (levels, clusters) [dB²]."""

    def sharpened(self, scale: Floats, factor: float) -> "Outlook":
        """Return the same, surer of itself by a factor; `scale` is what that makes of the spread of each level."""
        return Outlook(
            mean=self.mean,
            variance=self.variance / factor**2,
            towards=self.towards * scale[:, None] / factor,
        )

    def given(self, off: Floats, covariance: Floats, without: Flags) -> tuple[Floats, Floats]:
        """Return mean [dB] and variance [dB²] by case and cluster where the case has no service.

        Parameters
        ----------
        off
            How far drawn levels lie off what was expected; shape (draws, levels) [dB].
        covariance
            Of what was expected [dB²].
        without
            In which draws which case has no service; shape (draws, cases, clusters).
        """
        weight = np.linalg.solve(covariance, self.towards)
        drawn = (self.mean + off @ weight)[:, None, :]
        left = np.maximum(self.variance - (self.towards * weight).sum(axis=0), 0.0)
        counts = without + SELDOM
        total = counts.sum(axis=0)
        mean = (counts * drawn).sum(axis=0) / total
        spread = (counts * (drawn - mean) ** 2).sum(axis=0) / total
        return mean, spread + left
