"""Which test compares two groups, from the dates they share (D.23, E)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isnan

from eventstudy.cross_section.across_dates import (
    contrast,
    dates_cluster,
    dates_paired,
    dates_welch,
)
from eventstudy.cross_section.across_events import adj_welch, mann_whitney, welch_scar, welch_t
from eventstudy.cross_section.two_groups import Difference, Pair
from eventstudy.inference._laws import check

INDEPENDENT: Mapping[str, Callable[[Pair], Difference]] = {
    "welch_t": welch_t,
    "welch_scar": welch_scar,
    "mann_whitney": mann_whitney,
}
DIFFERENCES: Mapping[str, Callable[[Pair], Difference]] = {
    "contrasts": contrast,
    "dates_paired": dates_paired,
    "dates_welch": dates_welch,
    "dates_cluster": dates_cluster,
    "adj_welch": adj_welch,
    **INDEPENDENT,
}
SHARED = "not valid here: events share days"


def difference(pair: Pair, test: str | None = None) -> Difference:
    """Test whether two groups differ: by ``test``, or by the test that their dates leave valid.

    Raises
    ------
    OptionError
        If ``test`` is not known.
    """
    if test is None:
        return _leading(pair)
    check("test", test, tuple(DIFFERENCES))
    found = DIFFERENCES[test](pair)
    s = found.statistic
    if test not in INDEPENDENT or pair.sample.independent or isnan(s.statistic):
        return found
    return replace(found, statistic=replace(s, note=f"{SHARED}; {s.note}"))


def _leading(pair: Pair) -> Difference:
    """Ask the valid test; where it has no number, the one that needs least of the dates."""
    found = DIFFERENCES[_valid(pair)](pair)
    if not isnan(found.statistic.statistic) or pair.sample.independent:
        return found
    other = adj_welch(pair)
    return found if isnan(other.statistic.statistic) else other


def _valid(pair: Pair) -> str:
    """Choose by how the events of both groups share dates; overlapping windows are one date."""
    s = pair.sample
    if s.independent:
        return "welch_t"
    if s.n_dates == 1:
        return "contrasts"
    in_a, in_b = (count > 0 for count in pair.counts())
    both = int((in_a & in_b).sum())
    if both == 0:
        return "dates_welch"
    # where few dates hold both groups by chance, pairing would throw the others away
    fewer = min(int(in_a.sum()), int(in_b.sum()))
    return "dates_paired" if both >= 2 and 2 * both >= fewer else "dates_cluster"
