"""Explain how hamlets are judged, what is told of it, and where to measure next."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

JUDGING: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "levels": {
            "about": "Từ mức nào thì coi là có sóng, và là sóng tốt.",
            "minimum_rsrp_dbm": "có sóng từ mức này [dBm]; QCVN 81:2019 (chưa đối chiếu văn bản)",
            "good_rsrp_dbm": "sóng tốt từ mức này [dBm] (giả định)",
            "minimum_level_2g_dbm": "RXLEV của 2G [dBm] (giả định)",
            "good_level_2g_dbm": "RXLEV tốt của 2G [dBm] (giả định)",
            "minimum_level_3g_dbm": "RSCP của 3G [dBm] (giả định)",
            "good_level_3g_dbm": "RSCP tốt của 3G [dBm] (giả định)",
        },
        "evidence": {
            "about": "Điều gì được coi là bằng chứng, và phải chắc đến đâu mới kết luận.",
            "catchment_m": "mẫu đo nói về cụm dân cư gần nhất trong khoảng cách này [m]",
            "cluster_gap_m": "nhà cách nhau xa hơn khoảng này [m] thuộc các cụm riêng (giả định)",
            "confidence": "xếp loại khi xác suất đạt mức này",
            "maximum_accuracy_m": "bỏ mẫu đo có sai số vị trí lớn hơn mức này [m] (giả định)",
            "carriers": (
                'chỉ đánh giá các nhà mạng này, như ["viettel", "vnpt"]; mặc định: mọi nhà mạng trong dữ liệu'
            ),
            "decide_by": (
                "điều gì được quyết định xếp loại: measured (mẫu đo tại chỗ), inferred (im lặng ở nơi nghe "
                "được mạng khác), modelled (trạm đã biết trên địa hình); mẫu đo luôn được tính"
            ),
            "silence": (
                "những kiểu im lặng được tính khi inferred được quyết định; passed: điện thoại gửi mẫu đo ở "
                "hai phía mà không gửi trên đoạn đường giữa"
            ),
            "half_life_days": (
                "sau số ngày này mẫu đo chỉ còn tính một nửa, sau gấp đôi còn một phần tư; số rất lớn: mọi "
                "mẫu tính như nhau (giả định)"
            ),
            "store": (
                "thư mục giữ kết quả đếm của từng tệp, để thêm một tháng mà không đọc lại tệp cũ; những gì "
                "trong đó được tính cho đến khi bạn xóa"
            ),
        },
        "technologies": {
            "about": (
                "Công nghệ sắp tắt: đã tắt coi như không có dịch vụ, và cho biết ai mất dịch vụ cuối cùng."
            ),
            "switched_off": (
                'cho biết ai mất dịch vụ cuối cùng khi tắt các công nghệ này, như ["2G", "3G"]; mặc định: '
                "công nghệ sẽ tắt kế tiếp"
            ),
            "last_day": (
                'ngày phát sóng cuối cùng, như { "3G" = 2028-09-30 }; mặc định ở Việt Nam: 2G 2026-09-15 '
                "(TT 03 và 04/2024), 3G 2028-09-30 (dự kiến trong tháng đó)"
            ),
        },
        "privacy": {
            "about": "Được công bố những gì về người đã đo.",
            "minimum_devices": "chỉ công bố số liệu mẫu đo khi có ít nhất chừng này thiết bị",
            "publish_without_devices": "công bố cả khi nguồn không ghi thiết bị",
            "salt": "chuỗi bí mật trộn vào mã băm của thiết bị; không để trong tệp dùng chung",
        },
        "priority": {
            "about": "Trọng số các phần của điểm ưu tiên; mỗi phần từ 0 đến trọng số của nó.",
            "severity": "trắng sóng 1, lõm sóng 2/3, sóng yếu 1/3 (giả định)",
            "people": "số dân chưa có sóng, so với people_scale (giả định)",
            "no_grid": "chưa có điện lưới (giả định)",
            "difficult": "thôn đặc biệt khó khăn (giả định)",
            "people_scale": "số dân chưa có sóng đạt trọn trọng số (giả định)",
        },
        "survey": {
            "about": "Các tổ cần đi đo tiếp ở đâu.",
            "places_per_day": "số nơi một tổ đo trong một ngày (giả định)",
            "days": "số ngày dự kiến cho tổ của mỗi xã; các nơi sau đó không xếp ngày",
            "spots_per_place": (
                "số điểm đo ở một nơi; ba điểm giống nhau đủ cho một cụm, bốn điểm cho thôn có ba cụm"
            ),
            "people_exponent": (
                "số dân nặng đến đâu: 1 tính theo số dân, 0 tính theo số nơi như các danh sách của nhà nước "
                "(giả định)"
            ),
            "walk_m": "đoạn đường dài hơn khoảng này [m] thì đi xe (giả định)",
        },
    }
)
"""By section, then by key."""
