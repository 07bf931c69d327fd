"""Decide which names of one commune's list and register are the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from lomsong.vietnam.likeness import Forms, one_error_apart
from lomsong.vietnam.spelling import bare

Scores = npt.NDArray[np.float32]
Grade = Literal["exact", "folded", "fuzzy", "ambiguous", "merged", "none"]
"""How a name was matched; the first three are joined.

`exact`: equal keys, kinds aside. `folded`: equal but for missing accents (all of them, on one side), spaces, or
y for i; put up for review where the list has accents elsewhere, because then it may be another name. `fuzzy`: one word with a typing error that makes it impossible; also put up for review. `ambiguous`: several fit, or
one does not fit well enough to be sure. `merged`: parts of a merged name. `none`: nothing fits.
"""
GRADES: tuple[Grade, ...] = ("exact", "folded", "fuzzy", "ambiguous", "merged", "none")


@dataclass(frozen=True, kw_only=True)
class MatchSettings:
    """When two names are alike; similarities from 0 to 100 are rapidfuzz's `ratio` of the keys."""

    fuzzy_score: float = 85.0
    """Least similarity to join; an assumption, tried by benchmarks/names.py. However similar, names are joined
    only when `likeness.one_error_apart` finds a word that cannot be."""
    fuzzy_margin: float = 8.0
    """Least lead over the second best."""
    candidate_score: float = 60.0
    """Least similarity to be shown for review."""
    max_candidates: int = 5


class Candidate(NamedTuple):
    """A name of the register, by its position there, and how similar it is."""

    position: int
    score: float


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is decided of one name."""

    grade: Grade
    position: int | None = None
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""

    @property
    def score(self) -> float | None:
        """Similarity of the best candidate, 0 to 100; None where there is none."""
        return self.candidates[0].score if self.candidates else None


class Entry(NamedTuple):
    """One name of the register."""

    position: int
    forms: Forms


NOTHING = Decision(grade="none", reason="nothing in the commune's register is like it")
_CERTAIN = 100.0


class Group:
    """One commune: the names of the list there, and those of the register."""

    def __init__(
        self, queries: dict[str, Forms], entries: list[Entry], settings: MatchSettings
    ) -> None:
        self._queries = queries
        self._entries = entries
        self._settings = settings
        self._by_key = _index(entries, lambda f: {f.rest, f.full})
        self._by_loose = _index(entries, lambda f: f.loose)
        self._by_plain = _index(entries, lambda f: f.plain)
        self._list_has_accents = any(query.accents for query in queries.values())
        self._register_has_accents = any(entry.forms.accents for entry in entries)
        self._one_kind_renamed = (
            len({f.kind for f in queries.values() if f.number_only and f.kind}) <= 1
            and len({e.forms.kind for e in entries if e.forms.number_only and e.forms.kind}) <= 1
        )

    def decide(self) -> dict[str, Decision]:
        """Decide on every name of the list, the certain ones first."""
        decided = {text: self._equal(query) for text, query in self._queries.items()}
        decided = self._without_rivals(decided)
        open_names = [text for text, decision in decided.items() if decision.grade == "none"]
        decided |= self._similar(open_names, taken=_positions(decided.values()))
        return decided | self._merged(decided)

    def _equal(self, query: Forms) -> Decision:
        """Decide by equal keys alone."""
        if not query.accents:
            return self._chosen(query, _found(self._by_plain, query.plain))
        for index, sought in (
            (self._by_key, {query.rest, query.full}),
            (self._by_loose, query.loose),
        ):
            if found := _found(index, sought):
                return self._chosen(query, found)
        if not self._register_has_accents:
            return self._chosen(query, _found(self._by_plain, query.plain))
        return NOTHING

    def _chosen(self, query: Forms, found: list[Entry]) -> Decision:
        """Choose among names of the register that are equal in some form."""
        if not found:
            return NOTHING
        candidates = tuple(Candidate(entry.position, _CERTAIN) for entry in found)
        left = found
        if query.kind:
            left = [e for e in left if e.forms.plain_full == query.plain_full] or left
        if query.accents:
            left = [e for e in left if e.forms.literal == query.literal] or left
        if len(left) > 1:
            reason = f"{len(left)} names of the register fit"
            return Decision(grade="ambiguous", candidates=candidates, reason=reason)
        entry = left[0]
        kinds_differ = query.kind and entry.forms.kind and query.kind != entry.forms.kind
        if query.number_only and kinds_differ and not self._one_kind_renamed:
            reason = f"the number agrees, the kind does not: {query.kind}, {entry.forms.kind}"
            return Decision(grade="ambiguous", candidates=candidates, reason=reason)
        exact = query.rest in (entry.forms.rest, entry.forms.full) or query.full == entry.forms.rest
        odd_one = not exact and not query.accents and self._list_has_accents
        return Decision(
            grade="exact" if exact else "folded",
            position=entry.position,
            candidates=(Candidate(entry.position, _CERTAIN),),
            reason="typed without accents among names that have them" if odd_one else "",
        )

    def _without_rivals(self, decided: dict[str, Decision]) -> dict[str, Decision]:
        """Leave a name of the register to the one list name that fits it best, where two of different kind want it."""
        claims: dict[int, list[str]] = {}
        for text, decision in decided.items():
            if decision.position is not None:
                claims.setdefault(decision.position, []).append(text)
        full_of = {entry.position: entry.forms for entry in self._entries}
        losers = {}
        for position, texts in claims.items():
            kinds = {self._queries[text].kind for text in texts} - {""}
            own = full_of[position].kind
            for text in texts:
                if len(kinds) > 1 and self._queries[text].kind not in ("", own):
                    losers[text] = replace(
                        decided[text],
                        grade="ambiguous",
                        position=None,
                        reason="another name of the list, of another kind, has the same claim",
                    )
        return decided | losers

    def _similar(self, texts: Sequence[str], *, taken: frozenset[int]) -> dict[str, Decision]:
        """Decide by similarity, for names that are equal to nothing."""
        if not texts or not self._entries:
            return {}
        decided = {
            text: self._most_similar(self._queries[text], scores, taken)
            for text, scores in zip(texts, self._scores(texts), strict=True)
        }
        claimed = [decision.position for decision in decided.values()]
        return {
            text: replace(
                decision,
                grade="ambiguous",
                position=None,
                reason="another name of the list is as like it",
            )
            if decision.position is not None and claimed.count(decision.position) > 1
            else decision
            for text, decision in decided.items()
        }

    def _scores(self, texts: Sequence[str]) -> Iterator[Scores]:
        """Yield the similarity of each name with every name of the register, block by block."""
        rests = [entry.forms.rest for entry in self._entries]
        plain_rests = [bare(rest) for rest in rests]
        for text in texts:
            query = self._queries[text]
            choices, own = (rests, query.rest) if query.accents else (plain_rests, bare(query.rest))
            yield process.cdist([own], choices, scorer=fuzz.ratio)[0]

    def _most_similar(self, query: Forms, scores: Scores, taken: frozenset[int]) -> Decision:
        order = np.argsort(-scores, kind="stable")
        best = order[: self._settings.max_candidates]
        candidates = tuple(
            Candidate(self._entries[i].position, round(float(scores[i]), 1))
            for i in best
            if scores[i] >= self._settings.candidate_score
        )
        if not candidates:
            return NOTHING
        doubt = self._doubt(query, scores, order, taken)
        if doubt:
            return Decision(grade="none", candidates=candidates, reason=doubt)
        return Decision(
            grade="fuzzy",
            position=candidates[0].position,
            candidates=candidates,
            reason="taken for a typing error",
        )

    def _doubt(
        self, query: Forms, scores: Scores, order: npt.NDArray[np.intp], taken: frozenset[int]
    ) -> str:
        """Say why the most similar name may be another one; empty where it hardly can."""
        rules = self._settings
        best = self._entries[order[0]]
        second = scores[order[1]] if len(order) > 1 else 0.0
        typed, meant = query.rest, best.forms.rest
        if not query.accents:
            typed, meant = bare(typed), bare(meant)
        doubts = (
            (scores[order[0]] < rules.fuzzy_score, "not similar enough"),
            (query.marks != best.forms.marks, "the numbers, letters or directions differ"),
            (
                bool(query.plain & best.forms.plain),
                "only the accents differ, and they make another name",
            ),
            (
                not one_error_apart(typed, meant),
                "one may be another name as well as an error in typing the other",
            ),
            (
                scores[order[0]] - second < rules.fuzzy_margin,
                "two names of the register are about as similar",
            ),
            (best.position in taken, "the most similar name is already matched"),
        )
        return next((reason for doubtful, reason in doubts if doubtful), "")

    def _merged(self, decided: dict[str, Decision]) -> dict[str, Decision]:
        """Propose names of the register that are put together from names of the list, and the reverse."""
        taken = _positions(decided.values())
        parts = {
            tuple(self._queries[text].rest.split()): text
            for text, decision in decided.items()
            if decision.position is None
        }
        free = {
            tuple(e.forms.rest.split()): e.position
            for e in self._entries
            if e.position not in taken
        }
        proposed: dict[str, Decision] = {}
        for words, position in free.items():
            for text in (parts[piece] for piece in _pieces(words, frozenset(parts))):
                reason = "part of a merged name of the register"
                proposed[text] = _proposal(proposed.get(text), [position], reason)
        for words, text in parts.items():
            if pieces := _pieces(words, frozenset(free)):
                reason = "put together from names of the register"
                positions = [free[piece] for piece in pieces]
                proposed[text] = _proposal(proposed.get(text), positions, reason)
        return proposed


def _proposal(before: Decision | None, positions: list[int], reason: str) -> Decision:
    known = before.candidates if before else ()
    return Decision(
        grade="merged",
        candidates=(*known, *(Candidate(position, _CERTAIN) for position in positions)),
        reason=reason,
    )


_MOST_WORDS_OF_A_MERGED_NAME = 12


def _pieces(words: tuple[str, ...], known: frozenset[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Cut a name into two or more different known names, the longest first; empty where that fails."""
    if not 2 <= len(words) <= _MOST_WORDS_OF_A_MERGED_NAME:  # noqa: PLR2004 -- two names have two words
        return []

    def cut(start: int) -> list[tuple[str, ...]] | None:
        if start == len(words):
            return []
        for end in range(len(words), start, -1):
            piece = words[start:end]
            if piece != words and piece in known and (tail := cut(end)) is not None:
                return [piece, *tail]
        return None

    found = cut(0) or []
    return found if len(set(found)) == len(found) > 1 else []


def _index(
    entries: Iterable[Entry], keys: Callable[[Forms], Iterable[str]]
) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        for key in keys(entry.forms):
            found.setdefault(key, []).append(entry)
    return found


def _found(index: Mapping[str, list[Entry]], sought: Iterable[str]) -> list[Entry]:
    found = {entry.position: entry for key in sought for entry in index.get(key, ())}
    return [found[position] for position in sorted(found)]


def _positions(decisions: Iterable[Decision]) -> frozenset[int]:
    return frozenset(d.position for d in decisions if d.position is not None)
