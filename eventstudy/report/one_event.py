"""One event of one firm as a court or a referee reads it: numbers, tests, words."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.arrays import FloatArray, Statistic
from eventstudy.one_line import about, short
from eventstudy.report import cells
from eventstudy.report.exports import Printed
from eventstudy.report.lines import WIDTH, clean, wrap
from eventstudy.report.names import name_of_test
from eventstudy.report.one_event_plot import draw_one_event
from eventstudy.report.one_event_words import (
    Pair,
    between,
    days,
    in_dollars,
    in_percent,
    one_event_sentence,
    size,
)
from eventstudy.report.pages import Page
from eventstudy.report.tables import Formats, html_table, text_table
from eventstudy.windows import as_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TABLE = ("unit", "estimate", "se", "ci_low", "ci_high")


@dataclass(frozen=True)
class Amount:
    """A move in dollars with its own standard error; NaN where ``why`` says so."""

    #: dollars, the standard error and the 95 % interval
    estimate: float = math.nan
    se: float = math.nan
    ci: tuple[float, float] = (math.nan, math.nan)
    #: what the return is multiplied by: the price, or the market capitalisation, before the window
    base: float = math.nan
    #: why there is none
    why: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SingleEvent(Printed):
    """One event of one firm: the abnormal return, its tests, its dollars, what else happened.

    Attributes
    ----------
    event_id, ticker, window : str
        What was asked.
    day0 : Timestamp
        The session of day 0.
    t, sq, permutation : Statistic
        The three tests of one event: exact under normal errors; by the quantiles of the
        estimation days; by permuting days.
    smallest : float
        The smallest move that the t test calls significant at 5 %.
    found : float
        The true effect that it finds with 80 % probability (noncentral t).
    raw : float
        The return itself, summed over the window.
    parts : Series
        What the model expected, part by part; the sum is the expected return.
    share, cap : Amount
        The move in dollars per share and of market capitalisation.
    before : Timestamp
        The last session before the window: the price is its close.
    confounds : DataFrame
        Other news near the event: event_id → ticker, date, day, kind, what.
    days : array
        Sums of as many residuals of the estimation window: what the picture shows.
    n_obs : int
        Estimation days.
    model, beyond, estimation, kind, source : str
        The model, what it explains, the estimation window, simple or log returns, where the
        prices come from.
    around : int
        Days before and after the window that ``confounds`` covers.
    alternative : str
        The alternative hypothesis of the tests.
    notes : tuple of str
        What the reader has to know.
    """

    event_id: str
    ticker: str
    window: str
    day0: pd.Timestamp
    t: Statistic
    sq: Statistic
    permutation: Statistic
    smallest: float
    found: float
    raw: float
    parts: pd.Series[float]
    share: Amount
    cap: Amount
    before: pd.Timestamp | None
    confounds: pd.DataFrame
    days: FloatArray
    n_obs: int
    model: str
    beyond: str
    estimation: str
    kind: str
    source: str
    around: int
    alternative: str = "two-sided"
    notes: tuple[str, ...] = ()

    # ── numbers ──────────────────────────────────────────────────────────────────────────
    @property
    def estimate(self) -> float:
        """The abnormal return, summed over the window: the CAR."""
        return self.t.estimate

    @property
    def table(self) -> pd.DataFrame:
        """Quantity → unit ("return" or "dollars"), estimate, se, ci_low, ci_high (95 %)."""
        rows = {
            "raw return": ("return", self.raw),
            **{f"expected: {part}": ("return", x) for part, x in self.parts.items()},
            "expected return": ("return", self.raw - self.estimate),
            "abnormal return": ("return", self.estimate, self.t.se, *self.t.ci),
            "smallest significant move": ("return", self.smallest),
            "move found with 80 % power": ("return", self.found),
            "dollars per share": ("dollars", self.share.estimate, self.share.se, *self.share.ci),
            "market cap": ("dollars", self.cap.estimate, self.cap.se, *self.cap.ci),
        }
        index = pd.Index(list(rows), name="quantity", dtype="str")
        return pd.DataFrame(
            [[*row, *[math.nan] * (len(TABLE) - len(row))] for row in rows.values()],
            index=index,
            columns=list(TABLE),
        )

    @property
    def tests(self) -> pd.DataFrame:
        """Test → statistic, law, df, pvalue, note."""
        found = (self.t, self.sq, self.permutation)
        index = pd.Index([s.name for s in found], name="test", dtype="str")
        rows = [(s.statistic, s.law, s.df, s.pvalue, s.note) for s in found]
        return pd.DataFrame(rows, index, ["statistic", "law", "df", "pvalue", "note"])

    # ── words ────────────────────────────────────────────────────────────────────────────
    def sentence(self) -> str:
        """Say what was found, in neutral words: the size, its error, three tests, no cause."""
        return one_event_sentence(self)

    def page(self) -> Page:
        """Everything about the event, as a page or as a part of a report."""
        return Page(
            title=f"One event: {self._title()}",
            lead=self.sentence(),
            facts=[("Design", self._design())],
            tables=self._tables(),
            notes=self._remarks(),
        )

    # ── on paper ─────────────────────────────────────────────────────────────────────────
    def __str__(self) -> str:
        title = clean(f"One event: {self._title()}")
        head = [title, "=" * min(len(title), WIDTH)] if len(title) <= WIDTH else wrap(title)
        parts = ["\n".join([*head, *wrap(self._design())]), "\n".join(wrap(self.sentence()))]
        parts += [text_table(f, title=name, formats=how) for name, f, how in self._tables()]
        parts += ["\n".join(wrap(f"Note: {note}", indent="  ")) for note in self._remarks()]
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        moved = f"AR {self.window} {cells.percent(self.estimate)}"
        law = f"p {cells.pvalue(self.t.pvalue, 2)} ({self.t.name})"
        return about(self, short(self.ticker), cells.date(self.day0), short(self.model), moved, law)

    def _pages(self) -> list[Page]:
        return [self.page()]

    def _repr_html_(self) -> str:
        esc = html.escape
        style = "overflow-wrap:anywhere"
        parts = [
            f'<p style="{style}">{esc(f"One event: {self._title()}. {self._design()}")}</p>',
            f'<p style="{style}"><strong>{esc(self.sentence())}</strong></p>',
        ]
        for name, frame, how in self._tables():
            table = html_table(frame, title=name, formats=how)
            parts.append(f'<div style="overflow-x:auto">{table}</div>')
        notes = "".join(f"<p>Note: {esc(note)}</p>" for note in self._remarks())
        return f'<div class="eventstudy">{"".join(parts)}<div style="{style}">{notes}</div></div>'

    def plot(self, ax: Axes | None = None, *, title: str | None = None) -> Axes:
        """Draw the abnormal return among the days of the estimation, with the 5 % bounds."""
        return draw_one_event(
            self.days,
            self.estimate,
            bounds={
                "t test": self._sides(self.smallest),
                "sample quantiles": self._sides(self._quantile()),
            },
            length=len(as_window(self.window)),
            ax=ax,
            title=title or self._title(),
            source=self.source or None,
        )

    def _sides(self, size: float) -> tuple[float, ...]:
        """Where a bound lies, on the sides that the alternative looks at."""
        return {"greater": (size,), "less": (-size,)}.get(self.alternative, (-size, size))

    def _quantile(self) -> float:
        """How far from zero a return must lie for the sample quantiles to reject at 5 %."""
        low, high = self.sq.ci
        return self.estimate - low if math.isfinite(low) else high - self.estimate

    def _title(self) -> str:
        return f"{self.ticker} on {cells.date(self.day0)}, {self.window}"

    def _design(self) -> str:
        return f"Model {self.model}, estimation {self.estimation} ({self.n_obs} days)"

    def _tables(self) -> list[tuple[str, pd.DataFrame, Formats]]:
        """Title, table and formats of each part."""
        returns = self.table[self.table["unit"] == "return"]
        parts: list[tuple[str, pd.DataFrame, Formats]] = [
            ("Returns", _with_interval(returns, in_percent), _FORMATS)
        ]
        if not all(math.isnan(amount.estimate) for amount in (self.share, self.cap)):
            money = _with_interval(self.table[self.table["unit"] == "dollars"], in_dollars)
            parts.append(("Dollars", money, _IN_DOLLARS))
        tests = self.tests.reset_index()
        found = (self.t, self.sq, self.permutation)
        made = {
            "test": tests["test"],
            "name": [name_of_test(s.name) for s in found],
            "statistic": tests["statistic"],
            "law": [_law(s) for s in found],
            "p": tests["pvalue"],
            "note": tests["note"],
        }
        parts.append((_sided(self.alternative), pd.DataFrame(made), {}))
        if len(self.confounds):
            near = f"Other news within {days(self.around)} of the window"
            parts.append((near, self.confounds, {}))
        return parts

    def _remarks(self) -> list[str]:
        missing = [amount.why for amount in (self.share, self.cap) if amount.why]
        return [*self.notes, *dict.fromkeys(missing)]


def _with_interval(frame: pd.DataFrame, write: Pair) -> pd.DataFrame:
    """Estimate, standard error and interval of a few quantities."""
    pairs = zip(frame["ci_low"].tolist(), frame["ci_high"].tolist(), strict=True)
    made = {
        "estimate": frame["estimate"],
        "standard error": frame["se"],
        "95 % interval": [between(low, high, write) for low, high in pairs],
    }
    return pd.DataFrame(made, index=frame.index)


def _law(s: Statistic) -> str:
    return s.law if math.isnan(s.df) else f"{s.law}({cells.count(s.df)})"


def _sided(alternative: str) -> str:
    sides = {"greater": "one-sided: above zero", "less": "one-sided: below zero"}
    return f"Tests ({sides.get(alternative, alternative)})"


_FORMATS: Formats = {"estimate": cells.percent, "standard error": size}
_IN_DOLLARS: Formats = {
    "estimate": cells.dollars,
    "standard error": partial(cells.dollars, signed=False),
}
