"""Tables of the library in other programs: LaTeX, Markdown, Excel, CSV."""

from eventstudy.report.exports.comma import csv_text
from eventstudy.report.exports.files import PathLike, saved
from eventstudy.report.exports.latex import latex_table
from eventstudy.report.exports.markdown import markdown_table
from eventstudy.report.exports.number_formats import PERCENT, PLAIN
from eventstudy.report.exports.printed import Printed
from eventstudy.report.exports.workbook import Sheet, sheet_name, write_workbook

__all__ = [
    "PERCENT",
    "PLAIN",
    "PathLike",
    "Printed",
    "Sheet",
    "csv_text",
    "latex_table",
    "markdown_table",
    "saved",
    "sheet_name",
    "write_workbook",
]
