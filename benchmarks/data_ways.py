"""From a file to a panel, one way in a process of its own.

Run as ``python -m benchmarks.data_ways WAY FOLDER``: prints a line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet  # noqa: F401  (imported before the clock starts)

import eventstudy as es
from benchmarks.data_files import session_days
from benchmarks.memory import resident
from eventstudy.arrays import FloatArray

SOME, FIRST, LAST = 50, "1900-01-01", "2099-12-31"
#: events of the study, and the sessions before and after that its windows need
EVENTS, BEFORE, AFTER = 100_000, 260, 12
#: what is timed: makes a panel, lists tickers, or measures events
Job = Callable[[], "es.Panel | list[str] | FloatArray"]


def loaded(loader: es.loaders.Loader, tickers: list[str], start: str = FIRST) -> Job:
    """As a user types it."""

    def job() -> es.Panel:
        return es.Panel.from_prices(loader(tickers, start, LAST), market=tickers[0])

    return job


def of(file: Path) -> Job:
    """Every ticker of a Parquet file or folder."""
    loader = es.loaders.parquet(file)
    return loaded(loader, loader.tickers())


def spread_of(file: Path) -> Job:
    """A few tickers from everywhere in the file."""
    loader = es.loaders.parquet(file)
    tickers = loader.tickers()
    return loaded(loader, tickers[:: max(len(tickers) // SOME, 1)][:SOME])


def first_of(file: Path) -> Job:
    """A few tickers that stand together where rows are sorted by ticker."""
    loader = es.loaders.parquet(file)
    return loaded(loader, loader.tickers()[:SOME])


def last_year_of(file: Path) -> Job:
    loader = es.loaders.parquet(file)
    return loaded(loader, loader.tickers(), "2023-08-15")


def listed(file: Path) -> Job:
    return es.loaders.parquet(file).tickers


def studied(file: Path) -> Job:
    """From the file to the average abnormal returns of many events, as a user types it."""
    loader = es.loaders.parquet(file)
    market, *tickers = loader.tickers()
    rng, days = np.random.default_rng(0), session_days()
    at = rng.integers(BEFORE, len(days) - AFTER, EVENTS)
    events = pd.DataFrame({"ticker": rng.choice(tickers, EVENTS), "date": days[at]})
    study = es.EventStudy()

    def job() -> FloatArray:
        panel = study.load(events, loader, market=market)
        found: FloatArray = np.nanmean(study.run(events, panel).abnormal.abnormal, axis=0)
        return found

    return job


def pivoted(file: Path) -> Job:
    """The same by pandas, with the columns that are needed."""

    def job() -> es.Panel:
        long = pd.read_parquet(file, columns=["date", "ticker", "adj_close"])
        prices = long.pivot(index="date", columns="ticker", values="adj_close")  # noqa: PD010  (what is compared)
        del long
        return es.Panel.from_prices(prices, market=str(prices.columns[0]))

    return job


def from_long(file: Path) -> Job:
    """A table that is in memory already."""
    long = pd.read_parquet(file)
    long["date"] = pd.to_datetime(long["date"])
    return lambda: es.Panel.from_long(long, price="adj_close", market=str(long["ticker"].iloc[0]))


def comma_separated(file: Path) -> Job:
    loader = es.loaders.csv(file)
    return loaded(loader, loader.tickers())


#: way → (what it is called, job, file)
WAYS: dict[str, tuple[str, Callable[[Path], Job], str]] = {
    "long": ("long Parquet, loader", of, "long.parquet"),
    "pivot": ("long Parquet, pandas pivot", pivoted, "long.parquet"),
    "text": ("long Parquet of text, loader", of, "text.parquet"),
    "text pivot": ("long Parquet of text, pandas pivot", pivoted, "text.parquet"),
    "sorted": ("long Parquet by ticker, loader", of, "sorted.parquet"),
    "years": ("partitioned by year, loader", of, "years"),
    "wide": ("wide Parquet, loader", of, "wide.parquet"),
    "from_long": ("DataFrame, Panel.from_long", from_long, "long.parquet"),
    "some": (f"long Parquet, {SOME} tickers", spread_of, "long.parquet"),
    "some sorted": (f"long Parquet by ticker, first {SOME}", first_of, "sorted.parquet"),
    "year": ("long Parquet, the last year", last_year_of, "long.parquet"),
    "tickers": ("long Parquet, loader.tickers()", listed, "long.parquet"),
    "csv": ("long CSV, loader", comma_separated, "long.csv"),
    "study": (f"long Parquet, AAR of {EVENTS:,} events", studied, "long.parquet"),
}


def measure(way: str, folder: Path) -> dict[str, object]:
    """Seconds, peak memory of the process, and what tells whether two panels are the same."""
    _, prepare, file = WAYS[way]
    job = prepare(folder / file)
    wall, cpu = time.perf_counter(), time.process_time()
    made = job()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall": wall, "cpu": cpu, "peak": peak(), **_told(made)}


def _told(made: es.Panel | list[str] | FloatArray) -> dict[str, object]:
    if not isinstance(made, es.Panel):
        return {"shape": [len(made)], "holes": 0, "sum": 0.0}
    holes = int(np.count_nonzero(np.isnan(made.returns)))
    return {"shape": made.returns.shape, "holes": holes, "sum": float(np.nansum(made.returns))}


def peak() -> float:
    """GB of this process at its largest, imports included."""
    told = resident("VmHWM")  # Linux; what `resource` says there may be the parent's
    if told is not None:
        return told / 1e3
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e9 if sys.platform == "darwin" else most * 1024 / 1e9


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
