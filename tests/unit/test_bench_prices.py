"""`benchmarks/bench.py --panel`: real prices become the cases (b) and (c)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # the benchmarks lie beside the tests

from benchmarks import real
from benchmarks.checking import largest_error
from benchmarks.running import options

TICKERS, SESSIONS = 6, 380


@pytest.fixture
def prices() -> pd.DataFrame:
    """Prices with a ticker that is listed late, and one that hardly trades."""
    rng = np.random.default_rng(5)
    days = pd.bdate_range("2023-01-02", periods=SESSIONS, name="date")
    walk = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (SESSIONS, TICKERS)), axis=0))
    table = pd.DataFrame(walk, days, list("ABCDEF"))
    table.loc[days[:200], "B"] = np.nan
    return table


@pytest.mark.parametrize("kind", ["csv", "parquet", "parquet without an index"])
def test_a_file_becomes_a_panel(kind: str, prices: pd.DataFrame, tmp_path: Path) -> None:
    file = tmp_path / f"prices.{kind.split(maxsplit=1)[0]}"
    if kind == "csv":
        prices.to_csv(file)
    else:
        (prices if kind == "parquet" else prices.reset_index()).to_parquet(file)
    panel = real.read(file, None)
    wanted = prices.pct_change(fill_method=None).iloc[1:]
    np.testing.assert_allclose(panel.returns, wanted.to_numpy().T, rtol=1e-12)
    np.testing.assert_allclose(panel.factors[:, 0], wanted.mean(axis=1), rtol=1e-12)
    assert panel.tickers == tuple("ABCDEF")


def test_a_ticker_may_be_the_market(prices: pd.DataFrame, tmp_path: Path) -> None:
    prices.to_csv(tmp_path / "prices.csv")
    panel = real.read(tmp_path / "prices.csv", "A")
    np.testing.assert_allclose(panel.factors[:, 0], panel.returns[0], rtol=1e-12)


def test_cases_are_right_and_say_what_was_dropped(prices: pd.DataFrame, tmp_path: Path) -> None:
    prices.to_csv(tmp_path / "prices.csv")
    drawn, crowded = real.cases(tmp_path / "prices.csv", None, 0)
    days = SESSIONS - 1 - 270 - 10
    assert drawn.spec.events == TICKERS * days
    assert crowded.spec.events == TICKERS * 40
    for case in (drawn, crowded):
        assert largest_error(case) < 1e-10
    # B has too few days before every day 0 up to the one that is 120 returns after its listing
    said = real.dropped(drawn)
    assert f"of {TICKERS * days:,} events dropped: " in said
    assert "min_est" in said
    assert "8.8% of the returns missing" in said


def test_a_file_that_is_too_short(prices: pd.DataFrame, tmp_path: Path) -> None:
    prices.iloc[:300].to_csv(tmp_path / "prices.csv")
    with pytest.raises(SystemExit, match="has 299 sessions; 40 dates need more"):
        next(real.cases(tmp_path / "prices.csv", None, 0))


def test_the_option() -> None:
    assert options(["--panel", "x.csv", "--market", "SPY"]).market == "SPY"
    assert options([]).panel is None
