"""What holding the firms earned, beside their benchmarks: everything is made when asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.abnormal import Abnormal
from eventstudy.arrays import IntArray, Statistic
from eventstudy.events import Key, as_mask, group_labels, split
from eventstudy.inference._sample import sample_of
from eventstudy.longrun import tables, words
from eventstudy.longrun.benchmarks import TextArray
from eventstudy.longrun.bhar_tests import TESTS, as_abnormal, ask, is_valid
from eventstudy.longrun.compounding import Holdings, Measured
from eventstudy.one_line import about, many
from eventstudy.panel import Panel
from eventstudy.report import percent
from eventstudy.report.exports import Printed
from eventstudy.report.pages import Page
from eventstudy.windows import Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class LongRun(Printed):
    """Buy-and-hold abnormal returns of N events.

    Attributes
    ----------
    rule : BuyAndHold
        How they were held, and against what.
    panel : Panel
        The data.
    events : DataFrame
        The events that were held, with all their columns.
    dropped : DataFrame
        event_id → ticker, date, session, reason, detail. Reasons are those of a study, and
        ``no_characteristics`` and ``no_control``.

    Examples
    --------
    >>> import eventstudy as es
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2025-01-01", periods=60)
    >>> returns = pd.DataFrame(rng.normal(0, 0.01, (60, 3)), days, ["AAA", "BBB", "SPY"])
    >>> events = es.events_on(days[20], ["AAA", "BBB"])
    >>> found = es.BuyAndHold((1, 20)).run(events, es.Panel.from_returns(returns, market="SPY"))
    >>> found.table.columns.tolist()
    ['ticker', 'enter', 'leave', 'days', 'bhr', 'benchmark', 'bhar', 'control']

    Tests, and whether they hold; what was held day by day; groups:

    >>> found.tests()[["test", "valid"]].values.tolist()[0], found.is_valid("csect_t")
    (['skew_t', False], False)
    >>> round(found.test("csect_t").estimate, 4)
    -0.108
    >>> found.paths().columns.tolist()
    ['bhr', 'benchmark', 'bhar', 'n']
    >>> list(found.by("ticker")), len(found.where([True, False]).events)
    (['AAA', 'BBB'], 1)
    >>> found.sentence()[:60], found.plot().get_xlabel()
    ('Over [+1,+20] 2 holdings earned -1.3 % on average and the be', 'trading days after day 0')
    >>> found.summary().splitlines()[0], "booktabs" in found.to_latex()
    ('Buy-and-hold abnormal returns', True)
    >>> found.to_markdown().splitlines()[0]
    '## Buy-and-hold abnormal returns'
    """

    rule: Any
    panel: Panel
    events: pd.DataFrame
    dropped: pd.DataFrame
    holdings: Holdings
    measured: Measured
    #: (N,) what each event is compared with
    controls: TextArray
    #: event (position), calendar row and new control firm
    changes: pd.DataFrame
    #: what the benchmark wants said
    remarks: tuple[str, ...] = ()

    # ── tables ───────────────────────────────────────────────────────────────────────────
    @property
    def window(self) -> Window:
        """The days held."""
        return Window(self.holdings.start, self.holdings.start + self.holdings.length - 1)

    @cached_property
    def table(self) -> pd.DataFrame:
        """event_id → ticker, enter, leave, days, bhr, benchmark, bhar, control.

        Bought at the close of ``enter``, held up to the close of ``leave``.
        """
        return tables.bhar_table(
            self.events, self.holdings, self.measured, self.panel.sessions, self.controls
        )

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """event_id → ticker, what, date, days, control: a row for all that went otherwise.

        ``what`` is "truncated" (last session held, days held), "delisted" (last price, days with
        a price), "missing_days" (days that count as 0) or "control_replaced" (first session of
        the new control firm, days until then).
        """
        return tables.ledger_table(
            self.events, self.holdings, self.measured, self.panel.sessions, self.changes
        )

    # ── numbers ──────────────────────────────────────────────────────────────────────────
    @property
    def abhar(self) -> float:
        """Mean BHAR."""
        return float(self.measured.bhar.mean())

    mean = abhar

    @property
    def median(self) -> float:
        """Median BHAR."""
        return float(np.median(self.measured.bhar))

    @property
    def wealth_relative(self) -> float:
        """(1 + mean BHR) / (1 + mean BHR of the benchmarks); NaN where those lost everything."""
        whole = 1.0 + float(self.measured.benchmark.mean())
        return (1.0 + float(self.measured.bhr.mean())) / whole if whole > 0 else float("nan")

    @property
    def drag(self) -> float:
        """Mean of −½(σ² − σ_b²)·days: what volatility alone takes off the log of the wealth.

        The mean BHAR does not suffer from it, the median does: a firm that varies more than its
        benchmark falls behind it more often than not, without any effect.
        """
        known = self.measured.drag[np.isfinite(self.measured.drag)]
        return float(known.mean()) if known.size else float("nan")

    def paths(self) -> pd.DataFrame:
        """Event day → mean buy-and-hold return so far of firms and benchmarks, and firms held.

        A holding that has ended keeps what it earned. Columns bhr, benchmark, bhar, n.
        """
        firm, benchmark = self.holdings.path()
        day = np.arange(self.holdings.length)
        n = len(self.events) - np.searchsorted(np.sort(self.holdings.days), day, side="right")
        columns = {"bhr": firm - 1.0, "benchmark": benchmark - 1.0, "bhar": firm - benchmark}
        return pd.DataFrame({**columns, "n": n}, index=pd.Index(self.window.days, name="day"))

    # ── tests ────────────────────────────────────────────────────────────────────────────
    @cached_property
    def clusters(self) -> int:
        """Groups of events whose holdings hang together in calendar time, by overlapping days."""
        return sample_of(self._abnormal, self.window).n_components

    @property
    def independent(self) -> bool:
        """Whether no two events share a day of their holdings."""
        return self.clusters == len(self.events)

    @cached_property
    def repeated(self) -> int:
        """Holdings that begin while an earlier one of the same firm still runs."""
        h = self.holdings
        order = np.lexsort((h.row, h.firm))
        firm, row, end = h.firm[order], h.begin[order], h.end[order]
        return int(((firm[1:] == firm[:-1]) & (row[1:] <= end[:-1])).sum())

    def test(self, name: str = "skew_t", **options: Any) -> Statistic:  # noqa: ANN401  (the test's)
        """Test whether the mean BHAR is zero.

        Parameters
        ----------
        name : {"skew_t", "csect_t", "wilcoxon", "sign", "dates_csect", "sign_flip_dates"}
            The first four take the events as independent, the others the clusters of overlapping
            holdings. ``skew_t`` with ``law="bootstrap", variant="johnson"`` is the bootstrapped
            skewness-adjusted t of Lyon, Barber and Tsai (1999).
        **options
            Those of the test in `eventstudy.inference`, as ``alternative="greater"``.

        Returns
        -------
        Statistic
            ``note`` says so where the test is not valid for these events.

        Raises
        ------
        OptionError
            If the test or an option is not known.
        """
        return ask(self._abnormal, self.window, name, options)

    def is_valid(self, name: str) -> bool:
        """Whether a test keeps its size, given how the holdings overlap.

        Parameters
        ----------
        name : str
            The key of a test.
        """
        return is_valid(self._abnormal, self.window, name)

    def tests(self) -> pd.DataFrame:
        """A row a test: window, test, estimate, se, statistic, law, df, pvalue, n, valid, note."""
        return tables.tests_table([self.test(name) for name in TESTS], self.is_valid)

    @cached_property
    def _abnormal(self) -> Abnormal:
        return as_abnormal(self.holdings, self.measured, self.window)

    # ── parts ────────────────────────────────────────────────────────────────────────────
    def where(self, mask: object) -> LongRun:
        """Only some events: a truth value each, in their order or with their index.

        Parameters
        ----------
        mask : Series or array of truth values
            On the index of ``events``, or in its order.
        """
        return self._take(np.flatnonzero(as_mask(mask, self.events)))

    def by(self, key: Key, bins: int | None = None) -> dict[Any, LongRun]:
        """Group → LongRun: by a column of the events, a Series, or ``bins`` of a number.

        Parameters
        ----------
        key : str, Series or array
            A column of the events, or one label an event.
        bins : int, optional
            Cut a number into this many groups of equal size.
        """
        labels = group_labels(self.events, key, bins)
        return {g: self._take(np.flatnonzero(mask)) for g, mask in split(labels).items()}

    def _take(self, index: IntArray) -> LongRun:
        changed = self.changes[self.changes["event"].isin(index)]
        at = np.searchsorted(index, changed["event"].to_numpy())
        return replace(
            self,
            events=self.events.iloc[index],
            holdings=self.holdings.take(index),
            measured=self.measured.take(index),
            controls=self.controls[index],
            changes=changed.assign(event=at),
        )

    # ── for readers ──────────────────────────────────────────────────────────────────────
    def __len__(self) -> int:
        return len(self.events)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of any number has to know."""
        return tuple(words.notes(self))

    def sentence(self) -> str:
        """What was found, and what can be said of its significance."""
        return words.sentence(self)

    def summary(self) -> str:
        """The page: facts, the sentence, the numbers, the tests, what to know."""
        return words.page(self).text()

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        moved = f"mean BHAR {percent(self.abhar)}" if len(self) else ""
        return about(self, many(len(self), "event"), self.window.label, moved)

    def _repr_html_(self) -> str:
        return words.page(self).html()

    def _pages(self) -> list[Page]:
        return [words.page(self)]

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the mean value of one unit in the firms and in their benchmarks.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        from eventstudy.report import draw_long_run

        return draw_long_run(
            self.paths(),
            against=str(self.rule.label(self.panel)),
            ax=ax,
            title=title,
            source=self.panel.source or None,
        )
