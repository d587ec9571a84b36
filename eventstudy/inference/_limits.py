"""Samples too small, and windows too long, for a test that the dates alone would allow.

The bounds come from simulations without an effect (docs/methods.md, D.25): beyond them a nominal
5 % test rejects more than 8 %, or can never reject.
"""

from __future__ import annotations

from eventstudy.inference._sample import Sample
from eventstudy.inference.leave_one_out import MIN_EVENTS

#: events that a test needs: with fewer the normal law of skew_t and of the signs is too narrow,
#: and CARs over their own spread are too wild to be ranked
LEAST_EVENTS = {
    "skew_t": 20,
    "jackknife": MIN_EVENTS,
    **dict.fromkeys(("sign", "gen_sign"), 5),
    **dict.fromkeys(("grank_t", "grank_z", "rank_cz"), 8),
}
#: estimation days for each day of the window, without which tests that know no forecast error
#: (or no more independent windows than that) reject too often
DAYS_PER_DAY = {
    **dict.fromkeys(("sq", "placebo_window"), 15),
    "permutation": 10,
    **dict.fromkeys(("ts_t", "independent_t"), 5),
}
#: signs, events times days, below which their sum is far from normal
LEAST_SIGNS = 5


def too_few(s: Sample) -> dict[str, str]:
    """Tests that need more events, ranks or signs, and why."""
    why = {
        key: f"{s.n} events only: it needs {least}"
        for key, least in LEAST_EVENTS.items()
        if s.n < least
    }
    signs = s.n * s.length
    if signs < LEAST_SIGNS:
        why["corrado_sign"] = f"{signs} signs only: it needs {LEAST_SIGNS}"
    if signs == 1:
        lone = "one event, one day: a rank or a sign tells nothing"
        why |= dict.fromkeys(("rank", "cumrank_t", "corrado_sign"), lone)
    return why


def too_long(s: Sample) -> dict[str, str]:
    """Tests for which the window is too long against the estimation window, and why."""
    days = int(s.abnormal.n_obs[s.index].max())
    return {
        key: f"{days} estimation days: for a window of {s.length} days it needs {least * s.length}"
        for key, least in DAYS_PER_DAY.items()
        if days < least * s.length
    }
