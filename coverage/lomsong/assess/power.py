"""Say which hamlets have grid power, from a list and from light at night, never from distance or darkness."""

import numpy as np
import pandas as pd

from lomsong.config import PowerSection
from lomsong.space.crs import Floats
from lomsong.tables import POWER, Hamlets, checked

LIGHTS_SOURCE = "night lights"


def power_of(
    hamlets: Hamlets,
    *,
    listed: pd.DataFrame | None,
    light: Floats | None = None,
    settings: PowerSection,
) -> pd.DataFrame:
    """Return the power of every hamlet (`tables.POWER`), in the order of `hamlets.table`.

    What a list says stands. Where it says nothing, light from the threshold up tells of grid power;
    darkness tells nothing, because a small hamlet is below what the satellite sees.

    Parameters
    ----------
    hamlets
        Areas to judge.
    listed
        `tables.POWER` of the hamlets on a list.
    light
        Brightest light over each hamlet [nW/cm2/sr], NaN where there is no data.
    settings
        Hold the threshold from which a hamlet counts as lit.
    """
    ids = hamlets.table["hamlet_id"]
    if listed is None:
        table = pd.DataFrame({"hamlet_id": ids, "power": "unknown"})
        table[["power_source", "power_as_of"]] = pd.NA
    else:
        table = listed.set_index("hamlet_id").reindex(ids).reset_index()
        table["power"] = table["power"].fillna("unknown")
    if light is not None:
        lit = (table["power"] == "unknown").to_numpy() & (
            np.nan_to_num(light) >= settings.lit_threshold
        )
        table.loc[lit, "power"] = "grid"
        table.loc[lit, "power_source"] = LIGHTS_SOURCE
    return checked(table.astype(str).where(table.notna()), POWER)
