"""Explain what a project brings: the sections of its files."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CRS_WHERE_UNSTATED: Final = "hệ tọa độ của {whose} nếu tệp không ghi"

INPUTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "project": {
            "about": "Tên của lần chạy và ngôn ngữ của kết quả.",
            "name": "hiện trên bản đồ và trong các danh sách",
            "as_of": "tuổi của mẫu đo tính đến ngày này; mặc định: ngày mới nhất trong dữ liệu",
            "language": "ngôn ngữ của kết quả: vi hoặc en",
            "synthetic": "true: mọi kết quả ghi rõ là từ dữ liệu mô phỏng",
        },
        "hamlets": {
            "about": (
                "Các thôn cần đánh giá: ranh giới (vùng), hoặc điểm kèm ranh giới xã để suy ra vùng."
            ),
            "path": (
                "GeoPackage, GeoJSON, Shapefile, GeoParquet hoặc KML; nếu là điểm thì cả CSV và XLSX"
            ),
            "layer": "lớp cần đọc, khi tệp GeoPackage hoặc KML có nhiều lớp",
            "crs": 'hệ tọa độ nếu tệp không ghi, như "EPSG:5897"; không bao giờ thay cái tệp đã ghi',
            "columns": (
                "hamlet_id, name, commune_code, commune_name, households, people, "
                "extremely_difficult; bảng điểm thì thêm lon, lat"
            ),
            "communes": "ranh giới xã, cần khi thôn là điểm",
            "communes_layer": "lớp ranh giới xã",
            "communes_crs": _CRS_WHERE_UNSTATED.format(whose="tệp ranh giới xã"),
            "commune_columns": "commune_code, commune_name",
            "radius_m": "vùng suy ra từ điểm không rộng quá khoảng cách này [m] (giả định)",
            "centres": "nhà văn hóa thôn, ghép theo hamlet_id, nếu không có thì theo vị trí",
            "centres_layer": "lớp nhà văn hóa",
            "centres_crs": _CRS_WHERE_UNSTATED.format(whose="tệp nhà văn hóa"),
        },
        "areas": {
            "about": (
                "Các ô vuông để đánh giá nơi không có ranh giới: đường, ruộng, rừng. Không ai ở trong đó."
            ),
            "square_m": "cạnh của ô vuông [m]",
        },
        "signal": {
            "about": "Một nhóm tệp mẫu đo.",
            "path": "các tệp; thường, gz hoặc zip; dạng tệp tự nhận theo nội dung",
            "format": 'dạng tệp, khi không tự nhận được: "csv"',
            "columns": (
                "cho tệp csv hoặc parquet tự lập: time, lon, lat, accuracy_m, plmn (hoặc mcc, mnc), "
                "technology, rsrp_dbm, level_dbm, no_service, device"
            ),
            "timezone": "múi giờ của thời gian không ghi múi giờ (điện thoại ghi giờ địa phương)",
            "plmn": 'nhà mạng của mọi dòng, như "452-04", khi tệp không ghi',
            "device": "thiết bị của mọi dòng, khi tệp không ghi",
        },
        "sites": {
            "about": "Các trạm đã biết: tệp xuất cell hoặc danh sách của nhà mạng.",
            "path": "tệp xuất cell (OpenCelliD), hoặc csv/xlsx/bản đồ vector có các cột",
            "columns": (
                "site_id, plmn, technology, lon, lat, azimuth_deg, downtilt_deg, height_m, "
                "frequency_mhz, power_dbm"
            ),
            "minimum_samples": (
                "bỏ cột ước đoán có tổng số lần quan sát các cell ít hơn số này (giả định)"
            ),
            "shared_within_m": (
                "các cột gần nhau hơn khoảng này [m] coi là chung vị trí; Hải Dương yêu cầu 100 m "
                "trong đô thị và 400 m bên ngoài, gần hơn thì dùng chung"
            ),
        },
        "power": {
            "about": "Thôn nào có điện lưới, và căn cứ vào đâu.",
            "list": "danh sách theo thôn: csv hoặc xlsx",
            "columns": "hamlet_id, hoặc name và commune_code hay commune_name; power",
            "source": "ai lập danh sách; mặc định: tên tệp",
            "as_of": "ngày của danh sách",
            "lines": (
                "đường dây hoặc điểm của lưới điện; dùng tính chi phí theo khoảng cách, không quyết định gì"
            ),
            "lines_crs": _CRS_WHERE_UNSTATED.format(whose="tệp đường dây"),
            "lights": "ảnh ánh sáng đêm [nW/cm2/sr]",
            "lit_threshold": (
                "thôn coi là có đèn từ mức ánh sáng đêm này [nW/cm2/sr] (nguồn phụ); "
                "tối không quyết định gì"
            ),
        },
        "terrain": {
            "about": "Độ cao so với mực nước biển.",
            "path": "GeoTIFF hoặc HGT (thường, gz, zip), một hoặc nhiều mảnh",
            "fill": "nguồn thứ hai cho chỗ nguồn thứ nhất bị trống",
        },
        "people": {
            "about": "Bao nhiêu người sống ở đâu.",
            "raster": "ảnh mật độ dân số",
            "unit": "giá trị của một điểm ảnh: people_per_pixel hoặc people_per_km2; bắt buộc ghi",
            "buildings": "nhà ở, điểm hoặc mặt bằng, để chia cụm dân cư",
            "buildings_crs": _CRS_WHERE_UNSTATED.format(whose="tệp nhà ở"),
        },
    }
)
"""By section, then by key."""
