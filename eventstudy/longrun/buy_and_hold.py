"""Buy the firm after its event, hold it for a year, and compare: BHAR (methods C.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Real

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.align import Placed, Timing, day_zero, ledger, nothing_left, place
from eventstudy.arrays import FloatArray, IntArray, Reason, Windows
from eventstudy.events import Checked, checked
from eventstudy.longrun import tables
from eventstudy.longrun.benchmarks import Against, Found, Setting, never, nothing
from eventstudy.longrun.compounding import History, Holdings, Series
from eventstudy.longrun.holding import as_holding
from eventstudy.longrun.outcome import LongRun
from eventstudy.one_line import call
from eventstudy.panel import Panel
from eventstudy.panel.gaps import DAYS, SINCE_TRADE
from eventstudy.windows import Window, WindowLike, as_window

DELISTING, MISSING, INCOMPLETE = ("benchmark", "truncate"), ("zero", "drop"), ("drop", "truncate")


@dataclass(frozen=True, eq=False)
class BuyAndHold:
    """Buy-and-hold abnormal returns: BHAR_i = Π(1 + R_it) − Π(1 + R_bt) over the days held.

    Both products run over the same sessions. Returns are compounded as simple returns; log returns
    of a panel are converted, which is exact.

    Parameters
    ----------
    holding : (int, int)
        First and last day held, in sessions after day 0: (1, 250) is bought at the close of day 0.
    against : str, ControlFirms or ReferencePortfolios
        The benchmark: a ticker or factor of the panel ("market" is the panel's market; French's
        "Mkt-RF" gets the risk-free rate back), or firms that were like the firm before its event.
    delisting : {"benchmark", "truncate"}
        After a firm's last price the money earns the benchmark's return, or the holding ends
        there, for firm and benchmark.
    delisting_return : float
        What a delisting brings, from −1 to 0: it multiplies what the money is worth on the first
        session without a price (under "truncate", on the last session with one), of the firm; and
        of any firm in its benchmark, on the first session without a price.
    missing : {"zero", "drop"}
        A day on which a listed firm has no return: its return is 0 while the benchmark
        compounds, or the event is dropped (``missing_in_window``). The ledger counts such days.
        A hole in the prices takes the return over it away, unless the panel was made by
        ``Panel.from_prices(..., across_gaps=True)``: it counts on the session that ends the hole.
    incomplete : {"drop", "truncate"}
        A holding that reaches beyond the data: dropped (``after_data``), or ended with the data.
    timing : Timing
        How an announcement finds its day 0.

    Raises
    ------
    eventstudy.errors.OptionError
        If an option is not known.

    Notes
    -----
    A security whose last return comes before the last session of the data counts as delisted.

    References
    ----------
    Ritter (1991), Journal of Finance 46; Barber and Lyon (1997), Journal of Financial
    Economics 43; Lyon, Barber and Tsai (1999), Journal of Finance 54.

    Examples
    --------
    >>> import numpy as np
    >>> days = pd.bdate_range("2025-01-01", periods=4)
    >>> returns = pd.DataFrame({"IREN": [0.0, 0.1, 0.1, 0.0], "SPY": [0.0, 0.02, 0.0, 0.0]}, days)
    >>> events = pd.DataFrame({"ticker": ["IREN"], "date": [days[0]]})
    >>> found = BuyAndHold((1, 2)).run(events, Panel.from_returns(returns, market="SPY"))
    >>> found.table[["bhr", "benchmark", "bhar"]].round(4).values.tolist()
    [[0.21, 0.02, 0.19]]
    """

    holding: WindowLike = (1, 250)
    against: str | Against = "market"
    delisting: str = "benchmark"
    delisting_return: float = 0.0
    missing: str = "zero"
    incomplete: str = "drop"
    timing: Timing = field(default_factory=Timing)

    __repr__ = call

    def __post_init__(self) -> None:
        object.__setattr__(self, "holding", as_holding(self.holding))
        if self.window.first < 0:
            raise errors.holding_too_early(self.window)
        if isinstance(self.against, type) or not isinstance(self.against, (str, Against)):
            raise errors.against_unreadable(self.against)
        for option, known in (
            ("delisting", DELISTING),
            ("missing", MISSING),
            ("incomplete", INCOMPLETE),
        ):
            if getattr(self, option) not in known:
                raise errors.unknown_option(option, getattr(self, option), known)
        loss = self.delisting_return
        if isinstance(loss, bool) or not isinstance(loss, Real) or not -1.0 <= loss <= 0.0:
            raise errors.delisting_no_loss(loss)
        if not isinstance(self.timing, Timing):
            raise errors.not_a_timing(self.timing)

    @property
    def window(self) -> Window:
        """The days held, read."""
        return as_window(self.holding)

    def label(self, panel: Panel) -> str:
        """The benchmark in words.

        Parameters
        ----------
        panel : Panel
            Whose market it may be.
        """
        if not isinstance(self.against, str):
            return self.against.label
        name = str(panel.market) if self.against == "market" else self.against
        return f"{name} + RF" if _in_excess(name, panel) else name

    def run(self, events: pd.DataFrame, panel: Panel) -> LongRun:
        """Hold every firm after its event.

        A pure function of its arguments. Every event is in ``events`` of the answer or, with a
        reason, in ``dropped``.

        Parameters
        ----------
        events : DataFrame
            As for `EventStudy.run`.
        panel : Panel
            Returns of the firms, of the benchmark and of all candidates.

        Returns
        -------
        LongRun
            Tables, tests, the summary, the picture.

        Raises
        ------
        eventstudy.errors.EventStudyError
            If an input does not keep its contract.
        eventstudy.errors.NothingLeft
            If every event was dropped.
        """
        if not isinstance(panel, Panel):
            raise errors.not_a_panel(type(panel).__name__)
        known = checked(events)
        reach = self.window if self.incomplete == "drop" else as_window(self.window.first)
        placed = place(known, panel, Windows(reach, reach), self.timing)
        at, setting = placed.placement.event, self._setting(known, panel, placed)
        if not at.size:
            raise nothing_left(ledger(known.table, placed))
        lost = tables.Lost.of(placed)
        last = _refuse_unlisted(setting, lost, at)
        found = self._benchmark(setting)
        lost.give_texts(at, found.reason, found.detail)
        kept = lost.kept(at)
        holdings = self._holdings(setting, found, last)
        measured = holdings.take(kept).measure()
        if self.missing == "drop":
            gaps = measured.holes > 0
            lost.give(at[kept[gaps]], Reason.MISSING_IN_WINDOW, "a day held has no return")
            kept, measured = kept[~gaps], measured.take(~gaps)
        dropped = lost.table(known.table, ledger(known.table, placed))
        if not kept.size:
            raise nothing_left(dropped)
        return LongRun(
            rule=self,
            panel=panel,
            events=known.table.iloc[at[kept]],
            dropped=dropped,
            holdings=holdings.take(kept),
            measured=measured,
            controls=found.names[kept],
            changes=tables.changes(found.replaced, kept),
            remarks=found.remarks(kept),
        )

    def _setting(self, known: Checked, panel: Panel, placed: Placed) -> Setting:
        """What the benchmark may look at: the events that are placed, and all of them."""
        firms = panel.firm_codes(known.table["ticker"])
        rows = day_zero(known.table, panel.sessions, self.timing)
        there = (firms >= 0) & (rows >= 0)
        return Setting(
            panel=panel,
            history=History(
                panel.returns,
                panel.kind == "log",
                panel.fields.get(SINCE_TRADE),
                panel.fields.get(DAYS),
            ),
            firm=placed.placement.firm,
            row=placed.placement.row,
            start=self.window.first,
            length=len(self.window),
            all_firms=firms[there],
            all_rows=rows[there],
            loss=float(self.delisting_return),
        )

    def _benchmark(self, setting: Setting) -> Found:
        if not isinstance(self.against, str):
            return self.against.find(setting)
        name = self.against
        if name == "market":
            name = setting.panel.market or ""
            if not name:
                raise errors.no_market(type(self).__name__)
        series = setting.history.simple(_whole(name, setting.panel))
        there = np.flatnonzero(np.isfinite(series))
        first, last = (there[0], there[-1]) if there.size else (len(series), -1)
        begin, n = setting.row + setting.start, len(setting.row)
        short = (begin < first) | (begin > last)
        if self.incomplete == "drop":
            short |= begin + setting.length - 1 > last
        reason = np.where(short, str(Reason.FACTOR_MISSING), nothing(n))
        said = f"the returns of {name} do not cover the holding"
        end = np.full(n, last)
        names = np.full(n, name, dtype=object)
        detail = np.where(short, said, nothing(n))
        same = setting.firm == setting.panel.firm_codes(np.array([name], dtype=object))
        return Found(
            Series(np.nan_to_num(series)),
            end,
            names,
            reason,
            detail,
            never(),
            weak=same,
            weakness=f"are of {name} itself, the benchmark",
        )

    def _holdings(self, setting: Setting, found: Found, last: IntArray) -> Holdings:
        """Until when each firm is held."""
        whole = setting.row + setting.start + setting.length - 1
        end = np.minimum(whole, len(setting.panel.sessions) - 1)
        if self.delisting == "truncate":
            end = np.minimum(end, last)
        return Holdings(
            history=setting.history,
            benchmark=found.benchmark,
            start=setting.start,
            length=setting.length,
            firm=setting.firm,
            row=setting.row,
            end=np.minimum(end, found.end),
            at=np.arange(len(whole)),
            last=last,
            loss=setting.loss,
            sell_early=self.delisting == "truncate",
        )


def _in_excess(name: str, panel: Panel) -> bool:
    """Whether a series is a market's return less the risk-free rate, which is no holding."""
    return name == "Mkt-RF" and panel.risk_free is not None


def _whole(name: str, panel: Panel) -> FloatArray:
    """(T,) what a holder of the benchmark earned, the risk-free rate included."""
    series, safe = panel.series(name), panel.risk_free
    return series if safe is None or not _in_excess(name, panel) else series + safe


def _refuse_unlisted(setting: Setting, lost: tables.Lost, at: IntArray) -> IntArray:
    """Drop events of firms without a price when the holding begins; (N,) row of the last return."""
    first, last = (rows[setting.firm] for rows in setting.history.lives(setting.firm))
    begin = setting.row + setting.start
    bought = (first <= begin) & (last >= begin)
    lost.give(at[~bought], Reason.NO_EVENT_DATA, "no price when the holding begins")
    return last
