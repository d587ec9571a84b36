"""How often tests of a mean reject without any effect, where dates hold unequal numbers of events.

``python benchmarks/size_of_clustered_t.py`` prints rejections in percent of nominal 5 % tests:
the t across dates, the usual clustered t with D − 1 degrees of freedom, and the clustered t with
Satterthwaite's (docs/methods.md, Tests of our own; the correlation inside a date is
taken as known). 20,000 samples a row: the standard error is 0.15 points at 5 %.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

Floats = npt.NDArray[np.float64]

SIZES = {
    "6 × 12": [12] * 6,
    "5 × 13 and 9 × 1": [13] * 5 + [1] * 9,
    "5 × 13 and 39 × 1": [13] * 5 + [1] * 39,
    "2 × 13 and 6 × 1": [13] * 2 + [1] * 6,
    "10 to 13": [12, 11, 13, 12, 10, 13, 12],
}
SAMPLES = 20_000


def degrees_of_freedom(n: Floats, rho: float) -> float:
    """(tr B)² / tr B² with the covariance of the clusters' sums written out."""
    total = n.sum()
    v = n * (1 + (n - 1) * rho)
    both = np.outer(n, v) + np.outer(v, n)
    covariance = np.diag(v) - both / total + np.outer(n, n) * v.sum() / total**2
    weight = np.sqrt(1 / (1 - n / total))
    b = weight[:, None] * covariance * weight
    return float(np.trace(b) ** 2 / np.trace(b @ b))


def rejections(sizes: list[int], rho: float, rng: np.random.Generator) -> list[float]:
    """Percent of samples rejected by the three tests."""
    n = np.array(sizes, dtype=float)
    count, total = len(n), int(n.sum())
    label = np.repeat(np.arange(count), sizes)
    df = degrees_of_freedom(n, rho)
    hits = np.zeros(3)
    for _ in range(SAMPLES):
        common, own = rng.normal(size=count)[label], rng.normal(size=total)
        car = np.sqrt(rho) * common + np.sqrt(1 - rho) * own
        means = np.bincount(label, car) / n
        error = np.bincount(label, car - car.mean())
        plain = np.sqrt(count / (count - 1) * (error @ error)) / total
        exact = np.sqrt((error**2 / (1 - n / total)).sum()) / total
        across = np.sqrt(count) * means.mean() / means.std(ddof=1)
        t = np.array([across, car.mean() / plain, car.mean() / exact])
        hits += 2 * stdtr([count - 1, count - 1, df], -np.abs(t)) < 0.05
    return [float(h) for h in 100 * hits / SAMPLES]


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    print("events by date        rho   dates_csect   clustered t, D - 1   dates_cluster")
    for name, sizes in SIZES.items():
        for rho in (0.3, 0.6):
            a, b, c = rejections(sizes, rho, rng)
            print(f"{name:<20} {rho:4.1f} {a:13.1f} {b:20.1f} {c:15.1f}")


if __name__ == "__main__":
    main()
