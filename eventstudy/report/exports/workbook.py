"""A workbook of Excel: a sheet a table, numbers as numbers, text as text and never as a formula."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eventstudy import errors
from eventstudy.report.exports.comma import with_index
from eventstudy.report.exports.files import PathLike, place
from eventstudy.report.exports.number_formats import PERCENT, format_of
from eventstudy.report.exports.plain_values import label_of, plain_value, printable

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: rows below the header, and columns, of a sheet
ROWS, COLUMNS = 1_048_575, 16_384
#: characters of the name of a sheet
_NAME = 31
#: rows that the width of a column is measured on, and its bounds
_MEASURED, _NARROW, _WIDE = 500, 7, 60
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """One table of a workbook.

    ``share`` is how abnormal numbers are shown: PERCENT, PLAIN for logarithms, "" for a table of
    the user's, whose columns may be called as ours are. ``titled`` is False for a sheet of lines
    without a header.
    """

    name: str
    frame: pd.DataFrame
    share: str = PERCENT
    titled: bool = True


@dataclass
class _Book:
    """The open workbook, its formats, and the names that its sheets have."""

    book: Workbook
    taken: list[str] = field(default_factory=list)
    made: dict[str, Format] = field(default_factory=dict)

    def styled(self, code: str) -> Format:
        """Format of a number, or one of the named styles."""
        if code not in self.made:
            styles: dict[str, dict[str, Any]] = {
                "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
                "wrap": {"text_wrap": True, "valign": "top"},
            }
            self.made[code] = self.book.add_format(styles.get(code, {"num_format": code}))
        return self.made[code]


def write_workbook(path: PathLike, sheets: Iterable[Sheet], *, most: int = ROWS) -> Path:
    """Write tables into one file of Excel, a sheet each.

    The header is frozen. A table of more than ``most`` rows goes on in a second sheet. Missing
    values are empty cells; text is text, whatever it begins with; a time with a zone is text.

    Parameters
    ----------
    path : path
        The file, ending in ``.xlsx``.
    sheets : iterable of Sheet
        At least one.
    most : int
        Rows of a sheet.

    Raises
    ------
    OptionError
        If the file cannot be written, or a table has more columns than Excel.
    """
    file = place(path, "tables.xlsx", ".xlsx")
    try:
        import xlsxwriter
    except ImportError:
        raise errors.excel_needs_xlsxwriter() from None
    whole = list(sheets)
    for sheet in whole:
        columns = sheet.frame.shape[1] + sheet.frame.index.nlevels
        if columns > COLUMNS:
            raise errors.excel_too_wide(sheet.name, columns, COLUMNS)
    book = _Book(xlsxwriter.Workbook(str(file), _OPTIONS))
    for sheet in whole:
        _write(book, sheet, most)
    try:
        book.book.close()
    except (OSError, xlsxwriter.exceptions.FileCreateError):
        why = "it is open elsewhere, or may not be written to"
        raise errors.export_not_written(path, why) from None
    return file


def sheet_name(name: str, taken: Sequence[str] = ()) -> str:
    """A name that Excel accepts: at most 31 characters, no brackets nor slashes, not taken.

    >>> sheet_name("pure [2025]/a"), sheet_name("AR", ["ar"]), sheet_name("history")
    ('pure (2025)-a', 'AR (2)', 'history_')
    """
    clean = re.sub(r"[:*?/\\\x00-\x1f]", "-", printable(name))
    clean = clean.replace("[", "(").replace("]", ")").strip("' ") or "sheet"
    if clean.lower() == "history":
        clean += "_"
    known, at, found = {other.lower() for other in taken}, 1, _cut(clean, _NAME).rstrip("' ")
    while found.lower() in known:
        at += 1
        mark = f" ({at})"
        found = _cut(clean, _NAME - len(mark)) + mark
    return found


def _cut(text: str, most: int) -> str:
    """The first characters as Excel counts them: an emoji is two."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")


def _write(book: _Book, sheet: Sheet, most: int) -> None:
    """Write a table, in as many sheets as its rows need."""
    counted = isinstance(sheet.frame.index, pd.RangeIndex) and sheet.frame.index.name is None
    frozen = 0 if counted else sheet.frame.index.nlevels
    table = sheet.frame if counted else with_index(sheet.frame)
    codes = [format_of(table, at, sheet.share) for at in range(table.shape[1])]
    for start in range(0, max(len(table), 1), most):
        name = sheet_name(sheet.name, book.taken)
        book.taken.append(name)
        page = book.book.add_worksheet(name)
        rows = table.iloc[start : start + most]
        if sheet.titled:
            for at, head in enumerate(table.columns):
                _cell(page, 0, at, plain_value(label_of(head)), book.styled("head"), book)
            page.freeze_panes(1, frozen)
        for at in range(table.shape[1]):
            styles = [codes[at](start + row) for row in range(len(rows))]
            _column(book, page, rows.iloc[:, at], at, styles, titled=sheet.titled)
        if start + most < len(table):
            page.write_comment(0, 0, f"More rows follow in the next sheet ({len(table):,} in all).")


def _column(
    book: _Book,
    page: Worksheet,
    values: pd.Series[Any],
    at: int,
    styles: Sequence[str],
    *,
    titled: bool,
) -> None:
    """Write a column and make it as wide as it needs."""
    first = int(titled)
    width = _length(label_of(values.name)) if titled else _NARROW
    for row, value in enumerate(_listed(values)):
        plain = plain_value(value)
        style = book.styled(styles[row]) if _is_shown(plain) and styles[row] else None
        style = style or (None if titled else book.styled("wrap"))
        _cell(page, row + first, at, plain, style, book)
        if row < _MEASURED:
            width = max(width, min(_length(plain), 12) if _is_shown(plain) else _length(plain))
    page.set_column(at, at, min(max(width + 2, _NARROW), _WIDE))


def _cell(
    page: Worksheet, row: int, at: int, value: object, style: Format | None, book: _Book
) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, at, value, style)
    elif isinstance(value, dt.datetime):
        page.write_datetime(row, at, value, book.styled(_date_code(value)))
    elif isinstance(value, (int, float)):
        page.write_number(row, at, value, style)
    else:
        page.write_string(row, at, str(value), style)


def _date_code(value: dt.datetime) -> str:
    return "yyyy-mm-dd" if value.time() == dt.time() else "yyyy-mm-dd hh:mm:ss"


def _listed(values: pd.Series[Any]) -> list[Hashable]:
    found: list[Hashable] = values.astype(object).tolist()
    return found


def _is_shown(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _length(value: object) -> int:
    """Characters of the longest line of a cell."""
    if value is None:
        return 0
    if isinstance(value, dt.datetime):
        return len(_date_code(value))
    return max(map(len, str(value).split("\n")))
