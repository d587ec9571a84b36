"""Control firms and reference portfolios against loops and cases by hand."""

from __future__ import annotations

import statistics
from functools import cache
from typing import Any

import numpy as np
import oracle_long_run as oracle
import pandas as pd
import pytest

import eventstudy as es
from eventstudy import errors
from eventstudy.longrun.characteristics import read_characteristics

T, S = 150, 30
DAYS = pd.bdate_range("2024-01-02", periods=T)
FIRMS = [f"F{i:02}" for i in range(S)]
NAMES = ("size", "bm", "age")
NAN = float("nan")


@cache
def market() -> pd.DataFrame:
    """Thirty firms with holes, of which a third loses its prices on the way."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.standard_t(5, (T, S)).clip(-20, 20) * 0.02, DAYS, FIRMS)
    frame = frame.where(rng.random((T, S)) > 0.02)
    for k in range(0, S, 3):
        frame.iloc[60 + 2 * k :, k] = np.nan
    frame.iloc[:40, 1] = np.nan
    frame.iloc[-1, 1] = 0.01
    alive = [k for k in range(S) if k % 3]
    frame.iloc[-1, alive] = 0.01
    return frame


@cache
def panel(kind: str = "simple") -> es.Panel:
    frame = market() if kind == "simple" else market().map(np.log1p)
    return es.Panel.from_returns(frame, market=pd.Series(0.0, DAYS, name="ALL"), kind=kind)


@cache
def table() -> pd.DataFrame:
    """Characteristics on five days, in no order, with gaps and firms that have no prices."""
    rng = np.random.default_rng(4)
    rows = [(who, DAYS[day]) for who in [*FIRMS, "ZZZ"] for day in (0, 20, 41, 77, 120)]
    found = pd.DataFrame(rows, columns=["ticker", "date"])
    found["size"] = np.exp(rng.normal(0, 0.6, len(found)))
    found["bm"] = rng.normal(1, 0.4, len(found))
    found["age"] = rng.integers(1, 9, len(found)).astype(float)
    found.loc[rng.random(len(found)) < 0.1, "bm"] = np.nan
    found.loc[found["ticker"] == FIRMS[7], "size"] = np.nan
    return found.sample(frac=1, random_state=0)


@cache
def events(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    rows = {"ticker": rng.choice(FIRMS, n), "date": DAYS[rng.integers(1, T - 5, n)]}
    found = pd.DataFrame(rows).drop_duplicates().reset_index(drop=True)
    return found.assign(event_id=[f"e{k}" for k in range(len(found))])


def series(frame: pd.DataFrame) -> dict[str, list[float | None]]:
    return {str(k): [None if np.isnan(x) else float(x) for x in frame[k]] for k in frame}


def rows_of(frame: pd.DataFrame) -> list[tuple[str, int, dict[str, float | None]]]:
    place = {day: k for k, day in enumerate(DAYS)}
    return [
        (r["ticker"], place[r["date"]], {c: None if np.isnan(r[c]) else r[c] for c in NAMES})
        for r in frame.to_dict("records")
    ]


class Loop:
    """One run of the loops: the same options, the same data."""

    def __init__(self, rule: es.BuyAndHold) -> None:
        self.case = oracle.Case(
            series(market()),
            rule.window.first,
            rule.window.last,
            loss=rule.delisting_return,
            truncate_delisted=rule.delisting == "truncate",
            truncate_data=True,
        )
        place = {day: k for k, day in enumerate(DAYS)}
        columns = (events()[name].tolist() for name in ("event_id", "ticker", "date"))
        self.events: list[tuple[str, str, int]] = [
            (name, who, place[day]) for name, who, day in zip(*columns, strict=True)
        ]
        self.pairs = [(who, day) for _, who, day in self.events]
        rows = rows_of(table())
        self.rows = {name: [row for row in rows if row[0] == name] for name in [*FIRMS, "ZZZ"]}

    def known(self, names: list[str], columns: tuple[str, ...], day: int) -> dict[str, Any]:
        """Firm → characteristics, of those that have all of them."""
        found = {}
        for name in names:
            values = {c: oracle.known_before(self.rows[name], name, c, day) for c in columns}
            if None not in values.values():
                found[name] = values
        return found

    def held(self, who: str, day: int) -> bool:
        return day + self.case.first < T and oracle.can_be_bought(self.case, who, day)


# ── the loop is the specification: control firms ─────────────────────────────────────────────
@pytest.mark.parametrize("exclude", ["overlapping", "earlier", "none"])
@pytest.mark.parametrize(
    ("within", "nearest", "n"),
    [
        ({"size": (0.5, 2.0)}, "bm", 1),
        ({"size": (0.5, 2.0)}, "bm", 3),
        (None, ["size", "bm"], 2),
        ({"size": (0.3, 3.0), "age": (0.2, 5.0)}, ["bm", "size"], 2),
    ],
)
@pytest.mark.parametrize(("delisting", "loss"), [("benchmark", 0.0), ("truncate", -0.4)])
def test_the_loop_finds_the_same_firms(
    within: Any, nearest: Any, n: int, exclude: str, delisting: str, loss: float
) -> None:
    controls = es.ControlFirms(table(), within=within, nearest=nearest, n=n, exclude=exclude)
    rule = es.BuyAndHold(
        (1, 50), controls, delisting=delisting, delisting_return=loss, incomplete="truncate"
    )
    found, loop = rule.run(events(), panel()), Loop(rule)
    used = [nearest] if isinstance(nearest, str) else nearest
    columns = tuple(dict.fromkeys([*(within or {}), *used]))
    reasons, changes = {}, 0
    for name, who, day in loop.events:
        if not loop.held(who, day):
            reasons[name] = "after_data" if day + 1 >= T else "no_event_data"
            continue
        own = loop.known([who], columns, day)
        firms = oracle.others(loop.case, loop.pairs, day, exclude, who)
        others = loop.known(firms, columns, day)
        if not own:
            reasons[name] = "no_characteristics"
            continue
        scale = scales(loop, who, day, exclude, columns)
        ranked = oracle.nearest_firms(own[who], others, within or {}, used, scale)
        if not ranked:
            reasons[name] = "no_control"
            continue
        path, changed = oracle.control_path(loop.case, ranked, day, n)
        want = oracle.held(loop.case, who, day, path)
        row = found.table.loc[name]
        np.testing.assert_allclose(
            row[["bhr", "benchmark", "days"]].to_numpy(float), want, atol=1e-10
        )
        assert row["control"] == ", ".join(ranked[:n])
        told = found.ledger[found.ledger["what"] == "control_replaced"]
        told = told[told.index == name]
        inside = [(DAYS[t], firm) for t, firm in changed if t < day + 1 + want[2]]
        assert list(zip(told["date"], told["control"], strict=True)) == inside
        changes += len(inside)
    assert found.dropped["reason"].to_dict() == reasons
    assert len(found.table) + len(reasons) == len(events())
    assert len(found.table) > 12
    assert changes > 0


def scales(loop: Loop, who: str, day: int, exclude: str, columns: tuple[str, ...]) -> Any:
    """Standard deviations over all firms that could serve on that day, the firm itself too."""
    firms = oracle.others(loop.case, loop.pairs, day, exclude, "")
    values = loop.known(firms, columns, day)
    return {c: statistics.stdev([v[c] for v in values.values()]) for c in columns}


def test_log_returns_are_compounded_exactly() -> None:
    for against in (
        es.ControlFirms(table(), nearest="size", n=2),
        es.ReferencePortfolios(table(), groups={"size": 3}),
    ):
        rule = es.BuyAndHold((1, 40), against, incomplete="truncate", delisting_return=-0.2)
        want = rule.run(events(), panel()).table
        got = rule.run(events(), panel("log")).table
        np.testing.assert_allclose(got["bhar"], want["bhar"], atol=1e-12)


# ── the loop is the specification: reference portfolios ──────────────────────────────────────
@pytest.mark.parametrize("exclude", ["overlapping", "earlier", "none"])
@pytest.mark.parametrize("weighting", ["buy_and_hold", "rebalanced"])
@pytest.mark.parametrize("groups", [{"size": 3}, {"size": 2, "bm": 2}])
@pytest.mark.parametrize(("delisting", "loss"), [("benchmark", -0.4), ("truncate", 0.0)])
def test_the_loop_forms_the_same_portfolios(
    groups: dict[str, int], weighting: str, exclude: str, delisting: str, loss: float
) -> None:
    against = es.ReferencePortfolios(table(), groups, weighting=weighting, exclude=exclude)
    rule = es.BuyAndHold(
        (1, 50), against, delisting=delisting, delisting_return=loss, incomplete="truncate"
    )
    found, loop = rule.run(events(), panel()), Loop(rule)
    columns, reasons = tuple(groups), {}
    for name, who, day in loop.events:
        if not loop.held(who, day):
            reasons[name] = "after_data" if day + 1 >= T else "no_event_data"
            continue
        values = loop.known(oracle.others(loop.case, [], day, "none", ""), columns, day)
        if who not in values:
            reasons[name] = "no_characteristics"
            continue
        group = {
            firm: tuple(
                oracle.group_of(x[c], [v[c] for v in values.values()], groups[c]) for c in columns
            )
            for firm, x in values.items()
        }
        firms = oracle.others(loop.case, loop.pairs, day, exclude, "")
        members = [firm for firm in firms if group.get(firm) == group[who]]
        if not members:
            reasons[name] = "no_control"
            continue
        path = oracle.portfolio_path(loop.case, members, day, rebalanced=weighting == "rebalanced")
        want = oracle.held(loop.case, who, day, path)
        row = found.table.loc[name]
        np.testing.assert_allclose(
            row[["bhr", "benchmark", "days"]].to_numpy(float), want, atol=1e-10
        )
        said = [f"{c} {g + 1} of {groups[c]}" for c, g in zip(columns, group[who], strict=True)]
        assert row["control"] == ", ".join(said)
    assert found.dropped["reason"].to_dict() == reasons
    assert len(found.table) > 12


# ── no look-ahead ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "against",
    [
        lambda c: es.ControlFirms(c, within={"size": (0.5, 2.0)}, nearest="bm"),
        es.ControlFirms,
        lambda c: es.ReferencePortfolios(c, groups={"size": 2, "bm": 2}),
    ],
)
def test_what_is_published_on_day_0_or_later_changes_nothing(against: Any) -> None:
    day = DAYS[50]
    some = es.events_on(day, FIRMS[2:9])
    late = table()["date"] >= day
    other = table().copy()
    other.loc[late, list(NAMES)] = 99.0
    more = pd.DataFrame({"ticker": FIRMS, "date": day, **dict.fromkeys(NAMES, -5.0)})
    runs = [
        es.BuyAndHold((1, 40), against(known)).run(some, panel()).table
        for known in (table(), table()[~late], other, pd.concat([table(), more]))
    ]
    for found in runs[1:]:
        pd.testing.assert_frame_equal(found, runs[0])
    earlier = more.assign(date=DAYS[49], size=np.arange(S, dtype=float))
    known = against(pd.concat([table(), earlier]))
    moved = es.BuyAndHold((1, 40), known).run(some, panel()).table
    assert not moved["bhar"].equals(runs[0]["bhar"])


def test_the_later_returns_of_candidates_choose_nobody() -> None:
    some = es.events_on(DAYS[50], FIRMS[4])
    rule = es.BuyAndHold((1, 40), es.ControlFirms(table(), nearest="size"))
    control = rule.run(some, panel()).table["control"]
    frame = market().copy()
    frame.iloc[52:] *= -1
    other = es.Panel.from_returns(frame, market=pd.Series(0.0, DAYS, name="ALL"))
    assert rule.run(some, other).table["control"].equals(control)


# ── the form of the table ────────────────────────────────────────────────────────────────────
def test_order_and_form_of_the_table_change_nothing() -> None:
    def bhar(known: pd.DataFrame) -> pd.DataFrame:
        rule = es.BuyAndHold((1, 30), es.ControlFirms(known, nearest=["size", "bm"], n=2))
        return rule.run(events(), panel()).table

    want = bhar(table())
    text = table().assign(date=table()["date"].dt.strftime("%Y-%m-%d"))
    numbers = table().assign(date=table()["date"].dt.strftime("%Y%m%d").astype(int))
    levels = table().set_index(["date", "ticker"])
    nullable = table().convert_dtypes()
    for known in (table().sort_values("size"), text, numbers, levels, nullable):
        pd.testing.assert_frame_equal(bhar(known), want)
    turned = panel().returns_frame()[FIRMS[::-1]]
    other = es.Panel.from_returns(turned, market=pd.Series(0.0, DAYS, name="ALL"))
    rule = es.BuyAndHold((1, 30), es.ControlFirms(table(), nearest=["size", "bm"], n=2))
    pd.testing.assert_frame_equal(rule.run(events(), other).table, want)


def test_a_table_without_dates_is_used_and_told() -> None:
    once = table().dropna().drop_duplicates("ticker").drop(columns="date")
    first = es.BuyAndHold((1, 30), es.ControlFirms(once, nearest="size")).run(events(), panel())
    index = es.ControlFirms(once.set_index("ticker"), nearest="size")
    second = es.BuyAndHold((1, 30), index).run(events(), panel())
    pd.testing.assert_frame_equal(first.table, second.table)
    assert "whether they were known on day 0 cannot be checked" in first.summary().replace(
        "\n  ", " "
    )
    dated = es.BuyAndHold((1, 30), es.ControlFirms(table())).run(events(), panel())
    assert "cannot be checked" not in dated.summary()


def test_of_each_characteristic_the_latest_number_counts() -> None:
    known = read_characteristics(
        pd.DataFrame(
            {
                "ticker": ["A", "B", "A", "A"],
                "date": ["2026-01-05", "2026-01-02", "2026-01-02", "2026-01-07"],
                "size": [NAN, 5.0, 1.0, 3.0],
                "bm": [0.5, NAN, 0.4, NAN],
            }
        ),
        None,
    )
    day = [np.datetime64(f"2026-01-{d:02}") for d in (1, 2, 3, 6, 8)]
    rows = [known.before(d) for d in day]
    np.testing.assert_equal(rows[0], [[NAN, NAN], [NAN, NAN]])
    np.testing.assert_equal(rows[1], rows[0])
    np.testing.assert_equal(rows[2], [[1.0, 0.4], [5.0, NAN]])
    np.testing.assert_equal(rows[3], [[1.0, 0.5], [5.0, NAN]])
    np.testing.assert_equal(rows[4], [[3.0, 0.5], [5.0, NAN]])
    np.testing.assert_equal(known.before(np.datetime64("1900-01-01")), rows[0])
    np.testing.assert_equal(known.before(np.datetime64("2100-01-01")), rows[4])


def test_numbers_as_tickers_meet_the_panel() -> None:
    frame = pd.DataFrame(np.full((9, 3), 0.01), DAYS[:9], [10107, 14593, 20000])
    data = es.Panel.from_returns(frame, market=pd.Series(0.0, DAYS[:9], name="ALL"))
    known = pd.DataFrame({"ticker": [10107.0, 14593.0, 20000.0], "size": [1.0, 3.0, 2.0]})
    found = es.BuyAndHold((1, 3), es.ControlFirms(known)).run(es.events_on(DAYS[2], "10107"), data)
    assert found.table["control"].tolist() == ["20000"]


# ── by hand ──────────────────────────────────────────────────────────────────────────────────
def small(**returns: list[float]) -> es.Panel:
    length = len(next(iter(returns.values())))
    frame = pd.DataFrame(returns, DAYS[:length])
    return es.Panel.from_returns(frame, market=pd.Series(0.0, DAYS[:length], name="ALL"))


SIZES = pd.DataFrame({"ticker": list("ABCD"), "size": [10.0, 9.0, 12.0, 20.0], "bm": [1, 3, 1, 1]})


def test_barber_and_lyon_by_hand() -> None:
    data = small(A=[0, 0.1, 0.1], B=[0, 0.2, 0.0], C=[0, 0.0, 0.3], D=[0, 0, 0])
    match = es.ControlFirms(SIZES, within={"size": (0.7, 1.3)}, nearest="bm")
    found = es.BuyAndHold((1, 2), match).run(es.events_on(DAYS[0], "A"), data)
    assert found.table["control"].tolist() == ["C"]  # D's book-to-market is as near, its size not
    assert found.abhar == pytest.approx(0.21 - 0.3)
    two = es.BuyAndHold((1, 2), es.ControlFirms(SIZES, nearest="size", n=2))
    both = two.run(es.events_on(DAYS[0], "A"), data)
    assert both.table["control"].tolist() == ["B, C"]
    assert both.abhar == pytest.approx(0.21 - (0.2 + 0.3) / 2)
    assert two.label(data) == "2 control firms: nearest size"


def test_the_next_nearest_takes_over_by_hand() -> None:
    data = small(
        A=[0, 0.1, 0.1, 0.1, 0.1],
        B=[0, 0.2, NAN, NAN, NAN],
        C=[0, 0.5, 0.01, NAN, NAN],
        D=[0, 0.5, 0.5, 0.02, 0.03],
    )
    match = es.ControlFirms(SIZES, nearest="size")
    found = es.BuyAndHold((1, 4), match, delisting_return=-0.5).run(
        es.events_on(DAYS[0], "A"), data
    )
    want = 1.2 * 0.5 * 1.01 * 0.5 * 1.02 * 1.03
    assert found.table["benchmark"].iloc[0] == pytest.approx(want - 1)
    assert found.table["control"].tolist() == ["B"]
    assert found.ledger[["what", "date", "days", "control"]].to_numpy().tolist() == [
        ["control_replaced", DAYS[2], 1, "C"],
        ["control_replaced", DAYS[3], 2, "D"],
    ]
    assert "Control firms were replaced 2 times" in found.summary()


def test_without_anybody_left_the_holding_ends() -> None:
    data = small(
        A=[0, 0.1, 0.1, 0.1], B=[0, 0.2, NAN, NAN], C=[0, 0.0, 0.01, NAN], D=[NAN, NAN, 0, 0]
    )
    match = es.ControlFirms(SIZES, nearest="size")
    found = es.BuyAndHold((1, 3), match).run(es.events_on(DAYS[0], "A"), data)
    got = found.table[["bhr", "benchmark", "days"]].to_numpy(float)[0]
    np.testing.assert_allclose(got, [0.21, 1.2 * 1.01 - 1, 2])
    assert found.ledger["what"].tolist() == ["truncated", "control_replaced"]


def test_a_delisting_after_the_end_of_the_holding_costs_nothing() -> None:
    data = small(
        A=[0, 0.1, 0.1, NAN, NAN, NAN], B=[0, 0.2, NAN, NAN, NAN, NAN], C=[0, NAN, NAN, NAN, 0, 0]
    )
    match = es.ControlFirms(SIZES[SIZES["ticker"] != "C"], nearest="size")
    for delisting in ("benchmark", "truncate"):
        rule = es.BuyAndHold((1, 4), match, delisting=delisting, delisting_return=-1.0)
        found = rule.run(es.events_on(DAYS[0], "A"), data)
        assert found.table["days"].tolist() == [1]
        assert found.table["bhr"].iloc[0] == pytest.approx(0.1)


def test_a_hole_of_the_control_firm_that_began_before_the_purchase_is_not_earned() -> None:
    prices = pd.DataFrame(
        {"A": [5.0, 5, 5, 5, 5], "B": [100.0, NAN, NAN, 150, 165], "SPY": 100.0}, DAYS[:5]
    )
    data = es.Panel.from_prices(
        pd.concat([prices, prices.set_axis(DAYS[5:10])]), market="SPY", across_gaps=True
    )
    match = es.ControlFirms(SIZES, nearest="size")
    for day0, want in ((2, 1.1 * 100 / 165 * 1.5 - 1), (5, 0.5)):
        found = es.BuyAndHold((1, 8 - day0), match).run(es.events_on(DAYS[day0], "A"), data)
        assert found.table["benchmark"].iloc[0] == pytest.approx(want, abs=1e-12)


def test_firms_with_events_are_no_controls_unless_told() -> None:
    flat = [0.0] * 9
    data = small(A=flat, B=flat, C=flat, D=flat)
    some = pd.DataFrame(
        {"ticker": ["A", "B", "C"], "date": DAYS[[3, 1, 5]], "event_id": ["a", "b", "c"]}
    )

    def control(exclude: str, last: int = 3) -> str:
        match = es.ControlFirms(SIZES, nearest="size", exclude=exclude)
        found = es.BuyAndHold((1, last), match).run(some, data).table["control"]
        return str(found["a"])

    assert control("overlapping") == "D"
    assert control("earlier") == "C"
    assert control("none") == "B"
    assert control("overlapping", last=2) == "B"  # no holding shares a day


def test_dropped_events_say_what_they_lacked() -> None:
    flat = [0.0] * 5
    data = small(A=flat, B=flat, X=flat)
    match = es.ControlFirms(SIZES, within={"size": (1.1, 1.2)}, nearest="size")
    rule = es.BuyAndHold((1, 3), match)
    with pytest.raises(errors.NothingLeft) as caught:
        rule.run(es.events_on(DAYS[0], ["A", "X"]), data)
    lost = caught.value.dropped.set_index("ticker")
    assert lost["reason"].to_dict() == {"A": "no_control", "X": "no_characteristics"}
    assert lost["detail"].to_dict() == {
        "A": "no firm to compare with (1 control firm: size within 1.1 to 1.2, nearest size)",
        "X": "no size known before day 0",
    }
    for way in (match, es.ReferencePortfolios(SIZES)):
        with pytest.raises(errors.NothingLeft, match="2 × unknown_ticker"):
            es.BuyAndHold((1, 3), way).run(es.events_on(DAYS[0], ["P", "Q"]), data)
    alone = es.ReferencePortfolios(SIZES, groups={"size": 2})
    with pytest.raises(errors.NothingLeft, match="no other firm in its portfolio"):
        es.BuyAndHold((1, 3), alone).run(es.events_on(DAYS[0], "A"), small(A=flat, B=flat))


def test_bounds_of_negative_numbers_are_turned() -> None:
    known = pd.DataFrame({"ticker": list("AB"), "roa": [-1.0, -1.2]})
    flat = [0.0] * 4
    match = es.ControlFirms(known, within={"roa": (0.7, 1.3)})
    found = es.BuyAndHold((1, 2), match).run(es.events_on(DAYS[0], "A"), small(A=flat, B=flat))
    assert found.table["control"].tolist() == ["B"]


def test_a_bought_portfolio_is_not_brought_back_to_equal_parts() -> None:
    data = small(A=[-0.01] * 4, B=[0, 0.4, 0.5, 0], C=[0, 0.0, 0.0, 0])
    known = pd.DataFrame({"ticker": list("ABC"), "size": [1.0, 1.0, 1.0]})
    some = es.events_on(DAYS[0], "A")

    def benchmark(weighting: str) -> float:
        against = es.ReferencePortfolios(known, {"size": 2}, weighting=weighting)
        return float(es.BuyAndHold((1, 2), against).run(some, data).table["benchmark"].iloc[0])

    assert benchmark("buy_and_hold") == pytest.approx((1.4 * 1.5 + 1.0) / 2 - 1)
    assert benchmark("rebalanced") == pytest.approx(1.2 * 1.25 - 1)


def test_labels_of_portfolios() -> None:
    both = es.ReferencePortfolios(table(), 5, weighting="rebalanced")
    assert both.label == (
        "reference portfolios: 5 by size times 5 by bm times 5 by age, rebalanced"
    )


def test_the_caller_may_change_the_table_afterwards() -> None:
    mine = table().copy()
    match = es.ControlFirms(mine, nearest="size")
    before = es.BuyAndHold((1, 20), match).run(events(), panel()).table
    mine["size"] = 1.0
    pd.testing.assert_frame_equal(
        es.BuyAndHold((1, 20), match).run(events(), panel()).table, before
    )


# ── what is told ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("weighting", ["buy_and_hold", "rebalanced"])
def test_a_firm_alone_of_its_kind_is_its_own_benchmark(weighting: str) -> None:
    """Its delisting is felt by neither side: the holding ends before."""
    gone = {"A": [0.0, 0.1, 0.1, NAN, NAN], "B": [0.0, 0.0, 0.0, 0.0, 0.1]}
    frame = pd.DataFrame(gone, DAYS[:5])
    kinds = pd.DataFrame({"ticker": ["A", "B"], "size": [1.0, 2.0]})
    alike = es.ReferencePortfolios(kinds, groups=2, weighting=weighting, exclude="none")
    rule = es.BuyAndHold((1, 4), alike, delisting_return=-0.5)
    found = rule.run(es.events_on(DAYS[0], ["A"]), es.Panel.from_returns(frame))
    assert found.table[["bhr", "bhar", "days"]].to_numpy().tolist() == [
        [pytest.approx(0.21), pytest.approx(0.0, abs=1e-15), 2]
    ]


@pytest.mark.parametrize(("delisting", "told"), [("benchmark", True), ("truncate", False)])
def test_who_takes_over_after_the_holding_is_not_told(delisting: str, told: bool) -> None:
    gone = {"A": [0.0, 0.1, 0.1, NAN, NAN], "B": [0.0, 0.0, 0.1, NAN, NAN], "C": [0.0] * 5}
    alike = es.ControlFirms(pd.DataFrame({"ticker": list("ABC"), "size": [1.0, 2.0, 3.0]}))
    rule = es.BuyAndHold((1, 4), alike, delisting=delisting)
    panel = es.Panel.from_returns(pd.DataFrame(gone, DAYS[:5]))
    found = rule.run(es.events_on(DAYS[0], ["A"]), panel).ledger
    assert ("control_replaced" in set(found["what"])) == told


def test_few_firms_to_compare_with_are_told() -> None:
    few = es.ControlFirms(table(), within={"size": (0.9, 1.1)}, nearest="bm", n=3)
    found = es.BuyAndHold((1, 20), few).run(events(), panel())
    number = found.table["control"].astype(str).str.count(",") + 1
    least, n = int((number < 3).sum()), len(number)
    assert 0 < least < n
    assert f"{least} of {n} events found fewer than 3 control firms." in found.summary()
    enough = es.BuyAndHold((1, 20), es.ControlFirms(table(), nearest="bm", n=3))
    assert "found fewer" not in enough.run(events(), panel()).summary()


def test_portfolios_of_few_firms_are_told() -> None:
    halves = es.BuyAndHold((1, 20), es.ReferencePortfolios(table(), groups=5, exclude="none"))
    found = halves.run(events(), panel())
    n = len(found.events)
    assert found.remarks[0] == (
        f"{n} of {n} events are compared with portfolios of fewer than 10 firms: their luck is in "
        f"the BHAR."
    )
    half = es.ReferencePortfolios(table(), groups={"age": 2}, exclude="none")
    assert es.BuyAndHold((1, 20), half).run(events().iloc[:4], panel()).remarks == ()


# ── refusals ─────────────────────────────────────────────────────────────────────────────────
BASE = pd.DataFrame({"ticker": ["A", "B"], "date": DAYS[:2], "size": [1.0, 2.0]})
REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (
        [1],
        {},
        (
            "characteristics is a list; give a DataFrame with a column ticker, perhaps a column "
            "date, and columns of numbers such as size."
        ),
    ),
    (
        BASE.drop(columns="ticker"),
        {},
        "The characteristics name no firms; add a column ticker, or tickers as the index.",
    ),
    (
        BASE,
        {"nearest": "sise"},
        "The characteristics have no column 'sise'; they have size. Did you mean 'size'?",
    ),
    (BASE[["ticker", "date"]], {}, "The characteristics have no column 'size'; they have none."),
    (
        pd.concat([BASE, BASE.iloc[:1]]),
        {},
        (
            "The characteristics have more than one row of A on 2024-01-02 (2 such rows); keep one "
            "of them."
        ),
    ),
    (
        pd.concat([BASE, BASE]).drop(columns="date"),
        {},
        "The characteristics have more than one row of A (3 such rows); keep one of them.",
    ),
    (
        BASE.assign(size=[1.0, np.inf]),
        {},
        (
            "The characteristic 'size' of B is infinite; give a number, or nothing where it is not "
            "known."
        ),
    ),
    (
        BASE,
        {"within": {"size": 1.3}},
        (
            "within={'size': 1.3} cannot be read; give a mapping of column to the smallest and "
            "largest multiple of the firm's own value, such as {'size': (0.7, 1.3)}."
        ),
    ),
    (BASE, {"within": {"size": (1.3, 0.7)}}, "within={'size': (1.3, 0.7)} cannot be read"),
    (BASE, {"within": {"size": (0.7, NAN)}}, "within={'size': (0.7, nan)} cannot be read"),
    (BASE, {"within": "size"}, "within='size' cannot be read"),
    (BASE.assign(size=["1", "2"]), {}, "size"),
    (BASE.assign(ticker=pd.Series(["A", None])), {}, "Column 'ticker' misses the ticker in 1 rows"),
    (
        BASE.assign(date=pd.Series([DAYS[0], pd.NaT])),
        {},
        "Column 'date' of the characteristics has 1 missing",
    ),
    (pd.concat([BASE, BASE["size"]], axis=1), {}, "more than one column for size"),
    (
        BASE.iloc[:0],
        {},
        "The characteristics have no rows; give one a firm, or one a firm and date.",
    ),
    (
        BASE,
        {"nearest": []},
        "nearest=[] cannot be read; give a column of the characteristics, or a list of them.",
    ),
    (BASE, {"nearest": 1}, "nearest=1 cannot be read; give a column"),
    (BASE, {"n": 0}, "n=0"),
    (BASE, {"n": True}, "n=True"),
    (BASE, {"exclude": "all"}, "exclude='all' is not known; choose one of 'overlapping'"),
]


@pytest.mark.parametrize(("known", "options", "said"), REFUSED)
def test_control_firms_refuse_in_one_sentence(
    known: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(errors.EventStudyError) as caught:
        es.ControlFirms(known, **options)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"groups": 1},
            (
                "groups=1 cannot be read; give 2 or more for each column, such as "
                "{'size': 5, 'book_to_market': 5}."
            ),
        ),
        ({"groups": {"size": 2.5}}, "groups={'size': 2.5} cannot be read"),
        ({"groups": {}}, "groups={} cannot be read"),
        ({"groups": {"bm": 2}}, "The characteristics have no column 'bm'; they have size."),
        ({"weighting": "value"}, "weighting='value' is not known; choose one of 'buy_and_hold'"),
        ({"exclude": 3}, "exclude=3 is not known"),
    ],
)
def test_reference_portfolios_refuse_in_one_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.EventStudyError) as caught:
        es.ReferencePortfolios(BASE, **options)
    assert said in str(caught.value)
