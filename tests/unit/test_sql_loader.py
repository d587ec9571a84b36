"""Prices from databases: sqlite3, DuckDB, SQLAlchemy, and drivers with other placeholders."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

import eventstudy as es
from eventstudy import errors
from eventstudy.loaders import Loader, sql
from eventstudy.loaders._sql_text import bind, parameters

DAYS = ["2026-02-24", "2026-02-25", "2026-02-26"]
HOSTILE = "'; DROP TABLE prices; --"
ROWS = [
    ("2026-02-24", "IREN", 40.0, 20),
    ("2026-02-25", "IREN", 41.5, 22),
    ("2026-02-26", "IREN", 40.1, 21),
    ("2026-02-24", "SPY", 690.0, 11),
    ("2026-02-26", "SPY", 688.0, 10),
    ("2026-02-24", HOSTILE, 7.0, 1),
    ("2026-02-27", "SPY", 1.0, 1),
    ("2026-02-25", "OTHER", 2.0, 1),
]
QUERY = """
SELECT date, ticker, adj_close FROM prices
WHERE ticker IN (:tickers) AND date BETWEEN :start AND :end
"""
EXPECTED = {"IREN": [40.0, 41.5, 40.1], "SPY": [690.0, np.nan, 688.0]}
CREATE = "CREATE TABLE prices (date {}, ticker TEXT, adj_close REAL, volume INTEGER)"


def fill(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute(CREATE.format("TEXT"))
    connection.executemany("INSERT INTO prices VALUES (?, ?, ?, ?)", ROWS)
    return connection


@pytest.fixture
def lite() -> Iterator[sqlite3.Connection]:
    connection = fill(sqlite3.connect(":memory:"))
    yield connection
    connection.close()


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(CREATE.format("DATE").replace("REAL", "DECIMAL(9, 2)"))
    connection.executemany("INSERT INTO prices VALUES (?, ?, ?, ?)", ROWS)
    yield connection
    connection.close()


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    made = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    with made.begin() as connection:
        connection.exec_driver_sql(CREATE.format("TEXT"))
        connection.exec_driver_sql("INSERT INTO prices VALUES (?, ?, ?, ?)", ROWS)
    yield made
    made.dispose()


# ── a driver with other placeholders: it rewrites them for SQLite, and keeps what it was given ──
class FakeCursor:
    def __init__(self, owner: FakeConnection) -> None:
        self.owner, self.inner = owner, owner.inner.cursor()
        self.closed = False
        owner.cursors.append(self)

    @property
    def description(self) -> Any:
        return self.inner.description

    def execute(self, text: str, bound: Any = None) -> None:
        self.owner.calls.append((text, bound))
        module = sys.modules["fakedb.driver"]
        style = module.paramstyle
        self.owner.began()
        if bound is not None and module.__name__ in ("mysql.connector", "pymssql"):
            text = re.sub(r"%\((\w+)\)s", r":\1", text)  # and %% stays as it is
        elif bound is not None and module.__name__ == "pg8000":
            text = re.sub("('[^']*'|--.*)|%(.)", lambda m: m[1] or {"s": "?", "%": "%"}[m[2]], text)
        elif bound is not None and style == "pyformat":
            text = text % {name: f":{name}" for name in bound}
        elif bound is not None and style == "format":
            text = text % (("?",) * len(bound))
        elif bound is not None and style.startswith("numeric"):
            text = re.sub(r"[:$](\d+)", r"?\1", text)
        named = isinstance(bound, dict)
        values = bound.items() if named else enumerate(bound or ())
        plain = {key: self.plain(value) for key, value in values}
        try:
            self.inner.execute(text, plain if named else list(plain.values()))
        except sqlite3.Error:
            self.owner.info.transaction_status = 3
            raise

    @staticmethod
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    def fetchall(self) -> list[Any]:
        return self.inner.fetchall()

    def close(self) -> None:
        self.closed = True


class FakeConnection:
    def __init__(self) -> None:
        self.inner = fill(sqlite3.connect(":memory:"))
        self.calls: list[Any] = []
        self.cursors: list[FakeCursor] = []
        self.info = SimpleNamespace(transaction_status=0)
        self.rolled_back = 0

    def began(self) -> None:
        """The driver begins a transaction, as psycopg does; nothing goes through a spoilt one."""
        if self.info.transaction_status == 3:
            raise sqlite3.OperationalError("current transaction is aborted")
        self.info.transaction_status = 2

    def cursor(self) -> FakeCursor:
        return FakeCursor(self)

    def rollback(self) -> None:
        self.rolled_back += 1
        self.info.transaction_status = 0


FakeConnection.__module__ = "fakedb.driver.connections"


class AsyncConnection:
    """Of psycopg, aiosqlite or SQLAlchemy: whatever it is asked, it answers with a coroutine."""

    __module__ = "sqlite3.aio"

    def cursor(self) -> Any: ...

    async def rollback(self) -> None: ...


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], FakeConnection]]:
    made: list[FakeConnection] = []

    def install(style: str, name: str = "fakedb.driver") -> FakeConnection:
        module = ModuleType(name)
        vars(module).update(paramstyle=style, Error=sqlite3.Error)
        monkeypatch.setitem(sys.modules, "fakedb", ModuleType("fakedb"))
        monkeypatch.setitem(sys.modules, "fakedb.driver", module)
        made.append(FakeConnection())
        return made[-1]

    yield install
    for each in made:
        each.inner.close()


def load(loader: Loader, tickers: Any = ("IREN", "SPY"), **kw: Any) -> pd.DataFrame:
    return loader(tickers, kw.pop("start", DAYS[0]), kw.pop("end", DAYS[-1]), **kw)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(errors.LoaderError) as caught:
        act()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def check(frame: Any) -> None:
    assert list(frame.columns) == ["IREN", "SPY"]
    assert frame.index.equals(pd.DatetimeIndex(DAYS, name="date").as_unit("ns"))
    for ticker, values in EXPECTED.items():
        np.testing.assert_allclose(frame[ticker], values, rtol=1e-15)


# ── every kind of connection gives the same prices ───────────────────────────────────────
def test_sqlite(lite: sqlite3.Connection) -> None:
    frame = load(sql(lite, QUERY))
    check(frame)
    assert frame.attrs["source"] == "SQL query (sqlite3)"
    asked = datetime.strptime(frame.attrs["fetched"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(asked - datetime.now(UTC)) < timedelta(minutes=1)
    assert frame.attrs["report"]["SPY"] == {
        "status": "ok", "rows": 2, "first": "2026-02-24", "last": "2026-02-26",
    }  # fmt: skip


def test_duckdb(duck: duckdb.DuckDBPyConnection) -> None:
    frame = load(sql(duck, QUERY))
    check(frame)
    assert frame.attrs["source"] == "SQL query (duckdb)"
    assert duck.execute("SELECT count(*) FROM prices").fetchone() == (len(ROWS),)


def test_duckdb_sees_a_registered_frame(duck: duckdb.DuckDBPyConnection) -> None:
    table = pd.DataFrame(ROWS, columns=["date", "ticker", "adj_close", "volume"])
    table["date"] = pd.to_datetime(table["date"])
    duck.register("mine", table)
    check(load(sql(duck, QUERY.replace("prices", "mine"))))


def test_sqlalchemy_engine_gets_its_connection_back(engine: sa.Engine) -> None:
    lent = []
    sa.event.listen(engine, "checkout", lambda *_: lent.append(1))
    sa.event.listen(engine, "checkin", lambda *_: lent.append(-1))
    frame = load(sql(engine, QUERY))
    check(frame)
    assert lent == [1, -1]
    assert frame.attrs["source"] == "SQL query (sqlite, SQLAlchemy)"
    assert refusal(lambda: load(sql(engine, "SELECT * FROM nowhere"))).startswith("The database")
    assert sum(lent) == 0


def test_sqlalchemy_connection_stays_open_and_as_it_was(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        loader = sql(connection, QUERY)
        check(load(loader))
        assert not connection.in_transaction()
        with connection.begin() as mine:
            check(load(loader))
            refusal(lambda: load(sql(connection, "SELECT * FROM nowhere")))
            assert mine.is_active
        refusal(lambda: load(sql(connection, "SELECT * FROM nowhere")))
        assert not connection.in_transaction()
        check(load(loader))
    said = refusal(lambda: load(loader))
    assert said == (
        "The database (sqlite, SQLAlchemy) did not run the query: This Connection is closed; "
        "check the query, and whether the connection is open."
    )


@pytest.mark.parametrize("style", ["qmark", "format", "numeric", "numeric_dollar"])
def test_drivers_with_placeholders_by_place(
    fake: Callable[[str], FakeConnection], style: str
) -> None:
    connection = fake(style)
    query = QUERY + "AND ticker NOT LIKE '%:start%' -- 100 % of :end"
    frame = load(sql(connection, query))
    check(frame)
    assert frame.attrs["source"] == "SQL query (fakedb)"
    (text, bound), = connection.calls  # fmt: skip
    assert bound == ("IREN", "SPY", date(2026, 2, 24), date(2026, 2, 26))
    marks = {
        "qmark": "(?, ?) AND date BETWEEN ? AND ?",
        "format": "(%s, %s) AND date BETWEEN %s AND %s",
        "numeric": "(:1, :2) AND date BETWEEN :3 AND :4",
        "numeric_dollar": "($1, $2) AND date BETWEEN $3 AND $4",
    }
    assert marks[style] in text
    tail = "'%%:start%%' -- 100 %% of :end" if style == "format" else "'%:start%' -- 100 % of :end"
    assert text.endswith(tail)
    assert all(cursor.closed for cursor in connection.cursors)


@pytest.mark.parametrize(
    ("style", "marks"),
    [
        ("pyformat", "(%(p1)s, %(p2)s) AND date BETWEEN %(p3)s AND %(p4)s"),
        ("named", "(:p1, :p2) AND date BETWEEN :p3 AND :p4"),
    ],
)
def test_drivers_with_placeholders_by_name(
    fake: Callable[[str], FakeConnection], style: str, marks: str
) -> None:
    connection = fake(style)
    check(load(sql(connection, QUERY + "AND ticker NOT LIKE '%z'")))
    (text, bound), = connection.calls  # fmt: skip
    days = {"p3": date(2026, 2, 24), "p4": date(2026, 2, 26)}
    assert bound == {"p1": "IREN", "p2": "SPY"} | days
    assert marks in text
    assert ("'%%z'" in text) == (style == "pyformat")


@pytest.mark.parametrize(
    ("style", "name", "told"),
    [
        ("pyformat", "mysql.connector", "'%Y' /* 1 % */ AND 5 % 3 = 2 -- 100 %"),
        ("pyformat", "pymssql", "'%Y' /* 1 % */ AND 5 % 3 = 2 -- 100 %"),
        ("format", "pg8000", "'%Y' /* 1 %% */ AND 5 %% 3 = 2 -- 100 %"),
        ("format", "fakedb", "'%%Y' /* 1 %% */ AND 5 %% 3 = 2 -- 100 %%"),
    ],
)
def test_each_driver_gets_a_percent_sign_as_it_reads_one(
    fake: Callable[[str, str], FakeConnection], style: str, name: str, told: str
) -> None:
    connection = fake(style, name)
    check(load(sql(connection, QUERY + "AND '%' || 'Y' = '%Y' /* 1 % */ AND 5 % 3 = 2 -- 100 %")))
    (text, bound), = connection.calls  # fmt: skip
    assert text.endswith(told)
    assert isinstance(bound, dict) == (style == "pyformat")
    assert ("IN (%(p1)s, %(p2)s)" if style == "pyformat" else "IN (%s, %s)") in text


def test_pg8000_reads_over_what_is_quoted() -> None:
    query = """SELECT "a%", 'it''s %', E'\\'%', $$ % $$ % $q$ % $q$, :start -- %"""
    text, bound = bind(query, {"start": 1}, "format, quotes as they are")
    assert text == """SELECT "a%", 'it''s %', E'\\'%', $$ % $$ %% $q$ %% $q$, %s -- %"""
    assert bound == (1,)


def test_sqlalchemy_names_the_driver_that_reads_percent_signs_otherwise() -> None:
    found = {}
    for driver in ("mysqlconnector", "pymssql", "pg8000", "psycopg2"):
        url = SimpleNamespace(password=None)
        dialect = SimpleNamespace(name="x", driver=driver, paramstyle="format")
        engine = SimpleNamespace(dialect=dialect, url=url)
        found[driver] = sql(engine, QUERY).database.style
    assert found == {
        "mysqlconnector": "pyformat, % as it is",
        "pymssql": "pyformat, % as it is",
        "pg8000": "format, quotes as they are",
        "psycopg2": "format",
    }


def test_psycopg_may_leave_the_text_to_the_server(fake: Callable[[str], FakeConnection]) -> None:
    connection: Any = fake("pyformat")
    connection.cursor_factory = type("RawCursor", (), {})
    assert sql(connection, QUERY).database.style == "numeric_dollar"
    connection.cursor_factory = type("ClientCursor", (), {})
    assert sql(connection, QUERY).database.style == "pyformat"


def test_pg8000_answers_in_parts(
    fake: Callable[[str, str], FakeConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise sqlite3.OperationalError({"S": "ERROR", "C": "42P01", "M": 'no table "nowhere"'})

    monkeypatch.setattr(FakeCursor, "execute", fails)
    said = refusal(lambda: load(sql(fake("format", "pg8000"), QUERY)))
    assert 'did not run the query: no table "nowhere"; check' in said


def test_a_connection_of_a_subclass_is_known(tmp_path: Any) -> None:
    class Mine(sqlite3.Connection):
        pass

    connection = fill(sqlite3.connect(tmp_path / "prices.db", factory=Mine))
    frame = load(sql(connection, QUERY))
    check(frame)
    assert frame.attrs["source"] == "SQL query (sqlite3)"
    connection.close()


# ── parameters are bound, never pasted ───────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["lite", "duck", "engine"])
def test_hostile_tickers_travel_as_values(name: str, request: pytest.FixtureRequest) -> None:
    loader = sql(request.getfixturevalue(name), QUERY)
    hostile = [HOSTILE, "' OR '1'='1", "%s", "%(p1)s", ":end", "?", "$1", "x') --", "ÿ\0", "/*"]
    frame = load(loader, [*hostile, "SPY"])
    assert frame[HOSTILE].dropna().tolist() == [7.0]
    assert frame["SPY"].dropna().tolist() == [690.0, 688.0]
    statuses = {ticker: row["status"] for ticker, row in frame.attrs["report"].items()}
    assert statuses == {HOSTILE: "ok", "SPY": "ok"} | dict.fromkeys(hostile[1:], "not_found")
    check(load(loader))


def test_a_ticker_that_cannot_be_encoded_is_one_sentence(lite: sqlite3.Connection) -> None:
    said = refusal(lambda: load(sql(lite, QUERY), "\ud800"))
    assert said.startswith("The database (sqlite3) did not run the query: 'utf-8' codec can't")


NO_PARAMETERS = [
    "SELECT ':start'",
    "SELECT 'it''s :start'",
    "SELECT E'it\\'s :start', e'\\\\'",
    "SELECT e'it\\'s :start'",
    'SELECT "a:start" FROM t',
    'SELECT "a"":start" FROM t',
    "SELECT `:start` FROM t",
    "SELECT date::start FROM t",
    "SELECT '12:30'::time",
    "SELECT 1 -- :start\n",
    "SELECT 1 /* :start\n :end */",
    "SELECT 1 /* :start /* in :end */ :start /* it's */ :end */",
    "SELECT 1 /* a /* b */, ':start' /* :end */",
    "SELECT $$ :start $$, $tag$ $$ :end $tag$",
    "SELECT a[1:end] FROM t",
    "SELECT payload:field FROM t",
    "SELECT x := 3",
    "SELECT 5 % 3",
]


@pytest.mark.parametrize("query", NO_PARAMETERS)
@pytest.mark.parametrize("style", ["qmark", "pyformat", "named"])
def test_colons_that_are_no_parameters(query: str, style: str) -> None:
    assert parameters(query) == []
    assert bind(query, {}, style) == (query, None)
    text, bound = bind(f"{query}\n, :start", {"start": 1}, "qmark")
    assert (text, bound) == (f"{query}\n, ?", (1,))


@pytest.mark.parametrize(
    ("query", "text", "bound"),
    [
        ("a IN (:tickers)", "a IN (?, ?)", ("A", "B")),
        ("a in :tickers", "a in (?, ?)", ("A", "B")),
        ("a NOT IN :tickers", "a NOT IN (?, ?)", ("A", "B")),
        ("SELECT v$a$, :start, w$a$", "SELECT v$a$, ?, w$a$", (1,)),
        ("a = ANY(ARRAY[:tickers])", "a = ANY(ARRAY[?, ?])", ("A", "B")),
        ("d >= :start::date", "d >= ?::date", (1,)),
        ("d>=:start OR e IN(:tickers) OR f=:start", "d>=? OR e IN(?, ?) OR f=?", (1, "A", "B", 1)),
        ("f(:start,'a:b',:end)", "f(?,'a:b',?)", (1, 2)),
    ],
)  # fmt: skip
def test_parameters_become_placeholders(query: str, text: str, bound: tuple[Any, ...]) -> None:
    values = {"tickers": ("A", "B"), "start": 1, "end": 2}
    assert bind(query, values, "qmark") == (text, bound)


def test_days_are_text_for_every_driver_of_sqlite(
    fake: Callable[[str, str], FakeConnection],
) -> None:
    connection = fake("qmark", "pysqlite3.dbapi2")
    check(load(sql(connection, QUERY)))
    assert connection.calls[0][1] == ("IREN", "SPY", "2026-02-24", "2026-02-26")


def test_a_query_without_parameters_is_not_formatted(
    fake: Callable[[str], FakeConnection], engine: sa.Engine
) -> None:
    query = "SELECT date, ticker, adj_close FROM prices WHERE 5 % 3 = 2"
    connection = fake("pyformat")
    check(load(sql(connection, query)))
    assert connection.calls == [(query, None)]
    seen = []
    sa.event.listen(
        engine, "before_cursor_execute", lambda *given: seen.append(given[4].no_parameters)
    )
    check(load(sql(engine, query)))
    check(load(sql(engine, QUERY)))
    assert seen == [True, False]


def test_days_come_in_every_form(lite: sqlite3.Connection) -> None:
    frame = load(
        sql(lite, """
            SELECT date, 'X' AS ticker, :start_int AS open, :end_int AS high,
                   julianday(:day_after) - julianday(:end) AS low
            FROM prices WHERE date = :start LIMIT 1
        """),
        "X",
        fields=("open", "high", "low"),
    )  # fmt: skip
    assert frame.iloc[0].tolist() == [20260224, 20260226, 1]


def test_many_tickers_go_in_batches(fake: Callable[[str], FakeConnection]) -> None:
    connection = fake("qmark")
    tickers = [*(f"T{k}" for k in range(1000)), "IREN", "SPY"]
    frame = load(sql(connection, QUERY), tickers)
    check(frame[["IREN", "SPY"]])
    assert frame.shape == (3, 1002)
    assert [len(bound) - 2 for _, bound in connection.calls] == [900, 102]
    assert sum((bound[:-2] for _, bound in connection.calls), ()) == tuple(tickers)
    connection.calls.clear()
    check(load(sql(connection, QUERY + "AND ticker IN (:tickers)"), tickers)[["IREN", "SPY"]])
    assert [len(bound) - 2 for _, bound in connection.calls] == [900, 900, 204]


def test_sqlite_with_few_variables(lite: sqlite3.Connection) -> None:
    lite.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
    tickers = [*(f"T{k}" for k in range(1100)), "IREN", "SPY"]
    check(load(sql(lite, QUERY), tickers)[["IREN", "SPY"]])


# ── what a query may give ────────────────────────────────────────────────────────────────
def test_a_query_without_parameters_is_cut_to_the_request(lite: sqlite3.Connection) -> None:
    check(load(sql(lite, "SELECT date, ticker, adj_close FROM prices")))


def test_wide_answer(lite: sqlite3.Connection) -> None:
    query = """SELECT date, max(CASE ticker WHEN 'IREN' THEN adj_close END) AS IREN,
               max(CASE ticker WHEN 'SPY' THEN adj_close END) AS SPY FROM prices GROUP BY date"""
    check(load(sql(lite, query)))


def test_one_ticker_needs_no_column_of_tickers(lite: sqlite3.Connection) -> None:
    loader = sql(lite, "SELECT date, adj_close FROM prices WHERE ticker IN (:tickers)")
    assert load(loader, "IREN")["IREN"].tolist() == EXPECTED["IREN"]
    assert refusal(lambda: load(loader)) == (
        "2 tickers were asked for, and the query gives date, adj_close without saying whose "
        "prices they are; select the ticker too, and call it `ticker`."
    )


def test_the_adjusted_close_is_taken_where_there_are_both(lite: sqlite3.Connection) -> None:
    for other in ("close", "price", "prc"):
        query = "SELECT date, ticker, 2 * adj_close AS other, adj_close FROM prices"
        frame = load(sql(lite, query.replace("other", other)))
        check(frame)
        assert "note" not in frame.attrs


def test_crsps_price_is_not_adjusted(lite: sqlite3.Connection) -> None:
    frame = load(sql(lite, "SELECT date, ticker AS permno, adj_close AS prc FROM prices"))
    check(frame)
    assert frame.attrs["note"].startswith("adj_close is the column close, which may not be")


def test_names_of_columns_may_have_blanks_around(lite: sqlite3.Connection) -> None:
    check(load(sql(lite, 'SELECT date AS " date ", ticker AS "ticker ", adj_close FROM prices')))


def test_several_fields_and_names_of_other_databases(lite: sqlite3.Connection) -> None:
    loader = sql(lite, "SELECT date AS CalDt, ticker AS TIC, adj_close AS PRC, volume FROM prices")
    frame = load(loader, fields=("adj_close", "volume"))
    assert frame["volume", "IREN"].tolist() == [20, 22, 21]
    check(frame["adj_close"])
    assert refusal(lambda: load(loader, fields="open")) == (
        "There is no field 'open' in SQL query (sqlite3), which has volume, close; ask for "
        "other `fields` or name the column 'open'."
    )


def test_close_stands_for_a_missing_adjusted_close_and_says_so(lite: sqlite3.Connection) -> None:
    frame = load(sql(lite, "SELECT date, ticker, adj_close AS close FROM prices"))
    check(frame)
    assert frame.attrs["note"] == (
        "adj_close is the column close, which may not be adjusted for splits and dividends"
    )


@pytest.mark.parametrize(
    "day",
    [
        lambda day: day,
        lambda day: int(day.replace("-", "")),
        date.fromisoformat,
        datetime.fromisoformat,
        lambda day: f"{day} 00:00:00",
        lambda day: f"{day}T00:00:00-05:00",
    ],
)
def test_days_and_numbers_of_every_driver(
    fake: Callable[[str], FakeConnection], monkeypatch: pytest.MonkeyPatch, day: Any
) -> None:
    rows = [(day(when), ticker, Decimal(str(price)), None) for when, ticker, price, _ in ROWS]
    monkeypatch.setattr(FakeCursor, "fetchall", lambda self: [list(row) for row in rows])
    query = "SELECT date, ticker, adj_close, volume FROM prices"
    frame = load(sql(fake("qmark"), query), fields=("adj_close", "volume"))
    check(frame["adj_close"])
    assert frame["volume"].isna().to_numpy().all()


@pytest.mark.parametrize("kind", [sqlite3.Row, "dict"])
def test_a_connection_with_rows_of_another_kind(lite: sqlite3.Connection, kind: Any) -> None:
    def as_dict(cursor: sqlite3.Cursor, row: Any) -> dict[str, Any]:
        return dict(zip([column[0] for column in cursor.description], row, strict=True))

    lite.row_factory = as_dict if kind == "dict" else kind
    check(load(sql(lite, QUERY)))


@pytest.mark.parametrize("kind", ["INTEGER", "REAL"])
def test_numbers_as_tickers(lite: sqlite3.Connection, kind: str) -> None:
    lite.execute(f"CREATE TABLE dsf (permno {kind}, date INTEGER, ret REAL, px REAL)")
    lite.executemany(
        "INSERT INTO dsf VALUES (?, ?, 0, ?)", [(10107, 20260225, 5.0), (14593, 20260226, 6.0)]
    )
    query = """SELECT date, permno AS ticker, px AS adj_close FROM dsf
               WHERE permno IN (:tickers) AND date BETWEEN :start_int AND :end_int"""
    frame = load(sql(lite, query), ["10107", "14593"])
    np.testing.assert_array_equal(frame, [[5.0, np.nan], [np.nan, 6.0]])


def test_a_study_from_a_database(lite: sqlite3.Connection) -> None:
    events = es.events_on("2026-02-25", ["IREN", "HUT"], session="after_close")
    study = es.EventStudy()
    wanted = study.run(events, study.load(events, es.loaders.sample, market="SPY"))
    sample = es.loaders.sample(["IREN", "HUT", "SPY"], "2024-01-01", "2026-06-30")
    table = sample.reset_index().melt("date", var_name="ticker", value_name="adj_close")
    table.assign(date=table["date"].astype(str)).to_sql("own", lite, index=False)
    panel = study.load(events, sql(lite, QUERY.replace("prices", "own")), market="SPY")
    found = study.run(events, panel)
    pd.testing.assert_frame_equal(found.car((0, 1)), wanted.car((0, 1)), check_exact=True)
    assert panel.source == "SQL query (sqlite3)"


# ── refusals ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("postgresql://bob:secret@db/prices", "str"),
        (None, "NoneType"),
        (sqlite3.Connection, "Connection"),
        (object(), "object"),
        (sqlite3, "module"),
        (AsyncConnection(), "AsyncConnection"),
    ],
)
def test_what_is_no_connection(value: Any, kind: str) -> None:
    assert refusal(lambda: sql(value, QUERY)) == (
        f"`connection` is a {kind}, over which no query can be run; give an open DB-API "
        f"connection, a connection of DuckDB, or an Engine or Connection of SQLAlchemy."
    )


@pytest.mark.parametrize(
    ("query", "kind"),
    [(" \n", "empty"), (None, "a NoneType"), (sa.text("SELECT 1"), "a TextClause")],
)  # fmt: skip
def test_what_is_no_query(lite: sqlite3.Connection, query: Any, kind: str) -> None:
    assert refusal(lambda: sql(lite, query)) == (
        f"`query` is {kind}; give the text of a query, in which the tickers stand as "
        f"`ticker IN (:tickers)`."
    )


def test_an_unknown_parameter_is_named_at_once(lite: sqlite3.Connection) -> None:
    said = refusal(lambda: sql(lite, "SELECT * FROM prices WHERE ticker IN (:ticker)"))
    assert said == (
        "The query has a parameter :ticker, which no loader is asked; it may have :tickers, "
        ":start, :end, :day_after, :start_int, :end_int. Did you mean 'tickers'?"
    )


def test_what_the_database_says_is_cut_to_one_line(duck: duckdb.DuckDBPyConnection) -> None:
    said = refusal(lambda: load(sql(duck, QUERY.replace("prices", "nowhere"))))
    assert said == (
        "The database (duckdb) did not run the query: Catalog Error: Table with name nowhere does "
        "not exist!; check the query, and whether the connection is open."
    )


def test_sqlalchemy_tells_neither_query_nor_values(engine: sa.Engine) -> None:
    said = refusal(lambda: load(sql(engine, QUERY.replace("prices", "nowhere")), "SECRET"))
    assert said == (
        "The database (sqlite, SQLAlchemy) did not run the query: no such table: nowhere; check "
        "the query, and whether the connection is open."
    )


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("login for s3cret failed", "login for … failed"),
        ("cannot reach postgresql://bob:other@db/x", "cannot reach postgresql:…db/x"),
        ("bad dsn: host=db password=hunter2 user=bob", "bad dsn: host=db password=… user=bob"),
        ("bad dsn: PWD=hunter2;UID=bob", "bad dsn: PWD=…;UID=bob"),
        ("", "OperationalError"),
        ("x" * 500, "x" * 200),
    ],
)
def test_no_message_shows_a_password(
    monkeypatch: pytest.MonkeyPatch, message: str, shown: str
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError(message)

    engine = sa.create_engine("sqlite://", creator=fails)
    monkeypatch.setattr(engine, "url", sa.make_url("postgresql://bob:s3cret@db/x"))
    loader = sql(engine, QUERY)
    assert f"did not run the query: {shown}; check" in refusal(lambda: load(loader))
    assert "s3cret" not in repr(loader) + repr(loader.database)


def test_a_closed_connection_is_one_sentence(lite: sqlite3.Connection) -> None:
    loader = sql(lite, QUERY)
    lite.close()
    assert refusal(lambda: load(loader)) == (
        "The database (sqlite3) did not run the query: Cannot operate on a closed database; check "
        "the query, and whether the connection is open."
    )


@pytest.mark.parametrize("name", ["lite", "engine"])
def test_a_query_that_selects_nothing(name: str, request: pytest.FixtureRequest) -> None:
    loader = sql(request.getfixturevalue(name), "CREATE TABLE IF NOT EXISTS other (x INTEGER)")
    assert refusal(lambda: load(loader)) == (
        "The query gave no table; give one that selects rows, as `SELECT ...` or `WITH ...` do."
    )


def test_an_answer_without_rows(lite: sqlite3.Connection) -> None:
    assert refusal(lambda: load(sql(lite, QUERY), "GONE")) == (
        "Not one price was found in SQL query (sqlite3) for GONE from 2026-02-24 to 2026-02-26; "
        "check the tickers and the dates."
    )


REFUSED = {
    "SELECT date, ticker, adj_close, volume AS date FROM prices": (
        "The query gives more than one column date; name each by `AS`."
    ),
    "SELECT 'soon' AS date, ticker, adj_close FROM prices": (
        "The SQL query (sqlite3) holds 'soon' where a date is needed; write dates as in 2026-02-25."
    ),
    "SELECT date, nullif(ticker, 'OTHER') AS ticker, adj_close FROM prices": (
        "The SQL query (sqlite3) has a row without a ticker; give it one or leave the row out."
    ),
    "SELECT date, ticker, 'n/a' AS adj_close FROM prices": (
        "The SQL query (sqlite3) holds 'n/a' in column 'adj_close' where a number is needed; "
        "leave missing prices empty."
    ),
    "SELECT date, ticker, adj_close FROM prices UNION ALL "
    "SELECT date, ticker, adj_close FROM prices": (
        "The SQL query (sqlite3) has more than one row for IREN on 2026-02-24; keep one."
    ),
    "SELECT adj_close, ticker FROM prices": (
        "No column of 'SQL query (sqlite3)' holds dates (it has adj_close, ticker); name one "
        "`date`, written as in 2026-02-25."
    ),
    "SELECT date, ticker, adj_close AS px FROM prices": (
        "No column of 'SQL query (sqlite3)' holds prices (it has date, ticker, px); name one "
        "`adj_close`."
    ),
}


@pytest.mark.parametrize("query", REFUSED)
def test_answers_that_are_no_prices(lite: sqlite3.Connection, query: str) -> None:
    assert refusal(lambda: load(sql(lite, query))) == REFUSED[query]


# ── the connection stays the user's ──────────────────────────────────────────────────────
def test_what_the_user_wrote_is_neither_committed_nor_lost(tmp_path: Any) -> None:
    file = tmp_path / "prices.db"
    with sqlite3.connect(file) as connection:
        connection.execute(CREATE.format("TEXT"))
    connection.executemany("INSERT INTO prices VALUES (?, ?, ?, ?)", ROWS)
    assert connection.in_transaction
    check(load(sql(connection, QUERY)))
    refusal(lambda: load(sql(connection, "SELECT * FROM nowhere")))
    assert connection.in_transaction
    check(load(sql(connection, QUERY)))
    other = sqlite3.connect(file)
    assert other.execute("SELECT count(*) FROM prices").fetchone() == (0,)
    other.close()
    connection.rollback()
    connection.close()


def test_a_transaction_that_asking_begins_is_ended(fake: Callable[[str], FakeConnection]) -> None:
    connection = fake("pyformat")
    check(load(sql(connection, QUERY)))
    assert connection.rolled_back == 1
    refusal(lambda: load(sql(connection, "SELECT * FROM nowhere")))
    assert (connection.rolled_back, connection.info.transaction_status) == (2, 0)
    assert all(cursor.closed for cursor in connection.cursors)
    check(load(sql(connection, QUERY)))


def test_a_transaction_of_the_user_is_left_to_him(fake: Callable[[str], FakeConnection]) -> None:
    """Even one that an error spoilt: rolled back here, what he wrote would be lost unseen."""
    connection = fake("pyformat")
    connection.info.transaction_status = 2
    check(load(sql(connection, QUERY)))
    refusal(lambda: load(sql(connection, "SELECT * FROM nowhere")))
    assert (connection.rolled_back, connection.info.transaction_status) == (0, 3)
    said = refusal(lambda: load(sql(connection, QUERY)))
    assert "did not run the query: current transaction is aborted; check" in said
    assert connection.rolled_back == 0


@pytest.mark.parametrize("name", ["in_transaction", "_in_transaction"])
def test_drivers_that_say_it_otherwise(
    fake: Callable[[str], FakeConnection], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    connection = fake("format")
    connection.info = SimpleNamespace()
    begun, rolled_back = [False, True, True], []
    monkeypatch.setattr(
        FakeConnection, name, property(lambda _: begun.pop(0)), raising=False
    )  # fmt: skip
    monkeypatch.setattr(FakeConnection, "began", lambda _: None)
    monkeypatch.setattr(FakeConnection, "rollback", lambda _: rolled_back.append(1))
    check(load(sql(connection, QUERY)))
    assert rolled_back == [1]
    check(load(sql(connection, QUERY)))
    assert rolled_back == [1]
    assert not begun


def test_a_loader_is_used_again_and_sees_new_rows(lite: sqlite3.Connection) -> None:
    loader = sql(lite, QUERY)
    first = load(loader)
    lite.execute("INSERT INTO prices VALUES ('2026-02-25', 'SPY', 689.0, 1)")
    again = load(loader)
    assert first["SPY"].isna().tolist() == [False, True, False]
    assert again["SPY"].tolist() == [690.0, 689.0, 688.0]


def test_loaders_tell_themselves_apart_without_showing_the_query(lite: sqlite3.Connection) -> None:
    one, two = sql(lite, QUERY), sql(lite, QUERY + "AND 'password' <> 'hunter2'")
    assert re.fullmatch(r"<prices of SQL query [0-9a-f]{8} \(sqlite3\)>", repr(one))
    assert repr(one) != repr(two)
    assert "hunter2" not in repr(two)
    frame = load(two)
    assert frame.attrs["options"] == {"query": two.digest}
    assert two.digest in repr(two)
    assert "hunter2" not in str(frame.attrs)
