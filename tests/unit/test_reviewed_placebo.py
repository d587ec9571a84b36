"""What a reviewer found in previews, curves and calibrations: one test a finding."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import inference
from eventstudy.abnormal import Abnormal
from eventstudy.arrays import Statistic
from eventstudy.calibration import Curve, Preview
from eventstudy.calibration.given import seen_by
from eventstudy.cli import main
from eventstudy.errors import EventStudyError, NothingLeft
from eventstudy.events import check_events
from eventstudy.inference.quantiles import reach_of_each
from eventstudy.report import draw_calibration, draw_specifications, draw_thresholds

S, T, LAST = 6, 320, 299
DAYS = pd.bdate_range("2024-01-02", periods=T)
NAMES = [f"F{i}" for i in range(S)]
FRIDAY = DAYS.tolist().index(pd.Timestamp("2025-02-14"))
STUDY = es.EventStudy(estimation=(-120, -11), window=(-2, 3))


def returns(until: int = T) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    market = rng.normal(0, 0.01, T)
    common = rng.standard_t(5, T) * 0.01
    own = rng.standard_t(4, (T, S)) * rng.uniform(0.01, 0.03, S)
    frame = pd.DataFrame(market[:, None] + common[:, None] + own, DAYS, NAMES)
    return frame.assign(SPY=market).iloc[:until]


def panel(until: int = T, **options: Any) -> es.Panel:
    return es.Panel.from_returns(returns(until), market="SPY", **options)


def known() -> es.Panel:
    """Until the evening before the upcoming event."""
    return panel(LAST + 1)


def ahead(names: list[str] | None = None, days: int = 1) -> pd.DataFrame:
    return es.events_on(DAYS[LAST] + pd.offsets.BDay(days), names or NAMES)


def on(*rows: int, names: list[str] | None = None) -> pd.DataFrame:
    return pd.concat([es.events_on(DAYS[row], names or NAMES) for row in rows])


def flat(text: object) -> str:
    return " ".join(str(text).split())


# ── preview ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "model",
    [
        es.models.Dimson(),
        es.models.RobustMarketModel(),
        es.FactorModel(("SPY", es.factors.peers(NAMES))),
    ],
    ids=["Dimson", "robust", "peers"],
)
def test_a_group_has_a_threshold_without_a_common_design(model: Any) -> None:
    """The interval of that day will rest on the reactions; what is known are the quantiles."""
    found = replace(STUDY, model=model).preview(ahead(), known(), window=(0, 1))
    row = found.groups.iloc[0]
    assert row["test"] == "sq"
    assert row["note"] == "no portfolio t: the model leaves the events no common design"
    past = replace(STUDY, model=model).run(on(LAST - 4), known())  # its window ends with the data
    assert row["move"] == pytest.approx(_reach_of_mean(past.abnormal, (0, 1)), rel=0.2)
    assert "(sample quantile, SQ)" in found.sentence()


def _reach_of_mean(abnormal: Abnormal, window: tuple[int, int]) -> float:
    found = inference.sq(abnormal, window)
    return (found.ci[1] - found.ci[0]) / 2


def test_a_group_has_a_threshold_where_few_firms_are_complete() -> None:
    frame = returns(LAST + 1)
    frame.loc[DAYS[LAST - 40] : DAYS[LAST - 20], ["F1", "F2"]] = np.nan
    found = STUDY.preview(ahead(NAMES[:5]), es.Panel.from_returns(frame, market="SPY"))
    row = found.groups.iloc[0]
    assert (row["test"], row["note"]) == ("sq", "no portfolio t: 3 of 5 events are complete")
    assert 0.01 < row["move"] < 0.2


@pytest.mark.parametrize("window", [(0, 0), (0, 3), (-1, 1)])
def test_quantiles_of_all_events_are_those_of_each(window: tuple[int, int]) -> None:
    frame = returns()
    frame.iloc[200:260:7, 1] = np.nan
    frame.iloc[220:236, 2] = np.nan
    result = STUDY.run(on(250, LAST), es.Panel.from_returns(frame, market="SPY"))
    found = reach_of_each(result.abnormal, window)
    for i, reach in enumerate(found):
        one = inference.sq(result.abnormal.take(np.array([i])), window)
        assert reach == pytest.approx((one.ci[1] - one.ci[0]) / 2, rel=1e-12, nan_ok=True)


def test_the_sentence_is_about_the_first_date() -> None:
    """Though a later date comes first in the table, and has more firms."""
    events = pd.concat([ahead(NAMES[:4], days=3), ahead(NAMES[4:5])])
    found = STUDY.preview(events, known())
    first = DAYS[LAST] + pd.offsets.BDay(1)
    assert found.groups.index.get_level_values("date").is_monotonic_increasing
    assert found.sentence().startswith(f"On {first:%Y-%m-%d}, over [0,0], an abnormal return of F4")
    alone = found.tickers.set_index("ticker")["move"].to_dict()["F4"]
    assert f"beyond ±{100 * alone:.2f} %" in found.sentence()


def test_events_without_a_label_form_a_group() -> None:
    events = ahead(NAMES[:3]).assign(kind=pd.Series(["z", None, "z"]).to_numpy())
    found = STUDY.preview(events, known(), by="kind")
    assert found.groups.index.get_level_values("group").tolist() == ["missing", "z"]


def test_upcoming_events_that_are_all_dropped_say_why() -> None:
    with pytest.raises(NothingLeft) as far:
        STUDY.preview(ahead(days=130), known())
    assert str(far.value).startswith("Every event was dropped: 6 × min_est. The first: F0 ")
    saturday = es.events_on("2025-02-15", NAMES)
    dropping = replace(STUDY, timing=es.Timing(roll="drop"))
    with pytest.raises(NothingLeft, match="6 × not_trading_day"):
        dropping.preview(saturday, panel(FRIDAY + 1))


def test_news_of_a_weekend_that_rolls_back_has_happened() -> None:
    saturday, until = es.events_on("2025-02-15", NAMES), FRIDAY + 1
    monday = STUDY.preview(saturday, panel(until)).tickers["date"].unique()
    assert monday.tolist() == [pd.Timestamp("2025-02-17")]
    back = replace(STUDY, timing=es.Timing(roll="backward"))
    with pytest.raises(EventStudyError, match="None of the 6 events lies ahead"):
        back.preview(saturday, panel(until))


def test_earlier_events_that_cannot_be_measured_are_counted() -> None:
    """The window of the last session's events goes on past the data: neither past nor ahead."""
    events = pd.concat([ahead(NAMES[3:]), on(LAST, names=NAMES[:3])])
    found = STUDY.preview(events, known())
    assert found.past is None
    assert "Earlier events that could not be measured: 3 × after_data." in found.notes
    assert STUDY.preview(ahead(), known()).lost == ""


def short() -> Preview:
    return replace(STUDY, estimation=(-22, -11)).preview(ahead(), known())


def test_too_few_days_for_any_quantile() -> None:
    found = short()
    assert np.isinf(found.tickers["move"]).all()
    assert np.isfinite(found.tickers["move_t"]).all()
    text = str(found)
    assert "inf" not in text
    assert "independent firms" not in text  # nothing is known of the correlation
    assert "19 sums of the window's length are the least" in flat(text)
    one = replace(STUDY, estimation=(-22, -11)).preview(ahead(NAMES[:1]), known())
    assert one.sentence() == (
        "On 2025-02-25, over [0,0], no size of an abnormal return of F0 can be significant at 5 % "
        "by the valid test (sample quantile, SQ)."
    )


def test_what_the_picture_of_a_preview_shows() -> None:
    """Dots of a date are those of its own firms; a group of one is the ticker."""
    events = pd.concat([on(200, 230), ahead(NAMES[:2]), ahead(NAMES[2:4], days=2)])
    ax = STUDY.preview(events, known()).plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == ["all (2 firms)", "F0", "F1"]
    own = STUDY.run(on(200, 230, names=NAMES[:2]), known()).car((0, 0))["[0,0]"]
    means = own.groupby(np.repeat([0, 1], 2)).mean()
    drawn = np.concatenate([np.ma.getdata(c.get_offsets()) for c in ax.collections])
    np.testing.assert_allclose(np.sort(drawn[drawn[:, 1] == 2, 0]), np.sort(means))
    labels = [t.get_text() for t in STUDY.preview(ahead(["F0"]), known()).plot().get_yticklabels()]
    assert labels == ["F0"]
    assert len(short().plot().get_yticklabels()) == S + 1  # infinite moves have no bar


def test_past_dates_of_a_group_hold_half_of_it() -> None:
    """The mean of one firm is not what the threshold of six is about."""
    alone, both = on(180, names=["F0"]), on(200, 230)
    found = STUDY.preview(ahead(), known(), past=pd.concat([alone, both]))
    assert found.groups["past"].tolist() == [2]
    assert found.tickers.set_index("ticker")["past"].to_dict() == {"F0": 3} | dict.fromkeys(
        NAMES[1:], 2
    )


def test_a_model_that_reads_later_days_sees_known_ones_only() -> None:
    """Thirty sessions ahead: the last two known days have leads that nobody knows."""
    for model, days in ((es.MarketModel(), 91), (es.models.Dimson(lags=2, mode="full"), 89)):
        found = replace(STUDY, model=model).preview(ahead(days=30), known())
        assert (found.tickers["n_obs"] == days).all()


def test_notes_of_one_firm_are_not_those_of_a_group() -> None:
    one = " ".join(STUDY.preview(ahead(NAMES[:1]), known()).notes)
    assert "for a group: it looks" not in one
    assert "rank" not in one
    assert "for a group: it looks" in " ".join(STUDY.preview(ahead(), known()).notes)
    both = STUDY.preview(pd.concat([ahead(), on(200)]), known())
    assert any("`rank` the place" in note for note in both.notes)


# ── vary ─────────────────────────────────────────────────────────────────────────────────
def curve(draws: int = 0, *, events: pd.DataFrame | None = None, **choices: Any) -> Curve:
    table = on(200) if events is None else events
    return STUDY.vary(**choices).run(table, panel(), draws=draws)


def test_one_window_written_twice_is_one() -> None:
    with pytest.raises(EventStudyError) as refused:
        curve(estimation=[(-100, -11), [-100, -11]])
    assert str(refused.value) == (
        "The choices of estimation hold [-100,-11] twice; give each value once."
    )


class Shrunk:
    """A model of a user: no dataclass, its options compare element by element."""

    needs = ("market",)
    __hash__ = None  # type: ignore[assignment]  # what is tested

    def __init__(self, by: float) -> None:
        self.by = np.array([by, by])

    def __eq__(self, other: object) -> Any:
        return self.by == getattr(other, "by", None)

    def fit(self, block: es.Block) -> es.Fit:
        market = np.broadcast_to(block.factors[..., 0], block.returns.shape)
        return es.Fit.of(block, self.by[0] * market)


def test_models_of_one_name_are_told_apart() -> None:
    """By the options that differ; else by number, never by their place in memory."""
    found = curve(model=[es.models.RobustMarketModel(), es.models.RobustMarketModel(method="lad")])
    assert set(found.table["model"]) == {
        "RobustMarketModel (SPY), method='huber'",
        "RobustMarketModel (SPY), method='lad'",
    }
    own = curve(model=[Shrunk(0.0), Shrunk(1.0)])
    assert set(own.table["model"]) == {"Shrunk (SPY), no. 1", "Shrunk (SPY), no. 2"}
    raw = STUDY.run(on(200), panel()).abnormal.actual[:, 2].mean()
    of_first = own.table.set_index("model").loc["Shrunk (SPY), no. 1", "estimate"]
    assert of_first == pytest.approx(raw)


def test_a_specification_without_an_answer_stays_out_of_the_joint_test() -> None:
    """On day 2 nobody has a return: the two other windows are tested all the same."""
    frame = returns()
    frame.iloc[202, :S] = np.nan
    world = es.Panel.from_returns(frame, market="SPY")
    found = STUDY.vary(window=[0, 1, 2]).run(on(200), world, draws=40)
    two = STUDY.vary(window=[0, 1]).run(on(200), world, draws=40)
    assert int(found.table["estimate"].isna().sum()) == 1
    assert np.isfinite(found.joint["pvalue"]).all()
    assert found.joint["observed"].tolist() == two.joint["observed"].tolist()
    assert "1 specification has no answer; `table` says why." in found.notes
    none = STUDY.vary(window=[2]).run(on(200), world, draws=40)
    assert none.joint["pvalue"].isna().all()
    assert none.sentence() == "No specification has an answer."
    assert "No specification has an answer." in str(none)
    assert "No specification" in none._repr_html_()


def test_z_has_the_sign_of_its_test() -> None:
    """The standardised test can point the other way than the average of the returns."""
    frame = returns()
    reactions = np.array(
        [0.0, 0.03, 0.0, 0.0, -0.07, 0.03]
    )  # F4 is the wildest firm, F1 the calmest
    frame.iloc[200, :S] = frame["SPY"].iloc[200] + reactions
    world = es.Panel.from_returns(frame, market="SPY")
    found = STUDY.vary(model=[es.MarketAdjusted()]).run(on(200), world, draws=10)
    result = replace(STUDY, model=es.MarketAdjusted()).run(on(200), world)
    lead = result.test("adj_bmp", (0, 0))
    assert np.sign(lead.estimate) == np.sign(lead.statistic) == 1.0
    assert found.table["estimate"].iloc[0] < 0 < found.joint["observed"].to_dict()["mean z"]


def test_fewer_draws_or_events_than_the_reader_thinks_are_said() -> None:
    frame = returns()
    frame.loc[: DAYS[120], "F0"] = np.nan
    world = es.Panel.from_returns(frame, market="SPY")
    found = STUDY.vary(min_obs=[40, 105]).run(on(200), world, draws=1000)
    made = int(found.joint["draws"].iloc[0])
    assert set(found.table["n"]) == {S - 1, S}
    assert set(found.joint["events"]) == {S - 1}
    text = flat(found)
    assert f"1000 draws were asked for, {made} were made: events of one date have no more" in text
    assert f"The joint test rests on {S - 1} events that every specification keeps" in text
    assert f"Events {S - 1} to {S} events on 1 date" in text
    plain = curve(draws=20, model=[es.MarketModel(), es.MeanAdjusted()])
    assert "were asked for" not in flat(plain)
    assert "rests on" not in flat(plain)


def test_the_test_that_leads_is_chosen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the true events: draws keep which of them share days, and choosing costs the most."""
    asked, true = [0], inference.valid

    def counted(*sample: Any) -> Any:
        asked[0] += 1
        return true(*sample)

    monkeypatch.setattr(inference, "valid", counted)
    counts = []
    for draws in (5, 40):
        STUDY.vary(min_obs=[40, 50]).run(on(200, 250), panel(), draws=draws)
        counts.append(asked[0])
    assert counts[1] == 2 * counts[0]


def test_placebos_of_a_curve_are_estimated_like_the_events() -> None:
    """Without the windows of the firm's other events, also of one that had too short a past."""
    events = on(60, 200, names=["F0"])
    study = replace(STUDY, exclude_other_events=True)
    result = study.run(events, panel())
    assert result.dropped["reason"].tolist() == ["min_est"]
    given, (firm, row) = seen_by(study, check_events(events), panel())
    assert given.excluded is not None
    assert np.flatnonzero(given.excluded[firm[0]]).tolist() == [*range(58, 64), *range(198, 204)]
    assert row.tolist() == [60, 200]


def test_a_choice_that_moves_nothing_is_not_named() -> None:
    found = curve(missing=["drop", "skip"])
    assert found.splits == []
    assert "by the choice" not in found.sentence()
    two = curve(model=[es.MarketModel(), es.MeanAdjusted()], exclude_other_events=[True, False])
    assert [what for what, *_ in two.splits] == ["model"]
    assert "The median moves most by the choice of the model: " in two.sentence()


def test_one_specification_is_written_as_one() -> None:
    found = curve(min_obs=[None])
    assert found.sentence().startswith("1 specification: the estimate runs from ")
    assert curve(min_obs=[None, 40]).table["min_obs"].tolist().count("default") == 1


@pytest.mark.parametrize("draws", [-1, True, 1.5, None])
def test_draws_of_a_curve(draws: Any) -> None:
    with pytest.raises(EventStudyError, match="is not a count; give a whole number from 1 up"):
        curve(draws=draws, min_obs=[None])


def test_options_of_a_curve_are_refused_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventstudy.calibration.curve._run", lambda *_: 1 / 0)
    for options in ({"strata": 1}, {"rng": "seed"}):
        with pytest.raises(EventStudyError):
            STUDY.vary(min_obs=[None]).run(on(200), panel(), **options)


# ── calibrate ────────────────────────────────────────────────────────────────────────────
DATES = on(150, 153, 200, 250)


def calibrated(**options: Any) -> es.Calibration:
    given = {"draws": 40, "tests": ["adj_bmp", "csect_t"], **options}
    return STUDY.calibrate(DATES, panel(), **given)


def test_each_window_has_its_own_kind_of_sample() -> None:
    """The dates 150 and 153 overlap in a window of six days, and not in one of one day."""
    found = calibrated(windows=[(0, 0), (-2, 3)])
    kinds = {label: setting.kind for label, setting in found.settings.items()}
    assert kinds == {"[0,0]": "several separate dates", "[-2,+3]": "staggered"}
    assert found.settings["[0,0]"].n_eff != found.settings["[-2,+3]"].n_eff
    assert "4 dates, staggered" in flat(found.summary((-2, 3)))
    assert found.setting is found.settings["[0,0]"]


def own(abnormal: Abnormal, window: es.Window) -> Statistic:
    return inference.adj_bmp(abnormal, window)


def test_tests_of_ones_own_are_judged_by_what_they_do() -> None:
    found = calibrated(tests=[own, "csect_t"])
    assert "Of your own: % of draws without effect rejected" in found.summary()
    assert "own" in found.trusted()
    assert "Power of tests that hold" in found.summary()
    left: Any = found.plot()[0]
    assert "your own" in [text.get_text() for text in left.get_legend().get_texts()]


def test_each_test_is_asked_once_under_a_name_of_its_own() -> None:
    def other(abnormal: Abnormal, window: es.Window) -> Statistic:
        return inference.csect_t(abnormal, window)

    other.__name__ = "own"
    found = calibrated(tests=["csect_t", "csect_t", inference.csect_t, own, other, own])
    assert set(found.size().index) == {"csect_t", "own", "own 2"}
    rates = found.size()["two-sided"].to_dict()
    assert rates["own 2"] == rates["csect_t"]


def test_one_value_is_a_list_of_one() -> None:
    found = calibrated(effects=0.02, levels=0.2, tests="adj_bmp")
    np.testing.assert_array_equal(found.power().columns.to_numpy(dtype=float), [0.0, 0.02])
    assert found.table["level"].unique().tolist() == [0.05, 0.2]
    assert found.size().index.tolist() == ["adj_bmp"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no test": (
        {"tests": []},
        "tests is empty; name at least one test, or leave it out to ask all.",
    ),
    "no window": ({"windows": []}, "[] is not a window; give (first, last) in trading days"),
    "text": (
        {"effects": "large"},
        ("effects holds 'large'; give returns as fractions, as in (0.01, 0.02) for 1 % and 2 %."),
    ),
    "truth": (
        {"levels": [True]},
        ("`level` is True, but a significance level lies between 0 and 1; give 0.05 for 5 %."),
    ),
    "weights": ({"tests": ["contrasts"]}, "contrasts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_calibration_refuses(name: str) -> None:
    options, said = REFUSED[name]
    with pytest.raises(EventStudyError) as refused:
        calibrated(**options)
    assert str(refused.value).startswith(said)


def test_few_draws_prove_nothing() -> None:
    """Neither 40 draws nor a rate two Monte-Carlo errors away is called "holds" in the sentence."""
    assert "cannot be told from 5 % by 40 draws: it rejects in" in flat(calibrated())
    found = calibrated(draws=400)
    null = (found.table["test"] == "adj_bmp") & (found.table["effect"] == 0.0)
    for rate, said in ((0.05, "holds at 5 %"), (0.08, "cannot be told from 5 % by 400 draws")):
        table = found.table.assign(rate=found.table["rate"].mask(null, rate))
        assert said in flat(replace(found, table=table))


def test_effects_outside_the_window_are_said_to_be() -> None:
    found = calibrated(windows=(0, 0), day=2)
    text = flat(found)
    assert "Effects are planted on day 2, which [0,0] does not hold" in text
    assert "Power of" not in text
    assert "It finds" not in text


def test_the_largest_effect_is_on_the_side_that_detectable_looks_at() -> None:
    assert "It finds the largest effect planted, +0.01 %, in" in flat(
        calibrated(effects=(-0.0001, 0.0001))
    )
    assert "It finds the largest effect planted, -0.01 %, in" in flat(
        calibrated(effects=(-0.0001,))
    )


def test_a_calibration_without_the_leading_test_is_no_calibration_without_numbers() -> None:
    found = calibrated(tests=["adj_csect"])
    assert "None of these tests rejects more often than the 5 % it promises." in flat(found)
    assert "No test gives a number" not in flat(found)


# ── explain ──────────────────────────────────────────────────────────────────────────────
def refused_by(formula: str, **columns: Any) -> str:
    result = STUDY.run(DATES.assign(**columns), panel())
    with pytest.raises(EventStudyError) as refused:
        result.explain(formula, (0, 0))
    return str(refused.value)


def test_the_logarithm_of_zero_is_refused() -> None:
    found = refused_by("np.log(size)", size=np.arange(len(DATES)))
    assert found == (
        "The formula 'np.log(size)' gives an infinite value for an event; leave the event out by "
        "result.where, or transform the column otherwise."
    )


@pytest.mark.parametrize(
    "column",
    [
        np.repeat("a", len(DATES)),
        pd.Categorical(np.repeat("a", len(DATES)), categories=["a", "b"]),
        np.repeat(np.datetime64("2024-01-01"), len(DATES)),
    ],
    ids=["text", "category", "date"],
)
def test_one_category_explains_nothing(column: Any) -> None:
    """The formula language would drop it and answer with the mean alone."""
    said = (
        f"The term 'kind' is the same for all {len(DATES)} events, so it explains no difference "
        f"between them; leave it out."
    )
    size = np.arange(len(DATES))
    assert refused_by("kind", kind=column) == said
    assert refused_by("size + kind", kind=column, size=size) == said


def test_one_cluster_is_written_as_one() -> None:
    result = replace(STUDY, model=es.models.Dimson()).run(on(200), panel())
    assert "clustered by date (1 cluster, CR1)" in str(result.explain("1", (0, 0), se="date"))


# ── groups ───────────────────────────────────────────────────────────────────────────────
def test_the_summary_of_groups_says_a_sentence_each() -> None:
    """In one panel: the names of tests are not cut to fit."""
    kinds = ["$x^2$", "a long name " * 8] * (len(DATES) // 2)
    result = STUDY.run(DATES.assign(kind=kinds), panel())
    groups = result.by("kind")
    text = groups.summary((0, 0), (0, 1))
    assert max(map(len, text.splitlines())) <= 80
    for one in groups.values():
        assert one.sentence((0, 0)) in flat(text)
        for test in one.caar((0, 0), (0, 1))["test"]:
            assert f" {test} " in text
    assert text.count("window ") == 2
    alone = result.by(np.arange(len(DATES)) == 0).summary((0, 0))
    assert "True (1 event)" in alone
    assert f"False ({len(DATES) - 1} events)" in alone


# ── command line ─────────────────────────────────────────────────────────────────────────
SAMPLE = ("--prices", "sample", "--market", "SPY", "--out")


def test_preview_looks_at_one_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", *SAMPLE, str(tmp_path / "out"), "--car", "0:1,0:2"]) == 2
    assert capsys.readouterr().err == (
        "eventstudy: `preview` looks at one window and --car names 2; give one of them.\n"
    )
    assert not (tmp_path / "out").exists()


def test_factors_serve_the_models_that_are_nothing_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = ["--models", "MarketModel,FactorModel,FactorModel:IBIT"]
    models += ["--model", "FactorModel", "--factors", "SPY,IBIT"]
    assert main(["vary", *SAMPLE, str(tmp_path), *models, "--draws", "0"]) == 0
    capsys.readouterr()
    found = pd.read_csv(tmp_path / "specifications.csv")["model"]
    assert set(found) == {"MarketModel (SPY)", "FactorModel (SPY, IBIT)", "FactorModel (IBIT)"}


# ── pictures ─────────────────────────────────────────────────────────────────────────────
def specifications(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x = np.sort(rng.normal(0, 0.03, n))
    return pd.DataFrame(
        {
            "model": rng.choice(["MarketModel ($x^2$)", "A" * 60], n),
            "exclude_other_events": rng.choice(["True", "False"], n),
            "estimate": x,
            "ci_low": x - 0.03,
            "ci_high": x + 0.03,
            "pvalue": np.where(np.arange(n) % 3, 0.01, 0.5),
        }
    )


def test_a_legend_of_five_entries_leaves_room_for_200_specifications() -> None:
    ax: Any = draw_specifications(specifications(200), ["model", "exclude_other_events"], title="T")
    figure = ax.figure
    figure.canvas.draw()
    assert len(ax.get_legend().get_texts()) == 5
    assert ax.get_position().width > 0.5
    inside = ax.get_legend().get_window_extent()
    assert inside.x1 <= figure.bbox.x1
    [title] = [text for text in ax.get_children() if getattr(text, "get_text", str)() == "T"]
    assert title.get_window_extent().y0 >= inside.y1 - 1  # the title stands above the legend


def test_one_specification_has_a_picture() -> None:
    ax = draw_specifications(specifications(1), ["model"])
    assert ax.figure.axes[1].get_xlabel() == "1 specification, sorted by estimate"


def test_sixty_tickers_fit_on_a_page() -> None:
    moves = {f"T{k}": 0.1 for k in range(60)} | {"$x^2$": np.inf, "<b>": np.nan}
    ax: Any = draw_thresholds(moves, {"$x^2$": np.array([0.01])})
    figure = ax.figure
    assert figure.get_figheight() < 13
    figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.get_yticklabels()]
    heights = sorted((box.y0, box.y1) for box in boxes)
    assert all(low[1] <= high[0] + 1 for low, high in pairwise(heights))


def test_a_picture_of_tests_of_ones_own() -> None:
    size = pd.DataFrame(
        {"valid": [True, False, False], "two-sided": 0.05, "mc_error": 0.01},
        index=["adj_bmp", "mine", "bmp"],
    )
    left: Any = draw_calibration(
        size.assign(own=[False, True, False]),
        pd.DataFrame([[0.05, 0.6]], ["adj_bmp"], [0.0, 0.02]),
        nominal=(0.05, 0.02, 0.08),
    )[0]
    names = [text.get_text() for text in left.get_legend().get_texts()]
    assert {"your own", "not valid", "valid on these dates"} <= set(names)
