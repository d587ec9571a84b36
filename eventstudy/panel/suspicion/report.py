"""What is suspicious in a panel: a table, and a page of text with the worst first."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.errors import listed
from eventstudy.one_line import about
from eventstudy.panel.suspicion.found import Found, many

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: every check, the worst first, and what it is called among counts
CHECKS = {
    "total_loss": "total loss",
    "unit": "change of unit",
    "percent": "scale of the returns",
    "split": "possible split",
    "bad_tick": "move taken back at once",
    "extreme": "extreme move",
    "shifted_day": "dates one day off",
    "not_own_price": "another company's prices",
    "identical": "identical series",
    "contains": "benchmark that holds the ticker",
    "filled_day": "filled session",
    "weekend": "session on a week-end",
    "closed_day": "session of a closed exchange",
    "missing_session": "missing session",
    "constant": "prices on a straight line",
    "stale": "stale prices",
    "gap_day": "session that misses in the source",
    "gap": "gap",
}
#: columns of a terminal; findings that are written out, of one check and in all
_WIDTH, _EACH, _ALL = 80, 3, 20


@dataclass(frozen=True, eq=False, repr=False)
class DataReport:
    """What `Panel.check` found suspicious; nothing was changed.

    Its length is the number of findings, `table` holds them, text and notebooks show the
    counts and the worst.
    """

    panel: Panel
    found: tuple[Found, ...]
    #: the exchange that the sessions were compared with, or None
    calendar: str | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a finding, the worst checks first.

        Columns: ``ticker`` ("" where it is about a session of all), ``date`` and ``until``, the
        first and last session, ``days``, how many sessions, ``check``, its name, ``other``, the
        other series that it is about ("" where there is none), and ``detail``, a sentence.
        """
        order = list(CHECKS)
        parts = sorted(self.found, key=lambda each: order.index(each.check))
        names = np.array([*self.panel.tickers, ""], dtype=object)  # row −1 is no ticker
        columns: dict[str, list[Any]] = {
            "ticker": [names[each.row] for each in parts],
            "date": [each.first.astype("datetime64[ns]") for each in parts],
            "until": [each.last.astype("datetime64[ns]") for each in parts],
            "days": [each.days for each in parts],
            "check": [np.full(len(each.row), each.check, dtype=object) for each in parts],
            "other": [each.other for each in parts],
            "detail": [each.detail for each in parts],
        }
        kinds = {"date": "datetime64[ns]", "until": "datetime64[ns]", "days": "int64"}
        made = {
            name: np.concatenate([np.empty(0, dtype=kinds.get(name, object)), *values])
            for name, values in columns.items()
        }
        text = dict.fromkeys(["ticker", "check", "other", "detail"], "str")
        frame = pd.DataFrame(made).astype(text)
        rank = frame["check"].map({name: k for k, name in enumerate(order)})
        ordered = frame.assign(rank=rank).sort_values(["rank", "date", "ticker"], kind="stable")
        return ordered.drop(columns="rank").reset_index(drop=True)

    @property
    def counts(self) -> pd.Series[int]:
        """Check → number of findings, the worst first; checks without any are left out."""
        made = dict.fromkeys(CHECKS, 0)
        for each in self.found:
            made[each.check] += len(each.row)
        return pd.Series({k: n for k, n in made.items() if n}, name="findings", dtype="int64")

    def __len__(self) -> int:
        return sum(len(each.row) for each in self.found)

    def __iter__(self) -> Iterator[Any]:
        return self.table.itertuples(index=False, name="Suspicion")

    def __str__(self) -> str:
        lines = ["Data check", "==========", self._size()]
        if len(self):
            lines += [*self._counted(), "", *self._worst()]
        else:
            lines.append("Nothing suspicious.")
        if self.calendar is None:
            lines += ["", 'Not compared with an exchange: panel.check(calendar="XNYS") does so.']
        return "\n".join(lines)

    def __repr__(self) -> str:
        tickers = many(len(self.panel.tickers), "ticker")
        return about(self, f"{many(len(self), 'finding')} in {tickers}")

    def _repr_html_(self) -> str:
        head = f"<p><strong>Data check</strong>: {html.escape(self._size())}</p>"
        if not len(self):
            return head + "<p>Nothing suspicious.</p>"
        counts = ", ".join(f"{CHECKS[str(name)]}: {n:,}" for name, n in self.counts.items())
        table = self.table.head(60).to_html(index=False, border=0, justify="left")
        rest = f"<p>… and {len(self) - 60:,} more rows</p>" if len(self) > 60 else ""
        return f"{head}<p>{html.escape(counts)}</p>{table}{rest}"

    # ── lines of text ────────────────────────────────────────────────────────────────────
    def _size(self) -> str:
        tickers, days = len(self.panel.tickers), len(self.panel.sessions)
        size = f"{many(tickers, 'ticker')}, {many(days, 'session')}"
        if not days:
            return size
        first, last = self.panel.sessions[[0, -1]]
        return f"{size}, {first} to {last}"

    def _counted(self) -> list[str]:
        """One line a check: its name, how many findings, whose."""
        groups = self.table.groupby("check", sort=False)
        lines = [f"{many(len(self), 'finding')}; nothing was changed.", ""]
        for name, rows in groups:
            tickers = [t for t in rows["ticker"].unique().tolist() if t]
            whose = _plain(listed(tickers, 4))
            line = f"{CHECKS[str(name)]:<34}{len(rows):>7,}  {whose}"
            lines.append(_cut(line.rstrip()))
        return lines

    def _worst(self) -> list[str]:
        """The first findings of each check, and how many are left to the table."""
        shown = self.table.groupby("check", sort=False).head(_EACH).head(_ALL)
        ends = [shown[name].dt.strftime("%Y-%m-%d").tolist() for name in ("date", "until")]
        rows = zip(shown["ticker"].tolist(), *ends, shown["detail"].tolist(), strict=True)
        lines = []
        for ticker, first, last, detail in rows:
            when = first if first == last else f"{first} to {last}"
            text = _plain(f"{ticker or 'All'} {when}: {detail}")
            lines += textwrap.wrap(text, _WIDTH, subsequent_indent="  ")
        left = len(self) - len(shown)
        return [*lines, *([f"… and {left:,} more in .table"] if left else [])]


def _plain(text: str) -> str:
    """Text without line breaks and control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
