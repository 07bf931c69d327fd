"""Note what a person should know although it stops nothing, so that outputs can say it in their language."""

from typing import Self

from lomsong.sentences import Sentence


class Note(Sentence):
    """A sentence about something.

    Parameters
    ----------
    pattern
        The sentence, with `{figure}` where a figure stands.
    about
        What it is about, such as the name of a file; it goes before the sentence, and is the same in every language.
    figures
        What stands in the sentence.
    """

    __slots__ = ("about",)

    about: str

    def __new__(cls, pattern: str, /, *, about: str = "", **figures: object) -> Self:
        """Write the sentence."""
        note = str.__new__(cls, _about(about, pattern.format_map(figures)))
        note.pattern, note.about, note.figures = pattern, about, figures
        return note

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (self.pattern,), {"about": self.about, **self.figures}

    def of(self, about: str) -> "Note":
        """Return the note about something."""
        return Note(self.pattern, about=about, **self.figures)

    def by(self, pattern: str, **figures: object) -> str:
        """Return the note as the pattern of another language has it, with figures as that writes them."""
        return _about(self.about, super().by(pattern, **figures))


def _about(about: str, sentence: str) -> str:
    return f"{about}: {sentence}" if about else sentence
