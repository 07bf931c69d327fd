"""Note what a person should know although it stops nothing, so that outputs can say it in their language."""

from typing import Self


class Note(str):
    """A sentence in English that remembers what it was made from.

    Parameters
    ----------
    pattern
        The sentence, with `{figure}` where a figure stands; outputs know it in other languages by this pattern.
    about
        What it is about, such as the name of a file; it goes before the sentence, and is the same in every language.
    figures
        What stands in the sentence.
    """

    __slots__ = ("about", "figures", "pattern")

    about: str
    figures: dict[str, object]
    pattern: str

    def __new__(cls, pattern: str, /, *, about: str = "", **figures: object) -> Self:
        """Write the sentence."""
        note = super().__new__(cls, _written(pattern, about, figures))
        note.pattern, note.about, note.figures = pattern, about, figures
        return note

    def of(self, about: str) -> "Note":
        """Return the note about something."""
        return Note(self.pattern, about=about, **self.figures)

    def by(self, pattern: str, **figures: object) -> str:
        """Return the note as the pattern of another language has it, with figures as that writes them."""
        return _written(pattern, self.about, figures)


def _written(pattern: str, about: str, figures: dict[str, object]) -> str:
    sentence = pattern.format_map(figures)
    return f"{about}: {sentence}" if about else sentence
