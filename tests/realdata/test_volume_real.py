"""Abnormal volume of real shares: Nvidia's report, the miners' deals, and how alike days are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import oracle_volume as slow
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.activity.serial import autocorrelations
from eventstudy.inference import valid

pytestmark = pytest.mark.realdata

OWN = es.universe.OWN_SINCE


@cache
def bars(folder: Path) -> pd.DataFrame:
    """Adjusted closes and volumes, columns (field, ticker)."""
    rows = pd.read_csv(folder / "miners_and_benchmarks_ohlcv.csv.gz", parse_dates=["date"])
    return rows.pivot_table(index="date", columns="ticker", values=["adj_close", "volume"])


@cache
def panel(folder: Path) -> es.Panel:
    return es.Panel.from_prices(bars(folder), market="SPY", own_since=OWN)


def deals(folder: Path) -> pd.DataFrame:
    found = es.catalysts.load(category="deal", since="2023-01-01")
    return found[found["ticker"].isin(set(es.universe.MINERS) & set(panel(folder).tickers))]


def test_nvidia_after_its_report(data_folder: Path) -> None:
    """Twice as many shares as usual the day after; the plain loop from the file says the same."""
    events = es.events_on("2026-02-25", "NVDA", session="after_close")
    found = es.activity.volume(events, panel(data_folder), es.EventStudy(window=(-2, 5)))
    traded = bars(data_folder)["volume"]
    row = traded.index.get_loc(pd.Timestamp("2026-02-26"))
    assert isinstance(row, int)
    v = np.log1p(traded["NVDA"].to_numpy())[None, :]
    one = slow.event(v, 0, row, [0], slow.Setup((-250, -11), (-2, 5)))
    np.testing.assert_allclose(found.ar.iloc[0], list(one.ar.values()), atol=1e-10)
    for window in ((0, 0), (0, 3)):
        said = found.scar(window).iloc[0, 0]
        assert said == pytest.approx(slow.scar(one, window), abs=1e-10)
    assert 1.7 < np.exp(found.ar[0].iloc[0]) < 2.0
    assert "NVDA traded 1.84 times its usual volume" in found.sentence((0, 0))


def test_deals_of_miners_are_traded(data_folder: Path) -> None:
    study = es.EventStudy(window=(-5, 10))
    found = es.activity.volume(deals(data_folder), panel(data_folder), study)
    row = found.caar((0, 0)).iloc[0]
    assert row["test"] == "rank"
    assert row["pvalue"] < 0.001
    assert 2.5 < np.exp(row["ci_low"]) < np.exp(row["estimate"]) < 4.5
    others = es.activity.volume(deals(data_folder), panel(data_folder), study, model="others")
    assert 2.0 < np.exp(others.caar((0, 0))["estimate"].iloc[0]) < np.exp(row["estimate"])
    # before the news the firms trade no more than the others do
    assert others.caar((-5, -1))["pvalue"].iloc[0] > 0.1
    assert len(found.events) + len(found.dropped) == len(deals(data_folder))


def test_days_of_real_volume_are_alike(data_folder: Path) -> None:
    """Autocorrelation of .67, .56, .49: what the tests of several days have to bear."""
    found = es.activity.volume(deals(data_folder), panel(data_folder))
    rho = autocorrelations(found.abnormal.residuals, 3).mean(axis=0)
    np.testing.assert_allclose(rho, [0.67, 0.56, 0.49], atol=0.05)
    assert "ts_t" in valid(found.abnormal, (0, 5)).why


def test_real_volume_drifts(data_folder: Path) -> None:
    """Days without a reason: firms beside each other bear it, one firm alone does not."""
    known, study = panel(data_folder), es.EventStudy(window=(0, 10))
    firms = [t for t in es.universe.MINERS if t in known.tickers]
    rejected: dict[int, list[bool]] = {len(firms): [], 1: []}
    for day in known.sessions[520:-12:12]:
        for many, hits in rejected.items():
            events = es.events_on(str(day), firms[:many])
            row = es.activity.volume(events, known, study).caar((0, 10)).iloc[0]
            assert row["test"] == ("sq" if many == 1 else "adj_bmp")
            hits.append(row["pvalue"] <= 0.05)
    together, alone = (float(np.mean(hits)) for hits in rejected.values())
    assert together < 0.2
    assert alone > 0.2
