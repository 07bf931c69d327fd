"""List the columns of a hamlet's row that tell of sites: the nearest, who could share theirs, what is proposed."""

from typing import Final

from lomsong.report.lists.columns import column

SITES: Final = (
    column(
        "nearest_site",
        "text",
        22,
        ("Trạm gần nhất", "Trạm đã biết của nhà mạng này (hoặc của mọi mạng)"),
        ("Nearest site", "Known site of this carrier (of anybody, on the list of all)"),
    ),
    column(
        "nearest_site_carrier",
        "text",
        18,
        ("Trạm gần nhất: mạng", "Nhà mạng của trạm đó"),
        ("Its carrier", "Whose site that is"),
    ),
    column(
        "nearest_site_m",
        "metres",
        11,
        ("Cách trạm gần nhất [m]", "Đường thẳng trên mặt ellipsoid WGS 84, không xét núi che"),
        ("To nearest site [m]", "Geodesic on WGS 84, whatever hills lie between"),
    ),
    column(
        "nearest_site_technologies",
        "text",
        12,
        ("Trạm gần nhất: công nghệ", "Công nghệ đã biết ở trạm đó"),
        ("Its technologies", "Known at that site"),
    ),
    column(
        "nearest_site_position",
        "word",
        12,
        ("Vị trí trạm", "Chính xác hay ước lượng"),
        ("Its position", "Exact or estimated"),
        vocabulary="position",
    ),
)
HOST: Final = (
    column(
        "host_site",
        "text",
        22,
        ("Trạm mạng khác gần nhất", "Trạm đã biết có thể cho dùng chung"),
        ("Possible host", "Nearest known site of another carrier"),
    ),
    column(
        "host_carrier",
        "text",
        18,
        ("Mạng của trạm đó", "Nhà mạng của trạm đó"),
        ("Host's carrier", "Whose site that is"),
    ),
    column(
        "host_technologies",
        "text",
        12,
        ("Trạm mạng khác: công nghệ", "Công nghệ đã biết ở trạm đó"),
        ("Host's technologies", "Known at that site"),
    ),
    column(
        "host_m",
        "metres",
        11,
        ("Cách trạm đó [m]", "Đường thẳng trên mặt ellipsoid WGS 84"),
        ("To the host [m]", "Geodesic on WGS 84"),
    ),
)
CANDIDATE: Final = (
    column(
        "candidate_site",
        "text",
        14,
        ("Trạm đề xuất", "Vị trí phủ được thôn này: trong phương án trước, rồi đến số dân"),
        ("Proposed site", "Would serve this hamlet: chosen ones first, then by people"),
    ),
    column(
        "candidate_rank",
        "count",
        9,
        ("Thứ tự xây", "Trong phương án; trống nếu không được chọn"),
        ("Build order", "In the plan; blank where it was not chosen"),
    ),
    column(
        "candidate_carrier",
        "text",
        18,
        ("Trạm đề xuất: cho", "Nhà mạng, hoặc dùng chung"),
        ("Site is for", "A carrier, or shared"),
    ),
    column(
        "candidate_lat",
        "degrees",
        11,
        ("Trạm: vĩ độ", "WGS 84 [độ]"),
        ("Site latitude", "WGS 84 [degrees]"),
    ),
    column(
        "candidate_lon",
        "degrees",
        11,
        ("Trạm: kinh độ", "WGS 84 [độ]"),
        ("Site longitude", "WGS 84 [degrees]"),
    ),
    column(
        "candidate_mast_m",
        "metres",
        9,
        ("Cột cao [m]", "Chiều cao cột"),
        ("Mast [m]", "Height of the mast"),
    ),
    column(
        "candidate_existing_site",
        "text",
        20,
        ("Dùng cột của trạm", "Trạm hiện có cho dùng chung cột; trống là xây cột mới"),
        ("On the mast of", "Known site whose mast is shared; blank: a new mast"),
    ),
    column(
        "candidate_people",
        "number",
        11,
        ("Dân thôn được phủ", "Dân các cụm của thôn mà trạm này phủ được"),
        ("People here", "People of this hamlet's clusters that it would serve"),
    ),
    column(
        "candidate_power_solution",
        "word",
        16,
        ("Nguồn điện trạm", "Điện lưới hoặc điện mặt trời"),
        ("Site power", "Grid or solar"),
        vocabulary="power_solution",
    ),
    column(
        "candidate_backhaul_site",
        "text",
        18,
        ("Truyền dẫn từ trạm", "Trạm đã biết để nối truyền dẫn"),
        ("Backhaul from", "Known site that it would be linked to"),
    ),
    column(
        "candidate_backhaul_distance_m",
        "metres",
        12,
        ("Truyền dẫn [m]", "Khoảng cách tới trạm đó"),
        ("Backhaul [m]", "Distance to that site"),
    ),
    column(
        "candidate_backhaul_clear",
        "word",
        12,
        ("Nhìn thẳng", "Tầm nhìn thẳng tới trạm đó; trống là chưa rõ"),
        ("Line of sight", "To that site; blank where not known"),
        vocabulary="flag",
    ),
    column(
        "cost_vnd",
        "money",
        16,
        ("Chi phí trạm [đồng]", "Cả trạm, không chia cho các thôn cùng hưởng"),
        ("Site cost [VND]", "Of the whole site, not shared out over hamlets"),
    ),
    column(
        "cost_vnd_per_person",
        "money",
        14,
        ("Đồng/người", "Chi phí trạm trên số dân được phủ thêm"),
        ("VND per person", "Cost of the site by people newly served"),
    ),
    column(
        "candidate_stability",
        "share",
        10,
        ("Độ ổn định", "Tỷ lệ kịch bản mà vị trí này được chọn; trang Trạm đề xuất có thêm"),
        ("Stability", "Share of drawn worlds in which it is chosen; more on the sheet of sites"),
    ),
)
