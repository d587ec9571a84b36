"""Calibration: equal to a plain loop of studies, honest in its verdicts, readable."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import engine, inference
from eventstudy.abnormal import Abnormal
from eventstudy.align import inputs, place
from eventstudy.arrays import Fit, Statistic
from eventstudy.calibration import Calibration
from eventstudy.calibration.asking import ALTERNATIVES, SYMMETRIC, Answers, Asked
from eventstudy.calibration.plan import Plan
from eventstudy.calibration.rates import rates_table, smallest_found, verdict
from eventstudy.errors import EventStudyError
from eventstudy.events import check_events
from eventstudy.inference._example import example
from eventstudy.placebo import admissible, placebo_dates, volatility_strata
from eventstudy.report import draw_powers, draw_sizes

DAYS = pd.bdate_range("2023-01-02", periods=460)
FIRMS = [f"F{k:02d}" for k in range(12)]
STUDY = es.EventStudy(estimation=(-100, -6), window=(-3, 3))
#: what each test may be asked without drawing random numbers
NAMES = inference.names()


@pytest.fixture(autouse=True)
def _settings_stay() -> Iterator[None]:
    backend = mpl.get_backend()
    mpl.use("agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
    mpl.use(backend)


@functools.cache
def panel(seed: int = 0, gaps: float = 0.0, skew: bool = False) -> es.Panel:
    """Twelve firms with a common shock beside the market."""
    rng = np.random.default_rng(seed)
    market, sector = rng.normal(0, 0.01, (2, len(DAYS), 1))
    own = rng.exponential(1, (len(DAYS), 12)) - 1 if skew else rng.normal(0, 1, (len(DAYS), 12))
    risk = 0.02 * rng.uniform(0.5, 1.5, 12)
    returns = 0.001 + market + risk * (60 * sector + own)
    returns[rng.random(returns.shape) < gaps] = np.nan
    frame = pd.DataFrame(returns, DAYS, FIRMS).assign(SPY=market[:, 0])
    return es.Panel.from_returns(frame, market="SPY")


def events(kind: str, firms: list[str] = FIRMS) -> pd.DataFrame:
    """Firms × dates: one shared date, several, or dates whose windows overlap."""
    dates = {"one date": [300], "dates": [200, 230, 260, 300, 330], "staggered": [200, 201, 240]}
    parts = [es.events_on(DAYS[k], firms) for k in dates[kind]]
    return pd.concat(parts)


@functools.cache
def calibrated(kind: str, draws: int = 120) -> Calibration:
    return STUDY.calibrate(events(kind), panel(), draws=draws)


def rate(table: pd.DataFrame, test: str, column: Any) -> float:
    """One number of a table of rates."""
    return float(table[column][test])


# ── equal to a plain loop ────────────────────────────────────────────────────────────────
def plain_loop(
    study: es.EventStudy, table: pd.DataFrame, data: es.Panel, tested: es.Window, draws: int
) -> Iterator[Abnormal]:
    """A study of its own for each draw: the events are moved, and everything is run again."""
    checked, windows = check_events(table), study.windows
    true = place(checked, data, windows, study.timing).placement
    seen = inputs(study.model, data, true, windows, exclude=study.exclude_other_events)
    need = engine.required_days(study.model, windows, study.min_obs)
    allowed = admissible(seen, windows, tested, need, (true.firm, true.row))
    kept = study.run(table, data).abnormal
    found = placebo_dates((kept.firm, kept.row), allowed, tested, draws, rng=5)
    for row in found.row:
        tickers = [data.tickers[f] for f in found.firm]
        moved = pd.DataFrame({"ticker": tickers, "date": data.sessions[row]})
        yield study.run(moved, data).abnormal


def shifted(abnormal: Abnormal, effect: float) -> Abnormal:
    """Add an effect to day 0, and forget everything that was kept."""
    ar = abnormal.abnormal.copy()
    ar[:, -abnormal.window.first] += effect
    return replace(abnormal, abnormal=ar, _memo={})


@pytest.mark.parametrize(
    ("kind", "gaps", "options"),
    [
        ("one date", 0.0, {}),
        ("one date", 0.02, {"missing": "skip"}),
        ("dates", 0.0, {}),
        ("dates", 0.02, {"model": es.MeanAdjusted()}),
        ("staggered", 0.0, {}),
        ("staggered", 0.01, {"estimation": [(-100, -40), (-30, -6)]}),
    ],
)
def test_counts_are_those_of_a_study_for_each_draw(
    kind: str, gaps: float, options: dict[str, Any]
) -> None:
    study = replace(STUDY, **options)
    table, data, effects, draws = events(kind, FIRMS[:6]), panel(2, gaps), (0.0, 0.015), 6
    windows = [es.Window(0, 0), es.Window(-1, 1)]
    found = study.calibrate(
        table, data, draws=draws, effects=effects, windows=windows, levels=(0.05, 0.3), rng=5
    )
    expected: dict[tuple[str, str, float, str], list[float]] = {}
    for abnormal in plain_loop(study, table, data, windows[1], draws):
        for effect in effects:
            moved = shifted(abnormal, effect)
            for window in windows:
                for name in NAMES:
                    for a in ALTERNATIVES:
                        p = asked_anew(name, moved, window, a)
                        key = (window.label, name, effect, a)
                        expected.setdefault(key, []).append(p)
    keys = ["window", "test", "effect", "alternative"]
    assert len(found.table) == len(expected) * 2
    for row in found.table.to_dict("records"):
        everything = np.array(expected[tuple(row[key] for key in keys)])
        known = everything[np.isfinite(everything)]
        assert row["draws"] == len(known)
        assert row["undefined"] == len(everything) - len(known)
        if len(known):
            assert row["rate"] == (known <= row["level"]).mean(), row
        else:
            assert np.isnan(row["rate"])


def asked_anew(name: str, abnormal: Abnormal, window: es.Window, alternative: str) -> float:
    """The p-value of a test that is asked for this alternative; a joint test has one tail."""
    test = inference.resolve(name)
    found = test(abnormal, window)
    if alternative == "two-sided":
        return found.pvalue
    if found.law == "F":
        return float("nan")
    return test(abnormal, window, alternative=alternative).pvalue


def sample(dates: int) -> Abnormal:
    """The example of the docstrings; with no dates one event of it."""
    return example(dates=dates) if dates else example().take(np.array([0]))


@pytest.mark.parametrize("dates", [0, 1, 3, 6])
def test_what_effects_share_comes_from_the_estimation_alone(dates: int) -> None:
    """After the tests without an effect, those with one are those of a fresh sample."""
    plain, window = sample(dates), es.Window(-1, 1)
    tests = [inference.resolve(name) for name in NAMES]
    for test in tests:
        test(plain, window)
    warm = plain.planted(0, 0.02)
    for test in tests:
        fresh = test(shifted(plain, 0.02), window)
        assert repr(astuple(test(warm, window))) == repr(astuple(fresh))
    np.testing.assert_array_equal(plain.abnormal, sample(dates).abnormal)


@pytest.mark.parametrize("dates", [0, 1, 6])
@pytest.mark.parametrize("name", NAMES)
def test_both_tails_come_from_one_statistic(name: str, dates: int) -> None:
    for effect in (-0.01, 0.0, 0.02):
        study = shifted(sample(dates), effect)
        found, _ = Asked.of(name).pvalues(study, es.Window(0, 0))
        again = [asked_anew(name, study, es.Window(0, 0), a) for a in ALTERNATIVES]
        np.testing.assert_allclose(found, again, rtol=1e-12)


def test_some_tests_tell_both_tails_at_once_and_some_do_not() -> None:
    laws = {inference.resolve(name)(example(), (0, 0)).law for name in NAMES}
    assert laws > {*SYMMETRIC}


# ── size, power, verdicts ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["one date", "dates"])
def test_tests_of_independent_events_reject_too_often(kind: str) -> None:
    found = calibrated(kind)
    said = found.verdict["two-sided"]["[0,0]"]
    for name in ("csect_t", "patell", "bmp", "gen_sign", "wilcoxon"):
        assert said[name] == "rejects too often"
        assert rate(found.size(), name, "two-sided") > 0.2
    for name in ("adj_bmp", "adj_patell", "rank", "ts_t"):
        assert said[name] == "holds"
    assert not found.size().loc["bmp", "valid"]
    assert found.size().loc["adj_bmp", "valid"]
    assert "adj_bmp" in found.trusted()
    assert "bmp" not in found.trusted()


def test_power_grows_with_the_effect() -> None:
    power = STUDY.calibrate(
        events("dates"), panel(), draws=150, effects=(0.01, 0.02, 0.05), tests=["adj_bmp", "ts_t"]
    ).power()
    assert list(map(float, power.columns)) == [0.0, 0.01, 0.02, 0.05]
    assert (np.diff(power.to_numpy(), axis=1) > 0).all()
    assert (power[0.05] > 0.9).all()


def test_one_date_takes_each_session_once() -> None:
    found = calibrated("one date")
    true = STUDY.run(events("one date"), panel()).abnormal.row[0]
    possible = [t for t in range(100, len(DAYS) - 3) if t != true]
    assert found.setting.draws == 120
    assert found.setting.sessions == len(possible)
    assert f"120 of {len(possible)} sessions without news, each once" in found.summary()
    everything = STUDY.calibrate(events("one date"), panel(), draws=9999, tests=["bmp"])
    assert everything.setting.draws == len(possible)
    assert f"each of {len(possible)} sessions without news, once" in everything.summary()


def test_rates_have_their_monte_carlo_error() -> None:
    table = calibrated("dates").table
    known = table[table["draws"] > 0]
    error = np.sqrt(known["rate"] * (1 - known["rate"]) / known["draws"])
    np.testing.assert_allclose(known["mc_error"], error)
    assert (known["draws"] + known["undefined"] == 120).all()
    assert set(table["level"]) == {0.01, 0.05, 0.1}
    silent = table[table["draws"] == 0]
    assert set(silent["test"]) == {"single_t", "portfolio_t", "sq", "sur_F", "gls_mean"}
    assert silent[["rate", "mc_error"]].isna().all(axis=None)


def test_rates_by_hand() -> None:
    """A p-value of exactly the level rejects; draws without one are no draws that do not."""
    answers = Answers.empty([Asked.of("bmp")], [es.Window(0, 0)], (0.0,), 0, 5)
    answers.pvalues[0, 0, 0, :, 0] = [0.05, 0.01, np.nan, 0.2, 0.9]
    row = rates_table(answers, [0.05], {"[0,0]": frozenset({"bmp"})}).iloc[0]
    assert row[["alternative", "rate", "draws", "undefined"]].tolist() == ["two-sided", 0.5, 4, 1]
    assert row["mc_error"] == 0.25


def test_no_effect_and_five_percent_are_always_there() -> None:
    plan = Plan(effects=(0.02, -0.01), levels=(0.1, 0.01))
    assert plan.planted == (0.0, -0.01, 0.02)
    assert plan.shares == (0.01, 0.05, 0.1)


def test_the_first_reason_of_silence_is_kept() -> None:
    notes = iter(["the first", "the second"])

    def mute(abnormal: Abnormal, window: es.Window) -> Statistic:
        nan = float("nan")
        return Statistic("mute", nan, nan, nan, "t", nan, nan, note=next(notes))

    answers = Answers.empty([Asked.of(mute)], [es.Window(0, 0)], (0.0,), 0, 2)
    for d in range(2):
        answers.hear(d, example())
    assert answers.silent == {("[0,0]", "mute"): "the first"}


def test_what_is_trusted_is_valid_and_rejects_no_more_than_it_should() -> None:
    p = np.arange(1, 1001) / 1000
    drawn = {"bmp": p, "adj_bmp": p**2, "rank": p, "ts_t": p**0.5}
    answers = Answers.empty([Asked.of(name) for name in drawn], [es.Window(0, 0)], (0.0,), 0, 1000)
    for t, values in enumerate(drawn.values()):
        answers.pvalues[0, t, 0] = values[:, None]
    valid = frozenset({"adj_bmp", "rank", "ts_t"})
    table = rates_table(answers, [0.05, 0.1], {"[0,0]": valid})
    found = Calibration(table, {"[0,0]": calibrated("dates").setting}, {})
    said = ["holds", "rejects too often", "holds", "rejects too rarely"]
    for level in (0.05, 0.1):
        assert found.size(level=level)["verdict"].reindex(list(drawn)).tolist() == said
    assert found.trusted() == ["rank", "ts_t"]


def test_dates_stay_in_their_part_of_the_volatility() -> None:
    options: dict[str, Any] = {"draws": 9999, "tests": ["ts_t"]}
    found = STUDY.calibrate(events("one date"), panel(), strata=3, **options)
    part = volatility_strata(panel().series("SPY"), STUDY.windows, 3)
    possible = [t for t in range(100, len(DAYS) - 3) if t != 300 and part[t] == part[300]]
    assert found.setting.sessions == found.setting.draws == len(possible) < 180


def test_a_joint_test_has_one_tail() -> None:
    size = calibrated("one date").size()
    assert np.isfinite(rate(size, "sur_F", "two-sided"))
    assert size.loc["sur_F", ["greater", "less"]].isna().all()
    assert calibrated("one date").verdict["greater"]["[0,0]"]["sur_F"] == ""


@pytest.mark.parametrize(
    ("rate", "draws", "said"),
    [
        (0.05, 1000, "holds"),
        (0.0775, 1000, "holds"),
        (0.078, 1000, "rejects too often"),
        (0.0225, 1000, "holds"),
        (0.022, 1000, "rejects too rarely"),
        (0.0, 100, "holds"),
        (float("nan"), 0, ""),
    ],
)
def test_a_verdict_needs_four_monte_carlo_errors(rate: float, draws: int, said: str) -> None:
    assert verdict(rate, 0.05, draws) == said


@pytest.mark.parametrize(
    ("effects", "power", "found"),
    [
        ([0.0, 0.01, 0.02], [0.05, 0.5, 0.9], 0.0175),
        ([0.0, 0.01, 0.02], [0.05, 0.5, 0.7], np.inf),
        ([0.0, 0.01, 0.02], [0.05, 0.8, 0.9], 0.01),
        ([0.0, 0.01], [0.85, 0.9], 0.0),
        ([-0.02, -0.01, 0.0], [1.0, 0.6, 0.0], 0.015),
        ([0.0, 0.01], [np.nan, np.nan], np.nan),
    ],
)
def test_the_effect_that_is_found(effects: list[float], power: list[float], found: float) -> None:
    assert smallest_found(effects, power) == pytest.approx(found, nan_ok=True)


def test_detectable_looks_at_positive_effects_or_at_negative_ones() -> None:
    options: dict[str, Any] = {"draws": 100, "tests": ["adj_bmp"]}
    both = STUDY.calibrate(events("dates"), panel(), effects=(-0.04, 0.02, 0.04), **options)
    down = STUDY.calibrate(events("dates"), panel(), effects=(-0.02, -0.04), **options)
    up = STUDY.calibrate(events("dates"), panel(), effects=(0.02, 0.04), **options)
    assert both.detectable["[0,0]", "adj_bmp"] == up.detectable["[0,0]", "adj_bmp"] < 0.04
    assert 0 < down.detectable["[0,0]", "adj_bmp"] < 0.04


# ── options ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("windows", "day", "labels"),
    [
        (None, 0, ["[0,0]"]),
        (None, 1, ["[+1,+1]"]),
        ((-1, 1), 0, ["[-1,+1]"]),
        ("0:2", 0, ["[0,+2]"]),
        ("0:0,-1:1", 0, ["[0,0]", "[-1,+1]"]),
        (2, 0, ["[+2,+2]"]),
        ([(0, 0), (-1, 1), 0], 0, ["[0,0]", "[-1,+1]"]),
    ],
)
def test_windows_that_are_tested(windows: Any, day: int, labels: list[str]) -> None:
    found = STUDY.calibrate(
        events("dates"), panel(), draws=20, windows=windows, day=day, tests=["bmp", "adj_bmp"]
    )
    assert found.windows == labels
    assert found.size(labels[-1]).index.tolist() == ["adj_bmp", "bmp"]


def test_an_effect_is_found_on_the_day_on_which_it_is_planted() -> None:
    options: dict[str, Any] = {"draws": 60, "effects": (0.1,), "tests": ["adj_bmp"]}
    found = STUDY.calibrate(events("dates"), panel(), windows=[(0, 0), (2, 2)], day=2, **options)
    assert rate(found.power(2), "adj_bmp", 0.1) == 1.0
    assert rate(found.power(0), "adj_bmp", 0.1) == rate(found.power(0), "adj_bmp", 0.0)


def test_tests_of_your_own_and_tests_that_draw() -> None:
    def always(abnormal: Abnormal, window: es.Window) -> Statistic:
        return Statistic("always", 1.0, 1.0, 1.0, "permutation", float("nan"), 0.0)

    found = STUDY.calibrate(events("dates"), panel(), draws=10, tests=[always, "wild_dates"])
    size = found.size()
    assert rate(size, "always", "two-sided") == 1.0
    assert size.loc["always", ["greater", "less"]].isna().all()
    assert np.isfinite(rate(size, "wild_dates", "two-sided"))


def test_the_same_seed_gives_the_same_table() -> None:
    options: dict[str, Any] = {"draws": 40, "tests": ["adj_bmp", "rank"]}
    one, two, other = (
        STUDY.calibrate(events("dates"), panel(), rng=seed, **options).table for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(other)


def test_true_windows_are_left_out_of_the_estimation_when_asked() -> None:
    """Huge true reactions spoil σ of placebo dates unless they are excluded."""
    frame = pd.DataFrame(panel().returns.T.copy(), DAYS, panel().tickers)
    frame.iloc[[200, 230, 260, 300, 330], :12] += 2.0
    data = es.Panel.from_returns(frame, market="SPY")
    options: dict[str, Any] = {"draws": 60, "effects": (0.05,), "tests": ["ts_t"]}
    rates = [
        rate(
            replace(STUDY, exclude_other_events=exclude)
            .calibrate(events("dates"), data, **options)
            .power(),
            "ts_t",
            0.05,
        )
        for exclude in (True, False)
    ]
    assert rates[0] > 0.9
    assert rates[1] < 0.5


def test_events_that_could_not_be_used_are_news_all_the_same() -> None:
    """The first event lacks one estimation day; no placebo window may touch its own."""
    frame = panel().returns[panel().tickers.index("F00")].copy()
    frame[150:156] = np.nan
    market = panel().series("SPY")
    data = es.Panel.from_returns(pd.DataFrame({"F00": frame, "SPY": market}, DAYS), market="SPY")
    table = pd.concat([es.events_on(DAYS[k], ["F00"]) for k in (250, 300)])
    study = replace(STUDY, min_obs=90)
    assert study.run(table, data).dropped["reason"].tolist() == ["min_est"]
    options: dict[str, Any] = {"windows": [(-1, 1)], "draws": 9999, "tests": ["single_t"]}
    found = study.calibrate(table, data, **options)
    known = np.isfinite(frame)
    possible = [
        t
        for t in range(100, len(DAYS) - 3)
        if known[t - 1 : t + 2].all()
        and known[t - 100 : t - 5].sum() >= 90
        and min(abs(t - 250), abs(t - 300)) >= 3
    ]
    assert (found.setting.events, found.setting.sessions) == (1, len(possible))


def test_a_model_that_is_not_linear() -> None:
    class Median:
        needs = ()

        def fit(self, block: es.Block) -> Fit:
            level = np.nanmedian(block.returns[:, block.estimation], axis=1)
            return Fit.of(block, np.repeat(level[:, None], block.returns.shape[1], axis=1))

    study = replace(STUDY, model=Median())
    found = study.calibrate(events("dates"), panel(), draws=40, tests=["csect_t", "dates_csect"])
    assert found.size()["draws"].tolist() == [40, 40]


def test_events_without_enough_sessions_are_named() -> None:
    data = panel()
    frame = pd.DataFrame(data.returns.T.copy(), DAYS, data.tickers)
    frame.loc[DAYS[:395], "F03"] = np.nan
    late = replace(STUDY, min_obs=40)
    table = pd.concat([events("dates"), es.events_on(DAYS[440], FIRMS)])
    found = late.calibrate(
        table, es.Panel.from_returns(frame, market="SPY"), draws=20, tests=["adj_bmp"]
    )
    assert found.setting.left_out == ("F03|2024-09-09|1",)
    assert found.setting.events == 5 * 12 - 5 + 12 - 1
    assert "1 event without enough sessions to choose from left out: F03|2024-09-09|1." in str(
        found.summary().replace("\n  ", " ")
    )


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "draws": (
        lambda: STUDY.calibrate(events("dates"), panel(), draws=0),
        "draws=0 is not a count; give a whole number from 1 up.",
    ),
    "effects": (
        lambda: STUDY.calibrate(events("dates"), panel(), effects=(0.0, float("nan"))),
        ("effects holds nan; give returns as fractions, as in (0.01, 0.02) for 1 % and 2 %."),
    ),
    "levels": (
        lambda: STUDY.calibrate(events("dates"), panel(), levels=(5,)),
        "`level` is 5, but a significance level lies between 0 and 1; give 0.05 for 5 %.",
    ),
    "strata": (
        lambda: STUDY.calibrate(events("dates"), panel(), strata=1),
        "strata=1 is no number of parts; give a whole number from 2 up, such as 3.",
    ),
    "no market": (
        lambda: replace(STUDY, model=es.MeanAdjusted()).calibrate(
            events("dates"),
            es.Panel.from_returns(pd.DataFrame(panel().returns.T, DAYS, panel().tickers)),
            strata=3,
        ),
        (
            "Strata are parts of the market's volatility and the panel has no market; "
            "give `market=` to the Panel, or leave `strata` out."
        ),
    ),
    "rng": (
        lambda: STUDY.calibrate(events("dates"), panel(), rng="seed"),  # type: ignore[arg-type]  # what is refused
        (
            "rng='seed' cannot make random numbers; give a seed, a whole number from 0 up, "
            "or a numpy.random.Generator."
        ),
    ),
    "window": (
        lambda: STUDY.calibrate(events("dates"), panel(), windows=(-5, 5)),
        (
            "[-5,+5] is not inside the event window [-3,+3]; widen `window=` of the study or ask "
            "for fewer days."
        ),
    ),
    "day": (
        lambda: STUDY.calibrate(events("dates"), panel(), windows=(0, 0), day=9),
        (
            "[+9,+9] is not inside the event window [-3,+3]; widen `window=` of the study or ask "
            "for fewer days."
        ),
    ),
    "no such window": (
        lambda: calibrated("dates").size((-1, 1)),
        "window='[-1,+1]' is not known; choose one of '[0,0]'.",
    ),
    "no such level": (
        lambda: calibrated("dates").power(level=0.2),
        "level=0.2 is not known; choose one of 0.01, 0.05, 0.1. Did you mean '0.1'?",
    ),
    "alternative": (
        lambda: calibrated("dates").power(alternative="up"),
        "alternative='up' is not known; choose one of 'two-sided', 'greater', 'less'.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    call, sentence = REFUSED[name]
    with pytest.raises(EventStudyError) as caught:
        call()
    assert str(caught.value) == sentence


def test_an_unknown_test_is_refused_before_the_work() -> None:
    with pytest.raises(EventStudyError, match="Did you mean 'adj_bmp'"):
        STUDY.calibrate(events("dates"), panel(), tests=["adj_bpm"])


# ── words and pictures ───────────────────────────────────────────────────────────────────
def test_the_summary_says_it_in_eighty_columns() -> None:
    found = calibrated("dates")
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    assert "60 events: 12 firms on 5 dates, several separate dates" in flat
    assert "120 draws of dates among" in flat
    share = 100 * rate(found.size(), "adj_bmp", "two-sided")
    assert f"adjusted BMP, holds at 5 %: it rejects in {share:.1f} % of the draws" in flat
    assert "these reject more often than the 5 % they promise: " in flat
    assert "bmp (" in flat
    assert text.index("Valid here") < text.index("Not valid here") < text.index("Power of valid")
    assert "portfolio_t (several dates: use dates_csect)" in flat
    assert str(found) == text
    assert repr(found).startswith("<Calibration: ")
    assert "<caption>Calibration</caption>" in found._repr_html_()
    assert "a shock to the whole sector" in flat


def test_draws_that_take_many_of_the_sessions_are_said() -> None:
    dates = [es.events_on(DAYS[k], FIRMS[:2]) for k in range(110, 450, 8)]
    crowd = STUDY.calibrate(pd.concat(dates), panel(), draws=10, tests=["adj_bmp"])
    sessions = crowd.setting.sessions
    said = f"A draw takes 43 of {sessions} sessions, so all draws share the luck of this history"
    assert said in " ".join(crowd.summary().split())
    assert "share the luck" not in calibrated("dates").summary()


def test_skewed_residuals_are_said() -> None:
    skewed = STUDY.calibrate(
        events("one date"), panel(3, skew=True), draws=60, tests=["adj_bmp", "portfolio_t"]
    )
    assert skewed.setting.skewness > 0.5
    said = "The residuals are skewed (median +"
    assert said in skewed.summary()
    assert said not in calibrated("dates").summary()


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ((0.0, 0.2), "It finds an effect of "),
        ((0.0, 0.0001), "It finds the largest effect planted, +0.01 %, in "),
        ((0.0,), "cannot be told from 5 % by 60 draws: it rejects in "),
    ],
)
def test_what_the_leading_test_finds(effects: tuple[float, ...], said: str) -> None:
    found = STUDY.calibrate(
        events("dates"), panel(), draws=60, effects=effects, tests=["adj_bmp", "bmp"]
    )
    assert said in " ".join(found.summary().split())
    assert ("Power of valid tests" in found.summary()) == (len(set(effects)) > 1)


def test_a_calibration_without_any_number_says_so() -> None:
    found = STUDY.calibrate(events("dates"), panel(), draws=5, tests=["single_t"])
    assert "No test gives a number on these dates." in found.summary()
    assert np.isnan(found.detectable["[0,0]", "single_t"])


def test_several_windows_are_summed_up_one_after_the_other() -> None:
    found = STUDY.calibrate(
        events("staggered"), panel(), draws=30, windows=[0, (-1, 1)], tests=["adj_bmp"], strata=2
    )
    assert str(found).count("Calibration\n===") == 2
    flat = " ".join(str(found).split())
    assert "30 draws of 2 chains of dates among" in flat
    assert "each within its half of the market's volatility" in flat


def test_the_picture_has_a_dot_a_test_and_a_line_a_trusted_test() -> None:
    found = calibrated("dates")
    left, right = found.plot()
    size = found.size().dropna(subset="two-sided")
    assert {t.get_text() for t in left.get_yticklabels()} == set(size.index)
    shown = [t.get_text() for t in left.get_yticklabels()]
    valid = [size.loc[t, "valid"] for t in shown]
    assert valid == sorted(valid)
    values = [t.get_text() for t in left.texts]
    assert values == [f"{100 * size.loc[t, 'two-sided']:.1f} %" for t in shown]
    names = {t.get_text() for t in right.texts} - {"80 %"}
    assert names == set(found.trusted())
    assert left.figure.get_suptitle().startswith("Size and power over [0,0]: 60 events, 12 firms")
    left.figure.canvas.draw()


def test_pictures_alone() -> None:
    found = calibrated("dates")
    size = found.size().dropna(subset="two-sided")
    ax = draw_sizes(size, nominal=(0.05, *found.band()), title="size")
    assert ax.get_title(loc="left") == "size"
    assert draw_sizes(size[size["valid"]], nominal=(0.05, 0.02, 0.08), ax=ax) is ax
    empty = draw_powers(found.power().iloc[:0])
    assert [t.get_text() for t in empty.texts] == ["80 %", "no valid test holds"]
    with pytest.raises(EventStudyError, match="`size` is empty, so there is nothing to draw"):
        draw_sizes(size.iloc[:0], nominal=(0.05, 0.02, 0.08))
