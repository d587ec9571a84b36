"""Before the event: the thresholds are those that the event is then held against."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import eventstudy as es
from eventstudy.calibration.moves import _against
from eventstudy.report import draw_thresholds

S, T = 6, 320
DAYS = pd.bdate_range("2024-01-02", periods=T)
NAMES = [f"F{i}" for i in range(S)]
LAST = 299
STUDY = es.EventStudy(estimation=(-120, -11), window=(-2, 3))


def returns(seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, T)
    common = rng.standard_t(5, T) * 0.01
    own = rng.standard_t(4, (T, S)) * rng.uniform(0.01, 0.03, S)
    frame = pd.DataFrame(market[:, None] + common[:, None] + own, DAYS, NAMES)
    return frame.assign(SPY=market)


def panel(until: int = LAST + 1) -> es.Panel:
    return es.Panel.from_returns(returns().iloc[:until], market="SPY")


def tonight(session: str = "after_close", **columns: Any) -> pd.DataFrame:
    return es.events_on(DAYS[LAST], NAMES, session=session, **columns)


def earlier(*rows: int, **columns: Any) -> pd.DataFrame:
    parts = [es.events_on(DAYS[row], NAMES, **columns) for row in rows]
    return pd.concat(parts)


def at_mean(ahead: es.EventStudy = STUDY) -> es.Result:
    """The same study after the event, on a day on which the market returned its mean."""
    frame = returns()
    first = LAST + 1 + -120
    past = frame["SPY"].iloc[: LAST + 1]
    frame.loc[DAYS[LAST + 1] :, "SPY"] = past.iloc[first:].mean()
    return ahead.run(tonight(), es.Panel.from_returns(frame, market="SPY"))


def test_thresholds_are_those_of_the_day_after() -> None:
    found, after = STUDY.preview(tonight(), panel()), at_mean()
    assert found.tickers["date"].eq(DAYS[LAST + 1]).all()
    for k, name in enumerate(NAMES):
        one = after.where(after.events["ticker"] == name)
        t, quantile = one.test("single_t", (0, 0)), one.test("sq", (0, 0))
        row = found.tickers.iloc[k].to_dict()
        assert row["move_t"] == pytest.approx(t.se * stats.t.ppf(0.975, t.df), rel=1e-10)
        assert row["sigma"] == pytest.approx(one.abnormal.sigma[0], rel=1e-12)
        reach = (quantile.ci[1] - quantile.ci[0]) / 2
        assert row["move"] == pytest.approx(reach, rel=1e-12)
        residuals = np.sort(np.abs(one.abnormal.residuals[0]))
        assert row["move"] == pytest.approx(residuals[-5], rel=1e-12)  # (1 + 5)/111 > 5 % ≥ 5/111
    assert found.groups.index.tolist() == [(DAYS[LAST + 1], "all")]
    group = found.groups.to_dict("records")[0]
    portfolio = after.test("portfolio_t", (0, 0))
    expected = stats.t.ppf(0.975, portfolio.df) * portfolio.se
    assert group["move"] == pytest.approx(expected, rel=1e-10)
    near = es.inference.correlation(after.abnormal, (0, 0))
    assert (group["rbar"], group["n_eff"]) == pytest.approx((near.rbar, near.n_eff), rel=1e-12)


def test_a_move_of_that_size_is_significant_and_a_smaller_one_is_not() -> None:
    found = STUDY.preview(tonight(), panel())
    frame = returns()
    for factor, significant in ((1.001, True), (0.999, False)):
        moved = frame.copy()
        for k, name in enumerate(NAMES):
            model = at_mean().estimates.iloc[k].to_dict()
            usual = model["alpha"] + model["SPY"] * frame["SPY"].iloc[LAST + 1]
            moved.loc[DAYS[LAST + 1], name] = usual + factor * found.tickers["move"].iloc[k]
        result = STUDY.run(tonight(), es.Panel.from_returns(moved, market="SPY"))
        for name in NAMES:
            p = result.where(result.events["ticker"] == name).test("sq", (0, 0)).pvalue
            assert (p <= 0.05) == significant


def test_nothing_of_the_event_is_seen() -> None:
    """The same tables whatever a panel that goes on holds after the evening it is cut at."""
    one = STUDY.preview(tonight(), panel())
    frame = returns()
    frame.iloc[LAST + 1 :] = 0.5
    two = STUDY.preview(tonight(), es.Panel.from_returns(frame, market="SPY").until(DAYS[LAST]))
    pd.testing.assert_frame_equal(one.tickers, two.tickers)
    pd.testing.assert_frame_equal(one.groups, two.groups)
    with pytest.raises(es.EventStudyError) as refused:
        STUDY.preview(tonight(), panel(T))
    assert str(refused.value) == (
        "None of the 6 events lies ahead of the data, which end on 2025-03-24; `preview` is for "
        "events that have not happened, `run` for those that have."
    )


def test_days_far_ahead_keep_off_the_estimation() -> None:
    """An event 30 sessions ahead is estimated on what is known of its window."""
    far = es.events_on(DAYS[LAST] + pd.offsets.BDay(30), NAMES)
    found = STUDY.preview(far, panel())
    assert (found.tickers["n_obs"] == 110 - 19).all()
    near = STUDY.preview(tonight(), panel())
    assert (near.tickers["n_obs"] == 110).all()


def test_windows_of_other_upcoming_events_are_left_out_if_the_study_says_so() -> None:
    """Two days of tonight's window (−2, 3) are estimation days of the later event."""
    far = es.events_on(DAYS[LAST] + pd.offsets.BDay(30), NAMES)
    study = es.EventStudy(estimation=(-120, -11), window=(-2, 3), exclude_other_events=True)
    found = study.preview(pd.concat([tonight(), far]), panel()).tickers
    days = found.groupby("date")["n_obs"].unique().tolist()
    assert [n.tolist() for n in days] == [[110], [110 - 19 - 2]]


def test_the_limit_is_that_of_the_first_date() -> None:
    far = es.events_on(DAYS[LAST] + pd.offsets.BDay(30), NAMES)
    found = STUDY.preview(pd.concat([tonight(), far]), panel())
    assert found.limit.startswith("The news falls on one date:")
    assert found.limit in found.notes


def test_news_of_the_last_session_has_happened() -> None:
    with pytest.raises(es.EventStudyError, match="lies ahead of the data"):
        STUDY.preview(tonight("before_open"), panel())


def test_the_record_are_the_earlier_events_of_the_category() -> None:
    events = pd.concat(
        [
            tonight(category="nvidia"),
            earlier(150, 180, 210, 240, category="nvidia"),
            earlier(160, 200, category="deal"),
        ]
    )
    found = STUDY.preview(events, panel())
    assert (found.tickers["past"] == 4).all()
    group = found.groups.iloc[0]
    past = STUDY.run(earlier(150, 180, 210, 240), panel())
    car = pd.Series(past.abnormal.car((0, 0)), past.abnormal.row).groupby(level=0).mean().abs()
    assert group["past"] == 4
    assert group["typical"] == pytest.approx(car.median())
    assert group["beyond"] == (car >= group["move"]).sum()
    own = past.car((0, 0))["[0,0]"].abs().groupby(past.events["ticker"])
    row = found.tickers.set_index("ticker")
    np.testing.assert_allclose(row["largest"], own.max().loc[NAMES])
    beyond = [(own.get_group(n) >= row.loc[n, "move"]).sum() for n in NAMES]
    assert row["beyond"].tolist() == beyond
    assert row["rank"].tolist() == [b + 1 for b in beyond]


def test_a_reaction_of_exactly_that_size_counts() -> None:
    found = _against(pd.Series([0.02]), [np.array([-0.02, 0.01, 0.03])]).iloc[0]
    assert (found["past"], found["beyond"], found["rank"]) == (3, 2, 3)


def test_past_dates_of_a_group_have_half_of_its_firms() -> None:
    past = pd.concat([earlier(150).iloc[:3], earlier(180).iloc[:2]])
    assert STUDY.preview(tonight(), panel(), past=past).groups["past"].tolist() == [1]


def test_a_group_counts_its_firms() -> None:
    study = es.EventStudy(
        estimation=(-120, -11), window=(-2, 3), timing=es.Timing(duplicates="keep")
    )
    twice = pd.concat([tonight(), tonight().iloc[:2]]).reset_index(drop=True)
    found = study.preview(twice.assign(event_id=[f"e{k}" for k in range(8)]), panel())
    assert (len(found.tickers), found.groups["n"].tolist()) == (8, [6])


def test_a_record_of_ones_own() -> None:
    found = STUDY.preview(tonight(), panel(), past=earlier(150, 170))
    assert (found.tickers["past"] == 2).all()
    none = STUDY.preview(tonight(), panel())
    assert none.past is None
    assert none.tickers["rank"].isna().all()
    too_early = STUDY.preview(tonight(), panel(), past=earlier(5))
    assert too_early.past is None


def test_groups_by_a_column() -> None:
    kinds = ["pivoted", "pure"] * 3
    found = STUDY.preview(tonight().assign(kind=kinds), panel(), by="kind", window=(0, 2))
    assert found.groups.index.get_level_values("group").tolist() == ["pivoted", "pure"]
    assert found.groups["n"].tolist() == [3, 3]
    past = earlier(150, 180, 210)
    record = STUDY.preview(tonight().assign(kind=kinds), panel(), by="kind", past=past).groups
    reactions = STUDY.run(past, panel())
    for kind, names in (("pivoted", NAMES[::2]), ("pure", NAMES[1::2])):
        own = reactions.where(reactions.events["ticker"].isin(names)).abnormal
        means = pd.Series(own.car((0, 0))).groupby(own.row).mean().abs()
        row = record.xs(kind, level="group").iloc[0]
        assert (row["past"], row["largest"]) == (3, pytest.approx(means.max()))
    with pytest.raises(es.EventStudyError, match="kynd"):
        STUDY.preview(tonight(), panel(), by="kynd")


def test_an_unusable_event_is_dropped_with_its_reason() -> None:
    frame = returns().iloc[: LAST + 1]
    frame.loc[: DAYS[LAST - 30], "F2"] = np.nan
    events = pd.concat([tonight(), es.events_on(DAYS[LAST], ["NONE"], session="after_close")])
    found = STUDY.preview(events, es.Panel.from_returns(frame, market="SPY"))
    assert found.dropped.set_index("ticker")["reason"].to_dict() == {
        "F2": "min_est",
        "NONE": "unknown_ticker",
    }
    assert "Dropped" in found.summary()


@pytest.mark.parametrize(
    "model",
    [
        es.MeanAdjusted(),
        es.MarketAdjusted(),
        es.CAPM(),
        es.FactorModel(("SPY", "F5")),
        es.FactorModel(("SPY", es.factors.peers(NAMES))),
    ],
    ids=str,
)
def test_every_kind_of_model(model: Any) -> None:
    study = es.EventStudy(model, estimation=(-120, -11), window=(-2, 3))
    frame = returns().iloc[: LAST + 1]
    world = es.Panel.from_returns(frame, market="SPY", risk_free=0.0001)
    found = study.preview(tonight().iloc[:5], world, window=(0, 3))
    assert (found.tickers[["move", "move_t"]] > 0).all(axis=None)
    assert found.groups["move"].iloc[0] > 0


def test_words_in_80_columns_and_in_html() -> None:
    events = pd.concat([tonight(category="x"), earlier(150, 180, category="x")])
    found = STUDY.preview(events, panel())
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    assert "will be significant at 5 % (portfolio t)" in " ".join(text.split())
    assert "of 2 earlier dates moved the group that far" in " ".join(text.split())
    assert repr(found) == "<Preview: MarketModel (SPY), 6 tickers in 1 group, [0,0]>"
    assert html.escape(found.sentence()) in found._repr_html_()


def test_the_window_lies_inside_the_event_window() -> None:
    with pytest.raises(es.EventStudyError, match="not inside the event window"):
        STUDY.preview(tonight(), panel(), window=(0, 9))


def test_the_sentence_when_one_event_says() -> None:
    found = STUDY.preview(tonight().iloc[:1], panel())
    row = found.groups.iloc[0]
    assert row["test"] == "single_t"
    assert found.sentence() == (
        f"On {DAYS[LAST + 1]:%Y-%m-%d}, over [0,0], an abnormal return of F0 beyond "
        f"±{100 * found.tickers['move'].iloc[0]:.2f} % will be significant at 5 % "
        "(sample quantile, SQ)."
    )


def test_picture() -> None:
    import matplotlib as mpl
    from matplotlib.patches import Rectangle

    mpl.use("Agg")
    events = pd.concat([tonight(category="x"), earlier(150, 180, 210, category="x")])
    found = STUDY.preview(events, panel())
    ax = found.plot()
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == ["all (6 firms)", *NAMES]
    widths = [bar.get_width() for bar in ax.patches if isinstance(bar, Rectangle)]
    moves = [found.groups["move"].iloc[0], *found.tickers["move"]]
    assert widths == pytest.approx([2 * m for m in moves])
    dots = sum(len(np.ma.getdata(c.get_offsets())) for c in ax.collections)
    assert dots == 3 * (S + 1)
    with pytest.raises(es.EventStudyError, match="moves"):
        draw_thresholds({}, {})


def test_past_events_are_left_out_of_the_estimation_as_on_the_day_after() -> None:
    study = es.EventStudy(estimation=(-120, -11), window=(-2, 3), exclude_other_events=True)
    events = pd.concat([tonight(), earlier(220, 250)])
    found = study.preview(events, panel())
    after = study.run(events, panel(T)).estimates.loc[found.tickers.index]
    assert (found.tickers["n_obs"] == 110 - 2 * 6).all()
    assert found.tickers["n_obs"].tolist() == after["n_obs"].tolist()
    np.testing.assert_allclose(found.tickers["sigma"], after["sigma"], rtol=1e-12)
