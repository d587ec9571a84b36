"""``--prices yahoo`` end to end: the real yfinance in a process of its own, Yahoo on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from loopback import Loopback, wait_until
from yahoo_server import YahooServer, environment, not_found, slow

import eventstudy as es
from eventstudy.cli import main
from eventstudy.cli.options import parse
from eventstudy.cli.pricing import loader_of

TABLES = {"car.csv", "caar.csv", "tests.csv", "dropped.csv", "caar.png", "provenance.json"}


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    table = es.events_on("2026-02-25", ["IREN", "CIFR", "GONE"], session="after_close")
    table.to_csv(path)
    return path


def typed(events: Path, out: Path, *more: str) -> list[str]:
    words = ["--events", str(events), "--prices", "yahoo", "--market", "SPY", "--out", str(out)]
    return ["run", *words, "--car", "0:0,-1:1", *more]


def call(words: list[str], settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a user would."""
    return subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "eventstudy", *words],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_study_of_yahoos_prices_and_again_from_the_cache(events: Path, tmp_path: Path) -> None:
    server = YahooServer(loader=es.loaders.sample, faults={"GONE": not_found})
    with Loopback(server) as net:
        home = environment(net, tmp_path)
        first = call(typed(events, tmp_path / "one"), home)
        asked = len(net.requests)
        again = call(typed(events, tmp_path / "two"), home)
        anew = [request for request in net.requests[asked:] if "/chart/" in request.path]
    assert first.returncode == 0, first.stderr
    assert first.stderr == "eventstudy: Yahoo Finance: no prices of GONE (not_found)\n"
    assert "Note: No prices from Yahoo Finance" in first.stdout
    assert {path.name for path in (tmp_path / "one").iterdir()} == TABLES
    assert "Prices      Yahoo Finance (yfinance" in first.stdout
    assert "2 events kept, 1 dropped" in first.stdout
    dropped = pd.read_csv(tmp_path / "one" / "dropped.csv")
    assert dropped["reason"].tolist() == ["unknown_ticker"]
    assert dropped["detail"].tolist() == [
        "no prices for GONE (not_found: Yahoo knows no such ticker, or no longer)"
    ]
    # the same numbers from the cache: only the ticker that was not found is asked for again
    assert again.returncode == 0, again.stderr
    assert {request.path.rsplit("/", 1)[1] for request in anew} == {"GONE"}
    for name in TABLES - {"caar.png", "provenance.json"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    one, two = (
        json.loads((tmp_path / folder / "provenance.json").read_text()) for folder in ("one", "two")
    )
    assert one["sha256"] == two["sha256"]
    assert one["report"]["IREN"]["status"] == "ok"
    assert one["report"]["GONE"]["status"] == "not_found"


def test_the_same_study_gives_what_the_prices_give_themselves(events: Path, tmp_path: Path) -> None:
    with Loopback(YahooServer(loader=es.loaders.sample, faults={"GONE": not_found})) as net:
        done = call(typed(events, tmp_path / "out", "--no-cache"), environment(net, tmp_path))
    assert done.returncode == 0, done.stderr
    study = es.EventStudy()
    table = es.read_events(events)
    direct = study.run(table, study.load(table, es.loaders.sample, market="SPY")).car((0, 0))
    through = pd.read_csv(tmp_path / "out" / "car.csv", index_col="event_id")
    pd.testing.assert_series_equal(
        through["[0,0]"], direct["[0,0]"], check_index_type=False, rtol=1e-6
    )


def test_offline_serves_what_was_kept_and_asks_nobody(events: Path, tmp_path: Path) -> None:
    kept = ("--cache", str(tmp_path / "kept"))
    with Loopback(YahooServer(loader=es.loaders.sample, faults={"GONE": not_found})) as net:
        home = environment(net, tmp_path)
        first = call(typed(events, tmp_path / "one", *kept), home)
        asked = len(net.requests)
        second = call(typed(events, tmp_path / "two", *kept, "--offline"), home)
        assert len(net.requests) == asked
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    one, two = (pd.read_csv(tmp_path / folder / "caar.csv").to_csv() for folder in ("one", "two"))
    assert one == two


def test_without_a_server_one_sentence_and_exit_code_2(events: Path, tmp_path: Path) -> None:
    with Loopback(YahooServer()) as net:
        home = environment(net, tmp_path)
    begun = time.monotonic()  # the port is closed now
    done = call(typed(events, tmp_path / "out"), home)
    assert time.monotonic() - begun < 60  # 15 s are promised of a machine that is not busy
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("eventstudy: Yahoo")
    assert "network" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_other_commands_at_once_and_one_cache(events: Path, tmp_path: Path) -> None:
    """Three processes that begin with nothing kept: each ticker is fetched once for all."""
    commands = {
        "preview": ["--as-of", "2026-02-24"],
        "vary": ["--draws", "0", "--models", "MarketModel,MarketAdjusted"],
        "calibrate": ["--draws", "20", "--effects", "0"],
    }
    server = YahooServer(loader=es.loaders.sample, faults={"GONE": not_found})
    with Loopback(server) as net:
        home = os.environ | environment(net, tmp_path / "a hörne")
        running = {
            name: subprocess.Popen(  # noqa: S603  (our own program)
                [sys.executable, "-m", "eventstudy", name, *typed(events, tmp_path / name)[1:-2],
                 *more],
                env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for name, more in commands.items()
        }  # fmt: skip
        said = {name: process.communicate(timeout=120) for name, process in running.items()}
        paths = [request.path for request in net.requests if "period1" in request.query]
    for name, process in running.items():
        assert process.returncode == 0, said[name][1]
        assert "GONE" in said[name][1]
        assert "Traceback" not in said[name][1]
        assert list((tmp_path / name).glob("*.csv"))
    asked = [path.rsplit("/", 1)[1] for path in paths]
    assert {name: asked.count(name) for name in ("CIFR", "SPY")} == {"CIFR": 1, "SPY": 1}


def test_an_interrupt_is_one_word_and_leaves_nothing(events: Path, tmp_path: Path) -> None:
    heard = (  # a program in the background would ignore it
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from eventstudy.cli import main; sys.exit(main())"
    )
    with Loopback(YahooServer({"IREN": slow(1), "CIFR": slow(1)})) as net:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-c", heard, *typed(events, tmp_path / "out")],
            env=os.environ | environment(net, tmp_path), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert wait_until(lambda: any("IREN" in path for path in net.paths()), 60)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "eventstudy: interrupted\n")
    assert [path.name for path in (tmp_path / "eventstudy" / "yahoo").iterdir()] == [".lock"]


def test_a_home_that_cannot_be_written_keeps_nothing_and_goes_on(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    (tmp_path / "home").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    folder = str(tmp_path / "home" / "eventstudy" / "yahoo")
    assert isinstance(loader("yahoo"), es.loaders.Yahoo)
    assert capsys.readouterr().err == (
        f"eventstudy: The prices are fetched and not kept, because {folder!r} cannot be used (Not "
        "a directory); name a folder with --cache DIR, or say --no-cache.\n"
    )
    reading = loader("yahoo", "--offline")  # that one needs no writing
    assert isinstance(reading, es.loaders.CachedPrices)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new"))
    assert isinstance(loader("yahoo"), es.loaders.CachedPrices)
    assert list((tmp_path / "new" / "eventstudy" / "yahoo").iterdir()) == []


def test_hostile_tickers_reach_nobody(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    tickers = ["IREN", "../../../v1/test/getcrumb?x=", "AAPL#frag", "a b", "=1+1"]
    es.events_on("2026-02-25", tickers, session="after_close").to_csv(path)
    with Loopback(YahooServer(loader=es.loaders.sample)) as net:
        done = call(typed(path, tmp_path / "out"), environment(net, tmp_path))
        charts = [each.path.rsplit("/", 1)[1] for each in net.requests if "chart" in each.path]
    assert done.returncode == 0, done.stderr
    assert set(charts) == {"IREN", "SPY"}
    dropped = pd.read_csv(tmp_path / "out" / "dropped.csv")
    assert len(dropped) == 4
    assert dropped["detail"].str.contains("bad_ticker").all()


# ── which loader is meant ────────────────────────────────────────────────────────────────
def loader(*words: str) -> object:
    return loader_of(parse(["run", "--events", "e", "--out", "o", "--prices", *words]))


def test_what_prices_stands_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept = loader("yahoo")
    assert isinstance(kept, es.loaders.CachedPrices)
    assert kept.folder == tmp_path / "eventstudy" / "yahoo"
    assert isinstance(kept.loader, es.loaders.Yahoo)
    assert kept.loader == es.loaders.Yahoo(timeout=8.0)
    assert isinstance(loader("yahoo", "--no-cache"), es.loaders.Yahoo)
    assert loader("sample") is es.loaders.sample
    named = loader("sample", "--cache", str(tmp_path / "x"), "--offline")
    assert isinstance(named, es.loaders.CachedPrices)
    assert (named.folder, named.offline) == (tmp_path / "x", True)


def test_a_folder_with_parquet_anywhere_below_is_parquet(tmp_path: Path) -> None:
    (tmp_path / "year=2025").mkdir()
    (tmp_path / "year=2025" / "part-0.parquet").touch()
    assert type(loader(str(tmp_path))) is type(es.loaders.parquet(tmp_path))
    assert str(tmp_path) in repr(loader(str(tmp_path)))


def test_yahoo_without_the_extra_says_that_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eventstudy.cli.pricing.find_spec", lambda name: None)
    found = loader("yahoo")
    assert isinstance(found, es.loaders.Yahoo)
    assert not found.progress
    assert capsys.readouterr().err == (
        "eventstudy: The prices are fetched and not kept, because a cache needs filelock, "
        "platformdirs, pyarrow; run pip install filelock platformdirs pyarrow, or say --no-cache.\n"
    )


def test_offline_needs_a_folder(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed(events, tmp_path / "out", "--offline", "--no-cache")) == 2
    assert capsys.readouterr().err == (
        "eventstudy: --offline uses prices that were kept, and none are kept here; name their "
        "folder with --cache DIR.\n"
    )
