"""Say what is wrong with samples, sites, lists, terrain and people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

INPUTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of samples
        "nobody recognises it; its first line reads {columns}": (
            "không nhận ra định dạng; dòng đầu ghi {columns}"
        ),
        'Take it out of path, or, for a table of your own, say format = "csv" and columns = {{ lon = "…", lat = "…", '
        'time = "…", plmn = "…", technology = "…", rsrp_dbm = "…" }}. Known are {names}': (
            'Bỏ khỏi path, hoặc nếu là bảng của riêng bạn, ghi format = "csv" và columns = {{ lon = "…", lat = "…", '
            'time = "…", plmn = "…", technology = "…", rsrp_dbm = "…" }}. Các định dạng đã biết: {names}'
        ),
        'nobody knows the format "{name}"': 'không có định dạng "{name}"',
        "is a list of cells, not of samples": "là danh sách trạm, không phải mẫu đo",
        "Name it in [sites]: where a cell stands is no measurement of its signal": (
            "Ghi ở [sites]: vị trí trạm không phải là kết quả đo sóng"
        ),
        "columns = {{…}} is missing; the file has {columns}": "thiếu columns = {{…}}; tệp có {columns}",
        "Map {names} as far as they are there": "Khai báo {names}, nếu tệp có",
        "must be mapped": "phải được khai báo",
        "nothing is measured: rsrp_dbm, level_dbm or no_service must be mapped": (
            "không có gì được đo: phải khai báo rsrp_dbm, level_dbm hoặc no_service"
        ),
        "mcc and mnc make a carrier only together": "mcc và mnc phải đi cùng nhau mới thành nhà mạng",
        "Add it to columns = {…}": "Thêm vào columns = {…}",
        "holds {kind}, which means nothing here": "chứa kiểu {kind}, không dùng được ở đây",
        "Write text, numbers, times or yes and no": "Ghi chữ, số, thời gian hoặc có/không",
        "is neither a PLMN, as 452-04, nor a carrier": (
            "không phải mã PLMN, như 452-04, cũng không phải nhà mạng"
        ),
        "is neither a carrier nor a PLMN, as 452-04": (
            "không phải nhà mạng, cũng không phải mã PLMN, như 452-04"
        ),
        "is none of 2G, 3G, 4G, 5G": "không phải 2G, 3G, 4G hay 5G",
        "is missing beside a level": "còn thiếu bên cạnh mức sóng",
        "is missing beside a technology": "còn thiếu bên cạnh công nghệ",
        "stands beside a cross for no service": "ghi cùng dòng với dấu x không có sóng",
        "is no clear answer: x where there is no service, else empty and a level": (
            "không rõ ràng: ghi x nếu không có sóng, nếu có thì để trống và ghi mức sóng"
        ),
        "no row with service has a usable level ({impossible:,} impossible, {missing:,} missing)": (
            "không dòng có sóng nào có mức sóng dùng được ({impossible} không thể có, {missing} thiếu)"
        ),
        "Give levels in dBm, which are negative, under the column that columns names for them": (
            "Ghi mức sóng bằng dBm, là số âm, ở cột mà columns đã khai báo"
        ),
        "there is no sample to make squares around": "không có mẫu đo nào để lập ô vuông",
        "Give [[signal]] files with samples, or [hamlets]": "Đưa tệp có mẫu đo ở [[signal]], hoặc [hamlets]",
        # of sites
        "none of its {n:,} rows is a known cell ({why})": (
            "không dòng nào trong {n} dòng là trạm dùng được ({why})"
        ),
        "Give a cells export as OpenCelliD or MLS writes it, or name the columns under columns": (
            "Đưa tệp trạm như OpenCelliD hoặc MLS xuất ra, hoặc khai báo các cột ở columns"
        ),
        "is no point": "không phải là điểm",
        "Give one point per site": "Mỗi trạm một điểm",
        "no column holds the {field}": "không cột nào chứa {field}",
        "this says no {field}": "không cho biết {field}",
        "Write it as {example}": "Viết như {example}",
        "is no azimuth": "không phải góc phương vị",
        "is no downtilt": "không phải góc nghiêng",
        "is no height": "không phải độ cao",
        "is no frequency": "không phải tần số",
        "is no power": "không phải công suất",
        "Give degrees from 0 to 360, or leave the cell empty": "Ghi độ từ 0 đến 360, hoặc để trống ô",
        "Give degrees below the horizon, or leave the cell empty": (
            "Ghi số độ dưới đường chân trời, hoặc để trống ô"
        ),
        "Give the antenna's height above ground in metres, or leave the cell empty": (
            "Ghi độ cao ăng-ten so với mặt đất bằng mét, hoặc để trống ô"
        ),
        "Give the downlink's middle in MHz, or leave the cell empty": (
            "Ghi tần số giữa đường xuống bằng MHz, hoặc để trống ô"
        ),
        "Give the power of the transmitter in dBm (40 W are 46 dBm), or leave the cell empty": (
            "Ghi công suất máy phát bằng dBm (40 W là 46 dBm), hoặc để trống ô"
        ),
        # of lists by hamlet
        "no column holds hamlet_id or name": "không cột nào chứa mã thôn hoặc tên thôn",
        "no column tells of power": "không cột nào nói về điện",
        "no column holds the names of hamlets": "không cột nào chứa tên thôn",
        "the list does not say what its hamlets lack, neither in a column nor in a title": (
            "danh sách không nói các thôn thiếu gì, cả trong cột lẫn trong tiêu đề"
        ),
        "Say it: --about {words}": "Ghi rõ: --about {words}",
        "the list says no commune for its hamlets, and names repeat from commune to commune": (
            "danh sách không ghi xã của các thôn, mà tên thôn lặp lại giữa các xã"
        ),
        "Add a column with the commune, or let names that stand once in the whole run be joined: --by-name-alone": (
            "Thêm cột ghi xã, hoặc cho ghép những tên chỉ có một trong cả kết quả: --by-name-alone"
        ),
        # of terrain
        "the file holds no heights that can be read ({reason})": "tệp không có độ cao đọc được ({reason})",
        "Give GeoTIFF, or HGT named after its south-western corner (N21E105.hgt), plain, gz or zip": (
            "Đưa GeoTIFF, hoặc HGT đặt tên theo góc tây nam (N21E105.hgt), để nguyên hoặc nén gz, zip"
        ),
        "the archive holds neither .hgt nor .tif": "tệp nén không có .hgt hay .tif",
        "{file} has {n:,} bytes; an HGT has one of {sizes}": "{file} có {n} byte; tệp HGT phải có {sizes}",
        "the name {file} does not tell the south-western corner": "tên {file} không cho biết góc tây nam",
        "{file} is a picture, whose pixels are colours": "{file} là ảnh màu",
        "{file} is not laid north-up on the ground": "{file} không đặt theo hướng bắc",
        "the terrain covers {there}, the region is {wanted}: they do not meet": (
            "địa hình phủ {there}, còn vùng cần ở {wanted}: hai vùng không giao nhau"
        ),
        "Give the tiles of this region": "Đưa các mảnh bản đồ của vùng này",
        "the region of {width} by {height} km has {n:,} cells of {step} m": (
            "vùng {width} × {height} km có {n} ô cạnh {step} m"
        ),
        "Mend a coordinate that lies far away, or cut the project into districts": (
            "Sửa tọa độ nằm quá xa, hoặc chia dự án theo huyện"
        ),
        # of people
        "holds {n:,} people per km² on average, more than any land": (
            "có trung bình {n} người trên km², nhiều hơn mọi vùng đất"
        ),
        "holds the heights of the ground, not people": "là độ cao địa hình, không phải số người",
        "Give a raster of people, and say under unit what a pixel counts": (
            "Đưa tệp raster số người, và ghi ở unit mỗi điểm ảnh đếm gì"
        ),
        "no pixel holds so many people": "không điểm ảnh nào có nhiều người như vậy",
        "Declare which value means that nothing is known (nodata), and export it again": (
            "Khai báo giá trị nghĩa là không rõ (nodata), rồi xuất lại"
        ),
    }
)
"""By the English pattern."""
