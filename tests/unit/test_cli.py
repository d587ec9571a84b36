"""The command line: files in, tables and a picture out, one sentence on stderr."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.cli import main

ROOT = Path(__file__).parents[2]
DAYS = pd.bdate_range("2024-06-03", periods=420)
TICKERS = ["IREN", "CIFR", "HUT", "SPY", "IBIT"]
TABLES = ("car.csv", "caar.csv", "tests.csv", "dropped.csv", "caar.png", "provenance.json")


@pytest.fixture(autouse=True)
def _settings_stay() -> Iterator[None]:
    backend = mpl.get_backend()
    yield
    mpl.use(backend)


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Adjusted closes, a row a session; HUT is listed late."""
    rng = np.random.default_rng(6)
    moves = rng.normal(0, 0.02, (420, 5))
    frame = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), DAYS, TICKERS).rename_axis("date")
    frame.iloc[:380, 2] = np.nan
    path = tmp_path / "prices.csv"
    frame.to_csv(path)
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Events on sessions and a Saturday, twice, of an unknown ticker, beyond the data."""
    rows = [
        ("IREN", DAYS[300], "after_close"),
        ("CIFR", DAYS[300], "after_close"),
        ("CIFR", DAYS[330], "unknown"),
        ("IREN", DAYS[300], "after_close"),
        ("HUT", DAYS[400], "unknown"),
        ("NONE", DAYS[300], "unknown"),
        ("IREN", DAYS[418], "unknown"),
        ("IREN", DAYS[5], "unknown"),
        ("CIFR", pd.Timestamp("2025-11-01"), "unknown"),
    ]
    table = pd.DataFrame(rows, columns=["ticker", "date", "session"])
    table.insert(0, "event_id", [f"e{i}" for i in range(len(table))])
    path = tmp_path / "events.csv"
    table.assign(date=table["date"].dt.strftime("%Y-%m-%d")).to_csv(path, index=False)
    return path


def command(prices: Path | str, events: Path | str, out: Path, *more: str) -> list[str]:
    return [
        *("run", "--events", str(events), "--prices", str(prices), "--market", "SPY"),
        *("--out", str(out), *more),
    ]


ISSUE = ("--model", "MarketModel", "--estimation", "-250:-11", "--window", "-10:10", "--car",
         "-1:1,0:5", "--min-obs", "120")  # fmt: skip
EQUALS = ("--model=MarketModel", "--estimation=-250:-11", "--window=-10:10", "--car=-1:1,0:5",
          "--min-obs=120")  # fmt: skip


def saved(folder: Path) -> dict[str, pd.DataFrame]:
    return {
        name: pd.read_csv(folder / f"{name}.csv") for name in ("car", "caar", "tests", "dropped")
    }


# ── run ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("options", [ISSUE, EQUALS], ids=["space", "equals"])
def test_run_writes_tables_and_a_picture(
    prices: Path,
    events: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
) -> None:
    out = tmp_path / "new" / "out"
    assert main(command(prices, events, out, *options)) == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(TABLES)
    assert (out / "caar.png").read_bytes().startswith(b"\x89PNG")
    tables = saved(out)
    assert list(tables["car"].columns) == ["event_id", "[-1,+1]", "[0,+5]"]
    assert tables["caar"]["window"].tolist() == ["[-1,+1]", "[0,+5]"]
    assert list(tables["dropped"].columns) == [
        *("event_id", "ticker", "date", "session", "reason", "detail")
    ]
    assert set(tables["tests"]["window"]) == {"[-1,+1]", "[0,+5]"}
    printed = capsys.readouterr()
    assert "Event study" in printed.out
    assert str(out) in printed.out
    assert printed.err == ""


def test_every_event_of_the_file_is_in_a_table(prices: Path, events: Path, tmp_path: Path) -> None:
    assert main(command(prices, events, tmp_path / "out", *ISSUE)) == 0
    tables = saved(tmp_path / "out")
    found = [*tables["car"]["event_id"], *tables["dropped"]["event_id"]]
    assert sorted(found) == sorted(pd.read_csv(events)["event_id"])
    reasons = tables["dropped"].set_index("event_id")["reason"].to_dict()
    assert reasons == {
        "e3": "duplicate",
        "e4": "min_est",
        "e5": "unknown_ticker",
        "e6": "after_data",
        "e7": "before_data",
    }


def test_tables_are_those_of_the_library(prices: Path, events: Path, tmp_path: Path) -> None:
    assert main(command(prices, events, tmp_path / "out", *ISSUE)) == 0
    study = es.EventStudy(estimation=(-250, -11), window=(-10, 10), min_obs=120)
    table = es.read_events(events)
    result = study.run(table, study.load(table, es.loaders.csv(prices), market="SPY"))
    written = saved(tmp_path / "out")
    car = written["car"].set_index("event_id")
    pd.testing.assert_frame_equal(car, result.car((-1, 1), (0, 5)))
    caar = result.caar((-1, 1), (0, 5)).reset_index()
    numbers = ["estimate", "ci_low", "ci_high", "statistic", "pvalue", "n", "n_dates", "rbar"]
    pd.testing.assert_frame_equal(written["caar"][numbers], caar[numbers])
    tests = result.tests((-1, 1), (0, 5))
    pd.testing.assert_frame_equal(written["tests"][["test", "pvalue"]], tests[["test", "pvalue"]])


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        (("--car", "0:0"), ["[0,0]"]),
        (("--car", "-1:1, 0:5 ,2"), ["[-1,+1]", "[0,+5]", "[+2,+2]"]),
        (("--car=-5:-2",), ["[-5,-2]"]),
        ((), ["[-10,+10]"]),
        (("--window", "-3:3"), ["[-3,+3]"]),
    ],
)
def test_windows_of_the_command_line(
    prices: Path, events: Path, tmp_path: Path, options: tuple[str, ...], columns: list[str]
) -> None:
    assert main(command(prices, events, tmp_path / "out", *options)) == 0
    assert list(saved(tmp_path / "out")["car"].columns) == ["event_id", *columns]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ((), ["e0", "e1", "e2", "e8"]),
        (("--duplicates", "keep"), ["e0", "e1", "e2", "e3", "e8"]),
        (("--model", "MeanAdjusted", "--exclude-other-events"), ["e0", "e1", "e2", "e8"]),
        (("--model", "FactorModel", "--factors", "SPY,IBIT"), ["e0", "e1", "e2", "e8"]),
        (("--missing", "skip", "--kind", "log"), ["e0", "e1", "e2", "e8"]),
        (("--min-obs", "7", "--estimation", "-20:-11"), ["e0", "e1", "e2", "e4", "e8"]),
    ],
)
def test_options_reach_the_study(
    prices: Path, events: Path, tmp_path: Path, options: tuple[str, ...], kept: list[str]
) -> None:
    assert main(command(prices, events, tmp_path / "out", *options)) == 0
    assert saved(tmp_path / "out")["car"]["event_id"].tolist() == kept


def test_factor_returns_come_from_a_file(prices: Path, events: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = ["Mkt-RF", "SMB", "HML", "RF"]
    factors = pd.DataFrame(rng.normal(0, 0.01, (420, 4)), DAYS, names).assign(RF=0.0001)
    factors.rename_axis("date").to_csv(tmp_path / "french.csv")
    more = ("--model", "FamaFrench3", "--factor-returns", str(tmp_path / "french.csv"))
    assert main(command(prices, events, tmp_path / "out", *more)) == 0


def test_prices_of_a_predecessor_are_left_out(
    prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """HUT is its own since 2023-12-04, CORZ since 2024-01-24: the catalogue's dates."""
    frame = pd.read_csv(prices, index_col=0)
    days = pd.bdate_range("2023-06-01", periods=420)
    frame.set_axis(days.rename("date"), axis=0)[["IREN", "SPY"]].rename(
        columns={"IREN": "CORZ"}
    ).to_csv(tmp_path / "early.csv")
    pd.DataFrame({"ticker": ["CORZ"], "date": ["2024-02-20"]}).to_csv(
        tmp_path / "one.csv", index=False
    )
    usual = ("--estimation", "-120:-11", "--window", "-5:5")
    run = command(tmp_path / "early.csv", tmp_path / "one.csv", tmp_path / "out", *usual)
    assert main(run) == 0
    assert main([*run, "--own-since"]) == 2
    assert "1 × not_own_price" in capsys.readouterr().err


def test_the_simulated_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "events.csv"
    pd.DataFrame({"ticker": ["IREN", "CIFR"], "date": "2025-11-03"}).to_csv(table, index=False)
    assert main(command("sample", table, tmp_path / "out")) == 0
    assert "simulated" in capsys.readouterr().out.lower()


def test_a_folder_of_files(prices: Path, events: Path, tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    folder.mkdir()
    frame = pd.read_csv(prices, index_col=0)
    for ticker in TICKERS:
        frame[[ticker]].rename(columns={ticker: "adj_close"}).to_csv(folder / f"{ticker}.csv")
    one, two = tmp_path / "one", tmp_path / "two"
    assert main(command(prices, events, one, *ISSUE)) == 0
    assert main(command(folder, events, two, *ISSUE)) == 0
    assert (one / "car.csv").read_text() == (two / "car.csv").read_text()


# ── nothing left, and errors ─────────────────────────────────────────────────────────────
def test_nothing_left_still_writes_the_ledger(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = pd.read_csv(events).iloc[[5, 7]]
    table.to_csv(events, index=False)
    assert main(command(prices, events, tmp_path / "out", *ISSUE)) == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["dropped.csv"]
    dropped = pd.read_csv(tmp_path / "out" / "dropped.csv")
    assert dropped["reason"].tolist() == ["unknown_ticker", "before_data"]
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("eventstudy: Every event was dropped: 1 × unknown_ticker; 1 × ")


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence on stderr of a command that ends with 2."""
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("eventstudy: ")
    assert "Traceback" not in said.err
    return said.err.removeprefix("eventstudy: ").rstrip("\n")


WRONG: list[tuple[tuple[str, ...], str]] = [
    (("--model", "MarketModl"), "--model='MarketModl' is not known; choose one of "),
    (("--model", "marketmodel"), "--model='marketmodel' is not known; choose one of "),
    (("--model", "FactorModel"), "--model FactorModel needs `--factors`"),
    (
        ("--factors", "SPY"),
        "--factors goes with models that take names, such as FactorModel, not with MarketModel",
    ),
    (
        ("--factors", "GLD", "--model", "FactorModel"),
        "prices.csv gave no price of GLD (not_found), which",
    ),
    (("--car", "-20:0"), "[-20,0] is not inside the event window [-10,+10]"),
    (("--window", "-20:20"), "The estimation window [-250,-11] reaches into"),
    (("--min-obs", "500"), "min_obs=500 does not fit"),
    (("--missing", "fill"), "missing='fill' is not known"),
    (("--duplicates", "last"), "duplicates='last' is not known"),
    (("--duplicates", "raise"), "Events 'e0' and 'e3' share ticker IREN and day 0"),
    (("--kind", "percent"), "kind='percent' is not known"),
    (("--market", "QQQ"), "prices.csv gave no price of QQQ (not_found), which"),
    (("--model", "CAPM"), "CAPM explains returns in excess of the risk-free rate"),
    (("--events", "none.csv"), "--events none.csv: there is no such file; check the path."),
    (("--prices", "none.csv"), "--prices none.csv: there is no such file or folder"),
    (
        ("--factor-returns", "none.csv"),
        "--factor-returns none.csv: there is no such file; check the path.",
    ),
]


@pytest.mark.parametrize(("options", "begins"), WRONG, ids=[" ".join(o) for o, _ in WRONG])
def test_what_is_refused_is_said_in_one_sentence(
    prices: Path,
    events: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    begins: str,
) -> None:
    said = refused(command(prices, events, tmp_path / "out", *options), capsys)
    assert said.startswith(begins)
    assert not (tmp_path / "out" / "car.csv").exists()


def test_the_nearest_model_is_offered(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--model", "MarketModl")
    said = refused(command(prices, events, tmp_path / "out", *more), capsys)
    assert said.endswith("Did you mean 'MarketModel'?")


def test_a_broken_events_file(
    prices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.csv"
    path.write_text("symbol,date\nIREN,2025-08-01\n", encoding="utf-8")
    said = refused(command(prices, path, tmp_path / "out"), capsys)
    assert "if `symbol` is meant, rename it to `ticker`" in said


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x80", b"a,b\n1,2,3,4\n5\n\x00"])
def test_broken_factor_returns(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "factors.csv"
    path.write_bytes(content)
    more = ("--factor-returns", str(path))
    refused(command(prices, events, tmp_path / "out", *more), capsys)


def test_an_output_folder_that_is_a_file(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(command(prices, events, events), capsys)
    assert said == f"{events} cannot be used (File exists); name another file or folder."
    assert refused(["demo", "--out", str(events)], capsys) == said


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["run"],
        ["run", "--events", "e.csv", "--prices", "p.csv"],
        ["run", "--events", "e.csv", "--prices", "p.csv", "--out", "o", "--window", "wide"],
        ["run", "--events", "e.csv", "--prices", "p.csv", "--out", "o", "--window", "5:-5"],
        ["run", "--events", "e.csv", "--prices", "p.csv", "--out", "o", "--min-obs", "many"],
        ["run", "--events", "e.csv", "--prices", "p.csv", "--out", "o", "--colour", "red"],
        ["catalysts", "--expand", "everyone"],
    ],
)
def test_wrong_usage_ends_with_two(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("usage: eventstudy")
    assert "Traceback" not in said.err


def test_a_backward_window_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--events", "e", "--prices", "p", "--out", "o", "--window", "5:-5"])
    said = " ".join(capsys.readouterr().err.split())
    assert "The window (5, -5) ends before it begins; give (-5, 5)." in said


def test_a_bug_is_not_hidden(
    prices: Path, events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1 and a traceback belong to bugs: nothing but our own errors is caught."""

    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(es.EventStudy, "run", broken)
    with pytest.raises(ZeroDivisionError):
        main(command(prices, events, tmp_path / "out"))


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["catalysts", "--help"]])
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: eventstudy")


# ── catalysts, demo, the module ──────────────────────────────────────────────────────────
def test_catalysts_are_listed_or_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["catalysts", "--category", "deal", "--since", "2025-01-01"]) == 0
    listed = capsys.readouterr().out
    path = tmp_path / "new" / "deals.csv"
    assert (
        main(["catalysts", "--category", "deal", "--since", "2025-01-01", "--out", str(path)]) == 0
    )
    table = pd.read_csv(path)
    told = capsys.readouterr().out.splitlines()
    nameless = int(table["ticker"].isna().sum())
    assert told[0] == f"{len(table)} events: {path}"
    assert told[1:] == [
        f"{nameless} of them are news of a sector and name no ticker: --expand sector"
    ]
    assert listed.startswith(f"{len(table)} catalysts")
    loaded = es.catalysts.load(category="deal", since="2025-01-01")
    assert table["event_id"].tolist() == list(loaded.index)


def test_expanded_catalysts_are_events_for_run(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    options = ["--category", "nvidia", "--since", "2025-06-01", "--expand", "sector"]
    assert main(["catalysts", *options, "--out", str(path)]) == 0
    assert main(command("sample", path, tmp_path / "out", "--car", "0:0")) == 0
    tables = saved(tmp_path / "out")
    assert len(tables["car"]) + len(tables["dropped"]) == len(es.read_events(path))
    assert len(tables["car"]) > 20


def test_unknown_filters_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "choose one of" in refused(["catalysts", "--category", "deals"], capsys)


def test_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "SIMULATED" in printed.out
    for word in ("truth", "market only", "own deals", "hyperscalers", "capex", "Nvidia"):
        assert word in printed.out
    assert max(map(len, printed.out.splitlines())) <= 80 + len(str(tmp_path))
    assert len(list(tmp_path.glob("*.png"))) == 2


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own interpreter on our own module)
        [sys.executable, "-m", "eventstudy", *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip


def test_the_module_is_the_command(prices: Path, events: Path, tmp_path: Path) -> None:
    done = python(*command(prices, events, tmp_path / "out", *ISSUE))
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(TABLES)
    wrong = python(*command(prices, events, tmp_path / "out", "--model", "MarketModl"))
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1
    assert wrong.stdout == ""
    assert python("fly").returncode == 2


# ── calibrate ────────────────────────────────────────────────────────────────────────────
def test_calibrate_writes_its_table_and_picture(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, more = tmp_path / "out", ("--draws", "12", "--effects", "-0.03,0,0.03", "--seed", "4")
    study = ("--estimation", "-120:-11", "--window", "-5:5", "--car", "0:0,-1:1")
    arguments = ["calibrate", *command(prices, events, out, *study)[1:], *more]
    assert main(arguments) == 0
    assert sorted(path.name for path in out.iterdir()) == ["calibration.csv", "calibration.png"]
    written, table = pd.read_csv(out / "calibration.csv"), es.read_events(events)
    asked = es.EventStudy(estimation=(-120, -11), window=(-5, 5))
    panel = asked.load(table, es.loaders.csv(prices), market="SPY")
    windows = [(0, 0), (-1, 1)]
    found = asked.calibrate(table, panel, draws=12, effects=(-0.03, 0.03), windows=windows, rng=4)
    pd.testing.assert_frame_equal(written, found.table, check_dtype=False)
    assert (out / "calibration.png").stat().st_size > 20_000
    said = capsys.readouterr().out
    assert str(found) in said
    assert max(map(len, said.splitlines()[:-1])) <= 80


def test_calibrate_brings_the_catalogue_with_the_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ("--prices", "sample", "--market", "SPY", "--draws", "2", "--out", str(out))
    assert main(["calibrate", *asked, "--strata", "3", "--effects", "0"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "13 firms on 86 dates" in said
    assert "simulated prices" in said
    assert "each within its tercile of" in said


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        (("--draws", "0"), "draws=0 is not a count"),
        (("--seed", "-1"), "rng=-1 cannot make random numbers"),
        (("--effects", "nan"), "effects holds nan"),
        (("--effects", "0,2"), "effects holds 2.0; give returns as fractions"),
        (("--strata", "1"), "strata=1 is no number of parts"),
        (("--car", "-20:0"), "[-20,0] is not inside the event window"),
    ],
)
def test_what_calibrate_refuses(
    prices: Path,
    events: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    begins: str,
) -> None:
    arguments = ["calibrate", *command(prices, events, tmp_path / "out", *options)[1:]]
    assert refused(arguments, capsys).startswith(begins)


def test_effects_that_are_no_numbers(
    prices: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = command(prices, events, tmp_path / "out", "--effects", "0,big")
    with pytest.raises(SystemExit) as caught:
        main(["calibrate", *arguments[1:]])
    assert caught.value.code == 2
    assert "'0,big' is no list of numbers, as 0,0.01" in capsys.readouterr().err


# ── preview and vary ─────────────────────────────────────────────────────────────────────
def test_preview_on_the_sample_is_a_rehearsal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preview", "--prices", "sample", "--market", "SPY", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "prices until 2026-02-25" in said
    assert max(map(len, said.splitlines()[:-1])) <= 80
    tickers = pd.read_csv(tmp_path / "tickers.csv", index_col=0, parse_dates=["date"])
    assert (tickers["date"] == pd.Timestamp("2026-02-26")).all()
    assert pd.read_csv(tmp_path / "groups.csv")["n"].tolist() == [len(tickers)]
    assert (tmp_path / "preview.png").stat().st_size > 10_000


def test_preview_of_files_is_the_study_of_python(
    tmp_path: Path, prices: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = pd.DataFrame({"ticker": ["IREN", "CIFR"], "date": DAYS[300], "kind": ["a", "b"]})
    events.to_csv(tmp_path / "next.csv", index=False)
    evening = f"{DAYS[299]:%Y-%m-%d}"
    asked = ["--events", str(tmp_path / "next.csv"), "--prices", str(prices), "--market", "SPY"]
    more = ["--as-of", evening, "--by", "kind", "--car", "0:1", "--out", str(tmp_path / "out")]
    assert main(["preview", *asked, *more]) == 0
    capsys.readouterr()
    frame = pd.read_csv(prices, index_col=0, parse_dates=True)
    panel = es.Panel.from_prices(frame, market="SPY").until(evening)
    want = es.EventStudy().preview(es.read_events(events), panel, window=(0, 1), by="kind")
    got = pd.read_csv(tmp_path / "out" / "tickers.csv", index_col=0)
    np.testing.assert_allclose(got["move"], want.tickers["move"])
    groups = pd.read_csv(tmp_path / "out" / "groups.csv")
    assert groups["group"].tolist() == ["a", "b"]
    assert main(["preview", *asked, "--out", str(tmp_path / "none")]) == 2
    assert "lies ahead of the data" in capsys.readouterr().err


def test_vary_on_the_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--models", "MarketModel,FactorModel:SPY+IBIT", "--car", "0:0,-1:1"]
    asked = ["--prices", "sample", "--market", "SPY", "--draws", "9", "--out", str(tmp_path)]
    assert main(["vary", *asked, *options, "--estimations", "-120:-11"]) == 0
    said = capsys.readouterr().out
    assert "4 specifications" in said
    assert max(map(len, said.splitlines()[:-1])) <= 80
    table = pd.read_csv(tmp_path / "specifications.csv")
    assert set(table["model"]) == {"MarketModel (SPY)", "FactorModel (SPY, IBIT)"}
    assert set(table["estimation"]) == {"[-120,-11]"}
    assert pd.read_csv(tmp_path / "joint.csv")["draws"].tolist() == [9, 9, 9]
    assert (tmp_path / "specifications.png").stat().st_size > 10_000


def test_vary_without_choices_tries_the_usual_models(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--prices", "sample", "--market", "SPY", "--draws", "0", "--out", str(tmp_path)]
    assert main(["vary", *asked, "--model", "FactorModel", "--factors", "SPY,IBIT"]) == 0
    assert "4 specifications" in capsys.readouterr().out


def test_an_estimation_of_several_intervals(
    tmp_path: Path, prices: Path, events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--estimation", "-200:-11,12:60", "--min-obs", "50"]
    assert main(command(prices, events, tmp_path / "out", *options)) == 0
    assert "uses days after the event" in " ".join(capsys.readouterr().out.split())
