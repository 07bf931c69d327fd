"""Write a project file in which every setting is explained, from the settings themselves."""

import datetime as dt
import json
from pathlib import Path
from types import NoneType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from lomsong.config import Settings
from lomsong.errors import Fault, InputError
from lomsong.wording import Language
from lomsong.wording.settings import ABOUT, VIETNAMESE

NAME: Final = "project.toml"
FOLDERS: Final = ("boundaries", "signal", "dem")
EXAMPLES: Final = {
    ("project", "name"): "Huyện mẫu",
    ("hamlets", "path"): "boundaries/hamlets.gpkg",
    ("signal", "path"): "signal/*.csv",
    ("sites", "path"): "cells_452.csv.gz",
    ("terrain", "path"): "dem/*.tif",
}
ALWAYS: Final = ("project", "hamlets", "signal")
"""Sections that stand uncommented: with them filled in, a first run is possible."""
_HEAD: Final = {
    "en": """\
# A project of lomsong. Paths are relative to this file; globs are allowed; unknown keys are refused.
# What stands behind a # is off, or the default. `lomsong check {name}` reports every fault of every input.
""",
    "vi": """\
# Dự án của lomsong. Đường dẫn tính từ tệp này; được dùng * và ?; tên thiết lập lạ sẽ bị từ chối.
# Dòng sau dấu # là đang tắt, hoặc là giá trị mặc định. Lệnh `lomsong check {name}` báo mọi lỗi của mọi tệp.
""",
}


def write_project(folder: Path, *, language: Language = "vi") -> Path:
    """Make a folder with a commented project file and places for inputs; nothing that exists is touched.

    The comments, and later the outputs, are in the language.

    Raises
    ------
    InputError
        Where the folder already holds a project file.
    """
    file = folder / NAME
    if file.exists():
        fault = Fault(
            file=file, problem="exists already", remedy="Give another folder, or edit that file"
        )
        raise InputError([fault])
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    file.write_text(text(language), encoding="utf-8")
    return file


def text(language: Language) -> str:
    """Return the commented project file."""
    parts = [_HEAD[language].format(name=NAME)]
    for section, field in Settings.model_fields.items():
        model = _model(field.annotation)
        heading = f"[[{section}]]" if section == "signal" else f"[{section}]"
        mark = "" if section in ALWAYS else "# "
        lines = [f"# {_about(section, model, language)}", f"{mark}{heading}"]
        lines += [
            _setting(section, key, inner, language) for key, inner in model.model_fields.items()
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _about(section: str, model: type[BaseModel], language: Language) -> str:
    if language == "vi":
        return VIETNAMESE[section][ABOUT]
    return (model.__doc__ or "").strip().splitlines()[0]


def _model(annotation: Any) -> type[BaseModel]:  # noqa: ANN401 -- annotations are of any kind
    """Return the section behind `Section`, `Section | None` or `tuple[Section, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = next(a for a in get_args(annotation) if a not in {NoneType, Ellipsis})
    return _model(inner)


def _setting(section: str, key: str, field: FieldInfo, language: Language) -> str:
    content = EXAMPLES.get((section, key))
    if (section, key) == ("project", "language"):
        content = language
    off = section not in ALWAYS or content is None
    shown = _toml(_default(field) if content is None else content)
    said = VIETNAMESE[section][key] if language == "vi" else field.description
    return f"{'# ' if off else ''}{key} = {shown}    # {said}"


def _default(field: FieldInfo) -> object:
    if field.default_factory is not None:
        return {}
    if field.default is PydanticUndefined or field.default is None:
        return _placeholder(field.annotation)
    return field.default


def _placeholder(annotation: Any) -> object:  # noqa: ANN401 -- annotations are of any kind
    """Return what shows the kind of a setting that has no default."""
    kinds = _kinds(annotation)
    if dt.date in kinds:
        return dt.date(2025, 12, 31)
    if tuple in kinds and str not in kinds:
        return ["…"]
    if dict in kinds:
        return {}
    return 0 if {int, float} & kinds else "…"


def _kinds(annotation: Any) -> set[object]:  # noqa: ANN401 -- annotations are of any kind
    """Return the types that a setting may have; what a container holds is not asked for."""
    if isinstance(annotation, type):
        return {annotation}
    if get_origin(annotation) in {tuple, dict}:
        return {get_origin(annotation)}
    return set().union(*map(_kinds, get_args(annotation)))


def _toml(content: object) -> str:
    if isinstance(content, dict):
        return "{}"
    if isinstance(content, dt.date):
        return content.isoformat()
    return json.dumps(content, ensure_ascii=False)
