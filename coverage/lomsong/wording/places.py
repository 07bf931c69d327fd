"""Say what is wrong with where things lie: coordinates, CRS, outlines of hamlets and communes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of coordinates
        "longitude {west} to {east}, latitude {south} to {north}": (
            "kinh độ {west} đến {east}, vĩ độ {south} đến {north}"
        ),
        "{problem} ({n} of {rows} rows)": "{problem} ({n} trong {rows} dòng)",
        "this is no coordinate": "không phải tọa độ",
        "Type it as a number, as 105.7581 or 105°45'30\"": (
            "Ghi bằng số, như 105.7581 hoặc 105°45'30\""
        ),
        "no column tells where they are": "không cột nào cho biết vị trí",
        "Add two columns, longitude and latitude, or give a map layer; the file has {columns}": (
            "Thêm hai cột kinh độ và vĩ độ, hoặc đưa tệp bản đồ (ranh giới, điểm); tệp có các cột {columns}"
        ),
        "no column holds the coordinate {field}": "không cột nào chứa tọa độ {field}",
        "0, 0 is no place of a hamlet": "0, 0 không phải vị trí của thôn",
        "Give its coordinates": "Ghi tọa độ của thôn",
        "a coordinate is not a number": "có tọa độ không phải là số",
        "a corner lies where no place is": "có đỉnh nằm ngoài Trái Đất",
        "Mend the outline": "Sửa ranh giới",
        "longitude and latitude look swapped": "kinh độ và vĩ độ có vẻ bị hoán đổi",
        "Exchange them: x is the longitude (102 to 118 in Vietnam), y the latitude": (
            "Đổi chỗ: x là kinh độ (ở Việt Nam từ 102 đến 118), y là vĩ độ"
        ),
        "easting and northing look swapped (Vietnamese surveys call the northing X)": (
            "tọa độ đông và tọa độ bắc có vẻ bị hoán đổi (trắc địa Việt Nam gọi tọa độ bắc là X)"
        ),
        "Exchange them: x is the easting, y the northing": "Đổi chỗ: x là tọa độ đông, y là tọa độ bắc",
        "no place has these coordinates in {crs}": "không nơi nào có tọa độ này trong {crs}",
        "Longitude lies within ±180, latitude within ±90: mend the coordinates or the CRS": (
            "Kinh độ trong ±180, vĩ độ trong ±90: sửa tọa độ hoặc hệ tọa độ (CRS)"
        ),
        "no row has a possible position: latitude and longitude look swapped": (
            "không dòng nào có vị trí hợp lệ: vĩ độ và kinh độ có vẻ bị hoán đổi"
        ),
        "Swap the two columns": "Đổi chỗ hai cột",
        "Swap them in those rows": "Đổi chỗ hai giá trị ở các dòng đó",
        "no row has a possible position: these are no degrees": (
            "không dòng nào có vị trí hợp lệ: đây không phải độ"
        ),
        "Give longitude and latitude in WGS 84 (EPSG:4326)": "Ghi kinh độ, vĩ độ theo WGS 84 (EPSG:4326)",
        # of the CRS
        "this names no CRS": "không phải tên hệ tọa độ (CRS)",
        "the file states no CRS": "tệp không ghi hệ tọa độ (CRS)",
        "the file states no CRS, and its coordinates, read in any, lie nowhere near Vietnam": (
            "tệp không ghi hệ tọa độ (CRS), và đọc theo hệ nào thì tọa độ cũng không gần Việt Nam"
        ),
        "the file states no CRS, and several fit its coordinates: {crss}": (
            "tệp không ghi hệ tọa độ (CRS), và nhiều hệ khớp với tọa độ: {crss}"
        ),
        "the file states no CRS, and none brings its coordinates into their communes: {crss}": (
            "tệp không ghi hệ tọa độ (CRS), và không hệ nào đưa tọa độ vào đúng xã: {crss}"
        ),
        'State the right one: crs = "EPSG:…"': 'Ghi đúng hệ: crs = "EPSG:…"',
        "State it under the key of its section (crs, communes_crs, centres_crs, buildings_crs, lines_crs), or assign it and export "
        'again where there is none: "EPSG:4326" for degrees, "EPSG:32648" for UTM 48N, or, for VN-2000, the zone of the '
        'central meridian, as "EPSG:5897" (105°00\'), "EPSG:9211" (106°00\'), "EPSG:9217" (108°15\')': (
            "Ghi ở khóa của mục đó (crs, communes_crs, centres_crs, buildings_crs, lines_crs), hoặc gán rồi xuất lại nếu mục không có "
            'khóa: "EPSG:4326" cho độ, "EPSG:32648" cho UTM 48N, còn VN-2000 thì theo kinh tuyến trục, như "EPSG:5897" '
            '(105°00\'), "EPSG:9211" (106°00\'), "EPSG:9217" (108°15\')'
        ),
        "the CRS is {crs}, in degrees, but the coordinates look like metres": (
            "hệ tọa độ (CRS) là {crs}, tính bằng độ, nhưng tọa độ giống mét"
        ),
        "the CRS is {crs}, in degrees, but the coordinates look like metres of VN-2000 or UTM": (
            "hệ tọa độ (CRS) là {crs}, tính bằng độ, nhưng tọa độ giống mét của VN-2000 hoặc UTM"
        ),
        "the CRS is {crs}, in degrees, but the coordinates look like metres of VN-2000 or UTM with northing (X) and "
        "easting (Y) exchanged": (
            "hệ tọa độ (CRS) là {crs}, tính bằng độ, nhưng tọa độ giống mét của VN-2000 hoặc UTM, với tọa độ bắc (X) và "
            "tọa độ đông (Y) bị hoán đổi"
        ),
        "State the CRS the coordinates are in under crs, and let the file state none or the right one": (
            "Ghi hệ tọa độ của số liệu ở crs, và để tệp không ghi hệ nào hoặc ghi đúng hệ"
        ),
        "the CRS is {crs}, in metres, but the coordinates look like degrees": (
            "hệ tọa độ (CRS) là {crs}, tính bằng mét, nhưng tọa độ giống độ"
        ),
        'State the right CRS: degrees of GPS and web maps are "EPSG:4326"': (
            'Ghi đúng hệ tọa độ (CRS): độ của GPS và bản đồ web là "EPSG:4326"'
        ),
        "the place lies outside the area that {crs} is made for": (
            "vị trí nằm ngoài vùng sử dụng của {crs}"
        ),
        "the place lies outside the area that {crs} is made for ({area})": (
            "vị trí nằm ngoài vùng sử dụng của {crs} ({area})"
        ),
        "State the CRS the coordinates are really in": "Ghi hệ tọa độ (CRS) thật của tọa độ",
        # of hamlets
        "no column holds the name of the hamlet": "không cột nào chứa tên thôn",
        "the hamlet has neither name nor id": "thôn không có tên và không có mã",
        "Name it": "Ghi tên thôn",
        "the row has no place": "dòng không có vị trí",
        "Draw the hamlet, or leave the row out": "Vẽ ranh giới thôn, hoặc bỏ dòng này",
        "the hamlet is several points": "thôn là nhiều điểm",
        "Give it one point": "Chỉ để một điểm",
        "the hamlet is a line": "thôn là một đường",
        "Draw it as a polygon": "Vẽ thành vùng khép kín",
        "Draw it again": "Vẽ lại",
        "the outline encloses nothing ({reason})": "ranh giới không khép kín vùng nào ({reason})",
        "a collection of several kinds of geometry": "tập hợp nhiều loại hình học",
        "{points} hamlets are points and {polygons} are polygons": (
            "{points} thôn là điểm và {polygons} thôn là vùng"
        ),
        "Give one kind only, from one layer": "Chỉ dùng một loại, từ một lớp",
        "the hamlet_id stands in row {row} too": "mã thôn này cũng có ở dòng {row}",
        "the hamlet_id stands in row {row} of {file} too": "mã thôn này cũng có ở dòng {row} của {file}",
        "Give each hamlet an id of its own, or merge the two": "Cho mỗi thôn một mã riêng, hoặc gộp hai thôn",
        "a geometry is not a polygon": "có hình học không phải vùng",
        "Give polygons or multipolygons only": "Chỉ đưa vùng (polygon, multipolygon)",
        "a polygon has a coordinate that is no number or beyond 1e150": (
            "một vùng có tọa độ không phải số hoặc vượt 1e150"
        ),
        "Repair or drop it": "Sửa hoặc bỏ",
        # of communes and points in them
        "the hamlets are points, and there are no communes to divide between them": (
            "các thôn là điểm, mà không có ranh giới xã để chia"
        ),
        "Give commune polygons under communes": "Đưa ranh giới xã ở communes",
        "no column holds the code or the name of the commune": "không cột nào chứa mã hoặc tên xã",
        "the commune is no polygon": "xã không phải là vùng",
        "Give commune polygons here": "Đưa ranh giới xã dạng vùng",
        "the commune polygons hold no such commune, or several": (
            "trong ranh giới xã không có xã này, hoặc có nhiều xã như vậy"
        ),
        "Give commune polygons of the same year as the list, or mend the commune": (
            "Đưa ranh giới xã cùng thời điểm với danh sách, hoặc sửa tên xã"
        ),
        "the point lies in no commune": "điểm không nằm trong xã nào",
        "the point lies {km} km outside its commune {commune}, in {other}": (
            "điểm nằm ngoài xã {commune} của mình {km} km, trong {other}"
        ),
        "no commune": "không xã nào",
        "Mend the point or the commune": "Sửa điểm hoặc sửa xã",
        "no ground of its commune is nearest to this point": (
            "không phần đất nào của xã gần điểm này nhất"
        ),
        "the hamlet stands on the same point as row {row}": "thôn trùng điểm với dòng {row}",
        "Give each hamlet its own point; no line can be drawn between them": (
            "Cho mỗi thôn một điểm riêng; không vẽ được ranh giới giữa hai thôn"
        ),
        # of culture houses and other places
        "the culture house is no point": "nhà văn hóa không phải là điểm",
        "Give points here": "Đưa lớp điểm",
        "no hamlet has this id": "không thôn nào có mã này",
        "Mend the id, or leave the column out to join by place": (
            "Sửa mã, hoặc bỏ cột này để ghép theo vị trí"
        ),
        "Leave the row out, or draw it": "Bỏ dòng này, hoặc vẽ hình",
        "the building is neither point nor polygon": "tòa nhà không phải điểm hay vùng",
        "this is neither a line nor a point": "không phải đường hay điểm",
        "has no place": "không có vị trí",
        "is of another kind of geometry": "là loại hình học khác",
        "Give lines": "Đưa lớp đường",
        "Give polygons": "Đưa lớp vùng",
        "Give points or polygons": "Đưa lớp điểm hoặc vùng",
        "Give one point per place": "Mỗi nơi một điểm",
        "this place lies in a forbidden area": "nơi này nằm trong vùng cấm xây dựng",
        "Take it out of siting.places, or mend siting.forbidden": (
            "Bỏ khỏi siting.places, hoặc sửa siting.forbidden"
        ),
        "covers {there}, and the areas with 50 km around them {around}: they do not meet": (
            "phủ {there}, còn các vùng cùng 50 km xung quanh ở {around}: hai vùng không giao nhau"
        ),
        "Give the file of this region, mend the CRS of either, or take it out of the project file": (
            "Đưa tệp của vùng này, sửa hệ tọa độ (CRS) của một trong hai, hoặc bỏ khỏi tệp dự án"
        ),
    }
)
"""By the English pattern."""
