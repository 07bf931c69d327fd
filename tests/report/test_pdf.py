"""The printed list says what the table says, takes text for text, and is the same whenever it is printed."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader
from worlds import CARRIERS, HOSTILE, world

from lomsong.errors import InputError
from lomsong.report import lists, text
from lomsong.report.lists import pdf
from lomsong.report.lists.content import content
from lomsong.report.lists.printed_map import draw
from lomsong.report.text.lists import LABEL
from lomsong.result import Result

A4_POINTS = (841.89, 595.28)
ZERO_WIDTH_SPACE = "\u200b"


@pytest.fixture(scope="module")
def result():
    return world(50, n_vertices=12, terrain=False)


def _text(file: Path) -> str:
    pages = [page.extract_text() for page in PdfReader(file).pages]
    return "".join(" ".join(pages).replace(ZERO_WIDTH_SPACE, "").split())


def _without_spaces(said: str) -> str:
    return "".join(said.split())


@pytest.mark.parametrize("carrier", [None, *CARRIERS])
def test_every_row_is_printed_with_its_name_and_place(
    result: Result, tmp_path: Path, carrier: str | None
):
    file = tmp_path / "list.pdf"
    pdf.write(result, file, carrier=carrier)
    printed = _text(file)
    for row in lists.rows(result, carrier=carrier).to_dict("records"):
        assert _without_spaces(row["name"]) in printed
        assert f"{row['lat']:.6f}" in printed
    assert "DỮLIỆUMÔPHỎNG" in printed
    assert "signal/survey.csv" in printed


def test_pages_are_a4_and_dated_by_the_data(result: Result, tmp_path: Path):
    file = tmp_path / "list.pdf"
    pdf.write(result, file)
    reader = PdfReader(file)
    assert len(reader.pages) >= 1
    for page in reader.pages:
        assert tuple(map(float, page.mediabox[2:])) == pytest.approx(A4_POINTS, abs=0.1)
    assert reader.metadata.creation_date.date().isoformat() == "2025-12-31"
    assert reader.metadata.title.startswith("Thôn cần phủ sóng 4G")


def test_fonts_are_those_that_come_along(result: Result, tmp_path: Path):
    file = tmp_path / "list.pdf"
    pdf.write(result, file)
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(file).pages
        for font in page["/Resources"].get_object()["/Font"].get_object().values()
    }
    assert fonts
    assert all("DejaVuSans" in font for font in fonts)


def test_two_prints_are_byte_identical_whatever_the_order_of_rows(result: Result, tmp_path: Path):
    other = replace(
        result,
        hamlets=result.hamlets.sample(frac=1, random_state=5),
        clusters=result.clusters.sample(frac=1, random_state=5),
        sites=result.sites.sample(frac=1, random_state=5),
        candidates=result.candidates.sample(frac=1, random_state=5),
    )
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    pdf.write(result, first, carrier="vnpt")
    pdf.write(other, second, carrier="vnpt")
    assert first.read_bytes() == second.read_bytes()


def test_text_of_the_input_is_never_markup(result: Result, tmp_path: Path):
    markup = ("#panic()", "*bold* _it_ = h", '#read("/etc/hostname")', "$x^2$ \\ ~ <l> @r // c")
    names = result.hamlets["name"].astype(object)
    listed = lists.rows(result)["hamlet_id"]
    for hamlet, name in zip(listed, (*markup, *HOSTILE), strict=False):
        names[result.hamlets["hamlet_id"] == hamlet] = name
    file = tmp_path / "list.pdf"
    pdf.write(replace(result, hamlets=result.hamlets.assign(name=names)), file)
    printed = _text(file)
    for name in (*markup, *HOSTILE)[: len(listed)]:
        assert _without_spaces(name) in printed


def test_hostile_input_in_every_field_prints(tmp_path: Path):
    result = world(30, n_vertices=8, terrain=False, hostile=True)
    pdf.write(result, tmp_path / "list.pdf")
    assert len(PdfReader(tmp_path / "list.pdf").pages) >= 1


def test_long_and_broken_names_are_cut_with_a_mark(result: Result, tmp_path: Path):
    names = result.hamlets["name"].astype(object)
    listed = lists.rows(result)["hamlet_id"]
    for hamlet, name in zip(listed, ("x" * 10_000, "Nà\x00 Lầu", "漢字"), strict=False):
        names[result.hamlets["hamlet_id"] == hamlet] = name
    file = tmp_path / "list.pdf"
    pdf.write(replace(result, hamlets=result.hamlets.assign(name=names)), file)
    printed = _text(file)
    assert "x" * (pdf.LONGEST - 1) + "…" in printed
    assert "x" * pdf.LONGEST_OF_SITE not in printed


@pytest.mark.parametrize("language", text.LANGUAGES)
def test_a_commune_prints_alone_in_both_languages(
    result: Result, tmp_path: Path, language: text.Language
):
    commune = lists.rows(result)["commune_name"].iloc[0]
    file = tmp_path / "list.pdf"
    lists.export(result, file, commune=commune, language=language)
    printed = _text(file)
    inside = lists.rows(result, commune=commune)
    rest = lists.rows(result)
    outside = set(rest["name"]) - set(inside["name"])
    longer = {name for name in outside if any(name in other for other in inside["name"])}
    for name in outside - longer:
        assert f"{_without_spaces(name)}{_without_spaces(commune)}" not in printed
    for name in inside["name"]:
        assert _without_spaces(name) in printed
    assert ("Hamletsthatneed4G" in printed) == (language == "en")


def test_nothing_to_do_prints_a_page_that_says_so(result: Result, tmp_path: Path):
    hamlets = result.hamlets.assign(**{"class": "covered"})
    assessment = result.assessment.assign(**{"class": "covered"})
    file = tmp_path / "list.pdf"
    pdf.write(replace(result, hamlets=hamlets, assessment=assessment), file)
    assert _without_spaces("Không có thôn nào cần hành động") in _text(file)


def test_an_unknown_commune_is_refused_and_writes_nothing(result: Result, tmp_path: Path):
    with pytest.raises(InputError):
        pdf.write(result, tmp_path / "list.pdf", commune="Atlantis")
    assert not list(tmp_path.iterdir())


def test_the_map_is_svg_without_text_of_the_input():
    result = world(30, n_vertices=8, terrain=False, hostile=True)
    drawn = draw(content(result))
    ET.fromstring(drawn)  # noqa: S314 -- our own picture
    for said in ("alert", "HYPERLINK", "7*7", "cmd"):
        assert said.encode() not in drawn


def test_sites_are_printed_with_whom_they_serve_what_they_cost_and_how_sure(
    result: Result, tmp_path: Path
):
    file = tmp_path / "list.pdf"
    pdf.write(result, file)
    printed = _text(file)
    sites = content(result).sites
    in_plan = sites["rank"].notna()
    assert {True, False} == set(in_plan)
    for site in sites[~in_plan]["site_id"]:
        assert site not in printed
    for site in sites[in_plan].dropna(subset="hamlets_served").to_dict("records"):
        assert site["site_id"] in printed
        assert f"{site['cost_vnd'] / 1e6:,.0f}".replace(",", ".") in printed
        for name in site["hamlets_served"].split("; ")[:2]:
            assert "".join(name.split()) in printed
    assert "".join(LABEL["sites_cost"].vi.split()) in printed


def test_totals_say_where_figures_are_missing(result: Result, tmp_path: Path):
    file = tmp_path / "list.pdf"
    lacking = result.hamlets["households"].mask(result.hamlets.index % 2 == 0)
    pdf.write(replace(result, hamlets=result.hamlets.assign(households=lacking)), file)
    assert "+?" in _text(file)


def test_many_files_of_the_input_leave_the_pages_whole(result: Result, tmp_path: Path):
    file = tmp_path / "list.pdf"
    many = [{"role": "signal", "path": f"signal/{i}.csv", "sha256": "b" * 64} for i in range(300)]
    pdf.write(replace(result, manifest={**result.manifest, "inputs": many}), file)
    printed = _text(file)
    assert "signal/11.csv" in printed
    assert "288tệp" in printed


def test_a_communes_page_has_the_sites_that_serve_it(result: Result):
    commune = result.hamlets["commune_code"].iloc[0]
    filled = content(result, commune=commune)
    own = result.clusters["hamlet_id"].isin(filled.hamlets["hamlet_id"])
    anew = result.coverage[result.coverage["newly_served"]]
    serving = set(
        anew.loc[anew["cluster_id"].isin(result.clusters.loc[own, "cluster_id"]), "site_id"]
    )
    named = set(filled.rows["candidate_site"].dropna())
    chosen = set(result.candidates.loc[result.candidates["selected"], "site_id"])
    assert set(filled.sites["site_id"]) == (serving & chosen) | named
