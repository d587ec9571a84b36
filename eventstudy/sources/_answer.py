"""What every source of events answers with: a canonical table that says where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd


def answer(
    events: pd.DataFrame,
    source: str,
    report: Mapping[str, Mapping[str, object]],
    attrs: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Checked events with ``attrs``: source, report, and what else there is to say."""
    events = events.copy(deep=False)
    events.attrs = {"source": source}
    events.attrs.update(attrs or {}, report={name: dict(told) for name, told in report.items()})
    return events


def found(events: pd.DataFrame, tickers: Iterable[str]) -> dict[str, dict[str, object]]:
    """Ticker → status, rows, first, last; plain values, so that the report can be written out."""
    days = events["date"].groupby(events["ticker"]).agg(["size", "min", "max"])
    rows = {
        str(ticker): {
            "status": "ok",
            "rows": int(rows),
            "first": first.date().isoformat(),
            "last": last.date().isoformat(),
        }
        for ticker, rows, first, last in days.itertuples(name=None)
    }
    nothing = {"status": "no_data", "rows": 0, "first": None, "last": None}
    return {ticker: rows.get(ticker, dict(nothing)) for ticker in tickers}
