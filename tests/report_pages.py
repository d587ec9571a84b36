"""A report read as a browser reads it: tags, scripts, sections, and the text between them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "br", "img", "input", "link", "hr"}


@dataclass
class Tag:
    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """The tags of a page in their order, each with the text that stands directly in it."""

    source: str
    tags: list[Tag] = field(default_factory=list)
    opened: list[Tag] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        assert self.opened == [], "every tag is closed"

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Tag(tag, {name: value or "" for name, value in attrs})
        self.tags.append(made)
        if tag not in VOID:
            self.opened.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened[-1].name == tag, f"</{tag}> closes <{self.opened[-1].name}>"
        self.opened.pop()

    def handle_data(self, data: str) -> None:
        if self.opened:
            self.opened[-1].text += data

    def all(self, kind: str, /, **wanted: str) -> list[Tag]:
        return [t for t in self.tags if t.name == kind and wanted.items() <= t.attributes.items()]

    @property
    def policy(self) -> str:
        (meta,) = self.all("meta", **{"http-equiv": "Content-Security-Policy"})
        return meta.attributes["content"]

    @property
    def scripts(self) -> list[str]:
        """Scripts that run."""
        return [tag.text for tag in self.all("script") if "type" not in tag.attributes]

    @property
    def hashes(self) -> list[str]:
        """Hashes that the policy names."""
        return re.findall(r"'(sha256-[^']+)'", self.policy)

    def data(self, name: str) -> Any:
        """What stands in a block of data."""
        (tag,) = self.all("script", id=name)
        return json.loads(tag.text)

    @property
    def sections(self) -> list[str]:
        return [tag.attributes["id"] for tag in self.all("section")]

    def said(self, *names: str) -> list[str]:
        """Texts of all tags of these names, on one line each."""
        return [" ".join(tag.text.split()) for tag in self.tags if tag.name in names]


def sha256(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
