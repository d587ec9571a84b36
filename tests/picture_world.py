"""One of each object that can be drawn, from a small market whose tickers are hostile text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import eventstudy as es

TICKERS = ("$x_1$", r"\input{}", "<img onerror>", '=HYPERLINK("x")', "A|B", "AAA")
#: pure text, with what starts a formula in matplotlib and in LaTeX
HOSTILE = r"$\frac{1}{ _x^ \input{} % & # </script> " + "long " * 12
DAYS = pd.bdate_range("2023-01-02", periods=420)


@cache
def panel() -> es.Panel:
    """Prices at open and close, and volume."""
    rng = np.random.default_rng(7)
    names = [*TICKERS, "SPY"]
    market = rng.normal(0, 0.008, (len(DAYS), 1))
    night, day = rng.normal(0, 0.01, (2, len(DAYS), len(names))) + 0.5 * market
    closed = 50 * np.cumprod((1 + night) * (1 + day), axis=0)
    volume = np.exp(13 + rng.normal(0, 0.3, closed.shape))
    tables = {"close": closed, "open": closed / (1 + day), "volume": volume}
    bars = {name: pd.DataFrame(values, DAYS, names) for name, values in tables.items()}
    return es.Panel.from_prices(pd.concat(bars, axis=1), market="SPY")


def events() -> pd.DataFrame:
    """Two dates shared by all, windows that overlap, one event alone."""
    shared = [es.events_on(DAYS[k], TICKERS, session="after_close") for k in (330, 334)]
    alone = es.events_on(DAYS[390], "AAA", session="after_close")
    table = pd.concat([*shared, alone])
    return table.assign(kind=np.where(np.arange(len(table)) % 2, HOSTILE, "$b$"))


def study() -> es.EventStudy:
    """Short windows, so that everything is quick."""
    return es.EventStudy(estimation=(-120, -11), window=(-3, 3))


@cache
def result() -> es.Result:
    """A usual study of them."""
    return study().run(events(), panel())


@cache
def drawn_by(name: str) -> Any:
    """An object of the class called ``name``."""
    made: dict[str, Callable[[], Any]] = {
        "Result": result,
        "Activity": lambda: es.activity.volume(events(), panel(), study()),
        "Groups": lambda: result().by("kind"),
        "NightAndDay": lambda: es.activity.overnight(events(), panel(), study()),
        "Volatility": lambda: es.activity.volatility(events(), panel(), study()),
        "SingleEvent": lambda: result().single(result().events.index[0]),
        "Preview": preview,
        "Calibration": lambda: study().calibrate(events(), panel(), draws=20),
        "Curve": lambda: ways().run(events(), panel(), draws=0),
        "LongRun": lambda: es.BuyAndHold((1, 20)).run(events(), panel()),
        "CalendarPortfolio": lambda: calendar().run(events(), panel()),
        "Backtest": lambda: es.Rule(leave=3).run(events(), panel()),
        "Chance": lambda: es.Rule(leave=3).run(events(), panel()).placebo(19),
        "Grid": grid,
    }
    return made[name]()


def preview() -> es.Preview:
    """Tomorrow's events, and a record."""
    ahead = es.events_on(DAYS[-1], TICKERS, session="after_close").assign(kind=HOSTILE)
    return study().preview(pd.concat([events(), ahead]), panel(), by="kind")


def ways() -> Any:
    """Eight specifications."""
    return study().vary(
        model=[es.MarketModel(), es.MeanAdjusted()],
        estimation=[(-120, -11), (-200, -11)],
        window=[(0, 0), (-1, 1)],
    )


def calendar() -> es.CalendarTime:
    """A month, against the market."""
    return es.CalendarTime(holding=(1, 20), model=es.MarketModel())


def grid() -> Any:
    """Six rules."""
    dated = pd.DataFrame({"ticker": "AAA", "date": DAYS[150:400:10]})
    return es.Rule(costs=5).grid(dated, panel(), enter=range(2), leave=range(1, 4), draws=99)
