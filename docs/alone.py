"""Whether the built pages need no other host: no script, style, font or picture from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

#: tag → the attribute whose address a browser asks for by itself; a link waits to be clicked
_ASKED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
}
#: relations of a ``<link>`` that only say where something is
_SAID = {"alternate", "author", "canonical", "help", "index", "license", "next", "prev", "search"}
_ELSEWHERE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
_IN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?\s*((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)


class _Reader(HTMLParser):
    """Collects the addresses of other hosts that a page asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        said = tag == "link" and set(given.get("rel", "").lower().split()) <= _SAID
        addresses = [given.get(_ASKED.get(tag, ""), ""), *given.get("srcset", "").split(",")]
        if not said:
            self.found += [address.strip() for address in addresses if _ELSEWHERE.match(address)]
        self.found += _IN_STYLE.findall(given.get("style", ""))


def asked_by_page(html: str) -> list[str]:
    """List what a page would ask other hosts for, its inline styles included."""
    reader = _Reader()
    reader.feed(html)
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL | re.IGNORECASE)
    return reader.found + [address for style in styles for address in asked_by_style(style)]


def asked_by_style(css: str) -> list[str]:
    """List what a style sheet would ask other hosts for."""
    return _IN_STYLE.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))


def asked(folder: Path) -> list[str]:
    """List them for every page and style sheet of a folder, each with its file."""
    read = {".html": asked_by_page, ".css": asked_by_style}
    return [
        f"{path.relative_to(folder)}: {address}"
        for path in sorted(folder.rglob("*"))
        if path.suffix in read
        for address in read[path.suffix](path.read_text(encoding="utf-8"))
    ]
