"""One event of one firm as a court or a referee reads it: numbers, tests, words."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from eventstudy.arrays import FloatArray, Statistic
from eventstudy.report import cells
from eventstudy.report.lines import WIDTH, clean, wrap
from eventstudy.report.names import joined, name_of_test
from eventstudy.report.one_event_plot import draw_one_event
from eventstudy.report.tables import Formats, html_table, text_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.05
TABLE = ("unit", "estimate", "se", "ci_low", "ci_high")
#: tests of the table that no law of the errors is assumed for, as the sentence names them
_BY = {"sq": "those days themselves (sample quantiles)", "permutation": "permutation of the days"}


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
class SingleEvent:
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
            "market capitalisation": ("dollars", self.cap.estimate, self.cap.se, *self.cap.ci),
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
        if math.isnan(self.estimate):
            why = self.t.note.rstrip(".") or "no abnormal return could be measured"
            return clean(f"Nothing can be said about {self._subject()}: {why}.")
        if math.isnan(self.t.pvalue):
            return clean(f"{self._effect()}; no test gives a p-value ({self.t.note}).")
        said = (self._effect(), self._null(), self._verdict(), self._money(), self._cause())
        return clean(" ".join(f"{text}." for text in said if text))

    def _subject(self) -> str:
        day = cells.date(self.day0)
        if self.window == "[0,0]":
            return f"the abnormal return of {self.ticker} on {day}"
        return f"the cumulative abnormal return of {self.ticker} over {self.window} around {day}"

    def _effect(self) -> str:
        """Size, standard error, t, p and interval."""
        t = self.t
        about = f"; {self.beyond}" if self.beyond else ""
        subject = self._subject()
        said = f"{subject[0].upper()}{subject[1:]} was {cells.percent(t.estimate)}"
        if math.isnan(t.pvalue):
            return said
        return (
            f"{said} (standard error {_size(t.se)}, t({cells.count(t.df)}) = "
            f"{cells.number(t.statistic)}, p {_p(t.pvalue)}, 95 % interval "
            f"{between(*t.ci, cells.percent)}{about})"
        )

    def _null(self) -> str:
        """The probability of such a return without an effect, by each test."""
        side = {"greater": " high", "less": " low"}.get(self._alternative(), " far from zero")
        odds = [f"{_odds(self.t.pvalue)} by the t law"]
        for s in (self.sq, self.permutation):
            if not math.isnan(s.pvalue):
                odds.append(f"{_odds(s.pvalue)} by {_BY[s.name]}")
        return (
            f"Under the null hypothesis that the event had no effect and that the window was like "
            f"the {cells.count(self.n_obs)} days of the estimation, a value at least as{side} as "
            f"this has probability {joined(odds)}"
        )

    def _alternative(self) -> str:
        low, high = self.t.ci
        return "greater" if math.isinf(high) else "less" if math.isinf(low) else "two-sided"

    def _verdict(self) -> str:
        """Significant, not, or open; without significance, what could have been found."""
        values = [s.pvalue for s in (self.t, self.sq, self.permutation)]
        known = [p for p in values if not math.isnan(p)]
        low = sum(p < LEVEL for p in known)
        if low == len(known):
            return "All of them reject the null hypothesis at the 5 % level"
        power = (
            f"only a move beyond {self._sign()}{_size(self.smallest)} would have been significant "
            f"(t), and a true effect of {_size(self.found)} would have been found in 80 % of "
            f"cases"
        )
        if low:
            return f"The tests disagree at the 5 % level, so the answer is open; {power}"
        return (
            f"None of them rejects the null hypothesis at the 5 % level; {power}: this does not "
            f"show that there was no effect"
        )

    def _sign(self) -> str:
        return {"greater": "+", "less": "-"}.get(self._alternative(), "±")

    def _money(self) -> str:
        """Dollars per share and of market capitalisation, with their own errors."""
        said = []
        for amount, what, of in (
            (self.share, "a share", "a price"),
            (self.cap, "of market capitalisation", "a capitalisation"),
        ):
            if not math.isnan(amount.estimate):
                base = cells.dollars(amount.base, signed=False)
                size = cells.dollars(amount.se, signed=False)
                said.append(
                    f"{cells.dollars(amount.estimate)} {what} (standard error {size}, 95 % "
                    f"interval {between(*amount.ci, cells.dollars)}; from {of} of {base})"
                )
        before = f" before the window, {cells.date(self.before)}," if self.before is not None else ""
        return f"At the close{before} this is {joined(said)}" if said else ""

    def _cause(self) -> str:
        said = "The tests say how unusual the return was, not what caused it"
        n = len(self.confounds)
        if not n:
            return said
        items = "1 other item of news lies" if n == 1 else f"{n} other items of news lie"
        return f"{said}: {items} within {_days(self.around)} of the window"

    # ── on paper ─────────────────────────────────────────────────────────────────────────
    def __str__(self) -> str:
        title = clean(f"One event: {self._title()}")
        head = [title, "=" * min(len(title), WIDTH)] if len(title) <= WIDTH else wrap(title)
        parts = ["\n".join([*head, *wrap(self._design())]), "\n".join(wrap(self.sentence()))]
        parts += [text_table(f, title=name, formats=how) for name, f, how in self._tables()]
        parts += ["\n".join(wrap(f"Note: {note}", indent="  ")) for note in self._remarks()]
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return str(self)

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
            bound=self.smallest,
            quantile=self._quantile(),
            alternative=self._alternative(),
            ax=ax,
            title=title or self._title(),
            source=self.source or None,
        )

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
            ("Returns", _with_interval(returns, cells.percent), _FORMATS)
        ]
        if not all(math.isnan(amount.estimate) for amount in (self.share, self.cap)):
            money = _with_interval(self.table[self.table["unit"] == "dollars"], cells.dollars)
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
        parts.append((_sided(self._alternative()), pd.DataFrame(made), {}))
        if len(self.confounds):
            near = f"Other news within {_days(self.around)} of the window"
            parts.append((near, self.confounds, {}))
        return parts

    def _remarks(self) -> list[str]:
        missing = [amount.why for amount in (self.share, self.cap) if amount.why]
        return [*self.notes, *dict.fromkeys(missing)]


def between(low: float, high: float, write: Callable[[float], str]) -> str:
    """Write an interval; one-sided ones as the bound that they have.

    >>> between(-0.09, 0.01, cells.percent), between(-0.09, math.inf, cells.percent)
    ('-9.00 % to +1.00 %', 'above -9.00 %')
    """
    if math.isnan(low) or math.isnan(high):
        return cells.NOTHING
    if math.isinf(high):
        return f"above {write(low)}"
    return f"below {write(high)}" if math.isinf(low) else f"{write(low)} to {write(high)}"


def _with_interval(frame: pd.DataFrame, write: Callable[[float], str]) -> pd.DataFrame:
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


def _size(x: float) -> str:
    """Write a percentage without its sign."""
    return cells.percent(x).lstrip("+")


def _p(p: float) -> str:
    text = cells.pvalue(p)
    return f"< {text[1:]}" if text.startswith("<") else f"= {text}"


def _odds(p: float) -> str:
    text = cells.pvalue(p)
    return f"below {text[1:]}" if text.startswith("<") else text


def _days(n: int) -> str:
    return f"{n} trading day{'' if n == 1 else 's'}"


_FORMATS: Formats = {"estimate": cells.percent, "standard error": _size}
_IN_DOLLARS: Formats = {
    "estimate": cells.dollars,
    "standard error": partial(cells.dollars, signed=False),
}
