"""Keep what a sentence was made from, so that it can be said in another language."""

from typing import Self


class Sentence(str):
    """A sentence in English that remembers what it was made from.

    Parameters
    ----------
    pattern
        The sentence, with `{figure}` where a figure stands; other languages know it by this pattern.
    figures
        What stands in the sentence; may be sentences themselves.
    """

    __slots__ = ("figures", "pattern")

    figures: dict[str, object]
    pattern: str

    def __new__(cls, pattern: str, /, **figures: object) -> Self:
        """Write the sentence."""
        sentence = super().__new__(cls, pattern.format_map(figures))
        sentence.pattern, sentence.figures = pattern, figures
        return sentence

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        # A worker's fault is written anew from what it was made from.
        return (self.pattern,), self.figures

    def by(self, pattern: str, **figures: object) -> str:
        """Return the sentence as the pattern of another language has it, with figures as that writes them."""
        return pattern.format_map(figures)
