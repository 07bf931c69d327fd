"""What is said in one language is said in the other, with the same figures."""

import string

import numpy as np
import pandas as pd
import pytest

from lomsong import tables
from lomsong.errors import DefectError
from lomsong.report import text


def _figures(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_languages_say_the_same_things_with_the_same_figures():
    vietnamese, english = text.WORDS["vi"], text.WORDS["en"]
    assert vietnamese.keys() == english.keys()
    differing = [key for key in vietnamese if _figures(vietnamese[key]) != _figures(english[key])]
    assert differing == []


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_every_value_of_every_table_has_a_name(language: text.Language):
    vocabulary = {
        "class": tables.CLASSES,
        "official_class": tables.OFFICIAL_CLASSES,
        "evidence": tables.GRADES,
        "power": tables.POWERS,
        "funding_route": tables.FUNDING_ROUTES,
        "kind": tables.AREA_KINDS,
        "geometry_source": tables.GEOMETRY_SOURCES,
        "cluster_kind": tables.CLUSTER_KINDS,
        "technology": tables.TECHNOLOGIES,
    }
    for column, values in vocabulary.items():
        names = [text.value(column, value, language) for value in values]
        assert len(set(names)) == len(names), column


def test_every_column_of_the_gap_table_has_a_heading():
    shown = set(tables.GAPS.columns) - {"geometry"}
    assert {f"column.{name}" for name in shown} <= text.WORDS["vi"].keys()


def test_a_missing_value_is_a_question_and_never_a_figure():
    for missing in (None, pd.NA, float("nan"), np.nan):
        assert text.number(missing, "vi") == text.value("power", missing, "vi") == "?"


def test_numbers_and_dates_are_written_as_the_language_does():
    assert text.number(1234.5, "vi", digits=1) == "1.234,5"
    assert text.number(1234.5, "en", digits=1) == "1,234.5"
    assert text.number(-121, "vi") == "−121"
    assert text.date("2025-12-31", "vi") == "31/12/2025"
    assert text.date("2025-12-31", "en") == "31 Dec 2025"
    assert text.date("2025", "en") == "2025"
    assert text.date("tháng 5", "vi") == "tháng 5"


def test_a_figure_is_never_read_as_a_template():
    assert text.say("map.of", "en", name="{0.__class__} {{7*7}}").endswith("{0.__class__} {{7*7}}")
    assert text.value("carrier", "608-02", "vi") == "608-02"


def test_what_nobody_wrote_is_a_defect():
    with pytest.raises(DefectError):
        text.say("map.nothing", "vi")
    with pytest.raises(DefectError):
        text.say("map.of", "vi", title="x")
