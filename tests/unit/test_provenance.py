"""Where a panel's numbers come from: carried from the loader to the summary, and a fingerprint."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import eventstudy as es
from eventstudy import errors
from eventstudy.panel.provenance import Provenance, told

DAYS = pd.bdate_range("2025-01-01", periods=300)
PRICES = pd.DataFrame(
    50 * np.exp(np.random.default_rng(3).normal(0, 0.02, (300, 3)).cumsum(axis=0)),
    DAYS,
    ["IREN", "HUT", "SPY"],
)
EVENTS = pd.DataFrame({"ticker": ["IREN", "HUT", "GONE", "LATE"], "date": DAYS[280]})


def loader(
    tickers: list[str], start: object, end: object, fields: Any = ("adj_close",)
) -> pd.DataFrame:
    """A loader with something to tell."""
    tables = {}
    for field in fields:
        frame = PRICES.reindex(columns=tickers)
        tables[field] = frame * (1000 if field == "volume" else 1)
    frame = tables["adj_close"] if len(tables) == 1 else pd.concat(tables, axis=1)
    frame.attrs.update(
        source="Somewhere",
        fetched="2026-11-22T05:20:00Z",
        options={"adjusted": "splits"},
        report={
            "IREN": {"status": "ok", "rows": 300},
            "GONE": {"status": "not_found"},
            "LATE": {"status": "timeout", "detail": "no answer in 10 s"},
        },
    )
    return frame


def test_a_panel_knows_what_the_loader_said() -> None:
    panel = es.EventStudy().load(EVENTS, loader, market="SPY")
    found = panel.provenance
    assert (found.source, found.fetched) == ("Somewhere", "2026-11-22T05:20:00Z")
    assert found.options == {"adjusted": "splits"}
    assert panel.source == "Somewhere"
    assert found.report["LATE"]["status"] == "timeout"


def test_an_event_is_dropped_with_the_cause_that_the_loader_gave() -> None:
    study = es.EventStudy()
    dropped = study.run(EVENTS, study.load(EVENTS, loader, market="SPY")).dropped
    assert dropped.set_index("ticker")["detail"].to_dict() == {
        "GONE": "no prices for GONE (not_found)",
        "LATE": "no prices for LATE (timeout: no answer in 10 s)",
    }
    assert set(dropped["reason"]) == {"unknown_ticker"}


def test_cause_and_other_spelling_are_both_told() -> None:
    panel = replace(
        es.Panel.from_prices(PRICES, market="SPY"),
        provenance=Provenance("x", report={"iren": {"status": "not_found"}}),
    )
    events = pd.DataFrame({"ticker": ["iren", "HUT"], "date": DAYS[280]})
    detail = es.EventStudy().run(events, panel).dropped["detail"].iloc[0]
    assert detail == "no prices for iren (not_found); there are some for IREN"


def test_a_market_that_failed_is_refused_with_its_cause() -> None:
    def without(tickers: list[str], start: object, end: object) -> pd.DataFrame:
        frame = loader(tickers, start, end).drop(columns="SPY")
        frame.attrs["report"] = {"SPY": {"status": "rate_limited", "detail": "asked too often"}}
        return frame

    with pytest.raises(es.EventStudyError) as refused:
        es.EventStudy().load(EVENTS, without, market="SPY")
    assert str(refused.value) == (
        "Somewhere gave no price of SPY (rate_limited: asked too often), which the study needs as "
        "market or factor; check the name."
    )


def test_fields_are_asked_for_together_with_the_prices() -> None:
    panel = es.EventStudy().load(EVENTS, loader, market="SPY", fields=("volume",))
    assert panel.fields["volume"].shape == panel.returns.shape
    plain = es.EventStudy().load(EVENTS, loader, market="SPY")
    np.testing.assert_array_equal(panel.returns[:2], plain.returns[:2])


@pytest.mark.parametrize("fields", ["volume", ("adj_close", "volume", "volume"), ["volume"]])
def test_fields_may_be_a_text_or_name_a_field_twice(fields: Any) -> None:
    asked: list[tuple[str, ...]] = []

    def listening(tickers: Any, start: Any, end: Any, fields: Any = ()) -> pd.DataFrame:
        asked.append(fields)
        return loader(tickers, start, end, fields)

    panel = es.EventStudy().load(EVENTS, listening, market="SPY", fields=fields)
    assert asked == [("adj_close", "volume")]
    assert list(panel.fields) == ["volume"]


def test_fields_of_a_loader_that_knows_none_are_one_sentence() -> None:
    def mine(tickers: Any, start: Any, end: Any) -> pd.DataFrame:
        return loader(tickers, start, end)

    study = es.EventStudy()
    with pytest.raises(errors.LoaderError) as caught:
        study.load(EVENTS, mine, market="SPY", fields=("volume", "open"))
    assert str(caught.value) == (
        "mine has no argument `fields`, so it gives adj_close alone and not volume, open; add the "
        "argument, or ask for adj_close."
    )
    assert study.load(EVENTS, mine, market="SPY").fields == {}


def test_the_summary_has_one_line_of_it() -> None:
    study = es.EventStudy()
    panel = study.load(EVENTS, loader, market="SPY")
    line = f"Prices      Somewhere, fetched 2026-11-22, sha256 {panel.fingerprint[:8]}"
    result = study.run(EVENTS, panel)
    assert line in str(result).splitlines()
    assert "No prices from Somewhere: not_found (GONE), timeout (LATE)." in result.notes
    known = json.loads(json.dumps(result.provenance))
    assert known["sha256"] == panel.fingerprint
    assert (known["source"], known["fetched"]) == ("Somewhere", "2026-11-22T05:20:00Z")
    assert known["options"] == {"adjusted": "splits"}
    assert known["report"]["LATE"] == {"status": "timeout", "detail": "no answer in 10 s"}
    made = es.Panel.from_returns(PRICES.pct_change().iloc[1:], market="SPY")
    assert told(made) == f"a table, sha256 {made.fingerprint[:8]}"


def test_equal_numbers_have_equal_fingerprints() -> None:
    panel = es.Panel.from_prices(PRICES, market="SPY")
    turned = es.Panel.from_prices(PRICES[["SPY", "HUT", "IREN"]].copy(), market="SPY")
    assert panel.fingerprint == turned.fingerprint
    assert len(panel.fingerprint) == 64
    other_nan, other_zero = panel.returns.copy(), panel.returns.copy()
    other_nan[np.isnan(other_nan)] = -np.nan
    other_zero[0, 5] = -0.0
    zero = other_zero.copy()
    zero[0, 5] = 0.0
    assert replace(panel, returns=other_nan).fingerprint == panel.fingerprint
    assert (
        replace(panel, returns=other_zero).fingerprint == replace(panel, returns=zero).fingerprint
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda p: {"returns": np.nextafter(p.returns, 1)},
        lambda p: {"sessions": p.sessions + 1},
        lambda p: {"tickers": ("IREN", "HUT", "SPX"), "market": None},
        lambda p: {"kind": "log"},
        lambda p: {"market": None},
        lambda p: {"risk_free": np.full(len(p.sessions), 1e-4)},
        lambda p: {"factors": p.returns[:1].T, "factor_names": ("F",)},
        lambda p: {"fields": {"volume": p.returns}},
    ],
)
def test_other_numbers_have_other_fingerprints(change: Any) -> None:
    panel = es.Panel.from_prices(PRICES, market="SPY")
    assert replace(panel, **change(panel)).fingerprint != panel.fingerprint


def test_what_a_table_of_factors_says_of_itself_is_kept() -> None:
    factors = pd.DataFrame({"SMB": np.random.default_rng(1).normal(0, 0.01, 300)}, DAYS)
    factors.attrs = {"source": "a library", "vintage": "202604", "sha256": "00ff"}
    panel = es.Panel.from_prices(PRICES, market="SPY", factors=factors)
    assert panel.provenance.factors == factors.attrs
    assert es.Panel.from_prices(PRICES, market="SPY").provenance.factors == {}


# ── what the fingerprint holds, and what it does not ─────────────────────────────────────
def small(**changes: Any) -> es.Panel:
    rng = np.random.default_rng(0)
    days = np.array(["2026-02-25", "2026-02-26"], dtype="datetime64[D]")
    given = {"returns": rng.normal(0, 0.01, (2, 2)), "sessions": days, "tickers": ("A", "B")}
    return es.Panel(**{**given, **changes})


def test_names_and_numbers_of_other_things_are_told_apart() -> None:
    """A ticker may be called like a factor or a field, or `None`."""
    numbers = small().returns
    made = [
        small(),
        small(tickers=("A", "factor B")),
        small(tickers=("A", "field B")),
        small(tickers=("A|B", "C")),
        small(tickers=("A", "B|C")),
        small(tickers=("A",), returns=numbers[:1], factors=numbers[1:].T, factor_names=("B",)),
        small(tickers=("A",), returns=numbers[:1], fields={"B": numbers[1:]}),
        small(tickers=("A",), returns=numbers[:1], risk_free=numbers[1]),
        small(tickers=("A", "None")),
        small(tickers=("A", "None"), market="None"),
    ]
    assert len({each.fingerprint for each in made}) == len(made)


def test_names_and_values_of_what_stands_beside_the_returns_count() -> None:
    numbers, one = small().returns, np.full((2, 1), 0.01)
    made = [
        small(),
        small(fields={"volume": numbers}),
        small(fields={"close": numbers}),
        small(fields={"close": numbers, "open": 2 * numbers}),
        small(fields={"close": 2 * numbers, "open": numbers}),
        small(factors=one, factor_names=("F",)),
        small(factors=one, factor_names=("G",)),
        small(factors=2 * one, factor_names=("F",)),
        small(risk_free=one[:, 0]),
        small(risk_free=2 * one[:, 0]),
    ]
    assert len({each.fingerprint for each in made}) == len(made)
    turned = small(fields={"open": 2 * numbers, "close": numbers})
    assert turned.fingerprint == made[3].fingerprint


def test_days_that_belong_to_another_company_count() -> None:
    """Without a return or with another company's: an event there is dropped, or kept."""
    gone = np.array([[True, False], [False, False]])
    returns = np.where(gone, np.nan, small().returns)
    plain = small(returns=returns)
    assert small(returns=returns, masked=gone).fingerprint != plain.fingerprint
    assert small(returns=returns, masked=gone[:, ::-1]).fingerprint not in {
        small(returns=returns, masked=gone).fingerprint,
        plain.fingerprint,
    }
    assert small(returns=returns, masked=gone & False).fingerprint == plain.fingerprint
    turned = small(returns=returns[::-1], masked=gone[::-1], tickers=("B", "A"))
    assert turned.fingerprint == small(returns=returns, masked=gone).fingerprint


def test_names_that_cannot_be_written_have_a_fingerprint() -> None:
    """Names of files are read as they are, bytes that are no text among them."""
    assert len({small(tickers=("A", name)).fingerprint for name in ("\ud800", "日本", "")}) == 3


def test_factors_and_gaps_count() -> None:
    prices = PRICES.mask(np.random.default_rng(0).random(PRICES.shape) < 0.05)
    prices["SPY"] = PRICES["SPY"]
    plain = es.Panel.from_prices(prices, market="SPY", kind="log")
    gaps = es.Panel.from_prices(prices, market="SPY", kind="log", across_gaps=True)
    spliced = plain.spliced("both", "IREN", "HUT")
    own = es.Panel.from_prices(prices, market="SPY", kind="log", own_since={"HUT": DAYS[9]})
    until = plain.until(DAYS[250])
    made = [plain, gaps, spliced, own, until]
    assert len({each.fingerprint for each in made}) == len(made)
    again = plain.spliced("both", "IREN", "HUT")
    assert again.fingerprint == spliced.fingerprint


@pytest.mark.parametrize(
    "kind",
    [
        lambda p: p.astype("float32").astype("float64"),
        lambda p: p.astype("float32"),
        lambda p: p.astype("float32").astype("Float64"),
        lambda p: p.astype("float32").astype(object),
        lambda p: p.astype("float32").set_axis(p.index.strftime("%Y-%m-%d")),
        lambda p: p.astype("float32").set_axis(p.index.tz_localize("America/New_York")),
        lambda p: p.astype("float32").set_axis(p.index.astype("datetime64[s]")),
        lambda p: p.astype("float32")[::-1],
        lambda p: p.astype("float32").assign(NONE=np.nan).drop(columns="NONE"),
    ],
)
def test_the_same_numbers_in_another_form_have_the_same_fingerprint(kind: Any) -> None:
    exact = PRICES.astype("float32").astype("float64")
    expected = es.Panel.from_prices(exact, market="SPY").fingerprint
    assert es.Panel.from_prices(kind(PRICES), market="SPY").fingerprint == expected


def test_files_and_the_cache_give_the_fingerprint_of_the_table(tmp_path: Path) -> None:
    prices = PRICES.mask(np.random.default_rng(0).random(PRICES.shape) < 0.05)
    prices["SPY"] = PRICES["SPY"]
    prices = prices.rename_axis("date")

    def table(tickers: list[str], start: object, end: object) -> pd.DataFrame:
        return prices[list(tickers)].loc[str(start)[:10] : str(end)[:10]]

    prices.to_csv(tmp_path / "wide.csv")
    prices.to_parquet(tmp_path / "wide.parquet")
    long = prices.reset_index().melt("date", var_name="ticker", value_name="adj_close").dropna()
    long.to_csv(tmp_path / "long.csv", index=False)
    long.sample(frac=1, random_state=0).to_parquet(tmp_path / "long.parquet", index=False)
    database = sqlite3.connect(":memory:")
    long.assign(date=long["date"].dt.strftime("%Y-%m-%d")).to_sql("p", database, index=False)
    query = "SELECT * FROM p WHERE ticker IN (:tickers) AND date BETWEEN :start AND :end"
    loaders: dict[str, Any] = {
        "table": table,
        "wide csv": es.loaders.csv(tmp_path / "wide.csv"),
        "long csv": es.loaders.csv(tmp_path / "long.csv"),
        "wide parquet": es.loaders.parquet(tmp_path / "wide.parquet"),
        "long parquet": es.loaders.parquet(tmp_path / "long.parquet"),
        "database": es.loaders.sql(database, query),
        "cache, written": es.loaders.cached(table, tmp_path / "kept"),
        "cache, read": es.loaders.cached(table, tmp_path / "kept", offline=True),
    }
    events = pd.DataFrame({"ticker": ["IREN", "HUT"], "date": DAYS[280]})
    study = es.EventStudy()
    found = {
        name: study.load(events, each, market="SPY").fingerprint for name, each in loaders.items()
    }
    assert found == dict.fromkeys(loaders, found["table"])


@given(data=st.data())
def test_any_change_of_one_number_changes_the_fingerprint(data: st.DataObject) -> None:
    """Also of one that is missing, and of one that becomes missing; not of the zero's sign."""
    size = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 5)), label="tickers, sessions")
    number = st.one_of(st.just(np.nan), st.just(0.0), st.floats(-0.5, 0.5))
    values = data.draw(arrays(np.float64, size, elements=number), label="returns")
    names = tuple(f"T{k}" for k in range(size[0]))
    days = np.arange("2026-01-05", "2026-02-05", dtype="datetime64[D]")[: size[1]]
    fields = {"volume": values * 2, "close": values + 1}
    before = es.Panel(values, days, names, fields=fields).fingerprint
    at = tuple(data.draw(st.integers(0, n - 1)) for n in size)
    other = data.draw(number.filter(lambda x: not np.array_equal(x, values[at], equal_nan=True)))
    changed = values.copy()
    changed[at] = other
    order = data.draw(st.permutations(range(size[0])))
    turned = es.Panel(
        values[order] * 1.0,
        days,
        tuple(names[k] for k in order),
        fields={name: field[order] for name, field in fields.items()},
    )
    assert turned.fingerprint == before
    assert es.Panel(changed, days, names, fields=fields).fingerprint != before
    for name, numbers in fields.items():
        one = numbers.copy()
        one[at] = 7.0  # none of them can be as large
        assert es.Panel(values, days, names, fields={**fields, name: one}).fingerprint != before
