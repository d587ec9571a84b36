"""`repr`: one line for every object a user meets, whatever the names in the data."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import one_line
from eventstudy.activity import NightAndDay, Volatility
from eventstudy.backtest.chance import Chance
from eventstudy.backtest.lattice import Grid
from eventstudy.backtest.resampling import Bootstrap
from eventstudy.calibration import Plan, Variations
from eventstudy.factors import Peers
from eventstudy.inference import Correlation, Verdict
from eventstudy.inference._folded import fold_all
from eventstudy.inference.folding import Folded
from eventstudy.loaders import CachedPrices, Key, Page, SimulatedPrices, Yahoo
from eventstudy.one_line import MOST, about, ending, shapes, spelled
from eventstudy.panel.suspicion import DataReport
from eventstudy.report import Explained, NewsDays, SingleEvent, Summary
from eventstudy.report.lines import width_of
from eventstudy.result import Groups
from eventstudy.rolling import Rolling
from eventstudy.windows import Window

HOSTILE = "</script><img onerror=x>\n=HYPERLINK(1)|$x_1$\\input{}\x1b[31m" + 90 * "矿"
FACTORS = tuple(f"FACTOR{k}" for k in range(90))
DAYS = pd.bdate_range("2024-01-01", periods=11)
NAMES = ("MARA", "RIOT", "CLSK", HOSTILE)


@cache
def panel() -> es.Panel:
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2022-01-03", periods=640)
    names = [*NAMES, *(f"F{k}" for k in range(4)), "SPY", "IBIT"]
    returns = pd.DataFrame(rng.normal(0.0, 0.02, (640, len(names))), days, names)
    return es.Panel.from_returns(returns, market="SPY")


@cache
def events() -> pd.DataFrame:
    days = pd.DatetimeIndex(panel().sessions)[300:600:30]
    table = pd.DataFrame(
        [(ticker, day) for day in days for ticker in NAMES], columns=["ticker", "date"]
    )
    group = np.where(table.index % 2, HOSTILE, "deal\nor no deal")
    return table.assign(group=group, size=np.arange(len(table), dtype=float))


def short() -> es.EventStudy:
    return es.EventStudy(estimation=(-120, -11), window=(-2, 5))


@cache
def result() -> es.Result:
    return short().run(events(), panel())


@cache
def backtest() -> es.Backtest:
    return es.Rule(enter=0, leave=2, costs=5).run(events(), panel(), short())


@cache
def night_and_day() -> NightAndDay:
    loaded = short().load(
        es.events_on("2026-01-29", ["MARA", "RIOT"]),
        es.loaders.sample,
        market="SPY",
        fields=("open", "close"),
    )
    found = es.activity.overnight(es.events_on("2026-01-29", ["MARA", "RIOT"]), loaded, short())
    assert isinstance(found, NightAndDay)
    return found


def activity() -> object:
    study, asked = short(), es.events_on("2026-01-29", ["MARA", "RIOT"])
    loaded = study.load(asked, es.loaders.sample, market="SPY", fields=("volume",))
    return es.activity.volume(asked, loaded, study)


def characteristics() -> pd.DataFrame:
    names = [*NAMES, *(f"F{k}" for k in range(4))]
    return pd.DataFrame({"ticker": names, "size": np.arange(1.0, 1.0 + len(names))})


def block() -> es.Block:
    seen: list[es.Block] = []

    @dataclass(frozen=True)
    class Watching(es.MarketModel):
        def fit(self, block: es.Block) -> es.Fit:
            seen.append(block)
            return super().fit(block)

    es.EventStudy(Watching(), estimation=(-120, -11)).run(events(), panel())
    return seen[0]


#: one instance of every class that a user meets; what is public must be here
EXAMPLES: dict[type, Callable[[], object]] = {
    es.Backtest: backtest,
    es.BenchmarkPortfolio: lambda: es.BenchmarkPortfolio({"MARA": "RIOT", HOSTILE: ["MARA"]}),
    es.Block: block,
    es.BuyAndHold: es.BuyAndHold,
    es.CAPM: es.CAPM,
    es.CalendarPortfolio: lambda: es.CalendarTime((1, 60), es.MarketModel()).run(events(), panel()),
    es.CalendarTime: es.CalendarTime,
    es.Calibration: lambda: short().calibrate(events(), panel(), draws=20, tests=["adj_bmp"]),
    es.Carhart4: es.Carhart4,
    es.ControlFirms: lambda: es.ControlFirms(characteristics()),
    es.Costs: lambda: es.Costs(bps=5, borrow=HOSTILE),
    es.Curve: lambda: short().vary(missing=["drop", "skip"]).run(events(), panel(), draws=0),
    es.Dimson: lambda: es.Dimson(lags=2),
    es.ElasticNetModel: lambda: es.ElasticNetModel(NAMES),
    es.EventStudy: lambda: es.EventStudy(es.FactorModel(FACTORS)),
    es.EventStudyError: lambda: es.EventStudyError(HOSTILE),
    es.FactorModel: lambda: es.FactorModel(("SPY", HOSTILE)),
    es.FamaFrench3: es.FamaFrench3,
    es.FamaFrench5: es.FamaFrench5,
    es.FamaFrench6: es.FamaFrench6,
    es.Fit: lambda: es.MarketModel().fit(block()),
    es.GarchMarketModel: es.GarchMarketModel,
    es.Limits: lambda: es.Limits(per_name=0.5),
    es.LongRun: lambda: es.BuyAndHold((1, 20)).run(events(), panel()),
    es.MarketAdjusted: es.MarketAdjusted,
    es.MarketModel: lambda: es.MarketModel(HOSTILE),
    es.MeanAdjusted: es.MeanAdjusted,
    es.Panel: panel,
    es.Preview: lambda: short().preview(
        es.events_on(str(panel().sessions[-1] + 3), ["MARA", HOSTILE]), panel()
    ),
    es.RawReturn: es.RawReturn,
    es.ReferencePortfolios: lambda: es.ReferencePortfolios(characteristics(), groups=2),
    es.Result: result,
    es.RobustMarketModel: es.RobustMarketModel,
    es.Rule: lambda: es.Rule(side=HOSTILE, hedge=es.MarketModel(), costs=es.Costs(borrow=0.1)),
    es.ScholesWilliams: es.ScholesWilliams,
    es.Statistic: lambda: result().test("adj_bmp", (0, 0)),
    es.SyntheticControl: lambda: es.SyntheticControl([f"DONOR{k}" for k in range(400)]),
    es.Timing: lambda: es.Timing(max_shift=2),
    es.TradeToTrade: es.TradeToTrade,
    es.Window: lambda: Window(-1, 1),
    es.activity.Activity: activity,
    NightAndDay: night_and_day,
    Volatility: lambda: es.activity.volatility(events(), panel(), short(), draws=20),
    Bootstrap: lambda: backtest().bootstrap(99),
    Chance: lambda: backtest().placebo(99),
    Grid: lambda: es.Rule().grid(events(), panel(), enter=[0], leave=[2, 3], draws=99),
    Variations: lambda: short().vary(missing=["drop", "skip"]),
    Plan: Plan,
    es.universe.Holding: lambda: es.universe.Holding("WGMI", "MARA", 0.1, "2026-01", "it"),
    Peers: lambda: es.factors.peers([*NAMES, "F1"]),
    Correlation: lambda: es.inference.correlation(result().abnormal, (0, 0)),
    Verdict: lambda: es.inference.valid(result().abnormal, (0, 0)),
    Folded: lambda: fold_all(result().abnormal, [(0, 0), (-1, 1)]),
    Rolling: lambda: Rolling.empty((Window(0, 0),), range(3), 4),
    CachedPrices: lambda: es.loaders.cached(es.loaders.sample, "kept/" + "folder/" * 60),
    Key: lambda: Key("PRICES_KEY", "value"),
    Page: lambda: Page("example.org", HOSTILE.encode() * 100),
    SimulatedPrices: SimulatedPrices,
    Yahoo: Yahoo,
    DataReport: lambda: panel().check(),
    Explained: lambda: result().explain("size", (0, 0)),
    NewsDays: lambda: result().news_days(HOSTILE),
    SingleEvent: lambda: result().single(result().events.index[3]),
    Summary: lambda: result().summary((0, 0)),
    Groups: lambda: result().by("group"),
    type(result().abnormal): lambda: result().abnormal,
    type(es.loaders.csv("x.csv")): lambda: es.loaders.csv("/home/" + "a-folder/" * 40 + "p.csv"),
}


def public() -> set[type]:
    """Classes among the public names, and among those of the public modules."""
    found: list[object] = [getattr(es, name) for name in es.__all__]
    modules = [thing for thing in found if isinstance(thing, ModuleType)]
    modules += [import_module(f"eventstudy.{name}") for name in ("backtest", "calibration")]
    found += [getattr(m, name) for m in modules for name in getattr(m, "__all__", dir(m))]
    return {
        thing
        for thing in found
        if inspect.isclass(thing)
        and thing.__module__.startswith("eventstudy")
        and not getattr(thing, "_is_protocol", False)
        and not issubclass(thing, Exception)
    }


def test_every_public_class_has_an_example() -> None:
    missing = sorted(kind.__name__ for kind in public() - set(EXAMPLES))
    assert not missing


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_one_line(kind: type) -> None:
    thing = EXAMPLES[kind]()
    assert isinstance(thing, kind)
    said = repr(thing)
    assert said.isprintable(), said  # no line break, no control character
    assert "\x1b" not in said
    if not isinstance(thing, Exception):  # the repr of an error is its sentence
        assert width_of(said) <= MOST, said
    assert not said.startswith("<eventstudy")
    assert " at 0x" not in said


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_print_is_the_page_where_there_is_one(kind: type) -> None:
    thing = EXAMPLES[kind]()
    if hasattr(thing, "_repr_html_") and kind is not Groups:
        assert "\n" in str(thing)
        assert str(thing) != repr(thing)


DESIGNS = [
    es.EventStudy(),
    es.EventStudy(es.FactorModel(("SPY", "IBIT")), estimation=[(30, 120), (-120, -11)]),
    es.EventStudy(es.MeanAdjusted(), min_obs=40, timing=es.Timing("drop", max_shift=0)),
    es.EventStudy(es.FactorModel(("SPY", es.factors.peers(["A", "B"], min_peers=1)))),
    es.MarketModel("^GSPC"),
    es.Dimson(lags=3, mode="full"),
    es.GarchMarketModel(variance="egarch"),
    es.BenchmarkPortfolio({"A": ["B", "C"], "D": {"E": 0.25, "F": 0.75}}),
    es.RobustMarketModel(k=1.5),
    es.Rule(),
    es.Rule(enter="open+1", leave=3, side="short", weight="size", hedge=es.CAPM(), costs=0),
    es.Rule(costs=es.Costs(half_spread="spread"), limits=es.Limits(gross=2, overlap="ignore")),
    es.Rule(leave=9, side=len),  # type: ignore[arg-type]  # any function with a name
    es.Timing(roll="raise"),
    es.Limits(),
    es.Costs(bps=0.5, hedge_bps=1),
    es.CalendarTime(holding=(1, 60), model=es.CAPM(), se="HC0"),
    es.factors.peers(["A", "B"], name="miners"),
]


@pytest.mark.parametrize("design", DESIGNS, ids=repr)
def test_a_design_is_the_call_that_makes_it_again(design: object) -> None:
    names: dict[str, Any] = {}
    exec("from eventstudy import *", names)  # noqa: S102  (our own words, as a user types them)
    assert eval(spelled(design), names) == design  # noqa: S307  (likewise)
    assert eval(spelled(design, prefix="es."), {"es": es}) == design  # noqa: S307
    if width_of(spelled(design)) <= MOST:
        assert repr(design) == spelled(design)


def test_options_by_default_are_left_out() -> None:
    assert repr(es.EventStudy()) == (
        "EventStudy(MarketModel(), estimation=(-250, -11), window=(-10, 10))"
    )
    assert repr(es.Rule(hedge=es.FactorModel(("SPY",)))) == (
        "Rule(enter=0, leave=5, hedge=FactorModel(('SPY',)))"
    )
    assert repr(es.Timing()) == "Timing()"
    assert repr(es.Window(-3, 4)) == "Window(-3, 4)"  # an option is written as a pair
    assert spelled(es.EventStudy(es.CAPM(), window=0), prefix="es.") == (
        "es.EventStudy(es.CAPM(), estimation=(-250, -11), window=(0, 0))"
    )


def test_long_designs_name_a_few() -> None:
    many = es.EventStudy(es.FactorModel(FACTORS))
    assert "('FACTOR0', 'FACTOR1', … 88 more)" in repr(many)
    assert "FACTOR89" in spelled(many)


def test_a_model_of_ones_own_is_called_by_its_class() -> None:
    class Mine:
        needs = ("market",)

        def fit(self, block: es.Block) -> es.Fit:
            raise NotImplementedError

    assert repr(es.EventStudy(Mine())).startswith("EventStudy(<Mine>, estimation=")  # no address

    class Said(Mine):
        def __repr__(self) -> str:
            return "Said(\n  1)"

    assert repr(es.EventStudy(Said())).startswith("EventStudy(Said( 1), estimation=")


def test_what_results_say() -> None:
    found = result()
    row = found.caar((0, 0)).iloc[0]
    assert repr(found) == (
        f"<Result: MarketModel, 40 events on 10 dates, [-2,+5], CAAR [0,0] "
        f"{100 * row['estimate']:+.2f} %, p {row['pvalue']:.2f} ({row['test']})>"
    )
    assert repr(found.summary()).startswith("<Summary: MarketModel (SPY), 40 events on 10 dates")
    assert repr(found.by("group")) == (
        "<Groups: </script><img onerror=x…: 20, deal or no deal: 20>"
    )
    assert repr(found.abnormal) == (
        "<Abnormal: 40 events on 10 dates, estimation [-120,-11], window [-2,+5]>"
    )
    assert repr(panel()) == (
        "<Panel: 10 tickers × 640 sessions, 2022-01-03 … 2024-06-14, market SPY, 0.0 % missing>"
    )
    assert repr(short().vary(missing=["drop", "skip"])) == (
        "<Variations: 2 specifications: 2 × missing, 1 × window>"
    )


@pytest.mark.parametrize("store", ["car", "aggregate"])
def test_sums_say_what_they_hold_and_measure_nothing_again(store: str) -> None:
    kept = short().run(events(), panel(), store=store, windows=[(0, 0)])
    other = short().run(events(), panel(), store=store, windows=[(1, 2)])
    assert "CAAR [0,0]" in repr(kept)
    assert repr(other) == "<Result: MarketModel, 40 events on 10 dates, [-2,+5]>"


def test_a_statistic_without_an_answer_says_why() -> None:
    silent = result().test("portfolio_t", (0, 0))
    assert np.isnan(silent.statistic)
    assert silent.note[:20] in repr(silent)
    assert "nan" not in repr(silent)


def test_many_events_cost_no_test() -> None:
    large = es.EventStudy(timing=es.Timing(duplicates="keep"))
    table = pd.concat([events()] * 300, ignore_index=True)
    found = large.run(table, panel())
    repr(found.abnormal)
    began = time.perf_counter()
    said = repr(found)
    assert "12,000 events" in said
    assert "CAAR" not in said
    assert time.perf_counter() - began < 1.0  # far above the few milliseconds that it takes


def test_a_large_panel_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("eventstudy.panel.panel"), "_COUNTED", 10)
    assert "missing" not in repr(es.Panel.from_returns(pd.DataFrame({"A": np.zeros(11)}, DAYS)))


def test_about_cleans_and_cuts() -> None:
    assert about(ValueError(), HOSTILE[:30]) == "<ValueError: </script><img onerror=x> =HYPE>"
    assert width_of(about(ValueError(), HOSTILE)) <= MOST
    assert about(ValueError(), HOSTILE).endswith("…>")


def test_paths_end_with_the_file() -> None:
    assert ending("/a/prices.csv") == "/a/prices.csv"
    assert ending("/a/" + 200 * "b" + "/prices.csv").endswith("b/prices.csv")
    assert len(ending(200 * "b")) == MOST - 20


def test_shapes_tell_arrays() -> None:
    assert repr(block()).startswith("<Block: returns 4×131, factors 131×1, rows 131")
    assert shapes(block()) == repr(block())


def test_words_are_shared_with_the_report() -> None:
    assert one_line.width_of is width_of
