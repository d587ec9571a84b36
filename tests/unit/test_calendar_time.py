"""Calendar-time portfolios equal plain loops and statsmodels, keep their laws, and say no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import oracle_calendar as slow
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import stdtrit

import eventstudy as es
from eventstudy.errors import EventStudyError
from eventstudy.longrun import holding
from eventstudy.report.calendar_plot import draw_calendar

T, FIRMS = 260, 7
DAYS = pd.bdate_range("2023-01-16", periods=T)
NAMES = [f"F{k}" for k in range(FIRMS)]
FACTORS = ["Mkt-RF", "SMB", "HML"]
HOLDING, ESTIMATION = (2, 45), (-60, -6)
DAY0 = [
    (0, 70),
    (0, 95),
    (1, 70),
    (2, 3),
    (2, 200),
    (3, 120),
    (4, 150),
    (4, 150),
    (5, 240),
    (6, 130),
]


@cache
def arrays() -> tuple[Any, Any, Any]:
    """Returns (firms, T) with holes and a firm that leaves, factors (T, 3), the rate (T,)."""
    rng = np.random.default_rng(5)
    factors = rng.normal(0.0003, 0.01, (T, 3))
    rate = rng.uniform(0.0, 0.0002, T)
    beta = rng.uniform(0.2, 1.4, (FIRMS, 3))
    returns = beta @ factors.T + rate + rng.normal(0.0004, 0.02, (FIRMS, T))
    returns[0, [100, 101, 130]] = np.nan
    returns[1, 88:] = np.nan
    returns[3, 125:128] = np.nan
    returns[6, 150] = np.nan
    return returns, factors, rate


@cache
def panel(**fields: str) -> es.Panel:
    returns, factors, rate = arrays()
    frame = pd.DataFrame(returns.T, DAYS, NAMES).assign(SPY=factors[:, 0] + rate)
    caps = pd.DataFrame(sizes().T, DAYS, NAMES)
    table = pd.DataFrame(factors, DAYS, FACTORS).assign(RF=rate)
    return es.Panel.from_returns(frame, market="SPY", factors=table, fields={"market_cap": caps})


@cache
def sizes() -> Any:
    size = np.random.default_rng(6).uniform(1.0, 9.0, (FIRMS, T))
    size[2, 207:211] = np.nan
    size[3, 129] = 0.0
    return size


def events() -> pd.DataFrame:
    table = pd.DataFrame(DAY0, columns=["firm", "row"])
    return pd.DataFrame(
        {
            "ticker": [NAMES[k] for k in table["firm"]],
            "date": DAYS[table["row"]],
            "usd": np.arange(1.0, len(table) + 1),
        }
    )


def setup(**options: Any) -> es.CalendarTime:
    return es.CalendarTime(**{"holding": HOLDING, "model": es.FamaFrench3(), **options})


def run(table: pd.DataFrame | None = None, **options: Any) -> es.CalendarPortfolio:
    return setup(**options).run(events() if table is None else table, panel())


def world(weight: str = "equal") -> slow.World:
    weights = {"usd": list(np.arange(1.0, len(DAY0) + 1))}.get(weight)
    return slow.World(arrays()[0], DAY0, HOLDING, weights, sizes() if weight == "value" else None)


def months() -> list[list[int]]:
    keys = [(day.year, day.month) for day in DAYS]
    return [[c for c in range(T) if keys[c] == key] for key in dict.fromkeys(keys)]


def slow_series(frequency: str, weight: str, least: int) -> tuple[Any, Any, Any, list[int]]:
    """Excess return, regressors, members and number of the periods that are used."""
    _, factors, rate = arrays()
    periods = months() if frequency == "monthly" else [[c] for c in range(T)]
    rows = (
        slow.monthly(world(weight), periods)
        if frequency == "monthly"
        else slow.daily(world(weight))
    )
    used = [k for k, row in enumerate(rows) if row[1] >= least]
    y = [rows[k][0] - slow.compounded(rate, periods[k]) for k in used]
    x = [[1.0, *(slow.compounded(factors[:, j], periods[k]) for j in range(3))] for k in used]
    return np.array(y), np.array(x), [rows[k][1] for k in used], used


# ── the portfolio ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("weight", ["equal", "value", "usd"])
@pytest.mark.parametrize("frequency", ["daily", "monthly"])
def test_the_portfolio_is_that_of_the_plain_loop(
    frequency: str, weight: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "TOGETHER", 3)
    found = run(frequency=frequency, weight=weight, timing=es.Timing(duplicates="keep"))
    w = world(weight)
    rows = slow.monthly(w, months()) if frequency == "monthly" else slow.daily(w)
    last = [days[-1] for days in months()] if frequency == "monthly" else range(T)
    whole = found.portfolio.reindex(DAYS[list(last)])
    np.testing.assert_allclose(whole["ret"], [row[0] for row in rows], rtol=0, atol=1e-14)
    assert whole["n"].fillna(0).tolist() == [row[1] for row in rows]
    assert whole["missing"].fillna(0).tolist() == [row[2] for row in rows]
    assert found.portfolio["missing"].sum() > 0


@pytest.mark.parametrize("se", ["OLS", "HC0", "HC1", "HC2", "HC3", "HAC"])
@pytest.mark.parametrize(
    ("frequency", "weight", "least", "wls"),
    [("daily", "equal", 1, False), ("daily", "value", 2, True), ("monthly", "usd", 1, True)],
)
def test_alpha_is_that_of_the_plain_loop(
    frequency: str, weight: str, least: int, wls: bool, se: str
) -> None:
    found = run(frequency=frequency, weight=weight, min_firms=least, se=se)
    y, x, members, _ = slow_series(frequency, weight, least)
    weights = [float(n) for n in members] if wls else None
    coef, errors = slow.regress(x, y, se, weights=weights)
    made = found.regress(wls=wls)
    np.testing.assert_allclose(made.table["estimate"], coef, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(made.table["se"], errors, rtol=1e-10, atol=1e-13)
    assert made.df == len(y) - 4


@pytest.mark.parametrize("gaps", ["closed", "open"])
@pytest.mark.parametrize("lags", [0, 3, 11])
def test_newey_west_counts_lags_as_it_is_told(gaps: str, lags: int) -> None:
    found = run(min_firms=3)
    y, x, _, used = slow_series("daily", "equal", 3)
    assert np.diff(used).max() > 1
    options = {"lags": lags, "period": used if gaps == "open" else None, "factor": True}
    _, errors = slow.regress(x, y, "HAC", **options)  # type: ignore[arg-type]  # a mapping of all
    made = found.regress("HAC", lags=lags, gaps=gaps, small_sample=True)
    np.testing.assert_allclose(made.table["se"], errors, rtol=1e-10)


@pytest.mark.parametrize("wls", [False, True])
@pytest.mark.parametrize("se", ["OLS", "HC0", "HC1", "HC2", "HC3", "HAC"])
def test_alpha_is_that_of_statsmodels(se: str, wls: bool) -> None:
    y, x, members, _ = slow_series("daily", "equal", 2)
    made = run(min_firms=2).regress(se, wls=wls)
    model = sm.WLS(y, x, weights=np.array(members, dtype=float) if wls else np.ones(len(y)))
    options: dict[str, Any] = {"cov_type": se, "use_t": True} if se != "OLS" else {}
    if se == "HAC":
        options["cov_kwds"] = {"maxlags": int(4 * (len(y) / 100) ** (2 / 9))}
    fit = model.fit(**options)
    for column, theirs in (
        ("estimate", fit.params),
        ("se", fit.bse),
        ("statistic", fit.tvalues),
        ("pvalue", fit.pvalues),
        ("ci_low", fit.conf_int()[:, 0]),
        ("ci_high", fit.conf_int()[:, 1]),
    ):
        np.testing.assert_allclose(made.table[column], theirs, rtol=1e-10, atol=1e-12)
    assert made.r2 == pytest.approx(fit.rsquared, abs=1e-10)


# ── standardised ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("model", "columns"),
    [(es.FamaFrench3(), [0, 1, 2]), (es.MeanAdjusted(), []), (es.MarketModel(), [-1])],
)
@pytest.mark.parametrize("weight", ["equal", "value", "usd"])
def test_standardised_returns_are_those_of_the_plain_loop(
    weight: str, model: Any, columns: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "TOGETHER", 3)
    timing = es.Timing(duplicates="keep")
    found = run(weight=weight, model=model, timing=timing)
    _, factors, rate = arrays()
    series = np.column_stack([factors, factors[:, 0] + rate])
    x = np.column_stack([np.ones(T), series[:, columns]])
    need = max(x.shape[1] + 5, 55 // 2)
    rates: list[float] = (rate if len(columns) == 3 else np.zeros(T)).tolist()
    rows = slow.standardised(world(weight), x, rates, ESTIMATION, need)
    table = found.ctar(ESTIMATION).reindex(DAYS)
    np.testing.assert_allclose(table["ctar"], [row[0] for row in rows], rtol=0, atol=1e-13)
    ratio = np.array([row[0] / row[1] for row in rows])
    np.testing.assert_allclose(table["standardised"], ratio, rtol=1e-10)
    z = ratio[np.isfinite(ratio)]
    told = found.standardised(ESTIMATION)
    assert told.estimate == pytest.approx(z.mean(), rel=1e-9)
    assert told.statistic == pytest.approx(z.mean() / (z.std(ddof=1) / np.sqrt(len(z))), rel=1e-9)
    assert told.df == len(z) - 1
    assert told.note.endswith("1 of 10 events without an estimate")


def test_what_is_missing_on_day_0_costs_no_estimate() -> None:
    whole = panel()
    factors, returns = whole.factors.copy(), whole.returns.copy()
    factors[150, 1] = returns[4, 150] = np.nan
    table = events().iloc[[5, 6]]
    usual = setup().run(table, whole).ctar(ESTIMATION)
    for changed in (replace(whole, factors=factors), replace(whole, returns=returns)):
        other = setup().run(table, changed).ctar(ESTIMATION)
        assert other.attrs["without"] == 0
        later = other.index[other.index > DAYS[151]]
        np.testing.assert_allclose(other["ctar"][later], usual["ctar"][later], atol=1e-15)
    blank = setup().run(table, replace(whole, factors=factors)).ctar(ESTIMATION)
    fewer = usual.loc[DAYS[152] :, "days"] - blank.loc[DAYS[152] :, "days"]
    assert set(fewer[: DAYS[155]]) == {0}
    assert set(fewer[DAYS[156] :]) == {1}


def test_sessions_with_few_members_are_not_standardised() -> None:
    assert run(min_firms=2).ctar(ESTIMATION)["n"].min() == 2


def test_as_many_days_as_are_needed_are_enough() -> None:
    found = run(events().iloc[[6]].assign(date=DAYS[[32]]), holding=(0, 45)).ctar(ESTIMATION)
    assert (found.index[0], found["days"].iloc[0]) == (DAYS[32], 27)
    assert np.isfinite(found["sd"].iloc[0])


def test_one_session_is_no_test() -> None:
    table = pd.DataFrame({"ticker": ["F4", "F6"], "date": DAYS[[20, 150]]})
    found = run(table, holding=(1, 1), model=es.MeanAdjusted())
    told = found.standardised(ESTIMATION)
    assert np.isnan([told.se, told.statistic, told.pvalue]).all()
    assert told.note == (
        "one session only: it compares sessions; 1 of 2 events without an estimate"
    )


# ── laws ─────────────────────────────────────────────────────────────────────────────────
def same(one: es.CalendarPortfolio, two: es.CalendarPortfolio) -> None:
    pd.testing.assert_frame_equal(one.portfolio, two.portfolio, rtol=0, atol=1e-12)
    pd.testing.assert_frame_equal(one.table, two.table, rtol=1e-9)


def test_the_order_of_events_changes_nothing() -> None:
    table = events().assign(event_id=[f"e{k}" for k in range(len(DAY0))])
    mixed = table.sample(frac=1, random_state=3)
    same(run(table), run(mixed))
    assert run(mixed).events.index.tolist() == [
        name for name in mixed["event_id"] if name in set(run(mixed).events.index)
    ]


def test_a_firm_counts_once() -> None:
    more = pd.DataFrame({"ticker": "F3", "date": DAYS[[130, 140, 150]], "usd": 5.0})
    whole = run(pd.concat([events(), more], ignore_index=True), holding=(2, 45))
    alone = run(
        pd.concat(
            [events()[events()["ticker"] != "F3"], more.assign(date=DAYS[[120, 140, 150]])],
            ignore_index=True,
        ),
        holding=(2, 45),
    )
    assert whole.portfolio["n"].max() <= FIRMS
    inside = slice(DAYS[122], DAYS[195])
    np.testing.assert_allclose(
        whole.portfolio["ret"][inside], alone.portfolio["ret"][inside], atol=1e-14
    )
    kept = run(timing=es.Timing(duplicates="keep"))
    same(kept, run())
    assert (len(kept.events), len(run().events)) == (10, 9)


def test_an_event_that_is_dropped_changes_nothing() -> None:
    rest = events()[events()["ticker"] != "F1"]
    gone = pd.DataFrame({"ticker": ["F1"], "date": DAYS[[150]], "usd": 1.0})
    found = run(pd.concat([gone, rest], ignore_index=True), holding=(2, 200))
    assert "no_event_data" in set(found.dropped["reason"])
    same(found, run(rest, holding=(2, 200)))


def test_the_unit_of_weights_is_free() -> None:
    twice = events().assign(usd=events()["usd"] * 2e6)
    same(run(weight="usd"), run(twice, weight="usd"))
    same(run(events().assign(usd=3), weight="usd"), run())


@pytest.mark.parametrize(("dtype", "near"), [("float64", 1e-14), ("float32", 1e-8)])
def test_a_stored_panel_gives_the_same(tmp_path: Path, dtype: str, near: float) -> None:
    panel().save(tmp_path / "panel", dtype=dtype)
    stored = setup(weight="value").run(events(), es.Panel.open(tmp_path / "panel"))
    usual = run(weight="value")
    np.testing.assert_allclose(stored.portfolio["ret"], usual.portfolio["ret"], rtol=0, atol=near)
    ours, theirs = stored.ctar(ESTIMATION)["sd"], usual.ctar(ESTIMATION)["sd"]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=near)


def test_the_inputs_stay_as_they_are() -> None:
    table = events()
    run(table)
    pd.testing.assert_frame_equal(table, events())


def test_a_planted_alpha_is_found_and_none_is_not() -> None:
    """Forty firms, clustered events: α planted for the months after; 5 % of empty draws reject."""
    rng, names = np.random.default_rng(0), [f"N{k}" for k in range(40)]
    days = pd.bdate_range("2022-01-03", periods=500)
    rejected, estimates = np.zeros(2), []
    for draw in range(200):
        market = rng.normal(0.0, 0.01, 500)
        common = rng.normal(0.0, 0.01, 500)
        returns = market[:, None] + common[:, None] + rng.normal(0.0, 0.02, (500, 40))
        start = rng.choice([100, 140, 200, 260, 310], 40)
        if draw < 20:
            for k in range(40):
                returns[start[k] + 1 : start[k] + 121, k] += 0.002
        frame = pd.DataFrame(returns, days, names).assign(SPY=market)
        data = es.Panel.from_returns(frame, market="SPY")
        table = pd.DataFrame({"ticker": names, "date": days[start]})
        found = es.CalendarTime(holding=(1, 120), model=es.MarketModel()).run(table, data)
        if draw < 20:
            estimates.append(found.alpha.estimate)
        else:
            told = found.standardised((-80, -1))
            rejected += [found.alpha.pvalue < 0.05, told.pvalue < 0.05]
    assert np.mean(estimates) == pytest.approx(0.002, abs=4 * np.std(estimates) / np.sqrt(20))
    assert ((rejected >= 1) & (rejected <= 21)).all()  # of 180: 9 expected, four standard errors


# ── models ───────────────────────────────────────────────────────────────────────────────
def test_models_that_estimate_nothing_test_a_mean() -> None:
    ret = run().portfolio["ret"]
    market = pd.Series(panel().series("SPY"), DAYS).reindex(ret.index)
    for model, y in (
        (es.RawReturn(), ret),
        (es.MeanAdjusted(), ret),
        (es.MarketAdjusted(), ret - market),
    ):
        found = run(model=model, se="OLS")
        values = y.dropna()
        assert found.alpha.estimate == pytest.approx(values.mean(), abs=1e-15)
        assert found.alpha.se == pytest.approx(values.std() / np.sqrt(len(values)), rel=1e-12)
        assert found.table.index.tolist() == ["alpha"]
        assert "Exposures" not in found.summary()


@pytest.mark.parametrize(
    "model",
    [es.MarketModel(), es.CAPM(), es.FamaFrench3(), es.FactorModel(("SPY", "HML"), excess=True)],
)
def test_linear_models_have_an_alpha(model: Any) -> None:
    found = run(model=model)
    used = found.portfolio[found.portfolio["used"]]
    assert found.alpha.df == len(used) - len(found.table)
    assert used["abnormal"].mean() == pytest.approx(found.alpha.estimate, abs=1e-15)
    assert found.alpha.name == "alpha"
    assert found.alpha.window == "[+2,+45]"
    assert (found.alpha.n, found.alpha.n_dates) == (9, 8)


def test_the_default_is_five_factors_for_a_year() -> None:
    usual = es.CalendarTime()
    assert (usual.window.label, usual.model, usual.se) == ("[+1,+250]", es.FamaFrench5(), "HC1")


# ── what is told ─────────────────────────────────────────────────────────────────────────
def test_what_is_cut_off_stands_in_the_ledger() -> None:
    ledger = run().ledger.reset_index(drop=True)
    rows = ledger[["ticker", "rule", "held", "asked"]].to_numpy().tolist()
    assert rows == [
        ["F1", "prices_end", 16, 44],
        ["F5", "data_end", 18, 44],
    ]
    assert ledger["session"].tolist() == [DAYS[87], DAYS[-1]]
    early = run(holding=(-10, 45)).ledger
    assert early.loc[early["rule"] == "data_begin", ["ticker", "held"]].to_numpy().tolist() == [
        ["F2", 49]
    ]


def test_the_ledger_keeps_the_order_of_the_events() -> None:
    table = pd.DataFrame({"ticker": ["F6", "F5", "F4"], "date": DAYS[[257, 240, 230]]})
    ledger = run(table).ledger
    assert ledger[["ticker", "rule", "held"]].to_numpy().tolist() == [
        ["F6", "data_end", 1],
        ["F5", "data_end", 18],
        ["F4", "data_end", 28],
    ]


def test_a_holding_that_touches_the_first_session_is_whole() -> None:
    assert "data_begin" not in set(run(holding=(-3, 45)).ledger["rule"])
    more = pd.DataFrame({"ticker": ["F5", "F6"], "date": DAYS[[20, 130]], "usd": 1.0})
    found = run(more, holding=(-60, -20), model=es.RawReturn())
    assert found.ledger[["ticker", "rule", "held"]].to_numpy().tolist() == [["F5", "data_begin", 1]]


def test_the_first_session_has_no_market_capitalisation_before() -> None:
    table = pd.DataFrame({"ticker": ["F2", "F6"], "date": DAYS[[3, 100]]})
    found = run(table, holding=(-3, 45), weight="value").portfolio
    assert found.loc[DAYS[0], ["n", "missing"]].to_numpy().tolist() == [0, 1]
    assert found.loc[DAYS[1], ["n", "missing"]].to_numpy().tolist() == [1, 0]


def test_what_is_dropped_has_a_reason() -> None:
    more = pd.DataFrame(
        {
            "ticker": ["XX", "F1", "F1", "F2", "F2"],
            "date": [DAYS[9], DAYS[100], DAYS[-1], "2030-01-01", DAYS[-2]],
        }
    )
    dropped = run(pd.concat([events(), more], ignore_index=True)).dropped
    assert dropped[["ticker", "reason", "detail"]].to_numpy().tolist() == [
        ["F4", "duplicate", "same ticker and day 0 as F4|2023-08-14|1"],
        ["XX", "unknown_ticker", "no prices for XX"],
        ["F1", "no_event_data", "no return on any day of [+2,+45]"],
        ["F1", "after_data", "the data end on 2024-01-12, before [+2,+45] begins"],
        ["F2", "after_data", "the data end on 2024-01-12, before 2030-01-01"],
        ["F2", "after_data", "the data end on 2024-01-12, before [+2,+45] begins"],
    ]
    before = run(holding=(-90, -20)).dropped
    assert "the data begin on 2023-01-16, after [-90,-20] ends" in set(before["detail"])


def test_a_missing_factor_leaves_its_sessions_out() -> None:
    whole = panel()
    factors = whole.factors.copy()
    factors[102:112, 1] = np.nan
    found = setup().run(events(), replace(whole, factors=factors))
    lost = found.portfolio.loc[DAYS[102] : DAYS[111]]
    assert not lost["used"].any()
    assert lost["ret"].notna().all()
    told = "10 sessions on which a factor or the risk-free rate is missing are left out."
    assert told in found.notes
    assert whole.risk_free is not None
    rate = whole.risk_free.copy()
    rate[102:112] = np.nan
    other = setup().run(events(), replace(whole, risk_free=rate))
    assert told in other.notes
    pd.testing.assert_frame_equal(found.table, other.table)


def test_own_prices_only() -> None:
    frame = whole_frame()
    masked = es.Panel.from_returns(frame, market="SPY", own_since={"F2": str(DAYS[220].date())})
    found = es.CalendarTime(holding=HOLDING, model=es.MarketModel()).run(events(), masked)
    reasons = found.dropped.set_index("ticker")["reason"]
    assert reasons["F2"].tolist() == ["not_own_price", "not_own_price"]


def whole_frame() -> pd.DataFrame:
    returns, factors, rate = arrays()
    return pd.DataFrame(returns.T, DAYS, NAMES).assign(SPY=factors[:, 0] + rate)


# ── words and pictures ───────────────────────────────────────────────────────────────────
def test_the_summary_says_what_the_alpha_is() -> None:
    found = run(min_firms=2, weight="usd")
    text = " ".join(found.summary().split())
    assert all(len(line) <= 80 for line in found.summary().splitlines())
    assert "9 events of 7 firms on 8 dates, 1 dropped" in text
    assert "weights from `usd`" in text
    assert "Held over [+2,+45], the firms earned" in text
    assert "beyond what the market, size and value explain" in text
    yearly = 100 * ((1 + found.alpha.estimate) ** 252 - 1)
    assert f"{yearly:+.1f} % compounded over a year" in text
    assert found.sentence() in text
    assert len(found) == 9
    assert "Newey–West" in text
    assert "Exposures (R²" in text
    for note in found.notes:
        assert f"Note: {note}" in text
    assert str(found) == found.summary()
    assert found._repr_html_().count("<table") == 3


def test_a_month_is_a_twelfth_of_a_year() -> None:
    found = run(frequency="monthly", model=es.MarketModel())
    yearly = 100 * ((1 + found.alpha.estimate) ** 12 - 1)
    assert f"{yearly:+.1f} % compounded over a year" in " ".join(found.summary().split())


def test_the_notes_count() -> None:
    found = run(min_firms=2)
    notes = found.notes
    assert notes[0] == "1 event dropped (`dropped`): 1 duplicate."
    assert notes[1] == (
        "Held for fewer than 44 sessions (`ledger`): 1 because their prices end, 1 because the "
        "data end."
    )
    assert notes[2] == (
        "7 returns of members are missing, or without a weight, and left the mean of their session."
    )
    thin = int((found.portfolio["n"] == 1).sum())
    assert (found.portfolio["n"] == 0).any()
    assert notes[3] == f"{thin} sessions with fewer than 2 members are left out."
    assert notes[4].startswith("With 2.")
    assert notes[4].endswith("min_firms=10 leaves out the sessions with fewer than 10.")
    assert notes[5].startswith(
        "A mean is not what a holder earns: what the factors leave over varies by 1."
    )
    drag = found.portfolio.loc[found.portfolio["used"], "abnormal"].var() / 2
    assert f"compounding takes about {100 * drag:.3f} % a session off the alpha." in notes[5]
    assert notes[6].endswith("Only over many separate dates does the second average out.")
    early = run(holding=(0, 45)).notes
    assert "Firms are held before the market could know their news: nobody earned this alpha." in (
        early
    )
    few = run(events().iloc[[0, 2]]).notes[-1]
    assert few.endswith("Events on 1 date cannot tell the two apart.")


def test_what_does_not_happen_is_not_told() -> None:
    rng, names = np.random.default_rng(1), [f"N{k}" for k in range(12)]
    frame = pd.DataFrame(rng.normal(0.0, 0.001, (T, 12)), DAYS, names)
    table = pd.DataFrame({"ticker": names, "date": DAYS[100]})
    found = es.CalendarTime(holding=(1, 60), model=es.RawReturn()).run(
        table, es.Panel.from_returns(frame)
    )
    assert len(found.notes) == 1
    assert found.notes[0].startswith("Alpha is all that the factors leave over")


def test_significance_is_said_either_way() -> None:
    assert "Chance alone could have made it." in run().summary()
    lifted = whole_frame()
    lifted[NAMES] += 0.02
    data = es.Panel.from_returns(lifted, market="SPY")
    found = es.CalendarTime(holding=HOLDING, model=es.MarketModel(), se="HAC").run(events(), data)
    text = " ".join(found.summary().split())
    assert "Chance alone makes so much in fewer than 5 of 100 such portfolios." in text


def test_two_wild_sessions_can_be_read() -> None:
    wild = whole_frame()
    wild.loc[DAYS[[71, 72]], "F0"] = [30.0, -0.9]
    data = es.Panel.from_returns(wild, market="SPY")
    found = setup(holding=(1, 2), model=es.RawReturn()).run(events().iloc[[0]], data)
    text = " ".join(found.summary().split())
    assert "HC1; t with 1 degree of freedom" in text
    assert "(95 % interval -100.0 % to +inf %)" in text


def test_a_portfolio_without_variance_has_no_error() -> None:
    flat = whole_frame()
    flat[NAMES] = 0.001
    data = es.Panel.from_returns(flat, market="SPY")
    found = es.CalendarTime(holding=HOLDING, model=es.RawReturn()).run(events(), data)
    assert np.isnan(found.alpha.pvalue)
    assert found.alpha.note == "the standard error is zero"
    assert "it has no standard error (the standard error is zero)." in " ".join(
        found.summary().split()
    )


def test_a_factor_of_one_session_has_no_leverage_left() -> None:
    data = panel()
    dummy = np.zeros(T)
    dummy[120] = 1.0
    factors = np.column_stack([data.factors, dummy])
    more = replace(data, factors=factors, factor_names=(*data.factor_names, "day"))
    found = setup(model=es.FactorModel(("SPY", "day")), se="HC3").run(events(), more)
    assert found.table["se"].isna().all()
    assert found.alpha.note == ("a period has a factor to itself, so that HC2 and HC3 do not exist")
    assert found.regress("OLS").table["se"].notna().all()


def test_a_factor_that_is_zero_is_refused() -> None:
    data = panel()
    more = replace(data, factors=data.factors * [1.0, 1.0, 0.0])
    with pytest.raises(EventStudyError, match="The factors of FamaFrench3 are collinear"):
        setup().run(events(), more)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(EventStudyError, match="`path` is empty"):
        draw_calendar(pd.DataFrame(columns=["cumulated", "low", "high", "n"]))


def test_the_picture() -> None:
    import matplotlib.pyplot as plt

    found = run(min_firms=2)
    ax = found.plot()
    below = ax.figure.axes[1]
    drawn = np.asarray(ax.lines[-1].get_ydata(), dtype=float)
    used = found.portfolio[found.portfolio["used"]]
    np.testing.assert_allclose(drawn, used["abnormal"].cumsum())
    band = np.asarray(ax.collections[0].get_paths()[0].vertices, dtype=float)[:, 1]
    left = used["abnormal"] - found.alpha.estimate
    least = stdtrit(found.alpha.df, 0.975) * np.sqrt((left**2).sum() / found.alpha.df)
    assert band.max() == pytest.approx(least * np.sqrt(len(used)), rel=1e-9)
    assert np.abs(band[np.abs(band) > 0]).min() == pytest.approx(least, rel=1e-9)
    assert below.get_ylabel() == "members"
    assert ax.get_title(loc="left").startswith("Alpha ")
    assert found.plot(title="Deals, $1 billion").get_title(loc="left") == r"Deals, \$1 billion"
    plt.close("all")


# ── refusals ─────────────────────────────────────────────────────────────────────────────
def one_session() -> es.CalendarPortfolio:
    return run(events().iloc[[6]], holding=(1, 3), model=es.MeanAdjusted())


def foreign_factors() -> es.Panel:
    return replace(panel(), factors=np.full_like(panel().factors, np.nan))


def logs() -> es.Panel:
    return es.Panel.from_returns(whole_frame(), market="SPY", kind="log")


SENTENCES: dict[str, tuple[Callable[[], object], str]] = {
    "log panel": (
        lambda: setup().run(events(), logs()),
        (
            "A calendar-time portfolio compounds and averages simple returns, and those of the "
            "panel are logarithms; make the panel with kind='simple'."
        ),
    ),
    "not linear": (
        lambda: setup(model=es.GarchMarketModel()),
        (
            "GarchMarketModel is not a linear regression on series that all firms share, which "
            "the alpha of a portfolio is taken from; use MarketModel, FactorModel or a model of"
            " French's factors."
        ),
    ),
    "factors of each firm": (
        lambda: setup(model=es.FactorModel((es.factors.peers(NAMES),))),
        (
            "FactorModel is not a linear regression on series that all firms share, which the "
            "alpha of a portfolio is taken from; use MarketModel, FactorModel or a model of "
            "French's factors."
        ),
    ),
    "no alpha": (
        lambda: setup(model=es.CAPM(alpha=False)),
        (
            "CAPM was told to have no alpha, which is what a calendar-time portfolio is for; "
            "use alpha=True."
        ),
    ),
    "a class": (
        lambda: setup(model=es.CAPM),
        "model=CAPM is a class; give an instance: model=CAPM().",
    ),
    "not a model": (
        lambda: setup(model="CAPM"),
        (
            "model='CAPM' is not a model; give an object with `needs` and `fit(block)`, such as"
            " es.MarketModel()."
        ),
    ),
    "collinear": (
        lambda: run(model=es.FactorModel(("SPY", "market"))),
        (
            "The factors of FactorModel are collinear over the 224 periods of the portfolio; "
            "leave one of them out, or choose another model."
        ),
    ),
    "one number": (
        lambda: setup(holding=np.int64(60)),
        (
            "holding=60 is one session, the one that many after day 0; give the first and the "
            "last session held, such as holding=(1, 250)."
        ),
    ),
    "min_firms": (
        lambda: setup(min_firms=0),
        "min_firms=0 is not a number of firms; give 1 or more.",
    ),
    "no caps": (
        lambda: es.CalendarTime(model=es.MarketModel(), weight="value").run(
            events(), es.Panel.from_returns(whole_frame(), market="SPY")
        ),
        (
            "weight='value' needs the market capitalisation of each firm and session, and the "
            'panel has none; give it as fields={"market_cap": table}.'
        ),
    ),
    "no such weight": (
        lambda: run(weight="usdd"),
        (
            "weight='usdd' is neither 'equal' nor 'value' nor a column of the events, which "
            "have ticker, date, session, scheduled, usd. Did you mean 'usd'?"
        ),
    ),
    "weight of no type": (
        lambda: run(weight=None),
        (
            "A weight of type NoneType is neither 'equal' nor 'value' nor a column of the events, "
            "which have ticker, date, session, scheduled, usd."
        ),
    ),
    "weights themselves": (
        lambda: run(weight=events()["usd"]),
        (
            "A weight of type Series is neither 'equal' nor 'value' nor a column of the events, "
            "which have ticker, date, session, scheduled, usd."
        ),
    ),
    "weight not positive": (
        lambda: run(events().assign(usd=[1.0, -2.0, np.nan, 1, 1, 1, 1, 1, 1, 1]), weight="usd"),
        (
            "The weight 'usd' of event 'F0|2023-05-29|1' is -2.0 (and 1 more); a weight is a "
            "number greater than 0: give one, or leave the event out."
        ),
    ),
    "weight is text": (
        lambda: run(weight="ticker"),
        (
            "The weight 'ticker' of event 'F0|2023-04-24|1' is 'F0' (and 8 more); a weight is a"
            " number greater than 0: give one, or leave the event out."
        ),
    ),
    "never so many members": (
        lambda: run(min_firms=10),
        (
            "No session has the 10 members that `min_firms` asks for: the most are 3, on "
            "2023-07-19; lower `min_firms`."
        ),
    ),
    "factors elsewhere": (
        lambda: setup().run(events(), foreign_factors()),
        (
            "The portfolio has a return in 224 sessions and in none of them do all series that "
            "FamaFrench3 reads have a value; give factors that cover the events."
        ),
    ),
    "too short": (
        lambda: run(events().iloc[[6]], holding=(1, 4)),
        (
            "The portfolio has a return in 4 sessions and FamaFrench3 has 4 parameters; 5 "
            "sessions or more are needed: hold longer, lower `min_firms`, or give more events."
        ),
    ),
    "one session": (
        lambda: run(events().iloc[[6]], holding=(1, 1), model=es.RawReturn()),
        (
            "The portfolio has a return in 1 session and RawReturn has 1 parameter; 2 sessions "
            "or more are needed: hold longer, lower `min_firms`, or give more events."
        ),
    ),
    "lags": (
        lambda: one_session().regress("HAC", lags=3),
        "lags=3 is not a number of lags for 3 periods; give a whole number from 0 to 2.",
    ),
    "lags of others": (
        lambda: run().regress("HC1", lags=3),
        (
            "`lags` belongs to Newey and West's standard errors, not to se='HC1'; leave it out "
            "or use se='HAC'."
        ),
    ),
    "errors": (
        lambda: setup(se="HC9"),
        (
            "se='HC9' is not known; choose one of 'OLS', 'HC0', 'HC1', 'HC2', 'HC3', 'HAC'. Did"
            " you mean 'HC3'?"
        ),
    ),
    "frequency": (
        lambda: setup(frequency="month"),
        "frequency='month' is not known; choose one of 'daily', 'monthly'. Did you mean 'monthly'?",
    ),
    "reversed": (
        lambda: setup(holding=(250, 1)),
        "The window (250, 1) ends before it begins; give (1, 250).",
    ),
    "timing": (
        lambda: setup(timing="drop"),
        "timing='drop' is not a Timing; give an instance such as es.Timing(duplicates='keep').",
    ),
    "no events": (
        lambda: run(events().iloc[:0]),
        "The events table has no rows; give at least one event.",
    ),
    "nobody left": (
        lambda: run(events().assign(ticker="XX")),
        "Every event was dropped: 10 × unknown_ticker. The first: XX 2023-04-24, no prices for XX.",
    ),
    "no panel": (
        lambda: setup().run(events(), whole_frame()),  # type: ignore[arg-type]  # what is refused
        "panel is a DataFrame; make one with es.Panel.from_prices(prices, market=...).",
    ),
    "no rate": (
        lambda: setup(model=es.CAPM()).run(
            events(), es.Panel.from_returns(whole_frame(), market="SPY")
        ),
        (
            "CAPM explains returns in excess of the risk-free rate, and the panel has none; "
            "give `risk_free=` to the Panel."
        ),
    ),
    "no factor": (
        lambda: run(model=es.Carhart4()),
        (
            "'Mom' is neither a factor (Mkt-RF, SMB, HML) nor a ticker (F0, F1, F2, F3, F4 and "
            "3 more) of the panel; add it by `factors=` or to the prices."
        ),
    ),
    "standardised by month": (
        lambda: run(frequency="monthly").standardised(),
        (
            "Standardised abnormal returns are made session by session, and this portfolio has "
            "one return a month; use frequency='daily'."
        ),
    ),
    "no past": (
        lambda: run(events().iloc[:3]).standardised(),
        (
            "None of 66 sessions has members with 120 days of returns over [-250,-11] before "
            "it, so none can be standardised; shorten `estimation`, or give prices that begin "
            "earlier."
        ),
    ),
    "estimation on day 0": (
        lambda: run().standardised((-60, 0)),
        (
            "estimation=[-60,0] does not end before the event and before what is held; end it at "
            "-1 or earlier."
        ),
    ),
    "estimation inside": (
        lambda: run(holding=(-20, 40)).standardised((-60, -11)),
        (
            "estimation=[-60,-11] does not end before the event and before what is held; end it"
            " at -21 or earlier."
        ),
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_refusal(name: str) -> None:
    call, sentence = SENTENCES[name]
    with pytest.raises(EventStudyError) as caught:
        call()
    assert str(caught.value) == sentence
