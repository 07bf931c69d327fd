"""Take the pictures of the README anew from a finished run of the built-in district.

    lomsong demo && python benchmarks/pictures.py outputs/demo

Chromium draws them; `pdftoppm` (Debian: poppler-utils) turns the printed sheet into a picture.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
SCREEN = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 802}
WIDE_PX = 1280
PRINT_DPI = 80
QUALITY = 70
DRAWN = "html[data-ready][data-drawn]"
SHOWN = {
    "map": "",
    "map_hamlet": "lomsong.app.store.change({language: 'en'});"
    "lomsong.app.openHamlet(lomsong.app.model.hamlets.order[0])",
    "map_commune": "lomsong.app.chooseCommune(lomsong.app.model.hamlets.communes[2][0])",
    "map_site": "lomsong.app.store.change({tab: 'sites'});"
    "lomsong.app.openSite(lomsong.app.model.candidates.find((c) => c.selected))",
}
"""What is done on the page before each picture."""


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="where the pictures go")
    asked = parser.parse_args()
    address = (asked.run / "map.html").resolve().as_uri()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as spare:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        raw = Path(spare) / "raw.png"
        for name, action in SHOWN.items():
            page = browser.new_page(viewport=SCREEN)
            _open(page, address)
            if action:
                page.evaluate(action)
            _settle(page)
            page.screenshot(path=raw)
            saved = _save(Image.open(raw), asked.out / f"{name}.jpg")
            if name == "map":
                _save(saved.convert("L"), asked.out / "map_grey.jpg")
                sheet = Path(spare) / "sheet.pdf"
                page.pdf(path=sheet, prefer_css_page_size=True, print_background=True)
                _rasterize(sheet).save(asked.out / "map_print.jpg", quality=QUALITY)
            page.close()
        phone = browser.new_page(viewport=PHONE, device_scale_factor=2, is_mobile=True)
        _open(phone, address)
        phone.screenshot(path=raw)
        Image.open(raw).convert("RGB").save(asked.out / "map_phone.jpg", quality=QUALITY)
        browser.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(DRAWN)
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(2500)


def _save(picture: Image.Image, file: Path) -> Image.Image:
    """Write a screen at the width of the README; return it."""
    high = round(picture.height * WIDE_PX / picture.width)
    small = picture.convert("RGB").resize((WIDE_PX, high), Image.Resampling.LANCZOS)
    small.save(file, quality=QUALITY)
    return small


def _rasterize(sheet: Path) -> Image.Image:
    stem = sheet.with_suffix("")
    command = ["pdftoppm", "-r", str(PRINT_DPI), "-png", "-singlefile", str(sheet), str(stem)]
    subprocess.run(command, check=True)  # noqa: S603 -- our own words and a file of our own
    return Image.open(stem.with_suffix(".png")).convert("RGB")


if __name__ == "__main__":
    main()
