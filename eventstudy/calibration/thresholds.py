"""Before the event: how far a firm, or the group, would have to move to be significant."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors, inference
from eventstudy.calibration.ahead import fit_ahead, is_ahead
from eventstudy.calibration.moves import Ahead, Reactions, of_groups, of_tickers
from eventstudy.events import check_events
from eventstudy.one_line import about, many, short
from eventstudy.panel import Panel
from eventstudy.report import Page, cells, draw_thresholds, name_of_test
from eventstudy.report.exports import Printed
from eventstudy.report.tables import Formats
from eventstudy.result.findings import model_name
from eventstudy.result.groups import MISSING
from eventstudy.windows import Window, WindowLike, as_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from eventstudy.result import Result
    from eventstudy.study import EventStudy


def _size(value: object) -> str:
    """Write an absolute move as a percentage, without a sign; where no move is enough, say so.

    >>> _size(0.0804), _size(float("inf"))
    ('8.04 %', 'none')
    """
    endless = isinstance(value, float) and math.isinf(value)
    return "none" if endless else cells.percent(value).lstrip("+")


#: how the columns of the tables are written
FORMATS: Formats = {
    **dict.fromkeys(("move", "move_t", "typical", "largest", "sigma"), _size),
    **dict.fromkeys(("past", "beyond", "rank"), cells.count),
}

NATURE = (
    "Moves are abnormal returns, beyond what the model expects, on days of average factor returns; "
    "a wild market day adds a little to them. `move` is by sample quantiles for a ticker and by "
    "the portfolio t for a group, `move_t` by the t test."
)


@dataclass(frozen=True, eq=False, repr=False)
class Preview(Printed):
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
        (date, group) → n, rbar, n_eff, test, move, note, and the same of the means of the group
        on past dates that half of it shares.
    dropped : DataFrame
        Upcoming events that cannot be previewed, with their reasons.
    past : Result or None
        The past events, measured.

    Examples
    --------
    >>> import eventstudy as es
    >>> study = es.EventStudy(model=es.FactorModel(("SPY", "IBIT")))
    >>> tonight = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    >>> panel = study.load(tonight, es.loaders.sample, market="SPY").until("2026-02-25")
    >>> ahead = study.preview(tonight, panel)
    >>> ahead.groups[["n", "n_eff", "move"]].round(3).values.tolist()
    [[13.0, 2.602, 0.061]]
    >>> ahead.sentence()[:48]
    'On 2026-02-26, over [0,0], an average abnormal r'
    >>> len(ahead.plot().get_yticklabels()), len(str(ahead.summary()).splitlines()) > 10
    (14, True)
    >>> "booktabs" in ahead.to_latex(), ahead.to_markdown().splitlines()[0]
    (True, '## Before the event')
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
    #: past events that could not be measured, by reason
    lost: str = ""
    #: past reactions by ticker, and by date and group: the dots of the picture
    _dots: Reactions = field(default_factory=dict)

    def sentence(self) -> str:
        """What the largest group of the first date needs, and how often it got there."""
        first = [found for found in self._groups() if found[0][0] == self.groups.index[0][0]]
        (date, group), row = max(first, key=lambda found: found[1]["n"])
        n, who = row["n"], "the group"
        what = f"an average abnormal return of the {n} firms"
        what += "" if group == "all" else f" of {group}"
        if n == 1:
            row = self.tickers[self.tickers["date"] == date].iloc[0].to_dict() | {"test": "sq"}
            what, who = f"an abnormal return of {row['ticker']}", "it"
        day = f"On {date:%Y-%m-%d}, over {self.window.label}"
        test = name_of_test(row["test"])
        if not math.isfinite(row["move"]):
            return f"{day}, no size of {what} can be significant at 5 % by the valid test ({test})."
        said = f"{day}, {what} beyond ±{_size(row['move'])} will be significant at 5 % ({test})"
        if n > 1 and math.isfinite(row["n_eff"]):
            said += f"; they are worth {cells.number(row['n_eff'], 1)} independent firms"
        if row["past"]:
            far = f"{row['beyond']} of {row['past']} earlier dates moved {who} that far"
            said += f". {far} (median move {_size(row['typical'])})"
        return said + "."

    def summary(self) -> str:
        """The sentence, the groups and the tickers, in 80 columns."""
        return self._page().text()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader of the moves has to know."""
        moves = self.tickers["move"].tolist()
        found = [NATURE, f"Weekdays after {self.known_until} are taken as sessions."]
        if any(map(math.isinf, moves)):
            found.append(
                "Where `move` is none, the estimation has too few days for any p of 5 % by "
                "sample quantiles; 19 sums of the window's length are the least."
            )
        if self.tickers["past"].any() or self.groups["past"].any():
            found.append(
                "`past` counts earlier reactions, `typical` is their median size, `beyond` how "
                "many went as far as `move`, `rank` the place that such a move would take."
            )
        if (self.groups["n"] > 1).any():
            found.append(
                "On the day itself adjusted BMP leads for a group: it looks at the spread of the "
                "reactions, which nobody knows before."
            )
        if self.lost:
            found.append(f"Earlier events that could not be measured: {self.lost}.")
        return tuple(filter(None, (*found, self.limit)))

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the first date: significant is outside the bars; past reactions are dots.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; a figure of its own if left out. Nothing is shown.
        title : str, optional
            Above the picture.
        """
        first = self.tickers["date"].min()
        rows: dict[str, float] = {}
        dots: dict[str, Any] = {}
        for (date, group), row in self._groups():
            if date == first and row["n"] > 1:
                label = f"{group} ({row['n']} firms)"
                rows[label], dots[label] = row["move"], self._dots[date, group]
        for row in self.tickers[self.tickers["date"] == first].to_dict("records"):
            rows[row["ticker"]], dots[row["ticker"]] = row["move"], self._dots[row["ticker"]]
        said = f"a reaction over {self.window.label} outside the bar will be significant at 5 %"
        heading = title or f"{first:%Y-%m-%d}: {said}"
        return draw_thresholds(rows, dots, ax=ax, title=heading, source=self.source or None)

    def _groups(self) -> list[tuple[tuple[pd.Timestamp, str], dict[Hashable, Any]]]:
        return list(zip(self.groups.index, self.groups.to_dict("records"), strict=True))

    def _page(self) -> Page:
        columns = ["group", "n", "n_eff", "move", "past", "typical", "beyond", "rank", "note"]
        several = self.groups[self.groups["n"] > 1].reset_index().set_index("date")
        alone = self.tickers.set_index("ticker")[
            ["date", "sigma", "move", "move_t", "past", "typical", "beyond", "rank"]
        ].sort_values(["date", "move"], kind="stable")
        parts = [("Each ticker", alone)]
        if len(several):
            parts.insert(0, ("Groups", several[columns]))
        if len(self.dropped):
            parts.append(("Dropped", self.dropped[["ticker", "reason", "detail"]]))
        facts = [("Model", self.model), ("Known", f"prices until {self.known_until}")]
        facts += [("Prices", self.source)] if self.source else []
        return Page(
            title="Before the event",
            facts=facts,
            lead=self.sentence(),
            tables=[(title, frame, FORMATS) for title, frame in parts],
            notes=self.notes,
        )

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        tickers = many(len(self.tickers), "ticker")
        groups = many(len(self.groups), "group")
        return about(self, short(self.model), f"{tickers} in {groups}", self.window.label)

    def _repr_html_(self) -> str:
        return self._page().html()

    def _pages(self) -> list[Page]:
        return [self._page()]


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
    late = is_ahead(events, panel, study.timing)
    if not late.any():
        raise errors.nothing_ahead(str(panel.sessions[-1]), len(events))
    earlier = _record(events, late) if past is None else check_events(past)
    upcoming, abnormal, dropped, longer = fit_ahead(study, events[late], events, panel)
    record, lost = _measured(study, earlier, panel)
    dates = pd.DatetimeIndex(longer.sessions[abnormal.row].astype("datetime64[s]"))
    ahead = Ahead(abnormal, upcoming, dates, record, w)
    labels = pd.Series("all", index=upcoming.index) if by is None else _labels(upcoming[by])
    groups, of_each_group = of_groups(ahead, labels)
    tickers, of_each_ticker = of_tickers(ahead)
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
        lost=lost,
        _dots={**of_each_group, **of_each_ticker},
    )


def _labels(column: pd.Series[Any]) -> pd.Series[Any]:
    """Names of the groups; events without one form the group "missing"."""
    return column.astype(object).where(column.notna(), MISSING).astype(str)


def _record(events: pd.DataFrame, ahead: np.ndarray) -> pd.DataFrame:
    """Events of the table that have happened: of the same categories, if there are categories."""
    earlier = events[~ahead]
    if "category" in events.columns:
        earlier = earlier[earlier["category"].isin(events["category"][ahead].unique())]
    return earlier


def _measured(study: EventStudy, earlier: pd.DataFrame, panel: Panel) -> tuple[Result | None, str]:
    """The past events that can be measured, or None; and how many cannot, by reason."""
    if earlier.empty:
        return None, ""
    found: Result | None = None
    try:
        found = study.run(earlier, panel)
        dropped = found.dropped
    except errors.NothingLeft as nothing:
        dropped = nothing.dropped
    counts = dropped["reason"].value_counts()
    return found, ", ".join(f"{n} × {why}" for why, n in counts.items())
