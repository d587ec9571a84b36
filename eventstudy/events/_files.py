"""Reading events from CSV and Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from eventstudy import errors
from eventstudy.events._columns import READ_AS_TEXT

#: what stands for a missing value in columns that are not read as text
_MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None", "<NA>"]

#: the apostrophe that our CSV files put before text that a spreadsheet would run
_GUARD = r"^'(?=[=+\-@\t\r\n＝＋－＠])"


def read_file(path: Path) -> pd.DataFrame:
    name = path.name.lower()
    if not name.endswith((".csv", ".csv.gz", ".parquet")):
        raise errors.events_file_kind(path.name)
    if not path.is_file():
        raise errors.events_file_missing(path)
    try:
        return pd.read_parquet(path) if name.endswith(".parquet") else _read_csv(path)
    except ImportError:
        raise errors.parquet_needs_pyarrow() from None
    except pd.errors.EmptyDataError:
        raise errors.events_empty() from None
    except (UnicodeDecodeError, pd.errors.ParserError) as error:
        raise errors.events_file_unreadable(path.name, error) from error


def _read_csv(path: Path) -> pd.DataFrame:
    """Ids, tickers and dates as they are written: 007 stays 007 and the ticker NA a ticker."""
    names = list(pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns)
    separator = ";" if len(names) == 1 and ";" in names[0] else ","
    names = names[0].split(";") if separator == ";" else names
    table = pd.read_csv(
        path,
        sep=separator,
        encoding="utf-8-sig",
        dtype=dict.fromkeys(READ_AS_TEXT, str),
        keep_default_na=False,
        na_values={name: [""] if name in READ_AS_TEXT else _MISSING for name in names},
    )
    ours = [name for name in READ_AS_TEXT if name in table.columns]
    return table.assign(**{name: table[name].str.replace(_GUARD, "", regex=True) for name in ours})
