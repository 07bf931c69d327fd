"""Give each class one colour in charts, lists, KMZ, GeoPackage and printed pages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CLASS_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_signal": "#5c1049",
        "partial": "#a8477f",
        "weak": "#d98200",
        "covered": "#a6d0e4",
        "unknown": "#ffffff",
    }
)
"""Apart for three kinds of colour blindness and in grey print; unknown is white and always carries dots."""
PLANNED: Final = "#2c7a51"
"""What the plan adds."""
LEVEL_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "excellent": "#2a7fb0",
        "good": "#a6d0e4",
        "fair": "#f3bd6e",
        "poor": "#d98200",
        "below": "#a8477f",
        "silent": "#5c1049",
        "heard": "#7d93a3",
    }
)
"""Of squares that were measured, in the colours of the class they speak for; `heard`: no level that compares."""
INK: Final = "#1d1d1d"
DARK_CLASSES: Final = frozenset({"no_signal", "partial"})
"""Classes whose colour wants white letters."""
