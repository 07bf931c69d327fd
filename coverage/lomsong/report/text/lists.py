"""Keep the words that only lists, charts and printed pages use; what they share with the map is in `text`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lomsong.report.text import Language


@dataclass(frozen=True)
class Words:
    """One meaning in both languages."""

    vi: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the wording of one language."""
        return self.vi if language == "vi" else self.en


def table(**rows: tuple[str, str]) -> Mapping[str, Words]:
    """Return words by key, each given in Vietnamese and English."""
    return MappingProxyType({key: Words(*pair) for key, pair in rows.items()})


POINT: Final = table(
    centre=("Trung tâm thôn", "Centre of the hamlet"),
    cluster=("Cụm đông dân nhất", "Most populous cluster"),
    area=("Điểm trong ranh giới", "Point inside the area"),
)
POSITION: Final = table(
    exact=("Chính xác", "Exact"),
    estimated=("Ước lượng", "Estimated"),
)
SOLUTION: Final = table(
    new_site=("Xây trạm mới, nên dùng chung", "New site, better shared"),
    share=("Dùng chung trạm hoặc chuyển vùng", "Share a mast, or roam"),
    strengthen=("Tăng cường sóng", "Strengthen"),
    measure=("Đo kiểm trước", "Measure first"),
)
SOLUTION_MEANING: Final = table(
    new_site=(
        "chưa nhà mạng nào phủ sóng cả thôn",
        "no carrier serves the whole hamlet",
    ),
    share=(
        "nhà mạng khác đang phủ sóng cả thôn (xem cột Dùng chung với)",
        "another carrier serves the whole hamlet (see Share with)",
    ),
    strengthen=(
        "nhà mạng này phủ cả thôn nhưng yếu; từ trạm hiện có, hoặc dùng chung với mạng có sóng tốt",
        "this carrier serves the whole hamlet, but weakly: from known sites, or share with one that is good",
    ),
    measure=(
        "chưa rõ sóng của nhà mạng này, các mạng khác tốt nhất cũng chỉ yếu",
        "this carrier is not known here, and the best of the others is weak",
    ),
)
NOTE: Final = table(
    quality_uncertain=("chưa chắc yếu hay tốt", "weak or good is not certain"),
    not_measured=("chưa đo tại chỗ, cần khảo sát", "not measured here: survey first"),
    withheld=("mức sóng không công bố (ít thiết bị đo)", "level withheld (few devices)"),
    power_unknown=("chưa rõ điện lưới", "power unknown"),
    people_unknown=("chưa có số dân", "people not known"),
    derived_area=("ranh giới suy ra từ điểm", "area derived from a point"),
    synthetic=("dữ liệu mô phỏng", "synthetic data"),
    site_estimated=("vị trí trạm gần nhất là ước lượng", "nearest site's position is estimated"),
)

STABILITY: Final = table(
    always=("gần như luôn được chọn", "nearly always chosen"),
    usually=("thường được chọn", "usually chosen"),
    seldom=("ít khi được chọn", "seldom chosen"),
    one_world=("chỉ được chọn trong một kịch bản khác", "chosen in one other world only"),
    assumed_only=("chỉ thắng trong kịch bản gốc", "wins in the assumed world only"),
)
BACKHAUL_KIND: Final = table(
    existing=("có sẵn trên cột", "already on the mast"),
    microwave=("vi ba một chặng", "microwave, one hop"),
    relay=("vi ba qua trạm chuyển tiếp", "microwave over a relay"),
    fibre=("cáp quang", "fibre"),
    unknown=("chưa rõ", "not known"),
)
EXISTING_USE: Final = table(
    new_technology=("lắp 4G lần đầu", "its first 4G"),
    lower_band_or_carrier=("thêm băng tần thấp hoặc thêm nhà mạng", "a lower band, or a carrier"),
)
SHEET: Final = table(
    list=("Danh sách", "List"),
    sites=("Trạm đề xuất", "Proposed sites"),
    explanations=("Giải thích", "Explanations"),
    sources=("Nguồn", "Sources"),
)
LABEL: Final = table(
    title=("Thôn cần phủ sóng 4G", "Hamlets that need 4G"),
    column=("Cột", "Column"),
    site_column=("Cột của trang Trạm đề xuất", "Column of the sheet of sites"),
    name_in_files=("Tên trong tệp CSV", "Name in the CSV"),
    meaning=("Ý nghĩa", "Meaning"),
    value=("Giá trị", "Value"),
    classes=("Phân loại", "Classes"),
    solutions=("Giải pháp", "Solutions"),
    thresholds=("Ngưỡng đang dùng", "Thresholds in force"),
    project=("Dự án", "Project"),
    carrier=("Nhà mạng", "Carrier"),
    commune=("Xã", "Commune"),
    data_date=("Ngày dữ liệu", "Date of the data"),
    as_of=("Tính đến ngày", "Ages counted from"),
    version=("Phiên bản lomsong", "Version of lomsong"),
    hamlets_listed=("Số thôn trong danh sách", "Hamlets on this list"),
    hamlets_unknown=(
        "Số thôn chưa đủ dữ liệu (không nằm trong danh sách)",
        "Hamlets without enough evidence (not on this list)",
    ),
    people_unserved=("Số dân chưa có sóng", "People not served"),
    input=("Tệp đầu vào", "Input file"),
    more_inputs=("tệp nữa, xem manifest.json", "more files, see manifest.json"),
    mind=("Lưu ý", "Mind"),
    all_carriers=("Tất cả nhà mạng", "All carriers"),
    minimum_rsrp=("Mức tối thiểu RSRP [dBm]", "Minimum RSRP [dBm]"),
    good_rsrp=("Mức tốt RSRP [dBm]", "Good RSRP [dBm]"),
    confidence=("Độ tin cậy yêu cầu", "Confidence asked for"),
    minimum_devices=(
        "Số thiết bị ít nhất để công bố mức sóng",
        "Fewest devices for a level to be published",
    ),
    minimum_rsrp_source=(
        "QCVN 81:2019 (chưa đối chiếu văn bản)",
        "QCVN 81:2019 (text not checked)",
    ),
    set_in_project=("đặt trong tệp dự án", "set in the project file"),
    assumption=("giả định, đổi được trong tệp dự án", "assumption, a key of the project file"),
    page=("Trang", "Page"),
    map=("Bản đồ các thôn trong danh sách", "Map of the hamlets on this list"),
    number_of_row=("Số thứ tự trong bảng", "Number in the table"),
    sites_planned=("Trạm đề xuất", "Proposed sites"),
    sites_other=("Vị trí không chọn", "Sites not chosen"),
    sites_estimated=("Trạm ước đoán", "Site, position estimated"),
    sites_known=("Trạm hiện có", "Known sites"),
    sites_for_whom=("Trạm đề xuất: ở đâu, cho ai", "Proposed sites: where and for whom"),
    sites_cost=(
        "Trạm đề xuất: chi phí [triệu đồng], nguồn điện, truyền dẫn",
        "Proposed sites: cost [million VND], power, backhaul",
    ),
    hamlets_gap=("Thôn cần phủ sóng", "Hamlets to serve"),
    people=("Số dân", "People"),
    people_gained=("Số dân được phủ sóng thêm", "People newly served"),
    n_sites=("Số trạm mới", "New sites"),
    cost_bn=("Chi phí [tỷ đồng]", "Cost [bn VND]"),
    before=("Hiện nay", "As it is"),
    after=("Theo phương án", "With the plan"),
    newly_served=("Được phủ sóng theo phương án", "Served by the plan"),
    classes_title=("Số dân theo phân loại sóng 4G", "People by class of 4G"),
    gain_title=("Số dân được phủ sóng thêm", "People newly served"),
    calibration_title=(
        "Dự đoán khi chưa xem mẫu đo của thôn, so với mẫu đo tại chỗ (4G)",
        "What was expected without a hamlet's own samples, against them (4G)",
    ),
    calibration_bias=(
        (
            "Vạch đứng: chín trên mười lần chứa tỷ lệ thật.\n"
            "Chỉ gồm các cụm có đủ mẫu đo để trả lời; nơi mất sóng ít khi có mẫu đo,\n"
            "nên điểm nằm trên đường chéo không có nghĩa là dự đoán quá thận trọng."
        ),
        (
            "Upright bars hold the true share nine times in ten.\n"
            "Of clusters whose own samples give an answer. Where phones have no service few tell,\n"
            "so a mark above the diagonal does not mean that what was expected is too low."
        ),
    ),
    n_clusters=("{n} cụm", "clusters: {n}"),
    expected_served=("Xác suất có sóng dự đoán", "Expected probability of service"),
    found_served=("Tỷ lệ cụm dân cư có sóng", "Share of clusters found served"),
    no_plan=("Không có trạm nào được chọn", "No site was chosen"),
    no_rows=("Không có thôn nào cần hành động", "No hamlet needs action"),
    sources=("Nguồn dữ liệu", "Sources"),
)
VOCABULARIES: Final = MappingProxyType(
    {
        "solution": SOLUTION,
        "note": NOTE,
        "point": POINT,
        "position": POSITION,
        "stability": STABILITY,
        "backhaul_kind": BACKHAUL_KIND,
        "existing_use": EXISTING_USE,
    }
)
