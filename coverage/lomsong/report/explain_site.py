"""Explain a candidate site: whom it serves, what it costs, and the way of its traffic, with a picture of the terrain."""

from pathlib import Path
from typing import Final

import pandas as pd

from lomsong.errors import Fault, InputError
from lomsong.propagation import UNKNOWN_MAST_M, Profile, profile
from lomsong.propagation.draw import draw_profile, save
from lomsong.report.text import Language, is_missing, number
from lomsong.report.text.explain import say
from lomsong.result import Result
from lomsong.sentences import Sentence
from lomsong.siting.backhaul import HOP_MHZ
from lomsong.space.crs import WGS84, to_crs

PICTURES: Final = (".png", ".svg")
MILLION: Final = 1e6
_PARTS: Final = ("radio", "mast", "civil", "power", "backhaul", "operation", "present")


def is_candidate(result: Result, wanted: str) -> bool:
    """Return whether a text is the `site_id` of a candidate."""
    return bool((result.candidates["site_id"] == wanted).any())


def of_site(result: Result, wanted: str) -> str:
    """Return what a candidate rests on, in some lines."""
    language = result.settings.project.language
    site = _site(result, wanted)
    money = {part: _millions(site[f"cost_{part}_vnd"], language) for part in _PARTS}
    lines = [
        say(
            "site_is",
            language,
            id=wanted,
            ground=number(site["ground_m"], language),
            mast=number(site["mast_m"], language),
            people=number(site["people_gained"], language),
            expected=number(site["people_expected"], language),
            rank=number(site["rank"], language),
        )
    ]
    if not is_missing(site["existing_site"]):
        carriers = site["existing_carriers"]
        lines.append(say("site_shared", language, id=site["existing_site"], carriers=carriers))
    lines.append(say("site_cost", language, total=_millions(site["cost_vnd"], language), **money))
    return "\n".join([*lines, *_backhaul(site, language)])


def hop(result: Result, wanted: str) -> tuple[Profile, float, float] | None:
    """Return the terrain from a candidate to the site that takes its traffic, and both antennas' heights [m].

    Over the run's terrain for pictures, which is coarser than what was planned on. None without terrain, or where no
    direct way is to be shown: on a known mast, and where no site is known.
    """
    site = _site(result, wanted)
    far = _far_end(result, site["backhaul_site"])
    if result.terrain is None or far is None:
        return None
    lon, lat, height = far
    x, y = to_crs(
        [site.geometry.x, lon], [site.geometry.y, lat], source=WGS84, target=result.terrain.crs
    )
    if x[0] == x[1] and y[0] == y[1]:
        return None
    path = profile(result.terrain, x0=x[0], y0=y[0], x1=x[1], y1=y[1])
    return path, float(site["mast_m"]), height


def _far_end(result: Result, name: object) -> tuple[float, float, float] | None:
    """Return longitude, latitude and antenna height of a known site, or of another candidate."""
    known = result.sites[result.sites["site_id"] == name]
    if len(known):
        height = known["height_m"].max()
        high = UNKNOWN_MAST_M if is_missing(height) else float(height)
        return float(known["lon"].iloc[0]), float(known["lat"].iloc[0]), high
    new = result.candidates[result.candidates["site_id"] == name]
    if not len(new):
        return None
    there = new.geometry.iloc[0]
    return float(there.x), float(there.y), float(new["mast_m"].iloc[0])


def draw_hop(result: Result, wanted: str, file: Path) -> None:
    """Draw the terrain under the direct way of a candidate's traffic, as PNG or SVG by the suffix of the file.

    Raises
    ------
    InputError
        Where there is no such way or no terrain, or the suffix names no picture.
    """
    if file.suffix.lower() not in PICTURES:
        one_of = Sentence("Use one of {names}", names=", ".join(PICTURES))
        raise InputError([Fault(value=str(file), problem="is no picture", remedy=one_of)])
    way = hop(result, wanted)
    if way is None:
        problem, remedy = "no way to another site is known", "Give [sites] and [terrain]"
        raise InputError([Fault(value=wanted, problem=problem, remedy=remedy)])
    path, mast_m, far_m = way
    figure = draw_profile(
        path,
        frequency_mhz=HOP_MHZ,
        tx_height_m=mast_m,
        rx_height_m=far_m,
        title=f"{wanted} – {_site(result, wanted)['backhaul_site']}",
        far_end="mast",
        language=result.settings.project.language,
    )
    save(figure, file)


def _site(result: Result, wanted: str) -> pd.Series:
    row: pd.Series = result.candidates[result.candidates["site_id"] == wanted].iloc[0]
    return row


def _backhaul(site: pd.Series, language: Language) -> list[str]:
    kind = site["backhaul_kind"]
    if kind in {"existing", "unknown"}:
        return [say(f"backhaul_{kind}", language)]
    where = {
        "site": site["backhaul_site"],
        "km": number(site["backhaul_distance_m"] / 1000, language, digits=1),
    }
    if kind == "relay":
        where |= {
            "lat": number(site["backhaul_relay_lat"], language, digits=5),
            "lon": number(site["backhaul_relay_lon"], language, digits=5),
        }
    lines = [say(f"backhaul_{kind}", language, **where)]
    if not is_missing(site["backhaul_clearance"]):
        clear = bool(site["backhaul_clear"])
        lines.append(
            "  "
            + say(
                "hop_clear" if clear else "hop_blocked",
                language,
                share=number(site["backhaul_clearance"], language, digits=2),
                loss=number(site["backhaul_loss_db"], language, digits=1),
            )
        )
    if not is_missing(site["backhaul_exact"]) and not site["backhaul_exact"]:
        lines.append("  " + say("hop_rough", language))
    return lines


def _millions(vnd: float, language: Language) -> str:
    return number(vnd / MILLION, language)
