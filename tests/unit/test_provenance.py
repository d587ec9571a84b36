"""Where a panel's numbers come from: carried from the loader to the summary, and a fingerprint."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
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
