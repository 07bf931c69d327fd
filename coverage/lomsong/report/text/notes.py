"""Say notes on inputs, and why rows were left out, in the language of the outputs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lomsong.errors import DefectError
from lomsong.ingest.samples.reasons import Reason
from lomsong.notes import Note
from lomsong.report.text import Language, number
from lomsong.report.text.lists import table

OUTSIDE: Final = "outside all hamlets"
REASONS: Final = table(
    **{
        Reason.CUT_SHORT: ("dòng bị cắt", Reason.CUT_SHORT),
        Reason.NEIGHBOUR_CELL: ("trạm lân cận", Reason.NEIGHBOUR_CELL),
        Reason.EVENT: ("dòng ghi chú", Reason.EVENT),
        Reason.NOT_FILLED_IN: ("chưa điền", Reason.NOT_FILLED_IN),
        Reason.NO_POSITION: ("không có tọa độ", Reason.NO_POSITION),
        Reason.POSITION_ZERO: ("tọa độ 0, 0", Reason.POSITION_ZERO),
        Reason.POSITION_IMPOSSIBLE: ("tọa độ không thể có", Reason.POSITION_IMPOSSIBLE),
        Reason.POSITION_INACCURATE: ("vị trí kém chính xác", Reason.POSITION_INACCURATE),
        Reason.NO_TECHNOLOGY: ("không rõ công nghệ", Reason.NO_TECHNOLOGY),
        Reason.CDMA: ("CDMA", "CDMA"),
        Reason.WITHDRAWN_CARRIER: ("nhà mạng đã ngừng", Reason.WITHDRAWN_CARRIER),
        Reason.NO_CARRIER: ("không rõ nhà mạng", Reason.NO_CARRIER),
        Reason.NO_LEVEL: ("không có mức sóng", Reason.NO_LEVEL),
        Reason.LEVEL_OUT_OF_RANGE: ("mức sóng không thể có", Reason.LEVEL_OUT_OF_RANGE),
        Reason.DUPLICATE: ("trùng lặp", Reason.DUPLICATE),
        Reason.FAR_AWAY: ("quá xa", Reason.FAR_AWAY),
        Reason.FEW_OBSERVATIONS: ("quá ít quan sát", Reason.FEW_OBSERVATIONS),
        OUTSIDE: ("ngoài mọi thôn", OUTSIDE),
    }
)
"""Why a row was left out."""

VIETNAMESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        # of any file
        "{message}": "{message}",
        "columns recognised by their headings: {columns}": "nhận ra các cột theo tiêu đề: {columns}",
        "heights of the outline were dropped": "bỏ độ cao của ranh giới",
        "row {row} looks like a total and was left out": "dòng {row} giống dòng cộng nên không đọc",
        "none of {n} formulas of sheet {sheet!r} was ever computed: open it and save it": (
            "{n} công thức của trang {sheet!r} chưa bao giờ được tính: mở tệp rồi lưu lại"
        ),
        "row {row}: {problem}; {repair}": "dòng {row}: {problem}; {repair}",
        "the file states {own}, so the setting {stated} was not used": (
            "tệp ghi hệ tọa độ {own} nên không dùng {stated} của tệp dự án"
        ),
        "the file states no CRS; its coordinates were read as {crs}: {n} of {total} points lie in their communes": (
            "tệp không ghi hệ tọa độ; tọa độ được đọc theo {crs}: {n} trong {total} điểm nằm đúng xã"
        ),
        "{outside} of {n} features lie outside Vietnam (the middle one at longitude {lon}, latitude {lat})": (
            "{outside} trong {n} đối tượng nằm ngoài Việt Nam (đối tượng giữa ở kinh độ {lon}, vĩ độ {lat})"
        ),
        # of hamlets
        "{lacking} of {n} hamlets have no hamlet_id in the file; it was made from commune and name": (
            "{lacking} trong {n} thôn không có mã trong tệp; mã được lập từ xã và tên"
        ),
        "{n} commune codes got back the zeros they had lost": (
            "{n} mã xã được thêm lại số 0 ở đầu đã mất"
        ),
        "{n} culture houses for {name!r} ({hamlet_id}): none was taken": (
            "{n} nhà văn hóa của {name!r} ({hamlet_id}): không dùng cái nào"
        ),
        "{n} culture houses lie in no hamlet": "{n} nhà văn hóa không nằm trong thôn nào",
        "{n} hamlets of commune {commune} are called {name!r}": "{n} thôn của xã {commune} cùng tên {name!r}",
        "{name!r} (row {row}) lies {outside_m} m outside its commune {commune}; it is believed, and its area lies inside": (
            "{name!r} (dòng {row}) nằm ngoài xã {commune} của mình {outside_m} m; vẫn tin điểm này, vùng của thôn nằm trong xã"
        ),
        "{n} texts were in an encoding of old fonts and were converted to Unicode (row {rows})": (
            "{n} ô chữ dùng bảng mã phông cũ, đã chuyển sang Unicode (dòng {rows})"
        ),
        "{n} outlines crossed or touched themselves and were mended (row {rows})": (
            "{n} ranh giới tự cắt hoặc tự chạm nhau, đã sửa (dòng {rows})"
        ),
        "{n} rows repeat another one in everything and were merged with it (row {rows})": (
            "{n} dòng lặp lại hoàn toàn dòng khác, đã gộp (dòng {rows})"
        ),
        "{n} pairs of hamlets have one and the same outline, and what lies in it counts for one of them alone: {pairs}": (
            "{n} cặp thôn có cùng một ranh giới, mọi thứ trong đó chỉ tính cho một thôn: {pairs}"
        ),
        "{n} pairs of hamlets overlap by more than a tenth of the smaller one: {pairs}": (
            "{n} cặp thôn chồng lên nhau hơn một phần mười thôn nhỏ hơn: {pairs}"
        ),
        # of lists
        "none of its {n} rows names a hamlet of this project": (
            "không dòng nào trong {n} dòng nói về thôn của dự án này"
        ),
        "names no hamlets and was left out": "không có tên thôn nào nên không đọc",
        "sheet {sheet!r} tells nothing of power and was not read": (
            "trang {sheet!r} không nói về điện nên không đọc"
        ),
        "tells of {joined} of {n} hamlets": "nói về {joined} trong {n} thôn",
        "{n} empty cells of {column} were read as the one above": (
            "{n} ô trống của cột {column} được đọc như ô phía trên"
        ),
        "{n} rows name no hamlet and were left out ({rows})": (
            "{n} dòng không ghi tên thôn nên không đọc ({rows})"
        ),
        "{open} of {n} rows are for a person to look at": "{open} trong {n} dòng cần người xem lại",
        # of terrain and sites
        "the height of {n} of {cells} cells on the tiles is not known": (
            "không biết độ cao của {n} trong {cells} ô trên các mảnh bản đồ"
        ),
        "the tiles cover {percent} % of the areas and the wide margin around them in which sites are looked for": (
            "các mảnh bản đồ phủ {percent} % các vùng cùng vành đai rộng xung quanh, nơi tìm vị trí đặt trạm"
        ),
        "{n} of {areas} areas lie where no height is known": (
            "{n} trong {areas} vùng nằm ở nơi không biết độ cao"
        ),
        "{n} of {cells} cells came from the second source": "{n} trong {cells} ô lấy từ nguồn thứ hai",
        "{place} lies where no height is known, and is no candidate": (
            "{place} nằm ở nơi không biết độ cao nên không phải vị trí ứng viên"
        ),
        "{count} of {n} rows left out: {reason}": "bỏ {count} trong {n} dòng: {reason}",
        # of samples
        "{n} of {rows} rows are samples": "{n} trong {rows} dòng là mẫu đo",
        "{n} rows left out: {reason}": "bỏ {n} dòng: {reason}",
        "no sample lies near any area: every class will be unknown": (
            "không mẫu đo nào ở gần các vùng: mọi vùng sẽ là chưa đủ dữ liệu"
        ),
        "{n} samples are of networks of other countries ({networks})": (
            "{n} mẫu đo là của mạng nước ngoài ({networks})"
        ),
        "the newest sample is of {newest}, and ages are counted from {as_of}": (
            "mẫu đo mới nhất là ngày {newest}, còn tuổi số liệu tính đến ngày {as_of}"
        ),
        "the newest sample is dated {newest}, in the future: a clock was wrong, or day and month are exchanged": (
            "mẫu đo mới nhất ghi ngày {newest}, trong tương lai: đồng hồ máy đo sai, hoặc ngày và tháng bị đảo"
        ),
        # of a whole run
        "no sample lies in any area: every class is unknown": (
            "không mẫu đo nào nằm trong các vùng: mọi vùng là chưa đủ dữ liệu"
        ),
        "{n} rows of the power list join no hamlet for certain: see power_review.csv": (
            "{n} dòng của danh sách điện không chắc là thôn nào: xem power_review.csv"
        ),
        "no terrain is given: no site is planned": "không có địa hình: không đề xuất trạm",
        "no cluster with people is decided to be without service: no site is planned": (
            "không cụm dân cư nào được xác định là không có sóng: không đề xuất trạm"
        ),
        "{n} areas have no figure for people: they attract no site": (
            "{n} vùng không có số dân: không trạm nào được đề xuất vì các vùng đó"
        ),
    }
)
"""By the pattern of a note."""


def told(note: str, language: Language) -> str:
    """Return a note in the language; what is no note of ours, such as the words of a library, stays as it is."""
    if language == "en" or not isinstance(note, Note):
        return str(note)
    try:
        pattern = VIETNAMESE[note.pattern]
    except KeyError:
        raise DefectError(f'no Vietnamese for the note "{note.pattern}"') from None
    return note.by(pattern, **{name: _figure(found) for name, found in note.figures.items()})


def reason_told(reason: str, language: Language) -> str:
    """Return why a row was left out; a reason of other programs stays as it is."""
    return REASONS[reason].in_language(language) if reason in REASONS else reason


def _figure(found: object) -> object:
    if isinstance(found, Reason):
        return reason_told(found, "vi")
    return number(found, "vi") if isinstance(found, int) else found
