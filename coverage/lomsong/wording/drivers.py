"""Say in Vietnamese what other programs (Python, zlib, GDAL, SQLite, Arrow) tell of a file that they cannot read."""

import re
from collections.abc import Sequence
from typing import Final

_LONGEST_CODE: Final = 40
_SAID: Final[Sequence[tuple[str, str]]] = (
    # the operating system
    (r"No such file or directory", "không có tệp hay thư mục này"),
    (r"Permission denied", "không có quyền"),
    (r"Is a directory", "là thư mục"),
    (r"Not a directory", "không phải thư mục"),
    (r"File exists", "tệp đã có"),
    (r"File name too long", "tên tệp quá dài"),
    (r"No space left on device|Disk quota exceeded", "hết chỗ trên đĩa"),
    (r"Too many levels of symbolic links", "liên kết chỉ vòng về chính nó"),
    (r"Read-only file system", "ổ đĩa chỉ đọc"),
    (r"Too many open files", "mở quá nhiều tệp"),
    (r"Input/output error", "lỗi đọc ghi của ổ đĩa"),
    (r"Connection refused", "máy kia từ chối kết nối"),
    (r"[Tt]imed out", "hết thời gian chờ"),
    # text
    (
        r"'(?P<codec>[\w-]+)' codec can't decode bytes? .*position (?P<at>\d+)",
        "không đúng mã {codec}, từ byte thứ {at}",
    ),
    (r"unknown encoding:? ?(?P<name>[\w.-]*)", "không biết bảng mã {name}"),
    # TOML
    (r"Cannot overwrite a value", "khóa này đã ghi ở trên"),
    (r"Cannot declare \((?P<name>.*)\) twice", "mục {name} đã ghi ở trên"),
    (r"Expected '\]' at the end of a table declaration", "thiếu dấu ] ở cuối tên mục"),
    (r"Expected '=' after a key", "thiếu dấu = sau tên khóa"),
    (r"Expected newline or end of document", "sau giá trị còn chữ thừa"),
    (r"Unterminated string(?! starting)", "thiếu dấu ngoặc kép đóng"),
    (r"Unclosed (array|inline table)", "thiếu dấu đóng ] hoặc }}"),
    (r"Invalid hex value|Unescaped '\\' in a string", "dấu \\ trong chữ không hợp lệ"),
    (r"Illegal character (?P<sign>\S+)", "ký tự không hợp lệ {sign}"),
    (r"Invalid value", "giá trị không hợp lệ"),
    (r"Invalid statement", "dòng không hợp lệ"),
    # archives and packed files
    (r"ended before the end-of-stream marker", "tệp nén kết thúc quá sớm"),
    (r"password required|is encrypted", "tệp nén có mật khẩu"),
    (r"File is not a zip file|Not a zip file", "không phải tệp zip"),
    (r"Not a gzipped file", "không phải tệp gzip"),
    (r"CRC|[Cc]hecksum", "sai mã kiểm tra"),
    (
        r"compression (method|type) .*not supported|compression type \d+",
        "kiểu nén này không đọc được",
    ),
    (
        (
            r"while decompressing|[Ii]nvalid (block|deflate|distance|header|stored|code|literal)|Truncated file header"
            r"|[Bb]ad magic number"
        ),
        "dữ liệu nén bị hỏng",
    ),
    (r"There is no item named '(?P<name>[^']*)'", "trong tệp nén không có {name}"),
    # JSON
    (
        (
            r"(Expecting|Extra data|Unterminated string starting|Invalid control character|Invalid \\).*line (?P<row>\d+) "
            r"column (?P<column>\d+)"
        ),
        "sai cú pháp JSON ở dòng {row}, ký tự {column}",
    ),
    (r"maximum recursion depth", "lồng nhau quá sâu"),
    # XML
    (
        (
            r"(not well-formed|no element found|mismatched tag|unclosed|undefined entity|declaration not at start|unbound "
            r"prefix|junk after|reference to|duplicate attribute|syntax error|partial character).*line (?P<row>\d+), "
            r"column (?P<column>\d+)"
        ),
        "sai cú pháp XML ở dòng {row}, ký tự {column}",
    ),
    # rasters, databases, Parquet
    (
        r"IReadBlock failed|TIFF(ReadEncoded\w+|FillStrip|FillTile|ReadDirectory)|Cannot read TIFF header|block read",
        "dữ liệu ảnh TIFF bị hỏng hoặc thiếu",
    ),
    (r"not recognized as (a|being in a) supported file format", "không phải định dạng đọc được"),
    (
        r"disk image is malformed|file is not a database|sqlite3_|SQLite",
        "cơ sở dữ liệu trong tệp bị hỏng",
    ),
    (
        r"Parquet (magic|file|footer|metadata)|[Tt]hrift|magic bytes",
        "tệp Parquet bị hỏng hoặc bị cắt",
    ),
    (r"geo metadata|Missing geo", "tệp Parquet không có hình học"),
    # tables
    (r"Expected (?P<n>\d+) columns, got (?P<found>\d+)", "cần {n} cột nhưng có {found} cột"),
    (
        r"Expected (?P<n>\d+) fields in line (?P<row>\d+), saw (?P<found>\d+)",
        "dòng {row} có {found} ô thay vì {n}",
    ),
    (r"EOF inside string", "có dấu ngoặc kép mở mà không đóng"),
    (r"field larger than field limit", "có ô quá dài"),
    (r"line contains NUL", "có byte 0 trong văn bản"),
)
DRIVERS: Final = tuple((re.compile(said), vietnamese) for said, vietnamese in _SAID)
"""Pattern of a reason, and its Vietnamese; the first that is found in a reason says it."""


def reason_told(reason: str) -> str:
    """Return a reason in Vietnamese; as it came where nobody has met it yet."""
    for pattern, vietnamese in DRIVERS:
        if found := pattern.search(reason):
            parts = {name: (part or "")[:_LONGEST_CODE] for name, part in found.groupdict().items()}
            return vietnamese.format_map(parts).strip()
    return reason
