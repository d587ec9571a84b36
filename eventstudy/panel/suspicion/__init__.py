"""What is suspicious in a panel, with ticker, date and reason. Nothing is ever repaired.

``frozen`` looks for prices that do not move, ``jumps`` (with the numbers of ``moves``) for moves
that look like a mistake, ``holes`` for missing sessions, ``comoving`` compares with the market,
``twins`` tickers with each other, ``known`` with what the universe knows, ``days`` the sessions
with the week and with an exchange. Each gives `found.Found`, columns of findings; ``report`` shows
them, ``touched`` says which events they concern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eventstudy.panel.suspicion.comoving import comoving
from eventstudy.panel.suspicion.days import against, weekends
from eventstudy.panel.suspicion.found import Found
from eventstudy.panel.suspicion.frozen import frozen
from eventstudy.panel.suspicion.holes import holes
from eventstudy.panel.suspicion.jumps import jumps
from eventstudy.panel.suspicion.known import known
from eventstudy.panel.suspicion.report import CHECKS, DataReport
from eventstudy.panel.suspicion.touched import touched
from eventstudy.panel.suspicion.twins import twins

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

__all__ = ["CHECKS", "DataReport", "Found", "against", "suspicions", "touched"]

_FAMILIES = (jumps, comoving, known, twins, weekends, frozen, holes)


def suspicions(panel: Panel) -> tuple[Found, ...]:
    """Everything that can be seen without an exchange's calendar."""
    if not panel.returns.size:
        return ()
    with np.errstate(over="ignore", invalid="ignore"):  # 1e300 is suspicious, no reason to warn
        return tuple(found for family in _FAMILIES for found in family(panel))
