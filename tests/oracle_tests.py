"""Every test, every variant, and their loops (`TESTS`), for `tests/unit/test_oracle_matrix.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import oracle
from oracle import Answer, Floats, Study, Window
from oracle_draws import DRAWS, PATTERNS, boot_residual, permutation, skew_bootstrap, weighted
from oracle_models import MODELS
from oracle_worlds import PLACES

import eventstudy as es

#: the loop of a test: study, window, alternative
Asks = Callable[[Study, Window, str], Answer]
ANYWHERE = frozenset(PLACES)
SEVERAL = ANYWHERE - {"one event"}
ONE_DATE = frozenset({"one event", "one date"})
DATES = frozenset({"separate dates", "staggered"})


@dataclass(frozen=True)
class Asked:
    """A test with its options, its loop, and where it gives a number."""

    key: str
    loop: Asks
    options: Mapping[str, Any] = field(default_factory=dict)
    places: frozenset[str] = ANYWHERE
    #: a regression that the firms of a date share; that the study also keeps its design
    common: bool = False
    design: bool = False
    #: a joint hypothesis has no direction
    one_sided: bool = True
    #: options that depend on the events
    weigh: Callable[[es.Result], Mapping[str, Any]] | None = None

    def answers(self, model: str, place: str, side: str) -> bool:
        """Whether it gives a number where no day is missing."""
        twin = MODELS[model]
        shared = twin.theirs.common or not (self.common or self.design)
        kept = twin.design or not self.design
        sided = self.one_sided or side == "two-sided"
        return place in self.places and shared and kept and sided

    def ours(self, result: es.Result, window: Window, side: str) -> es.Statistic:
        more = {} if self.weigh is None else self.weigh(result)
        return result.test(self.key, window, alternative=side, **self.options, **more)


def plain(loop: Callable[..., Answer], **options: Any) -> Asks:
    return lambda study, window, side: loop(study, window, alternative=side, **options)


def asked(key: str, loop: Callable[..., Answer], **more: Any) -> Asked:
    """A test that needs no options."""
    return Asked(key, plain(loop), **more)


def single_t(study: Study, window: Window, side: str) -> Answer:
    sample = study.sample(window)
    if len(sample) != 1:
        return Answer("single_t", len(sample))
    return oracle.single_t(sample[0], window, side)


def undirected(loop: Callable[[Study, Window], Answer]) -> Asks:
    """A joint test: no answer to a one-sided question."""

    def ask(study: Study, window: Window, side: str) -> Answer:
        found = loop(study, window)
        return found if side == "two-sided" else Answer(found.name, found.n)

    return ask


def equal_effects(study: Study, window: Window) -> Answer:
    found = oracle.balanced(study, window)
    if found is None or len(found.members) < 2:
        held = len(found.members) if found else len(study.sample(window))
        return Answer("contrasts", held)
    return oracle.equal_effects(study, window)


def halves(numbers: Sequence[int]) -> Floats:
    """The mean of the events with even numbers less that of the others; of one kind, the mean."""
    sides = [-1.0 if number % 2 else 1.0 for number in numbers]
    return np.array([s / (sides.count(s) if len(set(sides)) > 1 else len(sides)) for s in sides])


def weights_of(result: es.Result) -> Mapping[str, Any]:
    return {"weights": halves([int(name[1:]) for name in result.events.index])}


def difference(study: Study, window: Window, side: str) -> Answer:
    """The complete events of each half carry its weight; a half that is lost leaves nothing."""
    found = oracle.balanced(study, window)
    if found is None:
        return Answer("contrasts", len(study.sample(window)))
    kept = [event.number for event in found.members]
    both = {event.number % 2 for event in study.events}
    if {number % 2 for number in kept} != both:
        return Answer("contrasts", len(kept))
    return oracle.contrast(study, window, halves(kept), side)


TESTS: dict[str, Asked] = {
    "single_t": Asked("single_t", single_t, places=frozenset({"one event"})),
    "ts_t": asked("ts_t", oracle.ts_t),
    "ts_t, model": Asked("ts_t", plain(oracle.ts_t, ddof="model"), {"ddof": "model"}),
    "independent_t": asked("independent_t", oracle.independent_t),
    "portfolio_t": asked("portfolio_t", oracle.portfolio_t, places=ONE_DATE, common=True),
    "csect_t": asked("csect_t", oracle.csect_t, places=SEVERAL),
    "adj_csect": asked("adj_csect", oracle.adj_csect, places=SEVERAL),
    "patell": asked("patell", oracle.patell),
    "patell, sum of SAR": Asked(
        "patell", plain(oracle.patell, form="sum_sar"), {"variant": "sum_sar"}
    ),
    "adj_patell": asked("adj_patell", oracle.adj_patell, places=SEVERAL),
    "adj_patell, sum of SAR": Asked(
        "adj_patell", plain(oracle.adj_patell, form="sum_sar"), {"variant": "sum_sar"}, SEVERAL
    ),
    "adj_patell, t": Asked(
        "adj_patell", plain(oracle.adj_patell, ref="t"), {"ref": "t"}, frozenset({"one date"})
    ),
    "adj_patell, clipped": Asked(
        "adj_patell",
        plain(oracle.adj_patell, clip_negative=True),
        {"clip_negative": True},
        SEVERAL,
    ),
    "bmp": asked("bmp", oracle.bmp, places=SEVERAL),
    "bmp, normal": Asked("bmp", plain(oracle.bmp, ref="normal"), {"ref": "normal"}, SEVERAL),
    "adj_bmp": asked("adj_bmp", oracle.adj_bmp, places=SEVERAL),
    "adj_bmp, normal": Asked(
        "adj_bmp", plain(oracle.adj_bmp, ref="normal"), {"ref": "normal"}, SEVERAL
    ),
    "adj_bmp, overlap of 55": Asked(
        "adj_bmp",
        plain(oracle.adj_bmp, min_overlap=55),
        {"min_overlap": 55},
        SEVERAL,
    ),
    "skew_t": asked("skew_t", oracle.skew_t, places=SEVERAL),
    "skew_t, Johnson": Asked(
        "skew_t", plain(oracle.skew_t, form="johnson"), {"variant": "johnson"}, SEVERAL
    ),
    "skew_t, BHAR": Asked("skew_t", plain(oracle.skew_t, on="bhar"), {"on": "bhar"}, SEVERAL),
    "skew_t, bootstrap": Asked(
        "skew_t", skew_bootstrap, {"law": "bootstrap", "draws": DRAWS, "rng": 5}, SEVERAL
    ),
    "jackknife": asked("jackknife", oracle.jackknife, places=SEVERAL),
    "jackknife, three": Asked(
        "jackknife", plain(oracle.jackknife, min_events=3), {"min_events": 3}, SEVERAL
    ),
    "rank": asked("rank", oracle.rank),
    "cumrank_t": asked("cumrank_t", oracle.cumrank_t),
    "rank_cz": asked("rank_cz", oracle.rank_cz, places=SEVERAL),
    "rank_cz, sd": Asked(
        "rank_cz",
        plain(oracle.rank_cz, cross_correction="sd"),
        {"cross_correction": "sd"},
        SEVERAL,
    ),
    "corrado_sign": asked("corrado_sign", oracle.corrado_sign),
    "grank_t": asked("grank_t", oracle.grank_t, places=SEVERAL),
    **{
        f"grank_t, {c}": Asked(
            "grank_t", plain(oracle.grank_t, correction=c), {"correction": c}, SEVERAL
        )
        for c in ("none", "sd", "full")
    },
    "grank_z": asked("grank_z", oracle.grank_z, places=SEVERAL),
    "sign": asked("sign", oracle.sign),
    "sign, exact": Asked("sign", plain(oracle.sign, exact=True), {"exact": True}),
    "gen_sign": asked("gen_sign", oracle.gen_sign),
    "gen_sign, window": Asked(
        "gen_sign", plain(oracle.gen_sign, phat="window"), {"phat": "window"}
    ),
    "wilcoxon": asked("wilcoxon", oracle.wilcoxon, places=SEVERAL),
    "wilcoxon, normal": Asked(
        "wilcoxon", plain(oracle.wilcoxon, method="normal"), {"method": "normal"}, SEVERAL
    ),
    "dates_csect": asked("dates_csect", oracle.dates_csect, places=DATES),
    "dates_cluster": asked("dates_cluster", oracle.dates_cluster, places=DATES),
    "dates_bmp": asked("dates_bmp", oracle.dates_bmp, places=DATES, common=True),
    "dates_patell": asked("dates_patell", oracle.dates_patell, places=DATES, common=True),
    "wild_dates": asked("wild_dates", oracle.wild_dates, places=DATES),
    "wild_dates, Webb": Asked(
        "wild_dates",
        partial(weighted, name="wild_dates", weights="webb"),
        {"weights": "webb", "draws": PATTERNS, "rng": 6},
        DATES,
    ),
    "sign_flip_dates": asked("sign_flip_dates", oracle.sign_flip_dates, places=DATES),
    "wild_events": asked("wild_events", oracle.wild_events, places=SEVERAL),
    "wild_events, drawn": Asked(
        "wild_events",
        partial(weighted, name="wild_events", weights="webb"),
        {"weights": "webb", "draws": PATTERNS, "rng": 6},
        SEVERAL,
    ),
    "wild_events, bmp": Asked(
        "wild_events", plain(oracle.wild_events, statistic="bmp"), {"statistic": "bmp"}, SEVERAL
    ),
    "sur_F": Asked(
        "sur_F", undirected(oracle.sur_f), places=ONE_DATE, common=True, one_sided=False
    ),
    "gls_mean": asked("gls_mean", oracle.gls_mean, places=ONE_DATE, common=True),
    "gls_mean, naive": Asked(
        "gls_mean", plain(oracle.gls_mean, naive=True), {"naive": True}, ONE_DATE, common=True
    ),
    "contrasts, equal": Asked(
        "contrasts",
        undirected(equal_effects),
        {"weights": "equal"},
        frozenset({"one date"}),
        common=True,
        one_sided=False,
    ),
    "contrasts, halves": Asked(
        "contrasts", difference, places=ONE_DATE, common=True, weigh=weights_of
    ),
    "sq": asked("sq", oracle.sq, places=ONE_DATE),
    "sq, asymptotic": Asked("sq", plain(oracle.sq, own=0), {"variant": "asymptotic"}, ONE_DATE),
    "sq, equal tails": Asked("sq", plain(oracle.sq, equal_tail=True), {"tail": "equal"}, ONE_DATE),
    "sq, contiguous": Asked(
        "sq", plain(oracle.sq, contiguous=True), {"contiguous": True}, ONE_DATE
    ),
    "sq, adjusted": Asked(
        "sq", plain(oracle.sq, adjust=True), {"adjust": True}, ONE_DATE, design=True
    ),
    "permutation": Asked("permutation", permutation, {"draws": DRAWS, "rng": 4}, ONE_DATE),
    "placebo_window": asked("placebo_window", oracle.placebo_window),
    "placebo_window, contiguous": Asked(
        "placebo_window", plain(oracle.placebo_window, contiguous=True), {"contiguous": True}
    ),
    "placebo_window, standardised": Asked(
        "placebo_window",
        plain(oracle.placebo_window, adjust=True),
        {"standardise": True},
        ONE_DATE,
        design=True,
    ),
    **{
        f"boot_residual, {key}": Asked(
            "boot_residual",
            partial(boot_residual, key=key),
            {"statistic": key, "draws": DRAWS, "rng": 3},
            ONE_DATE,
            design=True,
            one_sided=key != "sur_F",
        )
        for key in ("portfolio_t", "sur_F", "gls_mean")
    },
    "boot_residual, no refit": Asked(
        "boot_residual",
        partial(boot_residual, refit=False),
        {"refit": False, "draws": DRAWS, "rng": 3},
        ONE_DATE,
        design=True,
    ),
}
