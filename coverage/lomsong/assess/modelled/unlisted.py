"""Find masts that no list knows, where the cells that served samples name them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from lomsong.assess.modelled.masts import REACH_M
from lomsong.assess.modelled.units import Units
from lomsong.evidence.coding import NO_NODE

UNLISTED: Final = "node "
"""Begins the names of masts that only samples know."""
FEWEST_UNITS: Final = 6
"""A node that fewer units name may be a wrong number (assumption)."""
SPOKEN: Final = 0.5
"""At least this share of a carrier's units that name a node has to name a listed one; else samples and list count
otherwise (assumption)."""
LEAST_ERROR_M: Final = 300.0
"""No mast is placed better by the middle of those who heard it, in each direction [m] (assumption)."""


def with_unlisted(masts: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Add a row for each node that samples name and nothing that is listed bears; sorted as before, new ones last.

    A mast stands near the middle of those whom it served, who are spread around it. Nothing is added for carriers
    whose list does not tell the nodes of all masts: a node without a place would often be one of those.

    Parameters
    ----------
    masts
        `masts.masts_of`.
    units
        Units of all carriers.
    """
    added = [
        row
        for carrier, own in masts.groupby("carrier", sort=True)
        for row in _unlisted(own, units.chosen(units.carrier == carrier))
    ]
    if not added:
        return masts
    together = pd.concat([masts, pd.DataFrame(added)], ignore_index=True)
    return together.sort_values("carrier", kind="stable", ignore_index=True)


def _unlisted(masts: pd.DataFrame, units: Units) -> Iterator[dict[str, object]]:
    """Return the masts of one carrier that its list lacks."""
    listed = {node for nodes in masts["nodes"] for node in nodes}
    named = units.chosen(units.node != NO_NODE)
    is_listed = np.isin(named.node, list(listed))
    if not masts["nodes"].map(bool).all() or is_listed.sum() < SPOKEN * len(named):
        return
    for node in np.unique(named.node[~is_listed]):
        own = named.chosen(named.node == node)
        x, y = float(np.median(own.x)), float(np.median(own.y))
        away = np.hypot(own.x - x, own.y - y)
        # One number at places that no mast reaches together is no mast.
        if len(own) < FEWEST_UNITS or np.quantile(away, 0.9) > REACH_M:
            continue
        error = max(float(np.sqrt(np.mean(away**2) / 2)), LEAST_ERROR_M)
        yield {
            "carrier": masts["carrier"].iloc[0],
            "site_id": f"{UNLISTED}{node}",
            "x": x,
            "y": y,
            "error_m": error,
            "height_m": np.nan,
            "frequency_mhz": np.nan,
            "nodes": (int(node),),
        }
