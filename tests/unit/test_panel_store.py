"""Saved panels: the same numbers, small to send, never half written, and nothing else is opened."""

from __future__ import annotations

import copy
import functools
import json
import os
import pickle
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.errors import PanelError
from eventstudy.panel import converting, storing
from eventstudy.panel.provenance import fingerprint

DAYS = pd.bdate_range("2024-01-01", periods=300)
TICKERS = ["SPY", "IREN", "../../etc", "C:\\con", "émis/sion", "a\x00b", "BTC-USD", "日本", "HUT"]


@functools.cache
def prices() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    values = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (len(DAYS), len(TICKERS))), axis=0))
    values[rng.random(values.shape) < 0.03] = np.nan
    values[:, 0] = np.linspace(500, 600, len(DAYS))
    frame = pd.DataFrame(values, DAYS, TICKERS)
    frame.attrs = {"source": "a test", "report": {"HUT": {"status": "ok", "rows": 9, "last": None}}}
    return frame


@functools.cache
def rich() -> es.Panel:
    """Everything that a panel can hold."""
    factors = pd.DataFrame({"F1": prices()["HUT"].pct_change(fill_method=None), "RF": 1e-4}, DAYS)
    return es.Panel.from_prices(
        prices(),
        market="SPY",
        factors=factors,
        kind="log",
        own_since={"IREN": "2024-03-01"},
        fields={"volume": prices() * 1000},
        across_gaps=True,
    )


@functools.cache
def plain() -> es.Panel:
    return es.Panel.from_prices(prices())


MADE: dict[str, Callable[[], es.Panel]] = {"rich": rich, "plain": plain}


def saved(panel: es.Panel, folder: Path, **options: Any) -> es.Panel:
    panel.save(folder / "panel", **options)
    return es.Panel.open(folder / "panel")


def received(sent: bytes) -> es.Panel:
    found: es.Panel = pickle.loads(sent)  # noqa: S301  (our own)
    return found


def in_another_process(code: str, sent: bytes) -> tuple[str, str]:
    """Run Python with ``sent`` on its input: what it prints, and what it says of errors."""
    command = [sys.executable, "-c", f"import pickle, sys; {code}"]
    done = subprocess.run(command, input=sent, capture_output=True, check=False)  # noqa: S603  (our own)
    return done.stdout.decode(), done.stderr.decode()


def inside(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def same(one: es.Panel, two: es.Panel) -> None:
    np.testing.assert_array_equal(one.returns, two.returns)
    np.testing.assert_array_equal(one.sessions, two.sessions)
    np.testing.assert_array_equal(one.factors, two.factors)
    for a, b in ((one.risk_free, two.risk_free), (one.masked, two.masked)):
        assert (a is None) == (b is None)
        np.testing.assert_array_equal(a, b)
    assert one.fields.keys() == two.fields.keys()
    for name, values in one.fields.items():
        np.testing.assert_array_equal(values, two.fields[name])
    names = ("tickers", "factor_names", "market", "kind", "provenance", "fingerprint", "missing")
    for name in names:
        assert getattr(one, name) == getattr(two, name)
    assert repr(one) == repr(two)


# ── saved and opened ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", MADE)
def test_a_saved_panel_is_the_same(kind: str, tmp_path: Path) -> None:
    panel = MADE[kind]()
    found = saved(panel, tmp_path)
    same(panel, found)
    assert fingerprint(found) == found.fingerprint  # what the file says of itself is true
    assert found.check().table.equals(panel.check().table)
    np.testing.assert_array_equal(found.series("HUT"), panel.series("HUT"))
    assert inside(tmp_path) == ["panel"]


def test_no_ticker_becomes_a_path(tmp_path: Path) -> None:
    saved(rich(), tmp_path)
    names = "|".join(["returns", "masked", "field0", "field1", "field2"])
    own = re.compile(
        rf"({names})-[0-9a-f]{{16}}\.npy|(sessions|factors|risk_free)\.npy|panel\.json"
    )
    assert all(own.fullmatch(file.name) for file in (tmp_path / "panel").iterdir())
    assert es.Panel.open(tmp_path / "panel").tickers == tuple(TICKERS)


def test_returns_are_mapped_and_nothing_can_be_written(tmp_path: Path) -> None:
    found = saved(rich(), tmp_path)
    for array in (found.returns, *found.fields.values(), found.masked):
        assert isinstance(array, np.memmap)
    arrays: list[Any] = [found.returns, found.sessions, found.factors, found.risk_free]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_opening_reads_no_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither opening nor showing looks for infinities or missing values again."""
    found = saved(plain(), tmp_path)

    def seen(values: Any) -> Any:
        assert values.shape != found.returns.shape
        return iter([values])

    monkeypatch.setattr(storing, "pieces", seen)
    es.Panel.open(tmp_path / "panel")
    assert "missing>" in repr(found)
    replace(found, market="SPY")


def test_single_precision_is_half_the_bytes_and_stays_single(tmp_path: Path) -> None:
    found = saved(rich(), tmp_path, dtype="float32")
    assert found.returns.dtype == np.float32
    np.testing.assert_array_equal(found.returns, rich().returns.astype(np.float32))
    assert found.factors.dtype == np.float64
    np.testing.assert_array_equal(found.factors, rich().factors)
    assert found.fingerprint == fingerprint(replace(found, market="SPY"))
    assert found.fingerprint != rich().fingerprint
    again = saved(found, tmp_path / "again", dtype="float32")
    assert again.fingerprint == found.fingerprint


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "model", [es.MarketModel(), es.RobustMarketModel(), es.TradeToTrade(), es.MeanAdjusted()]
)
def test_a_study_finds_the_same(model: Any, dtype: str, tmp_path: Path) -> None:
    events = pd.DataFrame(
        {"ticker": ["HUT", "IREN", "BTC-USD", "HUT"], "date": DAYS[[200, 200, 201, 250]]}
    )
    study = es.EventStudy(model, estimation=(-120, -11), window=(-3, 3))
    exact = study.run(events, rich()).estimates
    found = study.run(events, saved(rich(), tmp_path, dtype=dtype)).estimates
    rtol, atol = (1e-12, 1e-14) if dtype == "float64" else (1e-4, 1e-6)
    pd.testing.assert_frame_equal(found, exact, rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    "model",
    [
        es.MarketModel(),
        es.RobustMarketModel(),
        es.TradeToTrade(),
        es.MeanAdjusted(),
        es.ScholesWilliams(),
        es.FactorModel(("market", es.factors.peers(["IREN", "HUT", "BTC-USD", "日本"]))),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("shared", [False, True])
def test_single_precision_is_storage_only(model: Any, shared: bool, tmp_path: Path) -> None:
    """Whatever is computed is computed as if the same numbers were stored in double precision."""
    single = saved(rich(), tmp_path, dtype="float32")
    double = replace(
        single,
        returns=single.returns.astype(np.float64),
        fields={name: values.astype(np.float64) for name, values in single.fields.items()},
    )
    dates = DAYS[[200, 200, 200]] if shared else DAYS[[200, 210, 250]]
    events = pd.DataFrame({"ticker": ["HUT", "IREN", "日本"], "date": dates})
    study = es.EventStudy(model, estimation=(-120, -11), window=(-3, 3), exclude_other_events=True)
    one, two = study.run(events, single), study.run(events, double)
    for table in ("estimates", "ar"):
        pd.testing.assert_frame_equal(
            getattr(one, table), getattr(two, table), rtol=1e-12, atol=1e-14
        )
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(one.abnormal.residuals, two.abnormal.residuals, atol=1e-14)


def test_a_panel_without_sessions_or_tickers(tmp_path: Path) -> None:
    empty = es.Panel(np.empty((0, 0)), np.empty(0, dtype="datetime64[D]"), ())
    found = saved(empty, tmp_path)
    same(empty, found)
    assert found.returns.shape == (0, 0)


def test_a_mapped_array_of_the_users_own_stays_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", plain().returns)
    mine = np.load(tmp_path / "mine.npy", mmap_mode="r")
    panel = es.Panel(mine, plain().sessions, plain().tickers)
    assert panel.returns is mine
    assert panel.fingerprint == plain().fingerprint
    np.save(tmp_path / "bad.npy", np.array([[0.0, np.inf]]))
    bad = np.load(tmp_path / "bad.npy", mmap_mode="r")
    with pytest.raises(PanelError, match="infinite"):
        es.Panel(bad, plain().sessions[:2], ("A",))


# ── how it travels ───────────────────────────────────────────────────────────────────────────
def test_a_saved_panel_travels_as_its_address(tmp_path: Path) -> None:
    found = saved(rich(), tmp_path)
    sent = pickle.dumps(found)
    assert len(sent) < 1000
    assert received(sent) is found
    assert copy.deepcopy(found) is found


def test_another_process_opens_it(tmp_path: Path) -> None:
    found = saved(rich(), tmp_path)
    told, _ = in_another_process(
        "p = pickle.loads(sys.stdin.buffer.read()); "
        "print(type(p.returns).__name__, p.fingerprint, p.returns.flags.writeable)",
        pickle.dumps(found),
    )
    assert told.split() == ["memmap", found.fingerprint, "False"]


def test_what_was_added_travels_with_the_address(tmp_path: Path) -> None:
    found = saved(rich(), tmp_path).spliced("both", "IREN", "HUT")
    sent = pickle.dumps(found)
    assert len(sent) < found.factors.nbytes + 1000
    again = received(sent)
    assert isinstance(again.returns, np.memmap)
    same(found, again)
    same(rich().spliced("both", "IREN", "HUT"), again)


@pytest.mark.parametrize("kind", MADE)
def test_a_panel_in_memory_travels_as_arrays_that_stay_read_only(kind: str) -> None:
    again = received(pickle.dumps(MADE[kind]()))
    same(MADE[kind](), again)
    for array in (again.returns, again.sessions, again.factors, *again.fields.values()):
        assert not array.flags.writeable


def test_a_part_of_a_saved_panel_is_not_the_panel(tmp_path: Path) -> None:
    known = saved(plain(), tmp_path).until("2024-06-28")
    again = received(pickle.dumps(known))
    same(known, again)
    same(plain().until("2024-06-28"), again)
    rows = replace(
        saved(plain(), tmp_path / "again"),
        returns=known.returns,
        sessions=known.sessions,
        factors=np.empty((0, 0)),
    )
    same(rows, received(pickle.dumps(rows)))


def test_a_panel_in_its_place_is_not_taken_for_it(tmp_path: Path) -> None:
    sent = pickle.dumps(saved(plain(), tmp_path))
    es.Panel.open(tmp_path / "panel").spliced("F", "HUT").save(tmp_path / "panel", overwrite=True)
    _, told = in_another_process("pickle.loads(sys.stdin.buffer.read())", sent)
    said = "is another one than when this was begun; open it again and start anew."
    assert said in told
    assert es.Panel.open(tmp_path / "panel").factor_names == ("F",)
    assert inside(tmp_path) == ["panel"]


# ── what lies there already ──────────────────────────────────────────────────────────────────
def test_a_panel_is_replaced_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "panel"
    plain().save(path)
    with pytest.raises(PanelError) as raised:
        rich().save(path)
    assert str(raised.value) == (
        f"The saved panel {str(path)!r} exists; give overwrite=True to replace it, or name another "
        f"folder."
    )
    assert es.Panel.open(path).fingerprint == plain().fingerprint
    rich().save(path, overwrite=True)
    same(es.Panel.open(path), rich())
    assert inside(tmp_path) == ["panel"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("content", ["file", "folder", "panel and more"])
def test_other_files_are_never_replaced(content: str, overwrite: bool, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    if content == "file":
        path.write_text("letters")
    elif content == "folder":
        path.mkdir()
        (path / "panel.json").write_text("{}")
    else:
        plain().save(path)
        (path / "letters.txt").write_text("letters")
    with pytest.raises(PanelError) as raised:
        rich().save(path, overwrite=overwrite)
    assert str(raised.value) == (
        f"{str(path)!r} exists and is no saved panel, so it is not replaced; name another folder."
    )
    assert inside(tmp_path) == ["mine"]
    assert content == "file" or (path / "panel.json").exists()


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "panel").mkdir()
    same(saved(plain(), tmp_path), plain())


def test_what_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain().save(tmp_path / "panel")

    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(PanelError) as raised:
        rich().save(tmp_path / "panel", overwrite=True)
    path = str(tmp_path / "panel")
    assert str(raised.value) == (
        f"A panel cannot be written to {path!r} (No space left on device); name a folder with room."
    )
    assert inside(tmp_path) == ["panel"]
    assert es.Panel.open(path).fingerprint == plain().fingerprint


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PanelError, match="A panel cannot be written to"):
        plain().save(tmp_path / "file" / "panel")


def test_dtype_is_one_of_two() -> None:
    with pytest.raises(errors.OptionError) as raised:
        plain().save("never", dtype="float16")
    assert str(raised.value) == (
        "dtype='float16' is not known; choose one of 'float64', 'float32'. Did you mean 'float64'?"
    )


# ── what is opened ───────────────────────────────────────────────────────────────────────────
def _nothing(folder: Path) -> str:
    path = folder / "nothing"
    return f"There is no saved panel at {str(path)!r}; write one with panel.save(path)."


def damaged(path: Path, what: str) -> str:
    return f"The saved panel {str(path)!r} is damaged: {what}; save it again."


def _break(path: Path, name: str, content: bytes | None) -> None:
    file = next(path.glob(name))
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)


def _edited(path: Path, **changed: Any) -> None:
    told = json.loads((path / "panel.json").read_text())
    (path / "panel.json").write_text(json.dumps(told | changed))


def array(*values: Any) -> bytes:
    import io

    file = io.BytesIO()
    np.save(file, np.array(values), allow_pickle=True)
    return file.getvalue()


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "no text": (
        lambda p: _break(p, "panel.json", b"{"),
        "panel.json cannot be read (JSONDecodeError)",
    ),
    "binary text": (
        lambda p: _break(p, "panel.json", b"\xff\xfe"),
        "panel.json cannot be read (UnicodeDecodeError)",
    ),
    "a list": (lambda p: _break(p, "panel.json", b"[]"), "panel.json is not that of a panel"),
    "another program's": (lambda p: _edited(p, format="x"), "panel.json is not that of a panel"),
    "no returns": (
        lambda p: _break(p, "returns-*", None),
        "returns-DIGEST.npy cannot be read (No such file or directory)",
    ),
    "half the returns": (
        lambda p: _break(p, "returns-*", next(p.glob("returns-*")).read_bytes()[:4000]),
        "returns-DIGEST.npy cannot be read (ValueError)",
    ),
    "empty returns": (
        lambda p: _break(p, "returns-*", b""),
        "returns-DIGEST.npy cannot be read (ValueError)",
    ),
    "no array": (
        lambda p: _break(p, "returns-*", b"PK\x03\x04" + b"0" * 100),
        "returns-DIGEST.npy cannot be read (ValueError)",
    ),
    "a pickle": (
        lambda p: _break(p, "factors.npy", pickle.dumps(Path("x"))),
        "factors.npy cannot be read (ValueError)",
    ),
    "objects": (
        lambda p: _break(p, "factors.npy", array({"a": 1})),
        "factors.npy cannot be read (ValueError)",
    ),
    "other factors": (
        lambda p: _break(p, "factors.npy", array(1.0, 2.0)),
        "factors.npy has shape (2,) and numbers of kind float64",
    ),
    "whole numbers": (
        lambda p: _break(p, "risk_free.npy", array(*range(300))),
        "risk_free.npy has shape (300,) and numbers of kind int64",
    ),
    "fewer tickers": (
        lambda p: _edited(p, tickers=["SPY"]),
        "returns-DIGEST.npy has shape (9, 300) and numbers of kind float64",
    ),
    "tickers that are numbers": (
        lambda p: _edited(p, tickers=list(range(9))),
        "panel.json has names that are no text",
    ),
    "no tickers": (lambda p: _edited(p, tickers=None), "panel.json lacks or mistakes"),
    "no provenance": (lambda p: _edited(p, provenance={"x": 1}), "panel.json lacks or mistakes"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_damaged_panel_is_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "panel"
    rich().save(path)
    spoil, said = BROKEN[what]
    spoil(path)
    with pytest.raises(PanelError) as raised:
        es.Panel.open(path)
    text = re.sub(r"-[0-9a-f]{16}\.npy", "-DIGEST.npy", str(raised.value))
    whole = damaged(path, said)
    assert text == whole or (
        said.endswith("mistakes") and text.startswith(whole[: -len("; save it again.")])
    )


def test_a_newer_format_is_told(tmp_path: Path) -> None:
    path = tmp_path / "panel"
    plain().save(path)
    _edited(path, version=2)
    with pytest.raises(PanelError) as raised:
        es.Panel.open(path)
    assert str(raised.value) == (
        f"The saved panel {str(path)!r} has format version 2 and this release reads 1; save it "
        f"again, or open it with the release that wrote it."
    )


@pytest.mark.parametrize("there", [False, True])
def test_nothing_to_open(there: bool, tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    if there:
        path.mkdir()
        (path / "prices.txt").write_text("date,IREN\n")
    with pytest.raises(PanelError) as raised:
        es.Panel.open(path)
    assert str(raised.value) == _nothing(tmp_path)


# ── from Parquet ─────────────────────────────────────────────────────────────────────────────
def stock_prices(tickers: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    names = ["SPY", *(f"T{i}" for i in range(tickers - 1))]
    values = np.exp(np.cumsum(rng.normal(0, 0.02, (len(DAYS), tickers)), axis=0))
    values[rng.random(values.shape) < 0.05] = np.nan
    values[:, -1] = np.nan  # a ticker without a price
    return pd.DataFrame(values, DAYS.rename("date"), names)


def wide(folder: Path) -> Path:
    stock_prices().to_parquet(folder / "wide.parquet")
    return folder / "wide.parquet"


def long(folder: Path) -> Path:
    """Partitioned by ticker; the one without a price has rows."""
    rows = stock_prices().melt(ignore_index=False, var_name="ticker", value_name="adj_close")
    rows = rows.reset_index()
    rows = rows[rows["adj_close"].notna() | (rows["ticker"] == "T5")]
    pq.write_to_dataset(pa.Table.from_pandas(rows), folder / "long", partition_cols=["ticker"])
    return folder / "long"


FACTORS = pd.DataFrame({"F1": np.linspace(-0.01, 0.01, 300), "RF": 1e-4}, DAYS)
INDEX = (1 + FACTORS["F1"]).cumprod().rename("INDEX").iloc[::2]
OPTIONS: dict[str, dict[str, Any]] = {
    "market": {"market": "SPY"},
    "factor tickers": {"market": "SPY", "factors": ["T1", "T3"]},
    "factors": {"market": "SPY", "factors": FACTORS, "kind": "log"},
    "factor as market": {"market": "F1", "factors": FACTORS},
    "market of its own": {"market": INDEX, "risk_free": 1e-4},
    "own since": {"market": "SPY", "own_since": {"T2": "2024-05-01", "T5": "2024-06-03"}},
    "own since nothing": {"market": "SPY", "own_since": {"T5": "2024-06-03"}},
    "market from the file": {"market": stock_prices()["SPY"]},
}


@pytest.mark.parametrize("together", [1, 3, 500])
@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("file", [wide, long])
def test_parquet_becomes_the_panel_of_its_prices(
    file: Callable[[Path], Path],
    name: str,
    together: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(converting, "TOGETHER", together)
    source, options = file(tmp_path), OPTIONS[name]
    loader = es.loaders.parquet(source)
    whole = es.Panel.from_prices(loader(loader.tickers(), "2024-01-01", "2026-01-01"), **options)
    found = es.Panel.open(source, into=tmp_path / "panel", **options)
    assert found.fingerprint == whole.fingerprint
    assert found.provenance.report == whole.provenance.report
    assert found.tickers == whole.tickers
    assert found.returns.tobytes() == whole.returns.tobytes()
    assert (found.masked is None) == (whole.masked is None)


def test_parquet_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = wide(tmp_path)
    found = es.Panel.open(source, into=tmp_path / "panel", market="SPY")
    monkeypatch.setattr(converting, "_convert", None)
    assert es.Panel.open(source, into=tmp_path / "panel", market="SPY") is found
    said = (
        f"The saved panel {str(tmp_path / 'panel')!r} was made of other files or with other "
        f"options; name another folder, or remove it."
    )
    with pytest.raises(PanelError, match=re.escape(said)):
        es.Panel.open(source, into=tmp_path / "panel", market="T1")
    os.utime(source, (1, 1))
    with pytest.raises(PanelError, match=re.escape(said)):
        es.Panel.open(source, into=tmp_path / "panel", market="SPY")


def test_the_quicker_process_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process has put there in the meantime is opened."""
    source, into, convert = wide(tmp_path), tmp_path / "panel", converting._convert

    def slow(*arguments: Any) -> None:
        convert(*arguments)
        convert(*arguments)

    monkeypatch.setattr(converting, "_convert", slow)
    assert es.Panel.open(source, into=into, market="SPY").tickers[0] == "SPY"
    assert inside(tmp_path) == ["panel", "wide.parquet"]


def test_memory_is_that_of_a_few_tickers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "TOGETHER", 50)
    monkeypatch.setattr(storing, "PIECE", 1 << 16)
    rng = np.random.default_rng(0)
    days = pd.bdate_range("1990-01-01", periods=2000).to_numpy()
    names = [f"T{i:04d}" for i in range(800)]
    file = tmp_path / "long.parquet"
    with pq.ParquetWriter(
        file,
        pa.schema([("date", pa.date32()), ("ticker", pa.string()), ("adj_close", pa.float64())]),
    ) as writer:
        for start in range(0, 800, 40):
            values = np.exp(np.cumsum(rng.normal(0, 0.02, (40, 2000)), axis=1))
            rows = {
                "date": pa.array(np.tile(days, 40)).cast(pa.date32()),
                "ticker": np.repeat(names[start : start + 40], 2000),
                "adj_close": values.ravel(),
            }
            writer.write_table(pa.table(rows, schema=writer.schema))
    tracemalloc.start()
    found = es.Panel.open(file, into=tmp_path / "panel", market="T0000")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.returns.shape == (800, 2000)
    assert peak < found.returns.nbytes  # prices and returns together are more than twice as much


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {},
            (
                "Parquet that becomes a saved panel needs `market`: a ticker, or a series of its "
                "own, whose prices say which days are sessions."
            ),
        ),
        ({"market": "SPX"}, "SPX"),
        ({"market": "SPY", "factors": ["QQQ"]}, "QQQ"),
        ({"market": "T5"}, "T5"),
    ],
    ids=["no market", "unknown market", "unknown factor", "empty market"],
)
def test_what_cannot_be_converted(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    source = wide(tmp_path)
    with pytest.raises(PanelError, match=re.escape(said)):
        es.Panel.open(source, into=tmp_path / "panel", **options)
    assert inside(tmp_path) == ["wide.parquet"]


def test_prices_that_are_none_are_refused_while_converting(tmp_path: Path) -> None:
    frame = stock_prices()
    frame.iloc[5, 3] = -1.0
    frame.to_parquet(tmp_path / "wide.parquet")
    with pytest.raises(PanelError, match="-1"):
        es.Panel.open(tmp_path / "wide.parquet", into=tmp_path / "panel", market="SPY")
    with pytest.raises(errors.LoaderError, match="There is no file or folder"):
        es.Panel.open(tmp_path / "none.parquet", into=tmp_path / "panel", market="SPY")
    assert inside(tmp_path) == ["wide.parquet"]


@pytest.mark.parametrize("file", [wide, long])
def test_parquet_needs_a_place_for_the_panel(file: Callable[[Path], Path], tmp_path: Path) -> None:
    source = file(tmp_path)
    with pytest.raises(PanelError) as raised:
        es.Panel.open(source, market="SPY")
    assert str(raised.value) == (
        f"{str(source)!r} holds Parquet; name a folder for the panel that is made of it once, as "
        f"es.Panel.open(path, into='panel', market='SPY'), or read it with "
        f"es.loaders.parquet(path)."
    )


@pytest.mark.parametrize("place", ["prices.csv", "PRICES.CSV", "prices.csv.gz", "folder"])
@pytest.mark.parametrize("into", [None, "panel"])
def test_csv_goes_to_a_loader(place: str, into: str | None, tmp_path: Path) -> None:
    source = tmp_path / place
    if place == "folder":
        source.mkdir()
    prices().to_csv(source / "IREN.csv" if place == "folder" else source)
    with pytest.raises(PanelError) as raised:
        es.Panel.open(source, into=into and tmp_path / into)
    assert str(raised.value) == (
        f"{str(source)!r} holds CSV and is no saved panel; read it with a loader, as "
        f"study.load(events, es.loaders.csv(path), market='SPY'), and keep the panel with "
        f"panel.save('panel')."
    )
    assert inside(tmp_path) == [place]


def test_a_name_alone_holds_nothing(tmp_path: Path) -> None:
    """A file that is not there is not said to hold Parquet or CSV."""
    for name in ("none.parquet", "none.csv"):
        with pytest.raises(PanelError, match="There is no saved panel at"):
            es.Panel.open(tmp_path / name)


def test_a_saved_panel_is_opened_as_it_is(tmp_path: Path) -> None:
    plain().save(tmp_path / "panel")
    with pytest.raises(PanelError) as raised:
        es.Panel.open(tmp_path / "panel", market="SPY", kind="log")
    assert str(raised.value) == (
        "A saved panel is opened as it is, without market, kind; these are for Parquet that "
        "becomes a panel, together with `into`."
    )
