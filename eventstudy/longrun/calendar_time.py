"""Calendar-time portfolios: what the firms with an event earned together, and its alpha (C.6)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.align import Timing, inputs
from eventstudy.arrays import DateArray, IntArray, Model, Windows
from eventstudy.events import checked
from eventstudy.inference._laws import check
from eventstudy.longrun.alpha import ERRORS
from eventstudy.longrun.calendar_outcome import CalendarPortfolio
from eventstudy.longrun.holding import Held, as_holding, hold
from eventstudy.longrun.portfolio import Weighing, earn, month_starts
from eventstudy.longrun.time_series import explained, one_regression, refuse_too_little
from eventstudy.models import FamaFrench5
from eventstudy.one_line import NAMED, call
from eventstudy.panel import Panel
from eventstudy.windows import Window, WindowLike, as_window, is_whole

EQUAL, VALUE = "equal", "value"
DAILY, MONTHLY = "daily", "monthly"


@dataclass(frozen=True)
class CalendarTime:
    """What firms earned together in the time after their event, beyond what a model explains.

    Each firm is held for a while. In calendar period c the members are the firms whose holding
    window covers c, each once:

        R_pc = Σ w_ic·R_ic / Σ w_ic,    R_pc − rf_c = α + β'f_c + ε_c.

    However the events overlap, the covariance of the firms is part of the variance of the
    portfolio, so that α has a standard error that counts it. A firm leaves when its prices end; a
    member without a return on a session leaves the mean of that session.

    Parameters
    ----------
    holding : (int, int)
        First and last session around day 0 on which a firm is held. What lies outside the data is
        cut off, and told. A window that begins on day 0 or before measures what nobody earned who
        waited for the news.
    model : Model
        A linear model on series that all firms share; its α is that of the portfolio. With
        `RawReturn` and `MeanAdjusted` it is the mean return, with `MarketAdjusted` the mean
        difference from the market.
    weight : {"equal", "value"} or a column of the events
        "value" is the market capitalisation on the session before the period (the panel's field
        ``market_cap``); a column holds one number greater than 0 an event. Of overlapping events
        of a firm the latest counts.
    min_firms : int
        Periods with fewer members are left out; 10 is the usual choice.
    se : {"HC1", "OLS", "HC0", "HC2", "HC3", "HAC"}
        Standard errors; "HAC" is Newey and West's. `CalendarPortfolio.regress` asks the same
        portfolio for others.
    frequency : {"daily", "monthly"}
        With "monthly" a firm is a member of the calendar months on all of whose sessions it is
        held, and its return is compounded over the month; if its prices end, up to that day, and
        with a hole in its prices it has none. A month that the data hold in part counts as that
        part. Factors and the risk-free rate are compounded,
        Π(1 + f) − 1 each. Weights are restored once a month then, not every session, which
        would flatter firms that trade thinly.
    timing : Timing
        How an announcement finds its day 0.

    References
    ----------
    Jaffe (1974), Journal of Business 47; Mandelker (1974), Journal of Financial Economics 1; Fama
    (1998), Journal of Financial Economics 49; Mitchell and Stafford (2000), Journal of Business
    73. On restored weights: Blume and Stambaugh (1983), Journal of Financial Economics 12.

    Examples
    --------
    >>> from eventstudy.models import MarketModel
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 3)), days, ["AAA", "BBB", "SPY"])
    >>> events = pd.DataFrame({"ticker": ["AAA", "BBB"], "date": days[[20, 100]]})
    >>> panel = Panel.from_returns(returns, market="SPY")
    >>> found = CalendarTime(holding=(1, 120), model=MarketModel()).run(events, panel)
    >>> found.portfolio["n"].value_counts().to_dict()
    {1: 160, 2: 40}
    >>> found.alpha.df
    198.0
    """

    holding: WindowLike = field(default=(1, 250), metadata=NAMED)
    model: Model = field(default_factory=FamaFrench5, metadata=NAMED)
    weight: str = EQUAL
    min_firms: int = 1
    se: str = "HC1"
    frequency: str = DAILY
    timing: Timing = field(default_factory=Timing)

    __repr__ = call

    def __post_init__(self) -> None:
        object.__setattr__(self, "holding", as_holding(self.holding))
        one_regression(self.model)
        if not is_whole(self.min_firms) or self.min_firms < 1:
            raise errors.min_firms_too_small(self.min_firms)
        check("se", self.se, ERRORS)
        check("frequency", self.frequency, (DAILY, MONTHLY))
        if not isinstance(self.timing, Timing):
            raise errors.not_a_timing(self.timing)

    @property
    def window(self) -> Window:
        """The holding window, read."""
        return as_window(self.holding)

    @property
    def period(self) -> str:
        """What a row of the portfolio is: a session or a month."""
        return "month" if self.frequency == MONTHLY else "session"

    def run(self, events: pd.DataFrame, panel: Panel) -> CalendarPortfolio:
        """Build the portfolio and estimate its alpha.

        Parameters
        ----------
        events : DataFrame
            As for `EventStudy.run`.
        panel : Panel
            Simple returns, and the series that the model reads.

        Returns
        -------
        CalendarPortfolio
            ``alpha``, ``table``, ``portfolio``, ``dropped``, ``ledger``, ``standardised()``,
            ``summary()``, ``plot()``.

        Raises
        ------
        EventsError, PanelError, ModelError, OptionError
            If an input does not keep its contract.
        NothingLeft
            If every event was dropped, or too few periods are left for the model.
        """
        if not isinstance(panel, Panel):
            raise errors.not_a_panel(type(panel).__name__)
        if panel.kind != "simple":
            raise errors.long_run_log_returns("A calendar-time portfolio")
        known = checked(events)
        held, dropped, cut = hold(known, panel, self.window, self.timing)
        weighing = _weighing(self.weight, known.table, panel, held)
        starts = month_starts(panel.sessions)
        months = starts if self.frequency == MONTHLY else starts[:0]
        labels = _last_sessions(panel.sessions, starts) if len(months) else panel.sessions
        earned = earn(panel, held, weighing, months)
        model = one_regression(self.model)
        seen = inputs(self.model, panel, held.at, Windows(Window(-1, -1), Window(0, 0)))
        found = explained(model, seen, earned, months, self.min_firms)
        refuse_too_little(found, model, self.min_firms, labels, self.period)
        return CalendarPortfolio(
            setup=self,
            panel=panel,
            events=known.table.iloc[np.sort(held.at.event)],
            dropped=dropped,
            ledger=cut,
            held=held,
            weighing=weighing,
            earned=earned,
            explained=found,
            periods=labels,
        )


def _last_sessions(sessions: DateArray, starts: IntArray) -> DateArray:
    """(P,) the last session of each month."""
    return np.asarray(sessions[np.append(starts[1:], len(sessions)) - 1])


def _weighing(weight: object, events: pd.DataFrame, panel: Panel, held: Held) -> Weighing:
    """What the members weigh; of a column, only the events that are held are looked at."""
    if not isinstance(weight, str) or weight not in (EQUAL, VALUE, *events.columns):
        raise errors.member_weight_unknown(weight, list(events.columns))
    if weight == EQUAL:
        return Weighing()
    if weight == VALUE:
        if "market_cap" not in panel.fields:
            raise errors.no_market_cap()
        return Weighing(size=panel.fields["market_cap"])
    column = events[weight]
    values = np.zeros(len(column))
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(np.float64, na_value=np.nan)
    wrong = np.sort(held.at.event[~((values > 0) & np.isfinite(values))[held.at.event]])
    if wrong.size:
        one = int(wrong[0])
        value = column.iloc[[one]].tolist()[0]
        raise errors.member_weight_unusable(weight, str(events.index[one]), value, wrong.size)
    return Weighing(own=values[held.at.event])
