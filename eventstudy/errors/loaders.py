"""Sentences about loaders, and files and folders of prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventstudy.errors.kinds import LoaderError
from eventstudy.errors.wording import listed


def loader_names(option: str, value: object) -> LoaderError:
    return LoaderError(
        f"{option}={value!r} does not name what to load; give one text or a list of texts, "
        f"none of them empty."
    )


def loader_date(option: str, value: object) -> LoaderError:
    return LoaderError(f"{option}={value!r} is not a date; give a date or text as in '2026-02-25'.")


def loader_dates_backwards(start: object, end: object) -> LoaderError:
    return LoaderError(
        f"The prices asked for end ({end}) before they begin ({start}); swap `start` and `end`."
    )


def loader_no_field(source: str, field: str, available: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"There is no field {field!r} in {source}, which has {listed(available, 8)}; "
        f"ask for other `fields` or name the column {field!r}."
    )


def loader_nothing_found(
    source: str, tickers: Sequence[str], unknown: Sequence[str], start: object, end: object
) -> LoaderError:
    why = f" (unknown there: {listed(unknown)})" if unknown else ""
    return LoaderError(
        f"Not one price was found in {source} for {listed(tickers)} from {start} to {end}{why}; "
        f"check the tickers and the dates."
    )


def _place(path: object) -> str:
    """Call a file a file; another source, given as text, bears a name of its own."""
    return f"The {path}" if isinstance(path, str) else f"The file {str(path)!r}"


def file_missing(path: object) -> LoaderError:
    return LoaderError(f"There is no file or folder {str(path)!r}; check the path.")


def file_empty(path: object) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} has no rows; it needs a header and one row for each date."
    )


def file_is_html(path: object) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} holds a web page, not a table; download the data itself."
    )


def file_is_not_text(path: object) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} is not text in UTF-8; save it as CSV, or read a Parquet file "
        f"with es.loaders.parquet."
    )


def file_unreadable(path: object, why: object) -> LoaderError:
    reason = " ".join(str(why).split())
    return LoaderError(f"The file {str(path)!r} cannot be read as a table ({reason}); repair it.")


def file_columns_repeat(path: object, names: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"The header of {str(path)!r} names {listed(names)} more than once; "
        f"give each column a name of its own."
    )


def file_no_date_column(path: object, names: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"No column of {str(path)!r} holds dates (it has {listed(names)}); name one `date`, "
        f"written as in 2026-02-25."
    )


def file_bad_date(path: object, value: object) -> LoaderError:
    return LoaderError(
        f"{_place(path)} holds {str(value)!r} where a date is needed; write dates as in 2026-02-25."
    )


def file_no_price_column(path: object, names: Iterable[object]) -> LoaderError:
    return LoaderError(
        f"No column of {str(path)!r} holds prices (it has {listed(names)}); name one `adj_close`."
    )


def file_not_a_number(path: object, column: object, value: object) -> LoaderError:
    return LoaderError(
        f"{_place(path)} holds {str(value)!r} in column {str(column)!r} where a number is "
        f"needed; leave missing prices empty."
    )


def file_price_repeats(path: object, ticker: object, date: object) -> LoaderError:
    return LoaderError(f"{_place(path)} has more than one row for {ticker} on {date}; keep one.")


def file_without_ticker(path: object) -> LoaderError:
    return LoaderError(
        f"{_place(path)} has a row without a ticker; give it one or leave the row out."
    )


def folder_price_repeats(path: object, ticker: object, date: object) -> LoaderError:
    return LoaderError(
        f"The files in {str(path)!r} together have more than one row for {ticker} on {date}; "
        f"keep one."
    )


def folder_kinds_differ(path: object, one: str, other: str) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} holds tables of different kinds ({one} and {other}); "
        f"keep one kind in a folder."
    )


def folder_field_missing(path: object, field: str) -> LoaderError:
    return LoaderError(
        f"The file {str(path)!r} has no column {field!r}, and other files of its folder have one; "
        f"add it or move the file."
    )


def folder_without_files(path: object, endings: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} holds no file that ends in {' or '.join(endings)}; "
        f"put one file for each ticker there, as in IREN{next(iter(endings))}."
    )


def folder_files_repeat(path: object, ticker: str, names: Iterable[str]) -> LoaderError:
    return LoaderError(
        f"The folder {str(path)!r} has more than one file for {ticker} ({listed(names)}); keep one."
    )


def pyarrow_absent() -> LoaderError:
    return LoaderError(
        "Parquet files need the package `pyarrow`; run pip install pyarrow, "
        "or save the file as CSV."
    )
