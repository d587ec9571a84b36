"""A report as one HTML file: its parts, and the writer that turns them into a page."""

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
    "write",
]
