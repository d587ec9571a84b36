"""``eventstudy detect``: a table to read, an events file to go on with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli import main

DAYS = pd.bdate_range("2025-01-02", periods=260)
SHORT = ("--estimation", "-120:-11")


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Three tickers and the market; IREN jumps on the day after a report of Nvidia."""
    moves = pd.DataFrame(
        np.random.default_rng(2).normal(0, 0.01, (260, 4)), DAYS, ["IREN", "CIFR", "ODD", "SPY"]
    )
    moves.loc["2025-08-28", "IREN"] = 0.2
    moves.loc["2025-09-17", "ODD"] = -0.3
    path = tmp_path / "prices.csv"
    levels = 100.0 * np.exp(moves.to_numpy().cumsum(axis=0))
    pd.DataFrame(levels, DAYS, moves.columns).rename_axis("date").to_csv(path)
    return path


def run(prices: Path | str, out: Path, *more: str) -> int:
    words = ("detect", "--prices", str(prices), "--market", "SPY", "--out", str(out))
    return main([*words, *SHORT, *more])


def test_the_table_is_printed_and_written(
    prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(prices, tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "2 abnormal days\n" in said
    row = next(line for line in said.splitlines() if line.startswith("2025-08-28"))
    assert row.split()[:2] == ["2025-08-28", "IREN"]
    assert "nvidia: Nvidia reports" in row
    assert "2025-09-17  ODD " in said
    assert "390 days" not in said
    assert "days of 3 tickers were looked at, from 2025-0" in said.replace("\n", " ")
    assert said.endswith(f"Table: {tmp_path / 'out'}\n")
    assert max(map(len, said.splitlines()[:-1])) <= 80
    found = es.read_events(tmp_path / "out" / "detected.csv")
    assert found["ticker"].tolist() == ["IREN", "ODD"]
    assert found["session"].tolist() == ["after_close", "after_close"]
    told = json.loads((tmp_path / "out" / "provenance.json").read_text(encoding="utf-8"))
    assert told["source"].endswith("prices.csv")


def test_the_file_goes_into_a_study(prices: Path, tmp_path: Path) -> None:
    assert run(prices, tmp_path / "out") == 0
    words = ("--events", str(tmp_path / "out" / "detected.csv"), "--prices", str(prices))
    more = ("--market", "SPY", "--window", "0:3", "--out", str(tmp_path / "study"))
    assert main(["run", *words, *SHORT, *more]) == 0
    car = pd.read_csv(tmp_path / "study" / "car.csv")
    assert car["event_id"].tolist() == ["IREN|2025-08-28|1", "ODD|2025-09-17|1"]


def test_options_choose_days_and_news(
    prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--tickers", "ODD,CIFR", "--since", "2025-09-01", "--until", "2025-09-30")
    assert run(prices, tmp_path / "out", *more, "--z", "3", "--direction", "down") == 0
    assert "44 days of 2 tickers" in capsys.readouterr().out
    assert run(prices, tmp_path / "out", *more, "--no-catalysts") == 0
    assert "catalyst" not in capsys.readouterr().out
    news = tmp_path / "news.csv"
    news.write_text("ticker,date,title\nODD,2025-09-17,The odd one falls\n", encoding="utf-8")
    assert run(prices, tmp_path / "out", *more, "--catalysts", str(news)) == 0
    assert "The odd one falls" in capsys.readouterr().out
    assert run(prices, tmp_path / "out", *more, "--direction", "up") == 0
    said = capsys.readouterr().out
    assert "beyond z = 4: 0." in " ".join(said.split())
    assert "abnormal days" not in said
    assert len(pd.read_csv(tmp_path / "out" / "detected.csv")) == 0


def test_small_letters_find_prices_and_news(
    prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(prices, tmp_path / "out", "--tickers", "iren,ODD") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2025-08-28 iren" in said
    assert "nvidia: Nvidia reports" in said
    assert "News of IREN was read as news of iren: only capital letters differ." in said
    found = pd.read_csv(tmp_path / "out" / "detected.csv").set_index("ticker")
    assert run(prices, tmp_path / "large", "--tickers", "IREN,ODD") == 0
    large = pd.read_csv(tmp_path / "large" / "detected.csv").set_index("ticker")
    assert found.index.tolist() == ["iren", "ODD"]
    for name in ("catalyst", "headline", "sar"):
        assert found[name].tolist() == large[name].tolist()
    assert "News of" not in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "detect", "preview", "calibrate", "vary"])
def test_a_market_is_asked_for_by_its_option(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--estimations", "-120:-11"] if command == "vary" else []
    if command == "run":
        events = tmp_path / "events.csv"
        es.events_on("2025-06-03", "IREN").to_csv(events)
        more = ["--events", str(events)]
    words = (command, "--prices", "sample", *more, "--out", str(tmp_path / "out"))
    assert main(list(words)) == 2
    assert capsys.readouterr().err == (
        "eventstudy: MarketModel needs a market; name its ticker, as in --market SPY.\n"
    )
    assert not (tmp_path / "out").exists()


def test_only_the_furthest_of_many_days_are_printed(
    prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(prices, tmp_path / "out", "--z", "1.2", "--no-catalysts") == 0
    said = capsys.readouterr().out
    found = pd.read_csv(tmp_path / "out" / "detected.csv")
    assert f"{len(found)} abnormal days; the 40 furthest from zero" in said
    table = said.split("-----\n")[1].split("\n\n")[0].splitlines()
    assert len(table) == 40
    furthest = found.loc[found["sar"].abs().nlargest(40).index, "date"]
    assert [line[:10] for line in table] == sorted(furthest)


def test_the_sample_brings_its_miners(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ("--model", "FactorModel", "--factors", "SPY,BTC-USD", "--since", "2025-08-01")
    assert run("sample", tmp_path / "out", *more) == 0
    said = capsys.readouterr().out
    assert said.startswith("Prices: simulated prices")
    assert "2025-08-18  WULF" in said
    assert "deal: Tenant takes 160 MW more" in said
    assert set(pd.read_csv(tmp_path / "out" / "detected.csv")["ticker"]) <= set(es.universe.MINERS)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--z", "0"), "z=0.0 is no threshold; give a number above 0, such as 4."),
        (
            ("--catalysts", "none.csv"),
            "--catalysts none.csv: there is no such file; check the path.",
        ),
        (
            ("--tickers", "IRN"),
            "The panel has no prices of 'IRN'; it has CIFR, IREN, ODD, SPY. Did you mean",
        ),
        (
            ("--since", "2025-10-02", "--until", "2025-10-01"),
            "since='2025-10-02' and until='2025-10-01' leave no session; the panel runs from ",
        ),
    ],
)
def test_one_sentence_where_it_cannot_be_done(
    prices: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    sentence: str,
) -> None:
    assert run(prices, tmp_path / "out", *more) == 2
    assert sentence in capsys.readouterr().err
