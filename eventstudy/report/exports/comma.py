"""CSV files that a spreadsheet opens without running what stands in them."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from eventstudy.report.cells import is_missing
from eventstudy.report.exports.plain_values import is_number, label_of

#: a spreadsheet takes a cell that begins so for a formula; the last four are full-width
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: where a spreadsheet whose cells are parted by ";" would begin another cell, quoted or not
_LATER = re.compile(r"(?<=[;\r\n])(?=[=+\-@＝＋－＠])")


def csv_text(frame: pd.DataFrame, *, formula_safe: bool = True) -> str:
    """Write a DataFrame as CSV, numbers in full.

    Parameters
    ----------
    frame : DataFrame
        Any table of the library. An index that only counts rows is left out.
    formula_safe : bool
        Whether text that a spreadsheet would take for a formula (it begins with ``=``, ``+``,
        ``-``, ``@``, a tab or a line break, or one of the first four follows a ";" or a line
        break) gets an apostrophe before it, in cells, index and headers. Numbers are never
        touched.

    Examples
    --------
    >>> print(csv_text(pd.DataFrame({"ticker": ["-X", "IREN"], "car": [-0.1, 0.2]})).rstrip())
    ticker,car
    '-X,-0.1
    IREN,0.2
    """
    counted = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    table = frame if counted else with_index(frame)
    if formula_safe:
        safe = [_safe(table.iloc[:, at]) for at in range(table.shape[1])]
        heads = [guarded(label_of(name)) for name in table.columns]
        table = pd.concat(safe, axis=1) if safe else table.copy()
        table.columns = pd.Index(heads, dtype=object)
    text = table.to_csv(index=False, lineterminator="\n")
    # a field that holds "\r" is quoted only where "\r" ends lines, too
    return table.to_csv(index=False, lineterminator="\r\n") if "\r" in text else text


def _safe(values: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        return values
    return values.astype(object).map(guarded)


def with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Put the levels of the index before the columns, whatever they are called."""
    levels = [frame.index.get_level_values(at) for at in range(frame.index.nlevels)]
    index = [level.to_series(index=frame.index, name=level.name) for level in levels]
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    table = pd.concat([s.reset_index(drop=True) for s in (*index, *columns)], axis=1)
    names = ["" if level.name is None else level.name for level in levels]
    table.columns = pd.Index([*names, *frame.columns.tolist()], dtype=object)
    return table


def guarded(value: object) -> Any:  # noqa: ANN401  (a cell of any column)
    """Put an apostrophe before text that would be a formula.

    >>> guarded("=1+1"), guarded("^GSPC"), guarded("a;=1"), guarded(-1.5)
    ("'=1+1", '^GSPC', "a;'=1", -1.5)
    """
    if is_number(value) or is_missing(value):
        return value
    text = value if isinstance(value, str) else str(value)
    safe = _LATER.sub("'", f"'{text}" if text.startswith(FORMULA) else text)
    return value if safe == text else safe
