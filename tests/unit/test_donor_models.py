"""Counterfactuals from donors: synthetic control and elastic net, against slow and sure ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import oracle_firms
import pandas as pd
import pytest
from oracle import Floats

import eventstudy as es
from eventstudy import engine, errors
from eventstudy.arrays import Block, Model, Windows
from eventstudy.models.active_set import lasso, simplex
from eventstudy.models.held_out import blocks_of
from eventstudy.windows import Window

J, PAST, GAP, EVENT = 5, 60, 4, 7
DONORS = tuple(f"D{j}" for j in range(J))
SYNTHETIC = es.SyntheticControl(DONORS)
NET = es.ElasticNetModel(DONORS)


def world(n: int = 6, *, gaps: float = 0.0, j: int = J, seed: int = 3) -> Block:
    """Firms that are portfolios of the donors, more or less, and donors that are much alike."""
    rng = np.random.default_rng(seed)
    days = PAST + GAP + EVENT
    donors = rng.standard_t(4, (days, j)) * 0.02 + rng.standard_t(4, (days, 1)) * 0.02
    weights = rng.dirichlet(np.full(j, 0.5), n) * rng.uniform(0.3, 1.5, (n, 1))
    returns = weights @ donors.T + rng.standard_t(4, (n, days)) * 0.015
    if gaps:
        returns[rng.random(returns.shape) < gaps] = np.nan
        donors[5, 1] = donors[PAST + GAP + 2, 0] = np.nan
    names = tuple(f"D{k}" for k in range(j))
    event = slice(PAST + GAP, days)
    return Block(returns, donors, names, np.arange(days), slice(0, PAST), event)


def loop(block: Block, i: int, kind: str, **options: Any) -> oracle_firms.Counterfactual:
    """The event i of a block, without the days of the gap."""
    keep = [*range(PAST), *range(PAST + GAP, PAST + GAP + EVENT)]
    actual, donors = block.returns[i][keep], block.factors[keep]
    return oracle_firms.counterfactual(actual, donors, PAST, kind, **options)


def close(got: object, want: object, rtol: float = 1e-10) -> None:
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=rtol, atol=1e-12
    )


CASES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "synthetic": (SYNTHETIC, "synthetic", {}),
    "elastic net": (NET, "net", {}),
    "lasso": (es.ElasticNetModel(DONORS, alpha=1.0), "net", {"alpha": 1.0}),
    "nearly ridge": (es.ElasticNetModel(DONORS, alpha=0.01), "net", {"alpha": 0.01}),
    "given penalty": (es.ElasticNetModel(DONORS, penalty=0.05), "net", {"penalty": 0.05}),
    "no penalty": (es.ElasticNetModel(DONORS, penalty=0), "net", {"penalty": 0.0}),
}


@pytest.mark.parametrize("gaps", [0.0, 0.1])
@pytest.mark.parametrize("case", CASES)
def test_every_event_equals_the_loop(case: str, gaps: float) -> None:
    model, kind, options = CASES[case]
    block = world(3, gaps=gaps)
    fit = model.fit(block)
    for i in range(3):
        want = loop(block, i, kind, **options)
        close(fit.params[i], want.params, 1e-9)
        close(fit.residuals[i], want.residuals)
        close(fit.abnormal[i], want.ar)
        close([fit.sigma[i], fit.dof[i]], [want.sigma, want.dof])
    close(fit.expected + fit.abnormal, np.where(
        np.isfinite(block.factors[block.event]).all(axis=1), block.returns[:, block.event], np.nan
    ))  # fmt: skip
    assert fit.root.shape == (EVENT, 0)
    assert not fit.common
    assert fit.flags is None


# ── the weights of a synthetic control ───────────────────────────────────────────────────
def programmes(b: int, j: int, *, alike: float = 0.02) -> tuple[Floats, Floats, Floats]:
    """Gram matrices of gaps to the donors, of many problems; and what they were made from."""
    rng = np.random.default_rng(9)
    x = rng.standard_t(4, (b, 80, j)) * 0.02 + rng.standard_t(4, (b, 80, 1)) * alike
    x[:, :, 0] *= 10.0
    y = np.einsum("btj,bj->bt", x, rng.dirichlet(np.full(j, 0.3), b)) * rng.uniform(0, 1.5, (b, 1))
    y += rng.standard_t(4, (b, 80)) * 0.01
    gap = y[:, :, None] - x
    return gap.transpose(0, 2, 1) @ gap, y, x


@pytest.mark.parametrize("j", [2, 3, 6, 25, 90])
def test_kuhn_and_tucker_of_the_weights(j: int) -> None:
    """A g of at least w'Aw everywhere, equal to it where w > 0: to 1e-12 of the problem's size."""
    gram, _, _ = programmes(60, j)
    w, solved = simplex(gram)
    assert solved.all()
    assert (w >= 0).all()
    close(w.sum(axis=1), np.ones(60), 1e-14)
    slope = np.einsum("bij,bj->bi", gram, w)
    level = np.einsum("bi,bi->b", slope, w)[:, None]
    size = np.einsum("bjj->bj", gram).max(axis=1)[:, None]
    assert ((level - slope) / size).max() < 1e-12
    assert (np.abs(slope - level) * (w > 0) / size).max() < 1e-12


def test_weights_against_every_subset() -> None:
    gram, y, x = programmes(40, 5)
    w, _ = simplex(gram)
    for b in range(40):
        np.testing.assert_allclose(
            w[b], oracle_firms.simplex_weights(y[b], x[b]), rtol=1e-9, atol=1e-11
        )


def test_weights_against_a_general_solver() -> None:
    from scipy.optimize import minimize

    gram, _, _ = programmes(5, 6)
    gram = gram / gram.max(axis=(1, 2))[:, None, None]
    w, _ = simplex(gram)
    for b in range(5):
        options: dict[str, Any] = {
            "jac": lambda v, a=gram[b]: 2 * a @ v,
            "bounds": [(0, 1)] * 6,
            "constraints": {"type": "eq", "fun": lambda v: v.sum() - 1, "jac": np.ones_like},
            "options": {"ftol": 1e-15, "maxiter": 500},
        }

        def loss(v: Floats, a: Floats = gram[b]) -> float:
            return float(v @ a @ v)

        found = minimize(loss, np.full(6, 1 / 6), method="SLSQP", **options)
        assert w[b] @ gram[b] @ w[b] <= found.fun * (1 + 1e-9)
        np.testing.assert_allclose(w[b], found.x, atol=1e-5)


def test_a_firm_among_its_donors_gets_itself() -> None:
    """G.12."""
    block = world(2)
    block.factors[:, 3] = block.returns[0]
    fit = SYNTHETIC.fit(block)
    assert fit.params[0].tolist() == [0, 0, 0, 1, 0]
    assert (fit.abnormal[0] == 0).all()
    assert fit.params[1].sum() == pytest.approx(1)


def test_a_portfolio_of_donors_is_found() -> None:
    block = world(1)
    weights = np.array([0.5, 0.0, 0.3, 0.2, 0.0])
    block.returns[0] = block.factors @ weights
    np.testing.assert_allclose(SYNTHETIC.fit(block).params[0], weights, atol=1e-10)


def test_donors_that_are_the_same_series() -> None:
    """The weights are not unique, the portfolio is."""
    block = world(3)
    block.factors[:, 4] = block.factors[:, 1]
    twice = SYNTHETIC.fit(block)
    once = SYNTHETIC.fit(
        Block(block.returns, block.factors[:, :4], DONORS[:4], block.rows, block.estimation,
              block.event)
    )  # fmt: skip
    close(twice.abnormal, once.abnormal)
    close(twice.residuals, once.residuals)
    net = NET.fit(block)
    assert np.isfinite(net.abnormal).all()


def test_more_donors_than_days() -> None:
    block = world(2, j=100)
    for model in (es.SyntheticControl(block.names), es.ElasticNetModel(block.names)):
        fit = model.fit(block)
        assert fit.flags is None
        assert np.isfinite(fit.abnormal).all()
        assert (np.abs(fit.params[:, -100:]) > 0).sum(axis=1).max() < PAST


# ── the elastic net ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("j", [2, 5, 30])
@pytest.mark.parametrize("share", [0.9, 0.1, 1e-3])
def test_kuhn_and_tucker_of_the_net(j: int, share: float) -> None:
    _, y, x = programmes(40, j)
    gram = np.einsum("bti,btj->bij", x, x) + 1e-5 * np.eye(j)
    pull = np.einsum("bti,bt->bi", x, y)
    most = np.abs(pull).max(axis=1)
    w, solved = lasso(gram, pull, share * most)
    assert solved.all()
    left = (pull - np.einsum("bij,bj->bi", gram, w)) / most[:, None]
    assert (np.abs(left) - share).max() < 1e-12
    assert (np.abs(left - share * np.sign(w)) * (w != 0)).max() < 1e-12
    warm, _ = lasso(gram, pull, share * most, start=lasso(gram, pull, 1.1 * share * most)[0])
    np.testing.assert_allclose(warm, w, rtol=1e-7, atol=1e-9)


def test_without_a_penalty_it_is_least_squares() -> None:
    """G.12."""
    block = world(4)
    fit = es.ElasticNetModel(DONORS, penalty=0.0).fit(block)
    x = np.column_stack([np.ones(len(block.factors)), block.factors])
    for i in range(4):
        theta = np.linalg.lstsq(x[:PAST], block.returns[i, :PAST])[0]
        close(fit.params[i], theta)
        close(fit.abnormal[i], (block.returns[i] - x @ theta)[block.event])


def test_with_a_large_penalty_it_is_the_mean() -> None:
    """G.12."""
    block = world(4)
    fit, mean = es.ElasticNetModel(DONORS, penalty=1e3).fit(block), es.MeanAdjusted().fit(block)
    assert (fit.params[:, 1:] == 0).all()
    close(fit.abnormal, mean.abnormal)


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_the_unit_of_the_returns_does_not_matter(alpha: float) -> None:
    """Percent or fractions; the donors in a unit of their own."""
    model, block = es.ElasticNetModel(DONORS, alpha=alpha), world(4)
    scaled = Block(100 * block.returns, 7 * block.factors, DONORS, block.rows, block.estimation,
                   block.event)  # fmt: skip
    one, two = model.fit(block), model.fit(scaled)
    close(two.abnormal, 100 * one.abnormal)
    close(two.sigma, 100 * one.sigma)


def test_a_donor_that_does_not_move_gets_no_weight() -> None:
    block = world(2)
    block.factors[:, 2] = 0.001
    fit = NET.fit(block)
    assert (fit.params[:, 3] == 0).all()
    assert np.isfinite(fit.abnormal).all()


# ── held-out days ────────────────────────────────────────────────────────────────────────
def test_five_blocks_of_valid_days() -> None:
    valid = np.ones((2, 12), dtype=bool)
    valid[1, [0, 5]] = False
    assert blocks_of(valid).tolist() == [
        [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4],
        [-1, 0, 0, 1, 1, -1, 2, 2, 3, 3, 4, 4],
    ]


@pytest.mark.parametrize("model", [SYNTHETIC, NET], ids=["synthetic", "net"])
def test_events_are_fitted_in_parts(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    block = world(7, gaps=0.05)
    whole = model.fit(block)
    monkeypatch.setattr("eventstudy.models.held_out.ROOM", 1)
    each = np.repeat(block.factors[None], 7, axis=0)
    own = replace(block, factors=each * np.linspace(0.5, 2.0, 7)[:, None, None])
    for one, other in ((whole, model.fit(block)), (model.fit(replace(block, factors=each)), whole)):
        for part in ("params", "abnormal", "residuals", "sigma"):
            np.testing.assert_allclose(getattr(other, part), getattr(one, part), 1e-9, 1e-14)
    alone = replace(block, returns=block.returns[6:], factors=own.factors[6])
    np.testing.assert_allclose(model.fit(own).params[6:], model.fit(alone).params, 1e-9, 1e-14)


@pytest.mark.parametrize("model", [SYNTHETIC, NET], ids=["synthetic", "net"])
def test_weights_that_are_not_found_are_remarked(
    monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    assert model.fit(world()).flags is None
    monkeypatch.setattr("eventstudy.models.active_set.PATIENCE", 0)
    said = "the weights of the donors were not found to the last digit"
    assert model.fit(world()).flags == (said,) * 6


def test_sigma_is_what_the_event_window_has() -> None:
    """σ of the residuals of the fit itself is too small; that of held-out days is not."""
    inside, held, outside = [], [], []
    for seed in range(40):
        block = world(4, j=20, seed=seed)
        model = es.SyntheticControl(block.names)
        fit = model.fit(block)
        fitted = block.returns - fit.params @ block.factors.T
        inside.append((fitted[:, :PAST] ** 2).mean())
        held.append((fit.sigma**2).mean())
        outside.append((fit.abnormal**2).mean())
    truth = np.mean(outside)
    assert np.mean(inside) < 0.85 * truth
    assert 0.9 * truth < np.mean(held) < 1.2 * truth


def test_placebo_windows_hold_their_level() -> None:
    """Inference by placebo in time: of true nulls about one in twenty is rejected at 5 %."""
    rng, draws = np.random.default_rng(0), 400
    days, names = pd.bdate_range("2024-01-02", periods=130), [f"D{k}" for k in range(20)]
    donors = rng.standard_t(4, (130, 20)) * 0.02 + rng.standard_t(4, (130, 1)) * 0.02
    firms = donors.mean(axis=1, keepdims=True) + rng.standard_t(4, (130, draws)) * 0.02
    tickers = [f"X{k}" for k in range(draws)]
    frame = pd.DataFrame(np.column_stack([firms, donors]), days, [*tickers, *names])
    study = es.EventStudy(
        model=es.SyntheticControl(names), estimation=(-110, -11), window=(0, 0), min_obs=50
    )
    one_date = pd.DataFrame({"ticker": tickers, "date": days[115]})
    found = study.run(one_date, es.Panel.from_returns(frame, market="D0")).abnormal
    alone = [found.take(np.array([k])) for k in range(draws)]
    p = np.array([es.inference.placebo_window(one, (0, 0)).pvalue for one in alone])
    assert 0.03 <= (p <= 0.05).mean() <= 0.08


# ── in a study ───────────────────────────────────────────────────────────────────────────
SESSIONS = pd.bdate_range("2024-01-02", periods=200)


def panel() -> es.Panel:
    rng = np.random.default_rng(8)
    values = rng.standard_t(4, (200, J + 2)) * 0.02 + rng.standard_t(4, (200, 1)) * 0.02
    return es.Panel.from_returns(pd.DataFrame(values, SESSIONS, ["A", "B", *DONORS]), market="D0")


def events(*tickers: str) -> pd.DataFrame:
    return pd.DataFrame({"ticker": list(tickers), "date": SESSIONS[170]})


def run(model: Model, *tickers: str, **options: Any) -> es.Result:
    study = es.EventStudy(model=model, estimation=(-120, -11), window=(-5, 5), **options)
    return study.run(events(*tickers), panel())


@pytest.mark.parametrize("model", [SYNTHETIC, NET], ids=["synthetic", "net"])
def test_a_study_with_donors(model: Model) -> None:
    result = run(model, "A", "B")
    answer = result.test("portfolio_t", (0, 0))
    assert np.isnan(answer.statistic)
    assert answer.note
    ar, sigma = result.ar, result.estimates["sigma"]
    close(result.scar((0, 0)).iloc[:, 0], ar[0] / sigma)
    close(result.scar((-1, 1)).iloc[:, 0], ar[[-1, 0, 1]].sum(axis=1) / (sigma * np.sqrt(3)))
    assert list(result.estimates.columns[3:8]) == list(DONORS)
    said = "their synthetic control" if model is SYNTHETIC else "their donors"
    assert f"beyond the move of {said}" in result.sentence((0, 0))
    name = type(model).__name__
    assert f"{name} (D0, D1, D2, D3, D4)" in str(result.summary())


def test_a_long_list_of_donors_is_cut_in_the_summary() -> None:
    rng = np.random.default_rng(8)
    names = [f"D{k}" for k in range(9)]
    frame = pd.DataFrame(rng.normal(0, 0.01, (200, 10)), SESSIONS, ["A", *names])
    study = es.EventStudy(model=es.SyntheticControl(names), estimation=(-120, -11), window=(0, 0))
    result = study.run(events("A"), es.Panel.from_returns(frame, market="D0"))
    assert "SyntheticControl (D0, D1, D2, D3, D4, D5 and 3 more)" in str(result.summary())


@pytest.mark.parametrize("model", [SYNTHETIC, NET], ids=["synthetic", "net"])
def test_an_event_of_a_donor_is_refused(model: Model) -> None:
    with pytest.raises(errors.ModelError) as caught:
        run(model, "A", "D3", "D1")
    assert str(caught.value) == (
        f"{type(model).__name__} has donors with events of their own (D1, D3); a donor must never "
        f"be treated: leave them out of the donors, or their events out of the study."
    )


def test_days_that_an_estimation_needs() -> None:
    windows = Windows(Window(-100, -1), Window(0, 0))
    many = [f"D{k}" for k in range(80)]
    assert engine.required_days(es.SyntheticControl(many), windows, None) == 84
    assert engine.required_days(es.ElasticNetModel(many), windows, None) == 50


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: es.SyntheticControl("MSFT"),
            (
                "SyntheticControl got 'MSFT' as donors; give a list of tickers, such as ['MSFT', "
                "'ORCL']."
            ),
        ),
        (
            lambda: es.SyntheticControl(["MSFT"]),
            "SyntheticControl got 1 donors (MSFT); name two or more tickers, each once.",
        ),
        (
            lambda: es.ElasticNetModel(()),
            "ElasticNetModel got 0 donors (none); name two or more tickers, each once.",
        ),
        (
            lambda: es.ElasticNetModel(("A", "B", "A")),
            "ElasticNetModel got 3 donors (A, B, A); name two or more tickers, each once.",
        ),
        (
            lambda: es.ElasticNetModel(("A", "B"), alpha=0.0),
            (
                "ElasticNetModel got alpha=0.0; give a share of the absolute penalty above 0 and "
                "up to 1."
            ),
        ),
        (
            lambda: es.ElasticNetModel(("A", "B"), alpha=True),
            (
                "ElasticNetModel got alpha=True; give a share of the absolute penalty above 0 and "
                "up to 1."
            ),
        ),
        (
            lambda: es.ElasticNetModel(("A", "B"), penalty=-1.0),
            (
                "ElasticNetModel got penalty=-1.0; give a number of 0 or more, or None to choose "
                "it by cross-validation."
            ),
        ),
        (
            lambda: es.ElasticNetModel(("A", "B"), penalty=float("nan")),
            (
                "ElasticNetModel got penalty=nan; give a number of 0 or more, or None to choose it "
                "by cross-validation."
            ),
        ),
    ],
)
def test_refusals(make: Any, said: str) -> None:
    with pytest.raises(errors.ModelError) as caught:
        make()
    assert str(caught.value) == said
