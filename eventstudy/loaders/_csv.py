"""CSV files: plain or zipped, with commas, semicolons or tabs."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Mapping
from csv import reader
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy import errors
from eventstudy.loaders._layout import (
    DATE_NAMES,
    NUMBER_NAME,
    TICKER_NAMES,
    FramePart,
    plain,
    told_by_folders,
)

MISSING = ("", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "-")
TEXT = DATE_NAMES | TICKER_NAMES | {NUMBER_NAME}


def open_csv(path: Path, own: str, given: Mapping[str, str]) -> FramePart:
    """Read a CSV file; what the names of its folders say are columns like those it has."""
    raw = _read(path)
    if raw.empty:
        raise errors.file_empty(path)
    return FramePart(raw.assign(**told_by_folders(given, list(raw.columns))), path, own)


def _read(file: Path) -> pd.DataFrame:
    """Read dates and tickers as text, the rest as numbers where it can be."""
    zipped, names, mark = _header(file)
    text = {names[0], *(name for name in names if plain(name) in TEXT)}
    try:
        table: pd.DataFrame = pd.read_csv(
            file,
            sep=mark,
            compression="gzip" if zipped else None,
            encoding="utf-8-sig",
            header=0,
            names=names,
            index_col=False,
            dtype=dict.fromkeys(text, str),
            keep_default_na=False,  # NA and TRUE are tickers
            na_values={name: MISSING for name in names if name not in text},
            low_memory=False,
            **_to_the_last_digit(),
        )
    except UnicodeDecodeError:
        raise errors.file_is_not_text(file) from None
    except (OSError, EOFError, zlib.error, pd.errors.ParserError) as why:
        raise errors.file_unreadable(file, why) from None
    return table


@cache
def _to_the_last_digit() -> dict[str, Any]:
    """How pandas reads numbers exactly; from 3.1 on it does so by itself, and without the option.

    One last digit in a price is another fingerprint of the same file.
    """
    exact = pd.read_csv(io.StringIO("x\n0.30000000000000004\n")).iloc[0, 0] == 0.1 + 0.2
    return {} if exact else {"float_precision": "round_trip"}


def _header(file: Path) -> tuple[bool, list[str], str]:
    """Look whether it is zipped, what the columns are called and which mark separates them."""
    try:
        with file.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with (gzip.open if zipped else open)(file, "rt", encoding="utf-8-sig") as lines:
            filled = (line for line in lines if line.strip())
            head, row = next(filled, ""), next(filled, "")
    except UnicodeDecodeError:
        raise errors.file_is_not_text(file) from None
    except (OSError, EOFError, zlib.error) as why:
        raise errors.file_unreadable(file, why) from None
    if head.lstrip().startswith("<"):
        raise errors.file_is_html(file)
    if "\0" in head:
        raise errors.file_is_not_text(file)
    if not row:
        raise errors.file_empty(file)
    mark = max(",;\t", key=head.count)
    names = [name.strip() for name in next(reader([head], delimiter=mark))]
    width = len(next(reader([row], delimiter=mark)))
    if width != len(names):
        widths = f"the header has {len(names)} columns, the first row {width}"
        raise errors.file_unreadable(file, widths)
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise errors.file_columns_repeat(file, repeated)
    return zipped, names, mark
