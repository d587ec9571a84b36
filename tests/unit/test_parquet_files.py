"""Parquet: long tables in batches, tables in parts, what is skipped and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstudy as es
from eventstudy import errors
from eventstudy.loaders import parquet
from eventstudy.loaders._files import FileLoader
from eventstudy.loaders._grid import Rows, ahead, survey
from eventstudy.loaders._parquet import BATCH, open_parquet
from eventstudy.loaders._parquet_groups import _lies_between, groups_with
from eventstudy.loaders._values import day_of

START, END = "2025-01-01", "2026-12-31"
EVER = (-100_000, 100_000)
TICKERS = ("IREN", "BRK.B", "0700", "iren2", "GLXY.TO", "SPY")


def simulated(seed: int = 4, days: int = 90) -> pd.DataFrame:
    """Long prices in no order: a tenth of the pairs is absent, some prices are missing."""
    rng = np.random.default_rng(seed)
    dates = pd.bdate_range("2025-11-24", periods=days)
    pairs = pd.MultiIndex.from_product([dates, TICKERS], names=["date", "ticker"])
    long = pd.DataFrame({"adj_close": rng.uniform(1, 99, len(pairs))}, pairs).reset_index()
    long["volume"] = rng.integers(1, 10**6, len(long))
    long.loc[rng.random(len(long)) < 0.1, "adj_close"] = np.nan
    return long.sample(frac=0.9, random_state=seed).reset_index(drop=True)


def pivoted(long: pd.DataFrame, tickers: Any = TICKERS, value: str = "adj_close") -> pd.DataFrame:
    """What pandas makes of it."""
    wide = long.pivot_table(index="date", columns="ticker", values=value, aggfunc="first")
    wide = wide.reindex(columns=list(tickers)).dropna(how="all").astype(float)
    wide.index = pd.DatetimeIndex(wide.index, name="date").as_unit("ns")
    return wide


def store(long: pd.DataFrame, file: Path, rows: int = 64, **kinds: pa.DataType) -> Path:
    """Write with few rows in a row group, some columns as another type."""
    table = pa.Table.from_pandas(long, preserve_index=False)
    for name, kind in kinds.items():
        at = table.column_names.index(name)
        table = table.set_column(at, name, cast(table.column(at).combine_chunks(), kind))
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file, row_group_size=rows)
    return file


def cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type).dictionary_encode().cast(kind)
    if pa.types.is_timestamp(column.type) and pa.types.is_integer(kind):
        return pa.array([int(f"{day:%Y%m%d}") for day in column.to_pylist()], kind)
    if pa.types.is_timestamp(column.type) and pa.types.is_string(kind):
        return pa.array([f"{day:%Y-%m-%d}" for day in column.to_pylist()], kind)
    if pa.types.is_timestamp(kind) and kind.tz:
        days = pd.DatetimeIndex(column.to_pandas()) + pd.Timedelta("20h")  # the next day in UTC
        return pa.array(days.tz_localize(kind.tz).as_unit(kind.unit), kind)
    return column.cast(kind)


def load(path: Path, tickers: Any = TICKERS, **kw: Any) -> pd.DataFrame:
    return parquet(path)(tickers, kw.pop("start", START), kw.pop("end", END), **kw)


def refusal(path: Path, tickers: Any = TICKERS, **kw: Any) -> str:
    with pytest.raises(errors.LoaderError) as caught:
        load(path, tickers, **kw)
    return str(caught.value)


def same(got: pd.DataFrame, wanted: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(got, wanted, check_names=False, check_exact=True)


@pytest.fixture(params=[64, BATCH], ids=["batches", "one batch"])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("eventstudy.loaders._parquet.BATCH", request.param)
    size: int = request.param
    return size


# ── the numbers are those of a pivot ─────────────────────────────────────────────────────
CODED = pa.dictionary(pa.int32(), pa.string())
DATES = {
    "date32": pa.date32(),
    "date64": pa.date64(),
    "milliseconds": pa.timestamp("ms"),
    "nanoseconds": pa.timestamp("ns"),
    "New York": pa.timestamp("us", "America/New_York"),
    "number": pa.int32(),
    "text": pa.string(),
    "coded text": CODED,
}
NAMES = {
    "text": pa.string(),
    "large text": pa.large_string(),
    "coded": CODED,
    "bytes": pa.binary(),
}


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("rows", [1, 64, 10_000])
@pytest.mark.parametrize("names", NAMES)
def test_equal_to_a_pivot_whatever_the_tickers_are(tmp_path: Path, names: str, rows: int) -> None:
    long = simulated(days=40)
    file = store(long, tmp_path / "p.parquet", rows, ticker=NAMES[names])
    same(load(file), pivoted(long))
    assert parquet(file).tickers() == sorted(TICKERS)


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize("dates", DATES)
def test_equal_to_a_pivot_whatever_the_dates_are(tmp_path: Path, dates: str) -> None:
    long = simulated()
    kind = DATES[dates]
    stored = long.assign(date=long["date"].dt.strftime("%Y-%m-%d")) if kind == CODED else long
    file = store(stored, tmp_path / "p.parquet", date=kind)
    same(load(file), pivoted(long))
    inside = long[long["date"].between("2026-01-05", "2026-01-30")]
    same(load(file, start="2026-01-05", end="2026-01-30"), pivoted(inside))


@pytest.mark.usefixtures("batch")
@pytest.mark.parametrize(
    "kind", [pa.float32(), pa.decimal128(12, 4), pa.string(), pa.int64(), pa.float16()]
)
def test_numbers_of_other_types(tmp_path: Path, kind: pa.DataType) -> None:
    long = simulated(days=20)
    long["adj_close"] = np.floor(long["adj_close"])
    file = store(long, tmp_path / "p.parquet", adj_close=kind)
    same(load(file), pivoted(long))


def test_no_number_is_either_null_or_not_a_number(tmp_path: Path) -> None:
    table = pa.table(
        {
            "date": pa.array([20260224, 20260225, 20260226] * 2, pa.int64()),
            "ticker": ["IREN"] * 3 + ["SPY"] * 3,
            "adj_close": pa.array([1.0, None, float("nan"), 2.0, 3.0, 4.0]),
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    frame = load(tmp_path / "p.parquet", ["IREN", "SPY"])
    np.testing.assert_array_equal(frame["IREN"], [1.0, np.nan, np.nan])
    assert frame["SPY"].tolist() == [2.0, 3.0, 4.0]
    assert frame.attrs["report"]["IREN"] == {
        "status": "ok",
        "rows": 1,
        "first": "2026-02-24",
        "last": "2026-02-24",
    }


@pytest.mark.usefixtures("batch")
def test_row_groups_may_code_their_tickers_each_in_its_own_way(tmp_path: Path) -> None:
    long = simulated()
    with pq.ParquetWriter(
        tmp_path / "p.parquet",
        pa.schema([("date", pa.date32()), ("ticker", CODED), ("adj_close", pa.float64())]),
    ) as writer:
        for at in range(0, len(long), 50):
            part = long.iloc[at : at + 50]
            labels = ["unused", *TICKERS[:: -1 if at % 100 else 1]]
            codes = pa.array([labels.index(name) for name in part["ticker"]], pa.int32())
            writer.write_table(
                pa.table(
                    [
                        pa.array(part["date"]).cast(pa.date32()),
                        pa.DictionaryArray.from_arrays(codes, labels),
                        pa.array(part["adj_close"]),
                    ],
                    schema=writer.schema,
                )
            )
    same(load(tmp_path / "p.parquet"), pivoted(long))
    assert parquet(tmp_path / "p.parquet").tickers() == sorted(TICKERS)  # not the unused one


def test_tickers_may_be_numbers_and_the_column_permno(tmp_path: Path) -> None:
    long = simulated().rename(columns={"adj_close": "PRC"})
    numbers = {name: 10_000 + at for at, name in enumerate(TICKERS)}
    stored = long.assign(ticker=long["ticker"].map(numbers)).rename(columns={"ticker": "PERMNO"})
    file = store(stored, tmp_path / "p.parquet")
    asked = [str(number) for number in numbers.values()]
    wanted = pivoted(long, value="PRC").set_axis(asked, axis=1)
    same(load(file, asked), wanted)
    assert parquet(file).tickers() == asked
    both = store(stored.assign(ticker=long["ticker"]), tmp_path / "both.parquet")
    same(load(both), wanted.set_axis(list(TICKERS), axis=1))


def test_several_fields_and_only_what_is_asked(tmp_path: Path) -> None:
    long = simulated().assign(mood="good", open="none today")
    file = store(long, tmp_path / "p.parquet")
    frame = load(file, ["SPY", "IREN"], fields=("volume", "adj_close"))
    assert [*frame] == [(f, t) for f in ("volume", "adj_close") for t in ("SPY", "IREN")]
    for field in ("volume", "adj_close"):
        wanted = pivoted(long, ["SPY", "IREN"], field)
        np.testing.assert_array_equal(frame[field].reindex(wanted.index), wanted)


def test_the_order_and_spelling_asked_are_those_of_the_answer(tmp_path: Path) -> None:
    long = simulated()
    file = store(long, tmp_path / "p.parquet")
    asked = ["spy", "GONE", "IREN2", "0700"]
    frame = load(file, asked)
    assert frame.columns.tolist() == asked
    wanted = pivoted(long, ["SPY", "GONE", "iren2", "0700"])
    np.testing.assert_array_equal(frame, wanted)
    assert [entry["status"] for entry in frame.attrs["report"].values()] == [
        "ok",
        "not_found",
        "ok",
        "ok",
    ]


def test_what_differs_in_case_only_is_two_tickers(tmp_path: Path) -> None:
    long = pd.DataFrame(
        {"date": ["2026-02-24"] * 3, "ticker": ["Iren", "IREN ", "iren"], "adj_close": [1, 2, 3]}
    )
    file = store(long, tmp_path / "p.parquet", rows=1)
    assert load(file, ["IREN"]).to_numpy().tolist() == [[2.0]]
    assert load(file, ["iren", "IREN"]).to_numpy().tolist() == [[3.0, 2.0]]


def test_the_panel_is_that_of_the_pivot(tmp_path: Path) -> None:
    long = simulated()
    prices = load(store(long, tmp_path / "p.parquet"))
    before = prices.copy()
    for market in (None, "SPY", "IREN"):
        ours = es.Panel.from_prices(prices, market=market)
        table = pd.DataFrame(np.ascontiguousarray(prices), prices.index, prices.columns)
        theirs = es.Panel.from_prices(table, market=market)
        np.testing.assert_array_equal(ours.returns, theirs.returns)
        np.testing.assert_array_equal(ours.sessions, theirs.sessions)
    same(prices, before)
    rows = es.Panel.from_long(long.dropna(), price="adj_close", market="SPY")
    ours = es.Panel.from_prices(prices[sorted(TICKERS)], market="SPY")
    assert rows.tickers == ours.tickers
    np.testing.assert_array_equal(rows.returns, ours.returns)


# ── what is not read ─────────────────────────────────────────────────────────────────────
@pytest.fixture
def read_groups(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], list[int]]]:
    """Columns and row groups of every reading."""
    real, seen = pq.ParquetFile.iter_batches, []

    def noted(self: Any, size: int, row_groups: Any = None, columns: Any = None) -> Any:
        seen.append((columns, row_groups))
        return real(self, size, row_groups=row_groups, columns=columns)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", noted)
    return seen


def test_row_groups_of_other_dates_and_tickers_are_skipped(
    tmp_path: Path, read_groups: list[tuple[list[str], list[int]]]
) -> None:
    long = simulated().assign(mood="good")
    by_date = store(long.sort_values("date"), tmp_path / "date.parquet", 100)
    last = load(by_date, start="2026-03-20", end="2026-03-27")
    same(last, pivoted(long[long["date"].between("2026-03-20", "2026-03-27")]))
    assert read_groups == [
        (["date", "ticker"], [0, 1, 2, 3, 4]),  # so that a ticker without prices then is known
        (["date", "ticker", "adj_close"], [4]),
    ]
    by_ticker = store(long.sort_values("ticker"), tmp_path / "ticker.parquet", 100)
    for asked, groups in {"iren2": [3, 4], "IREN2": [3, 4], "BRK.B": [0, 1, 4], "~": []}.items():
        read_groups.clear()
        load(by_ticker, [asked, "0700"])
        assert [kept for _, kept in read_groups] == [sorted({0, *groups})] * 2


def test_a_ticker_without_prices_on_the_dates_is_known_though(tmp_path: Path) -> None:
    long = pd.DataFrame(
        {"date": ["2025-02-24", "2026-02-24"], "ticker": ["OLD", "IREN"], "adj_close": [1.0, 2.0]}
    )
    file = store(long, tmp_path / "p.parquet", rows=1)
    frame = load(file, ["OLD", "IREN", "GONE"], start="2026-01-01")
    status = {name: entry["status"] for name, entry in frame.attrs["report"].items()}
    assert status == {"OLD": "no_data", "IREN": "ok", "GONE": "not_found"}


@given(
    name=st.text("aBc.1", min_size=1, max_size=3),
    least=st.text("AaBbCc.1", max_size=4),
    most=st.text("AaBbCc.1", max_size=4),
)
def test_a_name_lies_between_if_one_of_its_spellings_does(name: str, least: str, most: str) -> None:
    spellings = ("".join(p) for p in product(*((c.upper(), c.lower()) for c in name)))
    assert _lies_between(name, least, most) == any(least <= s <= most for s in spellings)


SPELLED = [
    "IREN",
    "iren",
    "Iren",
    "iREN  ",
    "  IREN",
    "BRK.B",
    "brk.b",
    "0700",
    "ÄÖ",
    "äö",
    "^GSPC",
]


@pytest.mark.parametrize("asked", ["IREN", "iren", "IrEn", "BRK.b", "0700", "Äö", "^gspc", "Z"])
def test_skipping_row_groups_loses_no_spelling(tmp_path: Path, asked: str) -> None:
    for together in (1, 2, 3):
        for at in range(len(SPELLED)):
            names = SPELLED[at:] + SPELLED[:at]
            file = tmp_path / "p.parquet"
            pq.write_table(pa.table({"ticker": names}), file, row_group_size=together)
            kept = groups_with(pq.read_metadata(file), ("ticker", [asked]), (None, EVER))
            wanted = {
                place // together
                for place, name in enumerate(names)
                if name.strip().upper() == asked.upper()
            }
            assert wanted <= set(kept)


@pytest.mark.parametrize("dates", [kind for kind in DATES if kind != "coded text"])
def test_skipping_row_groups_loses_no_date(tmp_path: Path, dates: str) -> None:
    days = pd.date_range("1969-12-20", periods=40)
    file = store(pd.DataFrame({"date": days}), tmp_path / "p.parquet", 1, date=DATES[dates])
    for first in range(0, 40, 3):
        for last in range(first, min(first + 4, 40)):
            between = day_of(days[first]), day_of(days[last])
            kept = groups_with(pq.read_metadata(file), (None, None), ("date", between))
            assert set(range(first, last + 1)) <= set(kept)
            assert len(kept) <= last - first + 4


def test_bounds_that_are_absent_or_say_nothing_skip_nothing(tmp_path: Path) -> None:
    table = pa.table({"date": ["soon", "late"], "ticker": pa.array([None, None], pa.string())})
    for statistics in (True, False):
        file = tmp_path / f"{statistics}.parquet"
        pq.write_table(table, file, row_group_size=1, write_statistics=statistics)
        metadata = pq.read_metadata(file)
        assert groups_with(metadata, ("ticker", ["IREN"]), ("date", (0, 1))) == [0, 1]
        assert groups_with(metadata, ("other", ["IREN"]), ("other", (0, 1))) == [0, 1]
    numbers = pa.table({"ticker": [10107, 14593]})
    pq.write_table(numbers, file, row_group_size=1)
    metadata = pq.read_metadata(file)
    assert groups_with(metadata, ("ticker", ["10107", "IREN"]), (None, EVER)) == [0]
    assert groups_with(metadata, ("ticker", ["14593"] * 501), (None, EVER)) == [0, 1]


def test_rows_come_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.loaders._parquet.BATCH", 100)
    long = simulated()
    part = open_parquet(store(long, tmp_path / "p.parquet", 10_000), "p", {})
    sizes = [len(rows.days) for rows in part.rows(("adj_close",), None, EVER)]
    assert len(sizes) > 1
    assert max(sizes) <= 100
    assert sum(sizes) == len(long)


def test_the_next_batch_is_made_ahead_and_its_error_arrives() -> None:
    def three() -> Any:
        yield from (1, 2)
        message = "torn"
        raise OSError(message)

    items = ahead(three())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(OSError, match="torn"):
        next(items)
    assert list(ahead([])) == []
    assert list(ahead([0, "", False])) == [0, "", False]


def test_days_long_ago_and_far_away_are_told_apart() -> None:
    days = np.array([-100_000, 106_751, 0, -1, 1, -106_751])
    rows = Rows(days, np.zeros(6, dtype=np.int64), ("IREN",), lambda *_: np.zeros(6))
    found, tickers = survey([rows])
    assert found.tolist() == sorted(days.tolist())
    assert tickers == ("IREN",)


# ── wide ─────────────────────────────────────────────────────────────────────────────────
def test_wide_reads_the_columns_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = pd.DatetimeIndex(["2026-02-24", "2026-02-25"], name="date")
    frame = pd.DataFrame({"BRK": [1.0, 2.0], "BRK.B": [3.0, np.nan], "BAD": ["x", "y"]}, days)
    frame.to_parquet(tmp_path / "wide.parquet")
    read: list[list[str]] = []
    real = pq.ParquetFile.read

    def noted(self: Any, columns: list[str]) -> Any:
        read.append(columns)
        return real(self, columns=columns)

    monkeypatch.setattr(pq.ParquetFile, "read", noted)
    got = load(tmp_path / "wide.parquet", ["brk", "BRK.B"])
    assert got.columns.tolist() == ["brk", "BRK.B"]
    np.testing.assert_array_equal(got, frame[["BRK", "BRK.B"]])
    assert [sorted(columns) for columns in read] == [["BRK", "BRK.B", "date"]]
    assert parquet(tmp_path / "wide.parquet").tickers() == ["BAD", "BRK", "BRK.B"]
    assert refusal(tmp_path / "wide.parquet", ["BAD"]) == (
        f"The file {str(tmp_path / 'wide.parquet')!r} holds 'x' in column 'BAD' where a number is "
        "needed; leave missing prices empty."
    )


def test_an_index_without_a_name_and_one_that_is_the_second_column(tmp_path: Path) -> None:
    days = pd.DatetimeIndex(["2026-02-24", "2026-02-25"])
    pd.DataFrame({"IREN": [1.0, 2.0], "SPY": [3, 4]}, days).to_parquet(tmp_path / "a.parquet")
    assert load(tmp_path / "a.parquet", ["SPY"])["SPY"].tolist() == [3.0, 4.0]
    long = simulated(days=10)
    long.set_index(["ticker", "date"]).to_parquet(tmp_path / "b.parquet")
    same(load(tmp_path / "b.parquet"), pivoted(long))


def test_a_wide_table_in_several_files(tmp_path: Path) -> None:
    wide = pivoted(simulated())
    for year, part in wide.groupby(pd.DatetimeIndex(wide.index).year):
        part.to_parquet(tmp_path / f"{year}.parquet")
    same(load(tmp_path), wide)
    assert parquet(tmp_path).tickers() == sorted(TICKERS)
    wide[["IREN", "SPY"]].iloc[70:75].to_parquet(tmp_path / "again.parquet")
    assert refusal(tmp_path) == (
        f"The files in {str(tmp_path)!r} together have more than one row for IREN on "
        f"{wide.index[70].date()}; keep one."
    )
    assert load(tmp_path, ["0700"])["0700"].notna().any()  # of which there is one


# ── tables in parts ──────────────────────────────────────────────────────────────────────
def by_year(long: pd.DataFrame, folder: Path) -> None:
    for year, part in long.groupby(long["date"].dt.year):
        store(part, folder / f"{year}.parquet", ticker=CODED if year == 2025 else pa.string())


def by_year_folder(long: pd.DataFrame, folder: Path) -> None:
    pq.write_to_dataset(
        pa.Table.from_pandas(long.assign(year=long["date"].dt.year)), folder, ["year"]
    )


def by_ticker(long: pd.DataFrame, folder: Path) -> None:
    pq.write_to_dataset(pa.Table.from_pandas(long, preserve_index=False), folder, ["ticker"])


def by_both(long: pd.DataFrame, folder: Path) -> None:
    table = pa.Table.from_pandas(long.assign(year=long["date"].dt.year), preserve_index=False)
    pq.write_to_dataset(table, folder, ["ticker", "year"])


def by_date(long: pd.DataFrame, folder: Path) -> None:
    text = long.assign(date=long["date"].dt.strftime("%Y-%m-%d"))
    pq.write_to_dataset(pa.Table.from_pandas(text, preserve_index=False), folder, ["date"])


def by_date_and_ticker(long: pd.DataFrame, folder: Path) -> None:
    text = long.assign(date=long["date"].dt.strftime("%Y%m%d"))
    pq.write_to_dataset(
        pa.Table.from_pandas(text, preserve_index=False), folder, ["date", "ticker"]
    )


@pytest.mark.parametrize(
    "write", [by_year, by_year_folder, by_ticker, by_both, by_date, by_date_and_ticker]
)
def test_a_long_table_in_parts(tmp_path: Path, write: Callable[[pd.DataFrame, Path], None]) -> None:
    long = simulated(days=10 if write in (by_date, by_date_and_ticker) else 40)
    write(long, tmp_path)
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".part.parquet.crc").write_bytes(b"crc")
    (tmp_path / "._p.parquet").write_bytes(b"mac")
    (tmp_path / "notes.txt").write_text("not prices")
    (tmp_path / "empty=folder").mkdir()
    same(load(tmp_path), pivoted(long))
    same(load(tmp_path, ["brk.b"]), pivoted(long, ["BRK.B"]).set_axis(["brk.b"], axis=1))
    assert parquet(tmp_path).tickers() == sorted(TICKERS)
    assert load(tmp_path).attrs["source"] == tmp_path.name


HOSTILE = ["../../x", "A/B", "ticker=SPY", "100%", "CON", "^GSPC", "007", "ÄÖ", "a b"]


def test_what_a_folder_says_is_a_value_and_never_a_path(tmp_path: Path) -> None:
    long = pd.DataFrame({"date": ["2026-02-24"] * 9, "ticker": HOSTILE, "close": range(1, 10)})
    by_ticker(long, tmp_path / "prices")
    pq.write_table(pa.table({"date": ["2026-02-24"], "close": [99.0]}), tmp_path / "x.parquet")
    for ticker, close in zip(HOSTILE, range(1, 10), strict=True):
        assert load(tmp_path / "prices", ticker, fields="close").to_numpy().tolist() == [[close]]
    assert parquet(tmp_path / "prices").tickers() == sorted(HOSTILE)
    assert refusal(tmp_path / "prices", ["../x", "7"]).startswith("Not one price was found in ")


def test_folders_of_other_tickers_are_not_opened(tmp_path: Path) -> None:
    by_ticker(simulated(days=10), tmp_path)
    for file in (tmp_path / "ticker=SPY").iterdir():
        file.write_bytes(b"PAR1 torn")
    assert load(tmp_path, ["IREN"])["IREN"].notna().any()
    assert refusal(tmp_path, ["IREN", "SPY"]).startswith(
        f"The file {str(next((tmp_path / 'ticker=SPY').iterdir()))!r} cannot be read as a table ("
    )


def test_a_ticker_in_the_file_counts_more_than_its_folder(tmp_path: Path) -> None:
    long = pd.DataFrame({"date": ["2026-02-24"], "ticker": ["IREN"], "adj_close": [4.0]})
    store(long, tmp_path / "ticker=iren" / "p.parquet")
    assert parquet(tmp_path).tickers() == ["IREN"]


def test_one_file_for_each_ticker_in_folders(tmp_path: Path) -> None:
    days = pd.DatetimeIndex(["2026-02-24", "2026-02-25"], name="date")
    for place, name in (("exchange=NASDAQ", "IREN"), ("exchange=NYSE", "brk.b")):
        (tmp_path / place).mkdir()
        pd.DataFrame({"px": [1.0, 2.0]}, days).to_parquet(tmp_path / place / f"{name}.parquet")
    assert load(tmp_path, ["BRK.B", "IREN"]).to_numpy().tolist() == [[1.0, 1.0], [2.0, 2.0]]
    assert parquet(tmp_path).tickers() == ["IREN", "brk.b"]
    assert refusal(tmp_path, ["GONE"]) == (
        f"Not one price was found in {tmp_path} for GONE from 2025-01-01 to 2026-12-31 "
        "(unknown there: GONE); check the tickers and the dates."
    )


def test_parts_without_rows_are_passed_over(tmp_path: Path) -> None:
    long = simulated(days=10)
    store(long, tmp_path / "b.parquet")
    store(long.iloc[:0], tmp_path / "a.parquet")
    store(long.iloc[:0], tmp_path / "c.parquet")
    same(load(tmp_path), pivoted(long))
    (tmp_path / "b.parquet").unlink()
    assert refusal(tmp_path, ["IREN"]).startswith("Not one price was found in ")


# ── what is refused ──────────────────────────────────────────────────────────────────────
def long_file(folder: Path, rows: int = 1, **columns: Any) -> Path:
    usual = {
        "date": ["2026-02-24", "2026-02-25", "2026-02-26"],
        "ticker": ["IREN", "SPY", "IREN"],
        "adj_close": [1.0, 2.0, 3.0],
    }
    pq.write_table(pa.table({**usual, **columns}), folder / "p.parquet", row_group_size=rows)
    return folder / "p.parquet"


@pytest.mark.parametrize("rows", [1, 10])
@pytest.mark.parametrize(
    "prices", [[1.0, 2.0, 3.0], [1.0, 2.0, None], [None, 2.0, 3.0], [None] * 3]
)
def test_a_pair_that_repeats_is_named(tmp_path: Path, rows: int, prices: list[Any]) -> None:
    dates = ["2026-02-24", "2026-02-25", "2026-02-24"]
    values = pa.array(prices, pa.float64())
    file = long_file(tmp_path, rows, date=dates, adj_close=values)
    assert refusal(file) == (
        f"The file {str(file)!r} has more than one row for IREN on 2026-02-24; keep one."
    )
    if prices[1] is not None:
        assert load(file, ["SPY"])["SPY"].tolist() == [2.0]  # not asked, not looked at
        assert len(load(file, start="2026-02-25")) == 1


def test_a_pair_that_repeats_in_another_file_is_named(tmp_path: Path) -> None:
    long = simulated()
    store(long, tmp_path / "a.parquet")
    store(long.iloc[[200]], tmp_path / "b.parquet")
    again = long.iloc[200]
    assert refusal(tmp_path) == (
        f"The files in {str(tmp_path)!r} together have more than one row for {again['ticker']} on "
        f"{again['date'].date()}; keep one."
    )


@pytest.mark.parametrize("rows", [1, 10])
@pytest.mark.parametrize("kind", [pa.string(), CODED, pa.int64()])
def test_a_row_without_a_ticker(tmp_path: Path, kind: pa.DataType, rows: int) -> None:
    values: list[Any] = [1, None, 2] if kind == pa.int64() else ["IREN", None, "SPY"]
    file = long_file(tmp_path, rows, ticker=cast(pa.array(values), kind))
    sentence = (
        f"The file {str(file)!r} has a row without a ticker; give it one or leave the row out."
    )
    assert refusal(file, ["IREN", "1", "SPY"]) == sentence
    with pytest.raises(errors.LoaderError) as caught:
        parquet(file).tickers()
    assert str(caught.value) == sentence


@pytest.mark.parametrize("rows", [1, 10])
def test_a_blank_is_no_ticker(tmp_path: Path, rows: int) -> None:
    file = long_file(tmp_path, rows, ticker=["IREN", " ", "SPY"])
    assert "has a row without a ticker;" in refusal(file)
    labels, codes = ["IREN", "", "SPY"], pa.array([0, 2, 0], pa.int32())
    used = pa.DictionaryArray.from_arrays(codes, labels)  # the blank is not used
    assert len(load(long_file(tmp_path, rows, ticker=used))) == 3
    default = tmp_path / "folder" / "ticker=__HIVE_DEFAULT_PARTITION__"
    default.mkdir(parents=True)
    pq.write_table(pa.table({"date": ["2026-02-24"], "close": [1.0]}), default / "p.parquet")
    with pytest.raises(errors.LoaderError) as caught:
        parquet(tmp_path / "folder").tickers()
    assert "has a row without a ticker;" in str(caught.value)


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        (["2026-02-24", None, "2026-02-26"], "None"),
        (["2026-02-24", "24.02.2026", "2026-02-26"], "24.02.2026"),
        (pa.array([1, None, 3], pa.date32()), "None"),
        (pa.array([1, 2, 2_900_000], pa.date32()), "9909-12-07"),
        (["2026-02-24", "2026-02-25", "9999-12-31"], "9999-12-31"),
        (pa.array([20260224, 20260225, 20260231], pa.int64()), "20260231"),
        ([1.5, 2.5, 3.5], "1.5"),
    ],
)
def test_a_date_that_is_none(tmp_path: Path, dates: Any, shown: str) -> None:
    file = long_file(tmp_path, 10, date=dates)
    assert refusal(file) == (
        f"The file {str(file)!r} holds {shown!r} where a date is needed; "
        "write dates as in 2026-02-25."
    )


@pytest.mark.parametrize(
    ("values", "shown"),
    [(["1.0", "2.0", "n.a."], "n.a."), ([True, False, True], "True")],
)
def test_text_and_truth_values_are_no_prices(tmp_path: Path, values: Any, shown: str) -> None:
    file = long_file(tmp_path, 10, adj_close=values)
    assert refusal(file, ["IREN"]) == (
        f"The file {str(file)!r} holds {shown!r} in column 'adj_close' where a number is needed; "
        "leave missing prices empty."
    )
    if shown == "n.a.":
        assert load(file, ["SPY"])["SPY"].tolist() == [2.0]


@pytest.mark.parametrize("price", [np.inf, 0.0, -1.0])
def test_the_panel_refuses_what_is_no_price(tmp_path: Path, price: float) -> None:
    frame = load(long_file(tmp_path, adj_close=[1.0, 2.0, price]), ["IREN", "SPY"])
    with pytest.raises(errors.PanelError):
        es.Panel.from_prices(frame, market="SPY")


def test_a_field_that_is_not_there(tmp_path: Path) -> None:
    file = long_file(tmp_path)
    assert refusal(file, fields="volume") == (
        f"There is no field 'volume' in {file}, which has adj_close; ask for other `fields` or "
        "name the column 'volume'."
    )
    named = file.rename(tmp_path / "a.parquet")
    close = pq.read_table(named).rename_columns(["date", "ticker", "close"])
    pq.write_table(close, tmp_path / "b.parquet")
    assert refusal(tmp_path) == (
        f"The file {str(tmp_path / 'b.parquet')!r} has no column 'adj_close', and other files of "
        "its folder have one; add it or move the file."
    )
    named.unlink()
    frame = load(tmp_path)
    assert frame.attrs["note"].startswith("adj_close is the column close")
    assert frame["SPY"].dropna().tolist() == [2.0]


def test_parts_of_different_kinds(tmp_path: Path) -> None:
    long_file(tmp_path).rename(tmp_path / "a.parquet")
    wide = pd.DataFrame({"date": ["2026-02-24"], "IREN": [1.0], "SPY": [2.0]})
    wide.to_parquet(tmp_path / "b.parquet")
    sentence = (
        f"The folder {str(tmp_path)!r} holds tables of different kinds (a.parquet and b.parquet); "
        "keep one kind in a folder."
    )
    assert refusal(tmp_path) == sentence
    (tmp_path / "a.parquet").rename(tmp_path / "c.parquet")
    assert refusal(tmp_path) == sentence.replace("a.parquet and b", "b.parquet and c")


def test_a_part_that_is_no_table_of_prices(tmp_path: Path) -> None:
    long_file(tmp_path)
    pd.DataFrame({"name": ["IREN"], "sector": ["miner"]}).to_parquet(tmp_path / "q.parquet")
    assert refusal(tmp_path) == (
        f"No column of {str(tmp_path / 'q.parquet')!r} holds dates (it has name, sector); "
        "name one `date`, written as in 2026-02-25."
    )
    (tmp_path / "q.parquet").write_bytes(b"")
    assert refusal(tmp_path) == (
        f"The file {str(tmp_path / 'q.parquet')!r} has no rows; it needs a header and one row for "
        "each date."
    )


@pytest.mark.parametrize("where", ["footer", "pages"])
def test_a_torn_file(tmp_path: Path, where: str) -> None:
    file = store(simulated(), tmp_path / "p.parquet")
    content = bytearray(file.read_bytes())
    if where == "footer":
        del content[-200:]
    else:
        content[4:400] = bytes(396)
    file.write_bytes(content)
    assert refusal(file).startswith(f"The file {str(file)!r} cannot be read as a table (")


def test_columns_of_one_name(tmp_path: Path) -> None:
    table = pa.table([["2026-02-24"], [1.0], [2.0]], names=["date", "IREN", "IREN "])
    pq.write_table(table, tmp_path / "p.parquet")
    assert refusal(tmp_path / "p.parquet") == (
        f"The header of {str(tmp_path / 'p.parquet')!r} names IREN more than once; "
        "give each column a name of its own."
    )


def test_the_loader_is_the_same_object_as_for_csv(tmp_path: Path) -> None:
    assert isinstance(parquet(tmp_path), FileLoader)
    with pytest.raises(errors.LoaderError) as caught:
        parquet(tmp_path / "nowhere").tickers()
    assert str(caught.value) == (
        f"There is no file or folder {str(tmp_path / 'nowhere')!r}; check the path."
    )
