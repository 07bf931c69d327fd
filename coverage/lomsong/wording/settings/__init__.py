"""Explain the settings of a project file in Vietnamese; English is the settings' own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lomsong.wording.settings.inputs import INPUTS
from lomsong.wording.settings.judging import JUDGING
from lomsong.wording.settings.siting import SITING

ABOUT: Final = "about"
"""What the whole section is for stands under this name; no setting is called so."""

VIETNAMESE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {**INPUTS, **JUDGING, **SITING}
)
"""By section, then by key."""
