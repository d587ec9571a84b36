"""Simulated returns for a comparison with R: ``complete.csv`` and ``gaps.csv``.

    python tests/golden/estudy2/make_inputs.py

Ten firms with correlated errors of fat tails, and their market. The first 100 sessions are the
estimation window, five are a gap, the next seven the event window; every firm reacts on its first
day. ``gaps.csv`` is the same with missing returns: in the estimation window of six firms, and on
event days of four. Nothing here is anyone's price.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent
FIRMS, ESTIMATION, GAP, EVENT = 10, 100, 5, 7


def complete() -> pd.DataFrame:
    """Sessions × ten firms and MKT."""
    rng = np.random.default_rng(20_261_122)
    days = ESTIMATION + GAP + EVENT
    market = 0.0004 + 0.01 * rng.standard_t(5, days)
    shocks = 0.5 * rng.standard_t(5, (days, 1)) + rng.standard_t(5, (days, FIRMS))
    beta, risk = rng.uniform(0.5, 1.5, FIRMS), rng.uniform(0.008, 0.025, FIRMS)
    returns = 0.0002 + beta * market[:, None] + risk * shocks
    returns[ESTIMATION + GAP] += 0.01
    sessions = pd.bdate_range("2024-01-01", periods=days, name="date")
    frame = pd.DataFrame(returns, sessions, [f"F{i:02d}" for i in range(1, FIRMS + 1)])
    return frame.assign(MKT=market)


def gaps(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with missing returns."""
    rng = np.random.default_rng(7)
    holed = frame.copy()
    for firm, count in enumerate((30, 12, 5, 1, 1, 20)):
        holed.iloc[rng.choice(ESTIMATION, count, replace=False), firm] = np.nan
    day0 = ESTIMATION + GAP
    for day, firm in ((0, 0), (0, 6), (2, 7), (5, 8)):
        holed.iloc[day0 + day, firm] = np.nan
    return holed


if __name__ == "__main__":
    made = complete()
    for name, frame in (("complete", made), ("gaps", gaps(made))):
        frame.to_csv(FOLDER / f"{name}.csv", float_format="%.17g", lineterminator="\n")
