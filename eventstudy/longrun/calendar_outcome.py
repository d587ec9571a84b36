"""What a calendar-time portfolio earned: tables, alpha, the summary and the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.arrays import DateArray, Statistic
from eventstudy.inference._answer import ZERO
from eventstudy.inference._laws import NAN
from eventstudy.longrun import calendar_words
from eventstudy.longrun.alpha import Asked
from eventstudy.longrun.answers import Behind, Regressed
from eventstudy.longrun.holding import Held
from eventstudy.longrun.portfolio import Earned, Weighing
from eventstudy.longrun.standardised import standardise
from eventstudy.longrun.time_series import Explained, one_regression
from eventstudy.one_line import about, many, short
from eventstudy.report.exports import Printed
from eventstudy.report.pages import Page
from eventstudy.windows import Window, WindowLike, as_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.longrun.calendar_time import CalendarTime
    from eventstudy.panel import Panel

ONE = "one session only: it compares sessions"


@dataclass(frozen=True, eq=False, repr=False)
class CalendarPortfolio(Printed):
    """The portfolio of firms with an event, through calendar time. Made by `CalendarTime.run`.

    Attributes
    ----------
    setup : CalendarTime
        What was asked.
    events : DataFrame
        The events whose firms are held.
    dropped : DataFrame
        Every other event: ticker, date, session, reason, detail.
    ledger : DataFrame
        Events held for fewer sessions than asked for: ticker, day0, rule ("data_begin",
        "data_end", or "prices_end": the firm's prices end first), session (the first held, or the
        last), held, asked (sessions).

    Examples
    --------
    >>> import eventstudy as es
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
    >>> events = pd.DataFrame({"ticker": ["AAA", "BBB"], "date": days[[20, 250]]})
    >>> panel = es.Panel.from_returns(returns, market="SPY")
    >>> found = es.CalendarTime(holding=(1, 100), model=es.MarketModel()).run(events, panel)
    >>> found.ledger[["rule", "held", "asked"]].values.tolist()
    [['data_end', 49, 100]]
    >>> found.table.index.tolist()
    ['alpha', 'SPY']

    Other standard errors, the test on standardised returns, words, the picture:

    >>> found.regress("HAC", lags=5).table.index.tolist()
    ['alpha', 'SPY']
    >>> found.ctar((-15, -5)).columns.tolist()
    ['ctar', 'sd', 'standardised', 'n', 'days']
    >>> round(found.standardised((-15, -5)).statistic, 2)
    -2.45
    >>> found.sentence()[:60], found.plot().get_ylabel()
    ('Held over [+1,+100], the firms earned -0.094 % a session bey', 'cumulated abnormal return')
    >>> found.summary().splitlines()[0], "booktabs" in found.to_latex()
    ('Calendar-time portfolio', True)
    >>> found.to_markdown().splitlines()[0]
    '## Calendar-time portfolio'
    """

    setup: CalendarTime
    panel: Panel
    events: pd.DataFrame
    dropped: pd.DataFrame
    ledger: pd.DataFrame
    held: Held
    weighing: Weighing
    earned: Earned
    explained: Explained
    periods: DateArray

    # ── numbers ──────────────────────────────────────────────────────────────────────────
    @cached_property
    def portfolio(self) -> pd.DataFrame:
        """Period → ret, excess, abnormal, n, missing, used.

        ``excess`` is the return less what the model subtracts (the risk-free rate; for
        `MarketAdjusted` the market), ``abnormal`` is α̂ + ε̂, ``n`` counts members with a return,
        ``missing`` firms held that had none (or no weight). A month is called after its last
        session.
        """
        found, earned = self.explained, self.earned
        columns = {
            "ret": earned.ret,
            "excess": found.y,
            "abnormal": found.abnormal(self._usual.coef),
            "n": earned.n,
            "missing": earned.missing,
            "used": found.used,
        }
        return pd.DataFrame(columns, index=self._index)[earned.n + earned.missing > 0]

    def regress(
        self,
        se: str | None = None,
        *,
        lags: int | None = None,
        gaps: str = "closed",
        small_sample: bool = False,
        wls: bool = False,
    ) -> Regressed:
        """Regress the portfolio on the factors, α with n − p degrees of freedom (t).

        Parameters
        ----------
        se : {"OLS", "HC0", "HC1", "HC2", "HC3", "HAC"}, optional
            Standard errors, by default those of the setup.
        lags : int, optional
            Lags of HAC (Newey and West 1987); floor(4·(n/100)^(2/9)) of n periods if left out.
        gaps : {"closed", "open"}
            HAC: whether periods on either side of a gap are neighbours, or lags are counted in
            the calendar.
        small_sample : bool
            HAC: whether the covariance is multiplied by n/(n − p).
        wls : bool
            Whether each row is multiplied by √n_c, the root of its number of members: a period
            weighs as many firms as it has.

        Raises
        ------
        OptionError
            If an option is not known, or belongs to other standard errors.
        """
        asked = Asked(self.setup.se if se is None else se, lags, gaps, small_sample, wls)
        return Regressed.of(self.explained.series, asked, self._behind)

    @cached_property
    def _usual(self) -> Regressed:
        return self.regress()

    @property
    def alpha(self) -> Statistic:
        """α of the regression: return a period beyond what the factors explain."""
        return self._usual.alpha

    @property
    def table(self) -> pd.DataFrame:
        """Term (alpha, then the factors) → estimate, se, statistic, pvalue, ci_low, ci_high."""
        return self._usual.table

    def ctar(self, estimation: WindowLike = (-250, -11)) -> pd.DataFrame:
        """Calendar-time abnormal returns and their standard deviations before (C.6 ii).

        With θ_i of each member from the ``estimation`` days before its own event,

            CTAR_c = Σ w_ic·(R_ic − x_c'θ_i) / Σ w_ic  over the members of session c.

        Members and weights held as on c, the same mean over each session c + t0 … c + t1 gives a
        series, and ``sd`` is its standard deviation about its mean. So a portfolio of few or
        volatile firms is judged by its own past. Days on which a member has no return are means
        over the others; fewer than max(p + 5, min(120, L1 // 2)) such sessions give no ``sd``.

        Parameters
        ----------
        estimation : (int, int)
            Days before each event, for the expected returns; and before each session, for the
            standard deviation of its portfolio.

        Returns
        -------
        DataFrame
            Session → ctar, sd, standardised (their ratio), n (members with an estimate), days
            (sessions behind ``sd``).
        """
        window = self._estimation(estimation)
        found = standardise(
            one_regression(self.setup.model), self.panel, self.held, self.weighing, window
        )
        columns = {
            "ctar": found.ctar,
            "sd": found.sd,
            "standardised": found.ctar / found.sd,
            "n": found.n,
            "days": found.days,
        }
        table = pd.DataFrame(columns, index=self._index)[found.n >= self.setup.min_firms]
        if not np.isfinite(table["standardised"]).any():
            sessions = int((self.earned.n >= self.setup.min_firms).sum())
            raise errors.no_standardised_session(sessions, found.need, window)
        table.attrs["without"] = found.without
        return table

    def standardised(self, estimation: WindowLike = (-250, -11)) -> Statistic:
        """Test the mean standardised abnormal return (Jaffe 1974, Mandelker 1974).

        z_c = CTAR_c / sd_c of `ctar`; t = z̄ / (s_z/√n_c) with n_c − 1 degrees of freedom.

        Parameters
        ----------
        estimation : (int, int)
            Days before each event, for the expected returns; and before each session, for the
            standard deviation of its portfolio, on some of which its firms may have been held.

        Returns
        -------
        Statistic
            ``estimate`` is z̄, in standard deviations of a session.

        Raises
        ------
        OptionError
            If the portfolio is monthly, or the estimation does not end before what is held.
        NothingLeft
            If no session can be standardised.

        Notes
        -----
        θ_i counts as known. It is not, and its error stays the same on all sessions of a holding:
        with 60 sessions held after 240 of estimation, one firm at a time, 8.5 % of nominal 5 %
        tests reject without any effect.

        References
        ----------
        Mitchell and Stafford (2000), Journal of Business 73, for members held fixed.
        """
        table = self.ctar(estimation)
        z = table["standardised"].dropna().to_numpy(dtype=np.float64)
        without, n = int(table.attrs["without"]), len(z)
        told = f"{len(table) - n} of {len(table)} sessions without a past" if n < len(table) else ""
        lost = f"{without} of {len(self.events)} events without an estimate" if without else ""
        note = "; ".join(filter(None, (told, lost)))
        mean = float(z.mean())
        se = float(z.std(ddof=1) / np.sqrt(n)) if n > 1 else NAN
        if not se > 1e-12 * abs(mean):
            note = "; ".join(filter(None, (ONE if n == 1 else ZERO, note)))
            se = NAN
        return self._behind.t("standardised", mean, se, n - 1, note)

    # ── words and pictures ───────────────────────────────────────────────────────────────
    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of any number has to know."""
        return calendar_words.notes(self)

    def __len__(self) -> int:
        return len(self.events)

    def sentence(self) -> str:
        """What the alpha is, and whether chance could have made it."""
        return calendar_words.lead(self)

    def summary(self) -> str:
        """The alpha in words, the exposures, and what was left out, in 80 columns."""
        return calendar_words.page(self).text()

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the cumulated abnormal return, and the number of members below.

        The place of ``ax`` is split in two.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.

        Returns
        -------
        Axes
            The upper one, ``ax`` itself; the lower one is the last of ``ax.figure.axes``.
        """
        return calendar_words.draw(self, ax, title)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        periods = many(len(self.periods), self.setup.period)
        model = short(type(self.setup.model).__name__)
        return about(self, model, many(len(self), "event"), periods, self.setup.window.label)

    def _repr_html_(self) -> str:
        return calendar_words.page(self).html()

    def _pages(self) -> list[Page]:
        return [calendar_words.page(self)]

    # ── helpers ──────────────────────────────────────────────────────────────────────────
    def _estimation(self, estimation: WindowLike) -> Window:
        """Read the window, which ends before anything is held."""
        if self.setup.period != "session":
            raise errors.standardised_is_daily()
        window, before = as_window(estimation), min(0, self.setup.window.first)
        if window.last >= before:
            raise errors.estimation_not_before(window, before - 1)
        return window

    @property
    def _index(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(self.periods.astype("datetime64[ns]"), name=self.setup.period)

    @cached_property
    def _behind(self) -> Behind:
        dates = len(np.unique(self.held.at.row))
        return Behind(len(self.events), dates, self.setup.window.label)
