"""Clusters of trades, and the bootstrap that draws them."""

from __future__ import annotations

import numpy as np
import oracle_backtests as oracle
import pytest
from scipy import stats

from eventstudy import errors
from eventstudy.arrays import FloatArray, IntArray
from eventstudy.backtest.book import Book
from eventstudy.backtest.clusters import Clusters, MeanTrade, chains
from eventstudy.backtest.resampling import bootstrap, resampled

HOLD = 5


def make_book(
    rows: IntArray,
    asset: FloatArray,
    *,
    position: FloatArray | None = None,
    cost: float = 0.001,
    closed: IntArray | None = None,
) -> Book:
    """Trades held from the close of day 0 to column ``closed``, each in a firm of its own."""
    n, length = asset.shape
    opened = np.zeros(n, dtype=np.int64)
    closed = np.full(n, length - 1) if closed is None else closed
    position = np.ones(n) if position is None else position
    columns = np.arange(length)
    held = (columns > 0) & (columns <= closed[:, None])
    size = np.abs(position)[:, None]
    traded = size * (columns == 0) + size * (columns == closed[:, None])
    return Book(
        event=np.arange(n),
        firm=np.arange(n),
        row=np.asarray(rows, dtype=np.int64),
        start=0,
        opened=opened,
        closed=closed,
        position=position,
        asset=np.where(held, asset, 0.0),
        hedge=np.zeros(asset.shape),
        traded=traded,
        paid=cost * traded,
        held=held,
        abnormal=np.full(n, np.nan),
    )


def world(seed: int, dates: int = 8, firms: int = 4, gap: int = 12, mean: float = 0.0) -> Book:
    """Dates that stand apart, on each of which firms share a move."""
    rng = np.random.default_rng(seed)
    row = np.repeat(20 + gap * np.arange(dates), firms)
    shape = (dates, firms, HOLD + 1)
    common = rng.normal(mean, 0.02, (dates, 1, HOLD + 1))
    asset = (common + rng.normal(0.0, 0.02, shape)).reshape(-1, HOLD + 1)
    return make_book(row, asset)


def tangled(seed: int) -> Book:
    """Trades at random sessions, sizes and lengths, short ones too, that overlap here and there."""
    rng = np.random.default_rng(seed)
    n = 60
    return make_book(
        np.sort(rng.integers(10, 500, n)),
        rng.normal(0.001, 0.02, (n, HOLD + 1)),
        position=rng.normal(0.0, 1.0, n),
        closed=rng.integers(1, HOLD + 1, n),
    )


def as_trades(book: Book) -> list[oracle.Trade]:
    """The same trades, one at a time."""
    found = []
    for i in range(len(book)):
        begin = int(book.row[i]) + book.start
        held = np.flatnonzero(book.held[i])
        net = {
            begin + j: float(book.position[i] * (book.asset[i, j] + book.hedge[i, j])
                             - book.paid[i, j])
            for j in range(book.opened[i], book.closed[i] + 1)
        }  # fmt: skip
        entry = begin + int(book.opened[i])
        first, last = begin + int(held[0]), begin + int(held[-1])
        found.append({"entry": entry, "first": first, "last": last, "net": net})
    return found


# ── clusters ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("seed", range(5))
def test_clusters_are_those_of_the_loop(seed: int) -> None:
    book = tangled(seed)
    found = Clusters.of(book)
    groups = oracle.clusters(as_trades(book))
    assert len(found) == len(groups) > 5
    for d, members in enumerate(groups):
        assert np.flatnonzero(found.of_trade == d).tolist() == members


@pytest.mark.parametrize("seed", range(3))
def test_sums_by_cluster_are_those_of_the_loop_and_lose_nothing(seed: int) -> None:
    book = tangled(seed)
    found = Clusters.of(book)
    wanted = oracle.by_cluster(as_trades(book))
    for name, values in (("n", found.trades), ("net", found.net), ("s", found.sums),
                         ("q", found.squares)):  # fmt: skip
        np.testing.assert_allclose(values, [c[name] for c in wanted], atol=1e-14)
    np.testing.assert_allclose(found.sums.sum(), book.net.sum(), atol=1e-13)
    np.testing.assert_allclose(found.squares.sum(), book.daily_net @ book.daily_net, atol=1e-15)


def test_a_position_left_where_another_is_entered_is_another_cluster() -> None:
    asset = np.full((2, 6), 0.01)
    apart = make_book(np.array([10, 15]), asset)  # held 11–15 and 16–20
    assert len(Clusters.of(apart)) == 2
    assert len(Clusters.of(make_book(np.array([10, 14]), asset))) == 1


def test_order_of_the_trades_changes_nothing() -> None:
    book = tangled(3)
    order = np.random.default_rng(0).permutation(len(book))
    mixed = make_book(book.row[order], book.asset[order], position=book.position[order],
                      closed=book.closed[order])  # fmt: skip
    one, two = Clusters.of(book), Clusters.of(mixed)
    np.testing.assert_array_equal(two.of_trade, one.of_trade[order])
    np.testing.assert_allclose(two.sums, one.sums, atol=1e-15)


def independent(book: Book) -> tuple[int, float]:
    """Clusters, and the number of equal ones that would weigh the same."""
    found = Clusters.of(book)
    return len(found), found.n_eff


def test_number_of_equal_clusters() -> None:
    d, n_eff = independent(world(0, dates=8))
    assert d == 8
    assert n_eff == pytest.approx(8.0)
    assert independent(world(0, dates=1)) == (1, 1.0)
    # nine trades on one date and one on another: (9 + 1)² / (81 + 1)
    rows = np.array([20] * 9 + [60])
    d, n_eff = independent(make_book(rows, np.zeros((10, 6))))
    assert d == 2
    assert n_eff == pytest.approx(100 / 82)
    # one trade held for three sessions and one for one, of half a notional: (3 + 0.5)² / (9 + 0.25)
    apart = make_book(
        np.array([20, 60]),
        np.zeros((2, 6)),
        position=np.array([1.0, -0.5]),
        closed=np.array([3, 1]),
    )
    assert independent(apart)[1] == pytest.approx(3.5**2 / 9.25)


def test_a_draw_without_any_profit_makes_nothing_look_rare() -> None:
    """Of six clusters one has a profit: a third of the draws miss it, and have no ratio at all."""
    asset = np.zeros((6, HOLD + 1))
    asset[2, 1:] = [0.01, 0.02, 0.0, 0.01, -0.01][:HOLD]
    book = make_book(20 + 12 * np.arange(6), asset, cost=0.0)
    found = bootstrap(Clusters.of(book), 999, 0)
    assert (found.table["pvalue"] > 0.3).all()


def test_a_book_without_trades() -> None:
    empty = make_book(np.array([], dtype=np.int64), np.zeros((0, 6)))
    assert independent(empty) == (0, 0.0)
    assert Clusters.of(empty).limit == "There is no trade, and so no verdict."
    assert np.isnan(bootstrap(Clusters.of(empty), 99, 0).table["pvalue"]).all()


def test_a_trade_that_never_earned_a_return_stands_on_its_own_sessions() -> None:
    book = make_book(np.array([10, 40]), np.full((2, 6), 0.01), closed=np.array([5, 0]))
    assert not book.held[1].any()
    assert Clusters.of(book).of_trade.tolist() == [0, 1]


def test_chains_of_nothing() -> None:
    nothing = np.array([], dtype=np.int64)
    assert chains(nothing, nothing).tolist() == []


# ── open words ───────────────────────────────────────────────────────────────────────────
def test_few_clusters_allow_no_verdict() -> None:
    assert Clusters.of(world(0, dates=3)).limit == (
        "The 12 trades lie in 3 clusters of overlapping holdings: with fewer than 6 no verdict is "
        "possible, whatever the figures say."
    )
    assert Clusters.of(world(0, dates=1, firms=1)).limit.startswith("The only trade lies in one")
    assert Clusters.of(world(0, dates=6)).limit == ""


def test_one_large_cluster_makes_a_verdict_weak() -> None:
    rows = np.concatenate([np.full(40, 20), 40 + 12 * np.arange(8)])
    assert Clusters.of(make_book(rows, np.zeros((48, 6)))).limit == (
        "The 48 trades lie in 9 clusters of overlapping holdings, and a few of them are so large "
        "that they weigh like 1.4 equal ones: with fewer than 6 any verdict is weak."
    )


def uneven(seed: int, sizes: list[int], mean: float = 0.0) -> Book:
    """Dates that stand apart with as many trades, which share a move."""
    rng = np.random.default_rng(seed)
    row = np.repeat(20 + 12 * np.arange(len(sizes)), sizes)
    common = np.repeat(rng.normal(mean, 0.02, (len(sizes), HOLD + 1)), sizes, axis=0)
    return make_book(row, common + rng.normal(0.0, 0.02, (len(row), HOLD + 1)), cost=0.0)


def test_few_large_clusters_get_no_verdict() -> None:
    """With one of them absent from a draw its p is too small, and the sentence does not use it."""
    found = bootstrap(Clusters.of(uneven(0, [40, *[1] * 8], mean=0.05)), 199, 0)
    assert found.table["pvalue"]["mean_net"] <= 0.05
    assert "): no verdict. The 48 trades lie in 9 clusters" in found.sentence()


# ── the mean trade ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("sizes", [[13] * 5 + [1] * 9, [3, 5, 2, 8, 1, 1], [4] * 6, [2, 1]])
def test_the_mean_trade_is_that_of_the_loop(sizes: list[int]) -> None:
    book = uneven(1, sizes, mean=0.01)
    mean, se, df = oracle.mean_trade(oracle.by_cluster(as_trades(book)))
    found = MeanTrade.of(Clusters.of(book))
    assert (found.mean, found.se, found.df) == pytest.approx((mean, se, df), rel=1e-10)
    assert found.pvalue == pytest.approx(2 * stats.t.sf(abs(mean / se), df), rel=1e-9)


def test_equal_clusters_have_the_ordinary_t() -> None:
    book = uneven(2, [5] * 8)
    net = [sum(book.net[k : k + 5]) for k in range(0, 40, 5)]
    found = MeanTrade.of(Clusters.of(book))
    assert found.df == pytest.approx(7.0)
    assert found.pvalue == pytest.approx(stats.ttest_1samp(net, 0.0).pvalue, rel=1e-9)


def test_without_two_clusters_that_vary_there_is_no_error() -> None:
    for book in (
        uneven(0, [6]),
        make_book(np.array([20, 40, 60]), np.zeros((3, HOLD + 1)), cost=0.001),
    ):
        found = MeanTrade.of(Clusters.of(book))
        assert found.mean == pytest.approx(book.net.mean())
        assert np.isnan([found.se, found.t, found.pvalue]).all()
    nothing = np.zeros((0, HOLD + 1))
    assert np.isnan(MeanTrade.of(Clusters.of(make_book(np.empty(0, dtype=np.int64), nothing))).mean)


@pytest.mark.parametrize("sizes", [[13] * 5 + [1] * 9, [13, 13, *[1] * 6], [30, *[1] * 9]])
def test_size_where_few_clusters_hold_most_trades(sizes: list[int]) -> None:
    """By t with D − 1 degrees of freedom these samples reject in 10, 21 and 52 of 100 cases."""
    p = [MeanTrade.of(Clusters.of(uneven(seed, sizes))).pvalue for seed in range(600)]
    assert np.mean(np.array(p) <= 0.05) <= 0.075


@pytest.mark.parametrize("dates", [1, 2, 5])
def test_bootstrap_of_few_clusters_says_so_and_gives_no_numbers(dates: int) -> None:
    clusters = Clusters.of(world(1, dates=dates, mean=0.05))
    found = bootstrap(clusters, 99, 0)
    assert found.table[["ci_low", "ci_high", "pvalue"]].isna().all(axis=None)
    assert np.isfinite(found.table["estimate"]).all()
    assert found.sentence() == clusters.limit == str(found)
    assert "no verdict is possible" in found.sentence()


# ── the bootstrap ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("book", [world(2, mean=0.004), tangled(1)], ids=["dates", "tangled"])
def test_bootstrap_equals_the_loop(book: Book) -> None:
    clusters = Clusters.of(book)
    found = bootstrap(clusters, 199, 7)
    d = len(clusters)
    picks = np.random.Generator(np.random.PCG64(7)).integers(0, d, (199, d))
    wanted = oracle.bootstrap_p(as_trades(book), picks.tolist())
    for name, (estimate, se, p) in wanted.items():
        row = found.table.loc[name]
        assert row["estimate"] == pytest.approx(estimate, rel=1e-10)
        assert row["se"] == pytest.approx(se, rel=1e-7)  # the loop's slopes are differences
        assert row["pvalue"] == pytest.approx(p, abs=1e-12)


def test_draws_are_those_of_one_call() -> None:
    one = resampled(np.random.default_rng(3), 7, slice(0, 50))
    rng = np.random.default_rng(3)
    two = np.vstack([resampled(rng, 7, slice(0, 20)), resampled(rng, 7, slice(20, 50))])
    np.testing.assert_array_equal(one, two)
    assert (one.sum(axis=1) == 7).all()


def test_the_same_seed_gives_the_same_numbers() -> None:
    clusters = Clusters.of(world(4))
    one, two = bootstrap(clusters, 199, 5).table, bootstrap(clusters, 199, 5).table
    assert one.equals(two)
    assert not one.equals(bootstrap(clusters, 199, 6).table)


def test_interval_and_p_agree_about_zero() -> None:
    for seed in range(20):
        row = bootstrap(Clusters.of(world(seed, mean=0.006)), 999, 0).table.loc["mean_net"]
        assert row["ci_low"] < row["estimate"] < row["ci_high"]
        if row["pvalue"] < 0.01:
            assert row["ci_low"] > 0 or row["ci_high"] < 0


def test_a_date_drawn_together_is_wider_than_its_trades_apart() -> None:
    """What a bootstrap over events would get wrong: trades of a date are no independent ones."""
    book = world(5, dates=10, firms=10)
    together = bootstrap(Clusters.of(book), 199, 0).table["se"]["mean_net"]
    apart = np.std(book.net, ddof=1) / np.sqrt(len(book))
    assert together > 1.5 * apart


@pytest.mark.parametrize("name", ["mean_net", "sharpe"])
def test_size_without_any_effect(name: str) -> None:
    """Worlds without costs or effect are rejected about as often as the level says."""
    rejected = []
    for seed in range(300):
        clusters = Clusters.of(free(world(seed, dates=12, firms=3)))
        rejected.append(bootstrap(clusters, 199, seed).table["pvalue"][name] <= 0.05)
    assert 0.02 <= np.mean(rejected) <= 0.085


def free(book: Book) -> Book:
    return make_book(book.row, book.asset, cost=0.0)


def test_sentences() -> None:
    good = bootstrap(Clusters.of(world(0, dates=20, mean=0.03)), 999, 0)
    assert "luck alone rarely gives as much" in good.sentence()
    assert good.sentence().startswith(
        "Over 20 clusters of overlapping holdings the mean net profit a trade is +"
    )
    bad = bootstrap(Clusters.of(world(0, dates=20, mean=-0.03)), 999, 0)
    assert "luck alone rarely loses as much" in bad.sentence()
    noise = bootstrap(Clusters.of(free(world(1, dates=20))), 999, 0)
    assert "it can't be told from luck" in noise.sentence()


def test_profits_that_are_all_equal() -> None:
    still = make_book(20 + 12 * np.arange(8), np.tile([0.0, 0.01, 0.02, 0.0, 0.0, 0.0], (8, 1)))
    found = bootstrap(Clusters.of(still), 99, 0)
    assert np.isnan(found.table["pvalue"]["mean_net"])
    assert found.sentence() == "The profits of all clusters are equal: nothing can be drawn."


@pytest.mark.parametrize("draws", [0, -1, 2.5, "many", True])
def test_draws_must_be_a_count(draws: object) -> None:
    with pytest.raises(errors.OptionError, match="is not a count"):
        bootstrap(Clusters.of(world(0)), draws, 0)  # type: ignore[arg-type]  # what is refused


def test_rng_must_be_usable() -> None:
    with pytest.raises(errors.OptionError, match="cannot make random numbers"):
        bootstrap(Clusters.of(world(0)), 9, -1)


@pytest.mark.parametrize("draws", [19, 99, 250])
def test_the_interval_ends_where_p_passes_five_percent(draws: int) -> None:
    beyond = 0
    for seed in range(60):
        table = bootstrap(Clusters.of(world(seed, mean=0.008)), draws, seed).table
        outside = (table["ci_low"] > 0) | (table["ci_high"] < 0)
        assert (outside == (table["pvalue"] <= 0.05)).all()
        beyond += int(outside.sum())
    assert 10 < beyond < 170
