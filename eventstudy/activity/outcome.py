"""What a study of activity found: the tables, tests and pictures of a `Result`, in other words.

The contract: a measure derives a panel whose "returns" are what it measures (log volume, log
variance), a study runs on that panel, and ``Activity.of(result, words)`` is the answer. ``words``
is a `report.Multiple`: noun of axes and headings, verb and level of the sentence, the first note.
Its numbers must be logarithms, of which a sentence says exp. If days that follow each other are
alike, the result goes through `serial.remembering` first: forecast errors then know it (C.2,
``hac``), and tests that take days as independent are marked in windows of several days.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NoReturn, cast

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.inference._limits import ALIKE
from eventstudy.report import Explained, Multiple, draw_paths
from eventstudy.result import Result
from eventstudy.windows import WindowLike, as_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Activity(Result):
    """Abnormal activity around events: a `Result` whose numbers are not returns.

    The tables are those of `Result`: ``ar``, ``aar``, ``car``, ``caar`` and so on hold abnormal
    *logarithms* (their names stay), the sentence says exp of them: so many times the usual.
    A CAAR over L days is a sum; exp(CAAR/L) is the multiple of a usual day. ``daily`` and
    ``plot_days`` show each day on its own. What is about money
    (``bhar``, ``single``, ``news_days``) is refused, and so is ``plot_vary``.

    Attributes
    ----------
    measure : Multiple
        What the numbers are about, and how they are said.
    panel : Panel
        What was measured, in the place of returns: ``panel.returns`` are the logarithms.
    events, dropped, abnormal, study
        As in `Result`.

    Examples
    --------
    >>> import eventstudy as es
    >>> events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    >>> study = es.EventStudy(window=(-2, 2))
    >>> panel = study.load(events, es.loaders.sample, market="SPY", fields=("volume",))
    >>> found = es.activity.volume(events, panel, study)
    >>> found.measure.noun, list(found.caar((0, 0)).columns[:3])
    ('abnormal log volume', ['estimate', 'ci_low', 'ci_high'])
    >>> type(Activity.of(found, found.measure)) is Activity
    True
    >>> found.daily["times"].round(2).tolist(), found.plot_days().get_ylabel()
    ([0.91, 1.06, 1.03, 0.99, 1.5], 'abnormal log volume')
    """

    @classmethod
    def of(cls, result: Result, measure: Multiple) -> Activity:
        """Read a study of a derived panel as one of activity.

        Parameters
        ----------
        result : Result
            Of a panel of logarithms.
        measure : Multiple
            What they are logarithms of.
        """
        held = {field.name: getattr(result, field.name) for field in fields(result)}
        return cls(**{**held, "measure": measure})

    def to_frame(self) -> pd.DataFrame:
        """Tidy: event_id, ticker, day, date, value, expected, ar, car (from the first day)."""
        return super().to_frame().rename(columns={"return": "value"})

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Event day → estimate, ci_low, ci_high, times, test, pvalue, n: each day on its own.

        ``times`` is exp of the estimate, the multiple of the usual.
        """
        days = list(self.abnormal.window.days)
        table = self.caar(*[(day, day) for day in days]).set_axis(pd.Index(days, name="day"))
        table["times"] = np.exp(table["estimate"])
        return table[["estimate", "ci_low", "ci_high", "times", "test", "pvalue", "n"]]

    def plot_days(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the mean of each event day with its valid 95 % interval: how long it lasts.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        label = "all events" if len(self.events) > 1 else str(self.events.index[0])
        names = {"estimate": "caar", "ci_low": "low", "ci_high": "high"}
        path = self.daily.rename(columns=names)
        found = draw_paths(
            {label: path},
            ax=ax,
            title=title,
            source=self.source or None,
            measure=replace(self.words, daily=True),
        )
        return cast("Axes", found)

    @property
    def words(self) -> Multiple:
        """The measure, as one of logarithms."""
        return cast("Multiple", self.measure)

    def compare(
        self,
        key: str | pd.Series[Any] | np.ndarray[Any, Any],
        window: WindowLike,
        *,
        bins: int | None = None,
        groups: object = None,
        test: str | None = None,
    ) -> pd.DataFrame:
        """Test whether groups of events differ, as `Result.compare`.

        Over several autocorrelated days ``adj_welch`` takes the place of ``contrasts``, which
        takes days as independent; asked for by name, it says so.
        """
        ask = partial(super().compare, key, window, bins=bins, groups=groups)
        found = ask(test=test)
        alike = self._alike(window) & (found["test"] == "contrasts")
        if test is None and alike.any():
            return ask(test="adj_welch")
        said = found["note"].where(found["note"] == "", found["note"] + "; ") + ALIKE
        return found.assign(note=found["note"].mask(alike, said))

    def explain(self, formula: str, window: WindowLike, **options: Any) -> Explained:  # noqa: ANN401  (as Result)
        """Regress the abnormal logarithms on columns of the events, as `Result.explain`.

        If all events share one date, ``se="date"`` takes days as independent; over several
        autocorrelated days the note says so.

        Parameters
        ----------
        formula, window, **options
            As there.
        """
        found = super().explain(formula, window, **options)
        one_date = options.get("se") == "date" and len(np.unique(self.abnormal.row)) == 1
        if not (one_date and self._alike(window)):
            return found
        return replace(found, note="; ".join(filter(None, (found.note, ALIKE))))

    def _alike(self, window: WindowLike) -> bool:
        """Whether the days of a window are autocorrelated."""
        return self.abnormal.serial is not None and len(as_window(window)) > 1

    def bhar(self, *windows: WindowLike) -> NoReturn:  # noqa: ARG002  (of a Result)
        """Refuse: only returns are bought and held."""
        raise errors.not_of_activity("bhar", self.measure.noun)

    def single(self, *asked: Any, **options: Any) -> NoReturn:  # noqa: ANN401, ARG002  (of a Result)
        """Refuse: a sentence in dollars needs returns."""
        raise errors.not_of_activity("single", self.measure.noun)

    def plot_vary(self, **choices: Any) -> NoReturn:  # noqa: ANN401, ARG002  (of a Result)
        """Refuse: another study of these numbers would not know how they were made."""
        raise errors.not_of_activity("plot_vary", self.measure.noun)

    def news_days(self, *asked: Any, **options: Any) -> NoReturn:  # noqa: ANN401, ARG002  (of a Result)
        """Refuse: it measures returns of days with news."""
        raise errors.not_of_activity("news_days", self.measure.noun)
