"""A panel that holds something else in the place of returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from eventstudy.arrays import FloatArray
from eventstudy.panel import Panel
from eventstudy.panel.suspicion import Found


@dataclass(frozen=True, eq=False, repr=False)
class Derived(Panel):
    """Logarithms of what was measured, with the sessions, tickers and provenance of a panel."""

    #: the panel that it was made from
    origin: Panel | None = None

    @cached_property
    def suspicions(self) -> tuple[Found, ...]:
        """What is suspicious in the prices: the checks of returns don't fit logarithms."""
        return () if self.origin is None else self.origin.suspicions


def derived(panel: Panel, values: FloatArray, mean: FloatArray, name: str) -> Derived:
    """Put ``values`` (S, T) in the place of returns, and their mean (T,) in that of the market."""
    return Derived(
        returns=values,
        sessions=panel.sessions,
        tickers=panel.tickers,
        factors=mean[:, None],
        factor_names=(name,),
        market=name,
        kind="log",
        masked=panel.masked,
        provenance=panel.provenance,
        origin=panel,
    )
