"""Define the columns of a list of hamlets: order, kind, width, heading and meaning."""

from collections.abc import Sequence
from typing import Final

from lomsong.report.lists.columns import Column, carrier_label, column
from lomsong.report.lists.nearby_columns import CANDIDATE, HOST, SITES
from lomsong.tables import ANY_CARRIER

_PLACE: Final = (
    column("rank", "count", 6, ("STT", "Thứ tự ưu tiên"), ("No.", "Order of priority")),
    column("hamlet_id", "text", 14, ("Mã thôn", "Mã của thôn"), ("Hamlet ID", "Hamlet's code")),
    column("name", "text", 24, ("Thôn/bản", "Tên thôn, bản"), ("Hamlet", "Name of the hamlet")),
    column("commune_code", "text", 9, ("Mã xã", "Mã xã"), ("Commune code", "Commune's code")),
    column("commune_name", "text", 20, ("Xã/phường", "Tên xã"), ("Commune", "Commune's name")),
    column(
        "households",
        "count",
        9,
        ("Số hộ", "Theo danh sách thôn"),
        ("Households", "From the list of hamlets"),
    ),
    column(
        "people",
        "number",
        9,
        ("Dân số", "Theo danh sách; nếu không có thì theo bản đồ dân số"),
        ("People", "From the list, else from the population raster"),
    ),
)
_GAP: Final = (
    column(
        "class",
        "word",
        16,
        ("Phân loại", "Phân loại 4G của nhà mạng này (hoặc tốt nhất của các mạng)"),
        ("Class", "4G class of this carrier (of the best of all, on the list of all)"),
        vocabulary="class",
    ),
    column(
        "official_class",
        "word",
        18,
        ("Theo cách gọi của tỉnh", "Xét trung tâm thôn trước, tốt nhất của các mạng"),
        ("Official wording", "Looks at the centre first, best of all carriers"),
        vocabulary="official_class",
    ),
    column(
        "people_unserved",
        "number",
        11,
        ("Dân chưa có sóng", "Tổng số dân các cụm kết luận là không có sóng 4G"),
        ("Not served", "People of the clusters decided not served by 4G"),
    ),
    column(
        "people_unknown",
        "number",
        11,
        ("Dân chưa rõ", "Tổng số dân các cụm chưa đủ dữ liệu"),
        ("Not known", "People of the clusters without enough evidence"),
    ),
    column(
        "power",
        "word",
        21,
        ("Điện lưới", "Có, chưa có hoặc không rõ"),
        ("Grid power", "Grid, no grid, or unknown"),
        vocabulary="power",
    ),
    column(
        "power_source",
        "text",
        18,
        ("Nguồn tin về điện", "Ai cho biết"),
        ("Source of power", "Who says so"),
    ),
    column(
        "power_as_of",
        "date",
        12,
        ("Điện: ngày", "Ngày của nguồn tin"),
        ("Power: date", "Date of that source"),
    ),
    column(
        "extremely_difficult",
        "word",
        9,
        ("Thôn ĐBKK", "Thôn đặc biệt khó khăn; trống là chưa rõ"),
        ("Difficult", "Extremely difficult hamlet; blank where it is not known"),
        vocabulary="flag",
    ),
    column(
        "gap_no_grid",
        "word",
        12,
        ("Kém sóng, chưa điện", "Không có hoặc yếu 4G và chưa có điện lưới; trống là chưa rõ"),
        ("Gap, no grid", "No or weak 4G and no grid power; blank where not known"),
        vocabulary="flag",
    ),
)
_ACTION: Final = (
    column(
        "solution",
        "word",
        32,
        ("Giải pháp", "Việc nhà mạng nên làm"),
        ("Solution", "What this carrier should do"),
        vocabulary="solution",
    ),
    column(
        "share_with",
        "text",
        28,
        ("Dùng chung với", "Mạng khác đang phủ sóng thôn này, tốt nhất trước"),
        ("Share with", "Other carriers that serve this hamlet, best first"),
    ),
    column(
        "funding_route",
        "word",
        36,
        ("Nguồn vốn", "Suy từ điện lưới và diện ĐBKK"),
        ("Funding", "From power and the flag of difficulty"),
        vocabulary="funding_route",
    ),
    column(
        "priority",
        "number",
        9,
        ("Điểm ưu tiên", "Tổng bốn điểm thành phần, xét tốt nhất của các mạng"),
        ("Priority", "Sum of its four parts, by the best of all carriers"),
    ),
    column(
        "priority_severity",
        "number",
        9,
        ("Điểm: mức độ", "Phần do phân loại"),
        ("Severity", "Part that the class earns"),
    ),
    column(
        "priority_people",
        "number",
        9,
        ("Điểm: dân", "Phần do số dân chưa có sóng"),
        ("Its people", "Part that people not served earn"),
    ),
    column(
        "priority_no_grid",
        "number",
        9,
        ("Điểm: điện", "Phần do chưa có điện lưới"),
        ("Its power", "Part that missing grid power earns"),
    ),
    column(
        "priority_difficult",
        "number",
        9,
        ("Điểm: ĐBKK", "Phần do thôn đặc biệt khó khăn"),
        ("Its difficulty", "Part that an extremely difficult hamlet earns"),
    ),
)
_EVIDENCE: Final = (
    column(
        "evidence",
        "word",
        19,
        ("Bằng chứng", "Đo tại chỗ, suy luận, mô hình"),
        ("Evidence", "Measured here, inferred, or modelled"),
        vocabulary="evidence",
    ),
    column(
        "newest",
        "date",
        12,
        ("Đo gần nhất", "Ngày của mẫu đo mới nhất"),
        ("Newest", "Day of the newest sample"),
    ),
    column(
        "p_served",
        "share",
        10,
        ("Xác suất có sóng", "Trung bình theo dân số của các cụm"),
        ("P(served)", "Mean over clusters, weighted by people"),
    ),
    column(
        "rsrp_median_dbm",
        "level",
        11,
        ("RSRP trung vị [dBm]", "Trống nếu chưa đo hoặc không công bố"),
        ("Median RSRP [dBm]", "Blank where not measured or withheld"),
    ),
)
COORDINATES: Final = (
    column("lat", "degrees", 11, ("Vĩ độ", "WGS 84 [độ]"), ("Latitude", "WGS 84 [degrees]")),
    column("lon", "degrees", 11, ("Kinh độ", "WGS 84 [độ]"), ("Longitude", "WGS 84 [degrees]")),
    column(
        "vn2000_x_m",
        "metres",
        13,
        ("X VN-2000 [m]", "Tọa độ bắc; trống ngoài Việt Nam"),
        ("X VN-2000 [m]", "Northing; blank outside Vietnam"),
    ),
    column(
        "vn2000_y_m",
        "metres",
        13,
        ("Y VN-2000 [m]", "Tọa độ đông; trống ngoài Việt Nam"),
        ("Y VN-2000 [m]", "Easting; blank outside Vietnam"),
    ),
    column(
        "vn2000_zone",
        "text",
        28,
        ("Múi VN-2000", "Hệ tọa độ và kinh tuyến trục"),
        ("VN-2000 zone", "Reference system and central meridian"),
    ),
)
_POSITION: Final = (
    *COORDINATES,
    column(
        "point",
        "word",
        18,
        ("Nguồn tọa độ", "Điểm mà tọa độ và khoảng cách nói đến"),
        ("Point", "What the coordinates and distances speak of"),
        vocabulary="point",
    ),
)
_NOTES: Final = (
    column("notes", "word", 44, ("Ghi chú", "Lưu ý"), ("Notes", "Mind"), vocabulary="note"),
)
_BEFORE_CARRIERS: Final = (_PLACE, _GAP, _ACTION, _EVIDENCE)
_AFTER_CARRIERS: Final = (_POSITION, SITES, HOST, CANDIDATE, _NOTES)


def of_list(*, subject: str, others: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of a list in order; `others` are the carriers shown beside its own."""
    shown = tuple(each for carrier in others for each in _of_carrier(carrier))
    groups = (*_BEFORE_CARRIERS, shown, *_AFTER_CARRIERS)
    columns = tuple(each.in_group(number) for number, group in enumerate(groups) for each in group)
    # Nobody's list has no "another carrier".
    return tuple(c for c in columns if subject != ANY_CARRIER or not c.name.startswith("host_"))


def _of_carrier(carrier: str) -> tuple[Column, ...]:
    vi, en = carrier_label(carrier, "vi"), carrier_label(carrier, "en")
    name = column(
        f"class_{carrier}",
        "word",
        15,
        (vi, "Phân loại 4G của mạng này"),
        (en, "4G class of this carrier"),
        vocabulary="class",
    )
    level = column(
        f"rsrp_{carrier}_dbm",
        "level",
        11,
        (f"{vi}: RSRP [dBm]", "Trung vị; trống nếu chưa đo hoặc không công bố"),
        (f"{en}: RSRP [dBm]", "Median; blank where not measured or withheld"),
    )
    return name, level
