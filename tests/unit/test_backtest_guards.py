"""Clairvoyance, planted wherever it could creep in: each guard stops it.

In this market every announcement moves its firm by 8 % in the session in which the market learns
of it, in the direction of its surprise, and nothing else can be foreseen. Whoever knows a surprise
too early is rich, and whoever doesn't earns nothing. Where a test says `let_through`, the same
trades are made with the guard out of the way, so that it is seen what it stops.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.align import inputs, place
from eventstudy.arrays import Placement, Windows
from eventstudy.backtest.asking import Known
from eventstudy.backtest.guarding import as_announced
from eventstudy.backtest.peeking import refuse_peeking
from eventstudy.backtest.trading import Plan, order
from eventstudy.errors import ModelError, OptionError, PanelError, WindowError
from eventstudy.panel.provenance import Provenance

S, T, MOVE = 8, 520, 0.08
DAYS = pd.bdate_range("2023-01-02", periods=T)
FIRMS = [f"F{i}" for i in range(S)]
STUDY = es.EventStudy(estimation=(-120, -11))
SESSIONS = ("before_open", "intraday", "after_close")
#: a Sharpe ratio that nobody has
SILLY = 4.0


@dataclass(frozen=True)
class World:
    """A market, and the news that moved it."""

    panel: es.Panel
    events: pd.DataFrame


@cache
def world(sessions: tuple[str, ...] = SESSIONS, seed: int = 3, weekend: bool = False) -> World:
    """Firms with a market, opens and closes, and 48 announcements with their surprises."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, T)
    day = 0.5 * market[:, None] + rng.normal(0, 0.01, (T, S))
    night = 0.5 * market[:, None] + rng.normal(0, 0.01, (T, S))
    rows = np.sort(rng.choice(np.arange(140, T - 20, 6), 48, replace=False))
    firm, said = rng.integers(0, S, 48), rng.choice(sessions, 48)
    surprise = rng.choice([-1.0, 1.0], 48) * rng.uniform(0.5, 2.0, 48)
    if weekend:  # after the close of a Friday
        rows = np.array([row - DAYS[row].weekday() + 4 for row in rows])
    learnt = rows + (said == "after_close")
    at_night = said != "intraday"
    np.add.at(night, (learnt[at_night], firm[at_night]), MOVE * np.sign(surprise[at_night]))
    np.add.at(day, (learnt[~at_night], firm[~at_night]), MOVE * np.sign(surprise[~at_night]))
    close = 100.0 * np.cumprod((1 + night) * (1 + day), axis=0)
    opened = close / (1 + day)
    prices = pd.DataFrame(close, DAYS, FIRMS).assign(SPY=100 * np.cumprod(1 + market))
    fields = {"open": pd.DataFrame(opened, DAYS, FIRMS), "close": prices[FIRMS]}
    panel = es.Panel.from_prices(prices, market="SPY", fields=fields, risk_free=0.0001)
    events = pd.DataFrame(
        {
            "ticker": np.array(FIRMS)[firm],
            "date": DAYS[rows],
            "session": said,
            "surprise": surprise,
        }
    )
    return World(panel, es.read_events(events))


def run(rule: es.Rule, events: pd.DataFrame, panel: es.Panel | None = None) -> Any:
    return rule.run(events, panel or world().panel, STUDY)


def sharpe(done: Any) -> float:
    """Of a year, from the daily profits."""
    net = done.daily["net"].to_numpy()
    return float(net.mean() / net.std(ddof=1) * np.sqrt(252))


def let_through(rule: es.Rule, events: pd.DataFrame, panel: es.Panel | None = None) -> float:
    """What a rule would earn that is told all it wants: by a lie about what was public when."""
    lied = events.assign(scheduled=True)
    for column in rule.columns.values():
        lied[f"{column}_known"] = DAYS[0]
    return sharpe(run(rule, lied, panel))


SIGN = es.Rule(enter=-1, leave=0, side="surprise", costs=0)
HONEST = es.Rule(enter=0, leave=5, side="surprise", costs=0)


def refused(rule: es.Rule, events: pd.DataFrame, **options: Any) -> str:
    with pytest.raises(OptionError) as caught:
        run(rule, events, **options)
    return str(caught.value)


# ── 1–7: the announcement ────────────────────────────────────────────────────────────────
def test_an_honest_rule_earns_nothing_here() -> None:
    assert abs(sharpe(run(HONEST, world().events))) < 2.0


def told(events: pd.DataFrame) -> tuple[str, str, str]:
    """The first event: its id, the session before its day 0, and when it was announced."""
    first = events.iloc[0]
    row = int(np.searchsorted(DAYS, first["date"])) - (first["session"] != "after_close")
    words = {"before_open": "before the open", "after_close": "after the close"}
    session = words.get(first["session"], first["session"])
    return str(events.index[0]), f"{DAYS[row]:%Y-%m-%d}", f"{first['date']:%Y-%m-%d}, {session}"


def test_before_unscheduled_news() -> None:
    events = world().events
    first, entry, news = told(events)
    assert refused(SIGN, events) == (
        f"The rule would enter {first} at the close of {entry}, before the market can know of it "
        f"({news}); it does so in 48 of 48 events; enter later, or mark events whose day was "
        f"public beforehand as `scheduled` (an unknown session counts as after the close)."
    )
    assert let_through(SIGN, events) > SILLY


def test_at_the_close_of_the_day_of_news_after_the_close() -> None:
    made = world(("after_close",))
    said = refused(SIGN, made.events, panel=made.panel)
    assert "after the close" in said
    assert let_through(SIGN, made.events, made.panel) > SILLY
    run(HONEST, made.events, made.panel)  # the close of day 0, the session after, is allowed


def test_news_of_an_unknown_hour_counts_as_after_the_close() -> None:
    made = world(("after_close",))
    silent = made.events.assign(session="unknown")
    refused(SIGN, silent, panel=made.panel)
    refused(SIGN, silent.drop(columns="session"), panel=made.panel)
    done = run(HONEST, silent, made.panel)
    entered = done.trades["enter"].to_numpy()
    np.testing.assert_array_equal(entered > silent["date"].loc[done.trades.index], True)
    pd.testing.assert_frame_equal(done.trades, run(HONEST, made.events, made.panel).trades)
    # who calls it news of the day itself holds the move
    called = silent.assign(session="before_open")
    assert let_through(replace(SIGN, leave=1), called, made.panel) > SILLY


@pytest.mark.parametrize("scheduled", [False, None, np.nan, "", "no", 0, "false"])
def test_what_is_not_said_to_be_scheduled_is_not(scheduled: Any) -> None:
    events = world().events.assign(scheduled=scheduled)
    assert "before the market can know" in refused(SIGN, events)


def test_one_event_that_is_not_scheduled_refuses_all() -> None:
    events = world().events.assign(scheduled=[True] * 30 + [False] + [True] * 17)
    said = refused(es.Rule(-1, 0), events)
    assert "in 1 of 48 events" in said
    assert str(events.index[30]) in said


def detected() -> pd.DataFrame:
    return es.detect(world().panel, STUDY, z=4, tickers=FIRMS, catalysts=False)


@pytest.mark.parametrize(
    "disguise",
    [
        lambda found: found.assign(session="before_open"),
        lambda found: found.assign(session="before_open", scheduled=True),
        lambda found: found.assign(session="intraday", scheduled="yes"),
        lambda found: found[["ticker", "date", "sar"]].assign(session="before_open"),
        lambda found: pd.concat(
            [found.assign(session="intraday"), world().events.add_prefix("w ", axis=0)]
        ),
        lambda found: pd.DataFrame(found.to_dict("list"), found.index).assign(session="intraday"),
    ],
)
def test_a_day_that_was_found_by_its_move(disguise: Callable[[pd.DataFrame], Any]) -> None:
    found = detected()
    assert len(found) > 20
    events = disguise(found)
    rule = es.Rule(enter=-1, leave=0, side="long", costs=0)
    assert "after the close" in refused(rule, events)
    done = run(replace(rule, enter=0, leave=5), events)
    trades = done.trades.loc[done.trades.index.isin(found.index)]
    assert len(trades) > 20
    assert (trades["enter"] > found["date"].loc[trades.index]).all()


def test_what_a_day_that_was_found_would_have_earned() -> None:
    found = detected().rename(columns={"sar": "signal"})
    plain = pd.DataFrame(found[["ticker", "date", "signal"]].to_dict("list"), found.index)
    rule = es.Rule(enter=-1, leave=0, side="signal", costs=0)
    assert let_through(rule, plain.assign(session="before_open")) > SILLY


def test_notes_say_what_was_taken_for_what() -> None:
    known, notes = as_announced(world().events)
    assert notes == ()
    pd.testing.assert_frame_equal(known.table, world().events)
    _, notes = as_announced(world().events.assign(session=["unknown"] + ["intraday"] * 47))
    assert notes == ("1 event without a known session: traded as news after the close.",)
    _, notes = as_announced(detected().assign(session="unknown"))
    assert notes == (
        f"{len(detected())} events found by `detect`: traded as news after the close.",
    )
    silent = world().events.assign(session="unknown").add_prefix("w ", axis=0)
    _, notes = as_announced(pd.concat([detected(), silent]))
    assert notes == (
        "48 events without a known session: traded as news after the close.",
        f"{len(detected())} events found by `detect`: traded as news after the close.",
    )


def test_a_timing_that_rolls_backward() -> None:
    """Friday's news after the close would have its day 0 on Friday, before it came."""
    made = world(("after_close",), weekend=True)
    assert set(made.events["date"].dt.day_name()) == {"Friday"}
    study = replace(STUDY, timing=es.Timing(roll="backward", duplicates="keep"))
    rule = es.Rule(enter=0, leave=1, side="surprise", costs=0)
    with pytest.raises(OptionError, match="before the market can know of it"):
        rule.run(made.events, made.panel, study)
    lied = made.events.assign(scheduled=True, surprise_known=DAYS[0])
    assert sharpe(rule.run(lied, made.panel, study)) > SILLY


def test_news_of_the_session_at_its_open() -> None:
    made = world(("intraday",))
    rule = es.Rule("open+0", 0, side="surprise", costs=0)
    assert "at the open of" in refused(rule, made.events, panel=made.panel)
    assert let_through(rule, made.events, made.panel) > SILLY
    run(replace(rule, enter="open+1", leave=1), made.events, made.panel)


@pytest.mark.parametrize("session", ["before_open", "after_close"])
def test_news_of_the_night_is_known_at_the_open(session: str) -> None:
    made = world((session,))
    done = run(es.Rule("open+0", 0, side="surprise", costs=0), made.events, made.panel)
    assert abs(sharpe(done)) < 2.0  # the move is in the open
    assert "at the close of" in refused(
        es.Rule(-1, "open+0", side="surprise"), made.events, panel=made.panel
    )


# ── 8–11: values that come later ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("option", ["side", "weight"])
def test_a_value_that_is_dated_later(option: str) -> None:
    events = world().events.assign(drift=1.0, scheduled=True)
    late = events["date"] + pd.Timedelta(days=20)
    rule = es.Rule(side="drift") if option == "side" else es.Rule(weight="drift")
    said = refused(rule, events.assign(drift_known=late))
    assert said.startswith(f"{option}='drift' is not known at entry in 48 of 48 events, first in")
    run(rule, events.assign(drift_known=events["date"] - pd.Timedelta(days=3)))
    run(rule, events)  # without a date it came with the announcement


def test_what_a_value_of_later_would_have_earned() -> None:
    panel, events = world().panel, world().events
    row = np.searchsorted(panel.sessions, events["date"].to_numpy().astype("datetime64[D]"))
    firm = panel.firm_codes(events["ticker"])
    later = np.array(
        [panel.returns[i, t + 2 : t + 5].sum() for i, t in zip(firm, row, strict=True)]
    )
    events = events.assign(drift=later, drift_known=DAYS[row + 5])
    rule = es.Rule(1, 4, side="drift", costs=0)
    assert "is not known at entry" in refused(rule, events)
    assert let_through(rule, events) > SILLY


def test_a_surprise_before_a_scheduled_announcement() -> None:
    events = world().events.assign(scheduled=True)
    first, entry, news = told(events)
    assert refused(SIGN, events) == (
        f"side='surprise' is not known at entry in 48 of 48 events, first in {first} (entered at "
        f"the close of {entry}, announced {news}); enter later, or give in a column "
        f"'surprise_known' the dates on which the values were known."
    )
    assert let_through(SIGN, events) > SILLY
    run(es.Rule(-1, 0), events)  # the day was public, a side is not asked of it


def test_a_surprise_dated_on_the_day_of_news_after_the_close() -> None:
    """Its date is true, and it is no later than the session of entry: but its hour is."""
    made = world(("after_close",))
    events = made.events.assign(scheduled=True, surprise_known=made.events["date"])
    assert "is not known at entry" in refused(SIGN, events, panel=made.panel)
    run(HONEST, events, made.panel)
    run(replace(SIGN, enter="open+0"), events, made.panel)


def test_at_the_open_a_value_of_the_same_day_is_not_known() -> None:
    events = world(("before_open",)).events.assign(drift=1.0)
    rule = es.Rule("open+1", 2, side="drift")
    panel = world(("before_open",)).panel
    row = np.searchsorted(DAYS, events["date"])
    refused(rule, events.assign(drift_known=DAYS[row + 1]), panel=panel)
    run(rule, events.assign(drift_known=DAYS[row]), panel)
    run(replace(rule, enter=1), events.assign(drift_known=DAYS[row + 1]), panel)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NaT])
def test_a_date_that_is_missing_is_that_of_the_announcement(missing: Any) -> None:
    events = world().events.assign(scheduled=True, surprise_known=DAYS[0].strftime("%Y-%m-%d"))
    run(SIGN, events)
    events["surprise_known"] = events["surprise_known"].astype(object)
    events.loc[events.index[5], "surprise_known"] = missing
    assert "in 1 of 48 events" in refused(SIGN, events)
    events.loc[events.index[5], "surprise"] = np.nan  # no value, no trade
    assert len(run(SIGN, events).trades) == 47


@pytest.mark.parametrize("value", ["soon", 3, True, "03/04/2024", "2024-03-04 16:20"])
def test_dates_that_are_none(value: Any) -> None:
    events = world().events.assign(surprise_known=value)
    with pytest.raises(es.errors.EventsError) as caught:
        run(HONEST, events)
    start = "The column 'surprise_known' should hold dates as 2026-02-25: `date` "
    assert str(caught.value).startswith(start)


# ── 12–15: the estimation ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "estimation", [(20, 120), [(-120, -11), (20, 80)], [(-120, -60), (-50, -11), (30, 31)]]
)
def test_an_estimation_after_the_event(estimation: Any) -> None:
    study = es.EventStudy(estimation=estimation) if isinstance(estimation, list) else None
    study = study or es.EventStudy(estimation=[estimation])
    with pytest.raises(WindowError, match="give a study whose estimation ends on day -1 or before"):
        es.Rule(hedge=es.MarketModel()).run(world().events, world().panel, study)


def test_an_estimation_that_reaches_an_early_entry() -> None:
    events = world().events.assign(scheduled=True)
    with pytest.raises(WindowError) as caught:
        es.Rule(-11, 0).run(events, world().panel, STUDY)
    assert str(caught.value) == (
        "The study estimates on [-120,-11] and so looks at day -11, but the rule trades at the "
        "close of day -11; give a study whose estimation ends on day -12 or before."
    )
    es.Rule(-10, 0).run(events, world().panel, STUDY)
    with pytest.raises(WindowError, match="the open of day -11"):
        es.Rule("open-11", 0).run(events, world().panel, STUDY)
    es.Rule("open-10", 0).run(events, world().panel, STUDY)
    with pytest.raises(WindowError, match=r"estimates on \[-250,-11\]"):
        es.Rule(-11, 0).run(events, world().panel)  # the usual study


@pytest.mark.parametrize("where", ["hedge", "study"])
def test_an_estimation_that_reads_the_market_of_later_days(where: str) -> None:
    """Two leads look at the days −10 and −9."""
    events, dimson = world().events.assign(scheduled=True), es.Dimson(lags=2)
    study = replace(STUDY, model=dimson) if where == "study" else STUDY
    hedge = dimson if where == "hedge" else None
    with pytest.raises(WindowError) as caught:
        es.Rule(-9, 0, hedge=hedge).run(events, world().panel, study)
    assert str(caught.value) == (
        "The study estimates on [-120,-11] and so looks at day -9, but the rule trades at the "
        "close of day -9; give a study whose estimation ends on day -12 or before."
    )
    es.Rule(-8, 0, hedge=hedge).run(events, world().panel, study)


def test_an_estimation_without_days_of_events_that_are_not_known() -> None:
    """Which days are left out would tell that more news is to come."""
    events = world().events.assign(scheduled=True)
    study = replace(STUDY, window=(-6, 6), estimation=(-120, -7), exclude_other_events=True)
    with pytest.raises(WindowError) as caught:
        es.Rule(-5, 0).run(events, world().panel, study)
    assert str(caught.value) == (
        "The estimation ends on day -7 without the days in windows [-6,+6] of other events, some "
        "of which are not known at the close of day -5; end it on day -11 or before, or leave "
        "`exclude_other_events` out."
    )
    es.Rule(-5, 0).run(events, world().panel, replace(study, estimation=(-120, -11)))
    es.Rule(-1, 0).run(events, world().panel, study)
    with pytest.raises(WindowError, match="known at the open of day -1; end it on day -8"):
        es.Rule("open-1", 0).run(events, world().panel, study)
    es.Rule("open+0", 0).run(events, world().panel, study)
    backward = replace(study, timing=es.Timing(roll="backward"))
    with pytest.raises(WindowError, match="known at the close of day -1; end it on day -8"):
        es.Rule(-1, 0).run(events, world().panel, backward)


def test_an_estimation_of_the_study_counts_beside_that_of_the_hedge() -> None:
    """σ is the study's: two leads of its model look at the days −10 and −9."""
    events = world().events.assign(scheduled=True)
    study = replace(STUDY, model=es.Dimson(lags=2))
    with pytest.raises(WindowError, match="looks at day -9"):
        es.Rule(-9, 0, hedge=es.MarketModel()).run(events, world().panel, study)


@pytest.mark.parametrize("hedge", [es.Dimson(mode="full"), es.TradeToTrade(), es.MeanAdjusted()])
def test_a_hedge_that_nobody_can_trade(hedge: Any) -> None:
    with pytest.raises(ModelError):
        es.Rule(hedge=hedge)


def test_inputs_that_are_something_else() -> None:
    events, panel = world().events, world().panel
    with pytest.raises(PanelError) as caught:
        es.Rule().run(events, replace(panel, kind="log"))
    assert str(caught.value) == (
        "The panel holds log returns and a trade earns simple ones; build it again with "
        "kind='simple'."
    )
    with pytest.raises(PanelError, match="panel is a DataFrame"):
        es.Rule().run(events, panel.returns_frame())  # type: ignore[arg-type]  # what is refused
    for study in (es.MarketModel(), es.EventStudy, 5):
        with pytest.raises(OptionError, match="study is a"):
            es.Rule().run(events, panel, study)  # type: ignore[arg-type]  # what is refused
    for table in (None, [1], events.iloc[:0]):
        with pytest.raises(es.errors.EventsError):
            es.Rule().run(table, panel)  # type: ignore[arg-type]  # what is refused
    with pytest.raises(ModelError, match="risk-free"):
        es.Rule(hedge=es.CAPM()).run(events, replace(panel, risk_free=None))


# ── 16–18: models that look ahead ────────────────────────────────────────────────────────
class Prophet:
    """A model of somebody's own, which expects what will happen."""

    needs = ("market",)

    def __init__(self, expect: Callable[[es.Block], Any], sigma: bool = False) -> None:
        self.expect, self.sigma = expect, sigma

    def fit(self, block: es.Block) -> es.Fit:
        usual = es.MarketModel().fit(block)
        whole = np.broadcast_to(block.factors[:, 0], block.returns.shape).copy()
        found = es.Fit.of(block, self.expect(block) if not self.sigma else whole)
        if self.sigma:
            ahead = np.nanstd(block.returns[:, block.event], axis=1)
            return replace(found, sigma=0.01 + ahead)
        return replace(found, sigma=usual.sigma)


def perfect(block: es.Block) -> Any:
    return block.returns.copy()


def tomorrow(block: es.Block) -> Any:
    market = np.append(block.factors[1:, 0], 0.0)
    return np.broadcast_to(market, block.returns.shape).copy()


def plain(block: es.Block) -> Any:
    return np.broadcast_to(block.factors[:, 0], block.returns.shape).copy()


@pytest.mark.parametrize(
    ("expect", "what"),
    [(perfect, "its expected returns"), (tomorrow, "the expected returns of earlier days")],
)
def test_a_hedge_that_looks_ahead(expect: Callable[[es.Block], Any], what: str) -> None:
    with pytest.raises(ModelError) as caught:
        run(es.Rule(hedge=Prophet(expect)), world().events)
    assert str(caught.value) == (
        f"Prophet gives another answer for {what} when only later returns change, so it looks "
        f"ahead; let it estimate on `block.estimation` alone."
    )


def test_a_hedge_of_ones_own_that_does_not() -> None:
    mine = run(es.Rule(hedge=Prophet(plain)), world().events)
    known = run(es.Rule(hedge=es.MarketAdjusted()), world().events)
    np.testing.assert_allclose(mine.trades["net"], known.trades["net"], rtol=0, atol=1e-14)


def test_a_sigma_that_looks_ahead() -> None:
    """Whoever weighs by it would hold little of what is about to fall."""
    prophet = Prophet(plain, sigma=True)
    with pytest.raises(ModelError, match="Prophet gives another answer for its σ"):
        run(es.Rule(hedge=prophet, weight="inverse_sigma"), world().events)
    span = Windows(es.Window(-120, -11), es.Window(0, 5))
    at = place(world().events, world().panel, span, STUDY.timing).placement
    seen = inputs(prophet, world().panel, at, span)
    tickers = world().panel.tickers
    with pytest.raises(ModelError, match="Prophet gives another answer for its σ"):
        refuse_peeking(prophet, seen, at, span, tickers)
    refuse_peeking(Prophet(plain), seen, at, span, tickers)
    refuse_peeking(prophet, seen, Placement(at.firm[:0], at.row[:0], at.event[:0]), span, tickers)


class Tuned:
    """A model of somebody's own whose slope and σ are those of a few days, wherever they lie."""

    needs = ("market",)

    def __init__(self, days: slice, part: str) -> None:
        self.days, self.part = days, part

    def fit(self, block: es.Block) -> es.Fit:
        usual = es.MarketModel().fit(block)
        days = np.arange(block.returns.shape[1])[block.event][self.days]
        size = 1.0 + np.abs(block.factors[days, 0]).mean()
        if self.part == "σ":
            return replace(usual, sigma=usual.sigma * size)
        return replace(usual, params=usual.params * size)


@pytest.mark.parametrize("part", ["slopes", "σ"])
@pytest.mark.parametrize("days", [slice(0, 1), slice(1, 2), slice(3, 4), slice(5, 6)])
def test_a_model_tuned_on_the_market_of_later_days(days: slice, part: str) -> None:
    """A hedge ratio is made before entry: not even the market of the day of entry is in it."""
    with pytest.raises(ModelError, match=f"Tuned gives another answer for its {part}"):
        run(es.Rule(hedge=Tuned(days, part)), world().events)
    with pytest.raises(ModelError, match=f"Tuned gives another answer for its {part}"):
        es.Rule().run(world().events, world().panel, replace(STUDY, model=Tuned(days, part)))


def test_a_slope_made_from_the_return_of_the_day_of_entry() -> None:
    class Late(Tuned):
        def fit(self, block: es.Block) -> es.Fit:
            usual = es.MarketModel().fit(block)
            first = block.returns[:, np.arange(block.returns.shape[1])[block.event][0]]
            return replace(usual, params=usual.params * (1.0 + first[:, None]))

    with pytest.raises(ModelError, match="Late gives another answer for its slopes"):
        run(es.Rule(hedge=Late(slice(1), "slopes")), world().events)


class Rivals:
    """A factor of somebody's own that differs by firm: the mean of the firms a few days later."""

    name, tickers = "rivals", tuple(FIRMS)

    def __init__(self, lead: int) -> None:
        self.lead = lead

    def series(self, returns: Any, tickers: tuple[str, ...]) -> Any:
        mean = np.nan_to_num(returns).mean(axis=0)
        shifted = np.append(mean[self.lead :], np.zeros(self.lead))
        return np.broadcast_to(shifted, returns.shape).copy()


def test_a_factor_that_looks_ahead() -> None:
    with pytest.raises(ModelError) as caught:
        run(es.Rule(hedge=es.FactorModel(("market", Rivals(1)))), world().events)
    assert str(caught.value) == (
        "The factor rivals has other values where later returns are left out, so it looks ahead; "
        "make each day of `series` from the returns up to that day."
    )
    run(es.Rule(hedge=es.FactorModel(("market", Rivals(0)))), world().events)
    run(es.Rule(hedge=es.FactorModel(("market", es.factors.peers(FIRMS)))), world().events)


# ── 19–24: a function of what is known ───────────────────────────────────────────────────
def furnished() -> tuple[es.Panel, pd.DataFrame]:
    """A panel with all that it can hold, and events with all kinds of columns."""
    panel = world().panel
    told = Provenance(
        source="test",
        report={firm: {"status": "ok", "last": f"{DAYS[-1]:%Y-%m-%d}"} for firm in FIRMS},
    )
    masked = np.zeros(panel.returns.shape, dtype=bool)
    masked[0, :5] = masked[1, -3:] = True
    rng = np.random.default_rng(8)
    panel = replace(
        panel,
        factors=rng.normal(0, 0.01, (T, 2)),
        factor_names=("HML", "SMB"),
        risk_free=rng.uniform(0, 1e-4, T),
        masked=masked,
        provenance=told,
    )
    _ = panel.fingerprint, panel.missing, panel.suspicions  # what is remembered of all of it
    names = [f"news {k}" for k in range(48)]
    events = world().events.assign(
        kind=pd.Categorical(names),
        words=pd.Series(names, world().events.index, dtype=object),
        notes=pd.Series([[name] for name in names], world().events.index),
        after=rng.normal(size=48),
        after_known=DAYS[-1],
    )
    events.attrs["note"] = "news 47 is the best"
    return panel, events


def everything(thing: object) -> Iterator[object]:
    """All that can be reached from an object, whatever it is called."""
    import gc

    seen: set[int] = set()
    todo = [thing]
    keep: list[object] = []  # no id is used twice
    while todo:
        one = todo.pop()
        code = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)
        if id(one) in seen or isinstance(one, code):
            continue
        seen.add(id(one))
        keep.append(one)
        yield one
        todo += gc.get_referents(one)
        if isinstance(one, np.ndarray) and one.base is not None:
            todo.append(one.base)
        if isinstance(one, np.ndarray) and one.dtype == object:
            todo += one.ravel().tolist()


@pytest.mark.parametrize("enter", [0, "open+1"])
def test_nothing_of_the_future_can_be_reached(enter: int | str) -> None:
    panel, events = furnished()
    asked = 0

    def look(known: Known) -> Any:
        nonlocal asked
        asked += 1
        mine = known.session - np.timedelta64(1 if enter == "open+1" else 0, "D")
        sessions = int(np.searchsorted(panel.sessions, mine, side="right"))
        assert known.panel.sessions[-1] == panel.sessions[sessions - 1]
        ids = set(known.events.index)
        secret = {f"news {k}" for k, event in enumerate(events.index) if event not in ids}
        others = set(events.index) - ids
        for one in everything(known):
            if isinstance(one, str):
                assert one not in secret | others
                assert str(DAYS[-1].date()) not in one
                assert "the best" not in one
            elif isinstance(one, np.ndarray) and one.dtype.kind == "M":
                assert not (one > known.session).any()
            elif isinstance(one, np.ndarray):
                assert T not in one.shape
                assert one.size not in (T * len(panel.tickers), T * 2)
                assert not np.shares_memory(one, panel.returns)
        assert known.events["after"].isna().all()
        assert known.events["after_known"].isna().all()
        assert known.events["surprise"].notna().all()
        return np.sign(known.events["surprise"])

    rule = es.Rule(enter, 5, side=look, costs=0)
    done = run(rule, events, panel)
    assert asked == done.trades["enter"].nunique() > 20
    # who looked saw what there was to see: the surprises
    same = run(replace(rule, side="surprise"), events, panel)
    pd.testing.assert_frame_equal(done.trades, same.trades)


def test_the_test_above_finds_what_is_hidden() -> None:
    """A panel of views, as `Panel.until` gives it, holds the whole array as their base."""
    panel, _ = furnished()
    views = panel.until(DAYS[300])
    assert any(isinstance(one, np.ndarray) and T in one.shape for one in everything(views))


PEEKS: dict[str, Callable[[Known], Any]] = {
    "returns": lambda known: known.panel.returns,
    "the base of the returns": lambda known: deepest(known.panel.returns),
    "the base of the factors": lambda known: deepest(known.panel.factors).T,
    "the base of the sessions": lambda known: deepest(known.panel.sessions)[None],
    "the base of the rate": lambda known: deepest(known.panel.risk_free)[None],
    "the fields": lambda known: known.panel.fields["close"],
    "the base of a field": lambda known: deepest(known.panel.fields["open"]),
    "what is masked": lambda known: deepest(known.panel.masked),
}


def deepest(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


@pytest.mark.parametrize("place_", PEEKS)
def test_a_function_that_looks_for_the_next_return(place_: str) -> None:
    """It trades what it finds there; it finds nothing, so there is no trade."""
    panel, events = furnished()

    def greedy(known: Known) -> Any:
        found = PEEKS[place_](known)
        n = len(known.panel.sessions)
        return [0 if found.shape[-1] == n else 1] * len(known.events)

    with pytest.raises(es.errors.NothingLeft, match="48 × no_side"):
        run(es.Rule(side=greedy), events, panel)


def test_what_a_function_that_sees_the_next_returns_would_earn() -> None:
    """No library can look into a function that was given the whole panel beside what is known."""
    panel = world().panel

    def clairvoyant(known: Known) -> Any:
        row = len(known.panel.sessions)
        firms = known.panel.firm_codes(known.events["ticker"])
        return np.sign(panel.returns[firms, row : row + 5].sum(axis=1))

    assert sharpe(run(es.Rule(side=clairvoyant, costs=0), world().events)) > SILLY


def test_what_a_function_does_to_its_copies_changes_nothing() -> None:
    panel, events = furnished()
    before = panel.fingerprint, events.copy(deep=True), [list(x) for x in events["notes"]]

    def vandal(known: Known) -> Any:
        answer = np.sign(known.events["surprise"].to_numpy())
        arrays: list[Any] = [known.panel.returns, known.panel.factors, known.panel.risk_free]
        arrays += [known.panel.sessions, known.panel.masked, *known.panel.fields.values()]
        for array in arrays:
            below = deepest(array)
            below.flags.writeable = True
            below[...] = 0
        for cell in known.events["notes"]:
            cell.clear()
        known.events["surprise"] *= -1.0
        del known.events["ticker"]
        object.__setattr__(known.panel, "returns", None)
        return answer

    done = run(es.Rule(side=vandal), events, panel)
    same = run(es.Rule(side="surprise"), events, panel)
    pd.testing.assert_frame_equal(done.trades, same.trades)
    assert replace(panel).fingerprint == before[0]
    pd.testing.assert_frame_equal(events, before[1])
    assert events["notes"].tolist() == before[2]


def test_what_a_function_keeps_does_not_grow() -> None:
    kept: list[tuple[Known, str, int]] = []

    def keeper(known: Known) -> Any:
        for old, fingerprint, length in kept:
            assert replace(old.panel).fingerprint == fingerprint
            assert len(old.panel.sessions) == length < len(known.panel.sessions)
            assert old.session < known.session
        kept[:] = kept[-2:]
        kept.append((known, replace(known.panel).fingerprint, len(known.panel.sessions)))
        return np.ones(len(known.events))

    assert len(run(es.Rule(side=keeper), world().events.sample(frac=1, random_state=1)).trades) > 40


class Diary:
    """A side that writes down the longest panel it was shown, and reads the days after entry there.

    In one run there are none. Whoever was asked about these years before knows them all.
    """

    def __init__(self) -> None:
        self.panel: es.Panel | None = None

    def __call__(self, known: Known) -> Any:
        row = len(known.panel.sessions)
        if self.panel is None or row > len(self.panel.sessions):
            self.panel = known.panel
        firms = self.panel.firm_codes(known.events["ticker"])
        later = self.panel.returns[firms, row : row + 5].sum(axis=1)
        return np.where(later == 0, 1.0, np.sign(later))

    read = __call__


def test_an_object_forgets_what_it_saw_in_another_run() -> None:
    made, diary = world(), Diary()
    for side in (diary, diary.read):
        rule = es.Rule(side=side, costs=0)
        done = run(rule, made.events)
        assert (done.trades["side"] == 1).all()
        pd.testing.assert_frame_equal(done.trades, run(rule, made.events).trades)
        grid = rule.grid(made.events, made.panel, [0, 1, 2], [5], study=STUDY, draws=9)
        assert (grid.table["sharpe"] < 2.0).all()
        assert done.placebo(9).sharpe.max() < SILLY
    assert diary.panel is None


def in_a_function() -> Any:
    diary = Diary()

    def asked(known: Known) -> Any:
        return diary(known)

    return asked


def in_an_object_that_cannot_be_copied() -> Any:
    class Locked(Diary):
        def __deepcopy__(self, memo: Any) -> Any:
            raise TypeError(memo)

    return Locked()


def in_a_part_of_a_function() -> Any:
    keep = in_a_function()
    return partial(lambda known, times: keep(known) * times, times=1)


@pytest.mark.parametrize(
    "place_", [in_a_function, in_an_object_that_cannot_be_copied, in_a_part_of_a_function]
)
def test_a_function_that_kept_what_it_saw_is_not_asked_again(place_: Callable[[], Any]) -> None:
    made = world()
    rule = es.Rule(side=place_(), costs=0)
    done = run(rule, made.events)  # within one run it knows nothing of later
    assert (done.trades["side"] == 1).all()
    assert sharpe(run(rule, made.events)) > SILLY  # nobody can look into what it kept by then
    apart = replace(STUDY, exclude_other_events=True)
    for study in (STUDY, apart):
        with pytest.raises(OptionError, match="asked once more about the entries of"):
            es.Rule(side=place_(), costs=0).grid(made.events, made.panel, [0], [5], study=study)
    with pytest.raises(OptionError) as caught:
        done.placebo(9)
    name = getattr(rule.side, "__name__", type(rule.side).__name__)
    day = str(caught.value).split("entries of ")[1][:10]
    assert str(caught.value) == (
        f"{name}, asked once more about the entries of {day}, answers otherwise: it keeps what it "
        f"saw of later sessions, and would know them in the next rule or draw. Decide by `known` "
        f"alone, or give an object that holds what it keeps: it is copied before each run."
    )
    assert pd.Timestamp(day) in done.trades["enter"].unique()


def test_a_function_before_scheduled_news_is_not_told_the_news() -> None:
    events = world().events.assign(
        scheduled=True,
        hint=1.0,
        hint_known=world().events["date"] - pd.Timedelta(days=10),
        well_known="yes",
    )

    def curious(known: Known) -> Any:
        assert known.events["surprise"].isna().all()
        assert known.events["well_known"].isna().all()
        assert known.events[["hint", "hint_known", "date", "session"]].notna().all(axis=None)
        return known.events["hint"]

    assert (run(es.Rule(-1, 0, side=curious), events).trades["side"] == 1).all()


# ── 25–26: the whole sample ──────────────────────────────────────────────────────────────
def momentum(known: Known) -> Any:
    firms = known.panel.firm_codes(known.events["ticker"])
    return np.sign(known.panel.returns[firms, -10:].sum(axis=1))


RULES = {
    "equal": es.Rule(0, 5, costs=5),
    "column": es.Rule(1, 4, side="surprise", weight="size", hedge=es.MarketModel()),
    "sigma": es.Rule(0, 3, side="short", weight="inverse_sigma", hedge=es.MarketModel()),
    "open": es.Rule("open+1", 3, side="surprise", weight="inverse_sigma"),
    "limits": es.Rule(0, 9, weight="size", limits=es.Limits(per_name=1.0, gross=2.0)),
    "restart": es.Rule(0, 9, side="surprise", limits=es.Limits(gross=3.0, overlap="restart")),
    "extend": es.Rule(0, 9, limits=es.Limits(gross=3.0, overlap="extend")),
    "ignore": es.Rule(0, 9, limits=es.Limits(overlap="ignore")),
    "robust": es.Rule(0, 5, weight="inverse_sigma", hedge=es.RobustMarketModel()),
    "function": es.Rule(0, 4, side=momentum, hedge=es.MarketModel()),
}


def sized(seed: int) -> World:
    made = world(seed=seed)
    size = np.random.default_rng(seed).uniform(0.2, 2.0, len(made.events))
    return World(made.panel, made.events.assign(size=size))


def opened_by(done: Any, session: Any) -> pd.DataFrame:
    """What was decided up to the close of a session."""
    found = done.trades.loc[done.trades["enter"] <= session]
    return pd.DataFrame(found, columns=["ticker", "enter", "side", "weight"])


def left_by(done: Any, session: Any) -> pd.DataFrame:
    return pd.DataFrame(done.trades.loc[done.trades["leave"] <= session])


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("seed", [3, 4])
def test_later_prices_change_no_earlier_decision(name: str, seed: int) -> None:
    """What was decided by the session of the first change keeps its bits, and what ended too."""
    made, rule = sized(seed), RULES[name]
    rng = np.random.default_rng(seed + 100)
    done = run(rule, made.events, made.panel)
    for at in (201, 331):
        cut = DAYS[at - 1]
        noise = np.exp(rng.normal(0, 0.02, (len(made.panel.tickers), T - at)))
        returns = made.panel.returns.copy()
        returns[:, at:] = (1 + returns[:, at:]) * noise - 1
        fields = {name: array.copy() for name, array in made.panel.fields.items()}
        fields["open"][:, at:] *= np.exp(rng.normal(0, 0.02, (1, T - at)))
        other = run(rule, made.events, replace(made.panel, returns=returns, fields=fields))
        assert len(opened_by(done, cut)) > 5
        pd.testing.assert_frame_equal(opened_by(done, cut), opened_by(other, cut), check_exact=True)
        pd.testing.assert_frame_equal(left_by(done, cut), left_by(other, cut), check_exact=True)
        assert len(left_by(other, cut)) < len(other.trades)
        assert not done.trades.equals(other.trades)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("change", ["gone", "more", "other"])
def test_later_events_change_no_earlier_decision(name: str, change: str) -> None:
    """No weight is normalised over a sample that is not over."""
    made, rule = sized(3), RULES[name]
    cut = DAYS[330]
    early, late = made.events["date"] < cut, made.events["date"] >= cut
    events = {
        "gone": made.events[early],
        "more": pd.concat(
            [made.events, made.events[late].set_index("new " + made.events.index[late])]
        ),
        "other": made.events.assign(
            surprise=made.events["surprise"].where(early, -9.0),
            size=made.events["size"].where(early, 50.0),
            date=made.events["date"].where(early, made.events["date"] + pd.Timedelta(days=7)),
        ),
    }[change]
    done, other = (run(rule, table, made.panel) for table in (made.events, events))
    before = DAYS[329]
    assert len(opened_by(done, before)) > 10
    for of in (opened_by, left_by):  # sums over other events: equal but for rounding
        pd.testing.assert_frame_equal(of(done, before), of(other, before), rtol=0, atol=1e-12)


@pytest.mark.parametrize("hedge", [es.MarketModel(), es.Dimson(), es.RobustMarketModel()])
def test_returns_after_entry_change_no_hedge_ratio(hedge: Any) -> None:
    made = sized(4)
    rule = es.Rule(0, 5, hedge=hedge, weight="inverse_sigma")
    plan = Plan.of(rule, made.panel, STUDY)
    known, _ = as_announced(made.events)
    placed = place(known, made.panel, plan.windows, STUDY.timing)
    _, orders = order(plan, known, placed)
    for k in (0, 20, 40):
        at = int(orders.row[k]) + 1
        returns = made.panel.returns.copy()
        returns[:, at:] = 0.5 * returns[:, at:][:, ::-1]
        _, others = order(Plan.of(rule, replace(made.panel, returns=returns), STUDY), known, placed)
        mine = np.flatnonzero(orders.row < at)
        assert orders.hedge is not None
        assert others.hedge is not None
        np.testing.assert_array_equal(orders.hedge.betas[mine], others.hedge.betas[mine])
        np.testing.assert_array_equal(orders.weight[mine], others.weight[mine])
        np.testing.assert_array_equal(orders.side[mine], others.side[mine])
