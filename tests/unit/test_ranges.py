"""Log variances from daily ranges against the formulas, and studied as returns are."""

from __future__ import annotations

import math
import re
from typing import Any

import matplotlib as mpl
import numpy as np
import oracle_volatility as loop
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.activity import Activity
from eventstudy.activity.ranges import log_ranges
from eventstudy.errors import OptionError, PanelError

mpl.use("Agg")

NAMES = ("parkinson", "garman_klass")
FIELDS = ("open", "high", "low", "close")
STUDY = es.EventStudy(estimation=(-75, -6), window=(-3, 3))
DAYS = pd.bdate_range("2024-01-01", periods=140)
ROW = 110


def bars(seed: int = 0, *, swollen: float = 1.0, firms: int = 4) -> dict[str, pd.DataFrame]:
    """Open, high, low and close of firms whose prices take 78 steps a day, and of SPY."""
    rng = np.random.default_rng(seed)
    names = [*(f"F{i}" for i in range(firms)), "SPY"]
    size = rng.lognormal(0.0, 0.3, (140, len(names)))
    size[ROW, :-1] *= swollen
    steps = rng.normal(0.0, 0.02 / 78**0.5, (140, 78, len(names))) * size[:, None]
    path = steps.cumsum(axis=1)
    level = 50.0 * np.exp(rng.normal(0.0, 0.02, (140, len(names))).cumsum(axis=0))
    path = np.concatenate([np.zeros((140, 1, len(names))), path], axis=1)
    values = {
        "open": level * np.exp(path[:, 0]),
        "high": level * np.exp(path.max(axis=1)),
        "low": level * np.exp(path.min(axis=1)),
        "close": level * np.exp(path[:, -1]),
    }
    return {name: pd.DataFrame(v, DAYS, names) for name, v in values.items()}


def panel(tables: dict[str, pd.DataFrame], **options: Any) -> es.Panel:
    return es.Panel.from_prices(pd.concat(tables, axis=1), market="SPY", **options)


def events(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"ticker": names or ["F0", "F1", "F2", "F3"], "date": DAYS[ROW]})


def study(tables: dict[str, pd.DataFrame], measure: str = "parkinson", **options: Any) -> Activity:
    found = es.activity.volatility(events(), panel(tables), STUDY, measure=measure, **options)
    assert isinstance(found, Activity)
    return found


# ── the plain loop ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("measure", NAMES)
def test_log_variances_are_those_of_the_papers(measure: str) -> None:
    tables = bars()
    found = log_ranges(panel(tables), measure)
    for column, name in enumerate(found_names(tables)):
        for t in range(0, 140, 7):
            o, h, low, c = (float(tables[field][name].iloc[t]) for field in FIELDS)
            expected = (
                loop.parkinson(h, low)
                if measure == "parkinson"
                else loop.garman_klass((o, h, low, c))
            )
            assert found.values[column, t] == pytest.approx(expected, rel=1e-12)
    assert not found.flat.any()
    assert not found.wrong.any()


def found_names(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    return panel(tables).tickers


def test_both_estimate_the_variance_of_a_walk() -> None:
    """78 steps see less than the whole range: both lie a little below the true variance."""
    rng = np.random.default_rng(3)
    steps = rng.normal(0.0, 0.02 / 780**0.5, (140, 780, 40))
    path = np.concatenate([np.zeros((140, 1, 40)), steps.cumsum(axis=1)], axis=1)
    names = [f"F{i}" for i in range(40)]
    values = {
        "open": path[:, 0],
        "high": path.max(axis=1),
        "low": path.min(axis=1),
        "close": path[:, -1],
    }
    tables = {k: pd.DataFrame(100 * np.exp(v), DAYS, names) for k, v in values.items()}
    on = es.Panel.from_prices(pd.concat(tables, axis=1))
    means = {name: np.exp(log_ranges(on, name).values).mean() / 4e-4 for name in NAMES}
    spreads = {name: np.exp(log_ranges(on, name).values).std() / 4e-4 for name in NAMES}
    assert means["parkinson"] == pytest.approx(0.94, abs=0.05)
    assert means["garman_klass"] == pytest.approx(0.93, abs=0.05)
    assert spreads["garman_klass"] < spreads["parkinson"]


@pytest.mark.parametrize("measure", NAMES)
@pytest.mark.parametrize("model", ["mean", "market"])
def test_the_study_equals_the_plain_loop(measure: str, model: str) -> None:
    tables = bars(4)
    tables["high"].iloc[60, 1] = np.nan
    found = study(tables, measure, model=model)
    values = log_ranges(panel(tables), measure).values
    firms = [found.panel.tickers.index(f"F{i}") for i in range(4)]
    mean = np.nanmean(values[firms], axis=0)
    factors = mean[:, None] if model == "market" else np.empty((140, 0))
    for i, firm in enumerate(firms):
        y, x = values[firm], np.column_stack([np.ones(140), factors])
        days = [t for t in range(ROW - 75, ROW - 5) if np.isfinite(y[t])]
        theta = np.linalg.lstsq(x[days], y[days], rcond=None)[0]
        around = slice(ROW - 3, ROW + 4)
        np.testing.assert_allclose(found.ar.iloc[i].to_numpy(), (y - x @ theta)[around], atol=1e-10)


def test_the_factor_may_be_without_the_firm_itself_or_of_some_firms() -> None:
    tables = bars(5)
    values = log_ranges(panel(tables), "parkinson").values
    others = study(tables, model="others")
    assert others.study.model.needs[0].name == "other firms"
    some = study(tables, model="market", among=["F0", "F1"])
    np.testing.assert_allclose(some.panel.factors[:, 0], values[:2].mean(axis=0), rtol=1e-12)
    own = study(tables, model=es.MeanAdjusted())
    pd.testing.assert_frame_equal(own.ar, study(tables).ar)


# ── what is said ─────────────────────────────────────────────────────────────────────────────
def test_a_swollen_range_is_found_and_said_as_a_multiple() -> None:
    plain, found = study(bars(6)), study(bars(6, swollen=3.0))
    np.testing.assert_allclose(
        found.ar[0] - plain.ar[0], np.full(4, 2.0 * math.log(3.0)), atol=1e-10
    )
    row = found.caar((0, 0)).iloc[0]
    assert row["pvalue"] < 0.05
    said = found.sentence()
    assert said.startswith(
        f"On the event day (day 0) the 4 firms had {math.exp(row['estimate']):.1f} times their "
        f"usual variance on average"
    )
    text = str(found.summary())
    assert "ln of the Parkinson range variance" in text
    assert "a jump over night is not in it" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
    assert found.plot().get_ylabel() == "CAAR, abnormal log variance"
    assert "Garman–Klass" in study(bars(6), "garman_klass").notes[0]


def test_units_and_order_do_not_matter() -> None:
    tables = bars(7)
    plain = study(tables).caar()
    tenfold = {name: 10.0 * frame for name, frame in tables.items()}
    numbers = ["estimate", "ci_low", "ci_high", "pvalue"]
    np.testing.assert_allclose(study(tenfold).caar()[numbers], plain[numbers], rtol=1e-8)
    shuffled = es.activity.volatility(
        events("F2", "F0", "F3", "F1"), panel(tables), STUDY, measure="parkinson"
    )
    np.testing.assert_allclose(shuffled.caar()[numbers], plain[numbers], rtol=1e-9)


# ── days without a range ─────────────────────────────────────────────────────────────────────
def test_flat_and_disordered_days_are_missing_and_told() -> None:
    tables = bars(8)
    for name in FIELDS:
        tables[name].iloc[50, 0] = 20.0  # no trade: one price
        tables[name].iloc[51, 0] = 20.0
    tables["low"].iloc[52, 1], tables["high"].iloc[52, 1] = 30.0, 20.0
    tables["close"].iloc[53, 2] = 1e4
    tables["low"].iloc[54, 3] = -1.0
    found = study(tables, "garman_klass")
    codes = [found.panel.tickers.index(f"F{i}") for i in range(4)]
    holes = np.argwhere(np.isnan(found.panel.returns[codes])).tolist()
    assert holes == [[0, 50], [0, 51], [1, 52], [2, 53], [3, 54]]
    notes = " ".join(found.notes)
    assert (
        "Prices: 2 days with high = low: their range has no logarithm, and are missing (F0 2)."
        in notes
    )
    assert (
        "Prices: 3 days whose open, high, low and close are not in order or not above zero, and "
        "are missing (F1 1, F2 1, F3 1)." in notes
    )
    assert found.estimates["n_obs"].tolist() == [68, 69, 69, 69]


def test_parkinson_reads_open_and_close_where_they_are_and_needs_neither() -> None:
    tables = bars(9)
    tables["close"].iloc[53, 2] = 1e4
    two = panel({name: tables[name] for name in ("high", "low")} | {"close": tables["close"]})
    assert log_ranges(two, "parkinson").wrong.sum() == 1
    prices = pd.DataFrame(50.0 + np.arange(140.0), DAYS, ["F0"])
    bare = es.Panel.from_prices(
        prices, fields={name: tables[name][["F0"]] for name in ("high", "low")}
    )
    assert np.isfinite(log_ranges(bare, "parkinson").values).all()


def test_rounded_prices_are_in_order() -> None:
    tables = bars(10)
    tables["close"].iloc[53, 2] = float(tables["high"]["F2"].iloc[53]) * (1 + 1e-12)
    assert not log_ranges(panel(tables), "garman_klass").wrong.any()


def test_days_before_a_firm_had_its_own_price_are_missing() -> None:
    since = {"F0": DAYS[60].date()}
    found = log_ranges(panel(bars(11), own_since=since), "parkinson")
    assert np.isnan(found.values[0, :60]).all()
    assert np.isfinite(found.values[0, 61:]).all()
    assert not found.flat.any()


def test_stored_panels_of_single_precision_are_read(tmp_path: Any) -> None:
    tables = bars(12)
    panel(tables).save(tmp_path / "saved", dtype="float32")
    opened = es.Panel.open(tmp_path / "saved")
    exact = log_ranges(panel(tables), "parkinson").values
    np.testing.assert_allclose(log_ranges(opened, "parkinson").values, exact, atol=2e-3)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("measure", "held", "text"),
    [
        (
            "garman_klass",
            ("high", "close"),
            (
                "measure='garman_klass' needs the fields open, high, low, close of the panel, and "
                "it has no open, low; load them with study.load(events, loader, fields=('open', "
                "'high', 'low', 'close'))."
            ),
        ),
        (
            "parkinson",
            ("open", "close"),
            (
                "measure='parkinson' needs the fields high, low of the panel, and it has no high, "
                "low; load them with study.load(events, loader, fields=('open', 'high', 'low', "
                "'close'))."
            ),
        ),
    ],
)
def test_absent_fields_are_named(measure: str, held: tuple[str, ...], text: str) -> None:
    tables = {name: frame for name, frame in bars().items() if name in held}
    with pytest.raises(PanelError, match=re.escape(text)):
        study(tables, measure)


def test_a_panel_without_any_range_is_refused() -> None:
    tables = bars()
    tables["high"], tables["low"] = tables["low"], tables["high"]
    with pytest.raises(
        PanelError,
        match=re.escape(
            "measure='parkinson' found no day of F0, F1, F2, F3 whose prices are above zero and in "
            "order (low ≤ open, close ≤ high, low < high); look at the fields of the panel."
        ),
    ):
        study(tables)
    with pytest.raises(PanelError, match="found no day of F9 whose prices"):
        study(bars(), among="F9")


def test_options_are_those_of_the_ranges() -> None:
    with pytest.raises(OptionError, match="model='garch' is not known"):
        study(bars(), model="garch")
    with pytest.raises(OptionError, match="takes no option 'log'; its options are model, among"):
        study(bars(), log=True)
    with pytest.raises(OptionError, match="lags=-1"):
        study(bars(), lags=-1)
