"""The reaction before the exchange opened, and the reaction after: night and day apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.activity import night_words
from eventstudy.activity.night_events import HOURS, all_dropped, hours_of, without
from eventstudy.activity.parting import parted
from eventstudy.align import nothing_left
from eventstudy.one_line import about, many
from eventstudy.panel import Panel
from eventstudy.report import draw_halves
from eventstudy.report.exports import Printed
from eventstudy.report.pages import Page
from eventstudy.result import Result
from eventstudy.result.groups import as_mask, group_labels, split
from eventstudy.study import EventStudy
from eventstudy.windows import Window, WindowLike, as_window, as_windows, usual_windows

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def overnight(
    events: pd.DataFrame,
    panel: Panel,
    study: EventStudy | None = None,
    *,
    windows: WindowLike | Sequence[WindowLike] | None = None,
) -> NightAndDay:
    """Measure what was in the opening price, and what came after it.

    The return of a session is parted at its open: night = (1 + R) / (1 + day) − 1 with
    day = close / open − 1, or R − day of log returns. The study runs on the nights, on the days
    and on the whole sessions. News after the close and before the open is in the night of day 0;
    what it moved in the day is all that a trade at the open could have earned.

    Parameters
    ----------
    events : DataFrame
        As for `EventStudy.run`.
    panel : Panel
        With the fields open and close, for the firms and for the factors of the model: market
        and factors are parted too. The risk-free rate falls into the night.
    study : EventStudy, optional
        By default ``EventStudy()``, the market model.
    windows : window or sequence of windows, optional
        What the tables hold; the first one leads. By default day 0, [-1,+1] and the event window.

    Returns
    -------
    NightAndDay
        ``table``, ``night``, ``day``, ``whole``, ``share()``, ``sentence()``, ``summary()``,
        ``plot()``.

    Raises
    ------
    PanelError
        If open or close is missing, of another kind, or a factor has none.
    EventStudyError
        As `EventStudy.run`.

    Notes
    -----
    Night and day need not add up to the whole: simple returns compound, and each half has betas
    of its own. With log returns and a model without estimated betas they do.

    References
    ----------
    Lou, Polk and Skouras (2019), Journal of Financial Economics 134, for the two halves;
    Greene and Watts (1996), Financial Management 25, for news out of hours.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> night, day = rng.normal(0, 0.01, (2, 300, 2))
    >>> night[261, 0] += 0.06
    >>> closed = 50 * np.cumprod((1 + night) * (1 + day), axis=0)
    >>> tables = {"close": closed, "open": closed / (1 + day)}
    >>> bars = {name: pd.DataFrame(v, days, ["AAA", "SPY"]) for name, v in tables.items()}
    >>> panel = Panel.from_prices(pd.concat(bars, axis=1), market="SPY")
    >>> events = pd.DataFrame({"ticker": ["AAA"], "date": days[260], "session": "after_close"})
    >>> found = overnight(events, panel)
    >>> found.table["estimate"].xs("[0,0]", level="window").round(2).to_dict()
    {'night': 0.05, 'day': 0.0, 'whole': 0.06}
    """
    study = EventStudy() if study is None else study
    if not isinstance(study, EventStudy):
        raise errors.not_a_study(type(study).__name__)
    if not isinstance(panel, Panel):
        raise errors.not_a_panel(type(panel).__name__)
    span = study.windows.event
    asked = usual_windows(span) if windows is None else as_windows(windows)
    whole = study.run(events, panel)
    for window in asked:
        whole.abnormal.days(window)  # refuses a window outside the event window
    halves = parted(panel, whole.events["ticker"].unique(), study.model)
    found: dict[str, Result] = {}
    for name, half in (("night", halves.night), ("day", halves.day)):
        try:
            found[name] = study.run(events, half)
        except errors.NothingLeft as none:
            raise nothing_left(all_dropped(whole.dropped, **{name: none.dropped})) from None
    night, day = found.values()
    dropped = all_dropped(whole.dropped, night=night.dropped, day=day.dropped)
    if whole.events.index.isin(dropped.index).all():
        raise nothing_left(dropped)
    night, day, whole = (without(result, dropped) for result in (night, day, whole))
    return NightAndDay(night, day, whole, dropped, asked, hours_of(whole), halves.clocks)


@dataclass(frozen=True, eq=False, repr=False)
class NightAndDay(Printed):
    """The same events measured three times: overnight, in the session, and as a whole.

    Attributes
    ----------
    night, day, whole : Result
        From close to open, from open to close, from close to close. They hold the same events.
    dropped : DataFrame
        event_id → ticker, date, session, reason, detail: events that one of the three lost.
    windows : tuple of Window
        What the tables hold; the first one leads.
    hours : Series
        event_id → "out of hours" (known when day 0 opened), "intraday", "unknown", or "later"
        (after the close of day 0, where timing rolls backward).
    clocks : tuple of str
        Factors that trade while the exchange is closed: their nights are empty.

    Examples
    --------
    >>> import eventstudy as es
    >>> deals = es.catalysts.load(category="deal")
    >>> deals = deals[deals["ticker"].isin(es.universe.MINERS)]
    >>> study = es.EventStudy(window=(-5, 5))
    >>> panel = study.load(deals, es.loaders.sample, market="SPY", fields=("open", "close"))
    >>> found = es.activity.overnight(deals, panel, study)
    >>> found.night.caar((0, 0))["estimate"].round(3).tolist()
    [0.04]
    >>> found.day.caar((0, 0))["estimate"].round(3).tolist()
    [0.001]
    >>> round(found.share((0, 0)), 2), round(found.rest((0, 0)), 3)
    (0.97, 0.001)
    >>> [round(mean, 3) for mean in found.means(es.Window(0, 0))]
    [0.04, 0.001, 0.042]
    >>> len(found.complete((0, 0)).night.events), len(found.by("session"))
    (43, 4)
    >>> len(found.where(found.hours == "out of hours").night.events)
    34
    >>> found.sentence((0, 0))[:60], found.summary().splitlines()[0]
    ('On the event day (day 0) the 12 firms moved by +4.6 % on ave', 'Night and day')
    >>> found.plot().get_ylabel(), "booktabs" in found.to_latex()
    ('AAR', True)
    >>> found.to_markdown().splitlines()[0]
    '## Night and day'
    """

    night: Result
    day: Result
    whole: Result
    dropped: pd.DataFrame
    windows: tuple[Window, ...]
    hours: pd.Series[str]
    clocks: tuple[str, ...] = ()

    @property
    def events(self) -> pd.DataFrame:
        """The kept events."""
        return self.whole.events

    @cached_property
    def table(self) -> pd.DataFrame:
        """(half, window) → the columns of `Result.caar`, over the events that all three have."""
        return self.caar(*self.windows)

    def caar(self, *windows: WindowLike) -> pd.DataFrame:
        """(half, window) → CAAR, its 95 % interval and the leading valid test.

        An event counts in a window where night, day and whole have all of its days.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        asked = [as_window(w) for w in windows] or list(self.windows)
        parts = {window: self.complete(window) for window in asked}
        rows = {
            (half, window.label): getattr(parts[window], half).caar(window).iloc[0]
            for half in ("night", "day", "whole")
            for window in asked
        }
        return pd.DataFrame(rows).T.rename_axis(["half", "window"]).infer_objects()

    def share(self, window: WindowLike | None = None) -> float:
        """Share of night + day that was in the night, by default over the leading window.

        NaN where the two go opposite ways: there is no share then.

        Parameters
        ----------
        window : (int, int), optional
            Inside the event window.
        """
        night, day, _ = self.means(self.windows[0] if window is None else as_window(window))
        return night / (night + day) if night * day >= 0 and night + day else float("nan")

    def rest(self, window: WindowLike | None = None) -> float:
        """Whole − night − day: what compounding and the betas of the halves leave.

        Parameters
        ----------
        window : (int, int), optional
            Inside the event window.
        """
        night, day, whole = self.means(self.windows[0] if window is None else as_window(window))
        return whole - night - day

    def means(self, window: Window) -> tuple[float, float, float]:
        """CAAR of night, day and whole over one window.

        Parameters
        ----------
        window : (int, int)
            Inside the event window.
        """
        found = self.caar(window)["estimate"].to_numpy(dtype=float)
        return float(found[0]), float(found[1]), float(found[2])

    # ── parts ────────────────────────────────────────────────────────────────────────────
    def where(self, mask: object) -> NightAndDay:
        """The same of some events: a Series of truth values on the index, or an array.

        Parameters
        ----------
        mask : Series or array of truth values
            On the index of ``events``, or in its order.
        """
        keep = as_mask(mask, self.events)
        night, day, whole = (r.where(keep) for r in (self.night, self.day, self.whole))
        return replace(self, night=night, day=day, whole=whole, hours=self.hours[keep])

    def by(
        self,
        key: str | pd.Series[Any] | np.ndarray[Any, Any],
        *,
        bins: int | None = None,
    ) -> dict[object, NightAndDay]:
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

    def complete(self, window: WindowLike) -> NightAndDay:
        """The events that have all days of a window in night, day and whole.

        Parameters
        ----------
        window : (int, int)
            Inside the event window.
        """
        w = as_window(window)
        cars = [r.abnormal.car(w) for r in (self.night, self.day, self.whole)]
        found = np.isfinite(cars).all(axis=0)
        return self if found.all() or not found.any() else self.where(found)

    @property
    def lead(self) -> NightAndDay:
        """The events that were known when day 0 opened; all events where none was."""
        known = (self.hours == HOURS[0]).to_numpy()
        return self if known.all() or not known.any() else self.where(known)

    # ── words and pictures ───────────────────────────────────────────────────────────────
    def sentence(self, window: WindowLike | None = None) -> str:
        """What was in the opening price and what came after, of the events of `lead`.

        Parameters
        ----------
        window : (int, int), optional
            Inside the event window.
        """
        at = self.windows[0] if window is None else as_window(window)
        return night_words.sentence(self.lead.complete(at), at)

    def summary(self, *windows: WindowLike) -> str:
        """The sentence, and night, day and whole of each window, in 80 columns.

        Parameters
        ----------
        *windows : (int, int)
            Inside the event window; without any, the usual ones.
        """
        asked = tuple(as_window(w) for w in windows) or self.windows
        return night_words.page(replace(self, windows=asked)).text()

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the AAR of night and day side by side, with valid 95 % intervals.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        shown = self.lead
        days = [Window(day, day) for day in shown.whole.abnormal.window.days]
        table = shown.caar(*days)
        halves = {
            half: pd.DataFrame(
                table.loc[half, ["estimate", "ci_low", "ci_high", "n"]].to_numpy(dtype=float),
                index=[window.first for window in days],
                columns=["aar", "low", "high", "n"],
            )
            for half in ("night", "day")
        }
        title = title or f"Night and day, {night_words.who(shown)}"
        return draw_halves(halves, ax=ax, title=title, source=self.whole.source or None)

    def __len__(self) -> int:
        return len(self.whole)

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return about(self, many(len(self), "event"), *(w.label for w in self.windows))

    def _repr_html_(self) -> str:
        return night_words.page(self).html()

    def _pages(self) -> list[Page]:
        return [night_words.page(self)]
