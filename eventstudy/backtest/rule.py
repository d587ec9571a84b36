"""The rule: when and how the events are traded; `run` turns events and a panel into a backtest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from eventstudy import errors
from eventstudy.arrays import Model
from eventstudy.backtest.moments import Moment, MomentLike, as_moment, in_order
from eventstudy.backtest.terms import Costs, Limits, as_costs
from eventstudy.models import Dimson
from eventstudy.one_line import NAMED, call
from eventstudy.panel import Panel
from eventstudy.study import EventStudy

if TYPE_CHECKING:
    import numpy as np

    from eventstudy.backtest.asking import Known
    from eventstudy.backtest.lattice import Grid
    from eventstudy.backtest.outcome import Backtest

SIDES = ("long", "short")
WEIGHTS = ("equal", "inverse_sigma")

#: a side: a word, a column, or a function of what is known at entry
Side: TypeAlias = "str | Callable[[Known], Any]"


@dataclass(frozen=True)
class Rule:
    """A way to trade events, without look-ahead: nothing later than an entry decides about it.

    Parameters
    ----------
    enter, leave : int or str
        When a position is opened and closed: a day around day 0, whose close is meant, or a text
        as ``"open+1"``, for which the panel needs the fields open and close. ``enter=0, leave=5``
        earns the returns of the days 1 to 5; ``"open+1"`` earns close/open − 1 of day 1 first.
    side : {"long", "short"}, column or callable
        A column of the events, whose sign counts (0 or missing: no trade), or a function. It is
        called once for each session of entry, in the order of time, with `Known`: the events
        entered then (``known.events``) and a copy of the panel that ends there
        (``known.panel``); it returns 1, −1 or 0 for each of these events. An object that keeps what
        it saw is copied before each run.
    weight : {"equal", "inverse_sigma"} or column
        Notional of a trade, as a multiple of the starting capital: 1; 0.01/σ̂ with σ̂ of the
        estimation window, so that a day's abnormal return moves the capital by about 1 %; or a
        column of numbers above 0.
    hedge : Model, optional
        What is sold against the position: the factors of a model, in the proportions estimated
        before entry. The position then earns R − (E[R] − α̂) a day, that is AR + α̂.
    costs : float or Costs
        Basis points of each side, or `Costs`.
    limits : Limits, optional
        What may be held at once. Default: no limits, every event a position of its own.

    Raises
    ------
    OptionError, ModelError
        If an option is not known, the rule does not leave after it enters, or the hedge cannot
        be traded.

    Notes
    -----
    Notionals are constant: profits add up and are not compounded.

    A column that decides about side or weight counts as known with the announcement, or from the
    date in a column of the same name with ``_known`` behind it. A value dated on the day of the
    announcement came with it.

    Examples
    --------
    >>> from eventstudy.models import MarketModel
    >>> Rule(enter="open+1", leave=5, side="surprise", hedge=MarketModel())
    Rule(enter='open+1', leave=5, side='surprise', hedge=MarketModel())
    """

    enter: MomentLike = field(default=0, metadata=NAMED)
    leave: MomentLike = field(default=5, metadata=NAMED)
    side: Side = "long"
    weight: str = "equal"
    hedge: Model | None = None
    costs: float | Costs = 10.0
    limits: Limits | None = None

    __repr__ = call

    def __post_init__(self) -> None:
        enter, leave = in_order(*self.moments)
        object.__setattr__(self, "enter", enter.plain)
        object.__setattr__(self, "leave", leave.plain)
        if not (callable(self.side) or _is_name(self.side)):
            raise errors.side_unreadable(self.side)
        if not _is_name(self.weight):
            raise errors.weight_unreadable(self.weight)
        if self.hedge is not None:
            _refuse_hedge(self.hedge)
        as_costs(self.costs)
        if not (self.limits is None or isinstance(self.limits, Limits)):
            raise errors.no_limits(self.limits)

    @property
    def moments(self) -> tuple[Moment, Moment]:
        """Entry and leaving, read."""
        return as_moment(self.enter, "enter"), as_moment(self.leave, "leave")

    @property
    def terms(self) -> Costs:
        """The costs, read."""
        return as_costs(self.costs)

    @property
    def columns(self) -> Mapping[str, str]:
        """Option → column of the events, of those that decide about side and weight."""
        named = {"side": (self.side, SIDES), "weight": (self.weight, WEIGHTS)}
        return {
            option: value
            for option, (value, words) in named.items()
            if isinstance(value, str) and value not in words
        }

    def run(self, events: pd.DataFrame, panel: Panel, study: EventStudy | None = None) -> Backtest:
        """Trade ``events``.

        A pure function of its arguments. Every event is among the trades or, with a reason, in
        ``dropped``.

        Parameters
        ----------
        events : DataFrame
            One row an event, as for `EventStudy.run`. An event whose session is unknown, and
            every event that `detect` found, is placed as news after the close.
        panel : Panel
            Simple returns on their sessions, and what hedge and study need.
        study : EventStudy, optional
            Its model gives σ̂ and the abnormal returns, its estimation window also that of the
            hedge, its ``timing`` day 0. Default: ``EventStudy(model=hedge)``, or the default study
            where the panel has a market.

        Returns
        -------
        Backtest
            ``trades``, ``daily``, ``dropped``, ``summary()``, ``plot()``.

        Raises
        ------
        OptionError
            If the rule would enter an event before the market can know of it, unless its day was
            public beforehand (``scheduled``); if a side or weight is not known at entry.
        WindowError
            If the study estimates on days that are not over at entry.
        EventsError, PanelError, ModelError
            If an input does not keep its contract.
        NothingLeft
            If no event could be placed.

        Examples
        --------
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 2)), days, ["AAA", "SPY"])
        >>> events = pd.DataFrame({"ticker": ["AAA"], "date": [days[270]], "session": "intraday"})
        >>> done = Rule(leave=3, costs=0).run(events, Panel.from_returns(returns, market="SPY"))
        >>> held = returns["AAA"].iloc[271:274]
        >>> bool(np.isclose(done.trades["net"].iloc[0], held.sum()))
        True
        """
        from eventstudy.backtest.trading import trade

        return trade(self, events, panel, study)

    def grid(
        self,
        events: pd.DataFrame,
        panel: Panel,
        enter: Sequence[MomentLike] = range(6),
        leave: Sequence[MomentLike] = range(1, 21),
        *,
        study: EventStudy | None = None,
        draws: int = 999,
        rng: int | np.random.Generator = 0,
    ) -> Grid:
        """Try every entry with every leaving after it, and correct for having tried them all.

        Each rule goes through the same guards, costs and limits, and equals `run` with its own
        entry and leaving. Its p-value is that of the mean net profit a trade across clusters of
        overlapping holdings. Where those of the longest holdings weigh like six equal ones or
        more, all rules are corrected together by Romano and Wolf's step-down: in each draw they
        see the same clusters. Where they chain nearly all trades together, each rule is judged
        by the t of its own clusters, and the correction is Holm's.

        Parameters
        ----------
        events, panel, study
            As for `run`.
        enter, leave : sequence of int or str
            Moments as in `Rule`; those of this rule are not used.
        draws : int, default 999
            Draws of the correction.
        rng : int or Generator, default 0
            A seed, or where the random numbers come from.

        Returns
        -------
        Grid
            ``table``, ``best``, ``survivors``, ``sentence()``, ``plot()``.

        Raises
        ------
        EventStudyError
            As `run`, where one of the rules is refused; if no leaving lies after an entry.

        Notes
        -----
        A side that is a function is asked once an entry, with the events that the earliest
        leaving can trade.

        References
        ----------
        Romano and Wolf (2005), Econometrica 73; Holm (1979), Scandinavian Journal of Statistics
        6; Bailey and López de Prado (2014), Journal of Portfolio Management 40.

        Examples
        --------
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2023-01-02", periods=500)
        >>> returns = pd.DataFrame(rng.normal(0, 0.01, (500, 2)), days, ["AAA", "SPY"])
        >>> events = pd.DataFrame({"ticker": "AAA", "date": days[260:480:10]})
        >>> panel = Panel.from_returns(returns, market="SPY")
        >>> found = Rule(costs=5).grid(events, panel, enter=range(3), leave=range(1, 6))
        >>> len(found), found.correction, len(found.survivors)
        (12, 'romano_wolf', 0)
        """
        from eventstudy.backtest.trying import Choices, try_all

        return try_all(self, events, panel, study, Choices(enter, leave, draws, rng))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refuse_hedge(hedge: Model) -> None:
    """Refuse what is no model, and a model whose expectation cannot be traded."""
    if isinstance(hedge, type):
        raise errors.hedge_is_a_class(hedge.__name__)
    if not callable(getattr(hedge, "fit", None)) or not hasattr(hedge, "needs"):
        raise errors.not_a_hedge(hedge)
    name = type(hedge).__name__
    if isinstance(hedge.needs, str) or not isinstance(hedge.needs, Sequence):
        raise errors.needs_unreadable(name, hedge.needs)
    if not len(hedge.needs):
        raise errors.hedge_without_factors(name)
    if getattr(hedge, "across_gaps", False):
        raise errors.hedge_across_gaps(name)
    if isinstance(hedge, Dimson) and hedge.mode == "full":
        raise errors.hedge_of_later_days(name)
