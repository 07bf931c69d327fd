"""Keep the words of comparisons: of a run with an official list, of two runs, of a technology that goes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lomsong.errors import DefectError
from lomsong.report.text import Language
from lomsong.report.text.lists import Words


def _table(**rows: tuple[str, str]) -> Mapping[str, Words]:
    return MappingProxyType({key: Words(*pair) for key, pair in rows.items()})


OUTCOME: Final = _table(
    agreed=("Khớp", "Agreed"),
    only_list=("Chỉ có trong danh sách", "Only on the list"),
    only_data=("Chỉ có trong dữ liệu", "Only in the data"),
    unknown=("Chưa rõ", "Unknown"),
    unlisted=("Ngoài danh sách", "Not listed"),
)
OUTCOME_MEANING: Final = _table(
    agreed=(
        "danh sách và dữ liệu nói như nhau, kể cả khi phân loại khác nhau",
        "list and data say the same, be it in different classes",
    ),
    only_list=(
        "danh sách ghi là thiếu, dữ liệu cho thấy có",
        "listed as lacking; the data shows that it is there",
    ),
    only_data=(
        "dữ liệu cho thấy thiếu, danh sách không ghi hoặc ghi là có",
        "the data shows that it is lacking; not listed, or listed as being there",
    ),
    unknown=(
        "có trong danh sách, nhưng dữ liệu (hoặc danh sách) chưa đủ để kết luận",
        "listed, but the data (or the list) does not decide",
    ),
    unlisted=(
        "không có trong danh sách và dữ liệu không cho thấy thiếu; không suy ra là có sóng hay có điện",
        "not listed, and the data shows no lack; it does not follow that there is signal or power",
    ),
)
SUBJECT: Final = _table(signal=("Sóng 4G", "4G signal"), power=("Điện lưới", "Grid power"))
SAYS: Final = _table(
    trang_song=("Trắng sóng", "No signal (trắng sóng)"),
    lom_song=("Lõm sóng", "Partial signal (lõm sóng)"),
    song_yeu=("Sóng yếu", "Weak signal"),
    gap=("Trắng sóng hoặc lõm sóng", "No or partial signal"),
    co_song=("Có sóng", "Signal (có sóng)"),
    unclear=("Không rõ chữ hoặc mâu thuẫn", "Not clear, or contradictory"),
    unknown=("Chưa rõ", "Unknown"),
    grid=("Có điện lưới", "Grid power"),
    no_grid=("Chưa có điện lưới", "No grid power"),
    not_listed=("(không ghi)", "(not listed)"),
)
LINK: Final = _table(
    same=("Cùng xã", "Same commune"),
    full=("Xã cũ nhập trọn vào xã mới", "Old commune went over whole"),
    partial=("Xã cũ chia cho nhiều xã mới", "Old commune was divided"),
)
REASON: Final = _table(
    no_commune=("dòng không ghi xã", "the row names no commune"),
    commune_unknown=("xã này không có trong dữ liệu", "the data has no such commune"),
    id_unknown=("mã thôn không có trong dữ liệu", "no hamlet has this code"),
    id_and_name_differ=("mã và tên là của hai thôn khác nhau", "code and name are of two hamlets"),
    name_unknown=("không thôn nào trong xã có tên này", "no hamlet of the commune has this name"),
    name_alike=("tên chỉ gần giống", "the name is only alike"),
    name_ambiguous=("có thể là nhiều thôn", "several hamlets could be meant"),
    name_merged=("có vẻ là tên ghép sau sáp nhập", "this looks like a merged name"),
    name_without_accents=(
        "tên gõ không dấu giữa các tên có dấu",
        "typed without accents among names that have them",
    ),
    number_after_merger=(
        "tên chỉ là số, xã đã sáp nhập: mỗi xã cũ đều có thôn số này",
        "a number alone, and communes were merged: each had a hamlet of this number",
    ),
    several_rows_one_hamlet=(
        "nhiều dòng của các xã khác nhau cùng trỏ về một thôn",
        "rows of different communes lead to one hamlet",
    ),
    name_stands_twice=(
        "tên lặp lại trong danh sách, không ghi xã",
        "the name stands in the list more than once, without commune",
    ),
    rows_contradict=("các dòng về thôn này mâu thuẫn nhau", "rows contradict each other"),
    words_unclear=("không hiểu chữ ghi trong dòng", "the row's words are not clear"),
)
CHANGE: Final = _table(
    newly_served=("Mới có sóng", "Newly served"),
    newly_dark=("Mới mất sóng", "Newly dark"),
    better=("Tốt hơn", "Better"),
    worse=("Kém hơn", "Worse"),
    now_known=("Nay đã rõ", "Now known"),
    no_longer_known=("Không còn rõ", "No longer known"),
    same=("Không đổi", "Unchanged"),
    only_before=("Không còn trong lần sau", "Gone from the second run"),
    only_after=("Mới có trong lần sau", "New in the second run"),
)
CHANGE_MEANING: Final = _table(
    newly_served=(
        "trước không có sóng ở đâu trong thôn, nay có ở ít nhất một cụm",
        "no signal anywhere before, some now",
    ),
    newly_dark=("trước có sóng, nay không còn ở đâu trong thôn", "some signal before, none now"),
    better=("phân loại tốt lên, không kể mới có sóng", "a better class, newly served apart"),
    worse=("phân loại kém đi, không kể mới mất sóng", "a worse class, newly dark apart"),
    now_known=("trước chưa đủ dữ liệu, nay có kết luận", "not decided before, decided now"),
    no_longer_known=("trước có kết luận, nay chưa đủ dữ liệu", "decided before, not now"),
    same=("cùng phân loại", "the same class"),
    only_before=("thôn chỉ có ở lần trước", "hamlet of the first run only"),
    only_after=("thôn chỉ có ở lần sau", "hamlet of the second run only"),
)
SITE_CHANGE: Final = _table(
    added=("Trạm thêm", "Site added"),
    removed=("Trạm bỏ", "Site removed"),
    kept=("Trạm giữ nguyên", "Site kept"),
)
SUNSET: Final = _table(
    loses=("Mất dịch vụ cuối cùng", "Loses its last service"),
    may_lose=("Có thể mất dịch vụ cuối cùng", "May lose its last service"),
    keeps=("Vẫn còn dịch vụ", "Keeps service"),
    without=("Không có dịch vụ từ trước", "Has no service anyway"),
    unknown=("Chưa đủ dữ liệu", "Not enough data"),
)
HEADING: Final = _table(
    subject=("Nội dung", "Subject"),
    outcome=("Kết quả", "Outcome"),
    hamlets=("Số thôn", "Hamlets"),
    list_says=("Danh sách ghi", "The list says"),
    run_says=("Dữ liệu cho thấy", "The data says"),
    same_class=("Cùng phân loại", "Same class"),
    list_name=("Tên trong danh sách", "Name on the list"),
    list_commune=("Xã trong danh sách", "Commune on the list"),
    list_sheet=("Trang tính", "Sheet"),
    list_row=("Dòng", "Row"),
    list_source=("Nguồn của danh sách", "Source of the list"),
    list_as_of=("Ngày của danh sách", "Date of the list"),
    link=("Nối xã", "Commune joined"),
    reason=("Lý do", "Reason"),
    candidates=("Thôn có thể là", "Hamlets that could be meant"),
    change=("Thay đổi", "Change"),
    class_before=("Trước", "Before"),
    class_after=("Sau", "After"),
    p_served_before=("Xác suất có sóng trước", "Probability of service before"),
    p_served_after=("Xác suất có sóng sau", "Probability of service after"),
    evidence_before=("Cách biết trước", "Evidence before"),
    evidence_after=("Cách biết sau", "Evidence after"),
    meaning=("Ý nghĩa", "Meaning"),
    n_sites=("Số trạm", "Sites"),
    people_before=("Số dân trước", "People before"),
    people_after=("Số dân sau", "People after"),
    people_more=("Thêm số dân", "More people"),
    cost_before_vnd=("Chi phí trước (đồng)", "Cost before (VND)"),
    cost_after_vnd=("Chi phí sau (đồng)", "Cost after (VND)"),
    cost_more_vnd=("Thêm chi phí (đồng)", "More cost (VND)"),
)
SHEET: Final = _table(
    summary=("Tổng hợp", "Summary"),
    review=("Cần xem lại", "To review"),
    sites=("Trạm", "Sites"),
    curves=("Số dân theo chi phí", "People against cost"),
)
_SENTENCE: Final = _table(
    reconciled=(
        "Danh sách {list}: {rows} dòng, nối được {joined} dòng với {hamlets} thôn, {review} dòng cần người xem.",
        "List {list}: {rows} rows, {joined} joined to {hamlets} hamlets, {review} for a person to look at.",
    ),
    list_from=("Nguồn: {source}; ngày: {date}.", "Source: {source}; date: {date}."),
    no_date=("không rõ", "not known"),
    subject_line=("{subject}:", "{subject}:"),
    outcome_line=(
        "  {outcome}: {hamlets} thôn, {people} người",
        "  {outcome}: {hamlets} hamlets, {people} people",
    ),
    cross_line=(
        "    danh sách {list_says}, dữ liệu {run_says}, {power}: {hamlets} thôn",
        "    list {list_says}, data {run_says}, {power}: {hamlets} hamlets",
    ),
    alone=(
        "Danh sách không ghi xã: chỉ nối những tên đứng một mình trong cả danh sách và cả vùng.",
        "The list names no communes: only names that stand once in list and area were joined.",
    ),
    note=("Lưu ý: {text}", "Note: {text}"),
    file=("Đã ghi {file}", "Written: {file}"),
    never_decides=(
        "Danh sách không quyết định phân loại nào; dữ liệu không đổi.",
        "A list decides no class; the run is unchanged.",
    ),
    compared=("So sánh {before} với {after}.", "{before} compared with {after}."),
    of_carrier=("{carrier}:", "{carrier}:"),
    nothing_changed=("  không có gì thay đổi", "  nothing changed"),
    plans=(
        "Phương án: thêm {added} trạm, bỏ {removed}, giữ {kept}; số dân có thêm sóng {before} → {after}.",
        "Plans: {added} sites added, {removed} removed, {kept} kept; people newly served {before} → {after}.",
    ),
    curve_line=(
        "  {sites} trạm: {people_before} người với {cost_before} tỷ đồng → {people_after} người với {cost_after} tỷ đồng",
        "  {sites} sites: {people_before} people for VND {cost_before} bn → {people_after} people for VND {cost_after} bn",
    ),
    levels_differ=(
        "Hai lần chạy dùng ngưỡng hoặc độ tin cậy khác nhau: một phần thay đổi là do cách tính.",
        "The runs use different levels or confidence: part of the change is of the counting.",
    ),
    off_already=(
        "{technology} đã tắt sau ngày {date}: mẫu đo {technology} không tính là có dịch vụ hiện nay.",
        "{technology} went off after {date}: its samples count as no service today.",
    ),
    sunset=(
        "Khi tắt {technologies}: {hamlets} thôn, {people} người mất dịch vụ cuối cùng; có thể thêm {may_people} người.",
        "Without {technologies}: {hamlets} hamlets, {people} people lose their last service; perhaps {may_people} more.",
    ),
)


def say(key: str, language: Language, **figures: object) -> str:
    """Return a sentence with its figures filled in."""
    return _SENTENCE[key].in_language(language).format_map(figures)


def word(table: Mapping[str, Words], key: str, language: Language) -> str:
    """Return what a value is called."""
    try:
        return table[key].in_language(language)
    except KeyError:
        raise DefectError(f'no word for "{key}"') from None
