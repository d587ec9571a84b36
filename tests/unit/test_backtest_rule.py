"""The rule: how its options are read, what is refused in which words, and what it decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.backtest.asking import Known
from eventstudy.backtest.deciding import sides, terms_of, weights
from eventstudy.backtest.moments import Moment, as_moment
from eventstudy.backtest.terms import as_costs
from eventstudy.errors import EventStudyError

DAYS = pd.bdate_range("2025-01-01", periods=300)
FRAME = pd.DataFrame(
    np.random.default_rng(11).normal(0, 0.01, (300, 3)), DAYS, ["IREN", "HUT", "SPY"]
)
PANEL = es.Panel.from_returns(FRAME, market="SPY")
TABLE = es.read_events(
    pd.DataFrame(
        {
            "event_id": ["a", "b", "c", "d"],
            "ticker": ["IREN", "HUT", "IREN", "HUT"],
            "date": DAYS[[270, 270, 280, 285]],
            "session": ["before_open", "intraday", "after_close", "before_open"],
            "surprise": [2.5, -0.1, 0.0, np.nan],
            "size": [0.5, 2.0, -1.0, np.nan],
            "spread": [0.001, 0.002, 0.0, 0.004],
            "text": ["1", "2", "3", "4"],
            "yes": [True, False, True, True],
        }
    )
)
ENTRY = np.array([270, 270, 281, 285])
ONE: Any = np.int64(1)


# ── moments ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("value", "day", "at_open"),
    [
        (0, 0, False),
        (-3, -3, False),
        (np.int64(5), 5, False),
        (np.int8(-1), -1, False),
        ("5", 5, False),
        ("+5", 5, False),
        ("-1", -1, False),
        ("open+1", 1, True),
        ("open-1", -1, True),
        ("Open +0", 0, True),
        ("close+0", 0, False),
        (" close-2 ", -2, False),
        (Moment(7, at_open=True), 7, True),
    ],
)
def test_a_moment_is_read(value: Any, day: int, at_open: bool) -> None:
    found = as_moment(value, "enter")
    assert (found.day, found.at_open) == (day, at_open)
    assert as_moment(found.label, "enter") == as_moment(found.plain, "enter") == found


@pytest.mark.parametrize(
    "value",
    [True, np.True_, 1.5, 1.0, np.nan, None, "opn+1", "open", "open1", "close", "", "+", "1.5",
     "open+1.5", "٣", (0, 5), [0], b"0", np.datetime64("2026-02-25"), "open+1 close+2"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(value: Any) -> None:
    with pytest.raises(EventStudyError, match="is no moment of trading"):
        es.Rule(enter=value)
    with pytest.raises(EventStudyError, match=r"leave=.* is no moment of trading"):
        es.Rule(leave=value)


def test_moments_lie_in_the_order_of_time() -> None:
    written: list[int | str] = ["open-1", -1, "open+0", 0, "open+1", 1]
    orders = [as_moment(value, "enter").order for value in written]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)
    for i, enter in enumerate(written):
        for leave in written[i + 1 :]:
            assert es.Rule(enter=enter, leave=leave).moments[0] == as_moment(enter, "enter")
        for leave in written[: i + 1]:
            with pytest.raises(EventStudyError, match="so that it earns nothing"):
                es.Rule(enter=enter, leave=leave)


# ── sentences ────────────────────────────────────────────────────────────────────────────
def nobody(known: Known) -> list[float]:
    return []


def refused(**options: Any) -> Callable[[], object]:
    return lambda: es.Rule(**options)


def decided(answer: Any) -> Callable[[], object]:
    def follow(known: Known) -> Any:
        return answer(known) if callable(answer) else answer

    return lambda: sides(es.Rule(side=follow), TABLE, ENTRY, PANEL)


def charged(**options: Any) -> Callable[[], object]:
    return lambda: terms_of(es.Rule(costs=es.Costs(**options)), TABLE)


SENTENCES: dict[str, tuple[Callable[[], object], str]] = {
    "no_moment": (
        refused(enter="opn+1"),
        (
            "enter='opn+1' is no moment of trading; give a day around day 0, whose close is meant, "
            "as in enter=5, or a text as 'open+1'."
        ),
    ),
    "moment_too_far": (
        refused(leave=20_000),
        "leave=20000 lies more than 10,000 sessions from day 0; give a day nearer to it.",
    ),
    "leave_not_after_enter": (
        refused(enter=1, leave="open+1"),
        (
            "The rule enters at the close of day 1 and leaves at the open of day 1, so that it "
            "earns nothing; leave later than it enters."
        ),
    ),
    "limit_not_positive": (
        lambda: es.Limits(gross=0),
        (
            "gross=0 is no limit; give a multiple of the starting capital above 0, as 0.5 for half "
            "of it, or None for no limit."
        ),
    ),
    "no_limits": (
        refused(limits=2.0),
        "limits=2.0 are no limits; give None or an instance such as es.Limits(gross=2).",
    ),
    "no_costs": (
        refused(costs="10"),
        (
            "costs='10' are no costs; give basis points of each side, as in costs=10, or an "
            "instance such as es.Costs(bps=10, borrow=0.03)."
        ),
    ),
    "charge_not_a_number": (
        lambda: es.Costs(bps=-1),
        "bps=-1 is no charge; give basis points of each side, 0 or more, as in bps=10.",
    ),
    "charge_in_another_unit": (
        refused(costs=0.001),
        (
            "costs=0.001 is read in basis points, hundredths of a percent, and charges are neither "
            "so small nor so large; write costs=10 for 0.1 % a side."
        ),
    ),
    "charge_not_a_fraction": (
        lambda: es.Costs(half_spread=-0.1),
        (
            "half_spread=-0.1 is no charge; give a fraction, 0 or more, as in half_spread=0.002, "
            "or the name of a column of the events."
        ),
    ),
    "charge_in_percent": (
        lambda: es.Costs(borrow=3),
        "borrow=3 looks like percent, since fractions above 1 do not come up; write 0.01 for 1 %.",
    ),
    "delisting_outside": (
        lambda: es.Costs(delisting=-30),
        (
            "delisting=-30 is no return of a security whose prices end; give a fraction from -1 to "
            "0, as -0.3."
        ),
    ),
    "side_unreadable": (
        refused(side=1),
        (
            "side=1 is no side; give 'long', 'short', the name of a column whose sign counts, or a "
            "function of what is known at entry."
        ),
    ),
    "weight_unreadable": (
        refused(weight=2.0),
        "weight=2.0 is no weight; give 'equal', 'inverse_sigma', or the name of a column.",
    ),
    "hedge_is_a_class": (
        refused(hedge=es.MarketModel),
        "hedge=MarketModel is a class; give an instance: hedge=MarketModel().",
    ),
    "not_a_hedge": (
        refused(hedge="SPY"),
        (
            "hedge='SPY' is not a model; give None, or an object with `needs` and `fit(block)`, "
            "such as es.MarketModel()."
        ),
    ),
    "hedge_without_factors": (
        refused(hedge=es.RawReturn()),
        (
            "hedge=RawReturn has no factor, so there is nothing to trade against the position; "
            "give a model with one, such as es.MarketModel()."
        ),
    ),
    "hedge_across_gaps": (
        refused(hedge=es.TradeToTrade()),
        (
            "hedge=TradeToTrade expects returns over several sessions at once, which no position "
            "follows day by day; give a daily model, such as es.MarketModel()."
        ),
    ),
    "hedge_of_later_days": (
        refused(hedge=es.Dimson(mode="full")),
        (
            "hedge=Dimson expects a return from the market of later days, which nobody can trade "
            "on the day; use es.Dimson(mode='sum')."
        ),
    ),
    "not_a_column": (
        lambda: sides(es.Rule(side="suprise"), TABLE, ENTRY, PANEL),
        (
            "side='suprise' is neither 'long' nor 'short' nor a column of the events, which have "
            "ticker, date, session, scheduled, surprise, size, spread, text and 1 more. Did you "
            "mean 'surprise'?"
        ),
    ),
    "no_charge_column": (
        charged(half_spread="spred"),
        (
            "half_spread='spred' is no column of the events, which have ticker, date, session, "
            "scheduled, surprise, size, spread, text and 1 more. Did you mean 'spread'?"
        ),
    ),
    "column_not_charges": (
        charged(borrow="surprise"),
        "borrow='surprise' is -0.1 for event b; give a fraction, 0 or more, in every row.",
    ),
    "column_not_numbers": (
        lambda: sides(es.Rule(side="text"), TABLE, ENTRY, PANEL),
        (
            "side='text' needs a column of numbers, and event a has '1'; give numbers, and nothing "
            "where there is none."
        ),
    ),
    "answer_without_rows": (
        decided([1]),
        (
            "side=follow gave 1 values for the 2 events entered on 2026-01-14; give one value an "
            "event, in the order of `known.events`."
        ),
    ),
    "answer_of_other_events": (
        decided(lambda known: pd.Series([1, 1])),
        (
            "side=follow gave a Series for 2026-01-14 whose index is not that of `known.events`; "
            "keep the index, or give an array."
        ),
    ),
    "answer_not_a_side": (
        decided(lambda known: [True] * len(known.events)),
        "side=follow gave True for event a; give 1 for long, -1 for short, 0 for no trade.",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    call, sentence = SENTENCES[name]
    make, made = getattr(es.errors, name), []

    def noted(*args: Any) -> EventStudyError:
        made.append(make(*args))
        error: EventStudyError = made[-1]
        return error

    monkeypatch.setattr(es.errors, name, noted)
    with pytest.raises(EventStudyError) as caught:
        call()
    assert str(caught.value) == sentence
    assert [str(error) for error in made] == [sentence]


# ── the terms ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "options",
    [
        {"per_name": 0},
        {"per_name": -1},
        {"per_name": True},
        {"per_name": np.nan},
        {"gross": np.inf},
        {"gross": "2"},
        {"gross": (1, 2)},
        {"overlap": "sum"},
        {"overlap": None},
    ],
)
def test_limits_that_are_none(options: dict[str, Any]) -> None:
    with pytest.raises(es.errors.OptionError):
        es.Limits(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"bps": np.nan},
        {"bps": np.inf},
        {"bps": None},
        {"bps": "10"},
        {"bps": True},
        {"bps": 1j},
        {"bps": 0.001},
        {"bps": 2000},
        {"hedge_bps": -1},
        {"hedge_bps": 0.0005},
        {"half_spread": 0.5},
        {"half_spread": 20},
        {"half_spread": np.nan},
        {"half_spread": " "},
        {"half_spread": True},
        {"borrow": None},
        {"borrow": -0.01},
        {"borrow": np.inf},
        {"delisting": 0.1},
        {"delisting": np.nan},
        {"delisting": "total"},
    ],
)
def test_costs_that_are_none(options: dict[str, Any]) -> None:
    with pytest.raises(es.errors.OptionError):
        es.Costs(**options)


@pytest.mark.parametrize("value", [0, 10, 10.0, np.float32(2.5), np.int64(3), 1000, es.Costs(7)])
def test_costs_are_read(value: Any) -> None:
    given = value.bps if isinstance(value, es.Costs) else value
    assert as_costs(value).bps == given
    assert es.Rule(costs=value).terms == es.Costs(bps=float(given))


def test_a_rule_is_a_frozen_value() -> None:
    rule = es.Rule(enter=ONE, leave="close+3", costs=5)
    assert (rule.enter, rule.leave, rule.moments) == (1, 3, (Moment(1), Moment(3)))
    assert rule == es.Rule(enter="close+1", leave=3, costs=5.0)
    assert hash(rule) == hash(replace(rule))
    assert replace(rule, enter="open+0").enter == "open+0"
    with pytest.raises(FrozenInstanceError):
        rule.enter = 2  # type: ignore[misc]  # what is refused
    with pytest.raises(EventStudyError, match="earns nothing"):
        replace(rule, leave=1)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (es.Rule(), "Rule(enter=0, leave=5)"),
        (es.Rule("open+1", "4", nobody, hedge=es.CAPM(), limits=es.Limits(gross=2)),
         "Rule(enter='open+1', leave=4, side=nobody, hedge=CAPM(), limits=Limits(gross=2))"),
        (es.Rule(side="surprise", weight="inverse_sigma", costs=es.Costs(5, borrow=0.02)),
         ("Rule(enter=0, leave=5, side='surprise', weight='inverse_sigma', "
         "costs=Costs(bps=5, borrow=0.02))")),
    ],
)  # fmt: skip
def test_a_rule_is_told_in_one_line(rule: es.Rule, text: str) -> None:
    assert repr(rule) == text


@pytest.mark.parametrize(
    "hedge",
    [
        es.MarketModel(), es.MarketAdjusted(), es.CAPM(), es.FamaFrench5(), es.Dimson(),
        es.FactorModel(("SPY", "IBIT")), es.ScholesWilliams(), es.RobustMarketModel(),
        es.GarchMarketModel(), es.SyntheticControl(["A", "B"]), es.ElasticNetModel(["A", "B"]),
        es.FactorModel(("SPY", es.factors.peers(["A", "B", "C"]))),
    ],
)  # fmt: skip
def test_models_that_can_be_traded(hedge: Any) -> None:
    assert es.Rule(hedge=hedge).hedge is hedge


@pytest.mark.parametrize("hedge", [es.MeanAdjusted(), es.MeanAdjusted, object(), 0, True, ""])
def test_hedges_that_are_none(hedge: Any) -> None:
    with pytest.raises(es.errors.ModelError):
        es.Rule(hedge=hedge)


def test_a_hedge_whose_needs_cannot_be_read() -> None:
    class Mine(es.MarketModel):
        needs: Any = "market"

    with pytest.raises(es.errors.ModelError, match=r"Mine\.needs is 'market'; give a tuple"):
        es.Rule(hedge=Mine())


def test_a_function_without_a_name_is_called_after_its_class() -> None:
    class Momentum:
        def __call__(self, known: Known) -> list[int]:
            return [2] * len(known.events)

    rule = es.Rule(side=Momentum())
    assert "side=<Momentum>" in repr(rule)
    with pytest.raises(EventStudyError, match="side=Momentum gave 2 for event a"):
        sides(rule, TABLE, ENTRY, PANEL)


@pytest.mark.parametrize("side", ["", " ", None, 0, -1.0, True, ["long"], np.nan])
def test_sides_that_are_none(side: Any) -> None:
    with pytest.raises(es.errors.OptionError, match="is no side"):
        es.Rule(side=side)
    with pytest.raises(es.errors.OptionError, match="is no weight"):
        es.Rule(weight=side)


# ── sides and weights ────────────────────────────────────────────────────────────────────
def test_a_word_is_a_side() -> None:
    assert sides(es.Rule(), TABLE, ENTRY, PANEL).tolist() == [1, 1, 1, 1]
    assert sides(es.Rule(side="short"), TABLE, ENTRY, PANEL).tolist() == [-1, -1, -1, -1]


def test_of_a_column_the_sign_counts() -> None:
    found = sides(es.Rule(side="surprise"), TABLE, ENTRY, PANEL)
    np.testing.assert_array_equal(found, [1, -1, 0, np.nan])


@pytest.mark.parametrize(
    "values",
    [
        pd.array([2, -1, 0, None], dtype="Int64"),
        pd.Series([2, -1, 0, None], dtype=object),
        pd.Categorical([2.0, -1.0, 0.0, None]),
        np.array([np.inf, -np.inf, 0, np.nan]),
        np.array([2, -1, 0, np.nan], dtype=np.float32),
    ],
)
def test_numbers_come_in_many_columns(values: Any) -> None:
    table = TABLE.assign(x=np.asarray(values) if isinstance(values, pd.Series) else values)
    found = sides(es.Rule(side="x"), table, ENTRY, PANEL)
    np.testing.assert_array_equal(found, [1, -1, 0, np.nan])


@pytest.mark.parametrize(
    "values",
    [
        ["1", "-1", "0", None],
        [1, -1, "0", None],
        [True, False, True, False],
        pd.to_datetime(["2026-01-01"] * 4),
        [1j, 2j, 3j, 4j],
        [[1], [2], [3], [4]],
        pd.Categorical(["up", "down", "up", "up"]),
    ],
)
def test_what_is_no_number_is_refused(values: Any) -> None:
    table = TABLE.assign(x=pd.Series(values, TABLE.index))
    with pytest.raises(es.errors.EventsError, match="side='x' needs a column of numbers"):
        sides(es.Rule(side="x"), table, ENTRY, PANEL)
    with pytest.raises(es.errors.EventsError, match="weight='x' needs a column of numbers"):
        weights(es.Rule(weight="x"), table, np.ones(4))


def test_weights() -> None:
    sigma = np.array([0.02, 0.05, 0.0, np.nan])
    assert weights(es.Rule(), TABLE, sigma).tolist() == [1, 1, 1, 1]
    of_sigma = weights(es.Rule(weight="inverse_sigma"), TABLE, sigma)
    np.testing.assert_allclose(of_sigma, [0.5, 0.2, np.nan, np.nan], rtol=1e-15)
    of_column = weights(es.Rule(weight="size"), TABLE, sigma)
    np.testing.assert_array_equal(of_column, [0.5, 2.0, -1.0, np.nan])
    with pytest.raises(EventStudyError, match="neither 'equal' nor 'inverse_sigma' nor a column"):
        weights(es.Rule(weight="sise"), TABLE, sigma)


def test_charges_of_columns() -> None:
    rule = es.Rule(costs=es.Costs(half_spread="spread", borrow=0.03))
    half_spread, borrow = terms_of(rule, TABLE)
    assert half_spread.tolist() == [0.001, 0.002, 0.0, 0.004]
    assert borrow.tolist() == [0.03] * 4
    assert [c.tolist() for c in terms_of(es.Rule(), TABLE)] == [[0.0] * 4, [0.0] * 4]
    with pytest.raises(EventStudyError, match=r"half_spread='size' is -1\.0 for event c"):
        terms_of(es.Rule(costs=es.Costs(half_spread="size")), TABLE)
    with pytest.raises(EventStudyError, match="borrow='x' is nan for event d"):
        terms_of(es.Rule(costs=es.Costs(borrow="x")), TABLE.assign(x=[0, 0, 0, np.nan]))
    wide = TABLE.assign(x=[0.01, 0.6, 0.01, 0.0])  # one that is wide, the others are fractions
    assert terms_of(es.Rule(costs=es.Costs(half_spread="x")), wide)[0].tolist()[1] == 0.6
    with pytest.raises(EventStudyError, match="half_spread='x' looks like percent"):
        terms_of(es.Rule(costs=es.Costs(half_spread="x")), TABLE.assign(x=[0.4, 0.6, 0.5, 0.0]))


# ── a function ───────────────────────────────────────────────────────────────────────────
def test_a_function_is_asked_once_a_session_in_the_order_of_time() -> None:
    asked = []

    def momentum(known: Known) -> Any:
        asked.append((str(known.session), list(known.events.index)))
        assert known.panel.sessions[-1] == known.session
        past = known.panel.returns[known.panel.firm_codes(known.events["ticker"]), -20:]
        return np.sign(past.sum(axis=1))

    order = [2, 0, 3, 1]
    found = sides(es.Rule(side=momentum), TABLE.iloc[order], ENTRY[order], PANEL)
    days = [str(DAYS[row].date()) for row in (270, 281, 285)]
    assert asked == [(days[0], ["a", "b"]), (days[1], ["c"]), (days[2], ["d"])]
    for k, row in enumerate(order):
        past = FRAME[TABLE["ticker"].iloc[row]].iloc[ENTRY[row] - 19 : ENTRY[row] + 1]
        assert found[k] == np.sign(past.sum())


def test_a_function_at_the_open_sees_the_close_before() -> None:
    seen = []

    def look(known: Known) -> Any:
        seen.append((known.session, known.panel.sessions[-1]))
        return np.ones(len(known.events))

    sides(es.Rule("open+0", side=look), TABLE, ENTRY, PANEL)
    rows = [270, 281, 285]
    assert seen == [(PANEL.sessions[row], PANEL.sessions[row - 1]) for row in rows]


@pytest.mark.parametrize(
    "answer",
    [
        [1, -1],
        (1, -1),
        np.array([1, -1], dtype=np.int8),
        np.array([1.0, -1.0]),
        pd.Series([1, -1], ["a", "b"]),
        pd.Series([-1, 1], ["b", "a"]),
        pd.array([1, -1], dtype="Int64"),
    ],
)
def test_answers_in_many_forms(answer: Any) -> None:
    rule = es.Rule(side=lambda known: answer if len(known.events) == 2 else [0])
    assert sides(rule, TABLE, ENTRY, PANEL).tolist() == [1, -1, 0, 0]


def test_no_answer_is_no_trade() -> None:
    rule = es.Rule(side=lambda known: [None, pd.NA] if len(known.events) == 2 else [np.nan])
    assert np.isnan(sides(rule, TABLE, ENTRY, PANEL)).all()


@pytest.mark.parametrize(
    "answer",
    [
        1,
        None,
        "long",
        ["long", "short"],
        [1, 2],
        [0.5, 1],
        [True, False],
        np.array([True, False]),
        [1, 1j],
        [1, np.inf],
        [[1], [1]],
        {"a": 1, "b": 1},
        [1, 1, 1],
        pd.Series([1, 1], ["a", "c"]),
        pd.DataFrame({"side": [1, 1]}),
        (side for side in (1, 1)),
    ],
)
def test_answers_that_are_none(answer: Any) -> None:
    with pytest.raises(es.errors.OptionError, match="gave"):
        sides(es.Rule(side=lambda known: answer), TABLE, ENTRY, PANEL)


def test_an_error_of_the_function_is_its_own() -> None:
    def broken(known: Known) -> Any:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        sides(es.Rule(side=broken), TABLE, ENTRY, PANEL)
