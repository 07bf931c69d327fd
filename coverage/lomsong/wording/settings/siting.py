"""Explain where new sites may stand, what they are, and what they cost."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SITING: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "siting": {
            "about": "Tìm vị trí trạm mới như thế nào.",
            "max_sites": "nhiều nhất chừng này trạm mới; bỏ đi và ghi budget_vnd nếu chỉ giới hạn tiền",
            "budget_vnd": "nhiều nhất chừng này tiền [VND]",
            "target_share": (
                "thay vì phủ nhiều dân nhất: phương án rẻ nhất phủ được tỷ lệ này của số dân đang chờ, nếu "
                "các giới hạn cho phép"
            ),
            "radius_m": "xét vùng phủ của trạm đến khoảng cách này [m]; bên trong do địa hình quyết định (giả định)",
            "places": "các điểm luôn được xét làm vị trí trạm, có tên hoặc không; tệp điểm bất kỳ",
            "forbidden": "các vùng không được xây: rừng phòng hộ, vành đai biên giới",
            "roads": "đường giao thông, để tính chi phí đường vào và tìm vị trí bên đường",
            "near_road_m": "đất cách đường hoặc đường dây điện không quá khoảng này [m] là ở bên cạnh (giả định)",
            "interest": (
                'các điểm quan tâm theo loại, như { school = "truong_hoc.gpkg", clinic = "tram_y_te.csv" }'
            ),
            "interest_within_m": (
                "điểm quan tâm tính cho các cụm dân cư trong khoảng cách này [m] (giả định)"
            ),
            "interest_weight": (
                "người ở gần điểm quan tâm được tính thêm chừng này, cho mỗi loại (giả định)"
            ),
            "group_span_m": (
                "không nhóm nhu cầu nào rộng hơn khoảng này [m]: một trạm ở giữa phủ được 3 km (giả định)"
            ),
            "group_distance_m": (
                "các cụm chưa có sóng gần nhau hơn khoảng này [m] thành một nhóm nhu cầu (giả định)"
            ),
            "search_radius_m": "vị trí được tìm trong khoảng cách này [m] quanh nhóm (giả định)",
            "candidates_per_group": (
                "số vị trí xét cho mỗi nhóm: cột đã biết; chỗ cao; chỗ cao bên đường và đường dây điện "
                "(giả định)"
            ),
            "max_candidates": (
                "tổng số vị trí được xét; các nhóm đông dân nhất được vị trí thứ nhất trước, rồi vị trí thứ "
                "hai, cứ thế (giả định)"
            ),
            "masts_m": (
                "các chiều cao cột mới để chọn [m] (thường 42 m, cột dây co cao nhất 60 m; chưa kiểm chứng)"
            ),
            "receiver_m": "độ cao của điện thoại [m]",
            "bands": (
                "băng tần 4G của trạm mới, tính băng mạnh nhất: B28 (700 MHz), B8 (900), B3 (1800), B1 (2100)"
            ),
            "transmit_power_dbm": "công suất một sector [dBm]; thường 20 đến 40 W (giả định)",
            "antenna_gain_dbi": "độ lợi anten sector [dBi]; thường 15 đến 18 (giả định)",
            "azimuths_deg": (
                "hướng các sector của trạm mới, theo chiều kim đồng hồ từ hướng bắc; [] là phát đều mọi "
                "hướng (giả định)"
            ),
            "downtilt_deg": "góc cụp các sector của trạm mới; thường 2 đến 6 (giả định)",
            "losses_db": "suy hao phi đơ, đầu nối, bộ ghép [dB]; thường 2 đến 4 (giả định)",
            "cell_edge_probability": (
                "nêu tên người được phủ thêm và vẽ vùng phủ ở nơi đạt mức tối thiểu với xác suất này (giả "
                "định); khi chọn vị trí, mỗi người được tính theo chính xác suất của họ"
            ),
            "shadow_sigma_db": "fading che khuất [dB]; 3GPP TR 36.814 bảng A.2.1.1-3, cell macro",
            "indoor_loss_db": (
                "để phủ người trong nhà, cộng suy hao của tường [dB]: 10 đến 20, nhà nông thôn nhẹ 12 (giả "
                "định); mặc định tính ngoài trời, như khi xếp loại"
            ),
            "in_vehicle_loss_db": "để phủ người trong xe, cộng mức này [dB]: 10 đến 20 (giả định)",
            "existing_uncertainty_m": (
                "cột đã biết có sai số vị trí không quá mức này [m] được xét để dùng chung (giả định)"
            ),
            "carrier": (
                "lập phương án cho người mà nhà mạng này chưa phủ; bỏ đi để tính người chưa nhà mạng nào phủ"
            ),
            "roaming": (
                "để một nhà mạng vận hành mọi trạm mới của một vùng, thuê bao các mạng khác chuyển vùng vào"
            ),
            "optimality_gap": "được dừng tìm khi nhiều nhất chỉ còn có thể thêm tỷ lệ này",
            "search_nodes": "dừng tìm sau chừng này nút; khoảng còn lại được ghi ra",
            "stability_draws": "số kịch bản rút thử để xem trạm nào luôn được chọn; 0 là không thử",
            "include_unknown": (
                "tính cả người chưa rõ có sóng hay không là nhu cầu, dù nhiều khả năng họ đã có sóng"
            ),
        },
        "cost": {
            "about": (
                "Chi phí một trạm; nên thay bằng số của nhà mạng. Số gốc bằng USD tính theo 25.000 đồng."
            ),
            "radio_vnd": "ba sector, baseband, router [VND]; 25.500 USD (Oughton, pobis)",
            "further_carrier_share": (
                "mỗi nhà mạng thêm vào trạm chung cộng tỷ lệ này của thiết bị vô tuyến (giả định); không "
                "cộng khi các mạng khác chuyển vùng"
            ),
            "mast_vnd_per_m": "cột [VND mỗi m]; 10.000 USD cho 42 m (Oughton, pobis)",
            "civil_vnd": "xây dựng, vận chuyển, lắp đặt [VND]; 15.000 USD (Oughton, pobis)",
            "road_vnd_per_km": (
                "đường vào từ đường gần nhất, một phần của xây dựng [VND/km] (giả định, chưa kiểm chứng)"
            ),
            "power_vnd": "thiết bị nguồn của mỗi trạm [VND]; 5.000 USD (Oughton, pobis)",
            "grid_vnd_per_km": "kéo điện lưới [VND/km] (giả định)",
            "grid_reach_m": (
                "xa điện lưới hơn khoảng này [m] thì trạm dùng điện mặt trời (2 đến 5 km, chưa kiểm chứng)"
            ),
            "solar_vnd": "điện mặt trời có ắc quy [VND] (20-50 nghìn USD, chưa kiểm chứng)",
            "battery_vnd": (
                "ắc quy mới của trạm điện mặt trời [VND] (giả định: hơn một phần tư solar_vnd)"
            ),
            "battery_years": "số năm dùng được một bộ ắc quy như vậy (giả định; thường 5 đến 10)",
            "microwave_vnd": (
                "chặng vi ba đến 15 km [VND], đến 30 km gấp đôi, xa hơn thì cứ 30 km gấp bốn; 10.000 USD "
                "(Oughton, pobis)"
            ),
            "microwave_reach_m": "không chặng vi ba nào dài hơn khoảng này [m] (Oughton, pobis)",
            "relay_vnd": (
                "trạm chuyển tiếp trên núi giữa hai chặng: cột nhỏ, điện mặt trời, đường vào [VND] (giả "
                "định, chưa kiểm chứng)"
            ),
            "relay_mast_m": "độ cao anten của trạm chuyển tiếp [m] (giả định)",
            "microwave_hops": (
                "số chặng giữa trạm mới và trạm đã biết, qua trạm mới khác nếu rẻ hơn (giả định)"
            ),
            "fibre_reach_m": (
                "không kéo cáp quang xa hơn khoảng này [m]; trạm như vậy cần một chặng tới trạm mới khác "
                "(giả định)"
            ),
            "transmission_vnd_per_km": (
                "cáp quang khi không chặng nào nhìn thẳng [VND/km]; Tuyên Quang nêu khoảng 0,5 tỷ"
            ),
            "operation_share": "chi phí vận hành một năm, theo tỷ lệ đầu tư (Oughton, pobis)",
            "years": "số năm vận hành trong chi phí quy về hiện tại (Oughton, pobis)",
            "discount_rate": "lãi suất để quy chi phí về sau thành hiện tại (Oughton, pobis)",
        },
    }
)
"""By section, then by key."""
