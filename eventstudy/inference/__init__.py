"""Could the average be luck? One function a test, and which of them are valid.

A test is a function ``key(abnormal, window, *, alternative="two-sided", …)`` that returns a
`Statistic`. Where it does not apply its numbers are NaN and ``note`` says why.
"""

from eventstudy.inference._pairs import Correlation, correlation
from eventstudy.inference.clusters import adj_csect, dates_cluster, dates_csect
from eventstudy.inference.comparisons import contrasts
from eventstudy.inference.date_portfolios import dates_bmp, dates_patell
from eventstudy.inference.families import romano_wolf_windows
from eventstudy.inference.generalised_ranks import grank_t, grank_z
from eventstudy.inference.leave_one_out import jackknife
from eventstudy.inference.lookup import names, resolve
from eventstudy.inference.median_signs import corrado_sign
from eventstudy.inference.multiple import bh, bonferroni, by, holm, romano_wolf
from eventstudy.inference.multivariate import gls_mean, sur_F
from eventstudy.inference.parametric import (
    csect_t,
    independent_t,
    portfolio_t,
    single_t,
    ts_t,
)
from eventstudy.inference.permutations import permutation
from eventstudy.inference.placebos import placebo_window
from eventstudy.inference.quantiles import sq
from eventstudy.inference.ranks import cumrank_t, rank
from eventstudy.inference.residual_bootstrap import boot_residual
from eventstudy.inference.scaled_ranks import rank_cz
from eventstudy.inference.sign_flips import sign_flip_dates
from eventstudy.inference.signed_ranks import wilcoxon
from eventstudy.inference.signs import gen_sign, sign
from eventstudy.inference.skewness import skew_t
from eventstudy.inference.standardised import adj_bmp, adj_patell, bmp, patell
from eventstudy.inference.validity import Verdict, detectable, valid
from eventstudy.inference.wild import wild_dates, wild_events

__all__ = [
    "Correlation",
    "Verdict",
    "adj_bmp",
    "adj_csect",
    "adj_patell",
    "bh",
    "bmp",
    "bonferroni",
    "boot_residual",
    "by",
    "contrasts",
    "corrado_sign",
    "correlation",
    "csect_t",
    "cumrank_t",
    "dates_bmp",
    "dates_cluster",
    "dates_csect",
    "dates_patell",
    "detectable",
    "gen_sign",
    "gls_mean",
    "grank_t",
    "grank_z",
    "holm",
    "independent_t",
    "jackknife",
    "names",
    "patell",
    "permutation",
    "placebo_window",
    "portfolio_t",
    "rank",
    "rank_cz",
    "resolve",
    "romano_wolf",
    "romano_wolf_windows",
    "sign",
    "sign_flip_dates",
    "single_t",
    "skew_t",
    "sq",
    "sur_F",
    "ts_t",
    "valid",
    "wilcoxon",
    "wild_dates",
    "wild_events",
]
