"""The panel: returns, factors and risk-free rate on common sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import BoolArray, DateArray, FloatArray, IntArray
from eventstudy.one_line import about, many, short
from eventstudy.panel import build, converting, stored, storing
from eventstudy.panel.crsp import without_codes
from eventstudy.panel.dates import day_of
from eventstudy.panel.delistings import Columns, refuse_delistings, with_delistings
from eventstudy.panel.fields import read_prices
from eventstudy.panel.long import read_long
from eventstudy.panel.provenance import Provenance, fingerprint
from eventstudy.panel.suspicion import DataReport, Found, against, suspicions
from eventstudy.panel.table import read_table

#: returns beyond which `repr` does not count the missing ones
_COUNTED = 20_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """What happened: returns of S securities on T sessions.

    Make one by `from_prices`, `from_returns`, `from_long` or `open`. Nothing is ever filled, and
    all arrays are read-only (made directly, a panel holds read-only views of the arrays given).

    Sessions are the dates on which the market has a value. Without a market they are the
    dates on which at least a fifth of the mean number of securities have one; name a market
    when few tickers stand beside one that trades every day, as Bitcoin does.

    Examples
    --------
    >>> import eventstudy as es
    >>> prices = es.loaders.sample(["IREN", "CIFR", "SPY"], "2026-02-02", "2026-02-27")
    >>> panel = es.Panel.from_prices(prices, market="SPY")
    >>> panel.tickers, panel.returns.shape
    (('IREN', 'CIFR', 'SPY'), (3, 19))
    >>> panel.series("IREN")[-1].round(4), panel.firm_codes(["CIFR", "NOPE"]).tolist()
    (np.float64(-0.0309), [1, -1])
    >>> panel.returns_frame().iloc[-1].round(4).to_dict()
    {'IREN': -0.0309, 'CIFR': -0.0531, 'SPY': 0.0091}
    """

    #: (S, T) returns, NaN where missing
    returns: FloatArray
    #: (T,) datetime64[D]
    sessions: DateArray
    #: S names
    tickers: tuple[str, ...]
    #: (T, K) factor returns, NaN where missing
    factors: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    #: K names
    factor_names: tuple[str, ...] = ()
    #: (T,) risk-free rate per session, or None
    risk_free: FloatArray | None = None
    #: name of the market: a ticker or a factor
    market: str | None = None
    #: open, high, low, close, volume, market_cap: (S, T) each, where given
    fields: Mapping[str, FloatArray] = field(default_factory=dict)
    #: "simple" or "log"
    kind: str = "simple"
    #: (S, T) where ``own_since`` took a return away; None where it took none
    masked: BoolArray | None = None
    #: what the loader said about the numbers, from the ``attrs`` of its table
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        s, t, k = len(self.tickers), len(self.sessions), len(self.factor_names)
        put = object.__setattr__
        put(self, "returns", _locked("returns", self.returns, (s, t)))
        put(self, "sessions", _locked("sessions", self.sessions, (t,)))
        put(self, "factors", _locked("factors", self.factors if k else np.empty((t, 0)), (t, k)))
        if self.risk_free is not None:
            put(self, "risk_free", _locked("risk_free", self.risk_free, (t,)))
        if self.masked is not None:
            put(self, "masked", _locked("masked", self.masked, (s, t)))
        put(self, "fields", {name: _locked(name, a, (s, t)) for name, a in self.fields.items()})
        for what, values, names in (
            ("returns", self.returns, self.tickers),
            ("factors", self.factors.T, self.factor_names),
        ):
            if not stored.is_file(values):  # what was saved was looked at then
                _refuse_infinite(what, values, names, self.sessions)

    # ── constructors ─────────────────────────────────────────────────────────────────────
    @classmethod
    def from_prices(  # noqa: PLR0913  (the keywords of the other constructors, and the gaps)
        cls,
        prices: pd.DataFrame,
        *,
        market: str | pd.Series | pd.DataFrame | None = None,
        factors: object = None,
        risk_free: object = None,
        kind: str = "simple",
        own_since: object = None,
        fields: object = None,
        across_gaps: bool = False,
    ) -> Panel:
        """Make a panel from prices: R_t = P_t / P_{t−1} − 1, or its logarithm.

        Parameters
        ----------
        prices : DataFrame
            Sessions × tickers, or with the column levels (field, ticker) in either order:
            then the adjusted close is used, else the close, and open, high, low, close,
            volume and market_cap are kept in ``fields``. Split- and dividend-adjusted prices,
            positive, NaN where there is none. A missing price makes both neighbouring returns
            missing. The index holds dates, ISO text or integers like 20260225; midnights with
            a time zone become the local date.
        market : str, Series or one-column DataFrame, optional
            A ticker, a factor, or prices under a name of their own. It decides the sessions:
            a ticker that trades on more days (Bitcoin) is compounded to them.
        factors : list of str, DataFrame or Series, optional
            Tickers that serve as factors too, or factor returns as fractions of the panel's
            ``kind``. A column RF is the risk-free rate unless ``risk_free`` is given.
        risk_free : str, Series or float, optional
            A factor column, a series, or one rate, as a fraction per session.
        kind : {"simple", "log"}
            Kind of all returns of the panel; the two are never mixed.
        own_since : mapping of ticker to date, optional
            First day on which the price is the company's own; prices before belong to another
            company under the same ticker. Returns up to and including that session are
            missing. Tickers that are not in the frame are ignored.
        fields : mapping of name to DataFrame, optional
            open, high, low, close, volume, market_cap: dates × tickers each.
        across_gaps : bool
            Whether the log return since the last price and the number of sessions it covers
            are kept in ``fields["since_trade"]`` and ``fields["days"]``, for `TradeToTrade`, and
            for a `Rule` that holds on over days without a price. The returns of the panel stay
            what they are.

        Returns
        -------
        Panel
            The first session has no return.

        Raises
        ------
        eventstudy.errors.PanelError
            Where the input cannot be what it is said to be; the sentence says what to do.

        Examples
        --------
        >>> days = pd.date_range("2026-02-25", periods=3)
        >>> prices = pd.DataFrame({"IREN": [50.0, 51.0, 48.0], "SPY": [690.0, 693.0, None]}, days)
        >>> Panel.from_prices(prices, market="SPY")
        <Panel: 2 tickers × 2 sessions, 2026-02-25 … 2026-02-26, market SPY, 50.0 % missing>
        """
        options = build.Options(market, factors, risk_free, kind, own_since, fields, across_gaps)
        made = cls(*build.from_prices(*read_prices(prices), options))
        return replace(made, provenance=Provenance.of(prices, factors))

    @classmethod
    def from_returns(
        cls,
        returns: pd.DataFrame,
        *,
        market: str | pd.Series | pd.DataFrame | None = None,
        factors: object = None,
        risk_free: object = None,
        kind: str = "simple",
        own_since: object = None,
        fields: object = None,
    ) -> Panel:
        """Make a panel from returns, as fractions (0.01 is one percent).

        Returns of days between two sessions are compounded into the second: (1 + r) is
        multiplied for simple returns, r is added for log returns. A missing day in between
        counts as not traded, a missing session stays missing. A series with such days has no
        return on the first session, because the session before is not known.

        Parameters
        ----------
        returns : DataFrame
            Sessions × tickers, of one kind.
        market : str, Series or one-column DataFrame, optional
            As in `from_prices`; a series holds returns.
        factors, risk_free, kind, own_since, fields
            As in `from_prices`.

        Returns
        -------
        Panel

        Raises
        ------
        eventstudy.errors.PanelError
            Also where the numbers look like percent, prices or log returns.

        Examples
        --------
        >>> days = pd.date_range("2026-02-25", periods=2)
        >>> panel = Panel.from_returns(pd.DataFrame({"IREN": [0.02, -0.01]}, days))
        >>> panel.series("IREN").tolist()
        [0.02, -0.01]
        """
        options = build.Options(market, factors, risk_free, kind, own_since, fields)
        made = cls(*build.from_returns(read_table(returns, "returns"), {}, options))
        return replace(made, provenance=Provenance.of(returns, factors))

    @classmethod
    def from_long(  # noqa: PLR0913  (the keywords of the other constructors, four columns, and delistings)
        cls,
        table: pd.DataFrame,
        *,
        ticker: str = "ticker",
        date: str = "date",
        ret: str | None = None,
        price: str | None = None,
        market: str | pd.Series | pd.DataFrame | None = None,
        factors: object = None,
        risk_free: object = None,
        kind: str = "simple",
        own_since: object = None,
        fields: object = None,
        delistings: pd.DataFrame | None = None,
    ) -> Panel:
        """Make a panel from a table with a row a ticker and date, as CRSP delivers.

        CRSP's codes for a missing return (letters as in RET, or −66, −77, −88, −99 and so on) are
        missing, and ``provenance.notes`` counts them. Other text is refused.

        Parameters
        ----------
        table : DataFrame
            One row a ticker and date, in any order.
        ticker, date : str
            Its columns of tickers (or numbers such as PERMNO) and dates.
        ret, price : str
            Its column of returns or of adjusted prices: one of the two.
        market, factors, risk_free, kind, own_since
            As in `from_prices` and `from_returns`.
        fields : mapping, optional
            Name to column of the table, or to DataFrame. In columns called PRC, OPENPRC, BIDLO
            or ASKHI a minus sign marks a quote instead of a trade and 0 no price, in VOL −99
            is missing; ``provenance.notes`` counts them.
        delistings : DataFrame, optional
            Delisting returns where the returns do not hold them, as in CRSP's old layout: the
            column of tickers, DLSTDT (or as ``date``) and DLRET (or as ``ret``). Each is
            compounded into the return of its day, or of the next session,
            (1 + RET)(1 + DLRET) − 1, or stands alone where that is missing. One without a
            value or with a code (A, P, S, T) changes nothing. ``provenance.notes`` counts
            them all.

        Returns
        -------
        Panel
            Tickers in alphabetical order.

        Raises
        ------
        eventstudy.errors.PanelError
            Also where a ticker has two rows on one date.

        Examples
        --------
        >>> table = pd.DataFrame({"PERMNO": [10107, 14593], "date": [20260225, 20260225],
        ...                       "RET": [0.02, -0.01]})
        >>> Panel.from_long(table, ticker="PERMNO", ret="RET").tickers
        ('10107', '14593')
        """
        if (ret is None) == (price is None):
            raise errors.panel_ret_or_price(ret, price)
        if delistings is not None and (ret is None or kind != "simple"):
            raise errors.crsp_delistings_simple(price, kind)
        notes: list[str] = []
        rows = read_long(without_codes(table, ret, fields, notes), ticker, date)
        own, rest = rows.split_fields(fields)
        options = build.Options(market, factors, risk_free, kind, own_since, rest)
        if ret is not None:
            returns = rows.grid(ret, "returns")
            if delistings is not None:
                names = Columns(ticker, date, ret)
                refuse_delistings(table, delistings, names)
                sessions = build.sessions_of(returns, options)
                returns = with_delistings(returns, sessions, delistings, names, notes)
            made = cls(*build.from_returns(returns, own, options))
        else:
            made = cls(*build.from_prices(rows.grid(str(price), "prices"), own, options))
        return replace(made, provenance=replace(Provenance.of(table, factors), notes=tuple(notes)))

    def spliced(self, name: str, *series: str) -> Panel:
        """Add a factor that takes each session's return from the first series that has one.

        Nothing is filled: a session without a return in any of them stays missing. Bitcoin is
        IBIT since its listing on 2024-01-11 and BTC-USD, compounded to the sessions, before.

        Parameters
        ----------
        name : str
            Name of the new factor.
        *series : str
            Factors or tickers of the panel, the preferred one first.

        Examples
        --------
        >>> days = pd.date_range("2026-02-25", periods=3)
        >>> returns = pd.DataFrame({"IBIT": [None, 0.02, -0.01], "BTC-USD": [0.03, 0.0, 0.0]}, days)
        >>> panel = Panel.from_returns(returns, market="BTC-USD")
        >>> panel.spliced("Bitcoin", "IBIT", "BTC-USD").series("Bitcoin").tolist()
        [0.03, 0.02, -0.01]
        """
        if not series:
            raise errors.panel_splice_nothing(name)
        if name in (*self.factor_names, *self.tickers):
            raise errors.panel_splice_taken(name)
        found = self.series(series[0])
        for other in series[1:]:
            found = np.where(np.isnan(found), self.series(other), found)
        factors = np.column_stack([self.factors, found])
        return replace(self, factors=factors, factor_names=(*self.factor_names, name))

    def until(self, date: object) -> Panel:
        """What was known on the evening of ``date``: the sessions up to it.

        For a rehearsal of `EventStudy.preview` on an event that has happened since.

        Parameters
        ----------
        date : date, str or int
            Such as ``"2026-02-25"``.

        Raises
        ------
        eventstudy.errors.PanelError
            Where it is no date, or lies before the first session.

        Examples
        --------
        >>> days = pd.date_range("2026-02-24", periods=3)
        >>> panel = Panel.from_returns(pd.DataFrame({"IREN": [0.02, -0.01, 0.03]}, days))
        >>> panel.until("2026-02-25").sessions[-1]
        np.datetime64('2026-02-25')
        """
        day = day_of(date)
        if day is None or day < self.sessions[0]:
            raise errors.panel_until(date, str(self.sessions[0]))
        known = slice(0, int(np.searchsorted(self.sessions, day, side="right")))
        return replace(
            self,
            returns=self.returns[:, known],
            sessions=self.sessions[known],
            factors=self.factors[known],
            risk_free=None if self.risk_free is None else self.risk_free[known],
            fields={name: a[:, known] for name, a in self.fields.items()},
            masked=None if self.masked is None else self.masked[:, known],
        )

    # ── checking ─────────────────────────────────────────────────────────────────────────
    def check(self, *, calendar: str | None = None) -> DataReport:
        """List what is suspicious, with ticker, date and reason. Nothing is repaired.

        The page docs/data.md says what each check looks for, and with which thresholds.

        Parameters
        ----------
        calendar : str, optional
            An exchange, such as ``"XNYS"`` (package ``exchange_calendars``): its sessions are
            compared with the panel's.

        Returns
        -------
        DataReport
            ``table`` (ticker, date, until, days, check, other, detail), ``counts``, ``len()``;
            as text, the counts and the worst.

        Raises
        ------
        eventstudy.errors.EventsError
            Where the calendar is not known, or its package not installed.

        Examples
        --------
        >>> days = pd.bdate_range("2026-01-01", periods=100)
        >>> rng = np.random.default_rng(0)
        >>> frame = pd.DataFrame(rng.normal(0, 0.01, (100, 2)), days, ["IREN", "HUT"])
        >>> frame.iloc[70, 0] = -0.8
        >>> found = Panel.from_returns(frame).check()
        >>> found.table[["ticker", "date", "check"]].values.tolist()
        [['IREN', Timestamp('2026-04-09 00:00:00'), 'split']]
        >>> found.table["detail"][0]
        '-80.0 %: a split 5 for 1 that was not adjusted?'
        """
        found = self.suspicions
        if calendar is not None and len(self.sessions):
            found += tuple(against(self, calendar))
        return DataReport(self, found, calendar)

    @cached_property
    def suspicions(self) -> tuple[Found, ...]:
        """What `check` finds without a calendar, as columns; looked for once."""
        return suspicions(self)

    # ── on disk ──────────────────────────────────────────────────────────────────────────
    def save(
        self, path: str | PathLike[str], *, dtype: str = "float64", overwrite: bool = False
    ) -> None:
        """Write the panel to a folder that any number of processes open themselves.

        The folder takes its place in one step: whoever opens it finds all of it. In it lie NumPy
        arrays, firm by firm, and a text that describes them; nothing in it is ever executed.

        Parameters
        ----------
        path : path
            The folder, which must not exist yet.
        dtype : {"float64", "float32"}
            How returns and fields are stored. Single precision is half the bytes, with errors
            near 1e-7 of a return; whatever is computed from it is computed in double precision.
            Factors and the risk-free rate are always stored in double precision.
        overwrite : bool
            Whether a saved panel in that place is replaced. Other files never are.

        Raises
        ------
        eventstudy.errors.PanelError
            Where something lies in that place, or cannot be written there.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> days = pd.date_range("2026-02-25", periods=2)
        >>> panel = Panel.from_returns(pd.DataFrame({"IREN": [0.02, -0.01]}, days))
        >>> folder = Path(mkdtemp(), "panel")
        >>> panel.save(folder)
        >>> Panel.open(folder).fingerprint == panel.fingerprint
        True
        """
        if dtype not in stored.DTYPES:
            raise errors.unknown_option("dtype", dtype, stored.DTYPES)
        storing.save(self, Path(path), dtype, overwrite=overwrite)

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        into: str | PathLike[str] | None = None,
        market: str | pd.Series | pd.DataFrame | None = None,
        factors: object = None,
        risk_free: object = None,
        kind: str = "simple",
        own_since: object = None,
    ) -> Panel:
        """Open a saved panel, or Parquet that becomes one: a panel may be larger than memory.

        The returns of a saved panel are mapped into memory: opening takes milliseconds whatever
        the size, and what an event does not touch is never read. The panel travels to another
        process as its address: the folder has to lie under the same path there.

        Parquet prices, a file or a folder in any layout of `eventstudy.loaders.parquet`, become a
        saved panel in the folder ``into``, some hundred tickers at a time, so that memory holds
        neither prices nor returns as a whole. Where ``into`` was made of the same files with the
        same options before, it is only opened. Each few hundred tickers read those parts of the
        files that may hold them: quick where rows are sorted or partitioned by ticker.

        Parameters
        ----------
        path : path
            A folder that `save` wrote, or prices in Parquet.
        into : path, optional
            With Parquet: the folder of the saved panel.
        market, factors, risk_free, kind, own_since
            With Parquet: as in `from_prices`; ``market`` is needed.

        Returns
        -------
        Panel
            That of `from_prices` with all tickers of the files.

        Raises
        ------
        eventstudy.errors.PanelError
            Where there is no panel, a damaged one, or one of a newer release.
        eventstudy.errors.LoaderError
            Where the Parquet cannot be read.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> days = pd.date_range("2026-02-24", periods=3, name="date")
        >>> prices = pd.DataFrame({"IREN": [50.0, 51.0, 48.0], "SPY": [690.0, 693.0, 689.0]}, days)
        >>> folder = Path(mkdtemp())
        >>> prices.to_parquet(folder / "prices.parquet")
        >>> Panel.open(folder / "prices.parquet", into=folder / "panel", market="SPY")
        <Panel: 2 tickers × 3 sessions, 2026-02-24 … 2026-02-26, market SPY, 33.3 % missing>
        """
        given = {
            "into": into,
            "market": market,
            "factors": factors,
            "risk_free": risk_free,
            "own_since": own_since,
            "kind": None if kind == "simple" else kind,
        }
        if into is None:
            named = [name for name, value in given.items() if value is not None]
            found = stored.opened(Path(path))
            if named:
                raise errors.saved_options(named)
            return found
        options = build.Options(market, factors, risk_free, kind, own_since, None)
        return converting.opened(Path(path), Path(into), options)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as an address where the returns are a file, else as arrays."""
        return stored.carried(self)

    # ── reading ──────────────────────────────────────────────────────────────────────────
    def series(self, name: str) -> FloatArray:
        """(T,) returns of a factor, or else of a ticker, called ``name``.

        Parameters
        ----------
        name : str
            Of a factor or a ticker.

        Raises
        ------
        eventstudy.errors.PanelError
            Where there is neither.
        """
        if name in self.factor_names:
            found: FloatArray = self.factors[:, self.factor_names.index(name)]
        elif name in self._rows:
            found = self.returns[self._rows[name]]
        else:
            raise errors.panel_no_series(name, self.factor_names, self.tickers)
        return found

    def firm_codes(self, tickers: Any) -> IntArray:  # noqa: ANN401  (anything like an array)
        """(N,) row of each ticker in ``returns``, −1 where the panel does not have it.

        Parameters
        ----------
        tickers : sequence of str
            In any order, also repeated.
        """
        column: Any = tickers.array if isinstance(tickers, pd.Series) else np.asarray(tickers)
        codes, found = pd.factorize(column)  # each ticker is looked up once
        names = np.asarray(found)
        names = names.astype(str) if names.dtype.kind in "iu" else names
        rows = [self._rows.get(name, -1) for name in names.tolist()]
        return np.array([*rows, -1], dtype=np.int64)[codes]

    def returns_frame(self) -> pd.DataFrame:
        """Copy the returns into a DataFrame, sessions × tickers."""
        return pd.DataFrame(
            self.returns.T.copy(),
            index=pd.DatetimeIndex(self.sessions, name="date"),
            columns=pd.Index(self.tickers, name="ticker"),
        )

    @property
    def source(self) -> str:
        """Where the numbers come from, if the table said so in ``attrs["source"]``."""
        return self.provenance.source

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the numbers: equal panels have equal ones, whatever the tickers' order."""
        saved = stored.behind(self)
        if saved is not None and stored.changes(self, saved).keys() <= {"provenance"}:
            return saved.fingerprint
        return fingerprint(self)

    @cached_property
    def missing(self) -> int:
        """Number of returns that are missing."""
        saved = stored.behind(self)
        if saved is not None:
            return saved.missing
        return sum(int(np.isnan(piece).sum()) for piece in storing.pieces(self.returns))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {ticker: row for row, ticker in enumerate(self.tickers)}

    def __repr__(self) -> str:
        first, last = self.sessions[[0, -1]] if len(self.sessions) else ("no date", "no date")
        size = f"{many(len(self.tickers), 'ticker')} × {many(len(self.sessions), 'session')}"
        return about(
            self,
            size,
            f"{first} … {last}",
            "" if self.kind == "simple" else f"{self.kind} returns",
            f"market {short(self.market)}" if self.market else "no market",
            self._share_missing(),
        )

    def _share_missing(self) -> str:
        """How much is missing, where counting takes no time that is felt."""
        if self.returns.size > _COUNTED and stored.behind(self) is None:
            return ""
        return f"{self.missing / max(self.returns.size, 1):.1%} missing".replace("%", " %")


def _locked(what: str, array: Any, shape: tuple[int, ...]) -> Any:  # noqa: ANN401  (any dtype)
    """Give a read-only view in C order; the caller's own array keeps its flags.

    A file that is mapped read-only stays what it is.
    """
    mapped = isinstance(array, np.memmap) and array.mode == "r" and array.flags.c_contiguous
    view = array if mapped else np.ascontiguousarray(array).view()
    if view.shape != shape:
        raise errors.panel_shape(what, view.shape, shape)
    view.flags.writeable = False
    return view


def _refuse_infinite(
    what: str, values: FloatArray, names: tuple[str, ...], sessions: DateArray
) -> None:
    """Refuse ∞ in a row a name, looking at some rows at a time."""
    done = 0
    for piece in storing.pieces(values):
        endless = np.isinf(piece)
        if endless.any():
            row, column = np.argwhere(endless.T)[0]
            raise errors.panel_infinite(what, names[done + column], sessions[row])
        done += len(piece)
