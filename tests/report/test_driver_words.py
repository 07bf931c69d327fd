"""What other programs say of a broken file is Vietnamese in Vietnamese runs, by their own true messages."""

import gzip
import io
import json
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lomsong.wording.drivers import reason_told

RAISING = {
    "json cut": lambda: json.loads('{"a": [1,'),
    "json wrong": lambda: json.loads('{"a" 1}'),
    "xml": lambda: ET.fromstring("<a><b></a>"),  # noqa: S314 -- made here
    "no xml": lambda: ET.fromstring(""),  # noqa: S314 -- made here
    "utf-8": b"a\xf3b".decode,
    "encoding": lambda: b"a".decode("TCVN-3"),
    "gzip": lambda: gzip.decompress(b"hello there"),
    "gzip cut": lambda: gzip.decompress(gzip.compress(b"hello" * 99)[:-9]),
    "zip": lambda: zipfile.ZipFile(io.BytesIO(b"hello")),
    "no such file": lambda: Path("/no such file").stat(),
    **{
        f"toml {text}": lambda text=text: tomllib.loads(text)
        for text in (
            "a = ",
            'a = "x',
            "[x",
            "a=1\na=2",
            "[a]\n[a]",
            "a b = 1",
            "a=01",
            "= 3",
            "a=[1,",
            'a="\\q"',
        )
    },
}


@pytest.mark.parametrize("name", RAISING)
def test_a_true_message_is_said_in_vietnamese(name: str):
    raising: Callable[[], object] = RAISING[name]
    with pytest.raises(Exception) as raised:  # noqa: PT011 -- each raises its own
        raising()
    reason = str(raised.value)
    told = reason_told(reason)
    assert told != reason
    assert any(ord(letter) > 127 for letter in told)


def test_a_message_nobody_has_met_stays_as_it_came():
    assert reason_told("flux capacitor {x} % 7") == "flux capacitor {x} % 7"
