"""Say what is wrong with what a program hands to propagation, to the country's facts, or to the built-in district."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LIBRARY: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of profiles
        "has {n} dimensions": "có {n} chiều",
        "Give one profile or (paths, points)": "Đưa một mặt cắt, hoặc mảng (đường truyền, điểm)",
        "is not made of numbers": "không gồm các số",
        "Give one array of metres per profile": "Đưa mỗi mặt cắt một mảng số mét",
        "Give metres as numbers": "Đưa số mét ở dạng số",
        "has {n} profiles, height_m has {count}": "có {n} mặt cắt, height_m có {count}",
        "Give one profile for all paths or one for each": (
            "Đưa một mặt cắt cho mọi đường truyền, hoặc mỗi đường truyền một mặt cắt"
        ),
        "has {n} points, height_m has {count}": "có {n} điểm, height_m có {count}",
        "Give as many points as there are heights": "Đưa số điểm bằng số độ cao",
        "has too few points": "có quá ít điểm",
        "Give at least {n} points": "Đưa ít nhất {n} điểm",
        "has an unknown distance": "có khoảng cách không rõ",
        "Give a finite number for each point": "Đưa một số hữu hạn cho mỗi điểm",
        "does not start at 0": "không bắt đầu từ 0",
        "Count from the transmitter": "Tính từ máy phát",
        "does not rise from point to point": "không tăng dần từ điểm này sang điểm kia",
        "Sort the points and drop doubles": "Sắp xếp các điểm và bỏ điểm trùng",
        "is outside {low:g} to {high:g} m": "nằm ngoài khoảng {low:g} đến {high:g} m",
        "Write an unknown height as NaN, never as a number": (
            "Độ cao không rõ ghi là NaN, không bao giờ ghi một số"
        ),
        "both ends are the same point": "hai đầu là cùng một điểm",
        "Give two points": "Đưa hai điểm",
        "is no step": "không phải là bước",
        "Give metres above 0": "Đưa số mét lớn hơn 0",
        "is no coordinate": "không phải là tọa độ",
        "Give metres in the terrain's CRS": "Đưa số mét theo hệ tọa độ của địa hình",
        "the site lies outside the terrain": "trạm nằm ngoài vùng có địa hình",
        "Give a site within x {west:g} to {east:g}, y {south:g} to {north:g}, or more terrain": (
            "Chọn trạm trong x {west:g} đến {east:g}, y {south:g} đến {north:g}, hoặc thêm địa hình"
        ),
        # of the method's numbers and words
        "Give it in {unit}": "Ghi theo đơn vị {unit}",
        "has the shape {shape}, there are {count} paths": (
            "có dạng {shape}, trong khi có {count} đường truyền"
        ),
        "Give one number for all or one per path": (
            "Đưa một số cho tất cả, hoặc mỗi đường truyền một số"
        ),
        "is outside the method's range": "nằm ngoài phạm vi của phương pháp",
        "Give more than {low:g} and less than {high:g} {unit}": (
            "Ghi lớn hơn {low:g} và nhỏ hơn {high:g} {unit}"
        ),
        "Give {low:g} to {high:g} {unit}": "Ghi từ {low:g} đến {high:g} {unit}",
        "Give {low:g} to {high:g}": "Ghi từ {low:g} đến {high:g}",
        "has {n} words, there are {count} paths": "có {n} từ, trong khi có {count} đường truyền",
        "Give one word for all or one per path": "Đưa một từ cho tất cả, hoặc mỗi đường truyền một từ",
        "is no polarization": "không phải là phân cực",
        "Use vertical or horizontal": "Dùng vertical hoặc horizontal",
        "is no radio-climatic zone": "không phải là vùng khí hậu vô tuyến",
        # of transmitters and margins
        "is no technology": "không phải là công nghệ",
        "Use 2G, 3G, 4G or 5G": "Dùng 2G, 3G, 4G hoặc 5G",
        "is out of range": "nằm ngoài phạm vi cho phép",
        "is no channel bandwidth of this technology": (
            "không phải là độ rộng kênh của công nghệ này"
        ),
        "Give one of 3GPP TS 36.101 table 5.6-1 (4G) or TS 38.101-1 table 5.3.2-1 (5G)": (
            "Chọn trong 3GPP TS 36.101 bảng 5.6-1 (4G) hoặc TS 38.101-1 bảng 5.3.2-1 (5G)"
        ),
        "is no margin": "không phải là độ dự trữ",
        "Give 0 dB or more": "Ghi từ 0 dB trở lên",
        "is no probability": "không phải là xác suất",
        "Give a share between 0 and 1": "Ghi một tỷ lệ giữa 0 và 1",
        # of VN-2000 and its zones
        "this is not the EPSG code of a VN-2000 CRS": (
            "đây không phải là mã EPSG của hệ tọa độ VN-2000"
        ),
        "no province had this code before 1 July 2025": (
            "trước ngày 01/07/2025 không tỉnh nào có mã này"
        ),
        "no province has this code since 1 July 2025": (
            "từ ngày 01/07/2025 không tỉnh nào có mã này"
        ),
        "Give the two-digit code of the General Statistics Office, or the longitude": (
            "Ghi mã hai chữ số của Tổng cục Thống kê, hoặc kinh độ"
        ),
        "neither province nor longitude is given": "không ghi tỉnh, cũng không ghi kinh độ",
        "Give one of them": "Ghi một trong hai",
        "several coordinate systems fit the numbers: {tried}": (
            "nhiều hệ tọa độ khớp với các số: {tried}"
        ),
        "no coordinate system brings the points into their communes: {tried}": (
            "không hệ tọa độ nào đưa các điểm vào đúng xã: {tried}"
        ),
        "none could be tried: the numbers lie nowhere near Vietnam": (
            "không thử được hệ nào: các số không ở gần Việt Nam"
        ),
        'State the CRS of the file (crs = "EPSG:…")': ('Ghi hệ tọa độ của tệp (crs = "EPSG:…")'),
        "{n} communes are stated for {points} points": "có {n} xã cho {points} điểm",
        "State one commune per point": "Ghi mỗi điểm một xã",
        "the communes are in {crs}": "các xã theo hệ tọa độ {crs}",
        "the communes are in no CRS": "các xã không có hệ tọa độ",
        "Bring them to EPSG:4326 first": "Chuyển về EPSG:4326 trước",
        # of registers of names and units
        "the points lack a column": "các điểm thiếu một cột",
        "the communes lack a column": "các xã thiếu một cột",
        "the list lacks a column": "danh sách thiếu một cột",
        "the register lacks a column": "sổ tên thiếu một cột",
        "Name the column that holds it": "Ghi tên cột chứa nội dung đó",
        "the column is missing": "thiếu cột này",
        "Take the file as published": "Dùng tệp đúng như đã công bố",
        "the value is missing": "thiếu giá trị",
        "Complete it": "Điền vào",
        "the link is neither full nor partial": "quan hệ không phải full, cũng không phải partial",
        "Correct it": "Sửa lại",
        # of the built-in district
        "Name the folder truth/ of a synthetic district": (
            "Ghi thư mục truth/ của một huyện mô phỏng"
        ),
    }
)
"""What programs call, by the English pattern."""
