"""Which standard errors: by kind, by cluster, of the portfolios of one date (methods E, M.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.cross_section.fitting import LeastSquares
from eventstudy.cross_section.portfolio import no_portfolio, portfolio_covariance
from eventstudy.cross_section.sandwich import (
    HETEROSKEDASTIC,
    clustered,
    crossed,
    heteroskedastic,
    sums_by,
    two_way,
)
from eventstudy.inference._laws import NAN
from eventstudy.inference._sample import Sample

BOTH = ("firm", "date")
ERRORS = (*HETEROSKEDASTIC, "date", "firm", BOTH)
#: share of a term's variation in one cluster from which on it is said
CONCENTRATED = 0.5
#: a two-way variance below this share of both one-way variances is said
CANCELLED = 0.5


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """The covariance of the coefficients, its law, and where it comes from."""

    #: (k, k); NaN where it cannot be had
    covariance: FloatArray
    #: of the t law
    df: float
    #: the kind of standard errors, in words
    errors: str
    #: number of clusters of each kind
    clusters: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    #: (N,) the cluster of each event that a bootstrap draws weights for, if there are clusters
    by: IntArray | None = None
    #: the clusterings whose covariances make up this one, with their signs
    variances: tuple[tuple[float, IntArray], ...] = ()


def of_portfolios(fit: LeastSquares, sample: Sample, root: FloatArray) -> Uncertainty:
    """Each coefficient as a portfolio of the complete events of one date: exactly t_ν.

    ``root`` are the roots of the weights, by which the rows of the fit act on plain CARs.
    """
    covariance, df = portfolio_covariance(sample, fit.rows * root)
    errors = "of the portfolios of one date (their residuals), exact under normal returns"
    return Uncertainty(covariance, df, errors, {"date": 1})


def of_events(fit: LeastSquares, sample: Sample, kind: str) -> Uncertainty:
    """HC0 to HC3, t_{N−k}: events are independent, their variances are not equal."""
    covariance = heteroskedastic(fit, kind)
    notes = []
    if np.isnan(covariance).any():
        notes.append(f"an event has a term to itself (leverage 1): no {kind}, use se='HC1'")
    if not sample.independent:
        one = "events share days: these errors take them as independent and are too small"
        notes.append(f"{one}; use se='date'")
    errors = f"{kind}, robust to unequal variances, for independent events"
    return Uncertainty(covariance, fit.n - fit.k, errors, notes=tuple(notes))


def of_clusters(fit: LeastSquares, sample: Sample, kinds: tuple[str, ...]) -> Uncertainty:
    """CR1, t_{G−1}; two-way V_A + V_B − V_AB, t with min(G_A, G_B) − 1."""
    codes = {kind: _codes(sample, kind) for kind in kinds}
    count = {kind: int(code.max()) + 1 for kind, code in codes.items()}
    notes = _cluster_notes(sample, kinds)
    told = " and ".join(str(n) for n in count.values())
    noun = "cluster" if told == "1" else "clusters"
    errors = f"clustered by {' and '.join(kinds)} ({told} {noun}, CR1)"
    fewest = min(kinds, key=lambda kind: count[kind])
    if count[fewest] < 2:
        nothing = np.full((fit.k, fit.k), NAN)
        return Uncertainty(nothing, NAN, errors, count, (*notes, _lone(sample, fewest)))
    ways = list(codes.values())
    if len(ways) == 2:
        ways.append(crossed(*ways))
    covariances = [clustered(fit, way) for way in ways]
    covariance = covariances[0]
    if len(ways) == 3:
        covariance, mended = two_way(*covariances)
        notes += _two_way_notes(covariance, covariances, mended=mended)
    signed = tuple(zip((1.0, 1.0, -1.0), ways, strict=False))
    df = float(count[fewest] - 1)
    return Uncertainty(covariance, df, errors, count, notes, codes[fewest], signed)


def _two_way_notes(
    covariance: FloatArray, covariances: list[FloatArray], *, mended: bool
) -> tuple[str, ...]:
    """Say where V_A + V_B − V_AB is negative, or little of it is left."""
    said = "a two-way variance was negative: its negative eigenvalues were set to zero"
    notes = [said] if mended else []
    least = np.minimum(*[np.diag(v) for v in covariances[:2]])
    if (np.diag(covariance) < CANCELLED * least).any():
        said = "read se='firm' and se='date' beside these errors"
        notes.append(f"V_A + V_B − V_AB nearly cancels: {said}")
    return tuple(notes)


def concentrated(fit: LeastSquares, names: tuple[str, ...], by: IntArray) -> tuple[str, ...]:
    """Terms whose variation, given the other terms, lies for the most part in one cluster.

    Clustered errors are unreliable there, with any number of clusters (MacKinnon and Webb 2017).
    """
    alone = sums_by(fit.rows**2, by)  # c_i is the regressor given the others, scaled
    share = alone.max(axis=1) / alone.sum(axis=1)
    return tuple(
        f"one cluster holds {100 * part:.0f} % of the variation of {name}: its error is unreliable"
        for name, part in zip(names, share, strict=True)
        if part > CONCENTRATED
    )


def _codes(sample: Sample, kind: str) -> IntArray:
    """(N,) the cluster of each event; dates whose windows overlap are one (M.18)."""
    of = sample.component if kind == "date" else sample.abnormal.firm[sample.index]
    return np.asarray(np.unique(of, return_inverse=True)[1])


def _cluster_notes(sample: Sample, kinds: tuple[str, ...]) -> tuple[str, ...]:
    if "date" not in kinds:
        if len(np.unique(sample.component)) == sample.n:
            return ()
        one = "events of different firms share days: these errors take firms as independent"
        return (f"{one}; use se=('firm', 'date')",)
    if sample.n_components == sample.n_dates:
        return ()
    return (f"{sample.n_dates} dates in {sample.n_components} clusters of overlapping windows",)


def _lone(sample: Sample, kind: str) -> str:
    """Why one cluster leaves nothing to compare."""
    if kind == "firm":
        return "one firm only: there are no firms to compare"
    if sample.n_dates > 1:
        return "the windows of all dates overlap: there are no dates to compare"
    why = no_portfolio(sample)
    return f"one date only, and {why}: there are no dates to compare"
