"""Opens, closes and volumes of real prices: what the seventh script prints, by the plain loop."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import oracle
import oracle_halves
import pandas as pd
import pytest
from example_scripts import OVERNIGHT, functions, run
from oracle import Floats

import eventstudy as es

mpl.use("Agg")
pytestmark = pytest.mark.realdata
FILE = "miners_and_benchmarks_ohlcv.csv.gz"
SETUP = oracle.Setup(estimation=(-250, -11), window=(-5, 5))
DAY = (0, 0)


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture(scope="module")
def bars(data_folder: Path) -> Path:
    return data_folder / FILE


class Market(NamedTuple):
    """Returns, opens, closes and volumes (S, T), read without the library; SPY comes first."""

    tickers: list[str]
    sessions: pd.DatetimeIndex
    returns: Floats
    opens: Floats
    closes: Floats
    volumes: Floats


@cache
def market(file: Path) -> Market:
    table = pd.read_csv(file, parse_dates=["date"])
    wide = {
        name: table.pivot_table(index="date", columns="ticker", values=name)
        for name in ("adj_close", "open", "close", "volume")
    }
    days = wide["adj_close"].index[wide["adj_close"]["SPY"].notna()]
    tickers = ["SPY", *[t for t in wide["close"].columns if t in es.universe.MINERS]]
    arrays = {name: values.reindex(days)[tickers] for name, values in wide.items()}
    arrays["adj_close"] = arrays["adj_close"] / arrays["adj_close"].shift(1) - 1
    for ticker, since in es.universe.OWN_SINCE.items():
        if ticker in tickers:
            # on its first day a firm that went public has a volume, though no return yet
            other = (days <= pd.Timestamp(since)) & arrays["adj_close"][ticker].notna()
            for name in ("adj_close", "volume"):
                arrays[name].loc[other, ticker] = np.nan
            arrays["volume"].loc[days < pd.Timestamp(since), ticker] = np.nan
    return Market(
        tickers, pd.DatetimeIndex(days), *(values.to_numpy(float).T for values in arrays.values())
    )


def places(events: pd.DataFrame, found: Market) -> list[tuple[int, int]]:
    """Firm and day 0 of each event: after the close the next session."""
    late = pd.to_timedelta((events["session"] == "after_close").astype(int), unit="D")
    rows = found.sessions.searchsorted(events["date"] + late)
    firms = [found.tickers.index(ticker) for ticker in events["ticker"]]
    return list(zip(firms, (int(row) for row in rows), strict=True))


def close(got: object, want: object) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=1e-10, atol=1e-12
    )


@cache
def script(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The functions of the script, and its night and day of each kind of news."""
    opened = functions(OVERNIGHT)
    panel = es.Panel.from_prices(
        opened["read_bars"](file), market="SPY", own_since=es.universe.OWN_SINCE
    )
    made = {
        name: opened["halves"](events, panel, opened["study"]("SPY"))
        for name, events in opened["news"]().items()
    }
    return {**opened, "panel": panel}, made


@pytest.mark.parametrize("kind", ["Nvidia, one evening", "Nvidia, all reports", "own deals"])
def test_night_and_day_of_each_kind_of_news(bars: Path, kind: str) -> None:
    _, made = script(bars)
    found, real = made[kind], market(bars)
    data = oracle.Data(real.returns, np.empty((len(real.sessions), 1)))
    where = places(found.whole.events, real)
    loops = oracle_halves.studies(data, (real.opens, real.closes), where, SETUP)
    for half, loop in zip(("night", "day"), loops, strict=True):
        assert loop.dropped == {}
        close(getattr(found, half).car(DAY).iloc[:, 0], [e.car(DAY) for e in loop.events])
        row = found.table.loc[half].iloc[0]
        close(row["estimate"], oracle.mean(oracle.cars(loop, DAY)))
        close(row["n_eff"], oracle.n_eff(loop, DAY))
    firms, rows = [firm for firm, _ in where], [row for _, row in where]
    whole = oracle.run(oracle.Data(real.returns, real.returns[:1].T), firms, rows, SETUP)
    close(found.whole.car(DAY).iloc[:, 0], [e.car(DAY) for e in whole.events])


def test_every_event_is_kept_or_told(bars: Path) -> None:
    opened, made = script(bars)
    for kind, events in opened["news"]().items():
        found = made[kind]
        assert len(found) + len(found.dropped) == len(events)
    assert set(made["Nvidia, one evening"].dropped["ticker"]) == {"MARA", "GLXY"}  # not in the file


def test_volume_of_own_deals(bars: Path) -> None:
    """ln(1 + shares) less its mean over the estimation window, and exp of the mean of these."""
    opened, made = script(bars)
    events, real = made["own deals"].whole.events, market(bars)
    found = es.activity.volume(events, opened["panel"], opened["study"]("SPY"))
    each = []
    for firm, row in places(events, real):
        days = real.volumes[firm, row - 250 : row - 10]
        usual = [math.log1p(v) for v in days if math.isfinite(v)]
        each.append(math.log1p(real.volumes[firm, row]) - sum(usual) / len(usual))
    close(found.car(DAY).iloc[:, 0], each)
    times = opened["multiples"]({"own deals": found}).loc["own deals", "times"]
    assert times == f"{math.exp(sum(each) / len(each)):.2f}"
    assert 3 < float(times) < 4.5


def test_what_the_seventh_script_says(bars: Path, tmp_path: Path) -> None:
    text = run(OVERNIGHT, "--prices", str(bars), "--out", str(tmp_path))
    flat = " ".join(text.split())
    assert "SIMULATED" not in text
    assert "No IBIT in the file, so the model knows SPY only" in flat
    _, made = script(bars)
    for found in made.values():
        assert found.sentence() in flat
    night, day, whole = made["own deals"].means(es.Window(*DAY))
    # four fifths of what a deal is worth is in the opening price
    assert 0.07 < night < 0.12
    assert 0.0 < day < 0.04
    assert whole == pytest.approx(night + day, abs=0.01)
    lines = [line for line in text.splitlines() if not line.startswith("Picture: ")]
    assert max(map(len, lines)) <= 80
    assert {path.name for path in tmp_path.iterdir()} == {"night_and_day.png", "volume.png"}
