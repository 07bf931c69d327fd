"""Every note is said in both languages, with the same figures."""

import ast
import string
from pathlib import Path

import pytest

import lomsong
from lomsong.errors import DefectError
from lomsong.ingest.samples.reasons import Reason
from lomsong.notes import Note
from lomsong.report.text.notes import REASONS, VIETNAMESE, reason_told, told


def patterns():
    """Return the texts that notes are made from: literals, or names that hold one nearby."""
    found = set()
    for file in Path(lomsong.__file__).parent.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        held = {
            node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and [target.id for target in node.targets if isinstance(target, ast.Name)]
            == ["pattern"]
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        }
        calls = [
            node.args[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Note" and node.args
        ]
        if calls:
            found |= held
        found |= {first.value for first in calls if isinstance(first, ast.Constant)}
    return found


def figures(pattern):
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


def test_every_note_has_its_vietnamese_and_no_vietnamese_is_left_over():
    assert patterns() == set(VIETNAMESE)


@pytest.mark.parametrize("pattern", VIETNAMESE)
def test_both_languages_tell_the_same_figures(pattern):
    assert figures(pattern) == figures(VIETNAMESE[pattern])


def test_every_reason_has_its_words():
    assert {reason.value for reason in Reason} < set(REASONS)
    assert reason_told("duplicate", "vi") == "trùng lặp"
    assert reason_told("duplicate", "en") == "duplicate"


def test_a_note_keeps_what_it_is_about_and_writes_figures_as_the_language_does():
    note = Note("{n} rows left out: {reason}", about="a.csv", n=12404, reason=Reason.DUPLICATE)
    assert note == told(note, "en") == "a.csv: 12404 rows left out: duplicate"
    assert told(note, "vi") == "a.csv: bỏ 12.404 dòng: trùng lặp"
    assert told(note.of("b.csv"), "vi").startswith("b.csv: bỏ")


def test_braces_of_an_input_are_no_pattern():
    note = Note("{place} lies where no height is known, and is no candidate", place="{n} {place!r}")
    assert told(note, "vi").startswith("{n} {place!r} nằm")


def test_a_note_nobody_translated_is_our_defect_and_words_of_others_pass():
    assert told("words of a library", "vi") == "words of a library"
    with pytest.raises(DefectError):
        told(Note("nobody says this"), "vi")
