"""Say what is wrong with what a command was asked for, and with the folder of a run."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RUNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of folders and files to write
        "cannot be read or written: {reason}": "không đọc hoặc ghi được: {reason}",
        "Mend the path, its rights, or the room on the disk": (
            "Sửa đường dẫn, quyền truy cập, hoặc giải phóng chỗ trên đĩa"
        ),
        "is a file, not a folder": "là tệp, không phải thư mục",
        "Give another --out": "Chọn --out khác",
        "holds files but no earlier run, so nothing is written there": (
            "có tệp nhưng không phải kết quả chạy trước, nên không ghi vào đó"
        ),
        "is damaged ({reason}), so nobody can say which files are yours": (
            "bị hỏng ({reason}) nên không biết tệp nào là của bạn"
        ),
        "Give an empty or new folder with --out": "Chọn thư mục trống hoặc thư mục mới bằng --out",
        "this kind of file is not written": "không ghi được loại tệp này",
        "End its name in {suffix}": "Đặt tên tệp có đuôi {suffix}",
        "nobody knows this kind of list": "không có loại danh sách này",
        "is no picture": "không phải loại tệp ảnh",
        # of finished runs
        "holds no finished run": "không có kết quả chạy nào",
        "`lomsong run PROJECT.toml` makes one": "Lệnh `lomsong run PROJECT.toml` tạo kết quả",
        "`lomsong run PROJECT.toml` makes it anew": "Lệnh `lomsong run PROJECT.toml` tạo lại",
        "Name one with --run, or make one with `lomsong run PROJECT.toml`": (
            "Chỉ thư mục kết quả bằng --run, hoặc tạo bằng lệnh `lomsong run PROJECT.toml`"
        ),
        "holds a damaged file ({reason})": "có tệp bị hỏng ({reason})",
        "lacks a table of a run: {table}": "thiếu một bảng của kết quả: {table}",
        "It is of another version, or a file was taken out; `lomsong run PROJECT.toml` makes it anew": (
            "Kết quả của phiên bản khác, hoặc có tệp đã bị xóa; lệnh `lomsong run PROJECT.toml` tạo lại"
        ),
        "was made by lomsong {version} with settings that this version does not know": (
            "do lomsong {version} tạo với những thiết lập mà phiên bản này không có"
        ),
        "holds a survey without teams and days": "có kế hoạch đo không chia tổ và ngày",
        "the two runs share no hamlet_id with {folder}": "hai kết quả không có mã thôn chung với {folder}",
        "Compare runs of one area, whose hamlets have the same codes": (
            "So sánh các kết quả của cùng một vùng, các thôn cùng mã"
        ),
        # of what was asked for
        "{n} hamlets are called so: {names}": "{n} thôn cùng tên này: {names}",
        "Give the code": "Ghi mã",
        "no hamlet is called so": "không thôn nào có tên này",
        "Give a code or name of hamlets.parquet": "Ghi mã hoặc tên thôn có trong hamlets.parquet",
        "several communes are called so: {names}": "nhiều xã cùng tên này: {names}",
        "this run has no such commune": "kết quả này không có xã đó",
        "Give the code or the name of one of its communes": "Ghi mã hoặc tên một xã có trong kết quả",
        "this run judged no such carrier": "kết quả này không đánh giá nhà mạng đó",
        "the run knows no such carrier": "kết quả này không có nhà mạng đó",
        "no known 4G site or no terrain around it": "không biết trạm 4G nào, hoặc không có địa hình quanh đó",
        "no way to another site is known": "không biết đường truyền tới trạm nào khác",
        "Give [sites] and [terrain]": "Thêm [sites] và [terrain]",
        "is no amount of money": "không phải số tiền",
        "Give VND, or leave it out for no limit": "Ghi bằng VND, hoặc bỏ đi nếu không giới hạn",
        "both are given": "ghi cả hai",
        "this names no column": "không ghi tên cột",
        "Write --column FIELD=HEADING": "Viết --column TRƯỜNG=TIÊU_ĐỀ",
        # of stores and clusters of computers
        "was counted into the store with other hamlets, clusters or settings, and is not at hand now": (
            "đã được đếm vào kho lưu với thôn, cụm dân cư hoặc thiết lập khác, và nay không có tệp"
        ),
        "Add it again with `lomsong samples FILE --project`, or delete the store to forget it": (
            "Thêm lại bằng lệnh `lomsong samples TỆP --project`, hoặc xóa kho lưu để bỏ hẳn"
        ),
        'its content was added before, as "{file}"': 'nội dung đã được thêm trước đó, với tên "{file}"',
        "cannot hold what is counted meanwhile: {reason}": "không giữ được số đếm tạm: {reason}",
        "cannot be used: {reason}": "không dùng được: {reason}",
        "no scheduler answers: {reason}": "không bộ điều phối nào trả lời: {reason}",
        "Leave it out": "Bỏ tệp này",
        "Set TMPDIR to a folder with more room": "Đặt TMPDIR vào thư mục còn nhiều chỗ",
        "Mend the place, or delete the store and count again": "Sửa nơi lưu, hoặc xóa kho lưu rồi đếm lại",
        "Dask is not installed": "chưa cài Dask",
        "pip install 'lomsong[cluster]'": "Chạy pip install 'lomsong[cluster]'",
        'Give its address, as "tcp://host:8786"': 'Ghi địa chỉ, như "tcp://host:8786"',
    }
)
"""By the English pattern."""
