"""What CRSP writes where a number is missing.

Meanings of the codes: CRSP, Data Descriptions Guide, US Stock & US Index Databases, and the
SASECRSP chapter of the SAS/ETS User's Guide. ``docs/crsp.md`` walks through both layouts.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import (
    infer_dtype,
    is_bool_dtype,
    is_complex_dtype,
    is_numeric_dtype,
)

from eventstudy import errors
from eventstudy.arrays import FloatArray
from eventstudy.panel.table import numbers

NO_VALUE = "."


@dataclass(frozen=True)
class Codes:
    """Letters, and the numbers that stand for the same, which mean a missing return."""

    meaning: Mapping[str, str]
    letter: Mapping[float, str]

    def said(self, found: Mapping[str, int]) -> str:
        """Say how often each was found."""
        parts = (f"{code} {found[code]} ({self.meaning[code]})" for code in sorted(found))
        return ", ".join(parts)


RETURNS = Codes(
    {
        "A": "out of range",
        "B": "off the exchange",
        "C": "no valid previous price",
        "D": "no delisting information",
        "E": "no comparison for an excess return",
        NO_VALUE: "no valid price",
    },
    {-88.0: "A", -77.0: "B", -66.0: "C", -55.0: "D", -44.0: "E", -99.0: NO_VALUE},
)
MIDDLE = "the middle of bid and ask"
#: what a minus sign before a price means, and the missing volume; the new layout (Dly…) has neither
PRICES = {"PRC": MIDDLE, "OPENPRC": MIDDLE, "BIDLO": "the closing bid", "ASKHI": "the closing ask"}
VOLUME, NO_VOLUME = "VOL", -99.0


def tell(said: list[str], what: str) -> None:
    """Log what was done to the numbers, and keep it for the panel's provenance."""
    logging.getLogger("eventstudy").info("%s", what)
    said.append(what)


def without_codes(table: object, ret: str | None, fields: object, said: list[str]) -> Any:  # noqa: ANN401  (what is no table is refused later)
    """Make codes missing in the column of returns, and signs and −99 in columns of fields."""
    if not isinstance(table, pd.DataFrame):
        return table
    once = set(table.columns[~table.columns.duplicated(keep=False)])
    changed: dict[str, FloatArray] = {}
    if ret is not None and ret in once:
        values, found = read_codes(table[ret], RETURNS, "returns")
        if values is not None:
            changed[ret] = values
        if found:
            tell(said, f"{ret}: missing by code of CRSP: {RETURNS.said(found)}")
    used = fields.values() if isinstance(fields, Mapping) else ()
    for name in dict.fromkeys(name for name in used if isinstance(name, str)):
        if name in once and _numeric(table[name]):
            unsigned = _field(name, table[name].to_numpy(dtype=np.float64, na_value=np.nan), said)
            if unsigned is not None:
                changed[name] = unsigned
    return table.assign(**changed) if changed else table


def read_codes(
    column: pd.Series, codes: Codes, what: str
) -> tuple[FloatArray | None, Counter[str]]:
    """Give the numbers of a column, None if nothing has to change, and how often each code is.

    Text that is neither a number nor a code is refused, never made missing.
    """
    found: Counter[str] = Counter()
    text = False
    if _numeric(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        plain = _from_text(column, codes, found)
        text = plain is not None
        values = numbers((column if plain is None else plain).to_frame(), what)[:, 0]
    low = values < -1.0
    marked = np.isin(values, list(codes.letter)) if low.any() else low
    if marked.any():
        seen, times = np.unique(values[marked], return_counts=True)
        for value, count in zip(seen.tolist(), times.tolist(), strict=True):
            found[codes.letter[value]] += count
        values = np.where(marked, np.nan, values)
    return (values if found or text else None), found


def _numeric(column: pd.Series) -> bool:
    kind = column.dtype
    return is_numeric_dtype(kind) and not is_bool_dtype(kind) and not is_complex_dtype(kind)


def _from_text(column: pd.Series, codes: Codes, found: Counter[str]) -> pd.Series | None:
    """Read the texts of a column; None where there is none. Each distinct text is read once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    all_text = infer_dtype(column, skipna=True) == "string"
    is_text = column.notna() if all_text else column.map(lambda value: isinstance(value, str))
    text = is_text.to_numpy(dtype=bool)
    if not text.any():
        return None
    places, labels = pd.factorize(column[text])
    plain = pd.Series(labels, dtype=object).astype(str).str.strip()
    read = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64)
    times = np.bincount(places, minlength=len(labels))
    # SAS writes .B, and a mere point or nothing where there is no price
    letters = plain[np.isnan(read)].str.lstrip(".").str.upper().replace("", NO_VALUE)
    for at, letter in letters.items():
        if letter not in codes.meaning:
            raise errors.crsp_no_code(column.name, plain[at], codes.meaning)
        found[letter] += int(times[at])
    rest = column[~text]
    alone = bool(rest.isna().all())
    out = np.full(len(column), np.nan, dtype=np.float64 if alone else object)
    out[text] = read[places]
    if not alone:
        out[~text] = rest.to_numpy(dtype=object)
    return pd.Series(out, name=column.name)


def _field(name: str, values: FloatArray, said: list[str]) -> FloatArray | None:
    """Read a column of CRSP that becomes a field; None where nothing has to change."""
    if name.upper() == VOLUME and (values == NO_VOLUME).any():
        count = np.count_nonzero(values == NO_VOLUME)
        tell(said, f"{name}: {count} × −99, made missing")
        return np.where(values == NO_VOLUME, np.nan, values)
    if name.upper() in PRICES and (values <= 0).any():
        quoted, none = np.count_nonzero(values < 0), np.count_nonzero(values == 0)
        tell(said, f"{name}: {quoted} × minus sign, {PRICES[name.upper()]}; {none} × 0, missing")
        return np.where(values == 0, np.nan, np.abs(values))
    return None
