import re
import tomllib

import pytest

from lomsong.config import Settings, language_of, load, parse
from lomsong.errors import InputError
from lomsong.template import text, write_project
from lomsong.wording.settings import ABOUT, VIETNAMESE


def write(folder, content):
    file = folder / "project.toml"
    file.write_text(content, encoding="utf-8")
    return file


MINIMAL = '[project]\nname = "x"\n[hamlets]\npath = "h.gpkg"\n'


def test_a_minimal_project_gets_every_default(tmp_path):
    settings = load(write(tmp_path, MINIMAL)).settings
    assert settings.levels.minimum_rsrp_dbm == -121
    assert settings.levels.good_rsrp_dbm == -105
    assert settings.evidence.catchment_m == 250
    assert settings.evidence.confidence == 0.9


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (MINIMAL + "[levels]\nminimun_rsrp_dbm = -120\n", 'Did you mean "minimum_rsrp_dbm"?'),
        ('[project]\nname = "x"\n', "nothing to judge"),
        ('[project]\nname = "x"\n[areas]\n', "[[signal]]"),
        (MINIMAL + "[levels]\ngood_rsrp_dbm = -130\n", "lies below"),
        (MINIMAL + '[people]\nraster = "p.tif"\n', "people_per_pixel"),
        (MINIMAL + '[evidence]\nconfidence = "sure"\n', "sure"),
        (MINIMAL + "[evidence]\nconfidence = nan\n", "finite"),
        ("[project\n", "is not TOML"),
        (MINIMAL + 'path = "C:\\Users\\x"\n', "write paths with /"),
        (MINIMAL + "path = “x.gpkg”\n", "straight quotation marks"),
    ],
)
def test_a_faulty_project_is_told_plainly(tmp_path, content, told):
    with pytest.raises(InputError) as raised:
        load(write(tmp_path, content))
    assert told in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_a_missing_project_file_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="lomsong init"):
        load(tmp_path / "none.toml")


def test_patterns_are_relative_to_the_project_and_missing_files_are_told(tmp_path):
    for name in ("b.csv", "a.csv"):
        (tmp_path / name).touch()
    project = load(write(tmp_path, MINIMAL))
    assert [f.name for f in project.files("*.csv", key="signal.path")] == ["a.csv", "b.csv"]
    with pytest.raises(InputError) as raised:
        project.files(("none.csv", "nil/*.gz"), key="signal.path")
    assert len(raised.value.faults) == 2


def sections():
    for name, field in Settings.model_fields.items():
        inner = (field.annotation, *getattr(field.annotation, "__args__", ()))
        yield name, next(each for each in inner if hasattr(each, "model_fields"))


def test_a_list_is_not_called_too_short_for_its_wrong_words(tmp_path):
    with pytest.raises(InputError) as raised:
        load(write(tmp_path, MINIMAL + '[siting]\nbands = ["B99"]\n'))
    assert [fault.column for fault in raised.value.faults] == ["siting.bands.0"]
    with pytest.raises(InputError) as raised:
        load(write(tmp_path, MINIMAL + "[siting]\nbands = []\n"))
    assert [fault.column for fault in raised.value.faults] == ["siting.bands"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_template_explains_every_setting_and_is_a_valid_project(tmp_path, language):
    content = text(language)
    project = parse(tomllib.loads(content), file=tmp_path).project
    assert (project.name, project.language) == ("Huyện mẫu", language)
    for name, section in sections():
        assert f"[{name}]" in content
        for key, setting in section.model_fields.items():
            assert setting.description, f"{name}.{key} is not explained"
            said = setting.description if language == "en" else VIETNAMESE[name][key]
            assert re.search(rf"^(# )?{key} = .*    # {re.escape(said)}$", content, re.MULTILINE)


def test_settings_are_explained_in_both_languages_with_the_same_units_and_doubts():
    assert {name: {ABOUT, *section.model_fields} for name, section in sections()} == {
        name: set(said) for name, said in VIETNAMESE.items()
    }
    doubts = (("assumption", "giả định"), ("unverified", "chưa kiểm chứng"), ("Oughton", "Oughton"))
    for name, section in sections():
        for key, setting in section.model_fields.items():
            english, vietnamese = setting.description, VIETNAMESE[name][key]
            for here, there in doubts:
                assert (here in english) == (there in vietnamese), f"{name}.{key}"
            units = re.compile(r"\[[\w/ ]+\]")
            assert [
                unit.replace("per ", "mỗi ") for unit in units.findall(english)
            ] == units.findall(vietnamese), f"{name}.{key}"


def test_init_never_overwrites(tmp_path):
    write_project(tmp_path / "new")
    with pytest.raises(InputError, match="exists already"):
        write_project(tmp_path / "new")


@pytest.mark.parametrize(
    "content",
    [
        '[project]\nlanguage = "en"\n',
        "[project]\n  language='en' # as asked\n[broken\n",
        'project = { name = "x", language = "en" }\n',
        'project = { name = "x", language = "en" \n',
        'project.language = "en"\nname = "a\n',
        "[project]\nlanguage = en\n",
        "[project]\nlanguage = “en”\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_language_is_known_whatever_else_is_wrong(tmp_path, content, encoding):
    file = tmp_path / "project.toml"
    file.write_bytes(content.encode(encoding))
    assert language_of(file) == "en"


@pytest.mark.parametrize(
    "content",
    [
        "",
        '[project]\n# language = "en"\n[broken\n',
        '[project]\nname = "x" # language = "en"\n[broken\n',
        '[project]\nname = "language = en"\nlanguage = "vi"\n',
        '[survey]\nlanguage = "en"\n',
    ],
)
def test_what_asks_for_no_english_is_answered_in_vietnamese(tmp_path, content):
    assert language_of(write(tmp_path, content)) == "vi"


def test_a_project_in_another_encoding_is_told_with_its_line(tmp_path):
    file = tmp_path / "project.toml"
    file.write_bytes('[project]\nname = "Huy\xean"\n'.encode("latin-1"))
    with pytest.raises(InputError) as raised:
        load(file)
    (fault,) = raised.value.faults
    assert (fault.row, fault.problem) == (2, "is not written in UTF-8")


def test_a_line_that_is_no_toml_is_told_with_its_number_and_its_text(tmp_path):
    with pytest.raises(InputError) as raised:
        load(write(tmp_path, '[project]\nname = "a"\nname = "b"\n'))
    (fault,) = raised.value.faults
    assert (fault.row, fault.value) == (3, 'name = "b"')
