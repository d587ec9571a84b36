"""Which row groups of a Parquet file may hold what is asked, by the bounds that it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from eventstudy.loaders._values import day_of

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData

#: more tickers than that are hardly missing in a row group
MANY = 500
#: a bound with a time zone is given in UTC, a day's date is that of the exchange
SLACK = 1


def groups_with(
    metadata: FileMetaData,
    ticker: tuple[str | None, Sequence[str] | None],
    day: tuple[str | None, tuple[int, int]],
) -> list[int]:
    """Row groups that can't be left out.

    Parameters
    ----------
    metadata : FileMetaData
        Of the file.
    ticker : tuple
        The column of tickers and what is asked of it; None where that tells nothing.
    day : tuple
        The column of dates, or None, and the first and last day since 1970.
    """
    groups = list(range(metadata.num_row_groups))
    name, asked = ticker
    if name is not None and asked is not None and len(asked) <= MANY:
        groups = [g for g in groups if _may_hold(_bounds(metadata, g, name), asked)]
    name, (first, last) = day
    if name is not None:
        groups = [g for g in groups if _may_touch(_bounds(metadata, g, name), first, last)]
    return groups


def _bounds(metadata: FileMetaData, group: int, name: str) -> tuple[Any, Any] | None:
    """Least and greatest value of a column in a row group, where the file says so."""
    row_group = metadata.row_group(group)
    for place in range(row_group.num_columns):
        column = row_group.column(place)
        if column.path_in_schema == name:
            kept = column.statistics
            return (kept.min, kept.max) if kept is not None and kept.has_min_max else None
    return None


def _may_hold(bounds: tuple[Any, Any] | None, asked: Sequence[str]) -> bool:
    """Whether a ticker, in whatever case, can lie between the bounds."""
    if bounds is None:
        return True
    least, most = bounds
    if isinstance(least, int):
        whole = [int(name) for name in asked if name.strip().isdecimal()]
        return any(least <= name <= most for name in whole)
    blank = not isinstance(least, str) or least[:1] <= " " or len(least.split()) > 1
    if blank or not (least + most).isascii():
        return True
    return any(_lies_between(name.strip(), least.rstrip(), most) for name in asked)


def _lies_between(name: str, least: str, most: str) -> bool:
    """Whether one of the spellings of a name, as IREN, Iren and iren, does."""
    if not name.isascii():
        return True
    upper, lower = name.upper(), name.lower()
    for at, (large, small) in enumerate(zip(upper, lower, strict=True)):
        if at == len(least):
            break
        # spellings that begin as `least` does and go on with a greater letter: the least of them
        for letter in (large, small):
            if letter > least[at] and least[:at] + letter + upper[at + 1 :] <= most:
                return True
        if least[at] not in (large, small):
            return False
    return len(least) <= len(name) and least + upper[len(least) :] <= most


def _may_touch(bounds: tuple[Any, Any] | None, first: int, last: int) -> bool:
    """Whether one of the days can lie between the bounds."""
    if bounds is None:
        return True
    try:
        least, most = (_day(bound) for bound in bounds)
    except ValueError:
        return True
    return least - SLACK <= last and first <= most + SLACK


def _day(bound: object) -> int:
    """Days since 1970 of a date, a time, ISO text or a number such as 20260225."""
    found = bound if isinstance(bound, date) else date.fromisoformat(str(bound).strip()[:10])
    return day_of(found)
