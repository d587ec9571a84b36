"""Could the average be luck? One function a test, and which of them are valid.

A test is a function ``key(abnormal, window, *, alternative="two-sided", …)`` that returns a
`Statistic`. Where it does not apply its numbers are NaN and ``note`` says why.
"""

from eventstudy.inference._pairs import Correlation, correlation
from eventstudy.inference.clusters import adj_csect, dates_cluster, dates_csect
from eventstudy.inference.lookup import names, resolve
from eventstudy.inference.parametric import csect_t, portfolio_t, single_t, ts_t
from eventstudy.inference.quantiles import sq
from eventstudy.inference.ranks import rank
from eventstudy.inference.signed_ranks import wilcoxon
from eventstudy.inference.signs import gen_sign, sign
from eventstudy.inference.standardised import adj_bmp, adj_patell, bmp, patell
from eventstudy.inference.validity import Verdict, detectable, valid

__all__ = [
    "Correlation",
    "Verdict",
    "adj_bmp",
    "adj_csect",
    "adj_patell",
    "bmp",
    "correlation",
    "csect_t",
    "dates_cluster",
    "dates_csect",
    "detectable",
    "gen_sign",
    "names",
    "patell",
    "portfolio_t",
    "rank",
    "resolve",
    "sign",
    "single_t",
    "sq",
    "ts_t",
    "valid",
    "wilcoxon",
]
