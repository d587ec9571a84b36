"""How often tests of the long run reject without any effect, where holdings overlap or not.

``python benchmarks/size_of_long_run.py`` prints rejections in percent of nominal 5 % tests
(docs/long_run.md). Firms earn the market's return and noise of 5 % a session, of which a sector may
share a part. 1,000 samples a row: the standard error is 0.7 points at 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

import eventstudy as es

SAMPLES = 1000
#: sessions before the first event, for the estimates of Jaffe and Mandelker's test
BEFORE = 260
MODEL = es.MarketModel()


@dataclass(frozen=True)
class World:
    """Events on ``span`` sessions, and how long they are held; ``shared`` is the sector's part."""

    firms: int
    events: int
    held: int
    span: int
    shared: float = 0.0
    apart: bool = False

    def draw(self, rng: np.random.Generator) -> tuple[pd.DataFrame, es.Panel]:
        """Events and returns."""
        sessions = BEFORE + self.span
        market = rng.normal(0.0005, 0.01, sessions)
        sector, own = rng.normal(size=(sessions, 1)), rng.normal(size=(sessions, self.firms))
        noise = 0.05 * (np.sqrt(self.shared) * sector + np.sqrt(1 - self.shared) * own)
        days = pd.bdate_range("2000-01-03", periods=sessions)
        returns = pd.DataFrame(market[:, None] + noise, days, list(map(str, range(self.firms))))
        if self.apart:
            row = BEFORE + np.arange(self.events) * self.held
            firm = np.arange(self.events) % self.firms
        else:
            place = rng.choice(self.firms * self.span, self.events, replace=False)
            firm, row = place // self.span, BEFORE + place % self.span
        events = pd.DataFrame({"ticker": firm.astype(str), "date": days[row]})
        return events, es.Panel.from_returns(returns.assign(SPY=market), market="SPY")


WORLDS = {
    "24 firms, no two held together": World(24, 24, 60, 24 * 60 + 1, apart=True),
    "48 deals of 13 firms": World(13, 48, 250, 540),
    "the same, 40 % of the noise shared": World(13, 48, 250, 540, shared=0.4),
    "48 deals of 48 firms, 40 % shared": World(48, 48, 250, 540, shared=0.4),
}


def pvalues(events: pd.DataFrame, panel: es.Panel, held: int) -> dict[str, float]:
    """Test → p-value."""
    run = es.BuyAndHold((1, held), incomplete="truncate").run(events, panel)
    together = es.CalendarTime((1, held), model=MODEL).run(events, panel)
    return {
        "t": run.test("csect_t").pvalue,
        "skew t": run.test("skew_t", law="bootstrap", variant="johnson").pvalue,
        "alpha HC1": together.alpha.pvalue,
        "alpha HAC": together.regress("HAC").alpha.pvalue,
        "alpha WLS": together.regress(wls=True).alpha.pvalue,
        "standardised": together.standardised().pvalue,
    }


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    rows = {}
    for name, world in WORLDS.items():
        found = pd.DataFrame(
            [pvalues(*world.draw(rng), world.held) for _ in range(SAMPLES)],
        )
        rows[name] = 100 * (found <= 0.05).mean()
    print(pd.DataFrame(rows).T.round(1).to_string())


if __name__ == "__main__":
    main()
