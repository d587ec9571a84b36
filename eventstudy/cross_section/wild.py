"""Wild cluster bootstrap: p-values and intervals where clusters are few.

For a coefficient δ_j and a value b of it, let ũ(b) = Mⱼ(y − b z_j) be the residuals of the
regression that is bound to δ_j = b. A draw gives every cluster one random weight w_g of mean 0
and variance 1, takes y* = (fit) + w_g ũ(b), and computes the clustered t of δ_j = b in it. All
of that is linear in the weights and in b, so that a draw needs five numbers for all b:
T*(b)² = (r_a − b r_c)² / (q_aa − 2b q_ac + b² q_cc).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from eventstudy.arrays import FloatArray, IntArray
from eventstudy.cross_section.fitting import LeastSquares
from eventstudy.cross_section.sandwich import factor, sums_by
from eventstudy.inference._laws import LEVEL
from eventstudy.inference._resampling import TIE, Rng, batches, generator

#: six weights of Webb for few clusters, two of Rademacher for more
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
RADEMACHER = np.array([-1.0, 1.0])
#: clusters up to which Webb's weights are drawn: 2^G signs are too few different draws there
FEW = 11
#: standard errors beyond which an interval has no end
ENDLESS = 1e4


@dataclass(frozen=True, eq=False)
class Draws:
    """One weight a cluster and draw; all possible draws where these are few enough."""

    #: (n, G) positions in ``values``
    index: npt.NDArray[np.int8]
    values: FloatArray
    #: whether these are all possible draws, the sample itself among them
    complete: bool

    @property
    def law(self) -> str:
        """What they are called."""
        name = "Webb" if len(self.values) > 2 else "Rademacher"
        n = len(self.index)
        return f"{name} weights, {'all ' if self.complete else ''}{n:,} draws"


def draw_weights(clusters: int, draws: int, rng: Rng) -> Draws:
    """Draw a weight for each cluster, or list all draws if there are no more than ``draws`` + 1."""
    values = WEBB if clusters <= FEW else RADEMACHER
    if len(values) ** clusters <= draws + 1:
        every = product(range(len(values)), repeat=clusters)
        return Draws(np.array(list(every), dtype=np.int8), values, complete=True)
    index = generator(rng).integers(0, len(values), (draws, clusters), dtype=np.int8)
    return Draws(index, values, complete=False)


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """The distribution of the t of one coefficient, for any value that it is bound to."""

    #: δ̂_j and its standard error
    estimate: float
    se: float
    #: (5, n) r_a, r_c, q_aa, q_ac, q_cc of each draw
    parts: FloatArray
    complete: bool

    def pvalue(self, null: float = 0.0) -> float:
        """Two-sided p of δ_j = ``null``: the share of draws with a |T*| as large as |T|."""
        ra, rc, qaa, qac, qcc = self.parts
        above, below = (ra - null * rc) ** 2, qaa - 2.0 * null * qac + null**2 * qcc
        square = ((self.estimate - null) / self.se) ** 2
        # a draw without a variance counts: it must not make the sample look rare
        extreme = ~((below > 0) & (above < square * (1.0 - 2.0 * TIE) * below))
        own = 0 if self.complete else 1
        return float((own + np.count_nonzero(extreme)) / (own + extreme.size))

    def interval(self) -> tuple[float, float]:
        """Values of δ_j that a 5 % test does not refuse; NaN on a side without an end.

        It holds zero if and only if the p-value says so, though p is a function with steps.
        """
        return self._end(-1.0), self._end(1.0)

    def _end(self, side: float) -> float:
        """Bisect between a value that is not refused and one that is."""
        inside, outside, zero = 0.0, self.se, -side * self.estimate
        if zero > 0 and self._refused(0.0):
            outside = zero
        elif zero > 0:
            inside, outside = zero, zero + self.se
        while not self._refused(self.estimate + side * outside):
            inside, outside = outside, 2.0 * outside
            if outside > ENDLESS * (abs(zero) + self.se):
                return float("nan")
        while outside - inside > 1e-9 * self.se:
            middle = 0.5 * (inside + outside)
            if self._refused(self.estimate + side * middle):
                outside = middle
            else:
                inside = middle
        return self.estimate + side * inside

    def _refused(self, null: float) -> bool:
        return self.pvalue(null) <= 1.0 - LEVEL + 1e-9  # a p of exactly 5 % is significant


def bootstrap(
    fit: LeastSquares,
    j: int,
    se: float,
    by: IntArray,
    variances: Sequence[tuple[float, IntArray]],
    drawn: Draws,
    batch: int | None = None,
) -> Bootstrap:
    """Bootstrap coefficient ``j`` with one weight a cluster of ``by``.

    ``variances`` are the clusterings of the standard error with their signs: one, or three for
    two-way clusters.
    """
    others = np.delete(fit.z, j, axis=1)
    q, _ = np.linalg.qr(others) if others.shape[1] else (others, None)
    bound = [v - q @ (q.T @ v) for v in (fit.y, fit.z[:, j])]
    numerator = np.array([sums_by(fit.rows[j : j + 1] * v, by)[0] for v in bound])
    scores = [
        (sign * factor(fit, int(codes.max()) + 1), [_scores(fit, j, v, by, codes) for v in bound])
        for sign, codes in variances
    ]
    n, each = len(drawn.index), sum(2 * len(s[0]) for _, s in scores) + drawn.index.shape[1]
    parts = np.empty((5, n))
    for rows in batches(n, batch, each=each):
        w = drawn.values[drawn.index[rows]].T
        parts[:2, rows] = numerator @ w
        parts[2:, rows] = 0.0
        for scale, (a, c) in scores:
            sa, sc = a @ w, c @ w
            squares = [np.einsum("gb,gb->b", x, y) for x, y in ((sa, sa), (sa, sc), (sc, sc))]
            parts[2:, rows] += scale * np.array(squares)
    return Bootstrap(float(fit.coef[j]), se, parts, drawn.complete)


def _scores(fit: LeastSquares, j: int, v: FloatArray, by: IntArray, codes: IntArray) -> FloatArray:
    """(G', G) what a weight on cluster g of ``by`` adds to the score of cluster g' of ``codes``.

    With û* = M(w∘v) the score is Σ_{i∈g'} c_ji û*_i, so that the entry is
    Σ_{i∈g'∩g} c_ji v_i − (Σ_{i∈g'} c_ji z_i)'(Z'Z)⁻¹(Σ_{i∈g} z_i v_i).
    """
    row = fit.rows[j]
    width = int(by.max()) + 1
    own = np.bincount(codes * width + by, weights=row * v, minlength=(codes.max() + 1) * width)
    across = sums_by((fit.z * row[:, None]).T, codes)
    through = sums_by((fit.z * v[:, None]).T, by)
    return np.asarray(own.reshape(-1, width) - across.T @ fit.inverse @ through)
