"""Say in Vietnamese what work goes on, how far it is, and what the library logs meanwhile."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "hamlets": "thôn",
        "samples": "mẫu đo",
        "sites": "trạm",
        "power": "điện lưới",
        "people": "dân số",
        "terrain": "địa hình",
        "where people live": "nơi dân ở",
        "places of known masts": "vị trí các cột đã biết",
        "what samples teach of known sites": "mẫu đo cho biết gì về các trạm",
        "known sites over terrain": "trạm đã biết trên địa hình",
        "what known sites promise": "mức sóng theo trạm đã biết",
        "how alike places are": "các nơi giống nhau đến đâu",
        "what is expected of levels": "mức sóng dự đoán",
        "levels drawn": "rút thử mức sóng",
        "who is served": "ai có sóng",
        "levels where nobody measured": "mức sóng nơi chưa ai đo",
        "sites over terrain": "vị trí trên địa hình",
        "plan": "phương án",
        "people of each hamlet": "dân số từng thôn",
        "map": "bản đồ",
        "lists": "danh sách",
        "layers for QGIS": "các lớp cho QGIS",
        "charts": "biểu đồ",
        "tables": "các bảng",
    }
)
"""Of work, by its English title; the name of a file stays as it is."""

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rows": "dòng",
        "hamlets": "thôn",
        "masts": "cột",
        "sites": "vị trí",
        "models": "mô hình",
        "steps": "bước",
        "lists": "danh sách",
    }
)
"""Of what is counted, by the English name."""

FRAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        "{left} left": "còn {left}",
        "done in {seconds} s": "xong sau {seconds} giây",
        "{n}/s": "{n}/giây",
        "{hours} h {minutes} min": "{hours} giờ {minutes} phút",
        "{minutes} min {seconds} s": "{minutes} phút {seconds} giây",
        "{seconds} s": "{seconds} giây",
    }
)
"""What stands around figures, by its English pattern."""

LOGGED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Compiling the terrain kernels; this takes some seconds, once per machine": (
            "Đang biên dịch phần tính địa hình; mất vài chục giây, mỗi máy một lần"
        ),
        "Compiled the terrain kernels in %.1f s; kept in %s": (
            "Đã biên dịch phần tính địa hình sau %.1f giây; lưu ở %s"
        ),
        "No folder for compiled kernels can be written; set NUMBA_CACHE_DIR to one": (
            "Không ghi được thư mục nào cho phần đã biên dịch; đặt NUMBA_CACHE_DIR vào một thư mục ghi được"
        ),
        "%d of %d places are not kept and will be swept anew: %d MB are kept at most": (
            "%d trong %d vị trí không được giữ và lần sau tính lại: giữ nhiều nhất %d MB"
        ),
        "%s is damaged and swept anew: %s": "%s bị hỏng, tính lại từ đầu: %s",
        "%d places of %s are damaged and swept anew": "%d vị trí trong %s bị hỏng, tính lại",
        "the polygon index is not kept for the next run: %s": (
            "không giữ được chỉ mục ranh giới cho lần chạy sau: %s"
        ),
    }
)
"""What the library logs, by its English pattern."""
