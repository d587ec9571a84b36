"""Before the event: how far a firm, or the group, would have to move to be significant."""

from __future__ import annotations

import html
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from eventstudy import errors, inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import FloatArray
from eventstudy.calibration.ahead import fit_ahead, is_ahead
from eventstudy.events import check_events
from eventstudy.panel import Panel
from eventstudy.report import cells, draw_thresholds, html_table, name_of_test, text_table, wrap
from eventstudy.result.findings import model_name
from eventstudy.windows import Window, WindowLike, as_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.result import Result
    from eventstudy.study import EventStudy


def _size(value: object) -> str:
    """Write an absolute move as a percentage, without a sign."""
    return cells.percent(value).lstrip("+")


#: how the columns of the tables are written
FORMATS = {
    **dict.fromkeys(("move", "move_t", "typical", "largest", "sigma"), _size),
    **dict.fromkeys(("past", "beyond", "rank"), cells.count),
}


@dataclass(frozen=True, eq=False, repr=False)
class Preview:
    """What upcoming events will be held against.

    Attributes
    ----------
    tickers : DataFrame
        event_id → ticker, date (the expected day 0), sigma, n_obs; ``move``, the smallest
        absolute abnormal return that the valid test of one event (sample quantiles) will call
        significant at 5 %; ``move_t``, that of the t test; and of the past events of the
        ticker: their number, the median absolute reaction (``typical``), the largest, how many
        went ``beyond`` ``move``, and the ``rank`` that a reaction of ``move`` would take.
    groups : DataFrame
        (date, group) → n, rbar, n_eff, test, move, and the same of the past dates of the group.
    dropped : DataFrame
        Upcoming events that cannot be previewed, with their reasons.
    past : Result or None
        The past events, measured.
    """

    tickers: pd.DataFrame
    groups: pd.DataFrame
    dropped: pd.DataFrame
    past: Result | None
    window: Window
    model: str
    known_until: str
    limit: str = ""
    source: str = ""
    #: group → past mean reactions, and ticker → past reactions: the dots of the picture
    _dots: dict[str, FloatArray] = field(default_factory=dict)

    def sentence(self) -> str:
        """What the largest group of the first date needs, and how often it got there."""
        (date, group), row = max(self._groups(), key=lambda found: found[1]["n"])
        if not np.isfinite(row["move"]):
            return f"{row['n']} events on {date:%Y-%m-%d}: {row['note']}."
        what, test = "an abnormal return of " + str(self.tickers["ticker"].iloc[0]), "sq"
        who = "it" if row["n"] == 1 else "the group"
        if row["n"] > 1:
            of = "" if group == "all" else f" of {group}"
            what, test = f"an average abnormal return of the {row['n']} firms{of}", row["test"]
        else:
            row = self.tickers.iloc[0].to_dict()
        said = (
            f"On {date:%Y-%m-%d}, over {self.window.label}, {what} beyond ±{_size(row['move'])} "
            f"will be significant at 5 % ({name_of_test(test)})"
        )
        if "n_eff" in row:
            said += f"; they are worth {cells.number(row['n_eff'], 1)} independent firms"
        if row["past"]:
            far = f"{row['beyond']} of {row['past']} earlier dates moved {who} that far"
            said += f". {far} (median move {_size(row['typical'])})"
        return said + "."

    def summary(self) -> str:
        """The sentence, the groups and the tickers, in 80 columns."""
        head = f"Before the event: {self.model}, prices until {self.known_until}"
        parts = ["\n".join([head, "=" * min(len(head), 80), *wrap(self.sentence())])]
        parts += [
            text_table(frame, title=title, formats=FORMATS) for title, frame in self._tables()
        ]
        parts += ["\n".join(wrap(f"Note: {note}", indent="  ")) for note in self.notes]
        return "\n\n".join(parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of the moves has to know."""
        mean = (
            "Moves are abnormal returns, beyond what the model expects, on days of average "
            "factor returns; a wild market day adds a little to them."
        )
        spread = (
            "On the day itself adjusted BMP leads for a group: it looks at the spread of the "
            "reactions, which nobody knows before."
        )
        sessions = f"Weekdays after {self.known_until} are taken as sessions."
        return tuple(filter(None, (mean, sessions, spread, self.limit)))

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the first date: significant is outside the bars; past reactions are dots."""
        first = self.tickers["date"].min()
        rows = {
            f"{group} ({row['n']} firm{'s' if row['n'] > 1 else ''})": row["move"]
            for (date, group), row in self._groups()
            if date == first
        }
        next_up = self.tickers[self.tickers["date"] == first]
        rows |= dict(zip(next_up["ticker"], next_up["move"], strict=True))
        said = f"a reaction {self.window.label} outside the bar will be significant at 5 %"
        heading = title or f"{first:%Y-%m-%d}: {said}"
        return draw_thresholds(rows, self._dots, ax=ax, title=heading, source=self.source or None)

    def _groups(self) -> list[tuple[tuple[pd.Timestamp, str], dict[Hashable, Any]]]:
        return list(zip(self.groups.index, self.groups.to_dict("records"), strict=True))

    def _tables(self) -> list[tuple[str, pd.DataFrame]]:
        columns = ["group", "n", "n_eff", "move", "past", "typical", "beyond", "rank"]
        groups = self.groups.reset_index().set_index("date")
        groups = groups[[*columns, "note"]]
        alone = self.tickers.set_index("ticker")[
            ["date", "sigma", "move", "move_t", "past", "typical", "beyond", "rank"]
        ].sort_values("move")
        parts = [("Groups", groups), ("Each ticker", alone)]
        if len(self.dropped):
            parts.append(("Dropped", self.dropped[["ticker", "reason", "detail"]]))
        return parts

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        tables = (html_table(frame, title=t, formats=FORMATS) for t, frame in self._tables())
        notes = "".join(f"<p>Note: {html.escape(note)}</p>" for note in self.notes)
        lead = f"<p><strong>{html.escape(self.sentence())}</strong></p>"
        return f"{lead}{''.join(tables)}{notes}"


def preview(
    study: EventStudy,
    events: pd.DataFrame,
    panel: Panel,
    *,
    window: WindowLike = (0, 0),
    by: str | None = None,
    past: pd.DataFrame | None = None,
) -> Preview:
    """Before the event: the moves that will be significant, and how often they happened.

    See `EventStudy.preview`.
    """
    events, w = check_events(events), as_window(window)
    w.columns(study.windows.event)  # refuses a window outside the event window
    if by is not None and by not in events.columns:
        raise errors.no_such_group(by, list(events.columns))
    ahead = is_ahead(events, panel)
    if not ahead.any():
        raise errors.nothing_ahead(str(panel.sessions[-1]), len(events))
    earlier = _record(events, ahead) if past is None else check_events(past)
    upcoming, abnormal, dropped, longer = fit_ahead(study, events[ahead], panel)
    record = _measured(study, earlier, panel)
    dates = pd.DatetimeIndex(longer.sessions[abnormal.row].astype("datetime64[s]"))
    labels = pd.Series("all", index=upcoming.index) if by is None else upcoming[by].astype(str)
    groups, group_dots = _groups(abnormal, upcoming, (dates, labels), record, w)
    tickers, dots = _tickers(abnormal, upcoming, dates, record, w)
    first = abnormal.take(np.asarray(dates == dates.min()))
    return Preview(
        tickers=tickers,
        groups=groups,
        dropped=dropped,
        past=record,
        window=w,
        model=model_name(study.model, panel),
        known_until=str(panel.sessions[-1]),
        limit=inference.valid(first, w).limit,
        source=panel.source,
        _dots=group_dots | dots,
    )


def _record(events: pd.DataFrame, ahead: np.ndarray) -> pd.DataFrame:
    """Events of the table that have happened: of the same categories, if there are categories."""
    earlier = events[~ahead]
    if "category" in events.columns:
        earlier = earlier[earlier["category"].isin(events["category"][ahead].unique())]
    return earlier


def _measured(study: EventStudy, earlier: pd.DataFrame, panel: Panel) -> Result | None:
    """The past events that can be measured, or None."""
    if earlier.empty:
        return None
    try:
        return study.run(earlier, panel)
    except errors.NothingLeft:
        return None


def _tickers(
    abnormal: Abnormal,
    events: pd.DataFrame,
    dates: pd.DatetimeIndex,
    record: Result | None,
    window: Window,
) -> tuple[pd.DataFrame, dict[str, FloatArray]]:
    """One row an upcoming event: the thresholds of one event, and its past."""
    se = abnormal.sigma * np.sqrt(abnormal.q(window))
    quantile = [
        inference.sq(abnormal.take(np.array([i])), window).ci[1] for i in range(len(abnormal))
    ]
    names = events["ticker"].astype(str)
    dots: dict[str, FloatArray] = {}
    if record is not None:
        car = record.abnormal.car(window)
        for ticker in names.unique():
            dots[ticker] = car[(record.events["ticker"] == ticker).to_numpy() & np.isfinite(car)]
    table = pd.DataFrame(
        {
            "ticker": names,
            "date": dates,
            "sigma": abnormal.sigma,
            "n_obs": abnormal.n_obs.astype(int),
            "move": quantile,
            "move_t": stdtrit(abnormal.dof, 0.975) * se,
        },
        index=events.index,
    )
    pasts = [dots.get(ticker, np.empty(0)) for ticker in names]
    return table.join(_against(table["move"], pasts)), dots


def _groups(
    abnormal: Abnormal,
    events: pd.DataFrame,
    keys: tuple[pd.DatetimeIndex, pd.Series[Any]],
    record: Result | None,
    window: Window,
) -> tuple[pd.DataFrame, dict[str, FloatArray]]:
    """One row an upcoming date and group: the threshold of its mean, and its past."""
    dates, labels = keys
    rows, index, dots, pasts = [], [], {}, []
    for date in dates.unique():
        for label in sorted(labels[dates == date].unique()):
            part = abnormal.take(np.asarray((dates == date) & (labels == label).to_numpy()))
            verdict = inference.valid(part, window)
            found = inference.resolve(verdict.interval)(part, window)
            near = inference.correlation(part, window)
            move = inference.detectable(part, window)
            index.append((date, label))
            rows.append((len(part), near.rbar, near.n_eff, verdict.interval, move, found.note))
            members = events["ticker"][(dates == date) & (labels == label).to_numpy()]
            pasts.append(_past_means(record, set(members), window))
            dots[f"{label} ({len(part)} firm{'s' if len(part) > 1 else ''})"] = pasts[-1]
    columns = ["n", "rbar", "n_eff", "test", "move", "note"]
    at = pd.MultiIndex.from_tuples(index, names=["date", "group"])
    table = pd.DataFrame(rows, index=at, columns=columns)
    return table.join(_against(table["move"], pasts)), dots


def _past_means(record: Result | None, tickers: set[str], window: Window) -> FloatArray:
    """Mean reaction of the same firms on each past date."""
    if record is None:
        return np.empty(0)
    car = pd.Series(record.abnormal.car(window), index=record.abnormal.row)
    mine = car[record.events["ticker"].isin(tickers).to_numpy()].dropna()
    return np.asarray(mine.groupby(level=0).mean(), dtype=float)


def _against(move: pd.Series[Any], pasts: list[FloatArray]) -> pd.DataFrame:
    """Where a reaction of ``move`` stands among past ones, by absolute size."""
    sizes = [np.abs(past) for past in pasts]
    beyond = [int((s >= m).sum()) for s, m in zip(sizes, move, strict=True)]
    return pd.DataFrame(
        {
            "past": [len(s) for s in sizes],
            "typical": [float(np.median(s)) if len(s) else np.nan for s in sizes],
            "largest": [float(s.max()) if len(s) else np.nan for s in sizes],
            "beyond": beyond,
            "rank": [b + 1 if len(s) else pd.NA for b, s in zip(beyond, sizes, strict=True)],
        },
        index=move.index,
    ).astype({"rank": "Int64"})
