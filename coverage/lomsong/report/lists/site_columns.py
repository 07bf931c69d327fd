"""Define the columns of the sites part of a list: one line each, whatever of them the table of candidates has."""

from typing import Final

import pandas as pd

from lomsong.report.lists.columns import Column, Kind, column
from lomsong.report.lists.hamlet_columns import COORDINATES
from lomsong.report.text.lists import Words

_WHAT: Final = (
    column(
        "rank",
        "count",
        7,
        ("Thứ tự xây", "Trong phương án; trống nếu vị trí không được chọn"),
        ("Build order", "In the plan; blank where the place was not chosen"),
    ),
    column("site_id", "text", 12, ("Mã vị trí", "Mã vị trí đề xuất"), ("Site ID", "Proposed site")),
    column(
        "carrier",
        "text",
        18,
        ("Cho nhà mạng", "Nhà mạng, hoặc dùng chung"),
        ("For", "A carrier, or shared"),
    ),
    column(
        "existing_site",
        "text",
        22,
        ("Dùng cột của trạm", "Trạm hiện có cho dùng chung cột; trống là xây cột mới"),
        ("On the mast of", "Known site whose mast is shared; blank: a new mast"),
    ),
    column(
        "existing_carriers",
        "text",
        22,
        ("Đang có mạng", "Nhà mạng có thiết bị trên cột đó"),
        ("Already there", "Carriers whose radio hangs on that mast"),
    ),
    column(
        "existing_use",
        "word",
        26,
        ("Lắp thêm", "Việc cần làm trên cột đó"),
        ("To be added", "What is done on that mast"),
        vocabulary="existing_use",
    ),
    column(
        "mast_m", "metres", 8, ("Cột cao [m]", "Chiều cao cột"), ("Mast [m]", "Height of the mast")
    ),
    column(
        "ground_m",
        "metres",
        9,
        ("Cao độ [m]", "Cao độ mặt đất"),
        ("Ground [m]", "Height above sea level"),
    ),
)
_WHOM: Final = (
    column(
        "people_gained",
        "number",
        10,
        (
            "Dân có thêm sóng",
            "Khi xây theo thứ tự; gồm cả nơi chưa kết luận nhưng nhiều khả năng chưa có sóng",
        ),
        (
            "Newly served",
            "When built in this order; also undecided places likelier without service than with it",
        ),
    ),
    column(
        "people_expected",
        "number",
        10,
        (
            "Dân có thêm sóng (kỳ vọng)",
            "Tính theo xác suất hiện chưa có sóng và xác suất trạm phủ tới; phương án được chọn theo số này",
        ),
        (
            "Expected",
            "Counted by the chances of having no service now and of being served then; the plan is chosen by it",
        ),
    ),
    column(
        "hamlets_gained",
        "count",
        9,
        ("Số thôn có thêm sóng", "Khi xây theo thứ tự"),
        ("Hamlets gained", "When built in this order"),
    ),
    column(
        "households_gained",
        "number",
        10,
        ("Số hộ có thêm sóng", "Ước tính theo tỷ lệ dân của các cụm; trống nếu thiếu số hộ"),
        ("Households gained", "By the share of people in its clusters; blank where not known"),
    ),
    column(
        "hamlets_served",
        "text",
        60,
        ("Thôn có thêm sóng: số dân", "Tên thôn và số dân các cụm được phủ thêm, nhiều dân trước"),
        ("Hamlets served: people", "Names, and people of the clusters served, most people first"),
    ),
    column(
        "hamlet_ids_served",
        "text",
        30,
        ("Mã các thôn đó", "Theo cùng thứ tự"),
        ("IDs of these hamlets", "In the same order"),
    ),
    column(
        "people_covered",
        "number",
        10,
        ("Dân trong vùng phủ", "Kể cả nơi đã có sóng"),
        ("People covered", "Whoever else serves them"),
    ),
    column(
        "carriers_lacking",
        "text",
        40,
        ("Mạng nên dùng chung: số dân", "Mạng chưa phủ những người trong vùng phủ của trạm này"),
        ("Could share: people", "Carriers that leave people unserved within its reach"),
    ),
)
_COST: Final = (
    column("cost_vnd", "money", 15, ("Đầu tư [đồng]", "Cả trạm"), ("Investment [VND]", "In all")),
    column(
        "cost_radio_vnd",
        "money",
        14,
        ("Vô tuyến [đồng]", "Ăng ten, thiết bị phát"),
        ("Radio [VND]", "Antennas, baseband"),
    ),
    column("cost_mast_vnd", "money", 14, ("Cột [đồng]", "Cột mới"), ("Mast [VND]", "A new mast")),
    column(
        "cost_civil_vnd",
        "money",
        14,
        ("Xây dựng [đồng]", "Móng, nhà trạm, vận chuyển, đường"),
        ("Civil works [VND]", "Groundworks, transport, road"),
    ),
    column(
        "cost_power_vnd",
        "money",
        14,
        ("Điện [đồng]", "Kéo điện lưới, hoặc pin mặt trời và ắc quy"),
        ("Power [VND]", "Grid connection, or solar with battery"),
    ),
    column(
        "cost_backhaul_vnd",
        "money",
        14,
        ("Truyền dẫn [đồng]", "Vi ba hoặc cáp quang"),
        ("Backhaul [VND]", "Microwave or fibre"),
    ),
    column(
        "cost_operation_vnd",
        "money",
        14,
        ("Vận hành một năm [đồng]", "Ngoài đầu tư"),
        ("Operation a year [VND]", "On top of the investment"),
    ),
    column(
        "cost_present_vnd",
        "money",
        15,
        ("Chi phí quy về hiện tại [đồng]", "Đầu tư và các năm vận hành, đã chiết khấu"),
        ("Net present cost [VND]", "Investment and years of operation, discounted"),
    ),
    column(
        "cost_vnd_per_person",
        "money",
        14,
        ("Đồng/người", "Đầu tư trên số dân có thêm sóng"),
        ("VND per person", "Investment by people newly served"),
    ),
)
_LINKS: Final = (
    column(
        "power_solution",
        "word",
        16,
        ("Nguồn điện", "Điện lưới hoặc điện mặt trời"),
        ("Power", "Grid or solar"),
        vocabulary="power_solution",
    ),
    column(
        "grid_distance_m",
        "metres",
        12,
        ("Cách điện lưới [m]", "Trống nếu chưa rõ"),
        ("To the grid [m]", "Blank where not known"),
    ),
    column(
        "road_distance_m",
        "metres",
        12,
        ("Cách đường [m]", "Trống nếu chưa rõ"),
        ("To a road [m]", "Blank where not known"),
    ),
    column(
        "backhaul_kind",
        "word",
        22,
        ("Kiểu truyền dẫn", "Vi ba một chặng, vi ba qua trạm chuyển tiếp, hoặc cáp quang"),
        ("Kind of backhaul", "One hop, two hops over a relay, or fibre"),
        vocabulary="backhaul_kind",
    ),
    column(
        "backhaul_site",
        "text",
        18,
        ("Truyền dẫn từ trạm", "Trạm hiện có để nối truyền dẫn"),
        ("Backhaul from", "Known site that it is linked to"),
    ),
    column(
        "backhaul_distance_m",
        "metres",
        12,
        ("Truyền dẫn [m]", "Khoảng cách tới trạm đó"),
        ("Backhaul [m]", "Distance to that site"),
    ),
    column(
        "backhaul_clear",
        "word",
        12,
        ("Nhìn thẳng", "Đường truyền thẳng tới trạm đó thông thoáng; trống là chưa rõ"),
        ("Line of sight", "Whether the direct way to that site is clear; blank where not known"),
        vocabulary="flag",
    ),
    column(
        "backhaul_clearance",
        "number",
        12,
        ("Khoảng hở Fresnel", "Số bán kính vùng Fresnel thứ nhất còn trống ở điểm vướng nhất"),
        ("Clearance", "Free radii of the first Fresnel zone at the worst point"),
    ),
    column(
        "backhaul_loss_db",
        "number",
        10,
        ("Suy hao do vật cản [dB]", "Ở điểm vướng nhất của đường truyền thẳng"),
        ("Obstruction loss [dB]", "That the worst point costs the direct way"),
    ),
    column(
        "backhaul_exact",
        "word",
        12,
        ("Vị trí đầu kia chắc chắn", "Không: vị trí trạm đầu kia chỉ là ước lượng"),
        ("Far end exact", "No: the far mast's position is an estimate"),
        vocabulary="flag",
    ),
    column(
        "backhaul_relay_lat",
        "degrees",
        11,
        ("Trạm chuyển tiếp: vĩ độ", "WGS 84 [độ]; trống nếu không cần"),
        ("Relay latitude", "WGS 84 [degrees]; blank where none is needed"),
    ),
    column(
        "backhaul_relay_lon",
        "degrees",
        11,
        ("Trạm chuyển tiếp: kinh độ", "WGS 84 [độ]; trống nếu không cần"),
        ("Relay longitude", "WGS 84 [degrees]; blank where none is needed"),
    ),
)
_SURE: Final = (
    column(
        "stability",
        "share",
        10,
        ("Độ ổn định", "Tỷ lệ kịch bản mà vị trí này được chọn"),
        ("Stability", "Share of drawn worlds in which the place is chosen"),
    ),
    column(
        "stability_alike",
        "share",
        10,
        (
            "Tính cả vị trí tương tự",
            "Tỷ lệ kịch bản có trạm ở đây hoặc ở nơi phục vụ phần lớn cùng những người dân",
        ),
        (
            "With like places",
            "Share with a site here or where mostly the same people are served",
        ),
    ),
    column(
        "stability_said",
        "word",
        30,
        ("Ổn định: nghĩa là", "Khi mức sóng, trọng số, số dân và bằng chứng thay đổi"),
        ("In words", "When levels, weights, people and evidence vary"),
        vocabulary="stability",
    ),
    column(
        "rank_low",
        "count",
        8,
        ("Thứ tự từ", "Chín phần mười kịch bản nằm trong khoảng này"),
        ("Rank from", "Nine in ten worlds lie between these"),
    ),
    column("rank_high", "count", 8, ("Thứ tự đến", "Như trên"), ("Rank to", "As above")),
)
GROUPS: Final = (_WHAT, COORDINATES, _WHOM, _COST, _LINKS, _SURE)
"""A column of the candidates is shown where it is listed here; one that nobody lists is shown behind all others."""
NOT_SHOWN: Final = frozenset(
    {"geometry", "selected", "cluster_of_demand"}
    | {"score", "score_people", "score_no_grid", "score_difficult", "score_interest"}
)
"""What says nothing to who builds; `candidates.parquet` has it."""
_KINDS: Final[tuple[tuple[str, Kind], ...]] = (("_vnd", "money"), ("_m", "metres"))


def of_sites(sites: pd.DataFrame) -> tuple[Column, ...]:
    """Return the columns of a table of sites in order."""
    listed = [each.in_group(n) for n, group in enumerate(GROUPS) for each in group]
    named = {each.name for each in listed}
    more = [name for name in sites.columns if name not in named | NOT_SHOWN]
    return tuple(
        [each for each in listed if each.name in sites.columns]
        + [_unlisted(name, sites[name]).in_group(len(GROUPS)) for name in more]
    )


def _unlisted(name: str, values: pd.Series) -> Column:
    """Show a column under its own name rather than not at all."""
    if pd.api.types.is_bool_dtype(values):
        kind: Kind = "word"
    elif pd.api.types.is_numeric_dtype(values):
        kind = next((kind for end, kind in _KINDS if name.endswith(end)), "number")
    else:
        kind = "text"
    said = Words(name, name)
    return Column(
        name=name,
        kind=kind,
        width=14,
        heading=said,
        meaning=said,
        vocabulary="flag" if kind == "word" else None,
    )
