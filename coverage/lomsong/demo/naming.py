"""Invent names of communes and hamlets, with the traps that real lists hold.

The words are common in the mountains of the north (Tày, Dao, Mông); their combinations are drawn, so a name that
some real hamlet bears too says nothing about it.
"""

import unicodedata

import numpy as np

from lomsong.demo.world import Flags, Ints

COMMUNES = (
    "Nặm Sương",
    "Khuổi Mây",
    "Pác Hoà",
    "Bằng Lãng",
    "Cốc Thuỷ",
    "Phja Đăm",
    "Lủng Vài",
    "Nà Khoang",
    "Cao Sảng",
    "Bản Uý",
    "Tả Phìn Hồ",
    "Đông Lĩnh",
    "Mường Đeng",
    "Thượng Khê",
    "Yên Sào",
    "Vằng Kheo",
)
LOW = ("Nà", "Bản", "Pác", "Cốc", "Khuổi", "Nặm", "Tổng", "Đông", "Vằng", "Phai")
HIGH = ("Lủng", "Khâu", "Phiêng", "Phja", "Pù", "Tà", "Khuổi", "Thẳm")
ENDINGS = (
    "Lẩy", "Lại", "Cà", "Mu", "Bốc", "Phấy", "Sla", "Ỏi", "Hoà", "Thuỷ", "Quý", "Loan", "Khuyết", "Diếu", "Tấu",
    "Nghè", "Vài", "Đứa", "Ca", "Tặc", "Chang", "Sliến", "Khuổm", "Nhàm", "Lòn", "Mạ", "Đấng", "Pảng", "Hỏm",
    "Bẻ", "Slưa", "Ngịa", "Thoả", "Xả", "Coóc", "Phúng", "Lịa", "Ro", "Đeng", "Hán", "Mèo", "Cảng", "Khiếu",
)  # fmt: skip
TRAP_HAMLETS = 6
"""Only communes with more hamlets than this get a pair of look-alike names."""
COMMUNE_CODE = 99_001
"""Real codes of communes end near 32,250, so 99001 and up cannot be mistaken for one."""
TONE_PAIRS = (("Nà Lầu", "Nà Lau"), ("Tà Lèng", "Tà Lẻng"))
"""Two hamlets of one commune whose names differ by their tone only."""
NUMBERED = (("Khuổi Lừa 1", "Khuổi Lừa 2"), ("Nặm Pồ I", "Nặm Pồ II"))


def commune_names(count: int) -> list[str]:
    """Return names of communes, numbered where there are more than we have words for."""
    rounds = [
        name if turn == 0 else f"{name} {turn + 1}"
        for turn in range(-(-count // len(COMMUNES)))
        for name in COMMUNES
    ]
    return [_nfc(name) for name in rounds[:count]]


def hamlet_names(stream: np.random.Generator, commune_of: Ints, high: Flags) -> list[str]:
    """Name hamlets: unlike inside a commune, sometimes alike between communes."""
    names = [""] * len(commune_of)
    traps = list(TONE_PAIRS) + list(NUMBERED)
    for commune in np.unique(commune_of):
        mine = np.flatnonzero(commune_of == commune)
        taken: set[str] = set()
        if len(mine) > TRAP_HAMLETS and traps:
            first, second = traps.pop(0)
            at = stream.choice(mine, 2, replace=False)
            names[at[0]], names[at[1]] = first, second
            taken |= {first, second}
        for hamlet in mine:
            while not names[hamlet]:
                words = HIGH if high[hamlet] else LOW
                name = f"{stream.choice(words)} {stream.choice(ENDINGS)}"
                if name not in taken:
                    names[hamlet] = name
                    taken.add(name)
    return [_nfc(name) for name in names]


def other_tone_style(name: str) -> str:
    """Move the tone mark of open oa, oe, uy as the other school of spelling does: Hoà and Hòa."""
    for new, old in (
        ("oà", "òa"),
        ("oá", "óa"),
        ("oả", "ỏa"),
        ("uý", "úy"),
        ("uỷ", "ủy"),
        ("uỳ", "ùy"),
    ):
        # Only at the end of a syllable; qu is a consonant.
        words = [
            word[: -len(new)] + old
            if word.endswith(new) and not word.lower().endswith("q" + new)
            else word
            for word in name.split(" ")
        ]
        name = " ".join(words)
    return name


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)
