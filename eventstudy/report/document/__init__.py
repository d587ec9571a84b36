"""A report as one HTML file: its parts, and the writer that turns them into a page."""

from eventstudy.report.document.embedding import require
from eventstudy.report.document.from_pages import part_of, picture
from eventstudy.report.document.parts import (
    Block,
    Chart,
    Code,
    Document,
    Download,
    Fold,
    Part,
    Parted,
    Points,
    Table,
    Terms,
    Text,
)
from eventstudy.report.document.writing import write

__all__ = [
    "Block",
    "Chart",
    "Code",
    "Document",
    "Download",
    "Fold",
    "Part",
    "Parted",
    "Points",
    "Table",
    "Terms",
    "Text",
    "part_of",
    "picture",
    "require",
    "write",
]
