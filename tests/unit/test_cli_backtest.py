"""``eventstudy backtest``: tables, figures and pictures of a rule."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli import main

DAYS = pd.bdate_range("2024-01-02", periods=420)
TABLES = {"trades.csv", "daily.csv", "dropped.csv", "ledger.csv"}
FILES = {*TABLES, "summary.json", "provenance.json", "equity.png"}


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    moves = pd.DataFrame(rng.normal(0, 0.01, (420, 4)), DAYS, ["IREN", "CIFR", "HUT", "SPY"])
    path = tmp_path / "prices.csv"
    levels = 100.0 * np.exp(moves.to_numpy().cumsum(axis=0))
    pd.DataFrame(levels, DAYS, moves.columns).rename_axis("date").to_csv(path)
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    table = pd.DataFrame(
        {
            "event_id": [f"e{k}" for k in range(20)],
            "ticker": ["IREN", "CIFR", "HUT", "IREN"] * 5,
            "date": np.repeat(DAYS[280:405:14], [3, 2] * 4 + [0])[:20],
            "session": "before_open",
            "surprise": [0.2, -0.1] * 10,
        }
    )
    path = tmp_path / "events.csv"
    table.to_csv(path, index=False)
    return path


def words(prices: Path, events: Path, out: Path, *more: str) -> list[str]:
    return ["backtest", "--events", str(events), "--prices", str(prices), "--out", str(out), *more]


def test_tables_figures_and_picture_are_written(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ("--enter", "0", "--leave", "5", "--hedge", "MarketModel", "--costs", "10")
    assert main(words(prices, events, out, *asked)) == 0
    assert {path.name for path in out.iterdir()} == FILES
    said = capsys.readouterr().out
    assert "long from the close of day 0 to the close of day 5" in said
    assert max(map(len, said.splitlines()[:-1])) <= 80
    trades = pd.read_csv(out / "trades.csv", index_col="event_id")
    daily = pd.read_csv(out / "daily.csv", index_col="session")
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["trades"] == len(trades)
    assert summary["net"] == pytest.approx(trades["net"].sum())
    assert daily["equity"].iloc[-1] - 1 == pytest.approx(trades["net"].sum())
    assert summary["bootstrap"]["mean_net"]["estimate"] == pytest.approx(trades["net"].mean())
    panel = es.Panel.from_prices(es.loaders.csv(prices)(["IREN", "CIFR", "HUT", "SPY"], *ENDS),
                                 market="SPY")  # fmt: skip
    again = es.Rule(0, 5, hedge=es.MarketModel()).run(es.read_events(events), panel)
    pd.testing.assert_frame_equal(
        trades[["gross", "cost", "hedge", "net", "abnormal"]],
        again.trades[["gross", "cost", "hedge", "net", "abnormal"]],
        check_index_type=False,
    )


ENDS = ("2024-01-01", "2026-01-01")


def test_options_make_the_rule(prices: Path, events: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    more = ["--side", "surprise", "--weight", "inverse_sigma", "--gross", "1"]
    more += ["--overlap", "ignore", "--borrow", "0.1", "--half-spread", "0.001"]
    more += ["--tried", "7", "--placebo", "99"]
    assert main(words(prices, events, out, *more)) == 0
    assert {path.name for path in out.iterdir()} == {*FILES, "placebo.png"}
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    for part in ("side='surprise'", "weight='inverse_sigma'", "gross=1.0", "overlap='ignore'"):
        assert part in summary["rule"]
    assert summary["tried"] == 7
    assert 0 < summary["placebo"]["sharpe"]["greater"] <= 1
    assert pd.read_csv(out / "trades.csv")["side"].isin([-1, 1]).all()


def test_news_is_not_traded_before_it_is_known(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(prices, events, tmp_path / "out", "--enter", "-1")) == 2
    said = capsys.readouterr().err
    assert said.startswith("eventstudy: The rule would enter e0 at the close of")
    assert "before the market can know of it" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--enter", "soon"), "enter='soon'"),
        (("--leave", "0"), "leave"),
        (("--hedge", "Nonsense"), "--model='Nonsense' is not known"),
        (("--overlap", "both"), "overlap='both'"),
        (("--hedge", "MarketModel", "--factors", "SPY"), "MarketModel"),
        (("--side", "nothing"), "nothing"),
    ],
)
def test_wrong_options_are_one_sentence(
    prices: Path,
    events: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    sentence: str,
) -> None:
    assert main(words(prices, events, tmp_path / "out", *more)) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_a_number_of_rules_that_is_none_leaves_no_tables(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(prices, events, tmp_path / "out", "--tried", "0")) == 2
    assert "tried=0" in capsys.readouterr().err
    assert not list((tmp_path / "out").iterdir())


def test_events_that_are_all_lost_leave_their_reasons(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(events).assign(ticker="GONE")
    table.to_csv(events, index=False)
    assert main(words(prices, events, tmp_path / "out")) == 2
    assert "unknown_ticker" in capsys.readouterr().err
    dropped = pd.read_csv(tmp_path / "out" / "dropped.csv")
    assert (dropped["reason"] == "unknown_ticker").all()


def test_two_hedges_are_refused(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words(prices, events, tmp_path / "out", "--hedge", "MarketModel,MeanAdjusted"))
    assert ended.value.code == 2
    assert "is not one model" in capsys.readouterr().err


def test_a_file_without_spy_needs_its_market_named(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pd.read_csv(prices).rename(columns={"SPY": "INDEX"})
    frame.to_csv(prices, index=False)
    assert main(words(prices, events, tmp_path / "out", "--hedge", "MarketModel")) == 2
    assert "--market" in capsys.readouterr().err
    more = ("--hedge", "MarketModel", "--market", "INDEX")
    assert main(words(prices, events, tmp_path / "out", *more)) == 0


def test_the_sample_trades_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["backtest", "--prices", "sample", "--hedge", "FactorModel:SPY+IBIT"]
    assert main([*asked, "--out", str(tmp_path / "out")]) == 0
    assert "SIMULATED prices" in capsys.readouterr().out
    capital = ("--capital", "5e6", "--hedge", "none", "--enter", "open+0")
    assert main(["backtest", "--prices", "sample", *capital, "--out", str(tmp_path / "two")]) == 0
    summary = json.loads((tmp_path / "two" / "summary.json").read_text(encoding="utf-8"))
    assert summary["dollars"] == 5e6
    assert summary["exit_days_worst"] > 0
