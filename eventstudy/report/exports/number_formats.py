"""How a spreadsheet shows the numbers of a column: the formats of the terminal, as codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from eventstudy.report import cells
from eventstudy.report.names import is_return, is_return_itself
from eventstudy.report.tables import format_for

#: of a return, a plain number, a whole one
PERCENT, PLAIN, COUNT = "+0.00%;-0.00%;0.00%", "0.000", "#,##0"
#: columns of a ``tests`` table whose unit depends on the test
_OWN_UNITS = {"estimate": is_return, "se": is_return, "statistic": is_return_itself}


def format_of(table: pd.DataFrame, at: int, share: str = PERCENT) -> Callable[[int], str]:
    """Code of Excel for the numbers of a column, by the row; "" is Excel's own.

    ``share`` is the code of abnormal numbers; "" says that the columns are not the library's.

    >>> frame = pd.DataFrame({"pvalue": [0.5], "[0,0]": [0.01], "n": [3]})
    >>> [format_of(frame, at)(0) for at in range(3)]
    ['0.000', '+0.00%;-0.00%;0.00%', '#,##0']
    """
    names = table.columns.tolist()
    name = names[at]
    if share and isinstance(name, str) and name in _OWN_UNITS and {"test", "law"} <= set(names):
        tests, of = table.iloc[:, names.index("test")].tolist(), _OWN_UNITS[name]
        return lambda row: share if of(str(tests[row])) else PLAIN
    code = _code(name, share) if share else ""
    return lambda row: code  # noqa: ARG005  (one for all rows)


def _code(name: object, share: str) -> str:
    """Read the writer of a column as a code of Excel."""
    writer = format_for(name)
    places = writer.keywords.get("places", 2) if isinstance(writer, partial) else 2
    what = writer.func if isinstance(writer, partial) else writer
    if what is cells.percent and share != PLAIN:
        signed = not isinstance(writer, partial) or writer.keywords.get("signed", True)
        code = share if signed else share.rpartition(";")[2]
        return code.replace("00%", f"{'0' * places}%")
    if what is cells.percent:
        return share
    if what is cells.pvalue:
        return PLAIN
    if what is cells.count:
        return COUNT
    if what is cells.number:
        return f"0.{'0' * places}"
    return ""
