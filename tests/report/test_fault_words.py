"""Every fault is said in both languages, with the same figures; and the same in one language wherever it arises."""

import ast
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import lomsong
from lomsong.config.told import PROBLEMS
from lomsong.errors import Fault, InputError
from lomsong.sentences import Sentence
from lomsong.wording import VIETNAMESE, told

ROOT = Path(lomsong.__file__).parent
SAID = ("problem", "remedy")


class Module:
    """One module, and the texts that become faults in it."""

    def __init__(self, file: Path) -> None:
        self.file = file.relative_to(ROOT)
        self.nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
        self.held: dict[str, list[ast.expr]] = {}
        self.takes: dict[str, list[str]] = {"Fault": []}
        for node in self.nodes:
            self._remember(node)

    def _remember(self, node: ast.AST) -> None:
        """Keep what names hold."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.held.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self.held.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                self._pair(names, values)
            case ast.For(target=ast.Tuple(elts=names), iter=ast.Tuple(elts=rows)):
                for row in rows:
                    if isinstance(row, ast.Tuple):
                        self._pair(names, row.elts)
            case ast.FunctionDef() | ast.ClassDef():
                self._take_places(node)

    def _take_places(self, made: ast.FunctionDef | ast.ClassDef) -> None:
        """Keep which places of a call are a problem or a remedy, and what stands there by default."""
        if isinstance(made, ast.ClassDef):
            places = [field.target.id for field in made.body if isinstance(field, ast.AnnAssign)]
        else:
            places = [given.arg for given in made.args.args if given.arg != "self"]
            for given, default in zip(made.args.kwonlyargs, made.args.kw_defaults, strict=True):
                if given.arg in SAID and default is not None:
                    self.held.setdefault(given.arg, []).append(default)
        if set(SAID) & set(places):
            self.takes[made.name] = places

    def _pair(self, names: list[ast.expr], values: list[ast.expr]) -> None:
        for name, value in zip(names, values, strict=True):
            if isinstance(name, ast.Name):
                self.held.setdefault(name.id, []).append(value)

    def texts(self) -> Iterator[ast.expr]:
        """Yield what is said: of calls that make a fault, of sentences, of values that are refused."""
        for node in self.nodes:
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            refuses = name == "ValueError" and self.file.parts[0] in {"ingest", "config"}
            if refuses or name in {"Sentence", "_NoHeightsError"}:
                yield node.args[0]
            elif name == "add" and len(node.args) == len(SAID):
                yield from node.args
            elif name in self.takes:
                places = zip(self.takes[name], node.args, strict=False)
                yield from (text for place, text in places if place in SAID)
            yield from (pair.value for pair in node.keywords if pair.arg in SAID)

    def patterns(self, text: ast.expr, *, seen: tuple[str, ...] = ()) -> set[str]:
        """Return what an expression may say; an f-string could not be said in another language."""
        match text:
            case ast.Constant(value=str(said)):
                return {said}
            case ast.IfExp(body=body, orelse=orelse):
                return self.patterns(body, seen=seen) | self.patterns(orelse, seen=seen)
            case ast.Name(id=name) if name in self.held and name not in seen:
                several = [self.patterns(v, seen=(*seen, name)) for v in self.held[name]]
                return set().union(*several)
            case ast.JoinedStr() | ast.BinOp():
                pytest.fail(f"{self.file}:{text.lineno}: write a Sentence instead")
        return set()


def said_in_the_code() -> set[str]:
    found = set(PROBLEMS.values())
    for file in sorted(ROOT.rglob("*.py")):
        module = Module(file)
        for text in module.texts():
            found |= module.patterns(text)
    return found


def figures(pattern: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


def test_every_fault_has_its_vietnamese_and_no_vietnamese_is_left_over():
    assert said_in_the_code() == set(VIETNAMESE)


@pytest.mark.parametrize("pattern", sorted(VIETNAMESE))
def test_both_languages_tell_the_same_figures(pattern: str):
    assert figures(pattern) == figures(VIETNAMESE[pattern])


def test_a_fault_keeps_its_place_and_writes_figures_as_the_language_does():
    broken = InputError(
        [
            Fault(
                file="a.csv",
                row=1234,
                column="so_ho",
                value="nhiều",
                problem="is no number",
                remedy=Sentence("The file has {columns}", columns="x, y"),
            ),
            Fault(problem=Sentence("the region needs {n:,} pixels", n=12345), remedy="Give one"),
        ]
    )
    assert told(broken, "en") == str(broken)
    assert told(broken, "vi").splitlines() == [
        "2 lỗi trong dữ liệu đầu vào:",
        '- a.csv, dòng 1234, cột "so_ho", giá trị "nhiều": không phải là số. Tệp có x, y',
        "- vùng này cần 12.345 điểm ảnh. Chỉ dùng một",
    ]


def test_a_fault_of_a_worker_arrives_as_it_was():
    sentence = Sentence('say {{crs}} = "{name}"', name="{x}")
    back = pickle.loads(pickle.dumps(sentence))  # noqa: S301 -- made on the line itself
    assert (back, back.pattern, back.figures) == (
        sentence,
        sentence.pattern,
        sentence.figures,
    )
