"""Say what is wrong with a file as such: damaged, cut off, of another kind, without the columns it needs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of any file
        "Mend the path": "Sửa đường dẫn",
        "is a folder": "là thư mục",
        "Name a file in it": "Ghi tên một tệp trong đó",
        "is no plain file": "không phải tệp thường",
        "Give a file; a pipe is read once, and files are read several times": (
            "Đưa một tệp; ống dẫn (pipe) chỉ đọc được một lần, mà tệp được đọc nhiều lần"
        ),
        'Name its files, as "folder/*.csv"': 'Ghi tên các tệp trong đó, như "thu_muc/*.csv"',
        "cannot be opened: {reason}": "không mở được: {reason}",
        "Check who may read it": "Kiểm tra quyền đọc tệp",
        "is empty": "là tệp rỗng",
        "the file is empty": "tệp rỗng",
        "Give the file again": "Đưa lại tệp",
        "is an archive without files": "là tệp nén không có tệp nào bên trong",
        "Pack it again": "Nén lại",
        "is damaged or cut off in the middle ({reason})": "bị hỏng hoặc bị cắt giữa chừng ({reason})",
        "is damaged ({reason})": "bị hỏng ({reason})",
        "Copy or download it again": "Sao chép hoặc tải lại",
        "Copy or write it again": "Sao chép hoặc ghi lại",
        "Download it again": "Tải lại",
        "the archive is damaged ({reason})": "tệp nén bị hỏng ({reason})",
        "the file cannot be read ({reason})": "không đọc được tệp ({reason})",
        "It may be cut short: export it again": "Có thể tệp bị cắt: hãy xuất lại",
        "Export it again": "Xuất lại",
        "cannot be written: {reason}": "không ghi được: {reason}",
        "Name another place": "Chọn nơi khác",
        # of what nothing here reads
        "is a PDF": "là tệp PDF",
        "Give the table or the map that it was made from": "Đưa bảng hoặc bản đồ gốc đã tạo ra nó",
        "is a RAR archive": "là tệp nén RAR",
        "is a 7z archive": "là tệp nén 7z",
        "Unpack it and name its files, or pack them as zip": "Giải nén rồi ghi tên các tệp, hoặc nén lại thành zip",
        "is an AutoCAD drawing (DWG)": "là bản vẽ AutoCAD (DWG)",
        "Save it as Shapefile, GeoPackage or KML": "Lưu thành Shapefile, GeoPackage hoặc KML",
        "is a picture": "là tệp ảnh",
        "Give the table or the map that it shows": "Đưa bảng hoặc bản đồ mà ảnh chụp lại",
        "is a web page": "là trang web (HTML)",
        "Open it: a table in it is saved as XLSX by Excel; if it tells of an error or asks for a login, download the file "
        "again": (
            "Mở thử: nếu là bảng thì mở bằng Excel và lưu thành XLSX; nếu là trang báo lỗi hay đăng nhập thì tải lại tệp"
        ),
        "is protected by a password": "có đặt mật khẩu",
        "Open it in Excel, take the password out (File, Info, Protect Workbook) and save it": (
            "Mở bằng Excel, bỏ mật khẩu (File, Info, Protect Workbook) rồi lưu lại"
        ),
        "is a MicroStation V8 drawing (DGN)": "là bản vẽ MicroStation V8 (DGN)",
        "Save it as DGN V7, KML or Shapefile": "Lưu thành DGN V7, KML hoặc Shapefile",
        "is a Word document": "là tệp Word",
        "Copy its table into a workbook and save it as XLSX": "Chép bảng trong đó sang Excel rồi lưu thành XLSX",
        "is a workbook of old Excel (.xls)": "là tệp Excel cũ (.xls)",
        "Open it in Excel and save it as XLSX": "Mở bằng Excel rồi lưu thành XLSX",
        "is a file of old Office": "là tệp Office cũ",
        "Save it as XLSX": "Lưu thành XLSX",
        # of features
        "this is no file of features that can be read": "không phải tệp bản đồ đọc được",
        "Give GeoPackage, GeoJSON, Shapefile (also zipped), GeoParquet, KML, KMZ, MapInfo (TAB, MIF) or DGN V7; for points "
        "also CSV or XLSX": (
            "Đưa GeoPackage, GeoJSON, Shapefile (kể cả nén zip), GeoParquet, KML, KMZ, MapInfo (TAB, MIF) hoặc DGN V7; với "
            "điểm có thể dùng CSV hoặc XLSX"
        ),
        "the file holds no features": "tệp không có đối tượng nào",
        "the file holds no layer with geometry": "tệp không có lớp nào có hình học",
        "the file holds several layers: {layers}": "tệp có nhiều lớp: {layers}",
        "Say which under layer": "Ghi rõ lớp nào ở layer",
        "there is no such layer": "không có lớp này",
        "the archive holds several files of features: {files}": "tệp nén có nhiều tệp bản đồ: {files}",
        "Unpack it and name one": "Giải nén rồi ghi tên một tệp",
        "not all of its files are beside it: {files}": "thiếu tệp đi kèm: {files}",
        "Copy all files of the layer": "Sao chép đủ các tệp của lớp",
        "Copy all files of the Shapefile, or zip them together": (
            "Sao chép đủ các tệp của Shapefile, hoặc nén chung thành zip"
        ),
        "this is no readable KML ({reason})": "không phải KML đọc được ({reason})",
        "the archive holds no .kml": "tệp nén không có .kml",
        "a document type has no place in KML": "KML không được khai báo DOCTYPE",
        "Export it again, as KML or KMZ": "Xuất lại thành KML hoặc KMZ",
        # of rasters
        "the raster cannot be read ({reason})": "không đọc được tệp raster ({reason})",
        "Give a GeoTIFF; export it again": "Đưa GeoTIFF; xuất lại tệp",
        "the raster states no CRS": "tệp raster không ghi hệ tọa độ (CRS)",
        "Assign its projection and export it again": "Gán hệ tọa độ rồi xuất lại",
        "the raster is not laid north-up on the ground": "tệp raster không đặt theo hướng bắc",
        "Warp it first": "Nắn (warp) tệp trước",
        "the raster covers {there}, the hamlets {wanted}: they do not meet": (
            "tệp raster phủ {there}, còn các thôn ở {wanted}: hai vùng không giao nhau"
        ),
        "Give the raster of this region, or mend the coordinates": (
            "Đưa tệp raster của vùng này, hoặc sửa tọa độ"
        ),
        "the region needs {n:,} pixels": "vùng này cần {n} điểm ảnh",
        "Give a coarser raster, or cut the project into districts": (
            "Đưa tệp raster thô hơn, hoặc chia dự án theo huyện"
        ),
        "the raster is a picture, whose pixels are no quantity": (
            "tệp raster là ảnh màu, điểm ảnh không phải số liệu"
        ),
        "Give the raster of the values themselves": "Đưa tệp raster của chính số liệu",
        # of tables
        "this is no table that can be read": "không phải bảng đọc được",
        "Save it as XLSX or CSV (an old .xls too)": "Lưu thành XLSX hoặc CSV (kể cả tệp .xls cũ)",
        "the workbook cannot be read ({reason})": "không đọc được tệp Excel ({reason})",
        "Save it again as XLSX": "Lưu lại thành XLSX",
        "the file cannot be read as CSV ({reason})": "không đọc được tệp CSV ({reason})",
        "Save it again as CSV or XLSX": "Lưu lại thành CSV hoặc XLSX",
        "the sheet reaches {n:,} rows down and {columns:,} columns across": (
            "trang kéo tới dòng {n} và cột thứ {columns}"
        ),
        "Delete what stands far outside the table": "Xóa những gì nằm xa ngoài bảng",
        "there is no such sheet": "không có trang này",
        "several sheets hold such a table: {sheets}": "nhiều trang có bảng như vậy: {sheets}",
        "Say which under layer, or put their rows on one sheet": (
            "Ghi rõ trang nào ở layer, hoặc dồn các dòng vào một trang"
        ),
        "no row of headings was found": "không tìm thấy dòng tiêu đề",
        "Give the table a row with the name of each column, or state them under columns": (
            "Thêm một dòng ghi tên từng cột, hoặc khai báo ở columns"
        ),
        "the table has headings but no rows": "bảng có tiêu đề nhưng không có dòng nào",
        "has a header and no rows": "có tiêu đề nhưng không có dòng nào",
        "has no row": "không có dòng nào",
        "holds no text": "không có chữ nào",
        "is no text": "không phải tệp văn bản",
        "Give comma or tab separated text": "Đưa văn bản phân cách bằng dấu phẩy hoặc tab",
        "Give comma or tab separated text, plain or packed as gz or zip": (
            "Đưa văn bản phân cách bằng dấu phẩy hoặc tab, để nguyên hoặc nén gz, zip"
        ),
        "cannot be read as a table of {n} columns: {reason}": (
            "không đọc được thành bảng {n} cột: {reason}"
        ),
        "a quotation mark opens and never closes, and {n} lines are lost in it": (
            "một dấu ngoặc kép mở mà không đóng, làm mất {n} dòng"
        ),
        'Take the stray " out, or write it twice inside quotation marks': (
            'Bỏ dấu " thừa, hoặc viết hai lần bên trong ngoặc kép'
        ),
        "the row has {n} fields, the header {expected}": "dòng có {n} ô, còn tiêu đề có {expected}",
        "Give the file again as its program wrote it": "Đưa lại tệp đúng như chương trình đã ghi",
        "{n} of {rows} rows do not have the fields of the header": (
            "{n} trong {rows} dòng không đủ ô như tiêu đề"
        ),
        "At most {share} may be cut short": "Chỉ cho phép nhiều nhất {share} số dòng bị cắt",
        "belongs to a workbook": "là một phần của tệp Excel",
        "Save the sheet as CSV": "Lưu trang đó thành CSV",
        # of columns
        "there is no such column": "không có cột này",
        "no columns": "không cột nào",
        'no such column, wanted for "{name}"': 'không có cột này, cần cho "{name}"',
        "nobody knows this field": "không có trường này",
        "The file has {columns}": "Tệp có {columns}",
        "The file has {columns}; did you mean {near!r}": "Tệp có {columns}; có phải ý là {near!r}",
        "{columns} could each be the {field}": "{columns} đều có thể là {field}",
        "several columns have this name": "nhiều cột cùng tên này",
        "Leave one of them, or give them names of their own": (
            "Chỉ để lại một cột, hoặc đặt tên khác nhau"
        ),
        'Say which under columns: {field} = "…"': 'Ghi rõ ở columns: {field} = "…"',
        'Say which under columns: {field} = "…"; the file has {columns}': (
            'Ghi rõ ở columns: {field} = "…"; tệp có các cột {columns}'
        ),
        'Say which under commune_columns: commune_code = "…"; the file has {columns}': (
            'Ghi rõ ở commune_columns: commune_code = "…"; tệp có các cột {columns}'
        ),
        'Say which column, or the value of all rows, under columns: {field} = "…"': (
            'Ghi tên cột, hoặc giá trị chung của mọi dòng, ở columns: {field} = "…"'
        ),
        # of cells
        "is no number": "không phải là số",
        "this is not a number": "không phải là số",
        "this is not a whole number": "không phải số nguyên",
        "a count cannot be negative": "số đếm không thể âm",
        "this is more than any hamlet holds": "nhiều hơn mức một thôn có thể có",
        "this does not say which number counts the households": "không rõ số nào là số hộ",
        "this does not say which number counts the people": "không rõ số nào là số người",
        "this says neither yes nor no": "không phải có hay không",
        "is neither yes nor no": "không phải có hay không",
        "is no time": "không phải thời gian",
        "the month stands before the day": "tháng đứng trước ngày",
        "Write the whole column day first (31/12/2025) or as 2025-12-31: day and month of its other dates would be "
        "exchanged": (
            "Viết cả cột theo ngày trước (31/12/2025) hoặc 2025-12-31: các ngày khác trong cột sẽ bị đảo ngày và tháng"
        ),
        "Mend the cell, or leave it empty where nothing is known": "Sửa ô, hoặc để trống nếu không rõ",
        "Mend this cell, or leave it empty where the value is not known": (
            "Sửa ô này, hoặc để trống nếu không rõ giá trị"
        ),
        "Type a number, or leave the cell empty": "Ghi số, hoặc để trống ô",
    }
)
"""By the English pattern."""
