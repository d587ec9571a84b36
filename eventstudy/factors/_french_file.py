"""One file of the Kenneth French library: free text, a line of names, then rows of percents.

A daily file has rows ``20260130,   -0.55,   -0.48``. A monthly one has ``202601,…``, and after
an empty line a block of years, which is left out. Copyright lines may follow. Missing is
−99.99 or −999.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.factors._french_raw import Raw

COLUMNS = ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom", "RF")
MISSING = (-99.99, -999.0)
#: other spellings of the names, in lower case
_SPELLED = {name.lower(): name for name in COLUMNS} | {"umd": "Mom", "wml": "Mom"}
#: half of the moves are smaller than this: fractions, not percent
_FRACTIONS = {"daily": 0.03, "monthly": 0.15}
_VINTAGE = re.compile(r"using the (\d{6}) (?:CRSP|Bloomberg) database", re.IGNORECASE)
_DAY, _ISO, _MONTH = r"\d{8}", r"\d{4}-\d{2}-\d{2}", r"\d{6}"
#: days between rows, in the middle, from which on they are weeks, and months
_WEEKS, _MONTHS = 5, 20
#: before and after these, a year is a slip
_YEARS = (1900, 2200)


@dataclass(frozen=True)
class Factors:
    """What one file holds: fractions by date."""

    raw: Raw
    frame: pd.DataFrame
    frequency: str
    #: the database it was made from, as text YYYYMM; empty if the file does not say
    vintage: str


def read(raw: Raw) -> Factors | None:
    """Read a file; None if no line of it names factors."""
    text = raw.text.replace("\r\n", "\n").replace("\r", "\n")
    head = _header(text)
    if head is None:
        return None
    names, start = head
    rows, kind = _block(raw, text, start)
    frame = _numbers(raw, rows, names)
    frame.index = _dates(raw, frame.index, kind)
    frequency = "monthly" if kind == _MONTH else _frequency(frame.index)
    if frequency == "monthly":
        frame.index = frame.index + pd.offsets.MonthEnd(0)
    frame = frame.mask(frame.isin(MISSING))
    _refuse_fractions(raw, frame, frequency)
    vintage = _VINTAGE.search(text[:start])
    frame.index = pd.DatetimeIndex(frame.index, name="date").as_unit("ns")
    return Factors(raw, frame / 100, frequency, vintage[1] if vintage else "")


def _header(text: str) -> tuple[list[str], int] | None:
    """Names of the columns, empty for those of no use, and where the rows begin."""
    for line in re.finditer(r"^[ \t]*(?:date)?[ \t]*,(.+)$", text, re.MULTILINE | re.IGNORECASE):
        known = [_SPELLED.get(name.strip().lower(), "") for name in line[1].split(",")]
        if any(each not in ("", "RF") for each in known):
            return known, line.end() + 1
    return None


def _block(raw: Raw, text: str, start: int) -> tuple[str, str]:
    """The rows that follow the names, and how their dates are written."""
    for kind in (_DAY, _ISO, _MONTH):
        row = rf"[ \t]*{kind}[ \t]*,[^\n]*(?:\n|$)"
        rows = re.compile(rf"\s*((?:{row})+)").match(text, start)
        if rows:
            rest = re.compile(rf"[ \t]*\d[^\n]*|(?s:.*?)(?m:^){row}").match(text, rows.end())
            if rest:  # the next line, or another table of such rows
                line = rest[0].strip().rpartition("\n")[2]
                raise errors.french_row(raw.name, line, "does not belong to the table before it")
            if not rows[1].endswith("\n"):
                _refuse_cut(raw, rows[1])
            return rows[1], kind
    raise errors.french_no_rows(raw.name)


def _numbers(raw: Raw, rows: str, names: list[str]) -> pd.DataFrame:
    """Percents by date, both as they are written."""
    lines = pd.Series(rows.splitlines())
    wrong = (lines.str.count(",") != len(names)).to_numpy()
    if wrong.any():
        why = f"has not the {len(names)} values that the line of names announces"
        raise errors.french_row(raw.name, lines[int(wrong.argmax())], why)
    table = lines.str.split(",", expand=True).set_index(0)
    table = table.set_axis(names, axis=1).loc[:, [name for name in COLUMNS if name in names]]
    if not table.columns.is_unique:
        raise errors.french_no_factors(raw.name)
    table.index = table.index.astype(str).str.strip()
    texts = {name: table[name].str.strip() for name in table}
    numbers = {name: pd.to_numeric(text, errors="coerce") for name, text in texts.items()}
    for name, text in texts.items():
        bad = (~np.isfinite(numbers[name]) & (text != "")).to_numpy()
        if bad.any():
            row = int(bad.argmax())
            why = f"holds {text.iloc[row]!r} where a number is needed"
            raise errors.french_row(raw.name, lines[row], why)
    return pd.DataFrame(numbers).astype(float)


def _dates(raw: Raw, texts: pd.Index, kind: str) -> pd.DatetimeIndex:
    """Read the dates: each once, from the first to the last."""
    layout = {_DAY: "%Y%m%d", _ISO: "%Y-%m-%d", _MONTH: "%Y%m"}[kind]
    dates = pd.to_datetime(texts, format=layout, errors="coerce")
    wrong = ~((dates.year >= _YEARS[0]) & (dates.year <= _YEARS[1]))
    if wrong.any():
        raise errors.french_row(raw.name, texts[wrong][0], "is no date")
    back = np.diff(dates.to_numpy()) <= np.timedelta64(0)
    if back.any():
        text = texts[int(back.argmax()) + 1]
        raise errors.french_row(raw.name, text, "repeats a date or goes back in time")
    return dates


def _frequency(dates: pd.Index) -> str:
    """How far apart rows with full dates are."""
    gaps = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(int)
    apart = float(np.median(gaps)) if len(gaps) else 1.0
    return "daily" if apart < _WEEKS else "weekly" if apart < _MONTHS else "monthly"


def _refuse_cut(raw: Raw, rows: str) -> None:
    """Refuse a file that ends within a number: its last one has fewer decimals than all others."""
    *above, last = rows.splitlines()
    usual = {len(line.rpartition(".")[2]) for line in above}
    if len(usual) == 1 and len(last.rpartition(".")[2]) < usual.pop():
        raise errors.french_row(raw.name, last, "is cut off")


def _refuse_fractions(raw: Raw, frame: pd.DataFrame, frequency: str) -> None:
    """Refuse what cannot be percents."""
    size = frame.drop(columns="RF", errors="ignore").abs().to_numpy()
    size = size[size > 0]
    median = float(np.median(size)) if len(size) else 0.0
    if 0 < median < _FRACTIONS.get(frequency, 0.0):
        raise errors.french_fractions(raw.name, frequency, median)
