"""Loaders of files, and the contract that every loader keeps."""

from __future__ import annotations

import builtins
import gzip
import json
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from eventstudy import errors
from eventstudy.loaders import Loader, csv, parquet
from eventstudy.loaders._request import as_request, match

DAYS = ["2026-02-24", "2026-02-25", "2026-02-26"]
WIDE = "date,IREN,SPY\n2026-02-24,40,690\n2026-02-25,41.5,\n2026-02-26,40.1,688\n"
LONG = (
    "Symbol,Date,Close,Adj Close,Volume\n"
    "SPY,2026-02-26,700,688,10\nIREN,2026-02-24,40,40,20\nSPY,2026-02-24,700,690,11\n"
    "IREN,2026-02-26,40.1,40.1,21\nIREN,2026-02-25,41.5,41.5,22\n"
)
BARS = (
    "Date,Open,High,Low,Close,Adj Close,Volume,Dividends\n"
    "2026-02-24 00:00:00-05:00,39,41,38,40,40,20,0\n"
    "2026-02-25 00:00:00-05:00,40,42,39,41.5,41.5,22,0\n"
    "2026-02-26 00:00:00-05:00,41,42,39,40.1,40.1,21,0\n"
)
EXPECTED = {"IREN": [40.0, 41.5, 40.1], "SPY": [690.0, np.nan, 688.0]}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def put(text: str | bytes, name: str = "prices.csv") -> Path:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    return put


def load(loader: Loader, tickers: Any = ("IREN",), **kw: Any) -> pd.DataFrame:
    return loader(tickers, kw.pop("start", DAYS[0]), kw.pop("end", DAYS[-1]), **kw)


def refusal(loader: Loader, tickers: Any = ("IREN",), **kw: Any) -> str:
    with pytest.raises(errors.LoaderError) as caught:
        load(loader, tickers, **kw)
    return str(caught.value)


# ── what is read ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("text", [WIDE, LONG], ids=["wide", "long"])
@pytest.mark.parametrize("change", ["plain", "gzip", "semicolon", "tab", "bom", "crlf", "unsorted"])
def test_wide_and_long_files_in_many_spellings(
    write: Callable[..., Path], text: str, change: str
) -> None:
    lines = text.splitlines(keepends=True)
    file = {
        "plain": lambda: write(text),
        "gzip": lambda: write(gzip.compress(text.encode()), "prices.csv.gz"),
        "semicolon": lambda: write(text.replace(",", ";")),
        "tab": lambda: write(text.replace(",", "\t"), "prices.txt"),
        "bom": lambda: write("\ufeff" + text),
        "crlf": lambda: write(text.replace("\n", "\r\n")),
        "unsorted": lambda: write(lines[0] + "".join(reversed(lines[1:]))),
    }[change]()
    frame = load(csv(file), ["SPY", "IREN"])
    assert list(frame.columns) == ["SPY", "IREN"]
    assert frame.index.equals(pd.DatetimeIndex(DAYS, name="date").as_unit("ns"))
    for ticker, values in EXPECTED.items():
        np.testing.assert_array_equal(frame[ticker], values)


def test_folder_with_one_file_for_each_ticker(write: Callable[..., Path], tmp_path: Path) -> None:
    write(BARS, "folder/iren.csv")
    write(gzip.compress(b"day,px\n20260224,690\n20260226,688\n"), "folder/SPY.csv.gz")
    write("not prices", "folder/README.md")
    frame = load(csv(tmp_path / "folder"), ["IREN", "SPY", "GONE"])
    for ticker, values in EXPECTED.items():
        np.testing.assert_array_equal(frame[ticker], values)
    assert frame["GONE"].isna().all()
    assert frame.attrs["report"]["GONE"]["status"] == "not_found"


def test_a_long_table_in_several_files(write: Callable[..., Path], tmp_path: Path) -> None:
    write("ticker,date,price\nIREN,2026-02-24,40\nSPY,2026-02-24,690\n", "folder/2024.csv")
    late = "price;ticker;date\n688;SPY;20260226\n40.1;IREN;20260226\n41.5;IREN;20260225\n"
    write(gzip.compress(late.encode()), "folder/2026.csv.gz")
    loader = csv(tmp_path / "folder")
    frame = load(loader, ["IREN", "spy"])
    np.testing.assert_array_equal(frame["IREN"], EXPECTED["IREN"])
    np.testing.assert_array_equal(frame["spy"], EXPECTED["SPY"])
    assert loader.tickers() == ["IREN", "SPY"]
    write("ticker,date,price\nIREN,2026-02-25,40\n", "folder/2027.csv")
    assert refusal(loader) == (
        f"The files in {str(tmp_path / 'folder')!r} together have more than one row for IREN on "
        "2026-02-25; keep one."
    )


def test_a_wide_table_in_several_files(write: Callable[..., Path], tmp_path: Path) -> None:
    write("date,IREN,SPY\n2026-02-24,40,690\n", "folder/1.csv")
    write("date,SPY,IREN,NEW\n2026-02-25,,41.5,7\n2026-02-26,688,40.1,8\n", "folder/2.csv")
    loader = csv(tmp_path / "folder")
    frame = load(loader, ["IREN", "SPY", "new"])
    for ticker, values in EXPECTED.items():
        np.testing.assert_array_equal(frame[ticker], values)
    np.testing.assert_array_equal(frame["new"], [np.nan, 7.0, 8.0])
    assert loader.tickers() == ["IREN", "NEW", "SPY"]


def test_folders_that_say_what_a_column_holds(write: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write("date,close\n2026-02-24,40\n2026-02-25,41.5\n", "folder/ticker=IREN/part.csv")
    write("date,close\n2026-02-24,7\n", "folder/ticker=BRK%2FB/part.csv")
    loader = csv(tmp_path / "folder")
    assert loader.tickers() == ["BRK/B", "IREN"]
    np.testing.assert_array_equal(load(loader, ["brk/b", "IREN"]), [[7.0, 40.0], [np.nan, 41.5]])


def test_all_tickers_of_a_file_or_folder(write: Callable[..., Path], tmp_path: Path) -> None:
    assert csv(write(WIDE)).tickers() == ["IREN", "SPY"]
    assert csv(write(LONG)).tickers() == ["IREN", "SPY"]
    assert csv(write(BARS, "MARA.csv")).tickers() == ["MARA"]
    write(BARS, "folder/iren.csv")
    write("day,px\n20260224,690\n", "folder/SPY.csv")
    assert csv(tmp_path / "folder").tickers() == ["SPY", "iren"]
    write(BARS, "folder/IREN.csv.gz")
    with pytest.raises(errors.LoaderError) as caught:
        csv(tmp_path / "folder").tickers()
    assert "more than one file for" in str(caught.value)


def test_a_row_without_a_ticker(write: Callable[..., Path]) -> None:
    file = write("date,ticker,close\n2026-02-24,IREN,40\n2026-02-24, ,41\n")
    assert refusal(csv(file)) == (
        f"The file {str(file)!r} has a row without a ticker; give it one or leave the row out."
    )


def test_one_ticker_file_is_named_after_its_ticker(write: Callable[..., Path]) -> None:
    frame = load(csv(write(BARS, "IREN.csv")), "IREN", fields=("open", "volume", "adj_close"))
    assert [*frame] == [("open", "IREN"), ("volume", "IREN"), ("adj_close", "IREN")]
    assert frame.columns.names == ["field", "ticker"]
    assert frame["volume", "IREN"].tolist() == [20, 22, 21]


def test_long_file_gives_several_fields(write: Callable[..., Path]) -> None:
    frame = load(csv(write(LONG)), ["SPY", "GONE"], fields=["close", "volume"])
    assert frame["close", "SPY"].dropna().tolist() == [700, 700]
    assert frame["volume", "SPY"].dropna().tolist() == [11, 10]
    assert frame[["close", "volume"]].xs("GONE", axis=1, level="ticker").isna().to_numpy().all()


@pytest.mark.parametrize("name", ["OPEN", "LOW", "DAY", "NA", "TRUE", "NAN"])
@pytest.mark.parametrize("layout", ["wide", "long"])
def test_tickers_that_look_like_something_else(
    write: Callable[..., Path], name: str, layout: str
) -> None:
    text = f"date,IREN,{name}\n2026-02-24,40,7\n"
    if layout == "long":
        text = f"date,ticker,price\n2026-02-24,IREN,40\n2026-02-24,{name},7\n"
    assert load(csv(write(text)), [name]).to_numpy().tolist() == [[7.0]]


def test_first_column_may_have_no_name(write: Callable[..., Path]) -> None:
    assert load(csv(write(WIDE.replace("date", "", 1))))["IREN"].tolist() == EXPECTED["IREN"]


def test_dates_may_stand_in_a_later_column(write: Callable[..., Path]) -> None:
    file = write("IREN,Date\n40,2026-02-24\n")
    assert load(csv(file))["IREN"].tolist() == [40.0]


def test_numbers_are_read_to_the_last_digit(write: Callable[..., Path]) -> None:
    text = "0.30000000000000004"
    frame = load(csv(write(f"date,IREN\n2026-02-24,{text}\n")))
    assert frame["IREN"].iloc[0] == float(text)


def test_close_stands_for_a_missing_adjusted_close_and_says_so(
    write: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    file = write("date,ticker,close\n2026-02-24,IREN,40\n")
    with caplog.at_level(logging.INFO, logger="eventstudy"):
        frame = load(csv(file))
    note = "adj_close is the column close, which may not be adjusted for splits and dividends"
    assert frame["IREN"].tolist() == [40.0]
    assert frame.attrs["note"] == note
    assert caplog.messages == [f"{file}: {note}"]
    assert "note" not in load(csv(file), fields="close").attrs


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("layout", ["index", "column", "long"])
def test_parquet(tmp_path: Path, layout: str, zone: str | None) -> None:
    frame = pd.DataFrame(EXPECTED, index=pd.DatetimeIndex(DAYS, tz=zone, name="date"))
    if layout == "column":
        frame = frame.reset_index()
    if layout == "long":
        frame = frame.melt(ignore_index=False, var_name="ticker", value_name="adj_close")
    frame.to_parquet(tmp_path / "prices.parquet")
    got = load(parquet(tmp_path / "prices.parquet"), ["IREN", "SPY"])
    pd.testing.assert_frame_equal(
        got,
        pd.DataFrame(EXPECTED, index=pd.DatetimeIndex(DAYS, name="date").as_unit("ns")),
        check_names=False,
    )
    (tmp_path / "prices.parquet").rename(tmp_path / "other.bin")
    (tmp_path / "IREN.parquet").write_bytes((tmp_path / "other.bin").read_bytes())
    if layout == "long":
        assert load(parquet(tmp_path))["IREN"].tolist() == EXPECTED["IREN"]


def test_parquet_of_date_objects_and_single_precision(tmp_path: Path) -> None:
    frame = pd.DataFrame({"date": [date(2026, 2, 24)], "IREN": np.array([40.5], np.float32)})
    frame.to_parquet(tmp_path / "p.parquet")
    assert load(parquet(tmp_path / "p.parquet"))["IREN"].tolist() == [40.5]


# ── the contract ─────────────────────────────────────────────────────────────────────────
def test_report_says_what_happened_to_each_ticker(write: Callable[..., Path]) -> None:
    file = write("date,IREN,SPY,OLD\n2026-02-24,40,690,\n2026-02-25,41,,\n2020-01-02,,,5\n")
    frame = load(csv(file), ["SPY", "OLD", "GONE", "IREN"])
    nothing = {"rows": 0, "first": None, "last": None}
    assert frame.attrs == {
        "source": "prices.csv",
        "report": {
            "SPY": {"status": "ok", "rows": 1, "first": "2026-02-24", "last": "2026-02-24"},
            "OLD": {"status": "no_data", **nothing},
            "GONE": {"status": "not_found", **nothing},
            "IREN": {"status": "ok", "rows": 2, "first": "2026-02-24", "last": "2026-02-25"},
        },
    }
    assert json.loads(json.dumps(frame.attrs)) == frame.attrs
    assert frame[["OLD", "GONE"]].isna().to_numpy().all()
    assert all(dtype == np.float64 for dtype in frame.dtypes)


def test_end_is_included_and_days_without_any_price_are_left_out(
    write: Callable[..., Path],
) -> None:
    loader = csv(write(WIDE))
    assert load(loader, start=DAYS[1], end=DAYS[2])["IREN"].tolist() == [41.5, 40.1]
    assert len(load(loader, "SPY")) == 2
    assert len(load(loader, start=DAYS[1], end=DAYS[1])) == 1


@pytest.mark.parametrize(
    "start",
    [
        "2026-02-25",
        "20260225",
        "2026-02-25T21:05:00-05:00",
        date(2026, 2, 25),
        datetime(2026, 2, 25, 16, tzinfo=UTC),
        pd.Timestamp("2026-02-25", tz="America/New_York"),
        np.datetime64("2026-02-25"),
    ],
)
def test_dates_of_many_types(write: Callable[..., Path], start: object) -> None:
    assert len(load(csv(write(WIDE)), start=start)) == 2


def test_a_ticker_is_found_whatever_its_case_and_asked_once(write: Callable[..., Path]) -> None:
    frame = load(csv(write(WIDE)), ["iren", "iren"])
    assert frame.columns.tolist() == ["iren"]
    assert frame["iren"].tolist() == [40.0, 41.5, 40.1]


def test_exact_spelling_wins_over_another_case() -> None:
    assert match(["a", "A", "b"], ["A", "a", "B"]) == {"a": "a", "A": "A", "b": "B"}
    assert match(["Iren"], ["IREN", "iren"]) == {"Iren": "IREN"}


def test_a_loader_reads_when_called_and_shows_its_path(write: Callable[..., Path]) -> None:
    file = write(WIDE)
    loader = csv(str(file))
    file.write_text(WIDE.replace("41.5", "43"))
    assert load(loader)["IREN"].tolist() == [40.0, 43.0, 40.1]
    shown = repr(loader)  # a long path is cut at its beginning
    assert shown.startswith("<prices of '")
    assert shown.endswith(f"{file.name}'>")


# ── what is refused ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("value", [[], [""], ["  "], [7], [None], 7, None, b"IREN", {"IREN": 1}])
def test_refused_tickers(value: Any) -> None:
    with pytest.raises(errors.LoaderError) as caught:
        as_request(value, DAYS[0], DAYS[1], "close")
    assert str(caught.value) == (
        f"tickers={value!r} does not name what to load; give one text or a list of texts, "
        "none of them empty."
    )


@pytest.mark.parametrize("value", [20260225, 1.5, None, "", "25/02/2026", "tomorrow", pd.NaT])
@pytest.mark.parametrize("option", ["start", "end"])
def test_refused_dates(option: str, value: Any) -> None:
    dates = {"start": DAYS[0], "end": DAYS[1]} | {option: value}
    with pytest.raises(errors.LoaderError) as caught:
        as_request("IREN", dates["start"], dates["end"], "close")
    assert str(caught.value) == (
        f"{option}={value!r} is not a date; give a date or text as in '2026-02-25'."
    )


def test_refused_options() -> None:
    with pytest.raises(errors.LoaderError) as backwards:
        as_request("IREN", DAYS[1], DAYS[0], "close")
    assert str(backwards.value) == (
        "The prices asked for end (2026-02-24) before they begin (2026-02-25); "
        "swap `start` and `end`."
    )
    with pytest.raises(errors.OptionError) as field:
        as_request("IREN", DAYS[0], DAYS[1], "closing")
    assert str(field.value) == (
        "fields='closing' is not known; choose one of 'adj_close', 'open', 'high', 'low', "
        "'close', 'volume', 'market_cap'. Did you mean 'close'?"
    )


def test_nothing_found_and_no_such_field(write: Callable[..., Path]) -> None:
    file = write(WIDE)
    assert refusal(csv(file), ["GONE", "../../etc/passwd"]) == (
        f"Not one price was found in {file} for GONE, ../../etc/passwd from 2026-02-24 to "
        "2026-02-26 (unknown there: GONE, ../../etc/passwd); check the tickers and the dates."
    )
    assert refusal(csv(file), start="1999-01-01", end="1999-12-31") == (
        f"Not one price was found in {file} for IREN from 1999-01-01 to 1999-12-31; "
        "check the tickers and the dates."
    )
    assert refusal(csv(file), fields="volume") == (
        f"There is no field 'volume' in {file}, which has adj_close; "
        "ask for other `fields` or name the column 'volume'."
    )


@pytest.mark.parametrize(
    "path", ["", "nowhere.csv", "a\0b", "x" * 5000, "/dev/null", "https://x.y/z"]
)
def test_missing_file(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = refusal(csv(path or tmp_path / "nowhere"))
    shown = str(Path(path)) if path else str(tmp_path / "nowhere")
    assert text == f"There is no file or folder {shown!r}; check the path."


def test_path_of_a_wrong_type() -> None:
    with pytest.raises(errors.LoaderError) as caught:
        csv(None)  # type: ignore[arg-type]  # that is the test
    assert str(caught.value) == "There is no file or folder 'None'; check the path."


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "has no rows; it needs a header and one row for each date."),
        (b"\n\n", "has no rows; it needs a header and one row for each date."),
        (b"date,IREN\n", "has no rows; it needs a header and one row for each date."),
        (
            b" \n<!DOCTYPE html><html>\n<body>",
            "holds a web page, not a table; download the data itself.",
        ),
        (
            b"PAR1\x15\x04\x00\xff\n\xfe",
            "is not text in UTF-8; save it as CSV, or read a Parquet file with es.loaders.parquet.",
        ),
        (
            "date,IREN\n2026-02-24,4\n".encode("utf-16"),
            "is not text in UTF-8; save it as CSV, or read a Parquet file with es.loaders.parquet.",
        ),
        (
            b"date\0,IREN\n2026-02-24,4\n",
            "is not text in UTF-8; save it as CSV, or read a Parquet file with es.loaders.parquet.",
        ),
        (
            b"date,IREN\n" + b"2026-02-24,4\n" * 9000 + b"\xff\xfe,4\n",
            "is not text in UTF-8; save it as CSV, or read a Parquet file with es.loaders.parquet.",
        ),
        (
            b"date,IREN\n2026-02-24,1,234.5\n",
            "cannot be read as a table (the header has 2 columns, the first row 3); repair it.",
        ),
        (
            b"date,IREN\n2026-02-24,4\n2026-02-25,1,234.5\n",
            (
                "cannot be read as a table (Error tokenizing data. C error: Expected 2 fields in "
                "line 3, saw 3); repair it."
            ),
        ),
        (
            gzip.compress(WIDE.encode(), mtime=0)[:-12],
            (
                "cannot be read as a table (Compressed file ended before the end-of-stream marker "
                "was reached); repair it."
            ),
        ),
        (
            b"date,IREN\n2026-02-24,1\n,5\n",
            "holds '' where a date is needed; write dates as in 2026-02-25.",
        ),
        (
            b"date,IREN\n02/24/2026,40\n",
            "holds '02/24/2026' where a date is needed; write dates as in 2026-02-25.",
        ),
        (
            b"date,IREN\n2026-02-31,40\n",
            "holds '2026-02-31' where a date is needed; write dates as in 2026-02-25.",
        ),
        (
            b"date,IREN\n2026-02-24,40\n2026-02-25,n.a.\n",
            "holds 'n.a.' in column 'IREN' where a number is needed; leave missing prices empty.",
        ),
        (
            b'date;IREN\n2026-02-24;"40,5"\n',
            "holds '40,5' in column 'IREN' where a number is needed; leave missing prices empty.",
        ),
        (
            b"date,IREN\n2026-02-24,True\n",
            "holds 'True' in column 'IREN' where a number is needed; leave missing prices empty.",
        ),
        (
            b"date,IREN\n2026-02-24,40\n2026-02-24,40\n",
            "has more than one row for every ticker on 2026-02-24; keep one.",
        ),
        (
            b"date,ticker,price\n2026-02-24,IREN,40\n20260224,SPY,40\n2026-02-24,IREN,41\n",
            "holds '20260224' where a date is needed; write dates as in 2026-02-25.",
        ),
        (
            b"date,ticker,price\n2026-02-24,IREN,40\n2026-02-24,SPY,40\n2026-02-24,IREN,41\n",
            "has more than one row for IREN on 2026-02-24; keep one.",
        ),
    ],
)
def test_refused_contents(write: Callable[..., Path], content: bytes, text: str) -> None:
    file = write(content)
    assert refusal(csv(file)) == f"The file {str(file)!r} {text}"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("A,IREN\n1,40\n", ("No column of {} holds dates (it has A, IREN); name one `date`, "
            "written as in 2026-02-25.")),
        ("IREN,SPY\n41.5,690\n", ("No column of {} holds dates (it has IREN, SPY); name one "
            "`date`, written as in 2026-02-25.")),
        ("date,ticker,mood\n2026-02-24,IREN,good\n", ("No column of {} holds prices (it has "
            "date, ticker, mood); name one `adj_close`.")),
        ("date\n2026-02-24\n", "No column of {} holds prices (it has date); name one `adj_close`."),
        ("date,IREN,IREN\n2026-02-24,1,2\n", ("The header of {} names IREN more than once; "
            "give each column a name of its own.")),
    ],
)  # fmt: skip
def test_refused_headers(write: Callable[..., Path], content: str, text: str) -> None:
    file = write(content)
    assert refusal(csv(file)) == text.format(repr(str(file)))


def test_refused_folders(write: Callable[..., Path], tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for loader, endings in ((csv(folder), ".csv or .csv.gz"), (parquet(folder), ".parquet")):
        assert refusal(loader) == (
            f"The folder {str(folder)!r} holds no file that ends in {endings}; put one file for "
            f"each ticker there, as in IREN{endings.split()[0]}."
        )
    write(BARS, "folder/IREN.csv")
    assert refusal(csv(folder), "../folder/IREN").startswith("Not one price was found in ")
    write(BARS, "folder/iren.csv.gz")
    assert refusal(csv(folder)) == (
        f"The folder {str(folder)!r} has more than one file for IREN (IREN.csv, iren.csv.gz); "
        "keep one."
    )
    (folder / "IREN.csv").write_text(WIDE)
    (folder / "iren.csv.gz").unlink()
    assert refusal(csv(folder)) == (
        f"No column of {str(folder / 'IREN.csv')!r} holds prices (it has date, IREN, SPY); "
        "name one `adj_close`."
    )


def test_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    assert refusal(csv(tmp_path)) == (
        f"The file {str(tmp_path)!r} cannot be read as a table ([Errno 13] Permission denied); "
        "repair it."
    )


def test_refused_parquet(tmp_path: Path) -> None:
    file = tmp_path / "p.parquet"
    file.write_bytes(b"")
    empty = f"The file {str(file)!r} has no rows; it needs a header and one row for each date."
    assert refusal(parquet(file)) == empty
    file.write_text(WIDE)
    text = refusal(parquet(file))
    assert text.startswith(f"The file {str(file)!r} cannot be read as a table (")
    assert "Parquet magic bytes not found" in text
    pd.DataFrame({"date": pd.DatetimeIndex([]), "IREN": []}).to_parquet(file)
    assert refusal(parquet(file)) == empty


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "p.parquet"
    file.write_bytes(b"")
    real = builtins.__import__

    def absent(name: str, *args: Any, **kw: Any) -> Any:
        if name == "pyarrow":
            raise ImportError(name)
        return real(name, *args, **kw)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert refusal(parquet(file)) == (
        "Parquet files need the package `pyarrow`; run pip install pyarrow, "
        "or save the file as CSV."
    )


def test_one_security_is_not_given_under_two_names(write: Callable[..., Path]) -> None:
    file = write("date,IREN,SPY\n2026-02-24,40,690\n2026-02-25,41,691\n")
    frame = load(csv(file), ["iren", "IREN", "spy"])
    assert frame["IREN"].tolist() == [40, 41]
    assert frame["spy"].tolist() == [690, 691]
    assert frame["iren"].isna().all()
    assert frame.attrs["report"]["iren"]["status"] == "not_found"


def test_the_error_where_nothing_was_found_says_why_by_ticker(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("date,IREN,SPY\n2026-02-25,41.5,690\n", encoding="utf-8")
    with pytest.raises(errors.LoaderError) as refused:
        csv(file)(["IREN", "GONE"], "2026-03-02", "2026-03-06")
    empty = {"rows": 0, "first": None, "last": None}
    assert refused.value.report == {
        "IREN": {"status": "no_data"} | empty,
        "GONE": {"status": "not_found"} | empty,
    }
