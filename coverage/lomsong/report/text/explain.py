"""Keep the words that explanations on the terminal use."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lomsong.report.text import Language
from lomsong.report.text.lists import Words

_ONE: Final = re.compile(
    r"(?<![\d.,])(1 (?:hamlet|site|square|cluster|device|household|sample|time))s\b"
)
"""English words that lose their "s" behind a 1."""
_WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "site_is": Words(
            "Vị trí {id}: cao {ground} m, cột {mast} m, {people} người có sóng mới (kỳ vọng {expected}), thứ tự {rank}",
            "Place {id}: ground {ground} m, mast {mast} m, {people} people newly served (expected {expected}), rank {rank}",
        ),
        "site_shared": Words(
            "Dùng chung cột {id} ({carriers})", "On the known mast {id} ({carriers})"
        ),
        "site_cost": Words(
            "Đầu tư {total} = thiết bị {radio} + cột {mast} + xây dựng {civil} + điện {power} + truyền dẫn {backhaul}; "
            "vận hành {operation} mỗi năm; giá trị hiện tại {present} (triệu đồng)",
            "Investment {total} = radio {radio} + mast {mast} + civil works {civil} + power {power} + backhaul {backhaul}; "
            "operation {operation} a year; present cost {present} (million VND)",
        ),
        "backhaul_existing": Words("Truyền dẫn: có sẵn ở cột", "Backhaul: that of the known mast"),
        "backhaul_unknown": Words(
            "Truyền dẫn: không biết trạm nào gần đây", "Backhaul: no site is known nearby"
        ),
        "backhaul_microwave": Words(
            "Truyền dẫn: vi ba tới {site}, {km} km", "Backhaul: microwave to {site}, {km} km"
        ),
        "backhaul_relay": Words(
            "Truyền dẫn: vi ba tới {site}, {km} km, chuyển tiếp tại {lat}, {lon}",
            "Backhaul: microwave to {site}, {km} km, relayed at {lat}, {lon}",
        ),
        "backhaul_fibre": Words(
            "Truyền dẫn: cáp quang tới {site}, {km} km", "Backhaul: fibre to {site}, {km} km"
        ),
        "hop_clear": Words(
            "Đường trực tiếp thoáng: {share} lần bán kính Fresnel",
            "The direct way is clear: {share} Fresnel radii",
        ),
        "hop_blocked": Words(
            "Đường trực tiếp bị che: {share} lần bán kính Fresnel, suy hao {loss} dB",
            "The direct way is obstructed: {share} Fresnel radii, {loss} dB lost",
        ),
        "hop_rough": Words(
            "Vị trí trạm bên kia chỉ là ước lượng: cần khảo sát",
            "The far site's place is an estimate: survey it",
        ),
        "class_is": Words("4G, nhà mạng bất kỳ: {name}", "4G, any carrier: {name}"),
        "official": Words("Cách gọi của tỉnh: {name}", "In the provinces' wording: {name}"),
        "served": Words(
            "Xác suất có sóng {p} (từ {low} đến {high})",
            "Probability of service {p} ({low} to {high})",
        ),
        "not_served_known": Words(
            "Xác suất có sóng: chưa biết", "Probability of service: not known"
        ),
        "people": Words(
            "Dân số {people}, trong đó không có sóng {unserved}, chưa rõ {unknown}",
            "People {people}, of whom without service {unserved}, not known {unknown}",
        ),
        "power": Words(
            "Điện: {name} (nguồn: {source}, ngày {date})",
            "Power: {name} (source: {source}, date {date})",
        ),
        "funding": Words("Nguồn vốn: {name}", "Funding: {name}"),
        "priority": Words(
            "Ưu tiên {total} = mức độ {severity} + dân số {people} + chưa có điện {no_grid} + đặc biệt khó khăn {difficult}",
            "Priority {total} = severity {severity} + people {people} + no grid {no_grid} + extremely difficult {difficult}",
        ),
        "evidence_of": Words(
            "Bằng chứng theo cụm dân cư và nhà mạng", "Evidence by cluster and carrier"
        ),
        "cluster": Words(
            "Cụm {id} ({kind}, {people} người)", "Cluster {id} ({kind}, {people} people)"
        ),
        "rest": Words(
            "Cả thôn, kể cả ngoài các cụm dân cư",
            "Whole hamlet, places outside the clusters included",
        ),
        "stats": Words(
            "{n} quan sát ({none} không sóng), {devices} thiết bị, {days} ngày, mới nhất {newest}, RSRP trung vị {median} dBm",
            "{n} observations ({none} without service), {devices} devices, {days} days, newest {newest}, median RSRP {median} dBm",
        ),
        "withheld": Words(
            "số liệu đo không công bố: dưới {k} thiết bị",
            "figures of samples withheld: fewer than {k} devices",
        ),
        "withheld_or_none": Words(
            "không có mẫu đo, hoặc số liệu không công bố: dưới {k} thiết bị",
            "no sample, or figures withheld: fewer than {k} devices",
        ),
        "no_sample": Words("không có mẫu đo", "no sample"),
        "others_heard": Words(
            "Im lặng: nghe được {devices} thiết bị của nhà mạng khác trong {days} ngày, không nghe 4G của nhà mạng này; "
            "điều đó dễ xảy ra ở nơi có sóng bằng {ratio} lần ở nơi không có sóng",
            "Silent: {devices} devices of other carriers were heard on {days} days, none with this carrier's 4G; "
            "that is {ratio} times as likely where it serves as where it does not",
        ),
        "older_heard": Words(
            "Im lặng: {devices} thiết bị của nhà mạng này trong {days} ngày, chỉ nghe công nghệ cũ, không có 4G; "
            "điều đó dễ xảy ra ở nơi có sóng bằng {ratio} lần ở nơi không có sóng",
            "Silent: {devices} devices of this carrier were heard on {days} days, on older technology only; "
            "that is {ratio} times as likely where 4G serves as where it does not",
        ),
        "others_heard_withheld": Words(
            "Im lặng: nghe được nhà mạng khác, không nghe 4G của nhà mạng này; số liệu không công bố: dưới {k} thiết bị",
            "Silent: other carriers were heard, this carrier's 4G was not; figures withheld: fewer than {k} devices",
        ),
        "older_heard_withheld": Words(
            "Im lặng: nhà mạng này chỉ nghe được công nghệ cũ; số liệu không công bố: dưới {k} thiết bị",
            "Silent: this carrier was heard on older technology only; figures withheld: fewer than {k} devices",
        ),
        "passed": Words(
            "Im lặng: {devices} thiết bị của nhà mạng này trong {days} ngày có gửi mẫu đo ở trước và sau nơi này, không gửi khi đi qua; "
            "điều đó dễ xảy ra ở nơi có sóng bằng {ratio} lần ở nơi không có sóng",
            "Silent: {devices} devices of this carrier on {days} days were heard on both sides of this place and not on the way; "
            "that is {ratio} times as likely where it serves as where it does not",
        ),
        "passed_withheld": Words(
            "Im lặng: thiết bị của nhà mạng này mất tín hiệu khi đi qua; số liệu không công bố: dưới {k} thiết bị",
            "Silent: devices of this carrier fell silent on the way; figures withheld: fewer than {k} devices",
        ),
        "nobody_heard": Words(
            "Im lặng: không nghe thiết bị nào ở đây, trong khi các cụm xung quanh có; "
            "điều đó dễ xảy ra ở nơi có sóng bằng {ratio} lần ở nơi không có sóng",
            "Silent: no device was heard here, while clusters around have some; "
            "that is {ratio} times as likely where it serves as where it does not",
        ),
        "expected": Words(
            "Theo trạm đã biết, địa hình và các thôn khác: {level} ± {sigma} dBm, xác suất có sóng {p}",
            "By known sites, terrain and other hamlets: {level} ± {sigma} dBm, probability of service {p}",
        ),
        "predicted": Words(
            "Chỉ theo trạm và địa hình: {level} ± {sigma} dBm từ {site}, cách {km} km",
            "By sites and terrain alone: {level} ± {sigma} dBm from {site}, {km} km away",
        ),
        "corrected_by_judgement": Words(
            "Theo trạm, mẫu đo và sự im lặng ở nơi khác: {level} ± {sigma} dBm",
            "By sites, samples and silence elsewhere: {level} ± {sigma} dBm",
        ),
        "corrected_by_propagation+residual": Words(
            "Hiệu chỉnh theo mẫu đo ở nơi khác: {level} ± {sigma} dBm (không quyết định lớp)",
            "Corrected by samples elsewhere: {level} ± {sigma} dBm (decides no class)",
        ),
        "corrected_by_propagation": Words(
            "Xa mọi mẫu đo, chỉ hiệu chỉnh chung toàn huyện: {level} ± {sigma} dBm (không quyết định lớp)",
            "Far from all samples, straightened by the district's as a whole: {level} ± {sigma} dBm (decides no class)",
        ),
        "corrected_by_samples": Words(
            "Chỉ theo mẫu đo ở nơi khác, chưa biết trạm nào: {level} ± {sigma} dBm (không quyết định lớp)",
            "By samples elsewhere, no site known: {level} ± {sigma} dBm (decides no class)",
        ),
        "rule_unknown": Words(
            "Không lớp nào đạt độ tin cậy {confidence}: cần đo thêm.",
            "No class reaches the asked confidence of {confidence}: more has to be measured.",
        ),
        "rule_decided": Words(
            "Lớp được gán vì xác suất của nó đạt {confidence} với ngưỡng {minimum} dBm (có sóng) và {good} dBm (sóng tốt).",
            "The class is given because its probability reaches {confidence}, with thresholds {minimum} dBm (served) and {good} dBm (good).",
        ),
        "rule_uncertain": Words(
            "Có sóng thì chắc, nhưng tốt hay yếu thì chưa đủ dữ liệu: ghi là sóng yếu.",
            "Service is certain, its quality is not: told as weak.",
        ),
        "nearest": Words(
            "Trạm 4G đã biết gần nhất của từng nhà mạng", "Nearest known 4G site of each carrier"
        ),
        "site": Words(
            "{carrier}: {id}, cách {km} km ({position}), {sight}",
            "{carrier}: {id}, {km} km away ({position}), {sight}",
        ),
        "site_exact": Words("vị trí chính xác", "exact position"),
        "site_estimated": Words("vị trí ước lượng", "estimated position"),
        "sight_unknown": Words("không rõ địa hình", "terrain not known"),
        "sight_clear": Words("không bị núi che", "no ridge in between"),
        "sight_blocked": Words(
            "bị sườn núi cao {ground} m che khuất {excess} m, cách trạm {at} km",
            "hidden by {excess} m of a ridge {ground} m high, {at} km from the site",
        ),
        "candidates": Words("Trạm đề xuất có thể phục vụ", "Candidate sites that would serve it"),
        "candidate": Words(
            "{id}: hạng {rank}, cột {mast} m, phục vụ thêm {people} người",
            "{id}: rank {rank}, mast {mast} m, {people} people gained",
        ),
        "nothing": Words("không có", "none"),
        "found_squares": Words("Kết quả: {n} ô vuông", "Result: {n} squares"),
        "squares_of_class": Words("{name}: {n} ô vuông", "{name}: {n} squares"),
        "found": Words(
            "Kết quả: {hamlets} thôn, {people} người", "Result: {hamlets} hamlets, {people} people"
        ),
        "of_class": Words(
            "{name}: {hamlets} thôn, {people} người", "{name}: {hamlets} hamlets, {people} people"
        ),
        "gap_no_grid": Words(
            "Không có hoặc yếu 4G và chưa có điện lưới: {hamlets} thôn, {people} người",
            "No or weak 4G and no grid power: {hamlets} hamlets, {people} people",
        ),
        "no_power_known": Words(
            "Không có hoặc yếu 4G và chưa có điện lưới: chưa rõ, vì không có tin về điện của thôn nào",
            "No or weak 4G and no grid power: not known, as nothing tells of any hamlet's power",
        ),
        "sites": Words(
            "Trạm đề xuất: {n}, phục vụ thêm {people} người",
            "Sites proposed: {n}, serving {people} more people",
        ),
        "dropped": Words("Mẫu đo bị loại: {reasons}", "Samples dropped: {reasons}"),
        "rows": Words("Đọc {n} dòng, giữ {kept}", "{n} rows read, {kept} kept"),
        "none": Words("không sóng", "no service"),
        "dropped_one": Words("loại: {reason}", "dropped: {reason}"),
        "stored": Words(
            "{project}: đã thêm {n} tệp vào kho lưu.", "{project}: {n} more files in its store."
        ),
        "made": Words(
            "{file}\nĐặt các tệp vào {folder}, ghi đường dẫn vào tệp dự án, rồi chạy: lomsong check {typed}",
            "{file}\nPut your files into {folder}, name them in the project file, then: lomsong check {typed}",
        ),
        "no_fault": Words(
            "{project}: không thấy lỗi nào trong {n} tệp.",
            "{project}: no fault found in {n} files.",
        ),
        "warning": Words("Lưu ý: {text}", "Note: {text}"),
        "written": Words(
            "Đã ghi vào {folder}: mở map.html để xem", "Written to {folder}: open map.html"
        ),
    }
)


def say(key: str, language: Language, **figures: object) -> str:
    """Return a text with its figures filled in."""
    said = _WORDS[key].in_language(language).format_map(figures)
    return _ONE.sub(r"\1", said) if language == "en" else said
