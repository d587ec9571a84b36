"""Squared abnormal returns, or λ, around day 0: tables, tests, sentence, page, picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.abnormal import Abnormal
from eventstudy.activity import variance_words
from eventstudy.activity.conditional_variance import recursion
from eventstudy.activity.variance_plot import draw_volatility
from eventstudy.activity.variance_sample import Gauge, Measured
from eventstudy.activity.variance_tables import NAMES, tests_table, windows_table
from eventstudy.activity.variance_tests import TESTS, asked
from eventstudy.arrays import Statistic
from eventstudy.inference._laws import ALTERNATIVES, check
from eventstudy.inference._resampling import Rng
from eventstudy.one_line import about, many, short
from eventstudy.report.exports import Printed
from eventstudy.report.pages import Page
from eventstudy.result import Result
from eventstudy.result.groups import as_mask, group_labels, split
from eventstudy.windows import Window, WindowLike, as_window, usual_windows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Volatility(Printed):
    """How volatile firms were around their events, against their usual days.

    Attributes
    ----------
    result : Result
        The study that it reads; nothing is fitted again.
    measure : {"squared", "garch"}
        U = AR²/(σ̂²C) and its mean AVOL; or λ, the spread of the events about their common move
        over the variance that their models forecast.
    log : bool
        Whether ln U takes the place of U.
    draws, rng : int, int or Generator
        Of the placebo windows where events have several dates.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.events_on("2026-01-29", ["MARA", "RIOT", "CLSK"])
    >>> study = es.EventStudy(window=(-2, 2))
    >>> panel = study.load(events, es.loaders.sample, market="SPY")
    >>> found = es.activity.volatility(events, panel, study)
    >>> found.daily.columns.tolist()[:5]
    ['avol', 'usual', 'low', 'high', 'ratio']
    >>> found.test("placebo", (0, 0)).note
    '240 placebo windows'
    >>> found.cav((0, 1)).columns.tolist()[-1], found.caar((0, 1)).columns[0]
    ('note', 'estimate')
    >>> found.tests((0, 0))["test"].tolist(), found.measured((0, 0)).n
    (['placebo', 'dates_t', 'normal_law'], 3)
    >>> list(found.by("ticker")), len(found.where([True, True, False]).events)
    (['CLSK', 'MARA', 'RIOT'], 2)
    >>> found.sentence()[:58], found.summary().splitlines()[0]
    ('On the event day (day 0) the variance of the abnormal retu', 'Volatility')
    >>> found.plot().get_ylabel(), found.to_frame().columns[-1]
    ('AVOL (variance against the expected)', 'value')
    >>> "booktabs" in found.to_latex(), found.to_markdown().splitlines()[0]
    (True, '## Volatility')
    """

    result: Result
    measure: str
    log: bool
    draws: int
    rng: Rng

    # ── what it is about ─────────────────────────────────────────────────────────────────
    @property
    def events(self) -> pd.DataFrame:
        """The kept events."""
        return self.result.events

    @property
    def dropped(self) -> pd.DataFrame:
        """event_id → ticker, date, session, reason, detail."""
        return self.result.dropped

    @property
    def abnormal(self) -> Abnormal:
        """The arrays behind the tables."""
        return self.result.abnormal

    @cached_property
    def gauge(self) -> Gauge:
        """How windows are measured."""
        windows = self.result.study.windows
        intervals = windows.intervals or (windows.estimation,)
        changing = self.abnormal.variance is not None
        moves = recursion(self.abnormal, self.result.study.model, intervals) if changing else None
        return Gauge(self.abnormal, self.measure, self.log, self.draws, self.rng, moves)

    def measured(self, window: WindowLike) -> Measured:
        """The events of a window and what they are on usual days.

        Parameters
        ----------
        window : (int, int)
            Inside the event window.
        """
        return self.gauge.at(as_window(window))

    # ── tables ───────────────────────────────────────────────────────────────────────────
    @cached_property
    def daily(self) -> pd.DataFrame:
        """Event day → avol or lambda, usual, low, high, ratio, and the leading valid test.

        ``usual``, ``low`` and ``high`` are the mean and the middle 95 % of the same measure on
        the estimation days, ``ratio`` is so many times the usual. Of ln U, all numbers are less
        the mean of the estimation days, and ratio is exp of it. Then test, statistic, law, df,
        pvalue, n, n_dates, note.
        """
        days = self.abnormal.window.days
        table = self._table(Window(day, day) for day in days).drop(columns="cav")
        return table.set_axis(pd.Index(days, name="day"))

    def cav(self, *windows: WindowLike) -> pd.DataFrame:
        """Window → the columns of ``daily``, means by day, and cav, their sum less the expected.

        CAV(W) = Σ_W AVOL_t − L·ν/(ν−2) for U; Σ_W less L times the mean of the estimation days
        for ln U; Σ_W λ_t − L for λ, which is L/(N−1) on average, not 0, where N independent
        events have no effect.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        asked_for = self._windows(windows)
        table = self._table(asked_for)
        return table.set_axis(pd.Index([w.label for w in asked_for], name="window", dtype="str"))

    def tests(self, *windows: WindowLike, alternative: str = "two-sided") -> pd.DataFrame:
        """One row a window and test, valid ones first; ``note`` says why others are not.

        ``estimate`` is the measure; of dates_t it is the mean ln U less that of usual days.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        alternative : {"two-sided", "greater", "less"}
            Which deviations count.
        """
        check("alternative", alternative, ALTERNATIVES)
        return tests_table(map(self.measured, self._windows(windows)), alternative)

    def test(self, test: str, window: WindowLike, *, alternative: str = "two-sided") -> Statistic:
        """Ask one test over one window.

        Parameters
        ----------
        test : {"placebo", "dates_t", "normal_law"}
            Placebo windows of the estimation days; t across clusters of dates, of ln U; or the F,
            χ² or normal law of independent events with normal returns.
        window : (int, int)
            Inside the event window.
        alternative : {"two-sided", "greater", "less"}
            The alternative hypothesis.

        Returns
        -------
        Statistic

        Raises
        ------
        OptionError
            If an option is not known.
        """
        check("test", test, tuple(TESTS))
        check("alternative", alternative, ALTERNATIVES)
        return asked(self.measured(window), test, alternative)

    @property
    def by_event(self) -> pd.DataFrame:
        """event_id × event day: U, or ln U (−∞ where an abnormal return is exactly zero)."""
        u = self.abnormal.sar**2
        with np.errstate(divide="ignore"):
            values = np.log(u) if self.log else u
        return pd.DataFrame(values, index=self.events.index, columns=self.abnormal.window.days)

    # ── under the names of a Result ──────────────────────────────────────────────────────
    @property
    def estimates(self) -> pd.DataFrame:
        """event_id → ticker, day0, alpha, factors, sigma, r2, n_obs, dof, as `Result`."""
        return self.result.estimates

    @property
    def ar(self) -> pd.DataFrame:
        """``by_event``."""
        return self.by_event

    @property
    def aar(self) -> pd.DataFrame:
        """``daily``, whose first column is called aar."""
        return self.daily.rename(columns={NAMES[self.measure]: "aar"})

    def caar(self, *windows: WindowLike) -> pd.DataFrame:
        """`cav`, whose first column, the mean by day, is called estimate.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        return self.cav(*windows).rename(columns={NAMES[self.measure]: "estimate"})

    def to_frame(self) -> pd.DataFrame:
        """Tidy: event_id, ticker, day, date, value (U, or ln U)."""
        table = self.result.to_frame()[["event_id", "ticker", "day", "date"]]
        return table.assign(value=self.by_event.to_numpy().ravel())

    # ── parts ────────────────────────────────────────────────────────────────────────────
    def where(self, mask: object) -> Volatility:
        """The same of some events: a Series of truth values on the index, or an array.

        Parameters
        ----------
        mask : Series or array of truth values
            On the index of ``events``, or in its order.
        """
        return replace(self, result=self.result.where(as_mask(mask, self.events)))

    def by(
        self,
        key: str | pd.Series[Any] | np.ndarray[Any, Any],
        *,
        bins: int | None = None,
    ) -> dict[object, Volatility]:
        """Groups of events, by a column or by labels; ``bins`` cuts a number into equal groups.

        Parameters
        ----------
        key : str, Series or array
            A column of the events, or one label an event.
        bins : int, optional
            Cut a number into this many groups of equal size.
        """
        labels = group_labels(self.events, key, bins)
        return {name: self.where(mask) for name, mask in split(labels).items()}

    # ── words and pictures ───────────────────────────────────────────────────────────────
    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of any number has to know, one sentence each."""
        return variance_words.notes(self)

    def sentence(self, window: WindowLike = (0, 0)) -> str:
        """How many times the usual, and whether that can be chance.

        Parameters
        ----------
        window : (int, int), optional
            Inside the event window.
        """
        return variance_words.sentence(self, as_window(window))

    def summary(self, *windows: WindowLike) -> str:
        """The whole answer in 80 columns: valid tests first, the others marked.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        return variance_words.page(self, self._windows(windows)).text()

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the measure by event day, with the middle 95 % of usual days; returns the Axes.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        name = "λ" if self.measure == "garch" else "AVOL, ln U" if self.log else "AVOL"
        many = len(self.events)
        heading = f"{many} events" if many > 1 else str(self.events.index[0])
        return draw_volatility(
            self.daily.rename(columns={NAMES[self.measure]: "value"}),
            ax=ax,
            name=name,
            title=title or f"Volatility around {heading}",
            source=self.result.source or None,
        )

    def __len__(self) -> int:
        return len(self.events)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        model = short(type(self.result.study.model).__name__)
        return about(
            self, self.measure, model, many(len(self), "event"), self.abnormal.window.label
        )

    def _repr_html_(self) -> str:
        return variance_words.page(self, self._windows(())).html()

    def _pages(self) -> list[Page]:
        return [variance_words.page(self, self._windows(()))]

    # ── helpers ──────────────────────────────────────────────────────────────────────────
    def _windows(self, windows: Iterable[WindowLike]) -> list[Window]:
        found = [as_window(w) for w in windows]
        return found or list(usual_windows(self.abnormal.window))

    def _table(self, windows: Iterable[Window]) -> pd.DataFrame:
        return windows_table(map(self.measured, windows), NAMES[self.measure], len(self.events))
