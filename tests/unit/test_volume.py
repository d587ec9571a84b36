"""Abnormal volume: the plain loop, what is refused, what is said, and sizes of its tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import oracle_volume as slow
import pandas as pd
import pytest
from numpy.typing import NDArray

import eventstudy as es
from eventstudy import errors
from eventstudy.activity import Activity, volume
from eventstudy.activity.outstanding import known_before
from eventstudy.activity.serial import autocorrelations, last_lags, remembering, weights
from eventstudy.errors import OptionError, PanelError
from eventstudy.inference import valid
from eventstudy.report import RETURNS, Measure, Multiple

mpl.use("Agg")

T, F = 420, 9
DAYS = pd.bdate_range("2024-01-02", periods=T)
FIRMS = [f"F{i}" for i in range(F)]
TICKERS = [*FIRMS, "SPY"]
AT = 330


def volumes(seed: int = 1, rho: float = 0.6, firms: int = F) -> NDArray[np.float64]:
    """(T, firms) shares traded: AR(1) in logarithms, with a common part and right-skewed."""
    rng = np.random.default_rng(seed)
    shocks = (rng.gamma(2.0, size=(T + 50, firms + 1)) - 2.0) / np.sqrt(2.0)
    x = np.zeros((T + 50, firms))
    noise = np.sqrt(0.3) * shocks[:, :1] + np.sqrt(0.7) * shocks[:, 1:]
    for t in range(1, T + 50):
        x[t] = rho * x[t - 1] + np.sqrt(1 - rho**2) * noise[t]
    return np.asarray(np.round(np.exp(13.0 + 0.45 * x[50:])))


def frame(seed: int = 1) -> pd.DataFrame:
    return pd.DataFrame(volumes(seed, firms=F + 1), DAYS, TICKERS)


def panel(traded: pd.DataFrame | None = None, **options: Any) -> es.Panel:
    traded = frame() if traded is None else traded
    steps = np.random.default_rng(2).normal(0, 0.01, traded.shape)
    prices = pd.DataFrame(20.0 * np.exp(steps.cumsum(axis=0)), traded.index, traded.columns)
    given = {"market": "SPY", "fields": {"volume": traded}, **options}
    return es.Panel.from_prices(prices, **given)


def events(day: int = AT, firms: int = F) -> pd.DataFrame:
    return pd.DataFrame({"ticker": FIRMS[:firms], "date": DAYS[day]})


STUDY = es.EventStudy(estimation=(-250, -11), window=(-5, 10))


@cache
def one_date() -> Activity:
    traded = frame()
    traded.iloc[AT, :F] = np.round(traded.iloc[AT, :F] * 2.5)
    return volume(events(), panel(traded), STUDY)


# ── the plain loop ───────────────────────────────────────────────────────────────────────
SHARES = {
    "none": None,
    "one": 4e7,
    "by firm": pd.Series({name: 3e7 + 1e6 * i for i, name in enumerate(TICKERS)}),
    "by date": pd.DataFrame(
        {name: [3e7, np.nan, 4e7 + 1e6 * i] for i, name in enumerate(TICKERS)},
        pd.DatetimeIndex([pd.Timestamp("2023-12-29"), DAYS[50], DAYS[AT]]),
    ),
}


def shares_of(shares: Any, ticker: str, t: int) -> float | None:
    """Shares outstanding of a firm as a plain loop reads them."""
    if shares is None:
        return None
    if isinstance(shares, float):
        return shares
    if isinstance(shares, pd.Series):
        return float(shares[ticker])
    history = list(zip(shares.index, shares[ticker].tolist(), strict=True))
    return slow.known_before(history, DAYS[t])


@pytest.mark.parametrize("missing", ["drop", "skip"])
@pytest.mark.parametrize(("model", "lags"), [("mean", None), ("market", 0), ("others", 7)])
@pytest.mark.parametrize("shares", SHARES)
def test_the_plain_loop(shares: str, model: str, lags: int | None, missing: str) -> None:
    traded = frame(5)
    rng = np.random.default_rng(6)
    traded = traded.mask(rng.random(traded.shape) < 0.04)
    traded.iloc[40, 1] = traded.iloc[AT + 1, 2] = 0.0
    news = events(firms=6).assign(date=DAYS[[AT, AT, AT + 1, AT - 3, AT, AT + 9]])
    study = replace(STUDY, missing=missing)
    outstanding = SHARES[shares]
    found = volume(news, panel(traded), study, shares=outstanding, model=model, lags=lags)
    v = np.array(
        [
            [
                slow.log_volume(x, shares_of(outstanding, ticker, t))
                for t, x in enumerate(traded[ticker].tolist())
            ]
            for ticker in FIRMS
        ]
    )
    setup = slow.Setup((-250, -11), (-5, 10), model, lags, missing == "skip")
    for i, row in enumerate([AT, AT, AT + 1, AT - 3, AT, AT + 9]):
        one = slow.event(v, i, row, range(F), setup)
        np.testing.assert_allclose(found.ar.iloc[i], list(one.ar.values()), rtol=0, atol=1e-10)
        assert found.estimates["sigma"].iloc[i] == pytest.approx(one.sigma, abs=1e-10)
        for w in [(0, 0), (-1, 1), (0, 5), (-5, 10)]:
            cars, scars = found.car(w).iloc[i, 0], found.scar(w).iloc[i, 0]
            assert cars == pytest.approx(slow.car(one, w), abs=1e-10, nan_ok=True)
            assert scars == pytest.approx(slow.scar(one, w), abs=1e-10, nan_ok=True)


def test_the_constants_of_the_literature() -> None:
    traded = frame()
    traded.iloc[AT, 0] = 0.0
    held = traded.to_numpy()[AT]
    made = volume(events(), panel(traded), STUDY, shares=1e7).panel
    assert made.returns[0, AT] == np.log(0.000255)
    assert made.returns[1, AT] == np.log(100 * held[1] / 1e7 + 0.000255)
    made = volume(events(), panel(traded), STUDY).panel
    assert made.returns[0, AT] == 0.0  # a day without a trade counts
    assert made.returns[1, AT] == np.log1p(held[1])


def test_one_lag_by_hand() -> None:
    found = volume(events(), panel(), STUDY, lags=1).abnormal
    e = found.residuals[0]
    rho = (e[1:] * e[:-1]).sum() / (e**2).sum()
    assert found.q((0, 1))[0] == pytest.approx(2 + 2 * 0.5 * rho + 4 / 240, abs=1e-12)
    assert found.q((0, 0))[0] == pytest.approx(1 + 1 / 240, abs=1e-12)


def test_a_forecast_variance_scales_its_autocorrelations() -> None:
    """Σ_W v + 2 Σ_k w_k ρ_k Σ √(v_s v_t): a day with four times the variance counts twice."""
    found = volume(events(), panel(), replace(STUDY, model=es.MeanAdjusted()), lags=3).abnormal
    v = np.tile(np.arange(1.0, found.window.last - found.window.first + 2), (len(found), 1))
    root = np.zeros((len(found.root), v.shape[1], 0))
    changed = found.changed(variance=v, root=root, _memo={})
    first = found.days((0, 0)).start
    a, b, c = np.sqrt(v[0, first : first + 3])
    assert found.serial is not None
    one, two = found.serial[:, 0], found.serial[:, 1]
    expected = a**2 + b**2 + c**2 + 2 * (one * (a * b + b * c) + two * a * c)
    np.testing.assert_allclose(changed.q((0, 2)), expected, rtol=1e-12)


def test_autocorrelations_keep_their_sessions() -> None:
    assert autocorrelations(np.ones((2, 5)), 0).shape == (2, 0)
    assert last_lags(np.array([10.0, 240.0])).tolist() == [2.0, 4.0]
    # a hole is a day without a pair, not a day that is left out
    found = autocorrelations(np.array([[1.0, np.nan, 1.0]]), 2)
    np.testing.assert_allclose(found, [[0.0, 0.5]])


def test_a_short_estimation_has_fewer_lags() -> None:
    found = volume(events(), panel(), STUDY).abnormal
    few = found.n_obs.copy()
    few[0] = 20.0
    weighted = weights(found.changed(n_obs=few, _memo={}))
    assert weighted.shape == (F, 4)
    assert (weighted[0] != 0).tolist() == [True, True, False, False]
    assert (weighted[1] != 0).all()


def test_what_was_judged_before_is_judged_again() -> None:
    result = es.EventStudy(window=(-5, 10)).run(events(), panel())
    assert "ts_t" in valid(result.abnormal, (0, 5)).valid
    assert "ts_t" in valid(remembering(result).abnormal, (0, 5)).why
    assert "ts_t" in valid(result.abnormal, (0, 5)).valid


def test_a_part_is_what_a_run_of_it_would_be() -> None:
    whole = volume(events(), panel(), STUDY)
    some = np.arange(F) < 4
    part, alone = whole.where(some), volume(events(firms=4), panel(), STUDY)
    assert isinstance(part, Activity)
    pd.testing.assert_frame_equal(part.scar((0, 5)), alone.scar((0, 5)))
    assert part.sentence((0, 5)) == alone.sentence((0, 5))
    assert part.abnormal.serial is not None
    assert len(part.abnormal.serial) == 4


# ── what the panel holds ─────────────────────────────────────────────────────────────────
def test_the_market_is_no_firm() -> None:
    made = volume(events(), panel(), STUDY).panel
    np.testing.assert_allclose(made.series("all firms"), made.returns[:F].mean(axis=0), atol=1e-12)
    found = volume(events(), panel(), STUDY, model="market", among=["F0", "F3"])
    assert "beyond what the volume of the chosen firms explains" in found.sentence()
    expected = found.panel.returns[[0, 3]].mean(axis=0)
    np.testing.assert_allclose(found.panel.series("the chosen firms"), expected, atol=1e-12)
    factor = volume(events(), panel(factors=["F8"]), STUDY).panel
    expected = factor.returns[:8].mean(axis=0)
    np.testing.assert_allclose(factor.series("all firms"), expected, atol=1e-12)


def test_shares_are_known_before_the_session() -> None:
    given = pd.DataFrame({t: [1e7, 2e7] for t in TICKERS}, DAYS[[0, 100]])
    made = volume(events(), panel(), STUDY, shares=given).panel
    traded = frame().to_numpy()
    assert np.isnan(made.returns[:, 0]).all()
    for day, number in ((1, 1e7), (100, 1e7), (101, 2e7)):
        expected = np.log(100 * traded[day, 0] / number + 0.000255)
        assert made.returns[0, day] == pytest.approx(expected, abs=1e-12)


def test_shares_of_the_panel_are_those_of_the_session_before() -> None:
    closes = pd.DataFrame(20.0, DAYS, TICKERS)
    cap = closes * 1e7
    cap.iloc[200:] *= 3.0
    cap.iloc[150, 0] = np.nan
    fields = {"volume": frame(), "close": closes, "market_cap": cap}
    made = volume(events(), panel(fields=fields), STUDY, shares="market_cap").panel
    traded = frame().to_numpy()[:, 0]
    for day, number in ((151, 1e7), (200, 1e7), (201, 3e7)):
        expected = np.log(100 * traded[day] / number + 0.000255)
        assert made.returns[0, day] == pytest.approx(expected, abs=1e-12)


def test_a_history_out_of_order_and_with_others() -> None:
    given = pd.DataFrame({t: [2e7, 1e7] for t in [*TICKERS, "ELSE"]}, DAYS[[100, 0]])
    made = volume(events(), panel(), STUDY, shares=given[["ELSE", *TICKERS[::-1]]]).panel
    asked = volume(events(), panel(), STUDY, shares=given.sort_index()).panel
    np.testing.assert_array_equal(made.returns, asked.returns)
    days = DAYS[:3].to_numpy().astype("datetime64[D]")
    found = known_before(np.array([[np.nan], [5.0]]), days[:2], days)
    np.testing.assert_array_equal(found.ravel(), [np.nan, np.nan, 5.0])


def test_firms_without_shares_are_dropped_with_a_reason() -> None:
    given = dict.fromkeys(TICKERS[1:], 4e7)
    found = volume(events(), panel(), STUDY, shares=given)
    assert found.dropped["ticker"].tolist() == ["F0"]
    assert found.dropped["reason"].tolist() == ["no_event_data"]


def test_volume_of_another_company_is_not_used() -> None:
    found = volume(events(), panel(own_since={"F0": DAYS[250]}), STUDY)
    assert np.isnan(found.panel.returns[0, :251]).all()
    assert found.dropped[["ticker", "reason"]].values.tolist() == [["F0", "not_own_price"]]


def test_a_saved_panel_in_single_precision(tmp_path: Path) -> None:
    panel().save(tmp_path / "panel", dtype="float32")
    opened = es.Panel.open(tmp_path / "panel")
    found, whole = (volume(events(), p, STUDY) for p in (opened, panel()))
    np.testing.assert_allclose(found.ar, whole.ar, atol=1e-5)
    assert found.panel.returns.dtype == np.float64


def test_log_returns_and_no_market_change_nothing() -> None:
    whole = volume(events(), panel(), STUDY).ar
    pd.testing.assert_frame_equal(volume(events(), panel(kind="log"), STUDY).ar, whole)
    alone = volume(events(), panel(market=None), STUDY, among=FIRMS)
    pd.testing.assert_frame_equal(alone.ar, whole)


def test_nothing_is_changed_behind_the_user() -> None:
    traded, given = frame(), panel()
    before = given.fields["volume"].copy()
    volume(events(), given, STUDY, model="market")
    np.testing.assert_array_equal(given.fields["volume"], before)
    np.testing.assert_array_equal(before, traded.to_numpy().T)
    assert isinstance(STUDY.model, es.MarketModel)


def test_a_model_of_ones_own() -> None:
    found = volume(events(), panel(), STUDY, model=es.RobustMarketModel())
    assert "beyond what the volume of all firms explains" in found.sentence()


def test_a_model_of_ones_own_on_one_ticker() -> None:
    found = volume(events(), panel(), STUDY, model=es.MarketModel("F4"), among=FIRMS)
    assert "beyond what the volume of F4 explains" in found.sentence()
    mean = volume(events(), panel(), STUDY, model=es.MeanAdjusted())
    assert mean.sentence() == volume(events(), panel(), STUDY).sentence()


def test_the_order_of_events_changes_nothing() -> None:
    shuffled = events().sample(frac=1.0, random_state=1)
    one, other = volume(events(), panel(), STUDY), volume(shuffled, panel(), STUDY)
    pd.testing.assert_frame_equal(one.caar(), other.caar(), rtol=1e-12, atol=1e-12)


# ── the face ─────────────────────────────────────────────────────────────────────────────
def test_the_sentence_speaks_of_multiples() -> None:
    found = one_date()
    said = found.sentence((0, 0))
    row = found.caar((0, 0)).iloc[0]
    low, size, high = (f"{np.exp(row[c]):.1f}" for c in ("ci_low", "estimate", "ci_high"))
    assert said.startswith(
        f"On the event day (day 0) the 9 firms traded {size} times their usual volume on "
        f"average (95 % interval {low} to {high}, portfolio t)"
    )
    assert "the valid test (Corrado rank) gives p" in said
    assert "volumes above " in said
    assert "%" not in said.replace("95 %", "")


def test_several_days_are_said_by_day() -> None:
    found = one_date()
    estimate = found.caar((0, 5))["estimate"].iloc[0]
    assert f"traded {np.exp(estimate / 6):.2f} times their usual volume" in found.sentence((0, 5))


def test_missing_days_are_no_days() -> None:
    traded = frame()
    traded.iloc[AT + 2 : AT + 5, :F] = np.nan
    found = volume(events(), panel(traded), replace(STUDY, missing="skip"))
    estimate = found.caar((0, 5))["estimate"].iloc[0]
    assert f"traded {np.exp(estimate / 3):.2f} times" in found.sentence((0, 5))


def test_one_firm_has_its_own_volume() -> None:
    found = volume(events(firms=1), panel(), STUDY)
    assert "F0 traded" in found.sentence()
    assert "times its usual volume (95 % interval" in found.sentence()


def test_nothing_measured_says_why() -> None:
    traded = frame()
    traded.iloc[AT, :F] = np.nan
    said = volume(events(), panel(traded), STUDY).sentence()
    assert said.startswith("On the event day (day 0) nothing can be said")


def test_the_summary_has_no_percent_and_names_the_transform() -> None:
    text = str(one_date().summary())
    assert text.startswith(
        "Event study of abnormal log volume\n==================================\n"
    )
    assert "<caption>Event study of abnormal log volume<" in one_date().summary()._repr_html_()
    assert "Volume      ln(1 + shares), sessions" in text
    assert "Cumulative average abnormal log volume" in text
    assert max(map(len, text.splitlines())) <= 80
    for line in text.splitlines():
        assert "%" not in line.replace("95 %", "").replace("5 %", "")
    page = one_date().summary()._repr_html_()
    assert "Cumulative average abnormal log volume" in page
    turnover = volume(events(), panel(), STUDY, shares=4e7)
    assert "ln(100·shares/outstanding + 0.000255)" in str(turnover)
    assert turnover.measure.noun == "abnormal log turnover"


def test_tables_stay_logarithms() -> None:
    found = one_date()
    assert found.caar((0, 0))["estimate"].iloc[0] == pytest.approx(found.ar[0].mean(), abs=1e-12)
    assert found.to_frame().columns.tolist() == [
        *("event_id", "ticker", "day", "date", "value", "expected", "ar", "car")
    ]
    day0 = found.to_frame().query("day == 0")
    np.testing.assert_allclose(day0["value"] - day0["expected"], day0["ar"])
    assert "alpha" in found.estimates


def test_pictures_name_their_axes() -> None:
    ax = one_date().plot()
    assert ax.get_ylabel() == "CAAR, abnormal log volume"
    labels = [ax.yaxis.get_major_formatter()(x) for x in (-0.5, 0.0, 1.0)]
    assert labels == ["-0.5", "0", "+1"]
    bars = one_date().plot_bars((0, 0))
    assert bars.get_xlabel() == "abnormal log volume and its 95 % interval"
    assert bars.get_title(loc="left") == "Abnormal log volume [0,0], by ticker"
    assert not any("%" in text.get_text() for text in bars.texts)
    mpl.pyplot.close("all")


def test_each_day_on_its_own() -> None:
    found = one_date()
    table = found.daily
    assert table.index.tolist() == list(range(-5, 11))
    np.testing.assert_allclose(table["estimate"], found.ar.mean(), atol=1e-12)
    np.testing.assert_allclose(np.log(table["times"]), table["estimate"], atol=1e-12)
    assert table.loc[0, "test"] == "rank"
    ax = found.plot_days(title="News")
    assert ax.get_ylabel() == "abnormal log volume"
    assert ax.get_legend_handles_labels()[1] == ["day 0", "95 % band", "mean"]
    drawn = ax.get_lines()[-1].get_ydata()
    np.testing.assert_allclose(np.asarray(drawn, dtype=float), table["estimate"])
    mpl.pyplot.close("all")


def test_groups_speak_of_volume_too() -> None:
    groups = one_date().by(np.array(["a"] * 4 + ["b"] * 5))
    text = groups.summary((0, 0))
    assert "times their usual volume" in text
    assert "%" not in text.replace("95 %", "").replace("5 %", "")
    axes = np.atleast_1d(np.asarray(groups.plot(), dtype=object))
    assert axes[0].get_ylabel() == "CAAR, abnormal log volume"
    mpl.pyplot.close("all")


def test_hostile_names_stay_text() -> None:
    traded = frame().rename(columns={"F0": "$x^2$", "F1": "<b>"})
    news = events().replace({"F0": "$x^2$", "F1": "<b>"})
    found = volume(news, panel(traded), STUDY)
    found.plot_bars((0, 0)).figure.canvas.draw()
    assert "<b>" not in found.summary()._repr_html_()
    mpl.pyplot.close("all")


def test_the_firms_of_the_mean_are_told() -> None:
    news = volume(events(), panel(), STUDY, model="market")
    said = (
        "The mean volume is that of 9 firms, and 9 of them have their event on one day: "
        "what they share is not in the numbers."
    )
    assert said in news.notes[0]
    assert said not in volume(events(), panel(), STUDY).notes[0]
    for many in (4, 5):
        some = volume(events(firms=many), panel(), STUDY, model="market").notes[0]
        assert (f"{many} of them have their event on one day" in some) == (many == 5)
    alone = volume(events(), panel(), STUDY, model=es.MarketModel("F4"))
    assert "The mean volume" not in alone.notes[0]
    assert "beyond what the volume of all firms explains" in news.sentence()
    others = volume(events(), panel(), STUDY, model="others")
    assert "beyond what the volume of the other firms explains" in others.sentence()
    assert "other firms" in others.estimates


def test_suspicions_are_those_of_the_prices() -> None:
    given = panel()
    assert volume(events(), given, STUDY).panel.suspicions == given.suspicions


def test_words_of_returns_stay() -> None:
    assert Measure() == RETURNS
    assert RETURNS.moved(0.0123, 3, 1, 2) == "moved by +1.2 %"
    assert RETURNS.outside(-0.02, 1, 1, several=True) == "moves beyond ±2.0 %"
    assert RETURNS.zero == "zero"


@pytest.mark.parametrize(
    ("value", "days", "places", "text"),
    [(0.0, 1, 2, "1.00"), (1.0, 1, 1, "2.7"), (2.0, 2, 1, "2.7"), (800.0, 1, 1, "inf")],
)
def test_multiples(value: float, days: float, places: int, text: str) -> None:
    assert Multiple().size(value, days, places) == text


def test_multiples_are_written_as_they_deserve() -> None:
    words = Multiple(noun="abnormal log volume", level="volume")
    assert words.places((1.0, 0.9, np.nan), 1) == 1
    assert words.places((1.0, 0.1, 2.0), 1) == 2
    assert words.places((np.nan,), 1) == 2
    assert (words.places((1.5,), 5), words.places((2.5,), 5)) == (2, 1)  # 1.35 and 1.65 a day
    assert words.number(0.5) == "+0.50"
    assert words.number(-0.5, 1) == "-0.50"
    assert words.number(np.nan) == "–"
    assert words.outside(0.7, 1, 1, several=False) == (
        "a volume above 2.01 or below 0.50 times the usual"
    )


# ── which tests hold ─────────────────────────────────────────────────────────────────────
ALIKE = "days are autocorrelated: it takes them as independent"
PARTLY = "days are autocorrelated: its forecast error holds part of that"


def test_ranks_lead_on_a_day_and_not_over_days() -> None:
    found = one_date()
    day, days = (valid(found.abnormal, w) for w in ((0, 0), (0, 5)))
    assert (day.lead, day.interval) == ("rank", "portfolio_t")
    assert (days.lead, days.interval) == ("adj_bmp", "adj_csect")
    assert {days.why[key] for key in ("rank", "cumrank_t", "ts_t", "permutation")} == {ALIKE}
    assert {days.why[key] for key in ("portfolio_t", "adj_patell")} == {PARTLY}
    tests = found.tests((0, 5))
    assert tests.loc[tests["test"] == "ts_t", "note"].tolist() == [ALIKE]
    returns = es.EventStudy(window=(-5, 10)).run(events(), panel())
    assert valid(returns.abnormal, (0, 0)).lead == "adj_bmp"
    assert "ts_t" in valid(returns.abnormal, (0, 5)).valid


def test_independent_events_and_several_dates() -> None:
    spread = events().assign(date=DAYS[[*range(262, 262 + 17 * F, 17)]])
    found = volume(spread, panel(), STUDY)
    assert valid(found.abnormal, (0, 0)).lead == "rank"
    days = valid(found.abnormal, (0, 5))
    assert (days.lead, days.interval) == ("bmp", "csect_t")
    pairs = events(firms=8).assign(date=DAYS[[300, 300, 320, 320, 340, 340, 360, 360]])
    several = volume(pairs, panel(), STUDY)
    assert valid(several.abnormal, (0, 5)).lead == "adj_bmp"
    assert "placebo_window" in valid(several.abnormal, (0, 0)).valid
    assert valid(several.abnormal, (0, 5)).why["placebo_window"] == (
        "days are autocorrelated: it averages dates whose estimation windows share days"
    )
    assert "placebo_window" in valid(one_date().abnormal, (0, 5)).valid


def test_one_event_goes_by_sums_of_successive_days() -> None:
    found = volume(events(firms=1), panel(), replace(STUDY, window=(-5, 20))).abnormal
    for w, lead, interval in (((0, 0), "sq", "single_t"), ((0, 4), "sq", "sq")):
        verdict = valid(found, w)
        assert (verdict.lead, verdict.interval) == (lead, interval)
    assert "single_t" in valid(found, (0, 4)).valid
    why = valid(found, (0, 20)).why
    assert why["single_t"] == "days are autocorrelated: it holds 4 lags, 21 days have more"
    assert "sq" in why
    row = volume(events(firms=1), panel(), replace(STUDY, window=(-5, 20))).caar((0, 20)).iloc[0]
    assert np.isnan(row["pvalue"])
    assert "days are autocorrelated" in row["note"]


def test_differences_of_groups_know_it_too() -> None:
    found = one_date()
    key = np.array(["a"] * 4 + ["b"] * 5)
    assert found.compare(key, (0, 0))["test"].tolist() == ["contrasts"]
    assert found.compare(key, (0, 5))["test"].tolist() == ["adj_welch"]
    asked = found.compare(key, (0, 5), test="contrasts")
    assert asked["test"].tolist() == ["contrasts"]
    assert asked["note"].tolist() == [ALIKE]
    assert found.compare(key, (0, 0))["note"].tolist() == [""]


def test_explanations_know_it_too() -> None:
    news = events().assign(size=np.arange(F, dtype=float))
    found = volume(news, panel(), STUDY)
    assert ALIKE in found.explain("size", (0, 5), se="date").note
    assert ALIKE not in found.explain("size", (0, 0), se="date").note
    assert ALIKE not in found.explain("size", (0, 5)).note


def worlds(draws: int, dates: NDArray[np.int64]) -> list[Activity]:
    found = []
    for seed in range(draws):
        traded = pd.DataFrame(volumes(100 + seed, firms=F + 1), DAYS, TICKERS)
        news = pd.DataFrame({"ticker": FIRMS, "date": DAYS[dates]})
        found.append(volume(news, panel(traded), STUDY))
    return found


def test_the_size_of_what_leads_and_of_what_does_not() -> None:
    """AR(1) with ρ = .6, skewed, one shared date with a common shock, no effect, 250 draws.

    Four standard errors of a size of 5 % are 5.5 points. Ranks summed over six days as if these
    were independent reject three to five times too often.
    """
    runs = worlds(250, np.full(F, AT))
    leads = {}
    for w in ((0, 0), (0, 5)):
        lead = valid(runs[0].abnormal, w).lead
        leads[w] = np.mean([run.test(lead, w).pvalue <= 0.05 for run in runs])
    assert max(leads.values()) < 0.105
    naive = [np.mean([r.test(t, (0, 5)).pvalue <= 0.05 for r in runs]) for t in ("rank", "ts_t")]
    assert min(naive) > 0.15


def test_forecast_errors_that_know_it() -> None:
    """Over five days |SCAR| > 1.97 in about 8 % of firms with `hac`, in over 17 % without."""
    with_lags, without = [], []
    for seed in range(60):
        traded = pd.DataFrame(volumes(500 + seed, firms=F + 1), DAYS, TICKERS)
        found = volume(events(), panel(traded), STUDY)
        with_lags += found.scar((0, 4)).abs().gt(1.97)["[0,+4]"].tolist()
        plain = remembering(found, 0)
        without += plain.scar((0, 4)).abs().gt(1.97)["[0,+4]"].tolist()
    assert np.mean(with_lags) < 0.12
    assert np.mean(without) > 0.17


# ── what is refused ──────────────────────────────────────────────────────────────────────
def test_without_volume() -> None:
    with pytest.raises(PanelError) as caught:
        volume(events(), panel(fields=None), STUDY)
    assert str(caught.value) == (
        "The panel has no volume; load it with the prices, as in "
        '`study.load(events, loader, fields=("volume",))`, or give `fields={"volume": frame}` to '
        "the panel."
    )


@pytest.mark.parametrize(("bad", "text"), [(-5.0, "-5"), (-np.inf, "-inf")])
def test_negative_volume(bad: float, text: str) -> None:
    given = panel()
    values = given.fields["volume"].copy()
    values[2, 7] = bad
    with pytest.raises(PanelError) as caught:
        volume(events(), replace(given, fields={"volume": values}), STUDY)
    assert str(caught.value) == (
        f"The volume of F2 on 2024-01-11 is {text}; a number of shares is zero or more, and "
        "missing where it is not known."
    )


@pytest.mark.parametrize(("shares", "kind"), [([1e7], "list"), (True, "bool"), ("1e7", "str")])
def test_shares_that_cannot_be_read(shares: object, kind: str) -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, shares=shares)
    assert str(caught.value) == (
        f"shares={kind} cannot be read; give a DataFrame of dates × tickers, a "
        "Series by ticker, one number, or 'market_cap'."
    )


@pytest.mark.parametrize(("shares", "text"), [(0.0, "0.0"), (-3, "-3.0"), (np.inf, "inf")])
def test_shares_that_are_not_positive(shares: float, text: str) -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, shares=shares)
    assert str(caught.value) == (
        f"The shares outstanding of F0 are {text}; give numbers above zero, NaN where "
        "they are not known."
    )


@pytest.mark.parametrize(
    "shares", [{"ZZZ": 1e7}, pd.DataFrame({"ZZZ": [1e7]}, [pd.Timestamp("2024-01-01")])]
)
def test_shares_of_nobody(shares: object) -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, shares=shares)
    assert str(caught.value) == (
        "shares= holds ZZZ, none of the panel's tickers F0, F1, F2, F3, F4 and 5 more; name its "
        "columns (or the index of a Series) as the panel does."
    )


@pytest.mark.parametrize(
    "shares", [float("nan"), pd.DataFrame({"F0": [3e7]}, pd.DatetimeIndex([DAYS[-1]]))]
)
def test_shares_that_nobody_knew(shares: object) -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, shares=shares)
    assert str(caught.value) == (
        f"shares= holds no number that was known before a session of the panel, the last of which "
        f"is {DAYS[-1]:%Y-%m-%d}; give at least one that is not missing and dated before that."
    )


def test_shares_from_what_is_not_there() -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, shares="market_cap")
    assert str(caught.value) == (
        "shares='market_cap' divides market_cap by close, and the panel has no "
        "market_cap, close; load both fields, or give the shares outstanding."
    )


def test_shares_in_thousands() -> None:
    with pytest.raises(OptionError, match="would trade") as caught:
        volume(events(), panel(), STUDY, shares=4e4)
    usual = 100 * float(np.median(frame()["F0"])) / 4e4
    assert str(caught.value) == (
        f"F0 would trade {usual:,.0f} % of its shares outstanding on a usual day; "
        "give `shares` in single shares, neither in thousands nor as a fraction, and adjusted "
        "for splits as the volume is."
    )


def test_shares_twice_or_as_text() -> None:
    twice = pd.Series([1e7, 1e7], ["F0", "F0"])
    with pytest.raises(PanelError, match="F0"):
        volume(events(), panel(), STUDY, shares=twice)
    with pytest.raises(PanelError):
        volume(events(), panel(), STUDY, shares=pd.Series({"F0": "many"}))


@pytest.mark.parametrize("among", [["ZZZ"], "ZZZ"])
def test_a_mean_over_nobody(among: Any) -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, model="market", among=among)
    assert str(caught.value) == (
        "None of ZZZ has a volume in the panel; load it for the firms of the events, or name in "
        "`among` tickers that have one."
    )


@pytest.mark.parametrize("model", [es.RawReturn(), es.MarketAdjusted()])
def test_a_model_without_a_constant(model: Any) -> None:
    name = type(model).__name__
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, model=model)
    assert str(caught.value) == (
        f"{name} has no constant, so it knows no firm's usual volume; take model='mean', 'market' "
        f"or 'others', or a model with a constant."
    )


@pytest.mark.parametrize("among", [7, [], [1], [["F0"]], [None]])
def test_among_is_a_list_of_names(among: Any) -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, model="market", among=among)
    assert str(caught.value) == (
        f"among={among!r} is no list of tickers; give their names, as in among=['IREN', 'CIFR']."
    )


def test_a_class_is_no_model() -> None:
    with pytest.raises(errors.EventStudyError, match="MarketModel"):
        volume(events(), panel(), STUDY, model=es.MarketModel)  # type: ignore[arg-type]  # as a user would


def test_options_that_are_not_known() -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, model="markt")
    assert str(caught.value) == (
        "model='markt' is not known; choose one of 'mean', 'market', 'others'. "
        "Did you mean 'market'?"
    )
    with pytest.raises(errors.EventStudyError, match="panel"):
        volume(events(), frame(), STUDY)  # type: ignore[arg-type]  # what the test is about
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), es.MarketModel())  # type: ignore[arg-type]  # what it is about
    assert "MarketModel" in str(caught.value)
    with pytest.raises(errors.NothingLeft):
        volume(events().assign(ticker="ZZZ"), panel(), STUDY)


@pytest.mark.parametrize("lags", [-1, 240, 1.5, True, "4"])
def test_lags_that_are_none(lags: Any) -> None:
    with pytest.raises(OptionError) as caught:
        volume(events(), panel(), STUDY, lags=lags)
    assert str(caught.value) == (
        f"lags={lags!r} is no last lag of 240 estimation days; give a whole number from 0 to "
        "239, or leave it out."
    )


@pytest.mark.parametrize("method", ["bhar", "single", "news_days"])
def test_what_is_about_returns(method: str) -> None:
    with pytest.raises(OptionError) as caught:
        getattr(one_date(), method)()
    assert str(caught.value) == (
        f"`{method}` is about returns, and these numbers are abnormal log volume: ask the result "
        "of `EventStudy.run` for it."
    )
