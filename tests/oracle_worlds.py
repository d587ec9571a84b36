"""Small worlds on which the library and the plain loop measure the same events.

`MODELS` pairs every model with its loop, `TESTS` every test and variant with its loop, `PLACES`
says how events lie to each other and `GAPS` what is missing. `tests/unit/test_oracle_matrix.py`
asks pairs of all of them, `tests/unit/test_oracle_equality.py` larger worlds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import numpy as np
import oracle
import oracle_firms
import oracle_garch
import oracle_lines
import pandas as pd
from oracle import NAN, Answer, Event, Floats, Study, Window

import eventstudy as es

# ── the world ────────────────────────────────────────────────────────────────────────────
DAYS = 165
SESSIONS = pd.bdate_range("2023-01-02", periods=DAYS)
FIRMS = [f"F{i}" for i in range(8)]
#: listed too late, without a price around its event, with a price that never moves
SPOILT = ["LATE", "HALTED", "STALE"]
DONORS = [f"D{i}" for i in range(4)]
TICKERS = [*FIRMS, *SPOILT, *DONORS]
FACTORS = ["Mkt-RF", "SMB", "HML", "RMW", "CMA", "Mom"]
ESTIMATION, EVENT_WINDOW = (-70, -11), (-5, 5)
MIN_OBS = 40
WINDOWS: dict[str, Window] = {"0": (0, 0), "-1..1": (-1, 1), "0..5": (0, 5), "-5..5": (-5, 5)}
SIDES = ("two-sided", "greater", "less")

#: (firm, column of day 0) of the events that can be measured
PLACES: dict[str, list[tuple[int, int]]] = {
    "one event": [(3, 120)],
    "one date": [(firm, 120) for firm in range(8)],
    "separate dates": [
        *((0, 90), (1, 90), (2, 90), (3, 105), (0, 105), (4, 120), (7, 120), (6, 135)),
    ],
    "staggered": [
        *((0, 88), (1, 90), (2, 90), (4, 93), (3, 112), (6, 118), (0, 135), (7, 135)),
    ],
}
#: which days lack a return, and what that does to sums over a window (A.5)
GAPS: dict[str, tuple[str, str]] = {
    "none": ("none", "drop"),
    "3 %": ("3 %", "drop"),
    "blocks": ("blocks", "drop"),
    "3 %, skipped": ("3 %", "skip"),
    "blocks, skipped": ("blocks", "skip"),
    "blocks, as zero": ("blocks", "zero"),
}
#: firm → days around its event without a return
BLOCKS = {
    1: (-45, -34),
    2: (-5, -3),
    3: (-20, -14),
    4: (3, 4),
    5: (-70, -46),
    6: (-70, -56),
}


def place_of(name: str) -> list[tuple[int, int]]:
    """The events of a place, and those that cannot be measured."""
    good = PLACES[name]
    first, last = good[0][1], good[-1][1]
    late, halted, stale = (TICKERS.index(name) for name in SPOILT)
    return [*good, (late, last), (halted, first), (stale, first)]


class World:
    """The same returns, factors and events for the library and for the loop."""

    def __init__(self, place: str, gaps: str, seed: int = 3) -> None:
        rng = np.random.default_rng(seed)
        self.place, self.events = place, place_of(place)
        n, k = len(TICKERS), len(FACTORS)
        self.factors = rng.normal(0, 0.01, (DAYS, k))
        self.rate = np.abs(rng.normal(1e-4, 2e-5, DAYS))
        common = rng.standard_t(5, DAYS) * 0.01
        own = rng.standard_t(4, (n, DAYS)) * rng.uniform(0.01, 0.03, (n, 1))
        #: what a day would have brought, traded or not
        self.moves = rng.normal(1, 0.4, (n, k)) @ self.factors.T + common + own
        missing = self._missing(gaps, rng)
        self.moves[TICKERS.index("STALE")] = 0.0
        self.returns = np.where(missing, np.nan, self.moves)

    def _missing(self, gaps: str, rng: np.random.Generator) -> np.ndarray:
        missing = np.zeros(self.moves.shape, dtype=bool)
        late, halted, _ = (self.events[k] for k in (-3, -2, -1))
        missing[late[0], : late[1] - 30] = True
        missing[halted[0], halted[1] - 5 : halted[1] + 6] = True
        if gaps == "3 %":
            # two firms keep all their days, so that a date has complete firms
            missing[2:8] |= rng.random((6, DAYS)) < 0.04
            missing[-len(DONORS) :] |= rng.random((len(DONORS), DAYS)) < 0.01
        if gaps == "blocks":
            for firm, day in dict(reversed(self.events[:-3])).items():
                a, b = BLOCKS.get(firm, (0, -1))
                missing[firm, day + a : day + b + 1] = True
            first = self.events[0][1]
            missing[:, [first - 30, first - 29]] = True  # nobody trades
            missing[-1, first - 40 : first - 37] = True
            self.factors[first - 50 : first - 47, 1] = np.nan
        return missing

    @property
    def firms(self) -> list[int]:
        return [firm for firm, _ in self.events]

    @property
    def days(self) -> list[int]:
        return [day for _, day in self.events]

    def table(self) -> pd.DataFrame:
        """The events as a user writes them."""
        names = [TICKERS[firm] for firm in self.firms]
        ids = [f"e{k}" for k in range(len(names))]
        return pd.DataFrame({"event_id": ids, "ticker": names, "date": SESSIONS[self.days]})

    def prices(self) -> Floats:
        """(S, T) prices whose log returns are the moves; NaN on days without a trade."""
        path = 50 * np.exp(np.cumsum(self.moves, axis=1))
        return np.where(np.isnan(self.returns), np.nan, path)

    def panel(self, *, total: bool, prices: bool) -> es.Panel:
        """``total``: the market includes the risk-free rate, which a CAPM takes off."""
        market = self.factors[:, 0] + (self.rate if total else 0.0)
        factors = pd.DataFrame(self.factors, SESSIONS, FACTORS).assign(RF=self.rate)
        if not prices:
            frame = pd.DataFrame(self.returns.T, SESSIONS, TICKERS).assign(SPY=market)
            return es.Panel.from_returns(frame, market="SPY", factors=factors)
        frame = pd.DataFrame(self.prices().T, SESSIONS, TICKERS)
        frame["SPY"] = 400 * np.exp(np.cumsum(market))
        return es.Panel.from_prices(
            frame, market="SPY", factors=factors, kind="log", across_gaps=True
        )

    def data(self) -> oracle.Data:
        return oracle.Data(self.returns, self.factors, self.rate)


@cache
def world_of(place: str, gaps: str) -> World:
    return World(place, gaps)


@cache
def panel_of(place: str, gaps: str, total: bool, prices: bool) -> es.Panel:
    return world_of(place, gaps).panel(total=total, prices=prices)


# ── models ───────────────────────────────────────────────────────────────────────────────
#: the loop of a model; it sees our result only where parameters are to be the same (M.15)
Loop = Callable[[World, oracle.Setup, es.Result], Study]


def straight(world: World, setup: oracle.Setup, _: es.Result) -> Study:
    return oracle.run(world.data(), world.firms, world.days, setup)


@dataclass(frozen=True)
class Twin:
    """A model and its loop."""

    ours: Any
    theirs: oracle.Model = oracle.MARKET
    loop: Loop = straight
    #: whether the market holds the risk-free rate; whether the panel is made of prices
    total: bool = False
    prices: bool = False
    #: whether the study keeps the design, which resampling and leverages need
    design: bool = True
    rtol: float = 1e-10


def event_rows(event: Event) -> list[int]:
    first, last = event.setup.window
    return list(range(event.day0 + first, event.day0 + last + 1))


def bare(event: Event) -> dict[str, Any]:
    """An event whose variance has no part that comes from estimated parameters."""
    days = length(event.setup.window)
    return {"X": np.empty((0, 0)), "R": np.empty((0, 0)), "x": np.empty((days, 0))}


def length(window: Window) -> int:
    return window[1] - window[0] + 1


def own_series(series: Callable[[World], dict[int, Floats]]) -> Loop:
    """A factor that differs by firm, behind the others."""

    def run(world: World, setup: oracle.Setup, _: es.Result) -> Study:
        return oracle_firms.each(world.data(), series(world), world.events, setup)

    return run


def peers(world: World) -> dict[int, Floats]:
    members = range(len(FIRMS))
    return {firm: oracle_firms.peers(world.returns, firm, members) for firm in set(world.firms)}


#: benchmarks of the firms, by ticker; STALE has none
BENCHMARKS: dict[str, dict[str, float]] = {
    "F0": {"D0": 1.0},
    "F1": {"D1": 0.5, "D2": 0.5},
    "F2": {"D0": 0.75, "D3": 0.25},
    **{name: {"D1": 1.0} for name in ("F3", "F4", "F5", "F6", "F7", "LATE", "HALTED")},
}


def benchmarks(world: World) -> dict[int, Floats]:
    found = {}
    for firm in set(world.firms):
        parts = BENCHMARKS.get(TICKERS[firm])
        weights = {TICKERS.index(name): w for name, w in parts.items()} if parts else {}
        made = oracle_firms.portfolio(world.returns, weights)
        found[firm] = made if parts else np.full(DAYS, NAN)
    return found


def donors(kind: str, **options: Any) -> Loop:
    """Events that have all donors, each against its own counterfactual."""

    def run(world: World, setup: oracle.Setup, _: es.Result) -> Study:
        others = world.returns[-len(DONORS) :].T
        k = world.factors.shape[1]
        data = replace(world.data(), factors=np.column_stack([world.factors, others]))
        usable = oracle.Model(tuple(range(k, k + len(DONORS))))
        base = oracle.run(data, world.firms, world.days, replace(setup, model=usable))
        plain = replace(setup, model=setup.model)
        events = [_counterfactual(event, world, kind, options, plain) for event in base.events]
        return Study(plain, events, base.dropped)

    return run


def _counterfactual(
    event: Event, world: World, kind: str, options: dict[str, Any], setup: oracle.Setup
) -> Event:
    rows = [*event.rows, *event_rows(event)]
    others = world.returns[-len(DONORS) :, rows].T
    split = len(event.rows)
    found = oracle_firms.counterfactual(
        world.returns[event.firm, rows], others, split, kind, **options
    )
    theta = found.params if kind == "synthetic" else found.params[1:]
    alpha = 0.0 if kind == "synthetic" else float(found.params[0])
    return replace(
        event,
        setup=setup,
        params=found.params,
        residuals=found.residuals,
        sigma=found.sigma,
        dof=found.dof,
        ar=found.ar,
        expected=alpha + others[split:] @ theta,
        **bare(event),
    )


def conditional(kind: str, horizon: str) -> Loop:
    """GARCH at the parameters that were found: the rest of it is the loop's own (M.15)."""

    def run(world: World, setup: oracle.Setup, result: es.Result) -> Study:
        base = straight(world, setup, result)
        found = dict(zip(result.events.index, result.abnormal.params, strict=True))
        events = [
            _conditional(event, world, found[f"e{event.number}"], kind, horizon)
            for event in base.events
        ]
        return Study(setup, events, base.dropped)

    return run


def _conditional(event: Event, world: World, params: Floats, kind: str, horizon: str) -> Event:
    rows = list(range(event.rows[0], event_rows(event)[-1] + 1))  # the days between count
    market = params[0] + params[1] * world.factors[:, 0]
    e = [float(world.returns[event.firm, row] - market[row]) for row in rows]
    used = np.flatnonzero(np.isfinite(event.residuals)).tolist()
    seen = [e[t] for t in used]
    level = float(np.mean(event.residuals[used] ** 2))  # of least squares
    variance = [float(v) for v in params[2:]]
    h = oracle_garch.variances(kind, variance, seen, level)[-1]
    later = e[used[-1] + 1 :]
    if horizon == "forecast":
        path = oracle_garch.forecast(kind, variance, h, len(later))
    else:
        path = oracle_garch.filtered(kind, variance, h, later)
    sigma2 = sum(u * u for u in seen) / (len(seen) - 2)
    residuals = np.full(len(event.rows), NAN)
    residuals[used] = seen
    days = event_rows(event)
    return replace(
        event,
        params=params,
        residuals=residuals,
        sigma=math.sqrt(sigma2),
        expected=market[days],
        ar=event.actual - market[days],
        variance=np.array(path[-len(days) :]) / sigma2,
        **bare(event),
    )


def trades(world: World, setup: oracle.Setup, _: es.Result) -> Study:
    """Returns from trade to trade; those over several sessions are no day's (A.5)."""
    setup = replace(setup, kind="log")
    prices, market, events, dropped = world.prices(), world.factors[:, 0], [], {}
    for number, (firm, day0) in enumerate(world.events):
        around = prices[firm, day0 + setup.window[0] : day0 + setup.window[1] + 1]
        past = prices[firm, day0 + setup.estimation[0] : day0 + setup.estimation[1] + 1]
        earlier = np.isfinite(prices[firm, : day0 + setup.estimation[0]]).any()
        if not np.isfinite(around).any():
            dropped[number] = "no_event_data"
        elif np.isfinite(past).sum() - (not earlier) < setup.needed:
            dropped[number] = "min_est"
        elif np.nanmax(past) == np.nanmin(past):
            dropped[number] = "zero_variance"
        else:
            events.append(_traded(world, setup, prices[firm], market, number))
    return Study(setup, events, dropped)


def _traded(
    world: World, setup: oracle.Setup, prices: Floats, market: Floats, number: int
) -> Event:
    firm, day0 = world.events[number]
    t = oracle_firms.trade_to_trade(prices, market, day0, setup.estimation, setup.window)
    covers, ar = np.array(t.covers), np.array(t.ar)
    rows = [day0 + k for k in range(setup.window[0], setup.window[1] + 1)]
    one_session = t.params[0] + t.params[1] * market[rows]  # of a day without a trade
    return Event(
        number=number,
        firm=firm,
        day0=day0,
        setup=setup,
        rows=[day0 + k for k in range(setup.estimation[0], setup.estimation[1] + 1)],
        residuals=t.residuals,
        params=t.params,
        X=t.X,
        R=oracle.least_squares(t.X, t.y)[0],
        sigma=t.sigma,
        dof=t.dof,
        n_obs=len(t.X),
        actual=np.array(t.actual),
        expected=np.where(covers > 0, t.x @ t.params, one_session),
        ar=np.where(covers == 1, ar, NAN),
        x=t.x,
        variance=covers.astype(float),
        covers=t.covers,
        bridged=ar,
    )


PEERS = es.factors.peers(FIRMS)
APART = oracle.Model(common=False)
NOTHING = oracle.Model((), estimated=False, common=False)


def robust(method: str = "huber", **options: Any) -> Twin:
    """A line that is not least squares: no regression of anybody's portfolio."""
    separate = options.get("intercept") == "separate"
    loop = oracle_lines.Robust(method=method, separate=separate)
    return Twin(es.RobustMarketModel(method=method, **options), loop, design=False)


MODELS: dict[str, Twin] = {
    "raw": Twin(es.RawReturn(), oracle.RAW),
    "raw, about zero": Twin(es.RawReturn(sigma_demean=False), replace(oracle.RAW, demean=False)),
    "mean": Twin(es.MeanAdjusted(), oracle.MEAN),
    "market-adjusted": Twin(es.MarketAdjusted(), oracle.MARKET_ADJUSTED),
    "market-adjusted, about zero": Twin(
        es.MarketAdjusted(sigma_demean=False), replace(oracle.MARKET_ADJUSTED, demean=False)
    ),
    "market": Twin(es.MarketModel()),
    "two factors": Twin(es.FactorModel(("SPY", "SMB")), oracle.Model((0, 1))),
    "capm": Twin(es.CAPM(), oracle.linear(1, excess=True), total=True),
    "capm without alpha": Twin(
        es.CAPM(alpha=False), oracle.linear(1, alpha=False, excess=True), total=True
    ),
    "three factors": Twin(es.FamaFrench3(), oracle.linear(3, excess=True)),
    "carhart": Twin(es.Carhart4(), oracle.Model((0, 1, 2, 5), excess=True)),
    "five factors": Twin(es.FamaFrench5(), oracle.linear(5, excess=True)),
    "six factors": Twin(es.FamaFrench6(), oracle.linear(6, excess=True)),
    "Scholes-Williams": Twin(es.ScholesWilliams(), oracle_lines.ScholesWilliams(), design=False),
    "Dimson": Twin(es.Dimson(), oracle_lines.Dimson(), design=False),
    "Dimson, three leads": Twin(es.Dimson(lags=3), oracle_lines.Dimson(n=3), design=False),
    "Dimson, full": Twin(
        es.Dimson(lags=2, mode="full"),
        oracle_lines.Dimson(n=2, full=True, common=True),
        design=False,
    ),
    "Fowler-Rorke": Twin(
        es.Dimson(weights="fowler-rorke"), oracle_lines.Dimson(fowler_rorke=True), design=False
    ),
    "Fowler-Rorke, two leads": Twin(
        es.Dimson(lags=2, weights="fowler-rorke"),
        oracle_lines.Dimson(n=2, fowler_rorke=True),
        design=False,
    ),
    "Huber": robust(),
    "LAD": robust("lad"),
    "Theil-Sen": robust("theil-sen"),
    "Theil-Sen, separate": robust("theil-sen", intercept="separate"),
    "GARCH": Twin(es.GarchMarketModel(), APART, conditional("garch", "forecast"), design=False),
    "EGARCH, filtered": Twin(
        es.GarchMarketModel(variance="egarch", horizon="filter"),
        APART,
        conditional("egarch", "filter"),
        design=False,
    ),
    "market and peers": Twin(
        es.FactorModel(("SPY", PEERS)),
        oracle.Model((0, len(FACTORS)), common=False),
        own_series(peers),
        design=False,
    ),
    "benchmark": Twin(
        es.BenchmarkPortfolio(BENCHMARKS),
        oracle.Model((len(FACTORS),), estimated=False),
        own_series(benchmarks),
        design=False,
    ),
    "synthetic control": Twin(
        es.SyntheticControl(DONORS), NOTHING, donors("synthetic"), design=False, rtol=1e-9
    ),
    "elastic net": Twin(
        es.ElasticNetModel(DONORS, penalty=0.05),
        NOTHING,
        donors("net", penalty=0.05),
        design=False,
        rtol=1e-9,
    ),
    "trade to trade": Twin(es.TradeToTrade(), APART, trades, prices=True, design=False),
}


# ── tests ────────────────────────────────────────────────────────────────────────────────
#: the loop of a test: study, window, alternative
Asks = Callable[[Study, Window, str], Answer]
ANYWHERE = frozenset(PLACES)
SEVERAL = ANYWHERE - {"one event"}
ONE_DATE = frozenset({"one event", "one date"})
DATES = frozenset({"separate dates", "staggered"})


@dataclass(frozen=True)
class Asked:
    """A test with its options, its loop, and where it gives a number."""

    key: str
    loop: Asks
    options: Mapping[str, Any] = field(default_factory=dict)
    places: frozenset[str] = ANYWHERE
    #: a regression that the firms of a date share; that the study also keeps its design
    common: bool = False
    design: bool = False
    #: a joint hypothesis has no direction
    one_sided: bool = True
    #: options that depend on the events
    weigh: Callable[[es.Result], Mapping[str, Any]] | None = None

    def answers(self, model: str, place: str, side: str) -> bool:
        """Whether it gives a number where no day is missing."""
        twin = MODELS[model]
        shared = twin.theirs.common or not (self.common or self.design)
        kept = twin.design or not self.design
        sided = self.one_sided or side == "two-sided"
        return place in self.places and shared and kept and sided

    def ours(self, result: es.Result, window: Window, side: str) -> es.Statistic:
        more = {} if self.weigh is None else self.weigh(result)
        return result.test(self.key, window, alternative=side, **self.options, **more)


def plain(loop: Callable[..., Answer], **options: Any) -> Asks:
    return lambda study, window, side: loop(study, window, alternative=side, **options)


def asked(key: str, loop: Callable[..., Answer], **more: Any) -> Asked:
    """A test that needs no options."""
    return Asked(key, plain(loop), **more)


def single_t(study: Study, window: Window, side: str) -> Answer:
    sample = study.sample(window)
    if len(sample) != 1:
        return Answer("single_t", len(sample))
    return oracle.single_t(sample[0], window, side)


def undirected(loop: Callable[[Study, Window], Answer]) -> Asks:
    """A joint test: no answer to a one-sided question."""

    def ask(study: Study, window: Window, side: str) -> Answer:
        found = loop(study, window)
        return found if side == "two-sided" else Answer(found.name, found.n)

    return ask


def equal_effects(study: Study, window: Window) -> Answer:
    found = oracle.balanced(study, window)
    if found is None or len(found.members) < 2:
        held = len(found.members) if found else len(study.sample(window))
        return Answer("contrasts", held)
    return oracle.equal_effects(study, window)


def halves(numbers: Sequence[int]) -> Floats:
    """The mean of the events with even numbers less that of the others; of one kind, the mean."""
    sides = [-1.0 if number % 2 else 1.0 for number in numbers]
    return np.array([s / (sides.count(s) if len(set(sides)) > 1 else len(sides)) for s in sides])


def weights_of(result: es.Result) -> Mapping[str, Any]:
    return {"weights": halves([int(name[1:]) for name in result.events.index])}


def difference(study: Study, window: Window, side: str) -> Answer:
    """The complete events of each half carry its weight; a half that is lost leaves nothing."""
    found = oracle.balanced(study, window)
    if found is None:
        return Answer("contrasts", len(study.sample(window)))
    kept = [event.number for event in found.members]
    both = {event.number % 2 for event in study.events}
    if {number % 2 for number in kept} != both:
        return Answer("contrasts", len(kept))
    return oracle.contrast(study, window, halves(kept), side)


# ── tests that draw, with the draws that were made ───────────────────────────────────────
DRAWS = 19


def drawn(name: str, n: int, t: float, values: Sequence[float], side: str) -> Answer:
    """(1 + #) / (draws + 1); a draw without a value counts against the sample."""
    if not math.isfinite(t):
        return Answer(name, n)
    return Answer(name, n, t, NAN_LAW[name], NAN, beyond(t, values, side))


NAN_LAW = {"permutation": "permutation", "boot_residual": "bootstrap", "skew_t": "bootstrap"}


def beyond(t: float, values: Sequence[float], side: str) -> float:
    sign = -1.0 if side == "less" else 1.0
    sizes = [abs(v) if side == "two-sided" else sign * v for v in values]
    bound = abs(t) if side == "two-sided" else sign * t
    below = sum(1 for v in sizes if v < bound - 1e-10 * abs(bound))
    return (1 + len(sizes) - below) / (1 + len(sizes))


def permutation(study: Study, window: Window, side: str) -> Answer:
    """One day: all deals. Several: those that a seed deals."""
    sample = study.sample(window)
    if length(window) == 1 or not sample or len({event.day0 for event in sample}) > 1:
        return oracle.permutation(study, window, side)
    days = sample[0].days(window)
    if any(event.covers and event.covers[t] > 1 for event in sample for t in days):
        return Answer("permutation", len(sample))  # a return of several days is none to permute
    L = sum(1 for t in days if any(math.isfinite(event.ar[t]) for event in sample))
    pool = np.arange(len(oracle.average_residuals(sample)) + L)
    orders = np.random.default_rng(4).permuted(np.tile(pool, (DRAWS, 1)), axis=1)
    (t,) = oracle.permuted(study, window, pool[None])
    values = oracle.permuted(study, window, orders)
    return drawn("permutation", len(sample), t, values, side)


def boot_residual(
    study: Study, window: Window, side: str, *, key: str = "portfolio_t", refit: bool = True
) -> Answer:
    found = oracle.balanced(study, window)
    if found is None or (key == "sur_F" and side != "two-sided"):
        return Answer("boot_residual", len(study.sample(window)))
    size = len(found.E)
    index = np.random.default_rng(3).integers(0, size, (DRAWS, size + length(window)))
    values = oracle.boot_residual(study, window, index, key, refit=refit)
    loops = {"portfolio_t": oracle.portfolio_t, "sur_F": oracle.sur_f, "gls_mean": oracle.gls_mean}
    t = loops[key](study, window).statistic if refit else float(found.gamma.mean())
    return drawn("boot_residual", len(found.members), t, values, side)


def skew_bootstrap(study: Study, window: Window, side: str) -> Answer:
    values = oracle.cars(study, window)
    n, t = len(values), oracle.skewed(values)
    if not math.isfinite(t):
        return Answer("skew_t", n)
    picks = np.random.default_rng(5).integers(0, n, (DRAWS, max(-(-n // 4), 3)))
    centre = oracle.mean(values)
    found = [oracle.skewed([values[k] for k in pick], "hall", centre) for pick in picks]
    p = oracle.discrete(beyond(t, found, "less"), beyond(t, found, "greater"), side)
    return Answer("skew_t", n, t, "bootstrap", NAN, p, centre)


POINTS = {
    "rademacher": [1.0, -1.0],
    "webb": [s * math.sqrt(v) for v in (1.0, 1.5, 0.5) for s in (1, -1)],
}
#: patterns of weights: more are drawn, no more than these are counted
PATTERNS = 300


def weighted(
    study: Study, window: Window, side: str, *, name: str, weights: str = "rademacher"
) -> Answer:
    """Random weights for events or dates, where there are too many patterns to count."""
    whole = {"wild_events": oracle.wild_events, "wild_dates": oracle.wild_dates}[name]
    points, sample = POINTS[weights], study.sample(window)
    in_order = sorted(sample, key=lambda e: (e.day0, e.firm))
    values = [event.car(window) for event in in_order]
    if name == "wild_dates":
        groups = oracle.components(in_order, window)
        groups.sort(key=lambda group: min(e.day0 for e in group))
        values = [oracle.mean([e.car(window) for e in group]) for group in groups]
    own = oracle.t_of_mean(values)
    if len(points) ** len(values) <= PATTERNS + 1 or not math.isfinite(own):
        found = whole(study, window, side)
        p = oracle.sign_patterns(values, side, points)[1]
        return replace(found, pvalue=p)
    picks = np.random.default_rng(6).integers(0, len(points), (PATTERNS, len(values)))
    found = [
        oracle.t_of_mean([points[k] * v for k, v in zip(pick, values, strict=True)])
        for pick in picks
    ]
    p, centre = beyond(own, found, side), oracle.mean(values)
    return Answer(name, len(sample), own, "bootstrap", NAN, p, centre)


TESTS: dict[str, Asked] = {
    "single_t": Asked("single_t", single_t, places=frozenset({"one event"})),
    "ts_t": asked("ts_t", oracle.ts_t),
    "ts_t, model": Asked("ts_t", plain(oracle.ts_t, ddof="model"), {"ddof": "model"}),
    "independent_t": asked("independent_t", oracle.independent_t),
    "portfolio_t": asked("portfolio_t", oracle.portfolio_t, places=ONE_DATE, common=True),
    "csect_t": asked("csect_t", oracle.csect_t, places=SEVERAL),
    "adj_csect": asked("adj_csect", oracle.adj_csect, places=SEVERAL),
    "patell": asked("patell", oracle.patell),
    "patell, sum of SAR": Asked(
        "patell", plain(oracle.patell, form="sum_sar"), {"variant": "sum_sar"}
    ),
    "adj_patell": asked("adj_patell", oracle.adj_patell, places=SEVERAL),
    "adj_patell, sum of SAR": Asked(
        "adj_patell", plain(oracle.adj_patell, form="sum_sar"), {"variant": "sum_sar"}, SEVERAL
    ),
    "adj_patell, t": Asked(
        "adj_patell", plain(oracle.adj_patell, ref="t"), {"ref": "t"}, frozenset({"one date"})
    ),
    "adj_patell, clipped": Asked(
        "adj_patell",
        plain(oracle.adj_patell, clip_negative=True),
        {"clip_negative": True},
        SEVERAL,
    ),
    "bmp": asked("bmp", oracle.bmp, places=SEVERAL),
    "bmp, normal": Asked("bmp", plain(oracle.bmp, ref="normal"), {"ref": "normal"}, SEVERAL),
    "adj_bmp": asked("adj_bmp", oracle.adj_bmp, places=SEVERAL),
    "adj_bmp, normal": Asked(
        "adj_bmp", plain(oracle.adj_bmp, ref="normal"), {"ref": "normal"}, SEVERAL
    ),
    "adj_bmp, overlap of 55": Asked(
        "adj_bmp",
        plain(oracle.adj_bmp, min_overlap=55),
        {"min_overlap": 55},
        SEVERAL,
    ),
    "skew_t": asked("skew_t", oracle.skew_t, places=SEVERAL),
    "skew_t, Johnson": Asked(
        "skew_t", plain(oracle.skew_t, form="johnson"), {"variant": "johnson"}, SEVERAL
    ),
    "skew_t, BHAR": Asked("skew_t", plain(oracle.skew_t, on="bhar"), {"on": "bhar"}, SEVERAL),
    "skew_t, bootstrap": Asked(
        "skew_t", skew_bootstrap, {"law": "bootstrap", "draws": DRAWS, "rng": 5}, SEVERAL
    ),
    "jackknife": asked("jackknife", oracle.jackknife, places=SEVERAL),
    "jackknife, three": Asked(
        "jackknife", plain(oracle.jackknife, min_events=3), {"min_events": 3}, SEVERAL
    ),
    "rank": asked("rank", oracle.rank),
    "cumrank_t": asked("cumrank_t", oracle.cumrank_t),
    "rank_cz": asked("rank_cz", oracle.rank_cz, places=SEVERAL),
    "rank_cz, sd": Asked(
        "rank_cz",
        plain(oracle.rank_cz, cross_correction="sd"),
        {"cross_correction": "sd"},
        SEVERAL,
    ),
    "corrado_sign": asked("corrado_sign", oracle.corrado_sign),
    "grank_t": asked("grank_t", oracle.grank_t, places=SEVERAL),
    **{
        f"grank_t, {c}": Asked(
            "grank_t", plain(oracle.grank_t, correction=c), {"correction": c}, SEVERAL
        )
        for c in ("none", "sd", "full")
    },
    "grank_z": asked("grank_z", oracle.grank_z, places=SEVERAL),
    "sign": asked("sign", oracle.sign),
    "sign, exact": Asked("sign", plain(oracle.sign, exact=True), {"exact": True}),
    "gen_sign": asked("gen_sign", oracle.gen_sign),
    "gen_sign, window": Asked(
        "gen_sign", plain(oracle.gen_sign, phat="window"), {"phat": "window"}
    ),
    "wilcoxon": asked("wilcoxon", oracle.wilcoxon, places=SEVERAL),
    "wilcoxon, normal": Asked(
        "wilcoxon", plain(oracle.wilcoxon, method="normal"), {"method": "normal"}, SEVERAL
    ),
    "dates_csect": asked("dates_csect", oracle.dates_csect, places=DATES),
    "dates_cluster": asked("dates_cluster", oracle.dates_cluster, places=DATES),
    "dates_bmp": asked("dates_bmp", oracle.dates_bmp, places=DATES, common=True),
    "dates_patell": asked("dates_patell", oracle.dates_patell, places=DATES, common=True),
    "wild_dates": asked("wild_dates", oracle.wild_dates, places=DATES),
    "wild_dates, Webb": Asked(
        "wild_dates",
        partial(weighted, name="wild_dates", weights="webb"),
        {"weights": "webb", "draws": PATTERNS, "rng": 6},
        DATES,
    ),
    "sign_flip_dates": asked("sign_flip_dates", oracle.sign_flip_dates, places=DATES),
    "wild_events": asked("wild_events", oracle.wild_events, places=SEVERAL),
    "wild_events, drawn": Asked(
        "wild_events",
        partial(weighted, name="wild_events", weights="webb"),
        {"weights": "webb", "draws": PATTERNS, "rng": 6},
        SEVERAL,
    ),
    "wild_events, bmp": Asked(
        "wild_events", plain(oracle.wild_events, statistic="bmp"), {"statistic": "bmp"}, SEVERAL
    ),
    "sur_F": Asked(
        "sur_F", undirected(oracle.sur_f), places=ONE_DATE, common=True, one_sided=False
    ),
    "gls_mean": asked("gls_mean", oracle.gls_mean, places=ONE_DATE, common=True),
    "gls_mean, naive": Asked(
        "gls_mean", plain(oracle.gls_mean, naive=True), {"naive": True}, ONE_DATE, common=True
    ),
    "contrasts, equal": Asked(
        "contrasts",
        undirected(equal_effects),
        {"weights": "equal"},
        frozenset({"one date"}),
        common=True,
        one_sided=False,
    ),
    "contrasts, halves": Asked(
        "contrasts", difference, places=ONE_DATE, common=True, weigh=weights_of
    ),
    "sq": asked("sq", oracle.sq, places=ONE_DATE),
    "sq, asymptotic": Asked("sq", plain(oracle.sq, own=0), {"variant": "asymptotic"}, ONE_DATE),
    "sq, equal tails": Asked("sq", plain(oracle.sq, equal_tail=True), {"tail": "equal"}, ONE_DATE),
    "sq, contiguous": Asked(
        "sq", plain(oracle.sq, contiguous=True), {"contiguous": True}, ONE_DATE
    ),
    "sq, adjusted": Asked(
        "sq", plain(oracle.sq, adjust=True), {"adjust": True}, ONE_DATE, design=True
    ),
    "permutation": Asked("permutation", permutation, {"draws": DRAWS, "rng": 4}, ONE_DATE),
    "placebo_window": asked("placebo_window", oracle.placebo_window),
    "placebo_window, contiguous": Asked(
        "placebo_window", plain(oracle.placebo_window, contiguous=True), {"contiguous": True}
    ),
    "placebo_window, standardised": Asked(
        "placebo_window",
        plain(oracle.placebo_window, adjust=True),
        {"standardise": True},
        ONE_DATE,
        design=True,
    ),
    **{
        f"boot_residual, {key}": Asked(
            "boot_residual",
            partial(boot_residual, key=key),
            {"statistic": key, "draws": DRAWS, "rng": 3},
            ONE_DATE,
            design=True,
            one_sided=key != "sur_F",
        )
        for key in ("portfolio_t", "sur_F", "gls_mean")
    },
    "boot_residual, no refit": Asked(
        "boot_residual",
        partial(boot_residual, refit=False),
        {"refit": False, "draws": DRAWS, "rng": 3},
        ONE_DATE,
        design=True,
    ),
}


# ── both sides, and whether they agree ───────────────────────────────────────────────────
def measured(model: str, gaps: str, place: str) -> tuple[es.Result, Study]:
    """The library's study and the loop's."""
    holes, missing = GAPS[gaps]
    world, twin = world_of(place, holes), MODELS[model]
    options: dict[str, Any] = {
        "estimation": ESTIMATION,
        "window": EVENT_WINDOW,
        "min_obs": MIN_OBS,
        "missing": missing,
    }
    study = es.EventStudy(model=twin.ours, **options)
    result = study.run(world.table(), panel_of(place, holes, twin.total, twin.prices))
    setup = oracle.Setup(model=twin.theirs, **options)
    return result, twin.loop(world, setup, result)


def close(got: object, want: object, rtol: float = 1e-10, case: str = "") -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float),
        np.asarray(want, dtype=float),
        rtol=rtol,
        atol=1e-12,
        err_msg=case,
    )


def same_events(result: es.Result, expected: Study) -> None:
    """The same events are kept, and the others lost for the same reasons."""
    kept = [f"e{event.number}" for event in expected.events]
    assert list(result.events.index) == kept
    reasons = {f"e{k}": why for k, why in sorted(expected.dropped.items())}
    assert result.dropped["reason"].to_dict() == reasons


def same_measures(
    result: es.Result, expected: Study, windows: Sequence[Window], rtol: float = 1e-10
) -> None:
    """Parameters, σ, daily paths, and sums over windows of every event."""
    events, found = expected.events, result.abnormal
    for name in ("sigma", "dof", "n_obs", "params", "residuals", "expected"):
        close(getattr(found, name), [getattr(e, name) for e in events], rtol, name)
    close(result.ar, [e.ar for e in events], rtol, "ar")
    for w in windows:
        for name in ("car", "scar", "bhar"):
            ours = getattr(result, name)(w).iloc[:, 0]
            close(ours, [getattr(e, name)(w) for e in events], rtol, f"{name} {w}")


def same_answer(got: es.Statistic, want: Answer, case: str, rtol: float = 1e-10) -> None:
    """Statistic, p-value, law, degrees of freedom, estimate; NaN only with a note."""
    assert got.n == want.n, case
    close(got.statistic, want.statistic, rtol, case)
    close(got.pvalue, want.pvalue, 10 * rtol, case)
    if math.isnan(got.statistic):
        assert got.note, case
        return
    assert got.law == want.law, case
    for name in ("df", "estimate", "se"):
        if math.isfinite(value := getattr(want, name)):
            close(getattr(got, name), value, rtol, f"{case}: {name}")
