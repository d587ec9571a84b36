"""The tables of a long run: what was earned, who was lost, what became of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.align import Placed
from eventstudy.arrays import DateArray, IntArray, Reason, Statistic
from eventstudy.longrun.benchmarks import TextArray
from eventstudy.longrun.compounding import Holdings, Measured

#: what may have become of a holding: a closed list
TRUNCATED, DELISTED, REPLACED, MISSING = (
    "truncated",
    "delisted",
    "control_replaced",
    "missing_days",
)
LEDGER = ["ticker", "what", "date", "days", "control"]


@dataclass(frozen=True, eq=False)
class Lost:
    """The reason and the detail of every event of the table, "" where it is kept."""

    reason: TextArray
    detail: TextArray

    @classmethod
    def of(cls, placed: Placed) -> Lost:
        """Begin with the events that found no place."""
        names = np.array(["", *map(str, Reason)], dtype=object)
        return cls(names[placed.reason], placed.detail.copy())

    def kept(self, events: IntArray) -> IntArray:
        """Positions among ``events`` of those without a reason."""
        return np.flatnonzero(self.reason[events] == "")

    def give(self, events: IntArray, why: Reason, said: str) -> None:
        """Give a reason to ``events``; the first one stands."""
        some = events[self.reason[events] == ""]
        self.reason[some], self.detail[some] = str(why), said

    def give_texts(self, events: IntArray, reason: TextArray, detail: TextArray) -> None:
        """Give each of ``events`` its own reason, "" for none."""
        new = np.flatnonzero((self.reason[events] == "") & (reason != ""))
        self.reason[events[new]] = [str(why) for why in reason[new]]
        self.detail[events[new]] = detail[new]

    def table(self, events: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
        """One row a lost event, in the order of the events, with the columns of ``like``."""
        at = np.flatnonzero(self.reason != "")
        texts = {"reason": self.reason[at], "detail": self.detail[at]}
        columns = {name: as_texts(said, like[name]) for name, said in texts.items()}
        return events.iloc[at][["ticker", "date", "session"]].assign(**columns)


def as_texts(values: Any, like: pd.Series) -> Any:  # noqa: ANN401  (pandas' kinds of text)
    """Texts as the events table writes them."""
    kind: Any = like.dtype
    return pd.array(np.asarray(values, dtype=object), dtype=kind)


def changes(replaced: tuple[IntArray, IntArray, TextArray], kept: IntArray) -> pd.DataFrame:
    """Event (position among the ``kept``), calendar row and new control firm."""
    event, row, name = replaced
    at = np.searchsorted(kept, event)
    there = kept[np.minimum(at, len(kept) - 1)] == event if len(kept) else np.zeros(0, dtype=bool)
    return pd.DataFrame({"event": at[there], "row": row[there], "control": name[there]})


def bhar_table(
    events: pd.DataFrame,
    holdings: Holdings,
    measured: Measured,
    sessions: DateArray,
    controls: TextArray,
) -> pd.DataFrame:
    """event_id → ticker, enter, leave, days, bhr, benchmark, bhar, control."""
    stamps = pd.DatetimeIndex(sessions)
    before = np.maximum(holdings.begin - 1, 0)
    return pd.DataFrame(
        {
            "ticker": events["ticker"].array,
            "enter": stamps[before],
            "leave": stamps[holdings.end],
            "days": holdings.days,
            "bhr": measured.bhr,
            "benchmark": measured.benchmark,
            "bhar": measured.bhar,
            "control": as_texts(controls, events["ticker"]),
        },
        index=events.index,
    )


def ledger_table(
    events: pd.DataFrame,
    holdings: Holdings,
    measured: Measured,
    sessions: DateArray,
    changed: pd.DataFrame,
) -> pd.DataFrame:
    """event_id → ticker, what, date, days, control: a row for all that is not as planned."""
    n, whole = len(events), holdings.begin + holdings.length - 1
    data = len(sessions) - 1
    delisted = holdings.last < np.minimum(whole, data)
    short = holdings.end < whole
    parts = [
        _part(np.flatnonzero(short), TRUNCATED, holdings.end, holdings.days),
        _part(np.flatnonzero(delisted), DELISTED, holdings.last, measured.traded),
        _part(np.flatnonzero(measured.holes > 0), MISSING, np.full(n, -1), measured.holes),
    ]
    changed = changed[changed["row"].to_numpy() <= holdings.end[changed["event"].to_numpy()]]
    taken = pd.DataFrame(
        {
            "event": changed["event"],
            "what": REPLACED,
            "row": changed["row"],
            "days": changed["row"].to_numpy() - holdings.begin[changed["event"].to_numpy()],
            "control": changed["control"],
        }
    )
    rows = pd.concat([*parts, taken], ignore_index=True).sort_values("event", kind="stable")
    at, row = rows["event"].to_numpy(), rows["row"].to_numpy()
    dates = np.where(row < 0, np.datetime64("NaT"), sessions[np.clip(row, 0, data)])
    return pd.DataFrame(
        {
            "ticker": events["ticker"].array[at],
            "what": as_texts(rows["what"], events["ticker"]),
            "date": pd.DatetimeIndex(dates),
            "days": rows["days"].to_numpy(dtype=np.int64),
            "control": as_texts(rows["control"], events["ticker"]),
        },
        index=events.index[at],
    )[LEDGER]


def tests_table(found: Sequence[Statistic], is_valid: Callable[[str], bool]) -> pd.DataFrame:
    """A row a test."""
    columns = ("window", "estimate", "se", "statistic", "law", "df", "pvalue", "n", "note")
    table = pd.DataFrame({name: [getattr(s, name) for s in found] for name in columns})
    table.insert(1, "test", [s.name for s in found])
    table.insert(len(columns), "valid", [is_valid(s.name) for s in found])
    return table


def _part(event: IntArray, what: str, row: IntArray, days: IntArray) -> pd.DataFrame:
    return pd.DataFrame(
        {"event": event, "what": what, "row": row[event], "days": days[event], "control": ""}
    )
