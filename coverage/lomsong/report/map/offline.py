"""Make a folium map one page that needs no network: vendored scripts, fixed ids, a policy that names each script."""

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

import folium
from branca.element import Element

from lomsong.errors import DefectError

ASSETS: Final = files("lomsong.report.map") / "assets"
VENDORED: Final[Mapping[str, str]] = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    "fflate-gunzip.js": "ab092ec219ab78661635d4a245e69f99e0bf129e9da7b3fe3ebb174d4bb02b80",
}
"""SHA-256 of what others wrote: Leaflet 1.9.4 (BSD-2-Clause) and gunzip of fflate 0.8.3 (MIT), licences beside them."""
FOLIUM_NEEDS: Final = frozenset({"leaflet", "leaflet_css"})
"""Of all that folium would load, what a map without its plugins uses; it comes from `VENDORED`."""
FOLIUM_LOADS_IN_VAIN: Final = frozenset(
    {
        "jquery",
        "bootstrap",
        "awesome_markers",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers_font_css",
        "awesome_markers_css",
        "awesome_rotate_css",
    }
)

_CSS_URL: Final = re.compile(r"url\(([^)]*)\)")
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_BLANK_IMAGE: Final = "data:,"


class Verbatim(Element):
    """Text that reaches the page as it is: branca compiles what it renders, this it cannot."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.content = content

    def render(self, **_: object) -> str:
        """Return the text."""
        return self.content


def vendored(name: str) -> str:
    """Return a vendored file, made safe to stand inside a page.

    Raises
    ------
    DefectError
        Where its bytes are not the recorded ones.
    """
    content = (ASSETS / "vendor" / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != VENDORED[name]:
        raise DefectError(f"vendored {name} is not the file that was recorded")
    # A page's newlines are "\n" to the browser, which hashes what it sees.
    source = content.decode("utf-8").replace("\r\n", "\n")
    if name.endswith(".css"):
        # The pictures belong to controls and markers that this map draws itself.
        source = _CSS_URL.sub(f"url({_BLANK_IMAGE})", source)
    return _SOURCE_MAP.sub("", source).strip()


def own(*names: str) -> str:
    """Return own scripts or styles, joined in the given order."""
    return "\n".join((ASSETS / name).read_text(encoding="utf-8").strip() for name in names)


def folium_script(chart: folium.Map) -> str:
    """Return the script that folium writes for a map, with ids that are the same in every render.

    Raises
    ------
    DefectError
        Where an element of the map wants a file that is not vendored.
    """
    element: Any  # branca sets most attributes only where an element has them
    for number, element in enumerate(_walk(chart)):
        wanted = {
            name
            for name, _ in (
                *getattr(element, "default_js", ()),
                *getattr(element, "default_css", ()),
            )
        }
        surplus = wanted - FOLIUM_NEEDS - FOLIUM_LOADS_IN_VAIN
        if surplus:
            raise DefectError(
                f"{type(element).__name__} needs files that are not vendored: {surplus}"
            )
        # On the instance: the class serves every other map of the process.
        element.default_js, element.default_css = [], []
        element._id = "lomsong" if element is chart else f"lomsong_{number}"  # noqa: SLF001 -- branca has no other way to fix an id
    figure: Any = chart.get_root()
    figure.render()
    return str(figure.script.render())


def page(
    *,
    language: str,
    title: str,
    styles: Mapping[str, str],
    body: str,
    payload: str,
    scripts: Mapping[str, str],
) -> str:
    """Return the whole page; `title` is plain text, `body` is markup of our own.

    The policy allows the given styles and scripts by their hash, pictures from inside the page, and nothing else.
    """
    allowed_styles = " ".join(_hash(style) for style in styles.values())
    allowed_scripts = " ".join(_hash(script) for script in scripts.values())
    policy = (
        "default-src 'none'; "
        f"script-src {allowed_scripts}; style-src {allowed_styles}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{html.escape(title)}</title>",
        '<link rel="icon" href="data:,">',
        *(f"<style>{_contained(style)}</style>" for style in styles.values()),
        "</head>",
        "<body>",
        body,
        f'<script type="application/octet-stream" id="payload">{payload}</script>',
        *(f"<script>{_contained(script)}</script>" for script in scripts.values()),
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _walk(element: Element) -> Iterator[Element]:
    yield element
    for child in element._children.values():  # noqa: SLF001 -- branca offers no other walk
        yield from _walk(child)


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _contained(content: str) -> str:
    """Return a script or style that cannot end its own element; its hash must stay that of what the page holds."""
    if re.search(r"</(script|style)|<!--", content, re.IGNORECASE):
        raise DefectError("a script or style of the page would end its own element")
    return content
