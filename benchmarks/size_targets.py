"""Rejections in percent of nominal 5 % tests that the designs of `size_designs` should give.

Section D.25 of the methods (docs/methods.md), 4,000 draws for one date, 3,000 for several.
"""

from __future__ import annotations

#: what the event day looks like: correlation, variance against other days, tails
COLUMNS: dict[str, tuple[float, float, str]] = {
    "ρ=0": (0.0, 1.0, "normal"),
    "ρ=.1": (0.1, 1.0, "normal"),
    "ρ=.3": (0.3, 1.0, "normal"),
    "ρ=.6": (0.6, 1.0, "normal"),
    "ρ=.3 ×2": (0.3, 2.0, "normal"),
    "ρ=.3 t4": (0.3, 1.0, "t4"),
}

#: row → test, its options
ROWS: dict[str, tuple[str, dict[str, object]]] = {
    "csect_t": ("csect_t", {}),
    "patell": ("patell", {}),
    "bmp": ("bmp", {}),
    "gen_sign": ("gen_sign", {}),
    "wilcoxon": ("wilcoxon", {}),
    "grank_z": ("grank_z", {}),
    "portfolio_t": ("portfolio_t", {}),
    "ts_t": ("ts_t", {}),
    "adj_patell": ("adj_patell", {}),
    "adj_bmp": ("adj_bmp", {}),
    "adj_bmp, normal law": ("adj_bmp", {"ref": "normal"}),
    "rank": ("rank", {}),
    "rank_cz": ("rank_cz", {}),
    "grank_t none": ("grank_t", {"correction": "none"}),
    "grank_t sd": ("grank_t", {"correction": "sd"}),
    "grank_t full": ("grank_t", {"correction": "full"}),
    "placebo_window": ("placebo_window", {}),
    "sur_F": ("sur_F", {}),
    "gls_mean naive": ("gls_mean", {"naive": True}),
}

ONE_DATE: dict[str, tuple[float, ...]] = {
    "csect_t": (4.5, 16.8, 37.8, 60.5, 37.5, 35.0),
    "patell": (5.1, 17.5, 34.9, 48.5, 50.3, 28.4),
    "bmp": (5.0, 17.9, 39.2, 61.7, 39.1, 36.2),
    "gen_sign": (3.2, 12.2, 29.8, 53.4, 30.0, 33.1),
    "wilcoxon": (4.9, 17.8, 38.5, 60.9, 38.1, 38.5),
    "grank_z": (6.5, 20.8, 42.1, 63.8, 42.6, 41.9),
    "portfolio_t": (4.7, 5.1, 5.3, 5.1, 16.3, 4.9),
    "ts_t": (4.7, 5.1, 5.3, 5.1, 16.3, 4.9),
    "adj_patell": (5.4, 5.2, 5.5, 5.1, 17.0, 5.2),
    "adj_bmp": (4.9, 5.0, 5.3, 5.2, 5.4, 6.0),
    "adj_bmp, normal law": (7.7, 7.8, 7.8, 7.8, 7.9, 8.3),
    "rank": (4.5, 4.7, 4.3, 2.2, 9.2, 5.2),
    "rank_cz": (6.1, 7.1, 8.6, 10.2, 8.4, 9.1),
    "grank_t none": (6.2, 7.2, 8.6, 10.4, 8.5, 9.2),
    "grank_t sd": (6.2, 6.5, 6.3, 3.7, 6.2, 7.4),
    "grank_t full": (6.3, 2.6, 0.5, 0.0, 0.4, 1.5),
    "placebo_window": (5.2, 5.4, 5.5, 5.5, 16.8, 5.2),
    "sur_F": (4.3, 4.5, 4.5, 4.5, 53.1, 10.9),
    "gls_mean naive": (7.2, 7.6, 7.6, 7.4, 20.6, 7.7),
}
ONE_DATE_DRAWS = 4000

#: power in percent at ρ = .3 for effects of 1, 2 and 3 %
EFFECTS = (0.01, 0.02, 0.03)
POWER: dict[str, tuple[float, ...]] = {
    "portfolio_t": (7.7, 16.0, 29.8),
    "adj_patell": (8.2, 18.4, 34.0),
    "adj_bmp": (7.8, 14.9, 25.8),
    "grank_t sd": (8.8, 16.7, 27.9),
    "grank_t full": (0.8, 2.2, 4.9),
    "rank": (7.0, 14.9, 28.0),
}

#: several dates: dates, what the event days look like
SEVERAL_COLUMNS: dict[str, tuple[int, str]] = {
    "3 dates": (3, "normal"),
    "5 dates": (5, "normal"),
    "10 dates": (10, "normal"),
    "3 dates ×2": (3, "doubled"),
    "5 dates ×2": (5, "doubled"),
}
NAN = float("nan")
SEVERAL_DATES: dict[str, tuple[float, ...]] = {
    "csect_t": (35.0, 34.0, 34.0, NAN, NAN),
    "bmp": (36.0, 36.0, 35.0, NAN, NAN),
    "adj_bmp": (6.2, 5.6, 5.5, NAN, NAN),
    "adj_patell": (5.3, 5.0, 4.6, 16.0, 17.0),
    "dates_csect": (5.7, 5.5, 5.2, NAN, NAN),
    "dates_bmp": (5.6, 5.5, 5.2, NAN, NAN),
    "sign_flip_dates": (0.0, 0.0, 5.3, NAN, NAN),
    "grank_t none": (7.0, 6.6, NAN, NAN, NAN),
    "grank_t sd": (6.3, 6.2, NAN, 6.3, 6.2),
    "grank_t full": (0.4, 0.4, NAN, NAN, NAN),
    "rank": (5.6, 4.8, NAN, 10.0, 9.4),
    "ts_t": (5.9, 5.8, NAN, 18.6, 19.7),
}
SEVERAL_ROWS = ROWS | {name: (name, {}) for name in ("dates_csect", "dates_bmp", "sign_flip_dates")}
#: numbers of D.25 that were printed without decimals
ROUNDED = 1.0
SEVERAL_DRAWS = 2000

#: the limit no test passes: event-day correlation when only the common part grows
LIMIT_COLUMNS: dict[str, float] = {"ρ=.3 → .45": 0.45, "ρ=.3 → .6": 0.60}
LIMIT: dict[str, tuple[float, ...]] = {"adj_bmp": (12.7, 24.4), "portfolio_t": (13.8, 26.0)}
