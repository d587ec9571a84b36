"""The specification curve: every combination is a study of its own, and moves as one."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.calibration.joint import STATISTICS
from eventstudy.placebo import volatility_strata
from eventstudy.report import draw_specifications

S, T = 6, 220
DAYS = pd.bdate_range("2024-01-02", periods=T)
NAMES = [f"F{i}" for i in range(S)]
STUDY = es.EventStudy(estimation=(-100, -11), window=(-2, 2))
MODELS: list[Any] = [es.MarketModel(), es.FactorModel(("SPY", "COIN")), es.MeanAdjusted()]
CHOICES: dict[str, Any] = {
    "model": MODELS,
    "estimation": [(-100, -11), (-60, -11)],
    "window": [(0, 0), (-1, 1)],
}


def panel(short: str = "") -> es.Panel:
    """Firms move with SPY and COIN; ``short`` has prices for 80 days only."""
    rng = np.random.default_rng(5)
    market, coin = rng.normal(0, 0.01, T), rng.normal(0, 0.02, T)
    coin[190] = -0.1
    own = rng.normal(0, 0.02, (T, S))
    frame = pd.DataFrame(market[:, None] + coin[:, None] + own, DAYS, NAMES)
    if short:
        frame.loc[: DAYS[120], short] = np.nan
    return es.Panel.from_returns(frame.assign(SPY=market, COIN=coin), market="SPY")


def events(*rows: int) -> pd.DataFrame:
    return pd.concat([es.events_on(DAYS[row], NAMES) for row in rows or (190,)])


def curve(draws: int = 0, **choices: Any) -> Any:
    return STUDY.vary(**(choices or CHOICES)).run(events(), panel(), draws=draws)


def test_every_combination_once_sorted_and_equal_to_its_own_study() -> None:
    table = curve().table
    assert len(table) == 12
    assert table["estimate"].is_monotonic_increasing
    assert not table.duplicated(["model", "estimation", "window"]).any()
    names = ["MarketModel (SPY)", "FactorModel (SPY, COIN)", "MeanAdjusted"]
    for model, name in zip(MODELS, names, strict=True):
        for estimation in CHOICES["estimation"]:
            study = es.EventStudy(model, estimation=estimation, window=(-2, 2))
            result = study.run(events(), panel())
            for window in CHOICES["window"]:
                want = result.caar(window).iloc[0]
                label = es.Window(*window).label
                chosen = (table["model"] == name) & (table["window"] == label)
                chosen &= table["estimation"] == es.Window(*estimation).label
                got = table[chosen].iloc[0]
                for column in ("estimate", "ci_low", "pvalue", "test", "n"):
                    assert got[column] == want[column]


def test_a_factor_takes_the_effect_away() -> None:
    found = curve(model=MODELS[:2])
    assert found.agreement["lowest"] < -0.04
    assert abs(found.agreement["highest"]) < 0.03
    assert found.splits[0][0] == "model"
    assert "the choice of the model" in found.sentence()
    assert found.choices == ("model",)


def test_agreement_counts() -> None:
    found = curve()
    x, p = found.table["estimate"], found.table["pvalue"]
    a = found.agreement
    assert (a["n"], a["positive"], a["negative"]) == (12, (x > 0).sum(), (x < 0).sum())
    assert a["significant_negative"] == ((p <= 0.05) & (x < 0)).sum() > 0
    inside = (found.table["ci_low"] <= 0) & (found.table["ci_high"] >= 0)
    assert a["open"] == ((p <= 0.05) & inside).sum()
    assert (a["median"], a["lowest"]) == (x.median(), x.min())


def test_open_answers_are_significant_with_an_interval_that_holds_zero() -> None:
    found = curve(model=MODELS)
    table = found.table.assign(
        pvalue=[0.01, 0.01, 0.2], ci_low=[-0.02, -0.03, -0.02], ci_high=[0.01, -0.01, 0.01]
    )
    assert replace(found, table=table).agreement["open"] == 1


def test_the_choice_that_moves_most_comes_first() -> None:
    found = curve()
    answers = found.table.groupby
    gaps = [np.ptp(answers(what)["estimate"].median()) for what, _, _ in found.splits]
    assert len(gaps) == 3
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] > gaps[-1]


def test_a_window_given_twice_is_asked_once() -> None:
    assert len(curve(window=[(0, 0), 0, (-1, 1)]).table) == 2


def test_placebo_dates_serve_every_specification() -> None:
    """The longer estimation window needs 100 sessions before, also where it is not the first."""
    ways = STUDY.vary(estimation=[(-60, -11), (-100, -11)])
    found = ways.run(events(), panel(), draws=9999).joint
    assert set(found["draws"]) == {len(range(100, T - 2)) - 1}


def test_placebo_dates_stay_in_their_part_of_the_volatility() -> None:
    ways = STUDY.vary(model=MODELS[:2])
    found = ways.run(events(), panel(), draws=9999, strata=2).joint
    part = volatility_strata(panel().series("SPY"), STUDY.windows, 2)
    assert set(found["draws"]) == {(part[100 : T - 2] == part[190]).sum() - 1}


def test_joint_p_moves_all_specifications_to_the_same_dates() -> None:
    """The draws are every session of the one date; each study is run there from anew."""
    found = curve(draws=1000, model=MODELS[:2], window=[(0, 0)])
    draws = int(found.joint["draws"].iloc[0])
    rows = []
    for day in range(100, T - 2):
        if day == 190:
            continue
        answers = []
        for model in MODELS[:2]:
            study = es.EventStudy(model, estimation=(-100, -11), window=(-2, 2))
            answers.append(study.run(events(day), panel()).caar((0, 0)).iloc[0])
        rows.append(pd.DataFrame(answers))
    assert draws == len(rows)
    truth = found.table
    placebo = np.array([frame["estimate"].median() for frame in rows])
    p = (1 + (np.abs(placebo) >= abs(truth["estimate"].median())).sum()) / (1 + draws)
    assert found.joint.loc["median", "pvalue"] == pytest.approx(p)
    shares = [most(frame) for frame in rows]
    observed = most(truth)
    assert found.joint.loc["significant", "observed"] == observed
    p = (1 + (np.array(shares) >= observed).sum()) / (1 + draws)
    assert found.joint.loc["significant", "pvalue"] == pytest.approx(p)
    assert list(found.joint.index) == list(STATISTICS)


def most(frame: pd.DataFrame) -> float:
    sure = frame["pvalue"] <= 0.05
    return float(max((sure & (frame["estimate"] * s > 0)).mean() for s in (1, -1)))


def test_the_same_seed_gives_the_same_answer() -> None:
    ways = STUDY.vary(model=MODELS[:2])
    two_dates = events(130, 190)
    one, two = (ways.run(two_dates, panel(), draws=30, rng=3).joint for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    many = [ways.run(two_dates, panel(), draws=199, rng=seed).joint["pvalue"] for seed in (3, 4)]
    assert (many[0] != many[1]).any()


def test_a_specification_without_events_says_why() -> None:
    found = STUDY.vary(min_obs=[40, 90]).run(events().iloc[:1], panel(short="F0"), draws=0)
    assert len(found.table) == 2
    lost = found.table[found.table["estimate"].isna()].iloc[0]
    assert lost["min_obs"] == "90"
    assert "Every event was dropped" in lost["note"]
    assert any("no answer" in note for note in found.notes)
    with pytest.raises(es.errors.NothingLeft):
        STUDY.vary(min_obs=[90]).run(events().iloc[:1], panel(short="F0"), draws=0)


def test_events_that_some_specification_drops_stay_out_of_the_joint_test() -> None:
    found = STUDY.vary(min_obs=[40, 90]).run(events(), panel(short="F0"), draws=20)
    assert set(found.table["n"]) == {S, S - 1}


def test_no_event_in_all_specifications() -> None:
    frame = panel().returns_frame()
    frame.loc[: DAYS[140], "F0"] = np.nan
    frame.loc[DAYS[145] : DAYS[182], "F1"] = np.nan
    ways = STUDY.vary(estimation=[(-100, -60), (-40, -11)], min_obs=[20])
    two = events().iloc[:2]
    world = es.Panel.from_returns(frame, market="SPY")
    with pytest.raises(es.EventStudyError) as found:
        ways.run(two, world, draws=5)
    assert str(found.value) == (
        "No event is kept by all 2 studies of the curve, so they cannot move to the same placebo "
        "dates; leave out the choice that drops them, or ask for draws=0."
    )
    assert ways.run(two, world, draws=0).table["n"].tolist() == [1, 1]


def test_the_event_window_is_widened() -> None:
    ways = STUDY.vary(window=[(0, 0), (0, 5)])
    assert ways.study.windows.event == es.Window(-2, 5)
    assert repr(ways) == "<Variations: 2 specifications: 2 × window>"
    assert len(ways) == 2


def test_words_in_80_columns_and_in_html() -> None:
    found = curve(draws=20)
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    assert html.escape(found.sentence()) in found._repr_html_()
    assert "The whole curve among joint placebo dates" in text
    assert repr(found).startswith("<Curve: 12 specifications, CAAR -")
    many = STUDY.vary(
        model=MODELS, estimation=[(-100, -11), (-60, -11), (-50, -11)], window=[0, (-1, 1), (0, 1)]
    ).run(events(), panel(), draws=0)
    assert "3 specifications in between are in `table`." in many.notes
    assert len(many.joint) == 0


def test_picture() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    found = curve()
    above = found.plot()
    below = above.figure.axes[1]
    labels = [tick.get_text() for tick in below.get_yticklabels()]
    assert sorted(labels) == sorted(
        [*set(found.table["model"]), *set(found.table["estimation"]), "[0,0]", "[-1,+1]"]
    )
    drawn = np.ma.getdata(above.collections[1].get_offsets())[:, 1]
    np.testing.assert_allclose(drawn, found.table["estimate"])
    dots = sum(
        len(np.ma.getdata(c.get_offsets())) for c in below.collections if c.get_array() is None
    )
    assert dots >= 3 * 12
    with pytest.raises(es.EventStudyError, match="specifications"):
        draw_specifications(found.table.iloc[:0], ["model"])


LIST = "is no list of choices; give the values that are to be tried, as in {0}=[…, …]."
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no list": ({"model": 5}, "model=5 " + LIST.format("model")),
    "text": ({"missing": "drop"}, "missing='drop' " + LIST.format("missing")),
    "empty": ({"window": []}, "window=[] " + LIST.format("window")),
    "twice": (
        {"min_obs": [50, 50]},
        "The choices of min_obs hold 50 twice; give each value once.",
    ),
    "not a choice": (
        {"missing": ["drop", "skp"]},
        "missing='skp' is not known; choose one of 'drop', 'skip', 'zero'. Did you mean 'skip'?",
    ),
    "estimation": (
        {"estimation": [(-100, -1)]},
        (
            "The estimation window [-100,-1] reaches into the event window [-2,+2]; end it at "
            "-3 or earlier."
        ),
    ),
    "too many": (
        {"window": [(0, k) for k in range(30)], "min_obs": list(range(10, 30))},
        "The choices make 600 specifications, more than 500; leave out what nobody would do.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    choices, said = REFUSED[case]
    with pytest.raises(es.EventStudyError) as found:
        STUDY.vary(**choices).run(events(), panel(), draws=0)
    assert str(found.value) == said
