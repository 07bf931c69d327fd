"""Say what is wrong with the project file, and how any list of faults is laid out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PROJECT: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of any list of faults
        "1 fault in the input:": "1 lỗi trong dữ liệu đầu vào:",
        "{n:,} faults in the input:": "{n} lỗi trong dữ liệu đầu vào:",
        "and {n:,} more faults": "và {n} lỗi khác",
        "row {row}": "dòng {row}",
        "column {column}": "cột {column}",
        "value {value}": "giá trị {value}",
        "{n:,} rows": "{n} dòng",
        "and {n:,} more rows: {rows}": "và {n} dòng nữa: {rows}",
        'Did you mean "{name}"?': 'Có phải ý là "{name}"?',
        "Did you mean {names}?": "Có phải ý là {names}?",
        'Did you mean "{name}"? There are {names}': 'Có phải ý là "{name}"? Các lựa chọn: {names}',
        "There are {names}": "Các lựa chọn: {names}",
        "Name one of {names}": "Ghi một trong: {names}",
        "Say one of {names}": "Ghi một trong: {names}",
        "Use one of {names}": "Dùng một trong: {names}",
        "Name one": "Chỉ ghi một",
        "Give one": "Chỉ dùng một",
        # of its text
        "no such file": "không có tệp này",
        "cannot be read: {reason}": "không đọc được: {reason}",
        "is not TOML: {reason}": "không đúng cú pháp TOML: {reason}",
        "`lomsong init DIR` writes a project file": "Lệnh `lomsong init THƯ_MỤC` tạo một tệp dự án",
        "Give a TOML file in UTF-8": "Đưa tệp TOML mã hóa UTF-8",
        "Mend that line": "Sửa dòng đó",
        "Mend that line: write paths with / instead of \\, or in single quotation marks": (
            "Sửa dòng đó: viết đường dẫn bằng / thay cho \\, hoặc đặt trong dấu nháy đơn"
        ),
        'Mend that line: write straight quotation marks (")': 'Sửa dòng đó: dùng dấu ngoặc kép thẳng (")',
        "is not written in UTF-8": "không ghi bằng mã UTF-8",
        "Save the file as UTF-8 (Notepad: Save as, Encoding: UTF-8)": (
            "Lưu lại tệp bằng mã UTF-8 (Notepad: Save as, Encoding: UTF-8)"
        ),
        "Mend the path; it is relative to the project file": (
            "Sửa đường dẫn; đường dẫn tính từ thư mục của tệp dự án"
        ),
        # of its settings
        "is missing": "còn thiếu",
        "nobody knows this key": "không có khóa này",
        "is neither true nor false": "không phải true hay false",
        "is no day": "không phải là ngày",
        "is no table of keys and values": "không phải bảng khóa và giá trị",
        "is no finite number": "không phải số hữu hạn",
        "is no whole number": "không phải số nguyên",
        "is not above {gt}": "phải lớn hơn {gt}",
        "is below {ge}": "nhỏ hơn {ge}",
        "is not below {lt}": "phải nhỏ hơn {lt}",
        "is above {le}": "lớn hơn {le}",
        "is no list": "không phải danh sách",
        "is none of {expected}": "không phải một trong {expected}",
        "is no section": "không phải một mục",
        "is no text in quotation marks": "không phải chữ đặt trong dấu ngoặc kép",
        "holds too little: at least {min_length}": "có quá ít phần tử: ít nhất {min_length}",
        "Add it to the project file": "Thêm vào tệp dự án",
        "`lomsong init DIR` shows every key": "Lệnh `lomsong init THƯ_MỤC` cho xem mọi khóa",
        "Write it as 2025-12-31": "Viết như 2025-12-31",
        "Mend this setting; `lomsong init DIR` explains every key": (
            "Sửa thiết lập này; lệnh `lomsong init THƯ_MỤC` giải thích mọi khóa"
        ),
        "good_{name}_dbm ({good}) lies below minimum_{name}_dbm ({minimum})": (
            "good_{name}_dbm ({good}) thấp hơn minimum_{name}_dbm ({minimum})"
        ),
        'unit is missing: say "people_per_pixel" or "people_per_km2"': (
            'thiếu unit: ghi "people_per_pixel" hoặc "people_per_km2"'
        ),
        "neither [hamlets] nor [areas] is given, so there is nothing to judge": (
            "không có [hamlets] cũng không có [areas] nên không có gì để đánh giá"
        ),
        "[areas] makes its squares where samples are: give [[signal]] too": (
            "[areas] lập ô vuông ở nơi có mẫu đo: cần thêm [[signal]]"
        ),
        "[areas] depends on all samples, so evidence.store cannot keep old ones": (
            "[areas] phụ thuộc vào toàn bộ mẫu đo nên evidence.store không giữ được mẫu cũ"
        ),
        "names {n} files, and one is read here": "chỉ tới {n} tệp, mà ở đây chỉ đọc một tệp",
        "no file is given": "chưa ghi tệp nào",
        "Name at least one under path": "Ghi ít nhất một tệp ở path",
        "is named {n} times under [[signal]]": "được ghi {n} lần trong [[signal]]",
        "Name it once": "Chỉ ghi một lần",
        "belongs to none of several [[signal]] sections": "không thuộc mục [[signal]] nào",
        "Put it where one of their paths finds it": "Đặt vào nơi mà path của một mục tìm thấy",
        "is a file, and the store is a folder": "là tệp, trong khi kho lưu phải là thư mục",
        "Name another folder; it is made where there is none": (
            "Ghi tên thư mục khác; thư mục được tạo nếu chưa có"
        ),
        "names no folder, so files cannot be added": "chưa ghi thư mục nên không thêm tệp được",
        'Write store = "store" under [evidence]': 'Ghi store = "store" trong mục [evidence]',
        "nobody knows this carrier": "không có nhà mạng này",
        "{hint} Known by name are {names}": "{hint} Các tên đã biết: {names}",
        'Elsewhere give the PLMN, as "608-02".': 'Ở nước khác, ghi mã PLMN, như "608-02".',
        "nobody knows this unit": "không có đơn vị này",
        "nobody knows this time zone": "không có múi giờ này",
        'Give one of the IANA names, as "Asia/Ho_Chi_Minh"': (
            'Ghi tên múi giờ theo IANA, như "Asia/Ho_Chi_Minh"'
        ),
        "is no PLMN": "không phải mã PLMN",
        'Write country and network code, as "452-04"': 'Ghi mã nước và mã mạng, như "452-04"',
        "exists already": "đã có sẵn",
        "Give another folder, or edit that file": "Dùng thư mục khác, hoặc sửa tệp đó",
    }
)
"""By the English pattern."""
