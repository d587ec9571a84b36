"""The study: a model, its windows and rules; `run` turns events and a panel into a result."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import engine, errors
from eventstudy.align import (
    Timing,
    add_reasons,
    inputs,
    ledger,
    left_out,
    nothing_left,
    place,
)
from eventstudy.arrays import Model, Statistic, Windows
from eventstudy.engine.streaming import Work
from eventstudy.events import check_events, checked
from eventstudy.factors import FirmFactor
from eventstudy.inference.keeping import Keeping
from eventstudy.models import MarketModel
from eventstudy.one_line import NAMED, PLAIN, call
from eventstudy.panel import Panel
from eventstudy.panel.gaps import DAYS
from eventstudy.panel.provenance import Provenance
from eventstudy.result import Result
from eventstudy.windows import Window, WindowLike, as_intervals, as_window, is_whole

if TYPE_CHECKING:
    from eventstudy.calibration import Calibration, Preview, Variations

MISSING = ("drop", "skip", "zero")


@dataclass(frozen=True)
class EventStudy:
    """How abnormal returns are measured: one design, applied to any events and panel.

    Parameters
    ----------
    model : Model
        What would have been expected; an instance such as ``es.MarketModel()`` or any object
        with ``needs`` and ``fit(block)``.
    estimation : (int, int), or a list of them
        First and last trading day around day 0 on which the model is estimated. A list of
        intervals, disjoint from each other and from the event window, is used as a whole; one
        of them may follow the event, which the summary says. Text is read as on the command
        line: "-250:-11,30:120".
    window : (int, int)
        First and last day of the event window; estimation ends before it begins.
    min_obs : int, optional
        Valid estimation days an event needs. Default: max(p + 5, min(120, L1 // 2)).
    missing : {"drop", "skip", "zero"}
        A missing return inside a window W: "drop" leaves the event out of every statistic of
        W, "skip" sums over its other days, "zero" also counts it as 0 in BHAR. Nothing is ever
        filled in.
    exclude_other_events : bool
        Whether estimation days inside the event window of another event of the same firm are
        left out.
    timing : Timing
        How an announcement finds its day 0.

    Examples
    --------
    >>> EventStudy(estimation=(-120, -11), window=(-5, 5)).window.label
    '[-5,+5]'
    """

    model: Model = field(default_factory=MarketModel, metadata=PLAIN)
    estimation: WindowLike | Sequence[WindowLike] = field(default=(-250, -11), metadata=NAMED)
    window: WindowLike = field(default=(-10, 10), metadata=NAMED)
    min_obs: int | None = None
    missing: str = "drop"
    exclude_other_events: bool = False
    timing: Timing = field(default_factory=Timing)

    __repr__ = call

    def __post_init__(self) -> None:
        if isinstance(self.model, type):
            raise errors.model_is_a_class(self.model.__name__)
        if not callable(getattr(self.model, "fit", None)) or not hasattr(self.model, "needs"):
            raise errors.not_a_model(self.model)
        needs = self.model.needs
        if (
            isinstance(needs, str)
            or not isinstance(needs, Sequence)
            or not all(isinstance(need, (str, FirmFactor)) for need in needs)
        ):
            raise errors.needs_unreadable(type(self.model).__name__, needs)
        object.__setattr__(self, "estimation", as_intervals(self.estimation))
        object.__setattr__(self, "window", as_window(self.window))
        if self.missing not in MISSING:
            raise errors.unknown_option("missing", self.missing, MISSING)
        self._check_windows()
        length = self.windows.days
        need = engine.parameter_count(self.model) + 5
        if length < need:
            raise errors.estimation_too_short(length, need, type(self.model).__name__)
        least = self.min_obs
        if least is not None and not (is_whole(least) and 1 <= least <= length):
            raise errors.min_obs_out_of_range(least, length)
        if not isinstance(self.timing, Timing):
            raise errors.not_a_timing(self.timing)

    def _check_windows(self) -> None:
        """Refuse an estimation that meets the event window, or comes after it unasked."""
        window, windows = as_window(self.window), self.windows
        if not windows.intervals and windows.estimation.last >= window.first:
            raise errors.estimation_reaches_event(windows.estimation, window, window.first - 1)
        for interval in windows.intervals:
            if interval.last >= window.first and interval.first <= window.last:
                raise errors.interval_meets_event(interval, window)

    @property
    def windows(self) -> Windows:
        """Both windows, read."""
        window, found = as_window(self.window), as_intervals(self.estimation)
        if isinstance(found, Window):
            return Windows(found, window)
        return Windows(Window(found[0].first, found[-1].last), window, found)

    def run(
        self,
        events: pd.DataFrame,
        panel: Panel,
        *,
        store: str = "full",
        windows: WindowLike | Sequence[WindowLike] | None = None,
        workers: int = 1,
        executor: Executor | None = None,
    ) -> Result:
        """Measure the reaction to ``events``.

        A pure function of its arguments: nothing is downloaded, printed or changed, and the
        same input gives the same bits. Every event is in ``result.events`` or, with a reason,
        in ``result.dropped``.

        Parameters
        ----------
        events : DataFrame
            One row an event: ``ticker``, ``date``, optionally ``session``, ``scheduled``,
            ``event_id`` and any covariates.
        panel : Panel
            Returns, factors and sessions.
        store : {"full", "car", "aggregate"}
            What is kept: the abnormal return of every event and day; the CARs of every event
            over ``windows`` (days are measured again when they are asked for); or only sums over
            the events, in memory that does not grow with their number. Tests that need more than
            sums say so, and so do tables of single events.
        windows : window or sequence of windows, optional
            With "car" and "aggregate": the windows W that will be asked about, by default day 0,
            [-1,+1] and the event window. A text as "-1:1,0:5" is read as on the command line.
        workers : int
            Threads that measure blocks of dates.
        executor : concurrent.futures.Executor, optional
            Who measures them instead: a pool of processes, or ``client.get_executor()`` of Dask
            for many machines. Workers open a panel of `Panel.open` themselves; of others they
            are sent the days they need.

        Returns
        -------
        Result
            Tables, tests, sentences and pictures: the same whatever the last four are, to the
            last digits.

        Raises
        ------
        EventsError, ModelError
            If an input does not keep its contract.
        NothingLeft
            If every event was dropped; the sentence counts the reasons.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2024-01-01", periods=300)
        >>> returns = pd.DataFrame(rng.normal(0, 0.01, (300, 2)), days, ["AAA", "SPY"])
        >>> events = pd.DataFrame({"ticker": ["AAA"], "date": [days[260]]})
        >>> panel = Panel.from_returns(returns, market="SPY")
        >>> EventStudy().run(events, panel).estimates.index.tolist()
        ['AAA|2024-12-30|1']
        """
        if not isinstance(panel, Panel):
            raise errors.not_a_panel(type(panel).__name__)
        span = self.windows
        keeping = Keeping.of(store, windows, workers, executor, span.event)
        known = checked(events)
        placed = place(known, panel, span, self.timing)
        at = placed.placement
        seen = inputs(self.model, panel, at, span, exclude=self.exclude_other_events)
        work = Work(self.model, seen, at, span, self.min_obs, self.missing)
        abnormal, losses = keeping.measure(work)
        placed = add_reasons(placed, panel, span, losses, seen)
        dropped = ledger(known.table, placed)
        kept = placed.reason == 0
        if not kept.any():
            raise nothing_left(dropped)
        return Result(
            study=self,
            panel=panel,
            events=known.table if kept.all() else known.table[kept],
            dropped=dropped,
            abnormal=abnormal,
            left_out=left_out(seen, at, span)[losses.reason == 0],
        )

    def calibrate(  # noqa: PLR0913  (each is one choice of how the draws are made and read)
        self,
        events: pd.DataFrame,
        panel: Panel,
        *,
        draws: int = 1000,
        effects: Sequence[float] = (0.0, 0.01, 0.02),
        windows: WindowLike | Sequence[WindowLike] | None = None,
        tests: Sequence[str | Callable[..., Statistic]] | None = None,
        levels: Sequence[float] = (0.01, 0.05, 0.10),
        day: int = 0,
        strata: int | None = None,
        rng: int | np.random.Generator = 0,
    ) -> Calibration:
        """Measure how far each test can be trusted on these very returns: size and power.

        The events are placed on dates without news, jointly and many times. Which events share
        a date stays as it is, and dates whose tested windows overlap keep their distance. A test
        that holds rejects in 5 % of such draws at 5 %; with an effect added to the abnormal
        return of one day the same draws tell its power.

        Parameters
        ----------
        events : DataFrame
            As for `run`.
        panel : Panel
            As for `run`.
        draws : int, default 1000
            Placebo draws. Events of one date have no more than there are sessions.
        effects : sequence of float, default (0.0, 0.01, 0.02)
            Planted effects, as fractions; zero is always among them.
        windows : window or sequence of windows, optional
            What is tested, by default the day of the effect; (-1, 1) is one window.
        tests : sequence of str or callable, optional
            By default all of `eventstudy.inference` that draw no random numbers themselves.
        levels : sequence of float, default (0.01, 0.05, 0.10)
            Levels of significance; 5 % is always among them.
        day : int, default 0
            Event day on which effects are planted.
        strata : int, optional
            Draw each date from sessions of the same part of the market's volatility over the 20
            sessions before, such as 3 for terciles: for dates that fall into rough times.
        rng : int or Generator, default 0
            A seed, or where the random numbers come from.

        Returns
        -------
        Calibration
            ``table``, ``size()``, ``power()``, ``verdict``, ``detectable``, ``summary()``,
            ``plot()``.

        Raises
        ------
        EventStudyError
            As `run`; if an option is not known; if no dates without news are left.

        Notes
        -----
        Placebo dates never have a tested day that is one of the firm's true events. A date goes
        where all its firms have enough returns; firms that leave fewer than 20 sessions to
        choose from stay out, and the summary names their events. The rates are those of this
        history: days of a crisis come up as often as they came.

        References
        ----------
        Brown and Warner (1985), Journal of Financial Economics 14, for the design.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2023-01-02", periods=400)
        >>> returns = pd.DataFrame(rng.normal(0, 0.02, (400, 3)), days, ["AAA", "BBB", "SPY"])
        >>> events = pd.DataFrame({"ticker": ["AAA", "BBB"], "date": days[380]})
        >>> found = EventStudy().calibrate(events, Panel.from_returns(returns, market="SPY"))
        >>> found.setting.draws, found.power().columns.tolist()
        (139, [0.0, 0.01, 0.02])
        """
        from eventstudy.calibration import Plan, calibrate

        plan = Plan(
            draws=draws,
            effects=effects,
            windows=windows,
            tests=tests,
            levels=levels,
            day=day,
            strata=strata,
            rng=rng,
        )
        return calibrate(self, events, panel, plan)

    def preview(
        self,
        events: pd.DataFrame,
        panel: Panel,
        *,
        window: WindowLike = (0, 0),
        by: str | None = None,
        past: pd.DataFrame | None = None,
    ) -> Preview:
        """Before the event: how far each firm, and the group, must move to be significant.

        A reaction of ``move`` = c·σ√Q is the smallest that the valid test will not take for
        chance at 5 %: the sample quantile of the residuals for one firm (and the t test beside
        it), the portfolio t for the firms of one date; where that does not apply (a model without
        a common design, too few complete firms) the sample quantiles of their mean residual. Day 0
        is taken as a day of average factor returns, on which Q is smallest.

        Parameters
        ----------
        events : DataFrame
            Upcoming events, dated after the last session of ``panel``. Events in the same table
            that have happened are the record they are compared with; if there is a column
            ``category``, those of the same categories.
        panel : Panel
            What is known so far.
        window : window
            W, inside the event window; all of its days are taken as not known.
        by : str, optional
            A column of the events: a threshold for each of its groups.
        past : DataFrame, optional
            The record, instead of the earlier events of the table.

        Returns
        -------
        Preview
            ``tickers``, ``groups``, ``dropped``, ``past``, ``sentence()``, ``summary()``,
            ``plot()``.

        Raises
        ------
        EventStudyError
            As `run`; if no event lies ahead.

        References
        ----------
        Gelbach, Helland and Klick (2013), American Law and Economics Review 15, for one firm;
        Schipper and Thompson (1983), Journal of Accounting Research 21, for the portfolio.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2025-01-02", periods=300)
        >>> returns = pd.DataFrame(rng.normal(0, 0.02, (300, 3)), days, ["AAA", "BBB", "SPY"])
        >>> tonight = pd.DataFrame({"ticker": ["AAA", "BBB"], "date": days[-1],
        ...                         "session": "after_close"})
        >>> ahead = EventStudy().preview(tonight, Panel.from_returns(returns, market="SPY"))
        >>> ahead.tickers["move"].round(3).tolist()
        [0.035, 0.04]
        """
        from eventstudy.calibration import preview

        return preview(self, events, panel, window=window, by=by, past=past)

    def vary(
        self,
        *,
        model: Sequence[Model] | None = None,
        estimation: Sequence[WindowLike | Sequence[WindowLike]] | None = None,
        window: Sequence[WindowLike] | None = None,
        min_obs: Sequence[int | None] | None = None,
        missing: Sequence[str] | None = None,
        exclude_other_events: Sequence[bool] | None = None,
    ) -> Variations:
        """Plan the same question under every reasonable choice: the specification curve.

        Parameters
        ----------
        model, estimation, min_obs, missing, exclude_other_events : list, optional
            Values of these fields of the study; what is not given stays as it is.
        window : list of windows, optional
            The windows W that are asked about, by default day 0. The event window of the study
            is widened where it does not hold them.

        Returns
        -------
        Variations
            ``run(events, panel, draws=199)`` gives the curve: every combination with its
            leading valid test, how far they agree, and a p-value of the whole curve from joint
            placebo dates.

        Raises
        ------
        EventStudyError
            If a value is not a list of choices, or no study can have it.

        References
        ----------
        Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4.

        Examples
        --------
        >>> from eventstudy.models import MarketAdjusted, MeanAdjusted
        >>> rng = np.random.default_rng(0)
        >>> days = pd.bdate_range("2023-01-02", periods=400)
        >>> returns = pd.DataFrame(rng.normal(0, 0.02, (400, 3)), days, ["AAA", "BBB", "SPY"])
        >>> events = pd.DataFrame({"ticker": ["AAA", "BBB"], "date": days[380]})
        >>> models = [MarketModel(), MeanAdjusted()]
        >>> ways = EventStudy().vary(model=models, window=[(0, 0), (-1, 1)])
        >>> curve = ways.run(events, Panel.from_returns(returns, market="SPY"), draws=0)
        >>> len(curve), curve.agreement["significant_positive"]
        (4, 0)
        """
        from eventstudy.calibration import Variations

        choices = {
            "model": model,
            "estimation": estimation,
            "min_obs": min_obs,
            "missing": missing,
            "exclude_other_events": exclude_other_events,
        }
        return Variations.of(self, window, choices)

    def load(  # noqa: PLR0913  (the keywords of the panel's constructors, and the fields)
        self,
        events: pd.DataFrame,
        loader: Callable[..., pd.DataFrame],
        *,
        market: str | None = None,
        factors: Sequence[str] | pd.DataFrame | None = None,
        risk_free: str | float | pd.Series[Any] | None = None,
        kind: str = "simple",
        own_since: Mapping[str, Any] | None = None,
        fields: Sequence[str] = (),
    ) -> Panel:
        """Fetch what this study needs for ``events``: the only line that may touch a network.

        Parameters
        ----------
        events : DataFrame
            The events; their tickers, the market and the factors that are tickers are asked for.
        loader : callable
            ``loader(tickers, start, end)`` → DataFrame of prices, sessions × tickers.
        market, factors, risk_free, kind, own_since
            As for `Panel.from_prices`.
        fields : sequence of str, optional
            What the panel shall hold beside returns, of open, high, low, close, volume and
            market_cap; asked of the loader together with the adjusted closes.

        Returns
        -------
        Panel
            From the first estimation day of the first event to the last day of the last. What
            the loader said of its source and of each ticker stands in ``provenance``: an event
            whose ticker failed is dropped as ``unknown_ticker`` with that cause.

        Raises
        ------
        LoaderError
            If the loader has no prices at all, or none of the market or of a factor.

        Examples
        --------
        >>> import eventstudy as es
        >>> events = es.events_on("2026-02-25", ["IREN", "NOPE"], session="after_close")
        >>> panel = es.EventStudy().load(events, es.loaders.sample, market="SPY")
        >>> panel.provenance.report["NOPE"]["status"]
        'not_found'
        """
        events = check_events(events)
        if not callable(loader):
            raise errors.not_a_loader(loader)
        gaps = bool(getattr(self.model, "across_gaps", False))
        if gaps and kind != "log":
            raise errors.gaps_are_logs(type(self.model).__name__)
        given = list(factors.columns) if isinstance(factors, pd.DataFrame) else []
        named = [] if factors is None or given else list(factors)
        series = [*([market] if market and market not in given else []), *named]
        of_model, behind = self._needed()
        series += [name for name in of_model if name not in ("market", *given)]
        if isinstance(risk_free, str) and risk_free not in given:
            series.append(risk_free)
        wanted = [*events["ticker"].unique(), *series, *behind]
        start, end = self._span(events["date"])
        asked: tuple[Any, ...] = (list(dict.fromkeys(wanted)), start, end)
        name = getattr(loader, "__name__", type(loader).__name__)
        if more := list(dict.fromkeys([fields] if isinstance(fields, str) else fields)):
            asked = (*asked, tuple(dict.fromkeys(("adj_close", *more))))
            if not _can_be_asked(loader, asked):
                raise errors.cache_fields_refused(name, more)
        prices = loader(*asked)
        if not isinstance(prices, pd.DataFrame) or prices.empty:
            raise errors.load_without_start(name)
        held = pd.DataFrame(prices, copy=False).notna().any().to_numpy()  # of no attrs a copy
        if not held.all():
            prices = prices.loc[:, held]  # the events of the others: unknown_ticker
        found = {name for label in prices.columns for name in np.atleast_1d(np.asarray(label))}
        if lost := [name for name in series if name not in found]:
            told = Provenance.of(prices)
            causes = {str(name): told.cause(str(name)) for name in lost}
            raise errors.load_without_series(told.source or "The loader", causes)
        return Panel.from_prices(
            prices,
            market=market,
            factors=factors,
            risk_free=risk_free,
            kind=kind,
            own_since=own_since,
            across_gaps=gaps,
        )

    def _needed(self) -> tuple[list[str], list[str]]:
        """Series that the model must have, and tickers behind factors that differ by firm.

        Of the latter some may be without prices.
        """
        needs: tuple[str | FirmFactor, ...] = self.model.needs
        made = (DAYS,) if getattr(self.model, "across_gaps", False) else ()
        named = [need for need in needs if isinstance(need, str) and need not in made]
        return named, [t for need in needs if not isinstance(need, str) for t in need.tickers]

    def _span(self, dates: pd.Series[Any]) -> tuple[dt.date, dt.date]:
        """Calendar days that hold the windows, with room for holidays."""
        before, after = self.windows.first, self.windows.whole.last
        start = dates.min() - pd.Timedelta(days=int(-before * 1.5) + 15)
        end = dates.max() + pd.Timedelta(days=int(after * 1.5) + 15)
        return start.date(), end.date()


def _can_be_asked(loader: Callable[..., Any], asked: tuple[Any, ...]) -> bool:
    """Whether a function takes so many arguments, as far as it says so."""
    try:
        inspect.signature(loader).bind(*asked)
    except ValueError:  # a builtin, which does not say
        return True
    except TypeError:
        return False
    return True
