"""The one sentence: true for every kind of sample, and silent about what is not known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from eventstudy.arrays import Statistic
from eventstudy.report import Finding, name_of_test, sentence
from eventstudy.report.names import TESTS, beyond, joined, when

NAN = float("nan")
ONE_DATE = Finding(
    window="[0,0]",
    estimate=-0.008,
    ci_low=-0.089,
    ci_high=0.073,
    interval_test="portfolio_t",
    lead_test="adj_bmp",
    statistic=-0.2,
    pvalue=0.84,
    n_events=12,
    n_firms=12,
    n_dates=1,
    n_eff=2.04,
    rbar=0.4,
    detectable=0.081,
    sample="one shared date",
    model="FactorModel",
    factors=("SPY", "IBIT"),
)


def said(**changes: Any) -> str:
    return sentence(replace(ONE_DATE, **changes))


def test_one_shared_date() -> None:
    assert said() == (
        "On the event day (day 0) the 12 firms moved by -0.8 % on average beyond what the "
        "market and Bitcoin explain (95 % interval -8.9 % to +7.3 %, portfolio t); with all "
        "events on one shared date they count as about 2.0 independent ones, the valid test "
        "(adjusted BMP) gives p = 0.84, and only a move beyond ±8.1 % could have been told "
        "from chance."
    )


def test_one_event() -> None:
    text = said(
        sample="one event",
        n_events=1,
        n_firms=1,
        n_eff=1.0,
        ticker="IREN",
        estimate=-0.049,
        ci_low=-0.152,
        ci_high=0.054,
        interval_test="single_t",
        lead_test="sq",
        pvalue=0.31,
        detectable=0.103,
    )
    assert text == (
        "On the event day (day 0) IREN moved by -4.9 % beyond what the market and Bitcoin "
        "explain (95 % interval -15.2 % to +5.4 %, t test of one event); the valid test (sample "
        "quantile, SQ) gives p = 0.31, and only a move beyond ±10.3 % could have been told from "
        "chance."
    )


def test_several_dates() -> None:
    text = said(sample="several separate dates", n_events=47, n_dates=9, n_eff=14.2)
    assert "moved by -0.8 % on average over 47 events beyond" in text
    assert "; the 47 events on 9 separate dates count as about 14.2 independent ones, " in text


def test_staggered() -> None:
    text = said(sample="staggered", n_events=47, n_dates=30, n_eff=21.0)
    assert "; the 47 events, whose windows overlap across 30 dates, count as about 21.0" in text


def test_independent() -> None:
    text = said(sample="independent", n_events=47, n_dates=47, n_eff=47.0)
    assert "; the 47 events on 47 dates share no day and count as independent, the valid" in text


@pytest.mark.parametrize("n_eff", [12.0, 36.5, -4.0])
def test_negative_correlation_makes_no_more_events_than_there_are(n_eff: float) -> None:
    assert "they count as 12 independent ones" in said(n_eff=n_eff)


def test_one_independent_event() -> None:
    assert "they count as about one independent event," in said(n_eff=1.02)


def test_unknown_n_eff() -> None:
    text = said(n_eff=NAN)
    assert "how many independent events the 12 events on 1 date count as is not known" in text


def test_significant() -> None:
    text = said(estimate=0.045, ci_low=0.02, ci_high=0.07, pvalue=0.0002, detectable=0.025)
    assert text.endswith(
        "gives p < 0.001, so chance alone is an unlikely explanation; moves beyond ±2.5 % could "
        "have been told from chance."
    )


def test_interval_and_test_that_disagree_leave_it_open() -> None:
    assert "p = 0.030 although the interval contains zero, so the answer is open" in said(
        pvalue=0.03
    )
    assert "p = 0.081 although the interval leaves zero out, so the answer is open" in said(
        pvalue=0.081, ci_low=0.001, ci_high=0.09
    )


def test_significant_without_an_interval() -> None:
    text = said(pvalue=0.01, ci_low=NAN, ci_high=NAN)
    assert "(no valid 95 % interval)" in text
    assert "so chance alone is an unlikely explanation" in text
    assert "although" not in text


@pytest.mark.parametrize(
    ("note", "why"),
    [("No event is left.", "No event is left"), ("", "no abnormal return could be measured")],
)
def test_without_an_estimate_it_says_why(note: str, why: str) -> None:
    assert said(estimate=NAN, note=note) == (
        f"On the event day (day 0) nothing can be said about the 12 firms: {why}."
    )
    assert said(estimate=NAN, note=note, n_events=0, n_firms=0) == (
        f"On the event day (day 0) nothing can be said: {why}."
    )


def test_without_a_p_value_it_says_why() -> None:
    text = said(pvalue=NAN, note="fewer than 2 events.")
    assert "no valid test gives a p-value (fewer than 2 events), and only a move" in text


def test_unknown_power_is_not_said() -> None:
    assert said(detectable=NAN).endswith("gives p = 0.84.")


def test_small_moves_get_a_second_decimal() -> None:
    text = said(estimate=0.0004, ci_low=-0.003, ci_high=0.0038, detectable=0.0034)
    assert "moved by +0.04 % on average" in text
    assert "-0.30 % to +0.38 %" in text
    assert "±0.34 %" in text


def test_p_is_never_rounded_over_five_percent() -> None:
    assert "p = 0.04996" in said(pvalue=0.04996, ci_low=0.001)


def test_several_events_of_one_firm() -> None:
    text = said(sample="several separate dates", n_events=5, n_firms=1, n_dates=5, ticker="IREN")
    assert "IREN moved by -0.8 % on average over 5 events" in text


@pytest.mark.parametrize("change", [{"ticker": "A\nB\x1b", "n_firms": 1}, {"model": "My\nModel"}])
def test_hostile_names_stay_on_one_line(change: dict[str, Any]) -> None:
    text = said(factors=(), **change)
    assert "\n" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("sample", ["one shared date", "several separate dates", "staggered"])
@pytest.mark.parametrize("pvalue", [0.0001, 0.03, 0.5, NAN])
@pytest.mark.parametrize("interval", [(-0.1, 0.1), (0.01, 0.1), (NAN, NAN)])
@pytest.mark.parametrize("estimate", [0.05, NAN])
def test_it_is_one_sentence_without_nan(
    sample: str, pvalue: float, interval: tuple[float, float], estimate: float
) -> None:
    low, high = interval
    text = said(sample=sample, pvalue=pvalue, ci_low=low, ci_high=high, estimate=estimate)
    assert text[0].isupper()
    assert text.endswith(".")
    assert re.search(r"[.!?] ", text) is None
    assert "nan" not in text.lower()
    assert "  " not in text


# ── names ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("window", "text"),
    [
        ((0, 0), "On the event day (day 0)"),
        ((1, 1), "One trading day after the event"),
        ((-3, -3), "Three trading days before the event"),
        ((-1, 1), "From one trading day before to one after the event"),
        ((-10, 10), "From ten trading days before to ten after the event"),
        ((0, 1), "From the event day to one trading day after it"),
        ((0, 20), "From the event day to 20 trading days after it"),
        ((-5, 0), "From five trading days before the event to the event day"),
        ((-5, -2), "From five to two trading days before the event"),
        ((1, 10), "From one to ten trading days after the event"),
    ],
)
def test_windows_in_words(window: tuple[int, int], text: str) -> None:
    assert when(window) == text


@pytest.mark.parametrize(
    ("model", "factors", "text"),
    [
        ("RawReturn", (), ""),
        ("MeanAdjusted()", (), "beyond the usual daily return"),
        ("MarketAdjusted", ("market",), "beyond the move of the market"),
        ("MarketModel", ("market",), "beyond what the market explains"),
        ("FactorModel", ("SPY", "BTC-USD"), "beyond what the market and Bitcoin explain"),
        ("FactorModel", ("market", "IBIT", "WGMI"), "beyond what the market, Bitcoin and WGMI"),
        ("FamaFrench3", ("Mkt-RF", "SMB", "HML"), "beyond what the market, size and value explain"),
        ("Own", (), "beyond what Own expects"),
    ],
)
def test_what_the_model_explains(model: str, factors: tuple[str, ...], text: str) -> None:
    assert beyond(model, factors).startswith(text)


def test_without_a_model_nothing_is_claimed_to_be_explained() -> None:
    assert "on average (95 % interval" in said(model="RawReturn", factors=())


def test_joined() -> None:
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) == "a and b"


def test_every_test_has_a_name_and_names_differ() -> None:
    assert len(set(TESTS.values())) == len(TESTS)
    assert name_of_test("adj_bmp") == "adjusted BMP"
    unknown = Statistic("mine", 0.0, 1.0, 0.0, "t", 3.0, 1.0)
    assert name_of_test(unknown.name) == "mine"


def test_every_test_of_the_library_has_a_name() -> None:
    from eventstudy.inference import validity

    assert TESTS.keys() >= validity.JUDGED


def test_a_p_of_exactly_five_percent_is_significant() -> None:
    """As in every rate and picture: a test rejects at 5 % where p ≤ 5 %."""
    moved = {"estimate": 0.05, "ci_low": 0.001, "ci_high": 0.1}
    assert "chance alone is an unlikely explanation" in said(**moved, pvalue=0.05)
    assert "so the answer is open" in said(**moved, pvalue=0.0501)
