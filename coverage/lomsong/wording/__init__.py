"""Say faults in the language of the outputs, by the sentences they were made from; light, so that they come at once."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from lomsong.errors import InputError
from lomsong.sentences import Sentence
from lomsong.wording.drivers import reason_told
from lomsong.wording.files import FILES
from lomsong.wording.inputs import INPUTS
from lomsong.wording.library import LIBRARY
from lomsong.wording.places import PLACES
from lomsong.wording.project import PROJECT
from lomsong.wording.runs import RUNS

Language = Literal["vi", "en"]

VIETNAMESE: Final[Mapping[str, str]] = MappingProxyType(
    {**PROJECT, **FILES, **PLACES, **INPUTS, **RUNS, **LIBRARY}
)
"""By the English pattern of a problem, a remedy, or a part of them."""
_SWAPPED: Final = str.maketrans(",.", ".,")


def told(broken: InputError, language: Language) -> str:
    """Return all faults in the language, as far as known also what other programs said of a file."""
    return broken.told(partial(_said, language=language))


def figure_in(figure: float, language: Language, *, digits: int = 0) -> str:
    """Return a figure as it is written in the language: 1.234,5 in Vietnamese, 1,234.5 in English."""
    written = f"{figure:,.{digits}f}"
    return written if language == "en" else written.translate(_SWAPPED)


def _said(text: str, *, language: Language) -> str:
    if language == "en":
        return str(text)
    if not isinstance(text, Sentence):
        return VIETNAMESE.get(text, text)
    figures = {name: _figure(name, found, language) for name, found in text.figures.items()}
    return text.by(VIETNAMESE.get(text.pattern, text.pattern), **figures)


def _figure(name: str, found: object, language: Language) -> object:
    if isinstance(found, Sentence):
        return _said(found, language=language)
    if name == "reason":
        return reason_told(str(found))
    return f"{found:,}".replace(",", ".") if isinstance(found, int) else found
